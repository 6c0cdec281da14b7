"""`Authorization: Bearer <access token>`.

Any other scheme is left alone, because `Order` and `Appointment` tokens are proofs for one object that
the views of those apps read themselves.
"""

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth import logout
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts import selectors
from accounts import services as accounts
from accounts.models import User
from common import clock, security
from common.errors import Unauthenticated


class BearerAuthentication(BaseAuthentication):
    """Signs a request in by its access token."""

    scheme = "bearer"

    def authenticate(self, request: Request) -> tuple[User, UUID] | None:
        """Return who is asking and in which session; None without a Bearer header. Raises Unauthenticated."""
        scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
        if scheme.lower() != self.scheme:
            return None
        if not token.strip():
            raise Unauthenticated()
        user, session = selectors.signed_in(token=token.strip(), now=clock.now())
        security.identified(login=user.pk)
        return user, session

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 asks for."""
        return 'Bearer realm="api"'


PAGE_SESSION = "desk_session"
"""Where Django's session names the record of it."""

DESK, ACCOUNT = "/admin/", "/conta/"
WITHOUT_FACTOR = ("/admin/security/", "/admin/login/", "/admin/logout/", "/admin/jsi18n/")
"""Pages of the desk that are open to somebody whose role needs a second step that they have not set up."""


class DeskBackend(ModelBackend):
    """Permissions and sessions of pages. Passwords are judged by the forms of `accounts` alone, behind their lock."""

    def authenticate(self, request: HttpRequest | None, **credentials: object) -> None:  # type: ignore[override]
        """Let nobody in this way."""
        return


class PageSessionsMiddleware:
    """Ends a session of pages that was signed out elsewhere or left alone.

    Leads to a second step where the role needs one. Only pages of the desk and of one's account are looked at.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, as nobody's where the session has been ended."""
        user = request.user if request.path.startswith((DESK, ACCOUNT)) else None
        if isinstance(user, User):
            named, now = request.session.get(PAGE_SESSION), clock.now()
            session = selectors.page_session(user=user, public_id=UUID(named), now=now) if named else None
            if session is not None:
                accounts.seen(session=session, now=now)
            if named and session is None:
                logout(request)
            elif self._leads_to_enrolment(request, user=user):
                return HttpResponseRedirect(reverse("desk-security"))
            else:
                security.identified(login=user.pk)
        return self.get_response(request)

    def _leads_to_enrolment(self, request: HttpRequest, *, user: User) -> bool:
        of_desk = request.path.startswith(DESK) and not request.path.startswith(WITHOUT_FACTOR)
        return of_desk and selectors.must_enrol(user=user)
