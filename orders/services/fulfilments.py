"""Goods on their way to the customer: begun, picked, ready or shipped, delivered, returned.

Units leave `on_hand` when they leave the shop: shipped for a delivery, delivered at a pickup. The
order row is locked for every step, so two attendants cannot hand the same units over twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from catalog.units import refuse_quantity
from common import outbox
from common.actors import Actor
from common.errors import FieldError, InvalidTransition, Malformed
from common.transactions import within_unit_of_work
from common.use_cases import use_case
from inventory import selectors as stock
from inventory import services as inventory
from inventory.services import Leaving, Returning
from orders import selectors
from orders.amounts import payment_status
from orders.errors import TooManyUnits
from orders.lifecycle import LEAVES_THE_SHOP, allowed, effective_status, fulfilment_verbs, next_fulfilment_status
from orders.models import Fulfilment, FulfilmentLine, Order, OrderLine
from orders.selectors import Access
from orders.services.states import locked_order

ON_THEIR_WAY = [
    Fulfilment.Status.OPEN,
    Fulfilment.Status.PICKED,
    Fulfilment.Status.READY,
    Fulfilment.Status.SHIPPED,
    Fulfilment.Status.DELIVERED,
    Fulfilment.Status.RETURNED,
]
IN_THE_SHOP = [Fulfilment.Status.OPEN, Fulfilment.Status.PICKED, Fulfilment.Status.READY]


@dataclass(frozen=True)
class Handover:
    """So many units of an order line, by the line's public id."""

    line: UUID
    quantity: int


@use_case()
def begin_fulfilment(
    *, number: str, handovers: Sequence[Handover], tracking: str, access: Access, now: datetime
) -> Fulfilment:
    """Begin to hand over some units of a confirmed order and return the fulfilment with its lines.

    Raises NotFound, InvalidTransition (the order is not confirmed, or wholly refunded), Malformed (an unknown or
    repeated line), TooManyUnits.
    """
    order = locked_order(number=number, access=access)
    if order.status != Order.Status.CONFIRMED:
        status = effective_status(status=order.status, expires_at=order.expires_at, now=now)
        raise InvalidTransition.of(status, allowed=allowed(status=status))
    _refuse_refunded(order=order, status=order.status, allowed=["cancelled"])
    lines = _chosen_lines(order=order, handovers=handovers)
    return _with_lines(order=order, fulfilment=_begin(order=order, lines=lines, tracking=tracking, now=now))


@use_case()
def advance_fulfilment(
    *, number: str, fulfilment_id: UUID, verb: str, access: Access, actor: Actor, now: datetime
) -> Fulfilment:
    """Take a fulfilment one step further (`pick`, `ready`, `ship`, `deliver`, `return`) and return it with its lines.

    Leaving the shop takes the units off the shelf; a return puts them back.

    Raises NotFound, InvalidTransition (with the verbs it would understand).
    """
    order = locked_order(number=number, access=access)
    fulfilment = selectors.find_fulfilment(order=order, fulfilment_id=fulfilment_id)
    method = order.fulfilment_method
    target = next_fulfilment_status(method=method, status=fulfilment.status, verb=verb)
    if target is None or order.status not in (Order.Status.CONFIRMED, Order.Status.COMPLETED):
        verbs = fulfilment_verbs(method=method, status=fulfilment.status)
        raise InvalidTransition.of(fulfilment.status, allowed=verbs)
    if target != Fulfilment.Status.RETURNED:
        verbs = [one for one in fulfilment_verbs(method=method, status=fulfilment.status) if one == "return"]
        _refuse_refunded(order=order, status=fulfilment.status, allowed=verbs)
    _advance(order=order, fulfilment=fulfilment, target=target, actor=actor, now=now)
    return _with_lines(order=order, fulfilment=fulfilment)


@within_unit_of_work
def hand_over(*, order: Order, actor: Actor, now: datetime) -> None:
    """Hand over all that is still in the shop of a locked order to be picked up, whatever steps are left to it.

    The customer stands at the counter, so nobody is told that it is ready.

    Raises InvalidTransition (the order is not confirmed, wholly refunded, not a pickup, or all is handed over).
    """
    begun = selectors.units_in_fulfilments(order=order, statuses=ON_THEIR_WAY)
    goods = [line for line in selectors.living_lines(order=order) if line.kind == "goods"]
    left = [(line, line.quantity - begun.get(line.pk, 0)) for line in goods if line.quantity > begun.get(line.pk, 0)]
    waiting = Fulfilment.objects.filter(order=order, status__in=IN_THE_SHOP).order_by("pk")
    pickup = order.fulfilment_method == Order.FulfilmentMethod.PICKUP
    if order.status != Order.Status.CONFIRMED or not pickup or not (left or waiting):
        status = effective_status(status=order.status, expires_at=order.expires_at, now=now)
        raise InvalidTransition.of(status, allowed=allowed(status=status))
    _refuse_refunded(order=order, status=order.status, allowed=["cancelled"])
    if left:
        _begin(order=order, lines=left, tracking="", now=now)
    for fulfilment in waiting.all():
        _advance(order=order, fulfilment=fulfilment, target="delivered", actor=actor, now=now)


