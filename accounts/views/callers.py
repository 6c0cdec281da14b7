"""Who asks: the login, the session and the visitor of a request."""

from typing import cast
from uuid import UUID

from rest_framework.request import Request

from accounts import services as accounts
from accounts.models import User
from accounts.tokens import DEVICE_COOKIE


def user_of(request: Request) -> User:
    """Return who signed in."""
    return cast(User, request.user)


def session_of(request: Request) -> UUID:
    """Return the session that the request belongs to."""
    return cast(UUID, request.auth)


def visitor_of(request: Request) -> accounts.Visitor:
    """Return what is known of where the request comes from."""
    device = request.COOKIES.get(DEVICE_COOKIE, "")
    return accounts.visitor_of(meta=request.META, door="api", device_token=device)
