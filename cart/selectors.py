"""Reads of carts worth a name. They renew nothing and tidy nothing.

Names, options and prices are today's, read from the catalogue each time; the line only remembers the
price its customer last saw.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import DEFAULT_DB_ALIAS

from cart.errors import CartClosed
from cart.models import Cart, CartLine
from cart.pricing import FilledCart, Line, Notice, Visit, VisitService
from catalog import selectors as catalog
from common import sql
from common.errors import NotFound
from common.transactions import within_unit_of_work
from inventory import selectors as inventory
from scheduling import selectors as scheduling
from scheduling.selectors import ClaimedVisit
from shop import services as shop
from shop.policy import Policy
from shop.selectors import POLICY_COLUMNS, policy_of

_LINES = f"""
SELECT line.public_id, line.kind, line.quantity, line.claim, line.unit_price_seen, line.held_since,
       {inventory.KEPT_UNTIL}, {catalog.OFFER_COLUMNS}
FROM cart_cartline line
JOIN catalog_variant variant ON variant.id = line.variant_id
JOIN catalog_product product ON product.id = variant.product_id
WHERE line.cart_id = %(cart)s ORDER BY line.id
"""  # noqa: S608 - names of columns, no values

_VISIT_CLAIMS = """
SELECT line.claim FROM cart_cartline line JOIN cart_cart cart ON cart.id = line.cart_id
WHERE cart.public_id = %(cart)s AND line.kind = 'visit'
"""

CART_COLUMNS = [field.attname for field in Cart._meta.concrete_fields]
_CART = f"SELECT {', '.join(CART_COLUMNS)} FROM cart_cart WHERE public_id = %(cart)s"  # noqa: S608 - names of columns
_LOCKED = f"""
SELECT {POLICY_COLUMNS}, {", ".join(CART_COLUMNS)} FROM cart_cart WHERE public_id = %(cart)s {sql.FOR_WRITING}
"""  # noqa: S608 - names of columns


def effective_status(*, cart: Cart, now: datetime) -> str:
    """Return the cart's status as it is at `now`, swept or not."""
    if cart.status == Cart.Status.OPEN and cart.expires_at <= now:
        return Cart.Status.EXPIRED.value
    return str(cart.status)


def owned(*, cart: Cart | None, customer_id: int | None) -> Cart:
    """Return the cart if it is the caller's to see: a guest's by its id, a customer's only for that customer.

    Raises NotFound.
    """
    if cart is None or (cart.customer_id is not None and cart.customer_id != customer_id):
        raise NotFound()
    return cart


def require_open(*, cart_id: UUID, customer_id: int | None, now: datetime) -> None:
    """Refuse a cart that cannot be written to, before anybody waits for a lease on its behalf.

    Raises NotFound, CartClosed.
    """
    cart = owned(cart=cart_of(cart_id=cart_id), customer_id=customer_id)
    if effective_status(cart=cart, now=now) != Cart.Status.OPEN:
        raise CartClosed()


def lines_of(*, cart: Cart, timezone: str, now: datetime) -> list[Line]:
    """Return the cart's lines with today's names and prices, and until when all that they want is held.

    One statement; a cart with visits takes two more. `timezone`: the shop's, in which visits are shown.
    """
    lines = [_line(row=row) for row in sql.rows(_LINES, {"cart": cart.pk, "now": now})]
    claims = [line.claim for line in lines if line.kind == CartLine.Kind.VISIT]
    visits = scheduling.claimed_visits(claims=claims, now=now) if claims else {}
    return [
        line if line.kind == CartLine.Kind.GOODS else _as_visit(line=line, visit=visits.get(line.claim), zone=timezone)
        for line in lines
    ]


def visit_claims(*, cart_id: UUID) -> frozenset[UUID]:
    """Return the claims of the visits in a cart, for whoever needs their lease before opening a transaction."""
    return frozenset(claim for (claim,) in sql.rows(_VISIT_CLAIMS, {"cart": cart_id}))


def cart_of(*, cart_id: UUID) -> Cart | None:
    """Return the cart of that id."""
    found = sql.rows(_CART, {"cart": cart_id})
    return Cart.from_db(DEFAULT_DB_ALIAS, CART_COLUMNS, found[0]) if found else None


@within_unit_of_work
def locked_cart(*, cart_id: UUID, customer_id: int | None) -> tuple[Cart, Policy]:
    """Lock the caller's cart and return it with the shop's rules, in one statement. Raises NotFound."""
    found = sql.rows(_LOCKED, {"cart": cart_id})
    if not found:
        raise NotFound()
    row, hours, days, *columns = found[0]
    cart = owned(cart=Cart.from_db(DEFAULT_DB_ALIAS, CART_COLUMNS, columns), customer_id=customer_id)
    return cart, policy_of(row, hours, days)


def filled(
    *, cart: Cart, lines: Sequence[Line], currency: str, now: datetime, notices: Sequence[Notice] = ()
) -> FilledCart:
    """Return the cart with these lines in it."""
    return FilledCart(
        public_id=cart.public_id,
        status=effective_status(cart=cart, now=now),
        currency=currency,
        expires_at=cart.expires_at,
        lines=tuple(lines),
        notices=tuple(notices),
    )


def read_cart(*, cart_id: UUID, customer_id: int | None, now: datetime) -> FilledCart:
    """Return the whole cart, whatever its status. Raises NotFound."""
    cart = owned(cart=cart_of(cart_id=cart_id), customer_id=customer_id)
    policy = shop.policy()
    lines = lines_of(cart=cart, timezone=policy.timezone, now=now)
    return filled(cart=cart, lines=lines, currency=policy.currency, now=now)


def _line(*, row: tuple[Any, ...]) -> Line:
    public_id, kind, quantity, claim, seen, held_since, held_until, *offer_columns = row
    offer = catalog.offer_from(columns=offer_columns)
    return Line(
        public_id=public_id,
        kind=kind,
        variant_id=offer.variant_id,
        sku=offer.sku,
        name=offer.name,
        options=offer.options,
        quantity=quantity,
        unit=offer.unit,
        price_per=offer.price_per,
        unit_price=offer.price,
        price_seen=seen,
        claim=claim,
        for_sale=offer.for_sale,
        lead_minutes=offer.lead_minutes,
        held_since=held_since,
        held_until=held_until,
        deposit=offer.deposit.of(price=offer.price, units=quantity, price_per=offer.price_per) or None,
    )


def _as_visit(*, line: Line, visit: ClaimedVisit | None, zone: str) -> Line:
    """Return the line of a visit at today's price; one whose time was never written down is not for sale."""
    if visit is None:
        return replace(line, for_sale=False)
    held = visit.live and visit.state == "held"
    return replace(
        line,
        sku=visit.services[0].sku,
        name=" + ".join(service.name for service in visit.services),
        options=(),
        unit_price=visit.price,
        for_sale=visit.for_sale,
        held_until=visit.held_until if held else None,
        visit=_visit(visit=visit, zone=ZoneInfo(zone)),
        deposit=visit.deposit or None,
        needs_acceptance=visit.requires_confirmation and visit.state not in ("confirmed", "completed"),
    )


def _visit(*, visit: ClaimedVisit, zone: ZoneInfo) -> Visit:
    return Visit(
        appointment=visit.appointment,
        starts_at=visit.starts_at.astimezone(zone),
        ends_at=visit.ends_at.astimezone(zone),
        timezone=zone.key,
        professional_id=visit.professional_id,
        professional=visit.professional,
        services=tuple(
            VisitService(sku=one.sku, name=one.name, price=one.price, duration_minutes=one.duration)
            for one in visit.services
        ),
    )
