"""django-oscar as its documentation sets it up, with the database that OSCAR_DATABASE_URL names."""

import importlib.util
import os
from urllib.parse import urlsplit

from oscar import defaults

globals().update({name: value for name, value in vars(defaults).items() if name.isupper()})

_database = urlsplit(os.environ["OSCAR_DATABASE_URL"])
SECRET_KEY = "only-for-a-bench"  # noqa: S105
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
USE_TZ, TIME_ZONE, LANGUAGE_CODE = True, "UTC", "en"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "oscar",
        "USER": _database.username,
        "PASSWORD": _database.password,
        "HOST": _database.hostname,
        "PORT": _database.port,
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 600,
    }
}
_OSCAR = (
    ("oscar.config", "Shop"), ("oscar.apps.analytics", "AnalyticsConfig"), ("oscar.apps.checkout", "CheckoutConfig"),
    ("oscar.apps.address", "AddressConfig"), ("oscar.apps.shipping", "ShippingConfig"),
    ("oscar.apps.catalogue", "CatalogueConfig"), ("oscar.apps.catalogue.reviews", "CatalogueReviewsConfig"),
    ("oscar.apps.communication", "CommunicationConfig"), ("oscar.apps.partner", "PartnerConfig"),
    ("oscar.apps.basket", "BasketConfig"), ("oscar.apps.payment", "PaymentConfig"), ("oscar.apps.offer", "OfferConfig"),
    ("oscar.apps.order", "OrderConfig"), ("oscar.apps.customer", "CustomerConfig"),
    ("oscar.apps.search", "SearchConfig"), ("oscar.apps.voucher", "VoucherConfig"),
    ("oscar.apps.wishlists", "WishlistsConfig"), ("oscar.apps.dashboard", "DashboardConfig"),
)  # fmt: skip
_DASHBOARD = ("reports", "users", "orders", "catalogue", "offers", "partners", "pages", "ranges", "reviews", "vouchers",
              "communications", "shipping")  # fmt: skip
_OTHERS = ("widget_tweaks", "haystack", "treebeard", "sorl.thumbnail", "easy_thumbnails", "django_tables2",
           "rest_framework", "oscarapi")  # fmt: skip
INSTALLED_APPS = [
    *(f"django.contrib.{name}" for name in
      ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles", "sites", "flatpages")),
    *(f"{module}.{name}" if module == "oscar.config" else f"{module}.apps.{name}" for module, name in _OSCAR),
    *(f"oscar.apps.dashboard.{name}.apps.{name.title()}DashboardConfig" for name in _DASHBOARD),
    *(name for name in _OTHERS if importlib.util.find_spec(name)),
]  # fmt: skip
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "oscarapi.middleware.ApiBasketMiddleWare",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTHENTICATION_BACKENDS = ["oscar.apps.customer.auth_backends.EmailBackend"]
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
SITE_ID = 1
ROOT_URLCONF = "site_of_oscar"
STATIC_URL, MEDIA_URL = "/static/", "/media/"
MEDIA_ROOT = os.environ["OSCAR_MEDIA"]
REST_FRAMEWORK = {"DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination", "PAGE_SIZE": 20}
OSCAR_INITIAL_ORDER_STATUS = "new"
OSCAR_ALLOW_ANON_CHECKOUT = True
OSCAR_DEFAULT_CURRENCY = "BRL"
OSCAR_MISSING_IMAGE_URL = "nothing.png"
