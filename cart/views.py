"""The cart's door for storefronts. A guest proves a cart by its id, a customer by signing in."""

from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.selectors import customer_id_of, known_customer_id_of
from api.openapi import operation
from api.permissions import IsSignedIn, Public
from api.requests import actor_of, read
from cart import selectors
from cart import services as carts
from cart.errors import CartClosed, CartFull, QuantityLimit
from cart.serializers import CartRequest, LineRequest, QuantityRequest, QuoteRequest, units_from, wishes_from
from cart.shapes import CartResponse, QuoteResponse
from catalog.errors import NotForSale, UnknownSku
from common import clock
from common.errors import Forbidden, NotFound
from inventory.errors import OutOfStock
from scheduling.errors import SlotTaken, SlotUnavailable, TooManyHolds

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


class CartsView(APIView):
    """All carts: only opening one."""

    permission_classes = (Public,)

    @operation(request=CartRequest, responses={201: CartResponse}, refusals=ADDING[2:])
    def post(self, request: Request) -> Response:
        """Open a cart, with all the lines given or not at all."""
        wanted = read(CartRequest, request.data)
        cart = carts.open_cart(
            units=units_from(lines=wanted["lines"]),
            wishes=wishes_from(lines=wanted["lines"]),
            customer_id=customer_id_of(request.user),
            actor=actor_of(request, staff_needs="scheduling.manage_appointment"),
            now=clock.now(),
        )
        return Response(cart, status=status.HTTP_201_CREATED)


class CartView(APIView):
    """One cart."""

    permission_classes = (Public,)

    @operation(responses={200: CartResponse}, refusals=[NotFound])
    def get(self, request: Request, cart_id: UUID) -> Response:
        """Return the cart, whatever its status."""
        customer_id = customer_id_of(request.user)
        return Response(selectors.read_cart(cart_id=cart_id, customer_id=customer_id, now=clock.now()))


class CartLinesView(APIView):
    """The lines of a cart."""

    permission_classes = (Public,)

    @operation(request=LineRequest, responses={201: CartResponse}, refusals=ADDING)
    def post(self, request: Request, cart_id: UUID) -> Response:
        """Add units to the line of that SKU and claim them, or hold the time of a visit."""
        wanted = read(LineRequest, request.data)
        cart = carts.add_line(
            cart_id=cart_id,
            units=next(iter(units_from(lines=[wanted])), None),
            wish=next(iter(wishes_from(lines=[wanted])), None),
            customer_id=customer_id_of(request.user),
            actor=actor_of(request, staff_needs="scheduling.manage_appointment"),
            now=clock.now(),
        )
        return Response(cart, status=status.HTTP_201_CREATED)

    @operation(responses={200: CartResponse}, refusals=[NotFound, CartClosed])
    def delete(self, request: Request, cart_id: UUID) -> Response:
        """Empty the cart and free everything it kept."""
        return Response(carts.clear(cart_id=cart_id, customer_id=customer_id_of(request.user), now=clock.now()))


class CartLineView(APIView):
    """One line of a cart."""

    permission_classes = (Public,)

    @operation(
        request=QuantityRequest,
        responses={200: CartResponse},
        refusals=[NotFound, CartClosed, QuantityLimit, OutOfStock, NotForSale],
    )
    def patch(self, request: Request, cart_id: UUID, line_id: UUID) -> Response:
        """Give the line a new quantity and renew its claim."""
        wanted = read(QuantityRequest, request.data)
        cart = carts.set_quantity(
            cart_id=cart_id,
            line_id=line_id,
            quantity=wanted["quantity"],
            customer_id=customer_id_of(request.user),
            now=clock.now(),
        )
        return Response(cart)

    @operation(responses={200: CartResponse}, refusals=[NotFound, CartClosed])
    def delete(self, request: Request, cart_id: UUID, line_id: UUID) -> Response:
        """Take the line out and free what it kept."""
        customer_id = customer_id_of(request.user)
        return Response(carts.remove_line(cart_id=cart_id, line_id=line_id, customer_id=customer_id, now=clock.now()))


class CartClaimView(APIView):
    """A guest's cart at login."""

    permission_classes = (IsSignedIn,)

    @operation(request=None, responses={200: CartResponse}, refusals=[Forbidden, NotFound, CartClosed, CartFull])
    def post(self, request: Request, cart_id: UUID) -> Response:
        """Make the cart the customer's, or pour it into the one they have."""
        customer_id = known_customer_id_of(request.user)
        return Response(carts.take_over(cart_id=cart_id, customer_id=customer_id, now=clock.now()))


class CartQuoteView(APIView):
    """What ordering the cart would cost."""

    permission_classes = (Public,)

    @operation(request=QuoteRequest, responses={200: QuoteResponse}, refusals=[NotFound])
    def post(self, request: Request, cart_id: UUID) -> Response:
        """Return the prices and the pickup windows; writes nothing."""
        wanted = read(QuoteRequest, request.data)
        quote = carts.quote(
            cart_id=cart_id,
            customer_id=customer_id_of(request.user),
            payment_method=wanted["payment_method"],
            now=clock.now(),
        )
        return Response(quote)
