"""The fee for calling something off late and for not coming, as it was agreed when the order was placed.

It is kept only of money that has been paid, and nothing more is ever asked for it. What the shop calls off itself costs
nothing. A missed visit is settled once its day is over, because until then the team may undo that nobody came.
"""

from datetime import datetime
from decimal import Decimal

from common import outbox
from common.actors import Actor
from common.errors import InvalidTransition
from common.use_cases import use_case
from orders import selectors
from orders.lifecycle import allowed
from orders.models import Order, OrderLine
from orders.selectors import Access
from orders.services.history import note
from orders.services.states import drop_line, lease_of_order, locked_order
from shop import services as shop

WAIVED = "order.fee_waived"
MISSED = "appointment.no_show"


@use_case()
def waive_fee(*, number: str, reason: str, access: Access, actor: Actor, now: datetime) -> Order:
    """Give up the fee that is kept of an order, with a reason; the money is owed back. Return the order.

    Raises NotFound, InvalidTransition (no fee is kept).
    """
    order = locked_order(number=number, access=access)
    if order.late_fee <= 0:
        raise InvalidTransition.of(order.status, allowed=allowed(status=order.status))
    order.late_fee = Decimal("0.00")
    Order.objects.filter(pk=order.pk).update(late_fee=order.late_fee)
    step = note(order=order, actor=actor, reason=f"{WAIVED}: {reason}", now=now)
    outbox.emit(name=WAIVED, payload={"order": order.number, "version": step.seq}, now=now)
    outbox.wake()
    return order


def settle_missed_visits(*, now: datetime, batch: int = 100) -> int:
    """Call off what nobody came to before today, of orders that agreed a fee for it, and return how many lines.

    Nothing depends on when it runs; safe to repeat.
    """
    lines = selectors.missed_lines(policy=shop.policy(), now=now)[:batch]
    return sum(_settle(number=line.order.number, line=line, now=now) for line in lines)


@use_case(lease=lease_of_order)
def _settle(*, number: str, line: OrderLine, now: datetime) -> bool:
    order = locked_order(number=number, access=Access(staff=True))
    missed = {found.pk for found in selectors.missed_lines(policy=shop.policy(), now=now, order=order)}
    if line.pk not in missed:
        return False
    drop_line(order=order, line=line, reason=MISSED, actor=Actor.system(door="task"), now=now, missed=True)
    outbox.wake()
    return True
