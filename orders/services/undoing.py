"""A sale at the counter that is taken back the same day, as if it had not been: goods on the shelf, visits free again.

What was agreed and what happened stay written; every line is called off, and the history says why and by whom. The
money goes back by whoever keeps it.
"""

from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import InvalidTransition
from common.transactions import within_unit_of_work
from inventory import selectors as stock
from orders import selectors
from orders.models import Order, OrderEvent, OrderLine
from orders.services.fulfilments import Handover
from orders.services.history import note
from orders.services.reservations import give_back
from orders.services.returns import take_back
from orders.services.states import drop_line
from scheduling import selectors as agenda
from scheduling import services as scheduling
from shop.policy import Policy

UNDONE = "order.undone"


@within_unit_of_work
def undo(*, order: Order, reason: str, policy: Policy, actor: Actor, now: datetime) -> None:
    """Take a locked order of the counter back: its visits as they were before, its goods on the shelf, no line left.

    The caller holds the lease of its visits. Raises InvalidTransition (not sold at the counter, not today, or undone
    already), SlotTaken (a visit's time is somebody else's by now).
    """
    lines = selectors.living_lines(order=order)
    _refuse(order=order, lines=lines, policy=policy, now=now)
    why = f"{UNDONE}: {reason}"
    for line in lines:
        if line.kind == "visit":
            _free(line=line, order=order, policy=policy, reason=why, actor=actor, now=now)
    out = stock.units_out(claims=[line.claim for line in lines if line.kind == "goods"])
    back = [Handover(line=line.public_id, quantity=out[line.claim]) for line in lines if out.get(line.claim, 0) > 0]
    take_back(order=order, handed_back=back, restock=True, reference=str(uuid4()), actor=actor, now=now)
    for line in lines:
        drop_line(order=order, line=line, reason=why, actor=actor, now=now)
    if order.status == Order.Status.COMPLETED:
        note(order=order, actor=actor, reason=why, now=now)


@within_unit_of_work
def unmake(*, order: Order, reason: str, policy: Policy, actor: Actor, now: datetime) -> None:
    """Take a locked order of the counter back of which nothing was handed over: its goods free, its visits as before.

    The caller holds the lease of its visits.
    """
    lines = selectors.living_lines(order=order)
    give_back(lines=[line for line in lines if line.kind == "goods"], actor=actor, reason=reason, now=now)
    for line in lines:
        if line.kind == "visit":
            _free(line=line, order=order, policy=policy, reason=reason, actor=actor, now=now)
    for line in lines:
        drop_line(order=order, line=line, reason=reason, actor=actor, now=now)


def _refuse(*, order: Order, lines: list[OrderLine], policy: Policy, now: datetime) -> None:
    zone = ZoneInfo(policy.timezone)
    if order.channel != Order.Channel.COUNTER:
        detail = _("Only what was sold at the counter can be undone.")
    elif order.placed_at.astimezone(zone).date() != now.astimezone(zone).date():
        detail = _("Only a sale of today can be undone. Give its money back instead.")
    elif not lines:
        detail = _("This sale was undone already.")
    else:
        return
    raise InvalidTransition.of(order.status, allowed=[], detail=detail)


def _free(*, line: OrderLine, order: Order, policy: Policy, reason: str, actor: Actor, now: datetime) -> None:
    """Open a visit again that the sale closed, and free it from the order; one that came with it is cancelled."""
    last = agenda.last_step(claim=line.claim)
    if last is None:
        return
    visit = agenda.appointment(public_id=last.appointment.public_id)
    if visit.state == "completed" and last.at in _sold_at(order):
        visit = scheduling.reopen(plain=visit, policy=policy, actor=actor, now=now)
    if visit.created_at == order.placed_at:
        scheduling.release(claims=[line.claim], actor=actor, reason=reason, now=now)
    else:
        scheduling.let_go(visit=scheduling.locked_visit(plain=visit, now=now))


def _sold_at(order: Order) -> list[datetime]:
    """Return when an order was placed and completed: a visit closed then was closed by the sale."""
    completed = OrderEvent.objects.filter(order=order, to_status=Order.Status.COMPLETED).values_list("at", flat=True)
    return [order.placed_at, *completed]
