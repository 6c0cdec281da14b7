"""For tools that only read the code, such as the type checker: nothing answers at these addresses."""

from config.settings.base import *

SECRET_KEY = "nothing-is-ever-signed-with-this"  # noqa: S105
SECRET_KEY_FALLBACKS: list[str] = []
REDIS_URL = "redis://127.0.0.1:1/0"
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "nothing"}}
CELERY_BROKER_URL = "memory://"
