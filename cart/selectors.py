"""Reads of carts worth a name. They renew nothing and tidy nothing.

What surprises: names, options and prices are today's, read from the catalogue each time; the line only remembers the
price its customer last saw.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from cart.documents import CartState, cart_document
from cart.models import Cart, CartLine
from cart.pricing import Line
from catalog import selectors as catalog
from common.errors import NotFound
from inventory import selectors as inventory
from shop import services as shop


def effective_status(*, cart: Cart, now: datetime) -> str:
    """Will return the cart's status as it is at `now`, swept or not."""
    if cart.status == Cart.Status.OPEN and cart.expires_at <= now:
        return Cart.Status.EXPIRED.value
    return str(cart.status)


def owned(*, cart: Cart | None, customer_id: int | None) -> Cart:
    """Will return the cart if it is the caller's to see: a guest's by its id, a customer's only for that customer.

    Raises NotFound.
    """
    if cart is None or (cart.customer_id is not None and cart.customer_id != customer_id):
        raise NotFound()
    return cart


def lines_of(*, cart: Cart) -> list[Line]:
    """Will return the cart's lines with today's names and prices, in one statement; without their claims."""
    rows = (
        CartLine.objects.filter(cart=cart)
        .order_by("pk")
        .values_list(
            "public_id",
            "kind",
            "variant_id",
            "quantity",
            "claim",
            "unit_price_seen",
            *(f"variant__{column}" for column in catalog.OFFER_COLUMNS),
        )
    )
    return [_line(row=row) for row in rows]


def with_claims(*, lines: Sequence[Line], now: datetime) -> list[Line]:
    """Will return the lines knowing until when their units are held; one statement."""
    claims = inventory.live_claims(claims=[line.claim for line in lines], now=now) if lines else {}
    return [replace(line, held_until=claims[line.claim].expires_at if line.claim in claims else None) for line in lines]


def state_of(*, cart: Cart, currency: str, now: datetime) -> CartState:
    """Will return what is shown of the cart beside its lines."""
    return CartState(
        public_id=cart.public_id,
        status=effective_status(cart=cart, now=now),
        currency=currency,
        expires_at=cart.expires_at,
    )


def read_cart(*, cart_id: UUID, customer_id: int | None, now: datetime) -> dict[str, Any]:
    """Will return the whole cart, whatever its status. Raises NotFound."""
    cart = owned(cart=Cart.objects.filter(public_id=cart_id).first(), customer_id=customer_id)
    lines = with_claims(lines=lines_of(cart=cart), now=now)
    return cart_document(cart=state_of(cart=cart, currency=shop.policy().currency, now=now), lines=lines)


def _line(*, row: tuple[Any, ...]) -> Line:
    public_id, kind, variant_id, quantity, claim, seen, *offer_columns = row
    offer = catalog.offer_from(columns=offer_columns, variant_id=variant_id)
    return Line(
        public_id=public_id,
        kind=kind,
        variant_id=variant_id,
        sku=offer.sku,
        name=offer.name,
        options=offer.options,
        quantity=quantity,
        unit_price=offer.price,
        price_seen=seen,
        claim=claim,
        for_sale=offer.for_sale,
        lead_minutes=offer.lead_minutes,
    )
