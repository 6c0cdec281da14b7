"""The people's doors: signing in and out, one's own profile and addresses."""

from typing import cast
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import selectors
from accounts import serializers as shapes
from accounts import services as accounts
from accounts.errors import (
    DocumentTaken,
    InvalidCredentials,
    InvalidToken,
    LookupNotOffered,
    LookupUnavailable,
    StaffAccount,
    TokenReused,
    TooManyAddresses,
)
from accounts.models import User
from accounts.tokens import DEVICE_COOKIE, REFRESH_LIFE
from api.openapi import operation
from api.pagination import NumberedPages
from api.permissions import IsSignedIn, Public
from api.requests import read
from common import clock
from common.errors import FieldError, Malformed, NotFound, Unauthenticated


def _user(request: Request) -> User:
    return cast(User, request.user)


REFRESH_COOKIE = "balcao_refresh"
COOKIE_PATH = "/api/v1/auth/"


def _session(request: Request) -> UUID:
    return cast(UUID, request.auth)


def _pair_response(request: Request, *, pair: accounts.TokenPair, in_cookie: bool) -> Response:
    """Return a pair of tokens; the refresh token in a cookie that scripts cannot read where that was asked."""
    if not in_cookie:
        return Response(shapes.TokenPairResponse(pair).data)
    response = Response({"access": pair.access})
    response.set_cookie(
        REFRESH_COOKIE,
        pair.refresh,
        max_age=REFRESH_LIFE,
        path=COOKIE_PATH,
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
    )
    return response


def _refresh_token(request: Request) -> tuple[str, bool]:
    """Return the refresh token of the body, or that of the cookie and True.

    A cookie is only believed with `X-Requested-With`, which no form and no foreign page can send.

    Raises Malformed when there is neither.
    """
    given = read(shapes.RefreshRequest, request.data).get("refresh")
    if given:
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

    @operation(request=shapes.RegistrationRequest, responses={201: shapes.RegistrationResponse})
    def post(self, request: Request) -> Response:
        """Open an account. It owns nothing by its e-mail until the link of the letter is followed."""
        wanted = read(shapes.RegistrationRequest, request.data)
        accounts.register(**wanted, now=clock.now())
        body = shapes.RegistrationResponse({"email": wanted["email"], "name": wanted["name"]}).data
        return Response(body, status=status.HTTP_201_CREATED)


class SignInView(APIView):
    """The beginning of a session."""

    authentication_classes = ()
    permission_classes = (Public,)
    throttle_scope = "login"

    @operation(request=shapes.SignInRequest, responses={200: shapes.TokenPairResponse}, refusals=[InvalidCredentials])
    def post(self, request: Request) -> Response:
        """Sign somebody in and answer their first pair of tokens.

        With `transport` "cookie" the refresh token is left out of the answer and kept in a cookie that scripts cannot
        read; refreshing and signing out then take it from there and want the header `X-Requested-With`.
        """
        wanted = read(shapes.SignInRequest, request.data)
        device = request.COOKIES.get(DEVICE_COOKIE, "")
        pair = accounts.sign_in(
            email=wanted["email"],
            password=wanted["password"],
            visitor=accounts.visitor_of(meta=request.META, door="api", device_token=device),
            now=clock.now(),
        )
        return _pair_response(request, pair=pair, in_cookie=wanted.get("transport") == "cookie")


class RefreshView(APIView):
    """The continuation of a session."""

    authentication_classes = ()
    permission_classes = (Public,)

    @operation(
        request=shapes.RefreshRequest,
        responses={200: shapes.TokenPairResponse},
        refusals=[Unauthenticated, TokenReused],
    )
    def post(self, request: Request) -> Response:
        """Exchange a refresh token for a new pair; each is good once, and a second use ends the session."""
        token, in_cookie = _refresh_token(request)
        pair = accounts.refresh(token=token, now=clock.now())
        return _pair_response(request, pair=pair, in_cookie=in_cookie)


class SignOutView(APIView):
    """The end of a session."""

    authentication_classes = ()
    permission_classes = (Public,)

    @operation(request=shapes.RefreshRequest, responses={204: None})
    def post(self, request: Request) -> Response:
        """End the session of a refresh token, its access tokens included; one that is over stays over."""
        token, in_cookie = _refresh_token(request)
        accounts.sign_out(token=token, now=clock.now())
        response = Response(status=status.HTTP_204_NO_CONTENT)
        if in_cookie:
            response.delete_cookie(REFRESH_COOKIE, path=COOKIE_PATH, samesite="Strict")
        return response


