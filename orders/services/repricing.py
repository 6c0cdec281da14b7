"""An order whose customer moved a visit to a professional with another price: agreed anew, and the difference told."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from common import outbox, sql
from common.actors import Actor
from common.transactions import within_unit_of_work
from orders.models import Order, OrderLine
from orders.seals import digest_of
from orders.services.history import note
from orders.snapshots import keep_visit, visit_of
from scheduling.selectors import ClaimedVisit

REPRICED = "order.repriced"


@within_unit_of_work
def follow_price(*, order: Order, line: OrderLine, visit: ClaimedVisit, actor: Actor, now: datetime) -> None:
    """Bring a locked open order in line with what a visit of it costs now; nothing happens where they agree.

    What has been paid too much is owed back, what is missing becomes due. A deposit stays the one that was agreed.
    """
    kept = visit_of(line.appointment)
    if kept is None or line.unit_price == visit.price:
        return
    zone = ZoneInfo(kept.timezone)
    sql.execute("SELECT set_config('orders.repriced', %(order)s, true)", {"order": str(order.pk)})
    line.unit_price, line.line_total = visit.price, visit.price - line.discount
    line.appointment = keep_visit(
        replace(
            kept,
            starts_at=visit.starts_at.astimezone(zone),
            ends_at=visit.ends_at.astimezone(zone),
            professional_id=visit.professional_id,
            professional=visit.professional,
            services=tuple(
                replace(agreed, price=today.price) for agreed, today in zip(kept.services, visit.services, strict=True)
            ),
        )
    )
    line.save(update_fields=["unit_price", "line_total", "appointment"])
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    paid_at_once = order.amount_due_now == order.total
    order.subtotal = sum((one.line_total + one.discount for one in lines), order.subtotal * 0)
    order.total = order.subtotal - order.discount + order.shipping
    order.amount_due_now = order.total if paid_at_once else min(order.amount_due_now, order.total)
    order.digest = digest_of(order=order, lines=lines)
    order.save(update_fields=["subtotal", "total", "amount_due_now", "digest"])
    step = note(order=order, actor=actor, reason=REPRICED, now=now)
    outbox.emit(name=REPRICED, payload={"order": order.number, "version": step.seq}, now=now)
