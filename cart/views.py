"""API views of carts. A guest proves a cart by its id, a customer by signing in."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.selectors import customer_id_of, known_customer_id_of
from api.answers import respond
from api.openapi import operation
from api.permissions import IsSignedIn, Public
from api.requests import actor_of, read
from cart import selectors
from cart import services as carts
from cart.answers import (
    CartRequest,
    CartResponse,
    LineRequest,
    QuantityRequest,
    QuoteRequest,
    QuoteResponse,
    cart_answer,
    quote_answer,
)
from cart.errors import (
    CartClosed,
    CartFull,
    DeliveryUnavailable,
    EmptyCart,
    LinesNotForSale,
    MethodNotOffered,
    PickupUnavailable,
    QuantityLimit,
)
from catalog.errors import NotForSale, UnknownSku
from common import clock
from common.errors import Forbidden, NotFound
from inventory.errors import OutOfStock
from scheduling.errors import DepositRequired, SlotTaken, SlotUnavailable, TooManyHolds

ADDING = [
    NotFound,
    CartClosed,
    CartFull,
    QuantityLimit,
    OutOfStock,
    UnknownSku,
    NotForSale,
    SlotTaken,
    SlotUnavailable,
    TooManyHolds,
]


MAX_CART = 128 * 1024
"""Bytes of a cart with as many lines as it may be sent, each the longest there is."""

QUOTING = [
    NotFound,
    CartClosed,
    EmptyCart,
    LinesNotForSale,
    OutOfStock,
    SlotTaken,
    MethodNotOffered,
    DepositRequired,
    PickupUnavailable,
    DeliveryUnavailable,
]


class CartsView(APIView):
    """All carts: only opening one."""

    permission_classes = (Public,)

    @operation(request=CartRequest, responses={201: CartResponse}, refusals=ADDING[2:], body_limit=MAX_CART)
    def post(self, request: Request) -> HttpResponse:
        """Open a cart, with all the lines given or not at all."""
        wanted = read(CartRequest, request.data)
        cart = carts.open_cart(
            units=wanted.units,
            wishes=wanted.wishes,
            customer_id=customer_id_of(request.user),
            actor=actor_of(request, staff_needs="scheduling.manage_appointment"),
            now=clock.now(),
        )
        return respond(cart_answer(cart), status=201)


class CartView(APIView):
    """One cart."""

    permission_classes = (Public,)

    @operation(responses={200: CartResponse}, refusals=[NotFound])
    def get(self, request: Request, cart_id: UUID) -> HttpResponse:
        """Return the cart, whatever its status."""
        customer_id = customer_id_of(request.user)
        cart = selectors.read_cart(cart_id=cart_id, customer_id=customer_id, now=clock.now())
        return respond(cart_answer(cart))


class CartLinesView(APIView):
    """The lines of a cart."""

    permission_classes = (Public,)

    @operation(request=LineRequest, responses={201: CartResponse}, refusals=ADDING)
    def post(self, request: Request, cart_id: UUID) -> HttpResponse:
        """Add units to the line of that SKU and claim them, or hold the time of a visit."""
        wanted = read(LineRequest, request.data)
        cart = carts.add_line(
            cart_id=cart_id,
            units=wanted.units,
            wish=wanted.wish,
            customer_id=customer_id_of(request.user),
            actor=actor_of(request, staff_needs="scheduling.manage_appointment"),
            now=clock.now(),
        )
        return respond(cart_answer(cart), status=201)

    @operation(responses={200: CartResponse}, refusals=[NotFound, CartClosed])
    def delete(self, request: Request, cart_id: UUID) -> HttpResponse:
        """Empty the cart and free everything it kept."""
        cart = carts.clear(cart_id=cart_id, customer_id=customer_id_of(request.user), now=clock.now())
        return respond(cart_answer(cart))


class CartLineView(APIView):
    """One line of a cart."""

    permission_classes = (Public,)

    @operation(
        request=QuantityRequest,
        responses={200: CartResponse},
        refusals=[NotFound, CartClosed, QuantityLimit, OutOfStock, NotForSale, TooManyHolds],
    )
    def patch(self, request: Request, cart_id: UUID, line_id: UUID) -> HttpResponse:
        """Give the line a new quantity and renew its claim."""
        wanted = read(QuantityRequest, request.data)
        cart = carts.set_quantity(
            cart_id=cart_id,
            line_id=line_id,
            quantity=wanted.quantity,
            customer_id=customer_id_of(request.user),
            now=clock.now(),
        )
        return respond(cart_answer(cart))

    @operation(responses={200: CartResponse}, refusals=[NotFound, CartClosed])
    def delete(self, request: Request, cart_id: UUID, line_id: UUID) -> HttpResponse:
        """Take the line out and free what it kept."""
        customer_id = customer_id_of(request.user)
        cart = carts.remove_line(cart_id=cart_id, line_id=line_id, customer_id=customer_id, now=clock.now())
        return respond(cart_answer(cart))


class CartClaimView(APIView):
    """A guest's cart at login."""

    permission_classes = (IsSignedIn,)

    @operation(request=None, responses={200: CartResponse}, refusals=[Forbidden, NotFound, CartClosed, CartFull])
    def post(self, request: Request, cart_id: UUID) -> HttpResponse:
        """Make the cart the customer's, or merge it into the one they have."""
        customer_id = known_customer_id_of(request.user)
        return respond(cart_answer(carts.take_over(cart_id=cart_id, customer_id=customer_id, now=clock.now())))


class CartQuoteView(APIView):
    """What ordering the cart would cost."""

    permission_classes = (Public,)

    @operation(request=QuoteRequest, responses={200: QuoteResponse}, refusals=QUOTING)
    def post(self, request: Request, cart_id: UUID) -> HttpResponse:
        """Return the prices and the pickup windows, or refuse what ordering would; writes nothing."""
        wanted = read(QuoteRequest, request.data)
        actor = actor_of(request)
        quote = carts.quote(
            cart_id=cart_id,
            customer_id=customer_id_of(request.user),
            wanted=wanted.wanted(desk=actor.kind == "staff"),
            actor=actor,
            now=clock.now(),
        )
        return respond(quote_answer(quote))
