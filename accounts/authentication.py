"""`Authorization: Bearer <access token>`.

Any other scheme is left alone, because `Order` and `Appointment` tokens are proofs for one object that
the views of those apps read themselves.
"""

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts import selectors
from accounts.models import User
from common import clock
from common.errors import Unauthenticated


class BearerAuthentication(BaseAuthentication):
    """Signs a request in by its access token."""

    scheme = "bearer"

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        """Return who is asking; None without a Bearer header. Raises Unauthenticated for a bad token."""
        scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
        if scheme.lower() != self.scheme:
            return None
        if not token.strip():
            raise Unauthenticated()
        return selectors.signed_in(token=token.strip(), now=clock.now()), token.strip()

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 asks for."""
        return 'Bearer realm="api"'
