"""What every place shares. Secrets and addresses come from the environment; nothing here starts a process.

Rates of requests are settings too, `NAME_THROTTLE=60/min`, and an empty value switches one off.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from config.settings import backups, gateways, tasks
from config.settings.backups import *
from config.settings.environment import POOLERS, REPLICA, passkey_place
from config.settings.environment import env as env
from config.settings.servers import WEB_PATIENCE, WORKER_PATIENCE
from config.settings.unfold import UNFOLD as UNFOLD

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = Path(os.environ.get("BALCAO_VAR") or BASE_DIR / "var")
IS_WEB = env.choice("BALCAO_PROCESS", among=("web",)) == "web"

ROLES = ("owner", "manager", "counter", "professional", "viewer")

DEBUG = False
VERSION = "0.1.0"

INSTALLED_APPS = [
    "desk",  # first: its words for the admin stand before Django's
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "api",  # its words for refusals stand before Django REST framework's
    "rest_framework",
    "corsheaders",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp_webauthn",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "common",
    "audit",
    "pages",
    "accounts",
    "shop",
    "customers",
    "catalog",
    "inventory",
    "scheduling",
    "till",
    "storefront",
    "window",
    "cart",
    "orders",
    "payments",
    "counter",
    "spreadsheets",
    "chats",
    "commissions",
    "reports",
    "backoffice",
    "operations",
]

MIDDLEWARE = [
    "api.middleware.RequestMiddleware",
    "api.replica.WroteMiddleware",
    "api.kept.KeptAnswersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "api.middleware.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "api.middleware.ProblemMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "api.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    # From here on calls of the API go straight to their view.
    "api.middleware.PageSessionMiddleware",
    "api.middleware.PageCsrfMiddleware",
    "api.middleware.PageAuthenticationMiddleware",
    "accounts.authentication.PageSessionsMiddleware",
    "api.middleware.PageMessageMiddleware",
    "backoffice.middleware.ShopZoneMiddleware",
]
SILENCED_SYSTEM_CHECKS = [
    "security.W003",  # it looks for a name, and ours is a subclass
    "otp_webauthn.E030",  # a shop without https has no passkeys, and its pages say so
    "auth.W004",  # only verified addresses are unique; the services know which login is meant
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "window.built.in_pages",
            ]
        },
    }
]

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.authentication.DeskBackend"]
PASSWORD_HASHERS = [
    "accounts.hashing.Argon2OneOfFew",
    "accounts.hashing.PBKDF2OneOfFew",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.strength.GuessingValidator", "OPTIONS": {"words_of": "shop.selectors.known_to_everybody"}},
]
LOGIN_URL = reverse_lazy("admin:login")
REFRESH_GRACE_SECONDS = env.whole_number("REFRESH_GRACE_SECONDS", default=0)
LOGIN_REDIRECT_URL = "admin:index"  # who signs in without having been sent there
SESSION_COOKIE_AGE = 12 * 3600
PAGE_IDLE_MINUTES = env.whole_number("PAGE_IDLE_MINUTES", default=120)  # after which a session of pages is over
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True  # forms carry its value themselves
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
DEVICE_COOKIE, REFRESH_COOKIE = "balcao_device", "balcao_refresh"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # what a page says stays in the shop
# Failures in a quarter of an hour before nobody is let in: of one account from unknown devices, and from one address.
SIGN_IN_LIMITS = {
    "account": env.whole_number("SIGN_IN_ATTEMPTS_PER_ACCOUNT", default=10),
    "address": env.whole_number("SIGN_IN_ATTEMPTS_PER_ADDRESS", default=100),
    "codes": env.whole_number("SIGN_IN_CODES_PER_DAY", default=30),  # wrong codes of the second step, in a day
}
# Roles that may do nothing before they have a second step; `manage.py createsuperuser` makes one that is asked too.
SECOND_FACTOR_ROLES = env.some_of("SECOND_FACTOR_ROLES", known=ROLES, default=["owner", "manager"])
OTP_TOTP_THROTTLE_FACTOR = 0  # codes are counted by the lock on signing in
OTP_TOTP_ISSUER = "Balcão"
OTP_WEBAUTHN_RP_NAME = "Balcão"
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False
OTP_WEBAUTHN_TIMEOUT_SECONDS = 600

# Languages and time
LANGUAGE_CODE = "pt-br"
LANGUAGES = [("pt-br", _("Portuguese")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # of no person: pages and letters are in the shop's own zone
SHOP_NOW: datetime | None = env.instant("SHOP_NOW")

# Files
STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
MEDIA_URL = "media/"
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(VAR_DIR / "media")))
# Files whose names change with their content: those of the window's build, and those that Django names.
WHITENOISE_IMMUTABLE_FILE_TEST = r"/window/built/assets/|\.[0-9a-f]{12}\.[a-z0-9]+$"
SERVE_MEDIA = env.flag("SERVE_MEDIA", default=True)
WINDOW_INSTALLABLE = env.flag(
    "WINDOW_INSTALLABLE", default=True
)  # whether phones may keep the window, with an offline page
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Copies of the shop
BACKUP_DIR = backups.directory(VAR_DIR)

# The API
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.Undeclared"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["api.renderers.OrjsonRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.negotiation.Negotiation",
    "DEFAULT_THROTTLE_CLASSES": ["api.throttles.Rates"],
    "DEFAULT_SCHEMA_CLASS": "api.openapi.Schema",
    "EXCEPTION_HANDLER": "api.problems.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
    "UNICODE_JSON": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
THROTTLES: dict[str, str] = {
    "anon": env.rate("ANON_THROTTLE", default="1200/min"),
    "user": env.rate("USER_THROTTLE", default="2400/min"),
    "checkout": env.rate("CHECKOUT_THROTTLE", default="120/min"),
    "login": env.rate("LOGIN_THROTTLE", default="20/min"),
    "register": env.rate("REGISTER_THROTTLE", default="10/min"),
    "lookup": env.rate("LOOKUP_THROTTLE", default="30/min"),
    "webhook": env.rate("WEBHOOK_THROTTLE", default="600/min"),
}
LIST_KEPT_SECONDS = 1  # for which a list of products is answered as it was; the cart judges
TRUSTED_PROXIES = env.whole_number("TRUSTED_PROXIES", default=0)
CORS_ALLOWED_ORIGINS = env.list_of_origins("CORS_ALLOWED_ORIGINS")
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = ["accept", "accept-language", "authorization", "content-type", "idempotency-key", "if-none-match"]
CORS_EXPOSE_HEADERS = ["ETag", "Idempotent-Replayed", "Retry-After", "X-Request-ID"]
OPENAPI_FILE = BASE_DIR / "openapi.yaml"
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Balcão",
    "DESCRIPTION": "The API of a shop that sells goods and time. Errors are RFC 9457 problems; states change by verbs.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_PERMISSIONS": ["api.permissions.Public"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"persistAuthorization": True, "displayRequestDuration": True},
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "PREPROCESSING_HOOKS": ["api.openapi.only_the_api"],
    "POSTPROCESSING_HOOKS": [],
    "APPEND_COMPONENTS": {
        "securitySchemes": {"accessToken": {"type": "apiKey", "in": "query", "name": "access_token"}}
    },
}

# What a pooler in front of PostgreSQL gives to a client; empty where there is none
DATABASE_POOLER = env.choice("DATABASE_POOLER", among=POOLERS)
# A PostgreSQL that follows the one of DATABASE_URL, and by how many seconds it may be behind and is still read.
DATABASE_REPLICA_URL = env.address("DATABASE_REPLICA_URL", **REPLICA)
REPLICA_MAX_LAG = env.whole_number("REPLICA_MAX_LAG", default=5, least=1)
WROTE_COOKIE = "balcao_wrote"  # of who has just written, and reads where it was written

# The rest of the world
PUBLIC_URL = env.page("PUBLIC_URL", default=f"http://127.0.0.1:{env.whole_number('PORT', default=8000, least=1)}")
OTP_WEBAUTHN_RP_ID, OTP_WEBAUTHN_ALLOWED_ORIGINS = passkey_place(PUBLIC_URL)
# Letters that one mailbox gets in a day, that one which nobody is known to read gets in a month, and that one internet
# address causes in a day.
LETTER_LIMITS = {
    "mailbox": env.whole_number("LETTERS_PER_MAILBOX", default=40),
    "unknown": env.whole_number("LETTERS_PER_UNKNOWN_MAILBOX", default=10),
    "client": env.whole_number("LETTERS_PER_ADDRESS", default=200),
}
DEFAULT_FROM_EMAIL = env.sender("DEFAULT_FROM_EMAIL", default="Balcão <nao-responda@balcao.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_BACKEND = "common.mail.GuardedEmailBackend"
EMAIL_TIMEOUT = 10
MAIL_DELIVERY = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
POSTAL_CODE_URL = env.address(
    "POSTAL_CODE_URL",
    schemes=("http", "https"),
    example="POSTAL_CODE_URL=https://viacep.com.br/ws/{postal_code}/json/",
    place=lambda parts: "{postal_code}" in f"{parts.path}{parts.query}",
)
# Which gateway completes which way to pay; "pix" is the shop's own Pix key, an empty name means none.
PAYMENT_GATEWAYS: dict[str, str] = gateways.CHOSEN
PAYMENT_ACCESS: dict[str, dict[str, str]] = gateways.access()  # what each configured gateway is reached with
GATEWAY_EVENT_MAX_BYTES = 256 * 1024

# Tasks: the janitor
OUTBOX_SUBSCRIPTIONS = "config.subscriptions.SUBSCRIPTIONS"
OUTBOX_LETTERS = "config.subscriptions.LETTERS"
OUTBOX_WAKE = True
# Hours for which an answer is kept for whoever asks again under the same key.
IDEMPOTENCY_KEPT_HOURS = env.whole_number("IDEMPOTENCY_KEPT_HOURS", default=48, least=24)
# Days for which is kept what nobody needs any more: messages delivered, messages given up, carts that ran out, who
# signed in or tried to, letters that were counted (a month is what their bounds look back), messages the team sent by
# hand, and what the shop found when it looked at its own records.
OUTBOX_KEPT_DAYS = env.whole_number("OUTBOX_KEPT_DAYS", default=30, least=1)
DEAD_LETTERS_KEPT_DAYS = env.whole_number("DEAD_LETTERS_KEPT_DAYS", default=90, least=1)
CARTS_KEPT_DAYS = env.whole_number("CARTS_KEPT_DAYS", default=90, least=1)
SIGN_INS_KEPT_DAYS = env.whole_number("SIGN_INS_KEPT_DAYS", default=90, least=1)
LETTERS_KEPT_DAYS = env.whole_number("LETTERS_KEPT_DAYS", default=30, least=30)
CHATS_KEPT_DAYS = env.whole_number("CHATS_KEPT_DAYS", default=90, least=30)
EXAMINATIONS_KEPT_DAYS = env.whole_number("EXAMINATIONS_KEPT_DAYS", default=90, least=2)
TASK_SENDER = "config.celery.send"
CELERY_BROKER_TRANSPORT_OPTIONS = WEB_PATIENCE if IS_WEB else WORKER_PATIENCE
CELERY_BROKER_CONNECTION_TIMEOUT = 0.25 if IS_WEB else 3
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CHANNEL_ERROR_RETRY = True  # a Redis that is full refuses: the worker begins anew, until it takes again
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = tasks.DEFAULT_QUEUE
CELERY_TASK_QUEUES = tasks.TAKEN
CELERY_TASK_ROUTES = tasks.ROUTES
CELERY_TASK_ANNOTATIONS = tasks.LIMITS
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_CONSUMER = "config.consumer:LastingConsumer"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_BEAT_SCHEDULE = tasks.SCHEDULE
DJANGO_STRUCTLOG_CELERY_ENABLED = True

# Figures for Prometheus: for who sends the token, and for peers of these networks that no proxy has passed on; without
# both the door is not there. What was read is handed out again for so many seconds.
METRICS_TOKEN = env.access_key("METRICS_TOKEN")
METRICS_NETWORKS = env.networks("METRICS_NETWORKS")
METRICS_KEPT_SECONDS = 5

# Logs: one JSON object a line
LOG_LEVEL = env.level("LOG_LEVEL", default="INFO")
LOGGING_CONFIG = "common.logging.configure"

# Accidents are told to a Sentry only where one is named: those of the server and the worker, and those of the window.
RELEASE = f"balcao@{VERSION}"
SENTRY_DSN = env.dsn("SENTRY_DSN")
SENTRY_WINDOW_DSN = env.dsn("SENTRY_WINDOW_DSN")
SENTRY_ENVIRONMENT = env.place("SENTRY_ENVIRONMENT", default="production")
# Spans of requests, tasks and statements go to a collector of OpenTelemetry only where one is named.
TRACES_ENDPOINT = env.address(
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    schemes=("http", "https"),
    example="OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318",
)
_place = {"release": RELEASE, "environment": SENTRY_ENVIRONMENT}
_traces = {
    "endpoint": TRACES_ENDPOINT,
    "headers": env.headers("OTEL_EXPORTER_OTLP_HEADERS"),
    "share": env.share("OTEL_TRACES_SAMPLER_ARG", default=1.0),
}
if TRACES_ENDPOINT:
    MIDDLEWARE.insert(1, "api.tracing.TracingMiddleware")  # where the request has its id
LOGGING: dict[str, Any] = {
    "level": LOG_LEVEL,
    "sentry": {"dsn": SENTRY_DSN, **_place} if SENTRY_DSN else None,
    "traces": _traces | _place if TRACES_ENDPOINT else None,
}

# Browsers
CSRF_FAILURE_VIEW = "api.problems.stale_form"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
