"""The people's doors: signing in and out, one's own profile and addresses."""

from functools import partial
from typing import cast
from uuid import UUID

import msgspec
from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from msgspec import UNSET
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import selectors
from accounts import services as accounts
from accounts.answers import (
    AddressChange,
    AddressRequest,
    AddressResponse,
    EmailRequest,
    LeavingRequest,
    LookupRequest,
    MailTokenRequest,
    PasswordRequest,
    PlaceResponse,
    ProfileRequest,
    ProfileResponse,
    RefreshRequest,
    RegistrationRequest,
    RegistrationResponse,
    ResetRequest,
    SecondFactorRequest,
    SessionEndRequest,
    SessionResponse,
    SignInRequest,
    TokenPairResponse,
    address_answer,
    pair_answer,
    place_answer,
    profile_answer,
    session_answer,
)
from accounts.errors import (
    InvalidCredentials,
    InvalidToken,
    LookupNotOffered,
    LookupUnavailable,
    SecondFactorRequired,
    SetUpSecondFactor,
    StaffAccount,
    TokenReused,
    TooManyAddresses,
)
from accounts.models import User
from accounts.tokens import DEVICE_COOKIE, REFRESH_LIFE
from api.answers import nothing, respond
from api.openapi import operation
from api.pagination import page_of_queryset
from api.permissions import IsSignedIn, Public
from api.requests import read
from common import clock
from common.addresses import client_address
from common.errors import FieldError, Malformed, NotFound, Unauthenticated


def _user(request: Request) -> User:
    return cast(User, request.user)


REFRESH_COOKIE = settings.REFRESH_COOKIE
COOKIE_PATH = "/api/v1/auth/"


def _session(request: Request) -> UUID:
    return cast(UUID, request.auth)


def _visitor(request: Request) -> accounts.Visitor:
    device = request.COOKIES.get(DEVICE_COOKIE, "")
    return accounts.visitor_of(meta=request.META, door="api", device_token=device)


def _pair_response(request: Request, *, pair: accounts.TokenPair, in_cookie: bool) -> HttpResponse:
    """Return a pair of tokens; the refresh token in a cookie that scripts cannot read where that was asked."""
    response = respond(pair_answer(pair, in_cookie=in_cookie))
    if in_cookie:
        response.set_cookie(
            REFRESH_COOKIE,
            pair.refresh,
            max_age=REFRESH_LIFE,
            path=COOKIE_PATH,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Strict",
        )
    return response


def _refresh_token(request: Request) -> tuple[str, bool]:
    """Return the refresh token of the body, or that of the cookie and True.

    A cookie is only believed with `X-Requested-With`, which no form and no foreign page can send.

    Raises Malformed when there is neither.
    """
    given = read(RefreshRequest, request.data).refresh
    if given is not UNSET:
        return given, False
    kept = request.COOKIES.get(REFRESH_COOKIE, "")
    if kept and request.headers.get("X-Requested-With"):
        return kept, True
    complaint = FieldError(pointer="/refresh", code="required", detail=_("This field is required."))
    raise Malformed(errors=[complaint])


class RegistrationView(APIView):
    """New customers."""

    authentication_classes = ()
    permission_classes = (Public,)
    throttle_scope = "register"

    @operation(request=RegistrationRequest, responses={201: RegistrationResponse})
    def post(self, request: Request) -> HttpResponse:
        """Open an account. It owns nothing by its e-mail until the link of the letter is followed."""
        wanted = read(RegistrationRequest, request.data)
        accounts.register(
            email=wanted.email,
            password=wanted.password,
            name=wanted.name,
            now=clock.now(),
            client=client_address(request.META),
        )
        return respond(RegistrationResponse(email=wanted.email, name=wanted.name), status=201)


class SignInView(APIView):
    """The beginning of a session."""

    authentication_classes = ()
    permission_classes = (Public,)
    throttle_scope = "login"

    @operation(
        request=SignInRequest,
        responses={200: TokenPairResponse},
        refusals=[InvalidCredentials, SecondFactorRequired, SetUpSecondFactor],
    )
    def post(self, request: Request) -> HttpResponse:
        """Sign somebody in and answer their first pair of tokens.

        With `transport` "cookie" the refresh token is left out of the answer and kept in a cookie that scripts cannot
        read; refreshing and signing out then take it from there and want the header `X-Requested-With`.
        """
        wanted = read(SignInRequest, request.data)
        pair = accounts.sign_in(
            email=wanted.email, password=wanted.password, visitor=_visitor(request), now=clock.now()
        )
        return _pair_response(request, pair=pair, in_cookie=wanted.transport == "cookie")


