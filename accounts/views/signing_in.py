"""Registering, signing in and out, and what letters about a login lead to."""

import msgspec
from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from msgspec import UNSET
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import services as accounts
from accounts.answers.factors import SecondFactorRequest
from accounts.answers.people import (
    EmailRequest,
    MailTokenRequest,
    RefreshRequest,
    RegistrationRequest,
    RegistrationResponse,
    ResetRequest,
    SignInRequest,
    TokenPairResponse,
    pair_answer,
)
from accounts.errors import (
    InvalidCredentials,
    InvalidToken,
    SecondFactorRequired,
    SetUpSecondFactor,
    TokenReused,
)
from accounts.tokens import REFRESH_LIFE
from accounts.views.callers import visitor_of
from api.answers import nothing, respond
from api.openapi import operation
from api.permissions import Public
from api.requests import read
from common import clock
from common.addresses import client_address
from common.errors import FieldError, Malformed, Unauthenticated

REFRESH_COOKIE = settings.REFRESH_COOKIE
COOKIE_PATH = "/api/v1/auth/"


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
            email=wanted.email, password=wanted.password, visitor=visitor_of(request), now=clock.now()
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
        visitor, now = visitor_of(request), clock.now()
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
