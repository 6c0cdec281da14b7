"""The tests: real servers that the pytest plugin starts, fast passwords, no rates, mail kept in memory."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from config.settings.base import *
from config.settings.base import CELERY_BROKER_TRANSPORT_OPTIONS, DATABASE_POOLER, LOGGING, env
from config.settings.servers import WEB_PATIENCE, broker, database
from devstack import binaries

REDIS_URL = env("REDIS_URL")
SECRET_KEY = "only-for-the-tests-and-known-to-everyone-who-reads-this"  # noqa: S105
SECRET_KEY_FALLBACKS: list[str] = []
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
DATABASES = {"default": database(env("DATABASE_URL"), pooled=False, pooler=DATABASE_POOLER)}
CELERY_BROKER_URL = broker(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {**CELERY_BROKER_TRANSPORT_OPTIONS, **WEB_PATIENCE}
CELERY_BROKER_CONNECTION_TIMEOUT = 0.25
OUTBOX_WAKE = False
LIST_KEPT_SECONDS = 0

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SECOND_FACTOR_ROLES = []
THROTTLES = {"anon": "", "user": "", "checkout": "", "login": "", "register": "", "lookup": "", "webhook": ""}
PAYMENT_GATEWAYS, PAYMENT_ACCESS = {"pix": "pix", "card": ""}, {}
_files = Path(tempfile.mkdtemp(prefix="balcao-files-"))
_owner = os.getpid()


def _tidy() -> None:
    """Delete the files of the tests when their process ends; a fork of it is not the owner."""
    if os.getpid() == _owner:
        shutil.rmtree(_files, ignore_errors=True)


atexit.register(_tidy)
# A shop that a test unpacked elsewhere is examined with its own pictures.
MEDIA_ROOT, STATIC_ROOT = Path(env("MEDIA_ROOT", default=str(_files / "media"))), _files / "static"
STATIC_ROOT.mkdir()
BACKUP_DIR = Path(env("BACKUP_DIR", default=str(_files / "backups")))
POSTGRES_BIN = str(binaries.postgres_directory())
POSTGRES_WRAPPER = "devstack.binaries.postgres_wrapper"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SENTRY_DSN = SENTRY_WINDOW_DSN = ""
LOGGING = {**LOGGING, "sentry": None, "traces": None}
PUBLIC_URL = "http://testserver"
OTP_WEBAUTHN_RP_ID, OTP_WEBAUTHN_ALLOWED_ORIGINS = "localhost", ["http://localhost"]
POSTAL_CODE_URL = ""
SHOP_NOW = None
METRICS_TOKEN, METRICS_NETWORKS, METRICS_KEPT_SECONDS = "", [], 0
