"""What is in a cart: adding, changing and removing lines, with the claims that keep their units.

New lines claim their units under claims made on the spot, all by one statement; changing a line that exists locks the
stock row first. Units are claimed last, because a sought-after product is locked from then to the commit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from cart import selectors
from cart.errors import CartFull, QuantityLimit
from cart.models import MAX_LINES, Cart, CartLine
from cart.pricing import FilledCart, Line
from cart.services import bounds
from cart.services.locking import at_todays_price, changed, deadline, opened_lines, prolong
from catalog import selectors as catalog
from catalog.errors import NotForSale
from catalog.selectors import Offer
from catalog.units import as_pieces, most_sold, refuse_quantity
from common import sql
from common.actors import Actor
from common.errors import NotFound
from common.transactions import locked, within_unit_of_work
from common.use_cases import use_case
from inventory import selectors as stock
from inventory import services as inventory
from inventory.errors import OutOfStock
from inventory.services import Need, Shortage
from scheduling import services as scheduling
from shop.policy import Policy


def _putting(cart: str) -> str:
    """Return the statement that puts new lines into the cart that `cart` writes, and says until when each is kept."""
    return f"""
WITH {bounds.KEEPING}, cart AS ({cart} RETURNING id), written AS (
    INSERT INTO cart_cartline (cart_id, kind, public_id, variant_id, quantity, claim, unit_price_seen, held_since)
    SELECT cart.id, 'goods', line.public_id, line.variant_id, line.quantity, line.claim, line.price,
           CASE WHEN {bounds.KEPT_UNTIL} > %(now)s THEN %(now)s END
    FROM cart, unnest(
        %(ids)s::uuid[], %(variants)s::bigint[], %(quantities)s::int[], %(claims)s::uuid[], %(prices)s::numeric[]
    ) WITH ORDINALITY AS line (public_id, variant_id, quantity, claim, price, place)
    ORDER BY line.place
)
SELECT cart.id, kept.variant_id, min(kept.until) FROM cart LEFT JOIN kept ON true GROUP BY cart.id, kept.variant_id
"""  # noqa: S608 - expressions of our own, no values


INTO_NEW_CART = _putting("""
    INSERT INTO cart_cart (public_id, customer_id, status, address, created_at, expires_at)
    VALUES (%(cart_id)s, %(customer)s, 'open', %(address)s, %(now)s, %(expires_at)s)
