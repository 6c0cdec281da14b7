"""One machine, one person: the servers of this checkout, or those that DATABASE_URL and REDIS_URL name."""

import os
import socket

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *
from config.settings.base import (
    CELERY_BROKER_TRANSPORT_OPTIONS,
    DATABASE_POOLER,
    DATABASE_REPLICA_URL,
    IS_WEB,
    PAYMENT_ACCESS,
    POSTGRES_BIN,
    ROLES,
    VAR_DIR,
    env,
)
from config.settings.environment import PRIMARY, REDIS
from config.settings.servers import broker, broker_options, databases
from devstack import binaries, state

_running = state.read(var=VAR_DIR)
_database_url = env.address("DATABASE_URL", **PRIMARY) or (_running.database_url if _running else "")
REDIS_URL = env.address("REDIS_URL", **REDIS) or (_running.redis_url if _running else "")
if not _database_url or not REDIS_URL:
    raise ImproperlyConfigured(
        "No database: neither DATABASE_URL and REDIS_URL are set, nor does the stack of this checkout run. "
        "Start it with `make run` (everything) or `make services` (the servers alone)."
    )

if _running is not None and _running.sandbox and not PAYMENT_ACCESS:  # for commands beside the running shop
    _sandbox = _running.sandbox
    PAYMENT_GATEWAYS = {"pix": _sandbox["PIX_GATEWAY"], "card": _sandbox["CARD_GATEWAY"]}
    PAYMENT_ACCESS = {"sandbox": {name: _sandbox[f"SANDBOX_{name.upper()}"] for name in ("url", "key", "secret")}}

DEBUG = env.flag("DEBUG", default=False)
# Kept from run to run beside the data, so that links and logins outlive a restart.
SECRET_KEY = env("SECRET_KEY", default="") or state.remembered(var=VAR_DIR).secret_key
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    default=["localhost", "127.0.0.1", "[::1]", "0.0.0.0", socket.gethostname(), os.environ.get("HOST") or "localhost"],  # noqa: S104
)
CSRF_TRUSTED_ORIGINS = env.list_of_origins("CSRF_TRUSTED_ORIGINS")
DATABASES = databases(_database_url, replica=DATABASE_REPLICA_URL, pooled=IS_WEB, pooler=DATABASE_POOLER)
CELERY_BROKER_URL = broker(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = broker_options(REDIS_URL, CELERY_BROKER_TRANSPORT_OPTIONS)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
SECOND_FACTOR_ROLES = env.some_of(
    "SECOND_FACTOR_ROLES", known=ROLES, default=[]
)  # the demonstration lets everybody look around
POSTGRES_BIN = POSTGRES_BIN or str(binaries.postgres_directory())
POSTGRES_WRAPPER = "devstack.binaries.postgres_wrapper"
