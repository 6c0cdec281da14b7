"""One's own addresses, and what a postal code says."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import selectors
from accounts import services as accounts
from accounts.answers.addresses import (
    AddressChange,
    AddressRequest,
    AddressResponse,
    LookupRequest,
    PlaceResponse,
    address_answer,
    place_answer,
)
from accounts.errors import (
    LookupNotOffered,
    LookupUnavailable,
    TooManyAddresses,
)
from accounts.views.callers import user_of
from api.answers import nothing, respond
from api.openapi import operation
from api.pagination import page_of_queryset
from api.permissions import IsSignedIn, Public
from api.requests import read
from common import clock
from common.errors import NotFound


class AddressesView(APIView):
    """One's own addresses."""

    permission_classes = (IsSignedIn,)

    @operation(responses={200: AddressResponse}, pages=True)
    def get(self, request: Request) -> HttpResponse:
        """List one's own addresses, the default one first."""
        found = selectors.addresses_of(user=user_of(request))
        return respond(page_of_queryset(request=request, found=found, shown=address_answer))

    @operation(request=AddressRequest, responses={201: AddressResponse}, refusals=[TooManyAddresses])
    def post(self, request: Request) -> HttpResponse:
        """Keep an address; the first one becomes the default."""
        wanted = read(AddressRequest, request.data)
        address = accounts.add_address(user=user_of(request), address=wanted.fields, now=clock.now())
        return respond(address_answer(address), status=201)


class AddressView(APIView):
    """One of one's own addresses."""

    permission_classes = (IsSignedIn,)

    @operation(responses={200: AddressResponse}, refusals=[NotFound])
    def get(self, request: Request, public_id: UUID) -> HttpResponse:
        """Show an address."""
        address = selectors.address_of(user=user_of(request), public_id=public_id)
        return respond(address_answer(address))

    @operation(request=AddressChange, responses={200: AddressResponse}, refusals=[NotFound])
    def patch(self, request: Request, public_id: UUID) -> HttpResponse:
        """Change an address, or make it the default."""
        wanted = read(AddressChange, request.data)
        address = accounts.change_address(
            user=user_of(request), public_id=public_id, changes=wanted.fields, now=clock.now()
        )
        return respond(address_answer(address))

    @operation(responses={204: None}, refusals=[NotFound])
    def delete(self, request: Request, public_id: UUID) -> HttpResponse:
        """Forget an address."""
        accounts.remove_address(user=user_of(request), public_id=public_id, now=clock.now())
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