class EmailVerificationView(APIView):
    """The proof that a mailbox is read."""

    authentication_classes = ()
    permission_classes = (Public,)
    throttle_scope = "login"

    @operation(request=shapes.MailTokenRequest, responses={204: None}, refusals=[InvalidToken])
    def post(self, request: Request) -> Response:
        """Verify the address of a login, or give it its new one, by the token of the letter; once."""
        accounts.verify_email(token=read(shapes.MailTokenRequest, request.data)["token"], now=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordResetView(APIView):
    """The request for a link to choose a new password."""

    authentication_classes = ()
    permission_classes = (Public,)
    throttle_scope = "register"

    @operation(request=shapes.EmailRequest, responses={202: None})
    def post(self, request: Request) -> Response:
        """Have a link sent, should the address have a login; the answer is the same for all."""
        accounts.ask_for_reset(email=read(shapes.EmailRequest, request.data)["email"], now=clock.now())
        return Response(status=status.HTTP_202_ACCEPTED)


class PasswordResetConfirmationView(APIView):
    """The new password of somebody who followed the link."""

    authentication_classes = ()
    permission_classes = (Public,)
    throttle_scope = "login"

    @operation(request=shapes.ResetRequest, responses={204: None}, refusals=[InvalidToken])
    def post(self, request: Request) -> Response:
        """Set the password, by the token of the letter; every session of the login ends."""
        accounts.reset_password(**read(shapes.ResetRequest, request.data), now=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeView(APIView):
    """The person who is signed in."""

    permission_classes = (IsSignedIn,)

    @operation(responses={200: shapes.ProfileResponse})
    def get(self, request: Request) -> Response:
        """Show one's own profile."""
        return Response(shapes.ProfileResponse(selectors.profile(user=_user(request))).data)

    @operation(
        request=shapes.ProfileRequest,
        responses={200: shapes.ProfileResponse},
        refusals=[DocumentTaken, InvalidCredentials, StaffAccount],
    )
    def patch(self, request: Request) -> Response:
        """Change one's own name, phone or document; a new e-mail, with the password, once its letter is answered."""
        changes = read(shapes.ProfileRequest, request.data)
        email, password = changes.pop("email", None), changes.pop("password", None)
        user = accounts.change_profile(
            user=_user(request), changes=changes, email=email, password=password, now=clock.now()
        )
        return Response(shapes.ProfileResponse(selectors.profile(user=user)).data)

    @operation(request=shapes.LeavingRequest, responses={204: None}, refusals=[InvalidCredentials, StaffAccount])
    def delete(self, request: Request) -> Response:
        """Close one's own account and erase the personal data in it; orders stay, as the law asks."""
        password = read(shapes.LeavingRequest, request.data)["password"]
        accounts.close_account(user=_user(request), password=password, now=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordView(APIView):
    """One's own password."""

    permission_classes = (IsSignedIn,)
    throttle_scope = "login"

    @operation(request=shapes.PasswordRequest, responses={204: None}, refusals=[InvalidCredentials])
    def post(self, request: Request) -> Response:
        """Set a new password and end every other session, at the desk too."""
        accounts.change_password(
            **read(shapes.PasswordRequest, request.data),
            user=_user(request),
            session=_session(request),
            now=clock.now(),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionsView(APIView):
    """One's own sessions."""

    permission_classes = (IsSignedIn,)

    @operation(responses={200: shapes.SessionResponse}, pages=True)
    def get(self, request: Request) -> Response:
        """List where one is signed in, the last used first."""
        pages = NumberedPages()
        found = selectors.sessions_of(user=_user(request), current=_session(request), now=clock.now())
        rows = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(shapes.SessionResponse(rows, many=True).data)


class SessionView(APIView):
    """One of one's own sessions."""

    permission_classes = (IsSignedIn,)

    @operation(responses={204: None}, refusals=[NotFound])
    def delete(self, request: Request, public_id: UUID) -> Response:
        """Sign out there."""
        accounts.end_session(user=_user(request), public_id=public_id, now=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class AddressesView(APIView):
    """One's own addresses."""

    permission_classes = (IsSignedIn,)

    @operation(responses={200: shapes.AddressResponse}, pages=True)
    def get(self, request: Request) -> Response:
        """List one's own addresses, the default one first."""
        pages = NumberedPages()
        rows = pages.paginate_queryset(selectors.addresses_of(user=_user(request)), request, view=self)
        return pages.get_paginated_response(shapes.AddressResponse(rows, many=True).data)

    @operation(request=shapes.AddressRequest, responses={201: shapes.AddressResponse}, refusals=[TooManyAddresses])
    def post(self, request: Request) -> Response:
        """Keep an address; the first one becomes the default."""
        wanted = read(shapes.AddressRequest, request.data)
        address = accounts.add_address(
            user=_user(request), address=cast(accounts.AddressFields, wanted), now=clock.now()
        )
        return Response(shapes.AddressResponse(address).data, status=status.HTTP_201_CREATED)


class AddressView(APIView):
    """One of one's own addresses."""

    permission_classes = (IsSignedIn,)

    @operation(responses={200: shapes.AddressResponse}, refusals=[NotFound])
    def get(self, request: Request, public_id: UUID) -> Response:
        """Show an address."""
        address = selectors.address_of(user=_user(request), public_id=public_id)
        return Response(shapes.AddressResponse(address).data)

    @operation(request=shapes.AddressChange, responses={200: shapes.AddressResponse}, refusals=[NotFound])
    def patch(self, request: Request, public_id: UUID) -> Response:
        """Change an address, or make it the default."""
        changes = read(shapes.AddressChange, request.data)
        address = accounts.change_address(
            user=_user(request), public_id=public_id, changes=cast(accounts.AddressFields, changes), now=clock.now()
        )
        return Response(shapes.AddressResponse(address).data)

    @operation(responses={204: None}, refusals=[NotFound])
    def delete(self, request: Request, public_id: UUID) -> Response:
        """Forget an address."""
        accounts.remove_address(user=_user(request), public_id=public_id, now=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class LookupView(APIView):
    """Places by postal code."""

    permission_classes = (Public,)
    throttle_scope = "lookup"

    @operation(
        request=shapes.LookupRequest,
        responses={200: shapes.PlaceResponse},
        refusals=[NotFound, LookupNotOffered, LookupUnavailable],
    )
    def post(self, request: Request) -> Response:
        """Look up street, district and town of a CEP; where that fails, the address is typed by hand."""
        place = accounts.look_up(postal_code=read(shapes.LookupRequest, request.data)["postal_code"])
        return Response(shapes.PlaceResponse(place).data)
