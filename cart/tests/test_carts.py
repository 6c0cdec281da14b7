"""Whole carts: held or not held, run out, and taken over at login."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction

from accounts.tests.doors import a_customer
from cart import selectors
from cart import services as carts
from cart.errors import CartClosed, CartFull
from cart.models import Cart, CartLine
from cart.pricing import Notice
from cart.services import Units
from catalog.models import Variant
from catalog.tests import factories as catalog
from common import clock, counters
from common.actors import Actor
from common.errors import NotFound, Refusal
from common.transactions import locked, unit_of_work
from counter.models import ParkedSale
from devstack.processes import wait_until
from inventory import services as inventory
from inventory.errors import OutOfStock
from inventory.models import StockItem, StockReservation
from inventory.tests.factories import MONDAY, receive, stocked
from shop import services as shop
from shop.tests.factories import OWNER

pytestmark = pytest.mark.django_db

GUEST = Actor(kind="guest", id="", door="api")
TOMORROW = MONDAY + timedelta(hours=24)


@pytest.fixture(autouse=True)
def shelf() -> None:
    stocked(sku="BOLO", units=10, price="59.90")
    stocked(sku="PAO", units=2000, price="0.90")


def opened(*, customer_id: int | None = None, now: Any = MONDAY, **units: Any) -> UUID:
    wanted = [Units(sku=sku, quantity=int(quantity)) for sku, quantity in units.items()]
    return carts.open_cart(units=wanted, customer_id=customer_id, now=now).public_id


def somebody() -> int:
    return int(a_customer().customer.pk)


def hold_nothing() -> None:
    shop.set_policy(key="cart_hold_minutes", value=0, actor=OWNER, now=MONDAY)


def waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("""
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
        """)
        return int(cursor.fetchone()[0])


def everything() -> Any:
    tables = (Cart, CartLine, StockItem, StockReservation)
    return [list(model.objects.order_by("pk").values()) for model in tables]


def unchanged(kind: type[Refusal], act: Any) -> Refusal:
    before = everything()
    with pytest.raises(kind) as caught:
        act()
    assert everything() == before
    return caught.value


def contents(cart_id: UUID) -> dict[str, int]:
    rows = CartLine.objects.filter(cart__public_id=cart_id).order_by("variant__sku")
    return dict(rows.values_list("variant__sku", "quantity"))


def reserved() -> dict[str, int]:
    return dict(StockItem.objects.filter(reserved__gt=0).values_list("variant__sku", "reserved"))


def test_a_shop_may_hold_nothing_for_carts() -> None:
    hold_nothing()
    cart = carts.open_cart(units=[Units(sku="BOLO", quantity=3)], customer_id=None, now=MONDAY)
    assert (cart.lines[0].held_until, reserved()) == (None, {})
    again = carts.add_units(cart_id=cart.public_id, units=Units(sku="BOLO", quantity=7), customer_id=None, now=MONDAY)
    assert (again.lines[0].quantity, StockReservation.objects.count()) == (10, 0)
    refusal = unchanged(OutOfStock, lambda: opened(BOLO=11))
    assert refusal.data == {"sku": "BOLO", "requested": 11, "available": 10}


def test_the_hold_lasts_as_long_as_the_shop_says() -> None:
    shop.set_policy(key="cart_hold_minutes", value=40, actor=OWNER, now=MONDAY)
    opened(BOLO=1)
    assert StockReservation.objects.get().expires_at == MONDAY + timedelta(minutes=40)


def test_no_line_is_held_for_ever_however_often_it_is_changed() -> None:
    cart = opened(BOLO=10)
    line = CartLine.objects.get().public_id

    def write(minutes: int) -> Any:
        now = MONDAY + timedelta(minutes=minutes)
        filled = carts.set_quantity(cart_id=cart, line_id=line, quantity=10, customer_id=None, now=now)
        return filled.lines[0].held_until

    held = [write(minutes) for minutes in (14, 28, 42, 56, 59)]
    assert held == [MONDAY + timedelta(minutes=minutes) for minutes in (29, 43, 57, 60, 60)]
    assert write(60) is None
    opened(BOLO=10, now=MONDAY + timedelta(minutes=61))
    with pytest.raises(OutOfStock):
        write(62)
    assert contents(cart) == {"BOLO": 10}


def test_a_line_taken_over_has_been_held_since_it_was_first() -> None:
    customer_id = somebody()
    opened(customer_id=customer_id, BOLO=1, now=MONDAY + timedelta(minutes=50))
    guest = opened(BOLO=1)
    taken = carts.take_over(cart_id=guest, customer_id=customer_id, now=MONDAY + timedelta(minutes=51))
    assert taken.lines[0].held_until == MONDAY + timedelta(minutes=60)


def test_what_ran_out_is_free_for_the_next_without_any_sweep() -> None:
    opened(BOLO=10)
    unchanged(OutOfStock, lambda: opened(BOLO=1, now=MONDAY + timedelta(minutes=14)))
    late = opened(BOLO=10, now=MONDAY + timedelta(minutes=15))
    assert (contents(late), reserved()) == ({"BOLO": 10}, {"BOLO": 10})


@pytest.mark.fault("D12")
def test_the_sweep_writes_down_what_is_so_anyway() -> None:
    hold_nothing()
    old = [opened(BOLO=1) for _cart in range(5)]
    young = opened(PAO=1, now=MONDAY + timedelta(minutes=1))
    assert carts.expire_carts(now=TOMORROW, batch=2) == 5
    assert carts.expire_carts(now=TOMORROW, batch=2) == 0
    states = dict(Cart.objects.values_list("public_id", "status"))
    assert states == dict.fromkeys(old, "expired") | {young: "open"}
    assert contents(old[0]) == {"BOLO": 1}


def test_an_expired_cart_gives_back_what_it_still_keeps() -> None:
    opened(BOLO=4)
    StockReservation.objects.update(expires_at=TOMORROW + timedelta(hours=1))
    assert carts.expire_carts(now=TOMORROW) == 1
    assert (reserved(), StockReservation.objects.count()) == ({}, 0)


@pytest.mark.fault("D11")
@pytest.mark.django_db(transaction=True)
def test_two_sweeps_never_wait_for_each_other_and_never_do_a_cart_twice() -> None:
    hold_nothing()
    first = opened(PAO=1)
    for _cart in range(3):
        opened(PAO=1)
    with transaction.atomic():
        Cart.objects.select_for_update(of=("self",), no_key=True).get(public_id=first)
        assert _elsewhere(lambda: carts.expire_carts(now=TOMORROW)) == 3
    assert carts.expire_carts(now=TOMORROW) == 1


def _elsewhere(work: Any) -> Any:
    def run() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(timeout=20)


def test_taking_over_sums_and_caps_and_says_so() -> None:
    customer = somebody()
    own = opened(customer_id=customer, PAO=600, BOLO=1)
    guest = opened(PAO=500, BOLO=2)
    taken = carts.take_over(cart_id=guest, customer_id=customer, now=MONDAY)
    assert taken.public_id == own
    assert contents(own) == {"PAO": 999, "BOLO": 3}
    assert taken.notices == (Notice(code="quantity_capped", sku="PAO", requested=1100, quantity=999),)
    assert reserved() == {"PAO": 999, "BOLO": 3}
    assert (contents(guest), Cart.objects.get(public_id=guest).status) == ({}, "merged")


def test_taking_over_loses_nothing_in_silence_when_the_units_are_gone() -> None:
    customer = somebody()
    own = opened(customer_id=customer, BOLO=6)
    later = MONDAY + timedelta(minutes=15)
    guest = opened(BOLO=3, now=later)
    opened(BOLO=5, now=later)
    taken = carts.take_over(cart_id=guest, customer_id=customer, now=later)
    assert contents(own) == {"BOLO": 9}
    assert taken.notices == (Notice(code="not_held", sku="BOLO", requested=9, quantity=9),)
    assert taken.lines[0].held_until is None


def test_taking_over_keeps_what_there_is_enough_of() -> None:
    customer = somebody()
    own = opened(customer_id=customer, BOLO=6, PAO=1)
    later = MONDAY + timedelta(minutes=15)
    guest = opened(BOLO=3, PAO=2, now=later)
    opened(BOLO=5, now=later)
    taken = carts.take_over(cart_id=guest, customer_id=customer, now=later)
    assert contents(own) == {"BOLO": 9, "PAO": 3}
    assert taken.notices == (Notice(code="not_held", sku="BOLO", requested=9, quantity=9),)
    assert {line.sku: line.held_until is not None for line in taken.lines} == {"BOLO": False, "PAO": True}


def test_taking_over_where_nothing_is_held() -> None:
    hold_nothing()
    customer = somebody()
    own = opened(customer_id=customer, BOLO=8)
    guest = opened(BOLO=8, PAO=1)
    taken = carts.take_over(cart_id=guest, customer_id=customer, now=MONDAY)
    assert (contents(own), taken.notices) == ({"BOLO": 16, "PAO": 1}, ())


def test_a_cart_that_would_overflow_is_not_taken_over() -> None:
    customer, product = somebody(), catalog.product()
    for number in range(51):
        catalog.variant(sku=f"S{number}", product=product)
        receive(sku=f"S{number}", units=1)
    opened(customer_id=customer, **dict[str, Any]({f"S{number}": 1 for number in range(25)}))
    guest = opened(**dict[str, Any]({f"S{number}": 1 for number in range(25, 51)}))
    refusal = unchanged(CartFull, lambda: carts.take_over(cart_id=guest, customer_id=customer, now=MONDAY))
    assert refusal.data == {"max": 50}


def test_a_closed_cart_takes_nothing_in_and_is_not_taken_over() -> None:
    customer = somebody()
    old = opened(customer_id=customer, BOLO=1)
    guest = opened(PAO=1, now=TOMORROW)
    taken = carts.take_over(cart_id=guest, customer_id=customer, now=TOMORROW)
    assert taken.public_id == guest
    assert contents(old) == {"BOLO": 1}
    late = TOMORROW + timedelta(hours=24)
    unchanged(CartClosed, lambda: carts.take_over(cart_id=old, customer_id=customer, now=TOMORROW))
    unchanged(CartClosed, lambda: carts.take_over(cart_id=guest, customer_id=customer, now=late))
    unchanged(NotFound, lambda: carts.take_over(cart_id=uuid4(), customer_id=customer, now=TOMORROW))
    unchanged(NotFound, lambda: carts.take_over(cart_id=guest, customer_id=somebody(), now=TOMORROW))


def test_the_newest_open_cart_is_the_one_that_counts() -> None:
    customer = somebody()
    opened(customer_id=customer, BOLO=1)
    newest = opened(customer_id=customer, BOLO=1)
    taken = carts.take_over(cart_id=opened(PAO=1), customer_id=customer, now=MONDAY)
    assert taken.public_id == newest


@pytest.mark.parametrize("wanted", [{"BOLO": 11}, {"PAO": 1, "BOLO": 11}, {"PAO": 1, "NADA": 1}])
def test_a_cart_that_cannot_be_filled_is_not_opened(wanted: dict[str, Any]) -> None:
    unchanged(Refusal, lambda: opened(**wanted))


def test_a_line_is_units_or_a_visit() -> None:
    cart = opened()
    with pytest.raises(RuntimeError, match="units or a visit"):
        carts.add_line(cart_id=cart, units=None, wish=None, customer_id=None, actor=GUEST, now=MONDAY)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"quantity": 0}, "cartline_quantity_bounds"),
        ({"quantity": 100_001}, "cartline_quantity_bounds"),
        ({"unit_price_seen": "-0.01"}, "cartline_price_bounds"),
        ({"kind": "visit"}, "cartline_visit_is_one"),
    ],
)
def test_the_constraints_judge_lines(change: dict[str, Any], constraint: str) -> None:
    opened(BOLO=2)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        CartLine.objects.update(**change)


def test_one_line_for_each_sku() -> None:
    cart = Cart.objects.get(public_id=opened(BOLO=2))
    variant = Variant.objects.get(sku="BOLO")
    with pytest.raises(IntegrityError, match="cartline_one_per_sku"), transaction.atomic():
        CartLine.objects.create(cart=cart, variant=variant, quantity=1, unit_price_seen=1)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_logins_at_once_merge_the_cart_once() -> None:
    customer = somebody()
    own, guest = opened(customer_id=customer, BOLO=1), opened(BOLO=2)
    barrier = threading.Barrier(4)

    def take() -> Any:
        barrier.wait(timeout=20)
        try:
            return str(carts.take_over(cart_id=guest, customer_id=customer, now=MONDAY).public_id)
        except CartClosed:
            return "closed"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        results = [future.result() for future in [pool.submit(take) for _login in range(4)]]
    assert sorted(results) == sorted([str(own), "closed", "closed", "closed"])
    assert (contents(own), reserved()) == ({"BOLO": 3}, {"BOLO": 3})


@pytest.mark.race
@pytest.mark.parametrize("swept", [False, True])
@pytest.mark.django_db(transaction=True)
def test_two_logins_that_cross_wait_for_each_other_in_one_order(swept: bool) -> None:
    """Two carts with the same goods in opposite orders: neither login has to be run again.

    `swept`: what each guest put in first is kept no more, so that only holding the sums comes to its stock row.
    """
    stocked(sku="MEL", units=10, price="30.00")
    crossing = [(somebody(), ("BOLO", "MEL", "PAO")), (somebody(), ("PAO", "MEL", "BOLO"))]
    guests = []
    for customer, skus in crossing:
        opened(customer_id=customer, BOLO=1, MEL=1, PAO=1)
        guest = opened()
        for sku in skus:
            carts.add_units(cart_id=guest, units=Units(sku=sku, quantity=2), customer_id=None, now=MONDAY)
        guests.append(guest)
        if swept:
            with unit_of_work():
                inventory.release(claims=[CartLine.objects.get(cart__public_id=guest, variant__sku=skus[0]).claim])

    def take(number: int) -> Any:
        try:
            return carts.take_over(cart_id=guests[number], customer_id=crossing[number][0], now=MONDAY).notices
        finally:
            connections.close_all()

    before = counters.read("unit_of_work_repeated")
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            locked(StockItem.objects.filter(variant__sku="MEL")).get()
            taken = [pool.submit(take, number) for number in range(2)]
            assert wait_until(lambda: waiting_for_locks() == 2, seconds=30)
        assert [future.result() for future in taken] == [(), ()]
    assert counters.read("unit_of_work_repeated") == before
    assert reserved() == {"BOLO": 6, "MEL": 6, "PAO": 6}


def test_taking_over_names_what_is_no_longer_for_sale() -> None:
    guest = opened(PAO=2, BOLO=1)
    Variant.objects.filter(sku="BOLO").update(is_active=False)
    taken = carts.take_over(cart_id=guest, customer_id=somebody(), now=MONDAY)
    assert taken.notices == (Notice(code="not_for_sale", sku="BOLO", requested=1, quantity=1),)
    assert {line.sku: line.for_sale for line in taken.lines} == {"PAO": True, "BOLO": False}


def test_a_cart_that_was_read_is_the_one_in_the_database() -> None:
    kept = Cart.objects.get(public_id=opened())
    read = selectors.cart_of(cart_id=kept.public_id)
    assert read == kept
    assert read is not None
    assert not read._state.adding
    read.save()
    assert Cart.objects.values().get() == {field: getattr(kept, field) for field in Cart.objects.values().get()}


def test_carts_that_ran_out_long_ago_are_deleted_unless_something_points_at_them() -> None:
    def cart(status: str, *, days: int) -> Cart:
        over = clock.now() - timedelta(days=days)
        return Cart.objects.create(status=status, created_at=over, expires_at=over)

    kept = [cart("open", days=200), cart("ordered", days=200), cart("expired", days=80)]
    parked = cart("expired", days=200)
    now = clock.now()
    ParkedSale.objects.create(label="Ana", cart=parked, created_at=now, changed_at=now)
    cart("expired", days=91)
    cart("merged", days=91)
    assert carts.forget_carts(now=now, batch=1) == 2
    assert set(Cart.objects.values_list("pk", flat=True)) == {one.pk for one in [*kept, parked]}
