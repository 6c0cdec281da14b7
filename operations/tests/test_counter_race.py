"""Many people at one counter, with real threads, real PostgreSQL and real Redis.

Each race has a negative control: the same race with the courtesy taken away inside the test. Either it goes wrong
there, which shows that the courtesy does something, or the constraint stops it, which shows that the constraint does.
"""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import F

from cart import selectors as cart_selectors
from cart import services as carts
from cart.models import CartLine
from cart.services import Units
from common import counters
from common.errors import Refusal
from common.keys import IdempotencyKey
from common.sql import FOR_WRITING
from common.testing import race
from inventory import services as inventory
from inventory.models import StockItem, StockMovement, StockReservation
from inventory.services import claims
from operations.integrity import findings
from orders import services as orders
from orders.models import Order, OrderEvent
from orders.tests.factories import (
    ALL,
    GUEST,
    MONDAY,
    STAFF,
    cancel,
    cart_with,
    ordered,
    place,
    place_once,
    placement_of,
    stocked,
)
from payments import services as payments
from payments.models import Payment
from shop import services as shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture(autouse=True)
def healthy_afterwards() -> Any:
    """After a race the shop's own integrity check finds nothing."""
    yield
    assert findings(now=MONDAY) == []


def outcomes(results: list[Any]) -> Counter[str]:
    """Count the codes of refusals, and `ok` for everything else; an error that is no refusal is re-raised."""
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, Refusal):
            raise result
    return Counter(result.code if isinstance(result, Refusal) else "ok" for result in results)


def deadlocks() -> int:
    """How many deadlocks PostgreSQL has counted in this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


@pytest.mark.fault("A1")
def test_the_last_unit_has_one_buyer_among_64() -> None:
    stocked(sku="LAST", units=1)

    def buy(_number: int) -> Any:
        return place(cart=cart_with(units={"LAST": 1}))

    assert outcomes(race(workers=64, work=buy)) == {"ok": 1, "out_of_stock": 63}
    assert Order.objects.count() == 1
    assert StockItem.objects.values_list("on_hand", "reserved").get() == (1, 1)


def test_the_last_unit_without_the_courtesy_is_saved_by_the_constraint() -> None:
    """Negative control: read, decide, write, without a lock. Many believe they won; the CHECK lets one."""
    stocked(sku="LAST", units=1)
    believed: list[int] = []

    def buy_carelessly(number: int) -> Any:
        item = StockItem.objects.get()
        if item.on_hand - item.reserved < 1:
            return "refused"
        believed.append(number)
        try:
            with transaction.atomic():
                StockItem.objects.filter(pk=item.pk).update(reserved=F("reserved") + 1)
        except IntegrityError as problem:
            return str(problem)
        return "ok"

    results = Counter(
        "constraint" if "stockitem_reserved_within_on_hand" in str(result) else result
        for result in race(workers=16, work=buy_carelessly)
    )
    assert results["ok"] == 1
    assert results["constraint"] == len(believed) - 1
    assert len(believed) > 1
    StockItem.objects.update(reserved=0)


@pytest.mark.fault("A2")
def test_carts_in_opposite_order_never_deadlock() -> None:
    skus = [f"SKU-{number}" for number in range(6)]
    for sku in skus:
        stocked(sku=sku, units=500)
    wanted = [skus, list(reversed(skus))]
    made = [cart_with(units=dict.fromkeys(wanted[number % 2], 1)) for number in range(24)]
    later = MONDAY + timedelta(minutes=20)
    before = deadlocks()

    def order(number: int) -> Any:
        return place(cart=made[number], now=later)

    assert outcomes(race(workers=24, work=order)) == {"ok": 24}
    assert deadlocks() == before


def test_locking_in_opposite_order_without_sorting_deadlocks() -> None:
    """Negative control: the same rows, locked as they come."""
    for sku in ("A", "B"):
        stocked(sku=sku, units=1)
    pks = list(StockItem.objects.order_by("pk").values_list("pk", flat=True))

    def lock_unsorted(number: int) -> Any:
        with transaction.atomic():
            for pk in pks if number % 2 else reversed(pks):
                StockItem.objects.select_for_update().get(pk=pk)
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(0.2)")
        return "ok"

    results = race(workers=2, work=lock_unsorted)
    assert sum("deadlock" in str(result) for result in results) == 1


@pytest.mark.fault("A10")
def test_twenty_requests_with_one_key_make_one_order() -> None:
    stocked(sku="BOLO", units=50)
    cart = cart_with(units={"BOLO": 1})
    placement = placement_of(cart=cart)
    once = IdempotencyKey(scope="orders", key="same", fingerprint="f")

    def order(_number: int) -> Any:
        return place_once(placement=placement, once=once)

    results = race(workers=20, work=order)
    assert outcomes(results) == {"ok": 20}
    assert Counter(answer.replayed for answer in results) == {False: 1, True: 19}
    assert len({answer.body for answer in results}) == 1
    assert Order.objects.count() == 1


@pytest.mark.fault("A11")
def test_one_cart_with_different_keys_makes_one_order() -> None:
    stocked(sku="BOLO", units=50)
    cart = cart_with(units={"BOLO": 1})
    placement = placement_of(cart=cart)

    def order(number: int) -> Any:
        once = IdempotencyKey(scope="orders", key=f"key-{number}", fingerprint="f")
        return place_once(placement=placement, once=once)

    results = race(workers=12, work=order)
    assert outcomes(results) == {"ok": 1, "cart_closed": 11}
    number = Order.objects.get().number
    assert {result.data["order"] for result in results if isinstance(result, Refusal)} == {number}


def test_one_cart_without_its_lock_is_saved_by_the_unique_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: nobody locks the cart. The UNIQUE order per cart lets one in; the others are told so."""
    stocked(sku="BOLO", units=50)
    cart = cart_with(units={"BOLO": 1})
    placement = placement_of(cart=cart)
    monkeypatch.setattr("cart.selectors._LOCKED", cart_selectors._LOCKED.replace(FOR_WRITING, ""))

    def order(_number: int) -> Any:
        return orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=MONDAY)

    judged = counters.read("unit_of_work_repeated")
    results = race(workers=12, work=order)
    number = Order.objects.get().number
    assert outcomes(results) == {"ok": 1, "cart_closed": 11}
    assert {result.data["order"] for result in results if isinstance(result, Refusal)} == {number}
    assert counters.read("unit_of_work_repeated") > judged


