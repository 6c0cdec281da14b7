"""A project as `startproject` makes it, to compare memory and start with: `python tools/bench/bare.py PORT`."""

import sys

from django.conf import settings
from django.urls import path

NAMES = ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles")
MIDDLEWARE = (
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)
PROCESSORS = ("template.context_processors.request", "contrib.auth.context_processors.auth",
              "contrib.messages.context_processors.messages")  # fmt: skip

urlpatterns: list[object] = []


def main(port: int) -> None:
    """Serve the pages of its admin, in one process."""
    settings.configure(
        SECRET_KEY="only-for-a-bench",  # noqa: S106
        ALLOWED_HOSTS=["127.0.0.1"],
        INSTALLED_APPS=[f"django.contrib.{name}" for name in NAMES],
        MIDDLEWARE=list(MIDDLEWARE),
        ROOT_URLCONF=__name__,
        STATIC_URL="static/",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": [f"django.{name}" for name in PROCESSORS]},
            }
        ],
    )
    import waitress  # noqa: PLC0415 - nothing of Django is read before its settings are
    from django.contrib import admin  # noqa: PLC0415
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415

    application = get_wsgi_application()
    urlpatterns.append(path("admin/", admin.site.urls))
    waitress.serve(application, host="127.0.0.1", port=port, threads=5)


if __name__ == "__main__":
    main(int(sys.argv[1]))