def _refuse_refunded(*, order: Order, status: str, allowed: list[str]) -> None:
    """Keep goods in the shop whose money has all been given back, until they are paid for again."""
    if payment_status(order=order) == "refunded":
        detail = _("All its money has been given back.")
        raise InvalidTransition.of(status, allowed=allowed, detail=detail)


def _begin(*, order: Order, lines: Sequence[tuple[OrderLine, int]], tracking: str, now: datetime) -> Fulfilment:
    fulfilment = Fulfilment.objects.create(order=order, tracking=tracking, created_at=now, changed_at=now)
    FulfilmentLine.objects.bulk_create(
        [FulfilmentLine(fulfilment=fulfilment, line=line, quantity=quantity) for line, quantity in lines]
    )
    return fulfilment


def _advance(*, order: Order, fulfilment: Fulfilment, target: str, actor: Actor, now: datetime) -> None:
    _move_units(order=order, fulfilment=fulfilment, target=target, actor=actor, now=now)
    fulfilment.status = Fulfilment.Status(target)
    Fulfilment.objects.filter(pk=fulfilment.pk).update(status=target, changed_at=now)
    if target in ("ready", "shipped", "delivered"):
        outbox.emit(
            name=f"fulfilment.{target}",
            payload={"order": order.number, "fulfilment": str(fulfilment.public_id)},
            now=now,
        )
        outbox.wake()


def _chosen_lines(*, order: Order, handovers: Sequence[Handover]) -> list[tuple[OrderLine, int]]:
    """Return the order lines behind the handovers, each checked against what is left to hand over."""
    begun = selectors.units_in_fulfilments(order=order, statuses=ON_THEIR_WAY)
    chosen = named_lines(order=order, handovers=handovers)
    for line, quantity in chosen:
        left = line.quantity - begun.get(line.pk, 0)
        if quantity > left:
            raise TooManyUnits(line=str(line.public_id), left=left)
    return chosen


def named_lines(*, order: Order, handovers: Sequence[Handover]) -> list[tuple[OrderLine, int]]:
    """Return the order's lines of goods that the handovers name, with their quantities, in the same order.

    Raises Malformed (an unknown or repeated line, more than is sold at once).
    """
    goods = {line.public_id: line for line in selectors.goods_of(order=order)}
    found: dict[UUID, tuple[OrderLine, int]] = {}
    for position, handover in enumerate(handovers):
        pointer = f"/lines/{position}/line"
        if handover.line not in goods:
            detail = _("The order has no such goods.")
            raise Malformed(errors=[FieldError(pointer=pointer, code="unknown", detail=detail)])
        if handover.line in found:
            raise Malformed(errors=[FieldError(pointer=pointer, code="repeated", detail=_("Named twice."))])
        line = goods[handover.line]
        refuse_quantity(quantity=handover.quantity, unit=line.unit, pointer=f"/lines/{position}/quantity")
        found[handover.line] = (line, handover.quantity)
    return list(found.values())


def _move_units(*, order: Order, fulfilment: Fulfilment, target: str, actor: Actor, now: datetime) -> None:
    reference = str(fulfilment.public_id)
    if target not in (LEAVES_THE_SHOP[order.fulfilment_method], "returned"):
        return
    rows = list(FulfilmentLine.objects.filter(fulfilment=fulfilment).select_related("line"))
    if target == "returned":
        inventory.restock(
            returning=_still_out(rows=rows), reference=reference, reason=order.number, actor=actor, now=now
        )
        return
    inventory.consume(
        leaving=[Leaving(claim=row.line.claim, quantity=row.quantity) for row in rows],
        reference=reference,
        reason=order.number,
        actor=actor,
        now=now,
    )


def _still_out(*, rows: Sequence[FulfilmentLine]) -> list[Returning]:
    """Return what of the units handed over has not come back yet: a refund may have put some on the shelf before."""
    out = stock.units_out(claims=[row.line.claim for row in rows])
    units = [(row.line, min(row.quantity, out.get(row.line.claim, 0))) for row in rows]
    return [
        Returning(claim=line.claim, variant_id=line.variant_id, quantity=quantity)
        for line, quantity in units
        if quantity
    ]


def _with_lines(*, order: Order, fulfilment: Fulfilment) -> Fulfilment:
    return next(row for row in selectors.fulfilments_of(order=order) if row.pk == fulfilment.pk)
