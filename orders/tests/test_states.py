"""An order's way through its states, one service at a time; each refusal leaves everything as it was."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction

from common.access import access_token
from common.errors import InvalidTransition, NotFound, Refusal
from common.models import OutboxMessage
from common.transactions import unit_of_work
from inventory.models import StockItem, StockMovement, StockReservation
from orders import selectors
from orders import services as orders
from orders.errors import TooLateToCancel
from orders.models import Fulfilment, Order, OrderEvent
from orders.seals import chain_of
from orders.selectors import Access
from orders.tests.factories import (
    ALL,
    GUEST,
    MONDAY,
    STAFF,
    cancel,
    cart_with,
    hand_over,
    ordered,
    place,
    stocked,
)
from shop import services as shop
from shop.tests.factories import OWNER

pytestmark = pytest.mark.django_db

DEADLINE = MONDAY + timedelta(days=2)


@pytest.fixture(autouse=True)
def shelf() -> None:
    stocked(sku="BOLO", units=9, price="20.00")


def everything() -> Any:
    tables = (Order, OrderEvent, Fulfilment, StockItem, StockMovement, StockReservation, OutboxMessage)
    return [list(model.objects.order_by("pk").values()) for model in tables]


def unchanged(kind: type[Refusal], act: Any) -> Refusal:
    before = everything()
    with pytest.raises(kind) as caught:
        act()
    assert everything() == before
    return caught.value


def waiting() -> Order:
    return ordered(units={"BOLO": 2}, payment_method="transfer")


def events(order: Order) -> list[tuple[str, str]]:
    return list(OrderEvent.objects.filter(order=order).values_list("from_status", "to_status"))


def told(name: str) -> int:
    return OutboxMessage.objects.filter(name=name).values("event_id").distinct().count()


def confirm(order: Order, *, now: Any = MONDAY) -> None:
    with unit_of_work():
        locked = orders.locked_order(number=order.number, access=ALL)
        orders.confirm_with_money(order=locked, received=order.total, actor=STAFF, reason="TED", now=now)


def test_an_expired_order_gives_its_units_back_and_says_so_once() -> None:
    order = waiting()
    assert orders.expire_due_orders(now=DEADLINE - timedelta(microseconds=1)) == 0
    assert orders.expire_due_orders(now=DEADLINE) == 1
    assert orders.expire_due_orders(now=DEADLINE) == 0
    assert events(order) == [("", "pending"), ("pending", "expired")]
    assert OrderEvent.objects.latest("seq").actor_kind == "system"
    assert StockItem.objects.values_list("on_hand", "reserved").get() == (9, 0)
    assert told("order.expired") == 1


@pytest.mark.fault("D13")
def test_the_sweep_goes_in_small_batches() -> None:
    made = [waiting() for _order in range(4)]
    assert orders.expire_due_orders(now=DEADLINE, batch=3) == 4
    assert set(Order.objects.values_list("status", flat=True)) == {"expired"}
    assert all(events(order)[-1] == ("pending", "expired") for order in made)


@pytest.mark.fault("D11")
@pytest.mark.django_db(transaction=True)
def test_sweeps_side_by_side_write_every_expiry_once() -> None:
    stocked(sku="PAO", units=30)
    for _order in range(12):
        ordered(units={"PAO": 1}, payment_method="transfer")
    barrier = threading.Barrier(4)

    def sweep() -> int:
        barrier.wait(timeout=20)
        try:
            return orders.expire_due_orders(now=DEADLINE, batch=2)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        swept = [future.result() for future in [pool.submit(sweep) for _sweeper in range(4)]]
    assert sum(swept) == 12
    assert OrderEvent.objects.filter(to_status="expired").count() == 12
    assert told("order.expired") == 12


@pytest.mark.fault("D13")
@pytest.mark.django_db(transaction=True)
def test_an_order_that_somebody_holds_is_left_to_them() -> None:
    order, other = waiting(), waiting()
    with transaction.atomic():
        Order.objects.select_for_update(of=("self",), no_key=True).get(pk=order.pk)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(_sweep).result(timeout=20) == 1
    other.refresh_from_db()
    assert other.status == "expired"
    assert orders.expire_due_orders(now=DEADLINE) == 1


def _sweep() -> int:
    try:
        return orders.expire_due_orders(now=DEADLINE)
    finally:
        connections.close_all()


def test_confirming_keeps_the_units_without_end() -> None:
    order = waiting()
    confirm(order)
    order.refresh_from_db()
    assert (order.status, order.paid) == ("confirmed", order.total)
    assert StockReservation.objects.values_list("quantity", "allocated", "expires_at").get() == (2, True, None)
    assert orders.expire_due_orders(now=DEADLINE + timedelta(days=300)) == 0
    unchanged(InvalidTransition, lambda: confirm(order))


@pytest.mark.parametrize("swept", [False, True])
def test_money_revives_an_expired_order_and_history_tells_the_way(swept: bool) -> None:
    order = waiting()
    late = DEADLINE + timedelta(minutes=5)
    if swept:
        orders.expire_due_orders(now=DEADLINE)
    confirm(order, now=late)
    assert events(order) == [("", "pending"), ("pending", "expired"), ("expired", "confirmed")]
    assert StockItem.objects.get().reserved == 2


def test_an_order_whose_units_are_gone_is_not_revived() -> None:
    order = waiting()
    ordered(units={"BOLO": 8}, now=DEADLINE)
    refusal = unchanged(Refusal, lambda: confirm(order, now=DEADLINE))
    assert refusal.data == {"lines": [{"sku": "BOLO", "requested": 2, "available": 1}]}


@pytest.mark.parametrize(
    ("how", "status"), [("cancelled", "cancelled"), ("expired", "expired"), ("completed", "completed")]
)
def test_what_is_over_is_not_begun_again(how: str, status: str) -> None:
    order = waiting()
    if how == "expired":
        orders.expire_due_orders(now=DEADLINE)
    else:
        confirm(order)
        if how == "completed":
            hand_over(order=order)
            orders.complete_order(number=order.number, access=ALL, actor=STAFF, now=MONDAY)
        else:
            cancel(order=order)
    refusal = unchanged(
        InvalidTransition,
        lambda: orders.complete_order(number=order.number, access=ALL, actor=STAFF, now=DEADLINE),
    )
    assert refusal.data["from"] == status
    if how != "cancelled":
        assert unchanged(InvalidTransition, lambda: cancel(order=order, now=DEADLINE)).data["from"] == status


@pytest.mark.fault("L4")
def test_cancelling_twice_changes_nothing_the_second_time() -> None:
    order = ordered(units={"BOLO": 2})
    first = cancel(order=order)
    before = everything()
    assert cancel(order=order, now=MONDAY + timedelta(days=9)) == first
    assert everything() == before
    assert told("order.cancelled") == 1


def test_the_terms_are_those_the_customer_saw() -> None:
    order = ordered(units={"BOLO": 1})
    token = Access(token=access_token(kind="order", public_id=order.public_id), now=MONDAY)
    assert order.pickup_starts_at is not None
    shop.set_policy(key="cancel_cutoff_minutes", value=7 * 24 * 60, actor=OWNER, now=MONDAY)
    in_time = order.pickup_starts_at - timedelta(minutes=61)
    late = order.pickup_starts_at - timedelta(minutes=60)
    for access in (token, Access(token="wrong"), Access()):

        def give_up(access: Access = access) -> Any:
            return orders.cancel_order(number=order.number, reason="x", access=access, actor=GUEST, now=late)

        kind: type[Refusal] = TooLateToCancel if access is token else NotFound
        unchanged(kind, give_up)
    cancelled = orders.cancel_order(number=order.number, reason="x", access=token, actor=GUEST, now=in_time)
    assert cancelled.status == "cancelled"


def test_closing_needs_everything_handed_over_and_paid() -> None:
    order = waiting()

    def close() -> Any:
        return orders.complete_order(number=order.number, access=ALL, actor=STAFF, now=MONDAY)

    unchanged(InvalidTransition, close)
    confirm(order)
    unchanged(InvalidTransition, close)
    hand_over(order=order)

    def record(**amounts: Any) -> None:
        with unit_of_work():
            orders.record_money(order=orders.locked_order(number=order.number, access=ALL), **amounts)

    record(returned=order.total)
    unchanged(InvalidTransition, close)  # what was given back is to be paid again
    record(received=order.total)
    assert close().status == "completed"
    assert told("order.completed") == 1


def test_the_chain_of_history_holds() -> None:
    order = waiting()
    orders.expire_due_orders(now=DEADLINE)
    confirm(order, now=DEADLINE)
    cancel(order=order, now=DEADLINE)
    previous = ""
    for seq, event in enumerate(OrderEvent.objects.filter(order=order), start=1):
        assert (event.seq, event.chain) == (seq, chain_of(previous=previous, event=event))
        previous = event.chain
    assert seq == 4


def test_uncollected_orders_are_listed_after_their_grace() -> None:
    forgotten, collected = ordered(units={"BOLO": 1}), ordered(units={"BOLO": 1})
    hand_over(order=collected)
    assert forgotten.pickup_ends_at is not None
    patience = forgotten.pickup_ends_at + timedelta(hours=24)
    assert list(selectors.uncollected(now=patience - timedelta(seconds=1), grace_hours=24)) == []
    assert list(selectors.uncollected(now=patience, grace_hours=24)) == [forgotten]


def unpaid(*, now: datetime) -> int:
    return selectors.standing(email="ana@example.com", phone="", document="", customer_id=None, address="", now=now)[1]


def test_orders_that_lapsed_no_longer_wait_at_the_counter() -> None:
    for _order in range(3):
        place(cart=cart_with(units={"BOLO": 1}), email="ana@example.com")
    assert unpaid(now=DEADLINE) == 3
    with connection.cursor() as cursor:  # as if the shop had to accept them first
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE orders_order SET status = 'pending', expires_at = %s", [DEADLINE])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert unpaid(now=MONDAY) == 3
    assert unpaid(now=DEADLINE) == 0


def test_steps_refuse_to_run_alone() -> None:
    order = waiting()
    with pytest.raises(RuntimeError, match="unit of work"):
        orders.record_money(order=order, received=order.total)
    with pytest.raises(RuntimeError, match="unit of work"):
        orders.locked_order(number=order.number, access=ALL)
