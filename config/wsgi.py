"""WSGI application. It says so in the environment, for only web processes pool connections."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
os.environ.setdefault("BALCAO_PROCESS", "web")

application = get_wsgi_application()