""")
INTO_CART = _putting("UPDATE cart_cart SET expires_at = %(expires_at)s WHERE id = %(cart)s")

_UPDATE_LINE = f"""
WITH {bounds.KEEPING}, line AS (
    UPDATE cart_cartline line SET quantity = %(quantity)s, unit_price_seen = %(price)s,
        held_since = coalesce(line.held_since, CASE WHEN {bounds.KEPT_UNTIL} > %(now)s THEN %(now)s END)
    WHERE line.public_id = %(public_id)s
)
UPDATE cart_cart SET expires_at = %(expires_at)s WHERE id = %(cart)s RETURNING (SELECT min(until) FROM kept)
"""  # noqa: S608 - expressions of our own, no values


@dataclass(frozen=True)
class Units:
    """So many units of a SKU, as a client asks for them; `pointer` says where in its request."""

    sku: str
    quantity: int
    pointer: str = "/quantity"


@use_case()
def add_units(*, cart_id: UUID, units: Units, customer_id: int | None, now: datetime) -> FilledCart:
    """Add units to the cart's line of that SKU, claim them, and return the whole cart.

    Raises NotFound, CartClosed, CartFull, QuantityLimit, UnknownSku, NotForSale, OutOfStock, TooManyHolds, Malformed
    (more than is sold at once).
    """
    cart, lines, policy = opened_lines(cart_id=cart_id, customer_id=customer_id, now=now)
    line = next((line for line in lines if line.sku == units.sku and line.kind == CartLine.Kind.GOODS), None)
    if line is not None:
        refuse_quantity(quantity=units.quantity, unit=line.unit)
        quantity = line.quantity + units.quantity
        lines = _resize(cart=cart, line=line, lines=lines, quantity=quantity, policy=policy, now=now)
    else:
        lines += put_new(INTO_CART, cart=cart, lines=lines, units=[units], policy=policy, now=now)
    return selectors.filled(cart=cart, lines=lines, currency=policy.currency, now=now)


@use_case()
def set_quantity(*, cart_id: UUID, line_id: UUID, quantity: int, customer_id: int | None, now: datetime) -> FilledCart:
    """Give a line a new quantity, renew its claim, and return the whole cart.

    Raises NotFound, CartClosed, NotForSale, OutOfStock, TooManyHolds, QuantityLimit (a visit is always one), Malformed
    (more than is sold at once).
    """
    cart, lines, policy = opened_lines(cart_id=cart_id, customer_id=customer_id, now=now)
    line = _line(lines=lines, line_id=line_id)
    if line.kind == CartLine.Kind.VISIT:
        raise QuantityLimit(max=1)
    refuse_quantity(quantity=quantity, unit=line.unit)
    lines = _resize(cart=cart, line=line, lines=lines, quantity=quantity, policy=policy, now=now)
    return selectors.filled(cart=cart, lines=lines, currency=policy.currency, now=now)


@use_case()
def remove_line(*, cart_id: UUID, line_id: UUID, customer_id: int | None, now: datetime) -> FilledCart:
    """Take a line out, free what it kept, and return the whole cart. Raises NotFound, CartClosed."""
    cart, lines, policy = opened_lines(cart_id=cart_id, customer_id=customer_id, now=now)
    line = _line(lines=lines, line_id=line_id)
    _take_out(cart=cart, lines=[line], policy=policy, now=now)
    left = [other for other in lines if other.public_id != line_id]
    return selectors.filled(cart=cart, lines=left, currency=policy.currency, now=now)


@use_case()
def clear(*, cart_id: UUID, customer_id: int | None, now: datetime) -> FilledCart:
    """Empty the cart, free everything it kept, and return it. Raises NotFound, CartClosed."""
    cart, lines, policy = opened_lines(cart_id=cart_id, customer_id=customer_id, now=now)
    _take_out(cart=cart, lines=lines, policy=policy, now=now)
    return selectors.filled(cart=cart, lines=[], currency=policy.currency, now=now)


@use_case()
def release_line(*, line_id: UUID, actor: Actor, now: datetime) -> None:
    """Free what a line keeps, for the shop; the line stays in its cart, and can still be ordered if that is possible.

    Its units are not kept for it again before it has rested, in no cart of whoever kept them. Safe to repeat.

    Raises NotFound.
    """
    cart = locked(Cart.objects.filter(lines__public_id=line_id)).first()
    line = CartLine.objects.filter(public_id=line_id, cart=cart).first()
    if cart is None or line is None:
        raise NotFound()
    if cart.status != Cart.Status.OPEN:
        return
    if line.kind == CartLine.Kind.VISIT:
        scheduling.release(claims=[line.claim], actor=actor, now=now, expired=True)
        return
    bounds.spend(keeper=bounds.keeper_of(cart=cart), variant_id=line.variant_id, now=now)
    inventory.release(claims=[line.claim])


@within_unit_of_work
def put_new(
    into: str, *, cart: Cart, lines: Sequence[Line], units: Sequence[Units], policy: Policy, now: datetime
) -> list[Line]:
    """Put units of SKUs that a cart does not have yet into it, claim them, and return their lines, one for each SKU.

    `into`: INTO_CART for a locked one, which has `lines`; INTO_NEW_CART for one that is to be written first.

    Raises CartFull, UnknownSku, NotForSale, Malformed, QuantityLimit, TooManyHolds, OutOfStock.
    """
    cart.expires_at = deadline(policy=policy, now=now)
    skus = sorted({wanted.sku for wanted in units})
    if len(lines) + len(skus) > MAX_LINES:
        raise CartFull(max=MAX_LINES)
    offers = catalog.offers_for_sale(skus=skus) if skus else []
    new = [new_line(offer=offer, quantity=summed(units, offer=offer)) for offer in offers]
    keeper = bounds.keeper_of(cart=cart)
    if new:
        bounds.refuse_units(keeper=keeper, units=_units(lines) + _units(new), policy=policy, now=now)
    written: dict[str, Any] = {
        "cart": cart.pk,
        "cart_id": cart.public_id,
        "customer": cart.customer_id,
        "address": cart.address,
        "expires_at": cart.expires_at,
        "ids": [line.public_id for line in new],
        "variants": [line.variant_id for line in new],
        "quantities": [line.quantity for line in new],
        "claims": [line.claim for line in new],
        "prices": [line.price_seen for line in new],
    }
    found = sql.rows(into, written | bounds.keeping(keeper=keeper, policy=policy, now=now))
    cart.pk = found[0][0]
    until = {variant_id: moment for _cart, variant_id, moment in found}
    put = [_kept(line, until=until.get(line.variant_id), now=now) for line in new]
    _claim(lines=put, now=now)
    return put


def summed(units: Iterable[Units], *, offer: Offer) -> int:
    """Return how many are wanted of a SKU that may be named several times. Raises Malformed, QuantityLimit."""
    mine = [wanted for wanted in units if wanted.sku == offer.sku]
    for wanted in mine:
        refuse_quantity(quantity=wanted.quantity, unit=offer.unit, pointer=wanted.pointer)
    quantity, most = sum(wanted.quantity for wanted in mine), most_sold(unit=offer.unit)
    if quantity > most:
        raise QuantityLimit(max=most)
    return quantity


def _claim(*, lines: Sequence[Line], now: datetime) -> None:
    """Claim the units of new lines, all at once; those of lines that keep nothing are only looked at."""
    kept = {need_of(line): line.held_until for line in lines if line.held_until is not None}
    _require_free(needs=[need_of(line) for line in lines if line.held_until is None], now=now)
    if kept:
        _refuse_shortage(inventory.hold_anew(needs=kept, now=now))


@within_unit_of_work
def give_back(*, lines: Iterable[Line], now: datetime) -> None:
    """Free the units and the time that lines keep; safe to repeat."""
    claims: dict[str, list[UUID]] = {CartLine.Kind.GOODS: [], CartLine.Kind.VISIT: []}
    for line in lines:
        claims[line.kind].append(line.claim)
    inventory.release(claims=claims[CartLine.Kind.GOODS])
    if claims[CartLine.Kind.VISIT]:
        scheduling.release(claims=claims[CartLine.Kind.VISIT], actor=Actor.system(door="api"), now=now)


def _refuse_shortage(shortages: Sequence[Shortage]) -> None:
    """Raise OutOfStock for the first line whose units are short; none passes."""
    for shortage in shortages:
        raise OutOfStock(sku=shortage.sku, requested=shortage.requested, available=shortage.available)


def new_line(*, offer: Offer, quantity: int) -> Line:
    """Return a line of goods as they are sold now, under a claim of its own. Raises NotForSale."""
    if offer.kind != "goods":
        raise NotForSale(sku=offer.sku)
    return Line(
        public_id=uuid4(),
        kind=CartLine.Kind.GOODS.value,
        variant_id=offer.variant_id,
        sku=offer.sku,
        name=offer.name,
        options=offer.options,
        quantity=quantity,
        unit=offer.unit,
        price_per=offer.price_per,
        unit_price=offer.price,
        price_seen=offer.price,
        claim=uuid4(),
        for_sale=True,
        lead_minutes=offer.lead_minutes,
    )


def need_of(line: Line) -> Need:
    """Return the units of a line, under its claim."""
    return Need(claim=line.claim, variant_id=line.variant_id, sku=line.sku, quantity=line.quantity)


def _kept(line: Line, *, until: datetime | None, now: datetime) -> Line:
    """Return a line just written, whose units may be kept until then; not at all where that is past, or None."""
    if until is None or until <= now:
        return line
    return replace(line, held_since=line.held_since or now, held_until=until)


def _resize(*, cart: Cart, line: Line, lines: list[Line], quantity: int, policy: Policy, now: datetime) -> list[Line]:
    most = most_sold(unit=line.unit)
    if quantity > most:
        raise QuantityLimit(max=most)
    if not line.for_sale:
        raise NotForSale(sku=line.sku)
    keeper = bounds.keeper_of(cart=cart)
    resized = at_todays_price(line=line, quantity=quantity)
    grown = quantity > line.quantity
    if grown:
        units = _units(changed(lines=lines, line=resized))
        bounds.refuse_units(keeper=keeper, units=units, policy=policy, now=now)
    cart.expires_at = deadline(policy=policy, now=now)
    written: dict[str, Any] = {
        "cart": cart.pk,
        "expires_at": cart.expires_at,
        "public_id": line.public_id,
        "variants": [line.variant_id],
        "quantity": quantity,
        "price": line.unit_price,
    }
    [(until,)] = sql.rows(_UPDATE_LINE, written | bounds.keeping(keeper=keeper, policy=policy, now=now))
    if until is not None and until > now:
        resized = _kept(resized, until=until, now=now)
        _refuse_shortage(inventory.hold(needs={need_of(resized): until}, now=now))
    else:
        resized = replace(resized, held_until=None) if grown else resized
        _require_free(needs=[need_of(resized)], now=now)
    return changed(lines=lines, line=resized)


def _units(lines: Iterable[Line]) -> int:
    """Return how many pieces of goods stand on the lines; a begun kilogram or litre is one."""
    goods = (line for line in lines if line.kind == CartLine.Kind.GOODS)
    return sum(as_pieces(quantity=line.quantity, unit=line.unit) for line in goods)


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
    if not needs:
        return
    free = stock.available(skus=[need.sku for need in needs], now=now)
    for need in needs:
        if need.quantity > free.get(need.sku, 0):
            raise OutOfStock(sku=need.sku, requested=need.quantity, available=free.get(need.sku, 0))
