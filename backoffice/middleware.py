"""The zone of the shop for everything that people read or type on pages.

The API needs none of this: its instants carry their offset.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api.problems import is_api
from api.replica import for_anybody
from shop import services as shop

WITHOUT_TIMES = ("/health/", "/media/", "/static/", "/metrics")

Next = Callable[[HttpRequest], HttpResponse]


class ShopZoneMiddleware:
    """Serve pages with the shop's zone as Django's current one, so that every time shown or typed is the shop's."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request; a page costs one statement for it."""
        if is_api(request.path) or request.path.startswith(WITHOUT_TIMES):
            return self.get_response(request)
        policy = for_anybody(request, shop.policy)
        request.policy = policy  # type: ignore[attr-defined]  # for pages that only read, as they are at this moment
        with timezone.override(policy.timezone):
            return self.get_response(request)
