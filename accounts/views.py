"""The people's doors: signing in and out, one's own profile and addresses."""

from typing import cast
from uuid import UUID

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
    LookupNotOffered,
    LookupUnavailable,
    StaffAccount,
    TokenReused,
    TooManyAddresses,
)
from accounts.models import User
from accounts.tokens import DEVICE_COOKIE
from api.openapi import operation
from api.pagination import NumberedPages
from api.permissions import IsSignedIn, Public
from api.requests import read
from common import clock
from common.errors import NotFound, Unauthenticated


def _user(request: Request) -> User:
    return cast(User, request.user)


class RegistrationView(APIView):
    """New customers."""

    authentication_classes = ()
    permission_classes = (Public,)
    throttle_scope = "register"

    @operation(request=shapes.RegistrationRequest, responses={201: shapes.RegistrationResponse})
    def post(self, request: Request) -> Response:
        """Open an account. An e-mail that has one gets the same answer here and a letter in its mailbox."""
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
        """Sign somebody in and answer their first pair of tokens."""
        visitor = accounts.visitor_of(
            meta=request.META, door="api", device_token=request.COOKIES.get(DEVICE_COOKIE, "")
        )
        pair = accounts.sign_in(**read(shapes.SignInRequest, request.data), visitor=visitor, now=clock.now())
        return Response(shapes.TokenPairResponse(pair).data)


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
        pair = accounts.refresh(token=read(shapes.RefreshRequest, request.data)["refresh"], now=clock.now())
        return Response(shapes.TokenPairResponse(pair).data)


class SignOutView(APIView):
    """The end of a session."""

    authentication_classes = ()
    permission_classes = (Public,)

    @operation(request=shapes.RefreshRequest, responses={204: None})
    def post(self, request: Request) -> Response:
        """End the session of a refresh token, its access tokens included; one that is over stays over."""
        accounts.sign_out(token=read(shapes.RefreshRequest, request.data)["refresh"], now=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeView(APIView):
    """The person who is signed in."""

    permission_classes = (IsSignedIn,)

    @operation(responses={200: shapes.ProfileResponse})
    def get(self, request: Request) -> Response:
        """Show one's own profile."""
        return Response(shapes.ProfileResponse(selectors.profile(user=_user(request))).data)

    @operation(request=shapes.ProfileRequest, responses={200: shapes.ProfileResponse}, refusals=[DocumentTaken])
    def patch(self, request: Request) -> Response:
        """Change one's own name, phone or document."""
        changes = read(shapes.ProfileRequest, request.data)
        user = accounts.change_profile(user=_user(request), changes=changes, now=clock.now())
        return Response(shapes.ProfileResponse(selectors.profile(user=user)).data)

    @operation(responses={204: None}, refusals=[StaffAccount])
    def delete(self, request: Request) -> Response:
        """Close one's own account and erase the personal data in it; orders stay, as the law asks."""
        accounts.close_account(user=_user(request), now=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordView(APIView):
    """One's own password."""

    permission_classes = (IsSignedIn,)
    throttle_scope = "login"

    @operation(request=shapes.PasswordRequest, responses={204: None}, refusals=[InvalidCredentials])
    def post(self, request: Request) -> Response:
        """Set a new password and end every session, this one too."""
        wanted = read(shapes.PasswordRequest, request.data)
        accounts.change_password(
            user=_user(request), current=wanted["current_password"], new=wanted["new_password"], now=clock.now()
        )
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