def test_units_without_their_lock_are_saved_by_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: nobody locks the stock. All find a unit, the CHECK lets one have it, the others are told so."""
    shop.set_policy(key="cart_hold_minutes", value=0, actor=STAFF, now=MONDAY)
    stocked(sku="LAST", units=1)
    made = [cart_with(units={"LAST": 1}) for _number in range(4)]
    everybody_looked = threading.Barrier(4)
    looked: set[int] = set()
    judge = claims._too_few

    def hesitate(**how: Any) -> Any:
        if threading.get_ident() not in looked:
            looked.add(threading.get_ident())
            everybody_looked.wait(timeout=20)
        return judge(**how)

    monkeypatch.setattr(claims, "_LOCK_ITEMS", claims._LOCK_ITEMS.replace(FOR_WRITING, ""))
    monkeypatch.setattr(claims, "_too_few", hesitate)
    judged = counters.read("unit_of_work_repeated")
    results = race(workers=4, work=lambda number: place(cart=made[number]))
    assert outcomes(results) == {"ok": 1, "out_of_stock": 3}
    missing = [result.data["lines"] for result in results if isinstance(result, Refusal)]
    assert missing == [[{"sku": "LAST", "requested": 1, "available": 0}]] * 3
    assert counters.read("unit_of_work_repeated") == judged + 3
    assert findings(now=MONDAY) == []


def while_locked(work: Callable[[], Any]) -> Any:
    """Run `work` in a thread of its own while somebody else has every stock row locked; it must not wait for them."""
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        list(StockItem.objects.select_for_update())

        def alone() -> Any:
            try:
                return work()
            except Refusal as refusal:
                return refusal
            finally:
                connections.close_all()

        return pool.submit(alone).result(timeout=30)


def test_who_comes_too_late_is_refused_without_waiting_for_anybody() -> None:
    stocked(sku="LAST", units=1)
    cart_with(units={"LAST": 1})
    refusal = while_locked(lambda: cart_with(units={"LAST": 1}))
    assert (refusal.code, refusal.data) == ("out_of_stock", {"sku": "LAST", "requested": 1, "available": 0})


def test_units_that_a_cart_still_keeps_are_ordered_without_the_lock_of_their_stock() -> None:
    stocked(sku="BOLO", units=5)
    cart = cart_with(units={"BOLO": 2})
    assert while_locked(lambda: place(cart=cart)).order.status == "confirmed"
    assert StockReservation.objects.values_list("allocated", "expires_at").get() == (True, None)


@pytest.mark.fault("L12")
def test_twenty_parallel_adds_add_up() -> None:
    stocked(sku="PAO", units=100)
    cart_id = cart_with(units={}).public_id

    def add(_number: int) -> Any:
        return carts.add_units(cart_id=cart_id, units=Units(sku="PAO", quantity=1), customer_id=None, now=MONDAY)

    assert outcomes(race(workers=20, work=add)) == {"ok": 20}
    assert CartLine.objects.get().quantity == 20
    assert StockReservation.objects.get().quantity == 20
    assert StockItem.objects.get().reserved == 20


def test_parallel_adds_that_read_and_write_back_lose_units() -> None:
    """Negative control: read the line, add in Python, write it back."""
    stocked(sku="PAO", units=100)
    cart_with(units={"PAO": 1})

    def add_carelessly(_number: int) -> Any:
        line = CartLine.objects.get()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.05)")
        CartLine.objects.filter(pk=line.pk).update(quantity=line.quantity + 1)
        return "ok"

    race(workers=10, work=add_carelessly)
    assert CartLine.objects.get().quantity < 11


@pytest.mark.fault("C21")
@pytest.mark.fault("D13")
@pytest.mark.parametrize("round_number", range(6))
def test_expiry_cancel_and_confirm_have_one_winner(round_number: int) -> None:
    stocked(sku="BOLO", units=3, price="20.00")
    order = ordered(units={"BOLO": 2}, payment_method="transfer")
    assert order.expires_at is not None
    at_deadline = order.expires_at
    just_before = at_deadline - timedelta(seconds=1)
    doors: list[Callable[[], Any]] = [
        lambda: orders.expire_due_orders(now=at_deadline),
        lambda: cancel(order=order, now=just_before),
        lambda: payments.confirm_order(
            number=order.number, amount=order.total, reference="TED", access=ALL, actor=STAFF, now=just_before
        ),
    ]

    def knock(number: int) -> Any:
        return doors[(number + round_number) % 3]()

    results = outcomes(race(workers=6, work=knock))
    assert set(results) <= {"ok", "invalid_transition"}
    final = Order.objects.get()
    steps = list(OrderEvent.objects.values_list("from_status", "to_status"))
    item = StockItem.objects.get()
    if final.status == "confirmed":
        assert (item.reserved, final.paid) == (2, final.total)
    elif final.status == "expired":
        assert (item.reserved, final.paid, len(steps)) == (0, 0, 2)
    else:
        assert final.status == "cancelled"
        assert item.reserved == 0
        assert final.paid in (0, final.total)
    assert Payment.objects.filter(status="succeeded").count() == (1 if final.paid else 0)


def test_parallel_cancels_return_the_units_once() -> None:
    stocked(sku="BOLO", units=5)
    order = ordered(units={"BOLO": 3})

    def give_up(_number: int) -> Any:
        return cancel(order=order)

    assert outcomes(race(workers=10, work=give_up)) == {"ok": 10}
    assert StockItem.objects.values_list("on_hand", "reserved").get() == (5, 0)
    assert OrderEvent.objects.filter(to_status="cancelled").count() == 1


@pytest.mark.fault("A19")
def test_a_count_against_sales_never_leaves_less_than_is_promised() -> None:
    stocked(sku="BOLO", units=20)

    def act(number: int) -> Any:
        if number % 4:
            return place(cart=cart_with(units={"BOLO": 1}))
        return inventory.adjust_stock(sku="BOLO", operation="set", quantity=8, reason="Count", actor=STAFF, now=MONDAY)

    results = outcomes(race(workers=24, work=act))
    assert set(results) <= {"ok", "out_of_stock", "below_reserved"}
    item = StockItem.objects.get()
    assert item.reserved == Order.objects.count()
    assert item.reserved <= item.on_hand
    assert item.on_hand == sum(StockMovement.objects.values_list("delta", flat=True))


@pytest.mark.fault("A24")
def test_rows_that_point_at_a_locked_stock_row_are_not_blocked() -> None:
    stocked(sku="BOLO", units=5)
    pk = StockItem.objects.get().pk

    def act(number: int) -> Any:
        if number == 0:
            with transaction.atomic():
                StockItem.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(0.6)")
            return "locked"
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.2)")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '200ms'")
            StockReservation.objects.create(stock_item_id=pk, claim=UUID(int=number), quantity=1, expires_at=MONDAY)
            transaction.set_rollback(True)
        return "inserted"

    assert race(workers=2, work=act) == ["locked", "inserted"]


def test_orders_of_different_people_for_one_sku_stop_at_what_is_there() -> None:
    """Twenty carts that hold nothing, ten units: ten of them get one."""
    shop.set_policy(key="cart_hold_minutes", value=0, actor=STAFF, now=MONDAY)
    stocked(sku="HOT", units=10)
    made = [placement_of(cart=cart_with(units={"HOT": 1})) for _cart in range(20)]

    def order(number: int) -> Any:
        return orders.place_order(placement=made[number], customer_id=None, actor=GUEST, now=MONDAY)

    results = outcomes(race(workers=20, work=order))
    assert results == {"ok": 10, "out_of_stock": 10}
    assert Order.objects.count() == StockItem.objects.get().reserved == 10
