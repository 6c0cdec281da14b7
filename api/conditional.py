"""ETag and 304 for what anyone may read."""

import hashlib
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from api.answers import JSON, encode

FRESH_SECONDS = 30


def conditional(request: Request, data: Any) -> HttpResponse:
    """Return `data` with an ETag, or 304 when the client has it already."""
    body, etag = _tagged(data)
    return _answer(request, body=body, etag=etag)


def own(request: Request, data: Any) -> HttpResponse:
    """Return `data` as `conditional` does to one person, who asks each time whether it is still so."""
    body, etag = _tagged(data)
    return _answer(request, body=body, etag=etag, control="private, no-cache")


def _tagged(data: Any) -> tuple[bytes, str]:
    body = encode(data)
    return body, f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'


def _answer(
    request: Request, *, body: bytes, etag: str, control: str = f"public, max-age={FRESH_SECONDS}"
) -> HttpResponse:
    headers = {"ETag": etag, "Cache-Control": control, "Vary": "Accept-Language"}
    if _matches(request.META.get("HTTP_IF_NONE_MATCH", ""), etag=etag):
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(body, content_type=JSON, headers=headers)


def _matches(header: str, *, etag: str) -> bool:
    wanted = etag.removeprefix("W/")
    given = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in given or wanted in given
