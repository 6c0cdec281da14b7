"""The description of the API as it was committed, served as a file: a reader costs no work, and two at once no race."""

import hashlib
import json
from functools import cache

import yaml
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

YAML, JSON = "application/vnd.oai.openapi", "application/vnd.oai.openapi+json"


@cache
def _document(media_type: str) -> tuple[bytes, str]:
    """Return the document in one notation, and its ETag."""
    text = settings.OPENAPI_FILE.read_bytes()
    body = json.dumps(yaml.load(text, yaml.CSafeLoader)).encode() if media_type == JSON else text
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI document: YAML, or JSON for `?format=json` and for whoever accepts only JSON."""
    wants_json = request.GET.get("format") == "json" or request.get_preferred_type([YAML, "application/json"]) not in (
        YAML,
        None,
    )
    media_type = JSON if wants_json else YAML
    body, etag = _document(media_type)
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    return HttpResponse(body, content_type=f"{media_type}; charset=utf-8", headers={"ETag": etag, "Vary": "Accept"})
