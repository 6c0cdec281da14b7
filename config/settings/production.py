"""The real shop. Everything secret comes from the environment; what is missing is named in one error at the start."""

import os

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *
from config.settings.base import (
    CELERY_BROKER_TRANSPORT_OPTIONS,
    DATABASE_POOLER,
    DATABASE_REPLICA_URL,
    IS_WEB,
    PAYMENT_ACCESS,
    SILENCED_SYSTEM_CHECKS,
    TRUSTED_PROXIES,
    env,
)
from config.settings.environment import PRIMARY, REDIS, passkey_place
from config.settings.servers import broker, broker_options, databases

REQUIRED = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "EMAIL_URL")
_missing = [name for name in REQUIRED if not os.environ.get(name)]
if _missing:
    raise ImproperlyConfigured(
        f"Missing in the environment: {', '.join(_missing)}. See .docker/.env.example for what each one means. "
        "(On a development machine, `make run` and `make manage` choose settings of their own.)"
    )
if os.environ.get("SHOP_NOW"):
    raise ImproperlyConfigured("SHOP_NOW turns the shop's clock and has no place in production; unset it.")
if "sandbox" in PAYMENT_ACCESS:  # whoever reaches its page would pay with nothing
    raise ImproperlyConfigured(
        "The sandbox takes play money and has no place in production; unset SANDBOX_URL, SANDBOX_KEY and "
        "SANDBOX_SECRET, and choose another CARD_GATEWAY and PIX_GATEWAY."
    )

DEBUG = False
SHOP_NOW = None
SECRET_KEY = env.signing_key("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.signing_keys("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.list_of_origins("CSRF_TRUSTED_ORIGINS")
REDIS_URL = env.address("REDIS_URL", **REDIS)
DATABASES = databases(
    env.address("DATABASE_URL", **PRIMARY), replica=DATABASE_REPLICA_URL, pooled=IS_WEB, pooler=DATABASE_POOLER
)
CELERY_BROKER_URL = broker(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = broker_options(REDIS_URL, CELERY_BROKER_TRANSPORT_OPTIONS)
PUBLIC_URL = env.page("PUBLIC_URL", default=f"https://{ALLOWED_HOSTS[0].lstrip('.')}")
OTP_WEBAUTHN_RP_ID, OTP_WEBAUTHN_ALLOWED_ORIGINS = passkey_place(PUBLIC_URL)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

_mail = env.mail_server("EMAIL_URL")
MAIL_DELIVERY = _mail.pop("EMAIL_BACKEND")
vars().update(_mail)

SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics", r"^api/"]  # the API refuses instead
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = env.whole_number("SECURE_HSTS_SECONDS", default=31_536_000)
# A promise for names that the shop may not own, and one that browsers keep for years: nobody makes either unasked.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.flag("SECURE_HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "security.W005", "security.W021"]  # which ask for both
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
# A browser keeps cookies of these names only from this host, by TLS; `__Host-` for the whole of it.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
LANGUAGE_COOKIE_NAME, DEVICE_COOKIE, WROTE_COOKIE = "__Host-language", "__Host-device", "__Host-wrote"
REFRESH_COOKIE = "__Secure-refresh"  # goes to its own path alone
