"""Which form an answer has: JSON, unless somebody insists on another."""

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from api.answers import JSON

PLAIN = frozenset({"*/*", JSON})
"""What nearly every program accepts, in the words in which it says so."""


class Negotiation(DefaultContentNegotiation):
    """REST framework's own, which is asked only where there is something to negotiate."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, Any]:
        """Return the renderer and the media type of the answer. Raises NotAcceptable, NotFound."""
        first = next(iter(renderers))
        if request.META.get("HTTP_ACCEPT", "*/*") in PLAIN and first.media_type == JSON:
            return first, JSON
        found: tuple[BaseRenderer, Any] = super().select_renderer(request, renderers, format_suffix)
        return found