class SecondFactorView(APIView):
    """The second step of signing in."""

    authentication_classes = ()
    permission_classes = (Public,)
    throttle_scope = "login"

    @operation(
        request=SecondFactorRequest,
        responses={200: TokenPairResponse},
        refusals=[InvalidToken, InvalidCredentials],
    )
    def post(self, request: Request) -> HttpResponse:
        """Answer the challenge of the first step, with a code or with what a passkey signed; tokens as there."""
        wanted = read(SecondFactorRequest, request.data)
        visitor, now = _visitor(request), clock.now()
        user = accounts.check_second_factor(
            challenge=wanted.challenge,
            code="" if wanted.code is UNSET else wanted.code,
            credential=None if wanted.credential is UNSET else msgspec.to_builtins(wanted.credential),
            visitor=visitor,
            now=now,
        )
        pair = accounts.begin_session(user=user, visitor=visitor, now=now)
        return _pair_response(request, pair=pair, in_cookie=wanted.transport == "cookie")


class RefreshView(APIView):
    """The continuation of a session."""

    authentication_classes = ()
    permission_classes = (Public,)

    @operation(
        request=RefreshRequest,
        responses={200: TokenPairResponse},
        refusals=[Unauthenticated, TokenReused],
    )
    def post(self, request: Request) -> HttpResponse:
        """Exchange a refresh token for a new pair; each is good once, and a second use ends the session."""
        token, in_cookie = _refresh_token(request)
        pair = accounts.refresh(token=token, now=clock.now())
        return _pair_response(request, pair=pair, in_cookie=in_cookie)


class SignOutView(APIView):
    """The end of a session."""

    authentication_classes = ()
    permission_classes = (Public,)

    @operation(request=RefreshRequest, responses={204: None})
    def post(self, request: Request) -> HttpResponse:
        """End the session of a refresh token, its access tokens included; one that is over stays over."""
        token, in_cookie = _refresh_token(request)
        accounts.sign_out(token=token, now=clock.now())
        response = nothing()
        if in_cookie:
            response.delete_cookie(REFRESH_COOKIE, path=COOKIE_PATH, samesite="Strict")
        return response


class EmailVerificationView(APIView):
    """The proof that a mailbox is read."""

    authentication_classes = ()
    permission_classes = (Public,)
    throttle_scope = "login"

    @operation(request=MailTokenRequest, responses={204: None}, refusals=[InvalidToken])
    def post(self, request: Request) -> HttpResponse:
        """Verify the address of a login, or give it its new one, by the token of the letter; once."""
        accounts.verify_email(token=read(MailTokenRequest, request.data).token, now=clock.now())
        return nothing()


class PasswordResetView(APIView):
    """The request for a link to choose a new password."""

    authentication_classes = ()
    permission_classes = (Public,)
    throttle_scope = "register"

    @operation(request=EmailRequest, responses={202: None})
    def post(self, request: Request) -> HttpResponse:
        """Have a link sent, should the address have a login; the answer is the same for all."""
        asked = read(EmailRequest, request.data)
        accounts.ask_for_reset(email=asked.email, now=clock.now(), client=client_address(request.META))
        return HttpResponse(status=202)


class PasswordResetConfirmationView(APIView):
    """The new password of somebody who followed the link."""

    authentication_classes = ()
    permission_classes = (Public,)
    throttle_scope = "login"

    @operation(request=ResetRequest, responses={204: None}, refusals=[InvalidToken])
    def post(self, request: Request) -> HttpResponse:
        """Set the password, by the token of the letter; every session of the login ends."""
        wanted = read(ResetRequest, request.data)
        accounts.reset_password(token=wanted.token, password=wanted.password, now=clock.now())
        return nothing()


