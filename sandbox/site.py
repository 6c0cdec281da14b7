"""The provider as a site: Django with next to nothing in it.

There are no accounts, no cookies that prove anything and no real money: its forms need no protection against forgery.
"""

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

HERE = Path(__file__).parent


def application() -> Any:
    """Return the WSGI application."""
    settings.configure(
        ALLOWED_HOSTS=["*"],
        SECRET_KEY=secrets.token_urlsafe(40),
        ROOT_URLCONF="sandbox.urls",
        MIDDLEWARE=["sandbox.pages.Speaking"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [HERE / "templates"]}],
        LANGUAGE_CODE="pt-br",
        LANGUAGES=[("pt-br", "Português"), ("en", "English")],
        LOCALE_PATHS=[HERE / "locale"],
        USE_TZ=True,
        TIME_ZONE="America/Sao_Paulo",
        DATA_UPLOAD_MAX_MEMORY_SIZE=64 * 1024,
        LOGGING_CONFIG=None,
    )
    return get_wsgi_application()
