"""Reads what the judge judges, once nobody is at work any more."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Sum

from inventory.models import StockItem, StockMovement, StockReservation
from operations.drill.state import Charge, OrderRow, PaymentRow, RefundRow, ShelfRow, State, VisitRow
from operations.integrity import findings
from orders.models import Order, OrderEvent, OrderLine
from payments.gateways.in_memory import InMemoryGateway
from payments.models import GatewayEvent, MoneyCase, Payment, Refund
from scheduling.models import Appointment

LIVE_VISITS = ("held", "requested", "confirmed", "completed")


def read(*, gateway: InMemoryGateway, now: datetime) -> State:
    """Read the shop and the gateway's books. Nobody may be at work any more."""
    return State(
        orders=_orders(),
        payments=_payments(),
        refunds=_refunds(),
        visits=_visits(),
        shelves=_shelves(),
        cancellations=list(OrderEvent.objects.filter(to_status="cancelled").values_list("reason", flat=True)),
        movements=list(StockMovement.objects.exclude(reason="").values_list("reason", flat=True)),
        events=list(GatewayEvent.objects.values_list("event_id", flat=True)),
        set_aside={cause.rpartition(":")[2] for cause in _causes_of_money_set_aside()},
        came=[
            Charge(reference=fact.reference, status=fact.status, amount=fact.amount, order=fact.order)
            for fact in gateway.payments.values()
        ],
        went=[
            Charge(
                reference=fact.reference, status=fact.status, amount=fact.amount, of=fact.payment,
                refund=str(fact.refund or ""),
            )
            for fact in gateway.refunds.values()
        ],
        findings=findings(now=now),
        deadlocks=deadlocks(),
    )  # fmt: skip


def deadlocks() -> int:
    """Return how many deadlocks PostgreSQL has counted in this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def _causes_of_money_set_aside() -> Iterable[str]:
    return MoneyCase.objects.filter(kind__in=["mismatch", "unknown"]).values_list("cause", flat=True)


def _orders() -> list[OrderRow]:
    found = Order.objects.values_list(
        "number", "contact__email", "status", "total", "cancelled", "paid", "refunded"
    ).order_by("pk")
    return [
        OrderRow(number, email, status, total - cancelled, paid, refunded)
        for number, email, status, total, cancelled, paid, refunded in found
    ]


def _payments() -> list[PaymentRow]:
    found = Payment.objects.values_list(
        "public_id", "order__number", "gateway", "status", "amount", "reference", "gateway_reference"
    )
    return [
        PaymentRow(str(public_id), order, gateway, status, amount, reference, known)
        for public_id, order, gateway, status, amount, reference, known in found.order_by("pk")
    ]


def _refunds() -> list[RefundRow]:
    found = Refund.objects.values_list(
        "public_id", "order__number", "payment__gateway_reference", "status", "amount", "reason"
    )
    return [
        RefundRow(str(public_id), order, charge or "", status, amount, reason)
        for public_id, order, charge, status, amount, reason in found.order_by("pk")
    ]


def _visits() -> list[VisitRow]:
    found = Appointment.objects.filter(state__in=LIVE_VISITS).values_list(
        "public_id", "contact_email", "state", "professional", "room", "blocked"
    )
    return [
        VisitRow(str(public_id), email, state, professional, room, blocked.lower, blocked.upper)
        for public_id, email, state, professional, room, blocked in found.order_by("pk")
    ]


def _shelves() -> list[ShelfRow]:
    moved = _sums(StockMovement.objects.values_list("stock_item__variant__sku").annotate(sum=Sum("delta")))
    kept = _sums(StockReservation.objects.values_list("stock_item__variant__sku").annotate(sum=Sum("quantity")))
    owned = OrderLine.objects.filter(order__status__in=["pending", "confirmed"], kind="goods")
    ordered = _sums(owned.values_list("sku").annotate(sum=Sum("quantity")))
    found = StockItem.objects.values_list("variant__sku", "on_hand", "reserved").order_by("pk")
    return [
        ShelfRow(sku, on_hand, moved.get(sku, 0), reserved, kept.get(sku, 0), ordered.get(sku, 0))
        for sku, on_hand, reserved in found
    ]


def _sums(rows: Iterable[Any]) -> dict[str, int]:
    return dict(rows)
