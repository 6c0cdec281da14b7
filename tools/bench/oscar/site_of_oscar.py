"""Routes of the shop beside ours, and its door for a web server."""

from django.core.wsgi import get_wsgi_application
from django.urls import include, path

application = get_wsgi_application()
urlpatterns = [path("api/", include("oscarapi.urls"))]
