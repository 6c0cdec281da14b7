"""ETag and 304 for what anyone may read."""

import hashlib
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.renderers import dumps

FRESH_SECONDS = 30


class RenderedResponse(Response):
    """A response whose JSON has been rendered already; it is not rendered again."""

    def __init__(self, body: bytes, **options: Any) -> None:
        super().__init__(data=None, **options)
        self.body = body

    @property
    def rendered_content(self) -> Any:
        """The JSON as it goes out."""
        renderer = getattr(self, "accepted_renderer", None)
        self["Content-Type"] = renderer.media_type if renderer else "application/json"
        return self.body


def conditional(request: Request, data: Any) -> Response:
    """Return `data` with an ETag, or 304 when the client has it already."""
    body = dumps(data)
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": f"public, max-age={FRESH_SECONDS}", "Vary": "Accept-Language"}
    if _matches(request.META.get("HTTP_IF_NONE_MATCH", ""), etag=etag):
        return Response(status=304, headers=headers)
    return RenderedResponse(body, headers=headers)


def _matches(header: str, *, etag: str) -> bool:
    wanted = etag.removeprefix("W/")
    given = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in given or wanted in given
