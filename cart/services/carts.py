"""Whole carts: opening, taking over at login, closing with an order, running out.

Taking a guest's cart over never loses a line in silence. What could not be kept as it was is named in
the answer's `notices`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import PROTECT, Exists, ForeignObjectRel, OuterRef, QuerySet

from cart import selectors
from cart.errors import CartClosed, CartFull
from cart.models import MAX_LINES, Cart, CartLine
from cart.pricing import FilledCart, Line, Notice
from cart.services import bounds
from cart.services.lines import INTO_NEW_CART, Units, need_of, put_new
from cart.services.locking import changed, hold_until, prolong
from cart.services.visits import add_visit
from catalog.units import most_sold
from common.actors import Actor
from common.batches import delete_in_batches
from common.errors import Refusal
from common.transactions import locked, locked_if_free, unit_of_work, within_unit_of_work
from common.use_cases import use_case
from inventory import services as inventory
from inventory.errors import OutOfStock
from scheduling import services as scheduling
from scheduling.services import Wish
from shop import services as shop
from shop.policy import Policy

CLOSE = "UPDATE cart_cart SET status = 'ordered' WHERE id = %(cart)s"
"""Marks a locked cart as ordered, within the statement that writes its order. Its lines stay, for whoever reads it."""

GUEST = Actor(kind="guest", id="", door="api")


@dataclass(frozen=True)
class _Sum:
    """A line of the customer's that takes in one of the guest's, whose claim it replaces.

    `wanted`: how many both have asked for; `until`: how long the units are kept, or None.
    """

    line: Line
    wanted: int
    replaced: UUID
    until: datetime | None


def open_cart(
    *,
    units: Sequence[Units],
    customer_id: int | None,
    now: datetime,
    wishes: Sequence[Wish] = (),
    actor: Actor = GUEST,
) -> FilledCart:
    """Open a cart with all of `units` and `wishes` in it, or not at all, and return it.

    Visits need leases that are taken before a transaction opens, so a cart with visits is filled step by step and
    thrown away whole when a step is refused; nobody has learnt its id by then.

    Raises what adding a line raises; then there is no cart.
    """
    cart = _open(units=units, customer_id=customer_id, address=actor.address, now=now)
    try:
        for wish in wishes:
            cart = add_visit(cart_id=cart.public_id, wish=wish, customer_id=customer_id, actor=actor, now=now)
    except Refusal:
        _discard(cart_id=cart.public_id, now=now)
        raise
    return cart


@use_case()
def _open(*, units: Sequence[Units], customer_id: int | None, address: str, now: datetime) -> FilledCart:
    """Open a cart with units in it."""
    policy = shop.policy()
    cart = Cart(customer_id=customer_id, address=address, created_at=now)
    lines = put_new(INTO_NEW_CART, cart=cart, lines=[], units=units, policy=policy, now=now)
    return selectors.filled(cart=cart, lines=lines, currency=policy.currency, now=now)


@use_case()
def _discard(*, cart_id: UUID, now: datetime) -> None:
    """Throw a cart away that nobody knows of yet."""
    cart = locked(Cart.objects.filter(public_id=cart_id)).get()
    lines = CartLine.objects.filter(cart=cart)
    _free(lines=lines, actor=Actor.system(door="api"), now=now)
    lines.delete()
    Cart.objects.filter(pk=cart.pk).delete()


@use_case()
def take_over(*, cart_id: UUID, customer_id: int, now: datetime) -> FilledCart:
    """Make a guest's cart the customer's, or merge it into the open cart the customer already has.

    Lines of one SKU are summed and capped; `notices` name every line that was capped, whose units could not be held, or
    that is no longer for sale. Repeating it on the customer's own cart changes nothing.

    Raises NotFound, CartClosed, CartFull.
    """
    policy = shop.policy()
    guest, own = _locked_pair(cart_id=cart_id, customer_id=customer_id, now=now)
    lines, notices = selectors.lines_of(cart=own, timezone=policy.timezone, now=now), list[Notice]()
    if guest.pk == own.pk:
        Cart.objects.filter(pk=own.pk).update(customer=customer_id)
    else:
        lines, notices = _merge_lines(guest_cart=guest, own_cart=own, own_lines=lines, policy=policy, now=now)
        bounds.pass_on(origin=guest, target=own)
        Cart.objects.filter(pk=guest.pk).update(status=Cart.Status.MERGED)
    notices += [_notice("not_for_sale", line=line, requested=line.quantity) for line in lines if not line.for_sale]
    visits = [line.claim for line in lines if line.kind == CartLine.Kind.VISIT]
    scheduling.pass_on(claims=visits, holder=own.public_id, customer_id=customer_id)
    prolong(cart=own, policy=policy, now=now)
    lines = selectors.lines_of(cart=own, timezone=policy.timezone, now=now)
    return selectors.filled(cart=own, lines=lines, currency=policy.currency, now=now, notices=notices)


@within_unit_of_work
def lock_for_order(*, cart_id: UUID, customer_id: int | None) -> tuple[Cart, Policy]:
    """Lock a cart that is about to be ordered, and return it with the shop's rules.

    A closed one is returned too, for the caller to name its order. Raises NotFound.
    """
    return selectors.locked_cart(cart_id=cart_id, customer_id=customer_id)


def expire_carts(*, now: datetime, batch: int = 100) -> int:
    """Write down which open carts ran out and free what they still keep; returns how many.

    Carts another process has locked are left to it. Nothing depends on it: a cart past its deadline is closed anyway.
    What is no longer remembered against anybody is deleted too.
    """
    bounds.forget(policy=shop.policy(), now=now)
    expired = 0
    while True:
        with unit_of_work():
            due = Cart.objects.filter(status=Cart.Status.OPEN, expires_at__lte=now)
            carts = list(locked_if_free(due).values_list("pk", flat=True)[:batch])
            _free(lines=CartLine.objects.filter(cart__in=carts), actor=Actor.system(door="task"), now=now, expired=True)
            expired += Cart.objects.filter(pk__in=carts).update(status=Cart.Status.EXPIRED, address="")
        if len(carts) < batch:
            return expired


def forget_carts(*, now: datetime, batch: int = 1000) -> int:
    """Delete carts that ran out, or went into another, long ago and that nothing points at; returns how many."""
    old = Cart.objects.filter(
        status__in=(Cart.Status.EXPIRED, Cart.Status.MERGED),
        expires_at__lt=now - timedelta(days=settings.CARTS_KEPT_DAYS),
    )
    for other in Cart._meta.get_fields(include_hidden=True):  # such as a sale that was parked
        if isinstance(other, ForeignObjectRel) and other.on_delete is PROTECT:
            pointing = other.related_model._base_manager.filter(**{other.field.name: OuterRef("pk")})
            old = old.exclude(Exists(pointing))
    return delete_in_batches(old, size=batch)


@within_unit_of_work
def erase_addresses(*, carts: QuerySet[Cart]) -> None:
    """Forget from where the carts of somebody were opened who is erased; safe to repeat."""
    carts.exclude(address="").update(address="")


def _free(*, lines: QuerySet[CartLine], actor: Actor, now: datetime, expired: bool = False) -> None:
    """Free what lines keep, whatever it is."""
    claims = list(lines.values_list("kind", "claim"))
    inventory.release(claims=[claim for kind, claim in claims if kind == CartLine.Kind.GOODS])
    visits = [claim for kind, claim in claims if kind == CartLine.Kind.VISIT]
    if visits:
        scheduling.release(claims=visits, actor=actor, now=now, expired=expired)


@within_unit_of_work
def keep_for_counter(*, cart: Cart, goods: Sequence[Line], until: datetime, now: datetime) -> None:
    """Keep the units of a cart just opened at the counter until it runs out. Raises OutOfStock, naming every line."""
    Cart.objects.filter(pk=cart.pk).update(expires_at=until)
    CartLine.objects.filter(cart=cart).update(held_since=now)
    short = inventory.hold(needs={need_of(line): until for line in goods}, now=now)
    if short:
        units = [{"sku": one.sku, "requested": one.requested, "available": one.available} for one in short]
        raise OutOfStock(lines=units)


@within_unit_of_work
def give_up(*, cart_id: int, actor: Actor, now: datetime) -> None:
    """Close a cart of the counter and free what it keeps; one that is closed stays as it is."""
    cart = locked(Cart.objects.filter(pk=cart_id, status=Cart.Status.OPEN)).first()
    if cart is not None:
        _free(lines=CartLine.objects.filter(cart=cart), actor=actor, now=now)
        Cart.objects.filter(pk=cart.pk).update(status=Cart.Status.EXPIRED)


def _locked_pair(*, cart_id: UUID, customer_id: int, now: datetime) -> tuple[Cart, Cart]:
    """Return the guest's cart and the customer's open one, locked in pk order; one cart twice if there is but one."""
    named = Cart.objects.filter(public_id=cart_id)
    mine = Cart.objects.filter(customer=customer_id, status=Cart.Status.OPEN, expires_at__gt=now).exclude(
        public_id=cart_id
    )
    newest = mine.order_by("-pk").values("pk")[:1]
    carts = list(locked(Cart.objects.filter(pk__in=named.values("pk").union(newest))))
    guest = selectors.owned(
        cart=next((cart for cart in carts if cart.public_id == cart_id), None), customer_id=customer_id
    )
    if selectors.effective_status(cart=guest, now=now) != Cart.Status.OPEN:
        raise CartClosed()
    if guest.customer_id == customer_id:
        return guest, guest
    own = next(
        (
            cart
            for cart in carts
            if cart.pk != guest.pk and selectors.effective_status(cart=cart, now=now) == Cart.Status.OPEN
        ),
        guest,
    )
    return guest, own


def _merge_lines(
    *, guest_cart: Cart, own_cart: Cart, own_lines: Sequence[Line], policy: Policy, now: datetime
) -> tuple[list[Line], list[Notice]]:
    """Move the guest's lines that the customer has no line for, sum the others, and claim the sums."""
    lines, notices, moved, sums = list(own_lines), list[Notice](), list[UUID](), list[_Sum]()
    for theirs in selectors.lines_of(cart=guest_cart, timezone=policy.timezone, now=now):
        same = (line for line in lines if line.kind == CartLine.Kind.GOODS and line.variant_id == theirs.variant_id)
        mine = next(same, None) if theirs.kind == CartLine.Kind.GOODS else None
        if mine is None:
            if len(lines) >= MAX_LINES:
                raise CartFull(max=MAX_LINES)
            moved.append(theirs.public_id)
            lines.append(theirs)
            continue
        wanted = mine.quantity + theirs.quantity
        summed = replace(mine, quantity=min(wanted, most_sold(unit=mine.unit)))
        if summed.quantity < wanted:
            notices.append(_notice("quantity_capped", line=summed, requested=wanted))
        since = min(filter(None, (mine.held_since, theirs.held_since)), default=now)
        CartLine.objects.filter(public_id=mine.public_id).update(quantity=summed.quantity, held_since=since)
        until = hold_until(policy=policy, since=since, now=now) if mine.for_sale else None
        sums.append(_Sum(line=summed, wanted=wanted, replaced=theirs.claim, until=until))
        lines = changed(lines=lines, line=summed)
    CartLine.objects.filter(public_id__in=moved).update(cart=own_cart)
    CartLine.objects.filter(cart=guest_cart).delete()
    return lines, notices + _claim_sums(sums=sums, now=now)


def _claim_sums(*, sums: Sequence[_Sum], now: datetime) -> list[Notice]:
    """Keep the sums instead of what the guest kept, all under one lock, and say which of them could not be kept."""
    inventory.release(claims=[one.replaced for one in sums], variants=[one.line.variant_id for one in sums])
    needs = {need_of(one.line): one.until for one in sums if one.until is not None}
    short = {shortage.claim for shortage in inventory.hold(needs=needs, now=now)}
    if short:
        enough = {need: until for need, until in needs.items() if need.claim not in short}
        inventory.hold(needs=enough, now=now)
    return [_notice("not_held", line=one.line, requested=one.wanted) for one in sums if one.line.claim in short]


def _notice(code: str, *, line: Line, requested: int) -> Notice:
    return Notice(code=code, sku=line.sku, requested=requested, quantity=line.quantity)
