"""Pictures and other files of the shop, where no server in front of it hands them out."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.static import serve

FOREVER = "public, max-age=31536000, immutable"


def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Return a file. Its name was made for it and for no other, so a browser keeps it for ever. Raises Http404."""
    answer = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    answer.headers["Cache-Control"] = FOREVER
    return answer
