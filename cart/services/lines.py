"""What is in a cart: adding, changing and removing lines, with the claims that keep their units.

A first line of a SKU claims its units under a claim made on the spot, by one conditional UPDATE;
changing a line that exists locks the stock row first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from cart import selectors
from cart.errors import CartFull, QuantityLimit
from cart.models import MAX_LINES, MAX_QUANTITY, Cart, CartLine
from cart.pricing import FilledCart, Line
from cart.services.locking import (
    at_todays_price,
    changed,
    deadline,
    hold_until,
    opened_lines,
    prolong,
)
from catalog import selectors as catalog
from catalog.errors import NotForSale
from common import sql
from common.actors import Actor
from common.errors import NotFound
from common.transactions import within_unit_of_work
from common.use_cases import use_case
from inventory import selectors as stock
from inventory import services as inventory
from inventory.errors import OutOfStock
from inventory.services import Need, Shortage
from scheduling import services as scheduling
from shop import services as shop
from shop.policy import Policy

_INSERT_LINE = """
WITH line AS (
    INSERT INTO cart_cartline (public_id, cart_id, kind, variant_id, quantity, claim, unit_price_seen, held_since)
    VALUES (%(public_id)s, %(cart)s, 'goods', %(variant)s, %(quantity)s, %(claim)s, %(price)s,
            %(held_since)s)
)
UPDATE cart_cart SET expires_at = %(expires_at)s WHERE id = %(cart)s
"""

_UPDATE_LINE = """
WITH line AS (
    UPDATE cart_cartline SET quantity = %(quantity)s, unit_price_seen = %(price)s, held_since = %(held_since)s
    WHERE public_id = %(public_id)s
)
UPDATE cart_cart SET expires_at = %(expires_at)s WHERE id = %(cart)s
"""


@dataclass(frozen=True)
class Units:
    """So many units of a SKU, as a client asks for them."""

    sku: str
    quantity: int


@use_case()
def add_units(*, cart_id: UUID, units: Units, customer_id: int | None, now: datetime) -> FilledCart:
    """Add units to the cart's line of that SKU, claim them, and return the whole cart.

    Raises NotFound, CartClosed, CartFull, QuantityLimit, UnknownSku, NotForSale, OutOfStock.
    """
    policy = shop.policy()
    cart, lines = opened_lines(cart_id=cart_id, customer_id=customer_id, policy=policy, now=now)
    lines = put_units(cart=cart, lines=lines, units=units, policy=policy, now=now)
    return selectors.filled(cart=cart, lines=lines, currency=policy.currency, now=now)


@use_case()
def set_quantity(*, cart_id: UUID, line_id: UUID, quantity: int, customer_id: int | None, now: datetime) -> FilledCart:
    """Give a line a new quantity, renew its claim, and return the whole cart.

    Raises NotFound, CartClosed, NotForSale, OutOfStock, QuantityLimit (a visit is always one).
    """
    policy = shop.policy()
    cart, lines = opened_lines(cart_id=cart_id, customer_id=customer_id, policy=policy, now=now)
    line = _line(lines=lines, line_id=line_id)
    if line.kind == CartLine.Kind.VISIT:
        raise QuantityLimit(max=1)
    lines = _resize(cart=cart, line=line, lines=lines, quantity=quantity, policy=policy, now=now)
    return selectors.filled(cart=cart, lines=lines, currency=policy.currency, now=now)


@use_case()
def remove_line(*, cart_id: UUID, line_id: UUID, customer_id: int | None, now: datetime) -> FilledCart:
    """Take a line out, free what it kept, and return the whole cart. Raises NotFound, CartClosed."""
    policy = shop.policy()
    cart, lines = opened_lines(cart_id=cart_id, customer_id=customer_id, policy=policy, now=now)
    line = _line(lines=lines, line_id=line_id)
    _take_out(cart=cart, lines=[line], policy=policy, now=now)
    left = [other for other in lines if other.public_id != line_id]
    return selectors.filled(cart=cart, lines=left, currency=policy.currency, now=now)


@use_case()
def clear(*, cart_id: UUID, customer_id: int | None, now: datetime) -> FilledCart:
    """Empty the cart, free everything it kept, and return it. Raises NotFound, CartClosed."""
    policy = shop.policy()
    cart, lines = opened_lines(cart_id=cart_id, customer_id=customer_id, policy=policy, now=now)
    _take_out(cart=cart, lines=lines, policy=policy, now=now)
    return selectors.filled(cart=cart, lines=[], currency=policy.currency, now=now)


@within_unit_of_work
def put_units(*, cart: Cart, lines: list[Line], units: Units, policy: Policy, now: datetime) -> list[Line]:
    """Add units to a locked cart, prolong it and return its lines; adding and opening with lines share it."""
    line = next((line for line in lines if line.sku == units.sku and line.kind == CartLine.Kind.GOODS), None)
    if line is not None:
        quantity = line.quantity + units.quantity
        return _resize(cart=cart, line=line, lines=lines, quantity=quantity, policy=policy, now=now)
    if len(lines) >= MAX_LINES:
        raise CartFull(max=MAX_LINES)
    until = hold_until(policy=policy, since=now, now=now)
    line = replace(_new_line(units=units), held_since=now if until is not None else None)
    need = Need(claim=line.claim, variant_id=line.variant_id, sku=line.sku, quantity=line.quantity)
    if until is None:
        _require_free(needs=[need], now=now)
    else:
        refuse_shortage(inventory.hold_anew(need=need, expires_at=until, now=now))
    _write(_INSERT_LINE, cart=cart, line=line, policy=policy, now=now)
    return changed(lines=lines, line=line)


@within_unit_of_work
def give_back(*, lines: Iterable[Line], now: datetime) -> None:
    """Free the units and the time that lines keep; safe to repeat."""
    claims: dict[str, list[UUID]] = {CartLine.Kind.GOODS: [], CartLine.Kind.VISIT: []}
    for line in lines:
        claims[line.kind].append(line.claim)
    inventory.release(claims=claims[CartLine.Kind.GOODS])
    if claims[CartLine.Kind.VISIT]:
        scheduling.release(claims=claims[CartLine.Kind.VISIT], actor=Actor.system(door="api"), now=now)


def refuse_shortage(shortage: Shortage | None) -> None:
    """Raise OutOfStock for a shortage of one line; None passes."""
    if shortage is not None:
        raise OutOfStock(sku=shortage.sku, requested=shortage.requested, available=shortage.available)


def _new_line(*, units: Units) -> Line:
    offer = catalog.offer(sku=units.sku)
    if offer.kind != "goods":
        raise NotForSale(sku=units.sku)
    return Line(
        public_id=uuid4(),
        kind=CartLine.Kind.GOODS.value,
        variant_id=offer.variant_id,
        sku=offer.sku,
        name=offer.name,
        options=offer.options,
        quantity=units.quantity,
        unit_price=offer.price,
        price_seen=offer.price,
        claim=uuid4(),
        for_sale=True,
        lead_minutes=offer.lead_minutes,
    )


def _resize(*, cart: Cart, line: Line, lines: list[Line], quantity: int, policy: Policy, now: datetime) -> list[Line]:
    if quantity > MAX_QUANTITY:
        raise QuantityLimit(max=MAX_QUANTITY)
    if not line.for_sale:
        raise NotForSale(sku=line.sku)
    since = line.held_since or now
    until = hold_until(policy=policy, since=since, now=now)
    need = Need(claim=line.claim, variant_id=line.variant_id, sku=line.sku, quantity=quantity)
    if until is None:
        _require_free(needs=[need], now=now)
    else:
        for shortage in inventory.hold(needs=[need], expires_at=until, now=now):
            refuse_shortage(shortage)
        line = replace(line, held_since=since)
    resized = at_todays_price(line=line, quantity=quantity)
    _write(_UPDATE_LINE, cart=cart, line=resized, policy=policy, now=now)
    return changed(lines=lines, line=resized)


def _write(statement: str, *, cart: Cart, line: Line, policy: Policy, now: datetime) -> None:
    """Write a line, and move the cart's deadline as every write does, in one statement."""
    cart.expires_at = deadline(policy=policy, now=now)
    sql.execute(
        statement,
        {
            "public_id": line.public_id,
            "cart": cart.pk,
            "variant": line.variant_id,
            "quantity": line.quantity,
            "claim": line.claim,
            "price": line.price_seen,
            "held_since": line.held_since,
            "expires_at": cart.expires_at,
        },
    )


def _take_out(*, cart: Cart, lines: Sequence[Line], policy: Policy, now: datetime) -> None:
    CartLine.objects.filter(public_id__in=[line.public_id for line in lines]).delete()
    give_back(lines=lines, now=now)
    prolong(cart=cart, policy=policy, now=now)


def _line(*, lines: Iterable[Line], line_id: UUID) -> Line:
    for line in lines:
        if line.public_id == line_id:
            return line
    raise NotFound()


def _require_free(*, needs: list[Need], now: datetime) -> None:
    """Where the shop holds nothing for carts, a line is still refused when the units are plainly not there."""
    free = stock.available(skus=[need.sku for need in needs], now=now)
    for need in needs:
        if need.quantity > free.get(need.sku, 0):
            raise OutOfStock(sku=need.sku, requested=need.quantity, available=free.get(need.sku, 0))
