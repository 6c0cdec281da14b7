"""The one place where `paid` and `refunded` of an order change. Called by whoever keeps the money's own rows."""

from datetime import datetime
from decimal import Decimal

from common.actors import Actor
from common.transactions import within_unit_of_work
from orders.amounts import net_paid
from orders.models import Order
from orders.services.states import confirm


@within_unit_of_work
def record_money(*, order: Order, received: Decimal = Decimal(0), returned: Decimal = Decimal(0)) -> None:
    """Add money received and money given back to a locked order.

    The database refuses more given back than received. A fee that went back, such as one returned at the gateway
    itself, is kept no longer.
    """
    order.paid += received
    order.refunded += returned
    order.late_fee = min(order.late_fee, max(net_paid(order=order), Decimal("0.00")))
    Order.objects.filter(pk=order.pk).update(paid=order.paid, refunded=order.refunded, late_fee=order.late_fee)


@within_unit_of_work
def confirm_with_money(*, order: Order, received: Decimal, actor: Actor, reason: str, now: datetime) -> None:
    """Confirm a locked order because money arrived; an expired one is revived if its goods are still there.

    Raises InvalidTransition, OutOfStock; then nothing has changed.
    """
    confirm(order=order, actor=actor, reason=reason, now=now)
    record_money(order=order, received=received)
