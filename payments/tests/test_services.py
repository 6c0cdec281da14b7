"""Money: what each rule writes, and that a refusal writes nothing."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction

from common import outbox
from common.errors import InvalidTransition, NotFound, Refusal
from common.models import OutboxMessage
from inventory.models import StockItem, StockMovement, StockReservation
from orders import services as orders
from orders.errors import TooManyUnits
from orders.models import Order, OrderEvent
from orders.services import Handover
from orders.tests.factories import ALL, MONDAY, STAFF, cancel, cart_with, hand_over, ordered, place, shown, stocked
from payments import services as payments
from payments.errors import RefundExceedsPaid
from payments.models import MoneyCase, MoneyStep, Payment, Refund

pytestmark = pytest.mark.django_db

DEADLINE = MONDAY + timedelta(days=2)


@pytest.fixture(autouse=True)
def shelf() -> None:
    stocked(sku="BOLO", units=5, price="59.90")


def everything() -> Any:
    tables = (
        *(Order, OrderEvent, Payment, Refund, MoneyStep, MoneyCase),
        *(StockItem, StockMovement, StockReservation, OutboxMessage),
    )
    return [list(model.objects.order_by("pk").values()) for model in tables]


def unchanged(kind: type[Refusal], act: Any) -> Refusal:
    before = everything()
    with pytest.raises(kind) as caught:
        act()
    assert everything() == before
    return caught.value


def confirm(order: Order, amount: str, *, now: datetime = MONDAY) -> Order:
    return payments.confirm_order(
        number=order.number, amount=Decimal(amount), reference="TED", access=ALL, actor=STAFF, now=now
    )


def give_back(order: Order, *, amount: str | None = None, units: int = 0, restock: bool = False) -> Any:
    handed_back = [Handover(line=order.lines.get().public_id, quantity=units)] if units else []
    return payments.refund_order(
        number=order.number,
        amount=Decimal(amount) if amount else None,
        handed_back=handed_back,
        restock=restock,
        reason="Veio amassado",
        access=ALL,
        actor=STAFF,
        now=MONDAY,
    )


def paid(units: int = 1) -> Order:
    order = ordered(units={"BOLO": units}, payment_method="transfer")
    confirm(order, str(order.total))
    order.refresh_from_db()
    return order


def relay(now: datetime = MONDAY) -> None:
    while outbox.relay(now=now):
        pass


def owed() -> list[tuple[str, str, str]]:
    rows = Refund.objects.order_by("pk").values_list("amount", "status", "reason")
    return [(str(amount), status, reason) for amount, status, reason in rows]


def cases() -> list[tuple[str, str]]:
    rows = MoneyCase.objects.order_by("pk").values_list("kind", "amount")
    return [(kind, str(amount)) for kind, amount in rows]


def test_more_than_is_due_is_written_down_and_owed_back() -> None:
    order = ordered(units={"BOLO": 1}, payment_method="transfer")
    confirm(order, "62.00")
    order.refresh_from_db()
    assert (order.status, order.paid, order.refunded) == ("confirmed", Decimal("62.00"), 0)
    assert owed() == [("2.10", "due", "payment.too_much")]
    assert Refund.objects.get().payment == Payment.objects.get()
    assert cases() == [("too_much", "2.10")]
    cancel(order=order)
    unchanged(InvalidTransition, lambda: confirm(order, "60.00"))
    relay()
    assert owed() == [("2.10", "due", "payment.too_much"), ("59.90", "due", "order.cancelled")]


@pytest.mark.fault("L2")
@pytest.mark.parametrize("swept", [False, True])
def test_late_money_for_goods_that_are_gone_is_written_down_and_owed_back_once(swept: bool) -> None:
    order = ordered(units={"BOLO": 3}, payment_method="transfer")
    if swept:
        orders.expire_due_orders(now=DEADLINE)
    ordered(units={"BOLO": 3}, now=DEADLINE)
    assert shown(order=confirm(order, "179.70", now=DEADLINE), now=DEADLINE)["status"] == "expired"
    order.refresh_from_db()
    assert (order.status, order.paid, order.refunded) == ("expired", Decimal("179.70"), 0)
    assert owed() == [("179.70", "due", "order.paid_too_late")]
    assert cases() == [("too_late", "179.70")]

    relay(DEADLINE)  # the expiry is heard of now, and owes nothing on top
    assert owed() == [("179.70", "due", "order.paid_too_late")]
    assert [message.subject for message in mail.outbox if "tarde" in message.subject] != []
    payments.settle_refund(refund_id=Refund.objects.get().public_id, actor=STAFF, now=DEADLINE)
    order.refresh_from_db()
    assert (order.paid, order.refunded) == (Decimal("179.70"), Decimal("179.70"))


def test_late_money_is_not_kept_twice_when_the_goods_come_back() -> None:
    order = ordered(units={"BOLO": 3}, payment_method="transfer")
    other = ordered(units={"BOLO": 3}, now=DEADLINE)
    confirm(order, "100.00", now=DEADLINE)
    cancel(order=other, now=DEADLINE)
    confirm(order, "179.70", now=DEADLINE)
    order.refresh_from_db()
    assert (order.status, order.paid) == ("confirmed", Decimal("279.70"))
    assert owed() == [("100.00", "due", "order.paid_too_late")]
    assert cases() == [("too_late", "100.00"), ("revived", "179.70")]


@pytest.mark.fault("L2")
def test_an_order_that_money_revived_owes_nothing_for_its_expiry() -> None:
    order = ordered(units={"BOLO": 1}, payment_method="transfer")
    orders.expire_due_orders(now=DEADLINE)
    confirm(order, "59.90", now=DEADLINE)
    relay(DEADLINE)  # only now does anybody hear of the expiry
    assert owed() == []
    order.refresh_from_db()
    assert (order.status, order.paid, order.refunded) == ("confirmed", Decimal("59.90"), 0)


def test_what_was_paid_for_a_cancelled_order_is_owed_once() -> None:
    order = paid()
    cancel(order=order)
    relay()
    assert owed() == [("59.90", "due", "order.cancelled")]
    message = OutboxMessage.objects.get(name="order.cancelled", handler="payments.services.owe_refund")
    for _time in range(2):
        payments.owe_refund(
            name=message.name, payload=message.payload, event_id=message.event_id, now=MONDAY + timedelta(hours=1)
        )
    payments.owe_refund(name=message.name, payload=message.payload, event_id=uuid4(), now=MONDAY)
    assert len(owed()) == 1


def test_nothing_is_owed_where_nothing_was_paid() -> None:
    cancel(order=ordered(units={"BOLO": 1}))
    order = ordered(units={"BOLO": 1}, payment_method="transfer")
    orders.expire_due_orders(now=DEADLINE)
    relay(DEADLINE)
    order.refresh_from_db()
    assert (order.status, owed()) == ("expired", [])


def test_settling_what_is_owed_counts_once() -> None:
    order = paid()
    cancel(order=order)
    relay()
    due = Refund.objects.get()
    assert due.returned_at is None
    for hour in range(2):
        payments.settle_refund(refund_id=due.public_id, actor=STAFF, now=MONDAY + timedelta(hours=hour))
    order.refresh_from_db()
    assert (str(order.refunded), owed()) == ("59.90", [("59.90", "succeeded", "order.cancelled")])
    assert Refund.objects.get().returned_at == MONDAY
    unchanged(NotFound, lambda: payments.settle_refund(refund_id=uuid4(), actor=STAFF, now=MONDAY))


def test_what_is_already_owed_cannot_be_given_back_besides() -> None:
    order = paid()
    cancel(order=order)
    relay()
    refusal = unchanged(RefundExceedsPaid, lambda: give_back(order, amount="0.01"))
    assert refusal.data == {"refundable": "0.00"}


def test_a_refund_of_units_is_worth_what_they_cost_and_never_more_than_is_left() -> None:
    order = paid(3)
    hand_over(order=order)
    assert give_back(order, units=1, restock=True).amount == Decimal("59.90")
    assert give_back(order, amount="100.00").amount == Decimal("100.00")
    assert give_back(order, units=2, restock=True).amount == Decimal("19.80")
    assert StockItem.objects.values_list("on_hand", "reserved").get() == (5, 0)
    unchanged(TooManyUnits, lambda: give_back(order, units=1, restock=True))


def test_units_that_are_thrown_away_do_not_return_to_the_shelf() -> None:
    order = paid(2)
    hand_over(order=order)
    assert give_back(order, units=1).amount == Decimal("59.90")
    assert StockItem.objects.get().on_hand == 3
    assert not StockMovement.objects.filter(kind="returned").exists()


def test_units_that_never_left_cannot_come_back() -> None:
    order = paid(2)
    refusal = unchanged(TooManyUnits, lambda: give_back(order, units=1, restock=True))
    assert refusal.data == {"line": str(order.lines.get().public_id), "left": 0}


def test_nothing_is_known_of_orders_that_are_not() -> None:
    def take() -> Any:
        return payments.begin_payment(number="NOBODY", method="on_site", access=ALL, actor=STAFF, now=MONDAY)

    unchanged(NotFound, take)
    unchanged(NotFound, lambda: confirm(Order(number="NOBODY"), "1.00"))
    unchanged(NotFound, lambda: give_back(Order(number="NOBODY"), amount="1.00"))


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("orders_order SET refunded = 59.91", "order_(refunded_within_paid|late_fee_of_money_kept)"),
        ("orders_order SET paid = -0.01", "order_(money_bounds|late_fee_of_money_kept)"),
        ("orders_order SET paid = 'NaN'", "order_money_bounds"),
        ("orders_order SET paid = 100000000", "order_money_bounds"),
        ("payments_payment SET amount = 0 WHERE status = 'pending'", "payment_amount_bounds"),
        ("payments_payment SET amount = 'NaN' WHERE status = 'pending'", "payment_amount_bounds"),
        ("payments_payment SET status = 'succeeded' WHERE status = 'pending'", "payment_received_has_time"),
        ("payments_payment SET status = 'pending'", "may not go from succeeded to pending"),
        ("payments_payment SET amount = 1", "may not be changed"),
        ("payments_payment SET received_at = NULL", "may not be changed"),
        ("payments_moneystep SET amount = 1", "may not be changed"),
    ],
)
def test_the_constraints_judge_money(change: str, constraint: str) -> None:
    paid()
    announced = ordered(units={"BOLO": 1}, payment_method="transfer")
    payments.begin_payment(number=announced.number, method="transfer", access=ALL, actor=STAFF, now=MONDAY)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {change}")


def test_one_transfer_is_announced_at_a_time() -> None:
    order = ordered(units={"BOLO": 1}, payment_method="transfer")
    announced = payments.begin_payment(number=order.number, method="transfer", access=ALL, actor=STAFF, now=MONDAY)
    again = payments.begin_payment(number=order.number, method="transfer", access=ALL, actor=STAFF, now=MONDAY)
    assert announced.public_id == again.public_id
    row = Payment.objects.get(public_id=announced.public_id)
    with pytest.raises(IntegrityError, match="payment_one_pending_per_method"), transaction.atomic():
        Payment.objects.create(
            order=order, gateway="transfer", method="transfer", status="pending", amount=row.amount, currency="BRL",
            actor_kind="staff", created_at=MONDAY,
        )  # fmt: skip


def test_a_free_order_waits_for_no_money() -> None:
    stocked(sku="AMOSTRA", units=1, price="0.00")
    body = shown(order=place(cart=cart_with(units={"AMOSTRA": 1}), payment_method="transfer").order)
    assert (body["status"], body["payment"]["status"], body["expires_at"]) == ("confirmed", "paid", None)
