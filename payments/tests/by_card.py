"""Cakes that are paid by card through the gateway in memory, and how the money stands."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from common import outbox
from inventory.tests.factories import stocked
from operations.integrity import CHECKS, examine
from orders import services as orders
from orders.models import Order
from orders.selectors import Access
from orders.tests.factories import ALL, GUEST, MONDAY, STAFF, cart_with, late_pickup, placement_of
from payments import services as payments
from payments.gateways.protocol import PaymentFact, RefundFact
from payments.models import MoneyCase, Payment, Refund
from payments.tests.stand_in import NAME, StandIn, registered
from shop import services as shop

LATER = MONDAY + timedelta(minutes=1)
DEADLINE = MONDAY + timedelta(minutes=15)
OF_DATA = tuple(check for check in CHECKS if not check.name.startswith("schema"))


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, settings: Any) -> StandIn:
    """There are cakes, and cards are taken."""
    stocked(sku="BOLO", units=5, price="59.90")
    found = registered(monkeypatch, settings)
    shop.set_policy(key="payment_methods", value="on_site,transfer,card", actor=STAFF, now=MONDAY)
    return found


def by_card(*, units: int = 1, now: datetime = MONDAY) -> Order:
    wish = placement_of(
        cart=cart_with(units={"BOLO": units}, now=now), payment_method="card", pickup_at=late_pickup(now=now)
    )
    placed = orders.place_order(placement=wish, customer_id=None, actor=GUEST, now=now)
    return Order.objects.select_related("contact").get(number=placed.order.number)


def begin(order: Order, *, now: datetime = MONDAY, access: Access = ALL) -> Payment:
    return payments.begin_payment(number=order.number, method="card", access=access, actor=GUEST, now=now)


def tell(gateway: StandIn, about: PaymentFact | RefundFact, *, now: datetime = LATER, **options: Any) -> None:
    payments.receive_event(gateway=NAME, delivery=gateway.event(about, now=now, **options), now=now)
    relay(now)


def relay(now: datetime) -> None:
    while outbox.relay(now=now):
        pass


def stands(order: Order) -> tuple[str, str, str]:
    order.refresh_from_db()
    return order.status, str(order.paid), str(order.refunded)


def rows() -> list[tuple[str, str]]:
    return [(row.status, str(row.amount)) for row in Payment.objects.order_by("pk")]


def refunds() -> list[tuple[str, str, str]]:
    return [(row.status, str(row.amount), row.reason) for row in Refund.objects.order_by("pk")]


def cases() -> list[str]:
    return list(MoneyCase.objects.order_by("pk").values_list("kind", flat=True))


def clean(now: datetime) -> None:
    """Assert that nothing the shop promises of its data is broken."""
    found = examine(now=now, checks=OF_DATA)
    assert [(result.check.name, result.rows) for result in found.findings] == []


def give_back(order: Order, *, amount: str | None = None, now: datetime = LATER) -> Any:
    wanted = Decimal(amount) if amount else None
    return payments.refund_order(
        number=order.number, amount=wanted, handed_back=[], restock=False, reason="Veio amassado", access=ALL,
        actor=STAFF, now=now,
    )  # fmt: skip


def paid_by_card(gateway: StandIn) -> Order:
    order = by_card()
    tell(gateway, gateway.pay(begin(order)))
    return order
