"""What the database itself refuses of orders, whoever asks and whatever the program believes."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from orders.models import Order, OrderContact, OrderEvent, OrderLine, OrderLineCancellation
from orders.tests.factories import ALL, MONDAY, cancel, ordered, stocked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def order() -> Order:
    """A confirmed order with two lines."""
    stocked(sku="BOLO", units=9, price="20.00")
    stocked(sku="PAO", units=9, price="1.00")
    made = ordered(units={"BOLO": 2, "PAO": 3})
    at_once()
    return made


def at_once() -> None:
    """What a transaction would check at its end, now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused(statement: str, *values: Any, match: str) -> None:
    before = everything()
    at_once()
    with pytest.raises(DatabaseError, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    assert everything() == before


def everything() -> Any:
    tables = (Order, OrderLine, OrderEvent, OrderContact, OrderLineCancellation)
    return [list(model.objects.order_by("pk").values()) for model in tables]


@pytest.mark.fault("C19")
@pytest.mark.parametrize("table", ["orders_orderevent", "orders_orderline", "orders_orderlinecancellation"])
def test_what_happened_stays_written(order: Order, table: str) -> None:
    OrderLineCancellation.objects.create(line=order.lines.all()[0], reason="x", at=MONDAY)
    for statement in (
        f"UPDATE {table} SET id = id",
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
    ):
        refused(statement, match="may not be changed")


@pytest.mark.fault("C19")
def test_an_order_is_never_deleted() -> None:
    refused("DELETE FROM orders_order", match="may not be changed")
    refused("TRUNCATE orders_order CASCADE", match="may not be changed")


@pytest.mark.fault("L6")
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("public_id", "'00000000-0000-0000-0000-000000000000'"),
        ("number", "'X'"),
        ("cart_id", "cart_id + 1"),
        ("payment_method", "'transfer'"),
        ("currency", "'USD'"),
        ("subtotal", "subtotal + 1"),
        ("discount", "1"),
        ("shipping", "1"),
        ("total", "1"),
        ("amount_due_now", "1"),
        ("fulfilment_method", "'delivery'"),
        ("agreed_pickup_starts_at", "pickup_starts_at + interval '1 hour'"),
        ("agreed_pickup_ends_at", "NULL"),
        ("policy_shown", "'{}'"),
        ("digest", "'0'"),
        ("placed_at", "now()"),
    ],
)
def test_what_was_agreed_is_frozen(column: str, value: str) -> None:
    refused(f"UPDATE orders_order SET {column} = {value}", match="may not be changed")


def test_money_and_state_are_all_that_moves(order: Order) -> None:
    Order.objects.update(paid=1, refunded=1)
    order.refresh_from_db()
    assert (order.paid, order.refunded) == (1, 1)


@pytest.mark.fault("C18")
@pytest.mark.parametrize("target", ["pending", "expired", "nonsense"])
def test_an_illegal_step_is_refused_whoever_takes_it(target: str) -> None:
    refused("UPDATE orders_order SET status = %s", target, match="an order may not go from confirmed")


@pytest.mark.fault("C18")
@pytest.mark.parametrize("target", ["pending", "confirmed", "completed", "expired"])
def test_a_cancelled_order_stays_cancelled(order: Order, target: str) -> None:
    cancel(order=order, access=ALL)
    refused("UPDATE orders_order SET status = %s", target, match="an order may not go from cancelled")


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"seq": 1}, "orderevent_seq"),
        ({"seq": 2, "order_id": 0}, "orders_orderevent_order_id"),
    ],
)
def test_a_step_has_one_place_in_one_order(order: Order, changes: dict[str, Any], match: str) -> None:
    event = order.events.get()
    values = {
        field.attname: getattr(event, field.attname)
        for field in OrderEvent._meta.concrete_fields
        if field.attname != "id"
    }
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        OrderEvent.objects.create(**{**values, **changes})
    assert OrderEvent.objects.count() == 1


@pytest.mark.fault("A11")
def test_a_cart_has_one_order(order: Order) -> None:
    values = {
        field.attname: getattr(order, field.attname) for field in Order._meta.concrete_fields if field.attname != "id"
    }
    fresh = {"public_id": "00000000-0000-0000-0000-000000000000", "number": "OUTRO"}
    with pytest.raises(IntegrityError, match="cart_id"), transaction.atomic():
        Order.objects.create(**{**values, **fresh})


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("status", "'nonsense'", "order_status_known"),
        ("total", "total + 1", "order_total_adds_up"),
        ("subtotal", "'NaN'", "order_money_bounds|order_total_adds_up"),
        ("pickup_ends_at", "pickup_starts_at", "order_pickup_window"),
        ("pickup_ends_at", "NULL", "order_pickup_window"),
        ("pickup_starts_at", "NULL", "order_pickup_window|order_agreed_pickup_window"),
        ("agreed_pickup_starts_at", "NULL", "order_agreed_pickup_window"),
        ("agreed_pickup_ends_at", "agreed_pickup_starts_at", "order_agreed_pickup_window"),
    ],
)
def test_the_constraints_would_refuse_it_without_the_triggers_too(column: str, value: str, constraint: str) -> None:
    asleep = "SET LOCAL session_replication_role = replica"
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{asleep}; UPDATE orders_order SET {column} = {value}")


def test_people_can_be_erased_and_the_agreement_stays_true(order: Order) -> None:
    before = list(Order.objects.values()), list(OrderLine.objects.values())
    OrderContact.objects.update(name="", email="", phone="", document="", note="", anonymised_at=MONDAY)
    assert (list(Order.objects.values()), list(OrderLine.objects.values())) == before


def test_a_pending_order_has_a_deadline() -> None:
    made = ordered(units={"BOLO": 1}, payment_method="transfer")
    with pytest.raises(IntegrityError, match="order_pending_expires"), transaction.atomic():
        Order.objects.filter(pk=made.pk).update(expires_at=None)
