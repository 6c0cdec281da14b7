"""What is in a cart: adding, changing and removing lines, with the claims that keep their units.

A first line of a SKU claims its units under a claim made on the spot, by one conditional UPDATE;
changing a line that exists locks the stock row first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from cart import selectors
from cart.errors import CartFull, QuantityLimit
from cart.models import MAX_LINES, MAX_QUANTITY, Cart, CartLine
from cart.pricing import FilledCart, Line
from cart.services import bounds
from cart.services.bounds import Keeper
from cart.services.locking import at_todays_price, changed, deadline, opened_lines, prolong
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

_INSERT_LINE = f"""
WITH {bounds.KEEPING}, line AS (
    INSERT INTO cart_cartline (public_id, cart_id, kind, variant_id, quantity, claim, unit_price_seen, held_since)
    VALUES (%(public_id)s, %(cart)s, 'goods', %(variant)s, %(quantity)s, %(claim)s, %(price)s,
            CASE WHEN {bounds.KEPT_UNTIL} > %(now)s THEN %(now)s END)
)
UPDATE cart_cart SET expires_at = %(expires_at)s WHERE id = %(cart)s RETURNING {bounds.KEPT_UNTIL}
"""  # noqa: S608 - expressions of our own, no values

_UPDATE_LINE = f"""
WITH {bounds.KEEPING}, line AS (
    UPDATE cart_cartline SET quantity = %(quantity)s, unit_price_seen = %(price)s,
        held_since = coalesce(held_since, CASE WHEN {bounds.KEPT_UNTIL} > %(now)s THEN %(now)s END)
    WHERE public_id = %(public_id)s
)
UPDATE cart_cart SET expires_at = %(expires_at)s WHERE id = %(cart)s RETURNING {bounds.KEPT_UNTIL}
"""  # noqa: S608 - expressions of our own, no values


@dataclass(frozen=True)
class Units:
    """So many units of a SKU, as a client asks for them."""

    sku: str
    quantity: int


@use_case()
def add_units(*, cart_id: UUID, units: Units, customer_id: int | None, now: datetime) -> FilledCart:
    """Add units to the cart's line of that SKU, claim them, and return the whole cart.

    Raises NotFound, CartClosed, CartFull, QuantityLimit, UnknownSku, NotForSale, OutOfStock, TooManyHolds.
    """
    policy = shop.policy()
    cart, lines = opened_lines(cart_id=cart_id, customer_id=customer_id, policy=policy, now=now)
    lines = put_units(cart=cart, lines=lines, units=units, policy=policy, now=now)
    return selectors.filled(cart=cart, lines=lines, currency=policy.currency, now=now)


@use_case()
def set_quantity(*, cart_id: UUID, line_id: UUID, quantity: int, customer_id: int | None, now: datetime) -> FilledCart:
    """Give a line a new quantity, renew its claim, and return the whole cart.

    Raises NotFound, CartClosed, NotForSale, OutOfStock, TooManyHolds, QuantityLimit (a visit is always one).
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
    line = _new_line(units=units)
    keeper = bounds.keeper_of(cart=cart)
    bounds.refuse_units(keeper=keeper, units=_units(lines) + line.quantity, policy=policy, now=now)
    line, until = _write(_INSERT_LINE, line=line, keeper=keeper, policy=policy, now=now)
    need = Need(claim=line.claim, variant_id=line.variant_id, sku=line.sku, quantity=line.quantity)
    if until is None:
        _require_free(needs=[need], now=now)
    else:
        refuse_shortage(inventory.hold_anew(need=need, expires_at=until, now=now))
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
    keeper = bounds.keeper_of(cart=cart)
    if quantity > line.quantity:
        units = _units(lines) + quantity - line.quantity
        bounds.refuse_units(keeper=keeper, units=units, policy=policy, now=now)
    resized = at_todays_price(line=line, quantity=quantity)
    resized, until = _write(_UPDATE_LINE, line=resized, keeper=keeper, policy=policy, now=now)
    need = Need(claim=line.claim, variant_id=line.variant_id, sku=line.sku, quantity=quantity)
    if until is None:
        _require_free(needs=[need], now=now)
    else:
        for shortage in inventory.hold(needs=[need], expires_at=until, now=now):
            refuse_shortage(shortage)
    return changed(lines=lines, line=resized)


def _write(
    statement: str, *, line: Line, keeper: Keeper, policy: Policy, now: datetime
) -> tuple[Line, datetime | None]:
    """Write a line, move the cart's deadline as every write does, and remember since when its units are kept.

    One statement. Returns the line and until when its units may be kept; None: not at all.
    """
    cart = keeper.cart
    cart.expires_at = deadline(policy=policy, now=now)
    written: dict[str, Any] = {
        "public_id": line.public_id,
        "cart": cart.pk,
        "variant": line.variant_id,
        "quantity": line.quantity,
        "claim": line.claim,
        "price": line.price_seen,
        "expires_at": cart.expires_at,
    }
    [(until,)] = sql.rows(statement, written | bounds.keeping(keeper=keeper, policy=policy, now=now))
    if until is None or until <= now:
        return line, None
    return replace(line, held_since=line.held_since or now), until


def _units(lines: Iterable[Line]) -> int:
    """Return how many units of goods stand on the lines."""
    return sum(line.quantity for line in lines if line.kind == CartLine.Kind.GOODS)


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
