"""One's own profile, password and sessions."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from msgspec import UNSET
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import selectors
from accounts import services as accounts
from accounts.answers.people import (
    LeavingRequest,
    PasswordRequest,
    ProfileRequest,
    ProfileResponse,
    SessionEndRequest,
    SessionResponse,
    profile_answer,
    session_answer,
)
from accounts.errors import (
    InvalidCredentials,
    StaffAccount,
)
from accounts.views.callers import session_of, user_of, visitor_of
from api.answers import nothing, respond
from api.openapi import operation
from api.pagination import page_of_queryset
from api.permissions import IsSignedIn
from api.requests import read
from common import clock
from common.addresses import client_address
from common.errors import NotFound


class MeView(APIView):
    """The person who is signed in."""

    permission_classes = (IsSignedIn,)
    throttle_scope = "login"

    @operation(responses={200: ProfileResponse})
    def get(self, request: Request) -> HttpResponse:
        """Show one's own profile."""
        return respond(profile_answer(user_of(request)))

    @operation(
        request=ProfileRequest,
        responses={200: ProfileResponse},
        refusals=[InvalidCredentials, StaffAccount],
    )
    def patch(self, request: Request) -> HttpResponse:
        """Change one's own name, phone or document; a new e-mail, with the password, once its letter is answered."""
        wanted = read(ProfileRequest, request.data)
        user = accounts.change_profile(
            user=user_of(request),
            changes=wanted.changes,
            email=None if wanted.email is UNSET else wanted.email,
            password=None if wanted.password is UNSET else wanted.password,
            visitor=visitor_of(request),
            session=session_of(request),
            now=clock.now(),
        )
        return respond(profile_answer(user))

    @operation(request=LeavingRequest, responses={204: None}, refusals=[InvalidCredentials, StaffAccount])
    def delete(self, request: Request) -> HttpResponse:
        """Close one's own account and erase the personal data in it; orders stay, as the law asks."""
        accounts.close_account(
            user=user_of(request),
            password=read(LeavingRequest, request.data).password,
            visitor=visitor_of(request),
            session=session_of(request),
            now=clock.now(),
        )
        return nothing()


class VerificationView(APIView):
    """The letter that verifies one's own address."""

    permission_classes = (IsSignedIn,)
    throttle_scope = "register"

    @operation(request=None, responses={202: None})
    def post(self, request: Request) -> HttpResponse:
        """Have the letter sent once more; nothing is sent to an address that is verified."""
        accounts.ask_for_verification(user=user_of(request), now=clock.now(), client=client_address(request.META))
        return HttpResponse(status=202)


class PasswordView(APIView):
    """One's own password."""

    permission_classes = (IsSignedIn,)
    throttle_scope = "login"

    @operation(request=PasswordRequest, responses={204: None}, refusals=[InvalidCredentials])
    def post(self, request: Request) -> HttpResponse:
        """Set a new password and end every other session, at the desk too."""
        wanted = read(PasswordRequest, request.data)
        accounts.change_password(
            user=user_of(request),
            current=wanted.current,
            new=wanted.new,
            visitor=visitor_of(request),
            session=session_of(request),
            now=clock.now(),
        )
        return nothing()


class SessionsView(APIView):
    """One's own sessions."""

    permission_classes = (IsSignedIn,)

    @operation(responses={200: SessionResponse}, pages=True)
    def get(self, request: Request) -> HttpResponse:
        """List where one is signed in, the last used first."""
        found = selectors.sessions_of(user=user_of(request), now=clock.now())
        shown = partial(session_answer, current=session_of(request))
        return respond(page_of_queryset(request=request, found=found, shown=shown))

    @operation(request=SessionEndRequest, responses={204: None}, refusals=[InvalidCredentials])
    def delete(self, request: Request) -> HttpResponse:
        """Sign out everywhere else, at the desk too; the session that asks goes on.

        Takes the password, unless the session that asks began within the last ten minutes.
        """
        password = read(SessionEndRequest, request.data).password
        accounts.sign_out_elsewhere(
            user=user_of(request),
            password="" if password is UNSET else password,
            visitor=visitor_of(request),
            session=session_of(request),
            now=clock.now(),
        )
        return nothing()


class SessionView(APIView):
    """One of one's own sessions."""

    permission_classes = (IsSignedIn,)

    @operation(request=SessionEndRequest, responses={204: None}, refusals=[InvalidCredentials, NotFound])
    def delete(self, request: Request, public_id: UUID) -> HttpResponse:
        """Sign out there.

        Takes the password, unless it is the session that asks, or one that began within the last ten minutes.
        """
        password = read(SessionEndRequest, request.data).password
        accounts.sign_out_there(
            user=user_of(request),
            public_id=public_id,
            password="" if password is UNSET else password,
            visitor=visitor_of(request),
            session=session_of(request),
            now=clock.now(),
        )
        return nothing()
