"""Chooses which anonymous reads may use the replica.

What anybody may see is read there for those who show nothing of who they are and have written nothing a moment ago, so
that everybody finds what they wrote themselves. A browser that has written carries a cookie that says so, for as long
as a replica may be behind. While the primary is away the replica answers everybody.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from api.requests import ACCESS_TOKEN
from common import replica
from common.postgres.base import SILENCE

T = TypeVar("T")

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def for_anybody(request: HttpRequest | Request, read: Callable[[], T]) -> T:
    """Return what `read` returns, read at the replica where that may answer this request. Raises what `read` raises."""
    if replica.is_set() and (_is_anybody(request) or replica.standing().is_alone):
        return replica.read(read)
    return read()


def for_reports(request: HttpRequest, read: Callable[[], T]) -> T:
    """Return what `read` returns, read at the replica unless this browser has just written.

    Raises what `read` raises.
    """
    if settings.WROTE_COOKIE in request.COOKIES:
        return read()
    return replica.read(read, patience=SILENCE)


def seen_by_anybody(method: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a GET of a view one that the replica may answer: it only reads, and judges nothing."""

    @wraps(method)
    def seen(view: Any, request: Request, *words: Any, **named: Any) -> HttpResponse:
        return for_anybody(request, lambda: method(view, request, *words, **named))

    seen.is_seen_by_anybody = True  # type: ignore[attr-defined]
    return seen


class WroteMiddleware:
    """Lets a browser that has written read where it was written, until a replica that is read has it too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not replica.is_set():
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        response = self.get_response(request)
        if request.method not in SAFE and response.status_code < 400:
            response.set_cookie(
                settings.WROTE_COOKIE,
                "1",
                max_age=settings.REPLICA_MAX_LAG + 2,  # it was looked at a second ago, and this answer is under way
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


def _is_anybody(request: HttpRequest | Request) -> bool:
    """Whether nobody in particular asks: no login, no token of a cart or an order, nothing just written."""
    shown = request.COOKIES.keys() & {settings.SESSION_COOKIE_NAME, settings.WROTE_COOKIE}
    return not shown and "HTTP_AUTHORIZATION" not in request.META and ACCESS_TOKEN not in request.GET