class MeView(APIView):
    """The person who is signed in."""

    permission_classes = (IsSignedIn,)
    throttle_scope = "login"

    @operation(responses={200: ProfileResponse})
    def get(self, request: Request) -> HttpResponse:
        """Show one's own profile."""
        return respond(profile_answer(_user(request)))

    @operation(
        request=ProfileRequest,
        responses={200: ProfileResponse},
        refusals=[InvalidCredentials, StaffAccount],
    )
    def patch(self, request: Request) -> HttpResponse:
        """Change one's own name, phone or document; a new e-mail, with the password, once its letter is answered."""
        wanted = read(ProfileRequest, request.data)
        user = accounts.change_profile(
            user=_user(request),
            changes=wanted.changes,
            email=None if wanted.email is UNSET else wanted.email,
            password=None if wanted.password is UNSET else wanted.password,
            visitor=_visitor(request),
            session=_session(request),
            now=clock.now(),
        )
        return respond(profile_answer(user))

    @operation(request=LeavingRequest, responses={204: None}, refusals=[InvalidCredentials, StaffAccount])
    def delete(self, request: Request) -> HttpResponse:
        """Close one's own account and erase the personal data in it; orders stay, as the law asks."""
        accounts.close_account(
            user=_user(request),
            password=read(LeavingRequest, request.data).password,
            visitor=_visitor(request),
            session=_session(request),
            now=clock.now(),
        )
        return nothing()


class PasswordView(APIView):
    """One's own password."""

    permission_classes = (IsSignedIn,)
    throttle_scope = "login"

    @operation(request=PasswordRequest, responses={204: None}, refusals=[InvalidCredentials])
    def post(self, request: Request) -> HttpResponse:
        """Set a new password and end every other session, at the desk too."""
        wanted = read(PasswordRequest, request.data)
        accounts.change_password(
            user=_user(request),
            current=wanted.current,
            new=wanted.new,
            visitor=_visitor(request),
            session=_session(request),
            now=clock.now(),
        )
        return nothing()


class SessionsView(APIView):
    """One's own sessions."""

    permission_classes = (IsSignedIn,)

    @operation(responses={200: SessionResponse}, pages=True)
    def get(self, request: Request) -> HttpResponse:
        """List where one is signed in, the last used first."""
        found = selectors.sessions_of(user=_user(request), now=clock.now())
        shown = partial(session_answer, current=_session(request))
        return respond(page_of_queryset(request=request, found=found, shown=shown))


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
            user=_user(request),
            public_id=public_id,
            password="" if password is UNSET else password,
            visitor=_visitor(request),
            session=_session(request),
            now=clock.now(),
        )
        return nothing()


class AddressesView(APIView):
    """One's own addresses."""

    permission_classes = (IsSignedIn,)

    @operation(responses={200: AddressResponse}, pages=True)
    def get(self, request: Request) -> HttpResponse:
        """List one's own addresses, the default one first."""
        found = selectors.addresses_of(user=_user(request))
        return respond(page_of_queryset(request=request, found=found, shown=address_answer))

    @operation(request=AddressRequest, responses={201: AddressResponse}, refusals=[TooManyAddresses])
    def post(self, request: Request) -> HttpResponse:
        """Keep an address; the first one becomes the default."""
        wanted = read(AddressRequest, request.data)
        address = accounts.add_address(user=_user(request), address=wanted.fields, now=clock.now())
        return respond(address_answer(address), status=201)


class AddressView(APIView):
    """One of one's own addresses."""

    permission_classes = (IsSignedIn,)

    @operation(responses={200: AddressResponse}, refusals=[NotFound])
    def get(self, request: Request, public_id: UUID) -> HttpResponse:
        """Show an address."""
        address = selectors.address_of(user=_user(request), public_id=public_id)
        return respond(address_answer(address))

    @operation(request=AddressChange, responses={200: AddressResponse}, refusals=[NotFound])
    def patch(self, request: Request, public_id: UUID) -> HttpResponse:
        """Change an address, or make it the default."""
        wanted = read(AddressChange, request.data)
        address = accounts.change_address(
            user=_user(request), public_id=public_id, changes=wanted.fields, now=clock.now()
        )
        return respond(address_answer(address))

    @operation(responses={204: None}, refusals=[NotFound])
    def delete(self, request: Request, public_id: UUID) -> HttpResponse:
        """Forget an address."""
        accounts.remove_address(user=_user(request), public_id=public_id, now=clock.now())
        return nothing()


class LookupView(APIView):
    """Places by postal code."""

    permission_classes = (Public,)
    throttle_scope = "lookup"

    @operation(
        request=LookupRequest,
        responses={200: PlaceResponse},
        refusals=[NotFound, LookupNotOffered, LookupUnavailable],
    )
    def post(self, request: Request) -> HttpResponse:
        """Look up street, district and town of a CEP; where that fails, the address is typed by hand."""
        place = accounts.look_up(postal_code=read(LookupRequest, request.data).postal_code)
        return respond(place_answer(place))
