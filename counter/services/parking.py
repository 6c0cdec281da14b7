"""Sales that wait: parked under a name, changed, taken and paid, or dropped.

A parked sale holds nothing, unless it is told to keep its goods: then a cart keeps them until its deadline. Whoever
changes one names the version they have seen. Paying one locks it, so of two tills one sells it. Who it was for is known
while it waits, and to nobody once it is sold or dropped.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from cart import services as carts
from common.actors import Actor
from common.errors import FieldError, InvalidTransition, Malformed, NotFound
from common.text import is_clean, one_line
from common.transactions import locked, within_unit_of_work
from common.use_cases import use_case
from counter.errors import ParkedChanged
from counter.models import ParkedSale, ParkedStep
from counter.services.baskets import Basket, basket_of
from counter.services.commands import Parked, Sale, Taking
from counter.services.records import kept, sale_from, without_people
from orders.models import Order
from shop.policy import Policy

MAX_LABEL = 60
NO_LABEL = "-"
OPEN = ParkedSale.Status.OPEN.value


def parked(*, now: datetime) -> list[Parked]:
    """Return the sales that wait, by the names they wait under."""
    rows = ParkedSale.objects.filter(status=OPEN).select_related("cart").order_by("label_key", "pk")
    return [_value(row, now=now) for row in rows]


def parked_sale(*, public_id: UUID, now: datetime) -> Parked:
    """Return a sale that waits or waited. Raises NotFound."""
    row = ParkedSale.objects.filter(public_id=public_id).select_related("cart").first()
    if row is None:
        raise NotFound()
    return _value(row, now=now)


def park(*, sale: Sale, label: str, keep: bool, actor: Actor, now: datetime, key: UUID) -> Parked:
    """Let a sale wait under a name, and return it; `key` becomes its id, so the same key again parks it once.

    Raises Malformed, LabelTaken, and what looking the sale up raises; OutOfStock where it is told to keep its goods.
    """
    clean = _label(label)
    there = ParkedSale.objects.filter(public_id=key).first()
    if there is not None:
        return parked_sale(public_id=key, now=now)
    basket = _basket(sale=sale, actor=actor, now=now)
    return _park(sale=sale, basket=basket, label=clean, keep=keep, actor=actor, now=now, key=key)


def change_parked(*, taking: Taking, sale: Sale, label: str, keep: bool, actor: Actor, now: datetime) -> Parked:
    """Replace what a parked sale holds, its name and whether it keeps its goods, and return it.

    Raises NotFound, InvalidTransition (it waits no more), ParkedChanged, and what `park` raises.
    """
    clean = _label(label)
    basket = _basket(sale=sale, actor=actor, now=now)
    return _change(taking=taking, sale=sale, basket=basket, label=clean, keep=keep, actor=actor, now=now)


@use_case()
def drop_parked(*, taking: Taking, reason: str, actor: Actor, now: datetime) -> None:
    """Let a parked sale wait no more, with a reason, and free what it keeps.

    Raises NotFound, InvalidTransition, ParkedChanged, Malformed (no reason).
    """
    why = one_line(reason)
    if not why:
        raise Malformed(errors=[FieldError("/reason", "required", _("Say why it is dropped."))])
    row = take(taking=taking, actor=actor, now=now)
    row.sale = without_people(row.sale)
    _move(row=row, status=ParkedSale.Status.DROPPED.value, reason=why[:200], actor=actor, now=now)


@within_unit_of_work
def take(*, taking: Taking, actor: Actor, now: datetime) -> ParkedSale:
    """Lock a parked sale as somebody has seen it, and free what it keeps for whoever takes it.

    Raises NotFound, InvalidTransition, ParkedChanged.
    """
    row = locked(ParkedSale.objects.filter(public_id=taking.parked)).first()
    if row is None:
        raise NotFound()
    if row.status != OPEN:
        raise InvalidTransition.of(row.status, allowed=[], detail=_gone(row))
    if row.version != taking.version:
        raise ParkedChanged(version=row.version)
    if row.cart_id is not None:
        carts.give_up(cart_id=row.cart_id, actor=actor, now=now)
    return row


@within_unit_of_work
def close(*, row: ParkedSale, order: Order, actor: Actor, now: datetime, is_paid: bool = True) -> None:
    """Write down what a taken parked sale became; `is_paid`: whether it can wait no more."""
    row.order = order
    row.sale = without_people(row.sale) if is_paid else row.sale
    _move(row=row, status=ParkedSale.Status.SOLD.value, reason="", actor=actor, now=now)


@within_unit_of_work
def forget_people(*, rows: Iterable[ParkedSale]) -> None:
    """Erase from locked rows whom they were for; from those that wait no more the name they waited under, too."""
    for row in rows:
        row.sale = without_people(row.sale)
        row.label = row.label if row.status == OPEN else NO_LABEL
        row.save(update_fields=["sale", "label"])


@within_unit_of_work
def reopen(*, row: ParkedSale, policy: Policy, actor: Actor, now: datetime) -> None:
    """Let a parked sale wait again that was taken and not paid after all; it keeps nothing.

    Where its name was taken meanwhile, the shop's time of day tells them apart.
    """
    row.order, row.cart = None, None
    taken = ParkedSale.objects.filter(status=OPEN, label_key=row.label_key).exists()
    if taken:
        row.label = f"{row.label[: MAX_LABEL - 9]} {now.astimezone(ZoneInfo(policy.timezone)):%H:%M:%S}"
    _move(row=row, status=OPEN, reason="", actor=actor, now=now)


@use_case()
def _park(
    *, sale: Sale, basket: Basket | None, label: str, keep: bool, actor: Actor, now: datetime, key: UUID
) -> Parked:
    row = ParkedSale(public_id=key, label=label, sale=kept(sale=sale), created_at=now, changed_at=now)
    _keep(row=row, basket=basket if keep else None, now=now)
    row.save(force_insert=True)
    _step(row=row, reason="", actor=actor, now=now)
    return _value(row, now=now)


@use_case()
def _change(
    *, taking: Taking, sale: Sale, basket: Basket | None, label: str, keep: bool, actor: Actor, now: datetime
) -> Parked:
    row = take(taking=taking, actor=actor, now=now)
    row.label, row.sale = label, kept(sale=sale)
    _keep(row=row, basket=basket if keep else None, now=now)
    _move(row=row, status=OPEN, reason="", actor=actor, now=now)
    return _value(row, now=now)


@within_unit_of_work
def _keep(*, row: ParkedSale, basket: Basket | None, now: datetime) -> None:
    """Keep the goods of a basket for a parked sale; without one it keeps nothing."""
    row.cart = None
    if basket is None or not basket.goods:
        return
    until = now + timedelta(minutes=basket.policy.parked_hold_minutes)
    cart = carts.cart_at_counter(goods=basket.goods, visits=(), customer_id=None, policy=basket.policy, now=now)
    carts.keep_for_counter(cart=cart, goods=basket.goods, until=until, now=now)
    cart.expires_at = until
    row.cart = cart


@within_unit_of_work
def _move(*, row: ParkedSale, status: str, reason: str, actor: Actor, now: datetime) -> None:
    row.status, row.version, row.changed_at = status, row.version + 1, now
    row.save(update_fields=["status", "version", "changed_at", "label", "sale", "cart", "order"])
    _step(row=row, reason=reason, actor=actor, now=now)


def _step(*, row: ParkedSale, reason: str, actor: Actor, now: datetime) -> None:
    ParkedStep.objects.create(
        parked=row,
        version=row.version,
        status=row.status,
        sale=without_people(row.sale),
        reason=reason,
        actor_kind=actor.kind,
        actor_id=actor.id,
        door=actor.door,
        at=now,
    )


def _basket(*, sale: Sale, actor: Actor, now: datetime) -> Basket | None:
    """Return what a sale is about; a name alone may wait too."""
    if not (sale.goods or sale.visits or sale.walk_ins):
        return None
    return basket_of(sale=sale, actor=actor, now=now)


def _label(label: str) -> str:
    clean = one_line(label)
    if not clean or len(clean) > MAX_LABEL or not is_clean(clean):
        told = _("Write a name, a table or a chair, in %(max)s characters at most.") % {"max": MAX_LABEL}
        raise Malformed(errors=[FieldError("/label", "invalid", told)])
    return clean


def _gone(row: ParkedSale) -> str:
    sold = row.status == ParkedSale.Status.SOLD
    return _("This parked sale has been paid already.") if sold else _("This parked sale has been dropped.")


def _value(row: ParkedSale, *, now: datetime) -> Parked:
    cart = row.cart
    keeps = cart is not None and cart.status == "open" and cart.expires_at > now
    return Parked(
        public_id=row.public_id,
        label=row.label,
        status=row.status,
        version=row.version,
        sale=sale_from(row.sale),
        keep=cart is not None,
        kept_until=cart.expires_at if cart is not None and keeps else None,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )
