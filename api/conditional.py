"""ETag and 304 for what anyone may read, and a body that is kept for a moment."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_language
from rest_framework.request import Request

from api.answers import JSON, encode
from common import replica

FRESH_SECONDS = 30


class Kept:
    """Bodies by what was asked for, each kept for `settings.LIST_KEPT_SECONDS` and no more than `most` of them."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._guard = threading.Lock()
        self._bodies: OrderedDict[Any, tuple[float, bytes, str]] = OrderedDict()

    def get(self, key: Any) -> tuple[bytes, str] | None:
        """Return a body and its tag, or None when there is none that is fresh."""
        with self._guard:
            until, body, etag = self._bodies.get(key, (0.0, b"", ""))
        return (body, etag) if time.monotonic() < until else None

    def put(self, key: Any, body: bytes, etag: str) -> None:
        """Keep a body; the oldest goes when there are too many."""
        with self._guard:
            self._bodies.pop(key, None)
            self._bodies[key] = (time.monotonic() + settings.LIST_KEPT_SECONDS, body, etag)
            while len(self._bodies) > self._most:
                self._bodies.popitem(last=False)


_kept = Kept(most=64)


def conditional(request: Request, data: Any) -> HttpResponse:
    """Return `data` with an ETag, or 304 when the client has it already."""
    body, etag = _tagged(data)
    return _answer(request, body=body, etag=etag)


def own(request: Request, data: Any) -> HttpResponse:
    """Return `data` as `conditional` does to one person, who asks each time whether it is still so."""
    body, etag = _tagged(data)
    return _answer(request, body=body, etag=etag, control="private, no-cache")


def kept(request: Request, build: Callable[[], Any]) -> HttpResponse:
    """Return what `build` returns as `conditional` does; the same question asked again at once gets the same body.

    Only for doors that answer everybody alike, and where a moment's delay harms nobody: what is sold is judged by the
    cart. What the replica said is kept for those who read there.
    """
    key = (request.build_absolute_uri(), get_language(), replica.is_read())
    body, etag = _kept.get(key) or (b"", "")
    if not etag:
        body, etag = _tagged(build())
        _kept.put(key, body, etag)
    return _answer(request, body=body, etag=etag)


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
