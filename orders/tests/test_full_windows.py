"""How many orders one pickup window takes: no more than the shop says, however many come at once."""

import threading
from datetime import datetime, timedelta
from importlib import import_module
from typing import cast

import pytest

from cart.errors import PickupUnavailable
from common.testing import race, statements
from counter.tests.factories import cash, goods, sell
from operations.integrity import examine, findings
from operations.tests.mixed import confirm
from orders import selectors
from orders import services as orders
from orders.models import Order
from orders.selectors import WholeOrder
from orders.tests.factories import (
    ALL,
    GUEST,
    MONDAY,
    STAFF,
    cancel,
    cart_with,
    hand_over,
    late_pickup,
    ordered,
    place,
    placement_of,
    quoted,
    stocked,
)
from scheduling.errors import WouldStrand
from scheduling.tests.factories import set_policy
from shop import services as shop
from shop.services import ShopSheet
from shop.windows import pickup_windows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def shelf() -> None:
    stocked(sku="BREAD", units=99)


def an_order() -> Order:
    return ordered(units={"BREAD": 1})


def starts() -> list[datetime | None]:
    return list(Order.objects.order_by("pk").values_list("pickup_starts_at", flat=True))


def windows() -> list[datetime]:
    """The windows that a buyer could have if nobody had ordered."""
    policy = shop.policy()
    return [one.starts_at for one in pickup_windows(policy=policy, now=MONDAY, lead_minutes=policy.pickup_lead_minutes)]


def offered() -> list[datetime]:
    return [start for start, _end in quoted(cart_with(units={"BREAD": 1})).windows]


def refused_at(pickup_at: datetime) -> str | None:
    """The earliest window that the refusal of this one names."""
    placement = placement_of(cart=cart_with(units={"BREAD": 1}), pickup_at=pickup_at)
    with pytest.raises(PickupUnavailable) as refusal:
        orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=MONDAY)
    return cast("str | None", refusal.value.data["earliest"])


def test_without_a_bound_everybody_gets_the_first_window() -> None:
    for _order in range(5):
        an_order()
    assert set(starts()) == {windows()[0]}


def test_a_full_window_is_offered_no_more_and_the_next_one_is_taken() -> None:
    set_policy(max_pickups_per_window=2)
    first, second, third = windows()[:3]
    for _order in range(3):
        an_order()
    assert starts() == [first, first, second]
    assert offered()[:2] == [second, third]
    assert refused_at(first) == second.isoformat()
    an_order()
    assert refused_at(second) == third.isoformat()


def test_what_is_cancelled_or_ran_out_leaves_its_place() -> None:
    set_policy(max_pickups_per_window=1)
    gone = an_order()
    assert offered()[0] == windows()[1]
    cancel(order=gone)
    assert offered()[0] == windows()[0]
    waiting, far = ordered(units={"BREAD": 1}, payment_method="transfer"), late_pickup(now=MONDAY)
    assert waiting.pickup_starts_at == far
    assert far not in offered()
    assert waiting.expires_at is not None
    free = quoted(cart_with(units={"BREAD": 1}, now=waiting.expires_at), now=waiting.expires_at).windows
    assert far in [start for start, _end in free]


def test_money_that_comes_late_brings_an_order_back_even_into_a_full_window() -> None:
    set_policy(max_pickups_per_window=1)
    late = ordered(units={"BREAD": 1}, payment_method="transfer")
    assert late.expires_at is not None
    after = late.expires_at + timedelta(minutes=1)
    placement = placement_of(cart=cart_with(units={"BREAD": 1}, now=after), pickup_at=late.pickup_starts_at)
    orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=after)
    back = confirm(late, now=after)
    assert (back.status, back.pickup_starts_at) == ("confirmed", late.pickup_starts_at)
    assert selectors.stranded_pickups(policy=shop.policy(), now=after) != []


def test_a_pickup_moves_into_a_free_window_alone_and_frees_its_own() -> None:
    set_policy(max_pickups_per_window=1)
    mine, other = an_order(), an_order()
    first, second, third = windows()[:3]
    assert starts() == [first, second]

    def move(pickup_at: datetime) -> Order:
        return orders.reschedule_pickup(
            number=mine.number, pickup_at=pickup_at, access=ALL, actor=STAFF, now=MONDAY, reason="Pediu"
        )

    assert move(first).pickup_starts_at == first, "its own window is not full for it"
    with pytest.raises(PickupUnavailable):
        move(second)
    assert move(third).pickup_starts_at == third
    cancel(order=other)
    assert offered()[:2] == [first, second]


def test_a_sale_at_the_counter_takes_no_place() -> None:
    set_policy(max_pickups_per_window=1)
    sell(cash("10.00"), goods=goods(BREAD=1))
    assert offered()[0] == windows()[0]


@pytest.mark.race
def test_many_at_once_fill_a_window_to_its_bound_and_go_on_with_the_next() -> None:
    set_policy(max_pickups_per_window=3)
    carts = [cart_with(units={"BREAD": 1}) for _worker in range(8)]
    results = race(workers=8, work=lambda number: place(cart=carts[number]))
    assert all(isinstance(result, WholeOrder) for result in results), results
    first, second, third = windows()[:3]
    assert sorted(start for start in starts() if start) == [first] * 3 + [second] * 3 + [third] * 2
    assert findings(now=MONDAY) == []


@pytest.mark.race
def test_without_waiting_for_each_other_they_would_overfill_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: whoever counts before the others have written finds the window free."""
    set_policy(max_pickups_per_window=3)
    carts = [cart_with(units={"BREAD": 1}) for _worker in range(5)]
    counted = threading.Barrier(5, timeout=30)

    def promised(*, now: datetime, but: str) -> dict[datetime, int]:
        found = selectors.promised_pickups(now=now, but=but)
        counted.wait()
        return found

    monkeypatch.setattr(import_module("orders.services.place_order"), "one_pickup_at_a_time", lambda **_policy: None)
    monkeypatch.setattr("shop.pickups._promised", [promised])
    race(workers=5, work=lambda number: place(cart=carts[number]))
    assert starts() == [windows()[0]] * 5


def test_a_smaller_bound_names_those_who_ordered_last() -> None:
    early, late, later = an_order(), an_order(), an_order()
    sheet = ShopSheet(values={"max_pickups_per_window": 1})
    with pytest.raises(WouldStrand) as refusal:
        orders.change_shop(sheet=sheet, actor=STAFF, now=MONDAY)
    named = cast("list[dict[str, str]]", refusal.value.data["pickups"])
    assert [one["number"] for one in named] == [late.number, later.number]
    assert shop.policy().max_pickups_per_window == 0
    left = orders.change_shop(sheet=sheet, actor=STAFF, now=MONDAY, anyway=True)
    assert left.pickups == [late, later]
    assert findings(now=MONDAY) == []
    assert [found.check.name for found in examine(now=MONDAY).warnings] == ["orders.pickups_within_opening_hours"]
    assert offered()[0] == windows()[1]
    cancel(order=early)
    assert selectors.stranded_pickups(policy=shop.policy(), now=MONDAY) == [later]


def test_what_has_left_the_shop_leaves_its_place() -> None:
    set_policy(max_pickups_per_window=1)
    hand_over(order=an_order())
    assert Order.objects.get().status == "confirmed", "it has not been paid"
    assert offered()[0] == windows()[0]


def test_longer_windows_name_whom_they_take_too_many_of() -> None:
    set_policy(pickup_window_minutes=30, max_pickups_per_window=1)
    first, second = an_order(), an_order()
    assert starts() == windows()[:2]
    with pytest.raises(WouldStrand) as refusal:
        orders.change_shop(sheet=ShopSheet(values={"pickup_window_minutes": 60}), actor=STAFF, now=MONDAY)
    named = cast("list[dict[str, str]]", refusal.value.data["pickups"])
    assert [one["number"] for one in named] == [second.number]
    assert first.number != second.number


def test_a_bound_costs_a_quote_one_statement_however_many_orders_there_are() -> None:
    cart = cart_with(units={"BREAD": 1})

    def cost() -> int:
        with statements() as found:
            quoted(cart)
        return len(found)

    without = cost()
    set_policy(max_pickups_per_window=1)
    few = cost()
    for _order in range(4):
        an_order()
    assert (few - without, cost() - without) == (1, 1)


def test_what_begins_within_a_window_counts_where_windows_were_cut_otherwise_before() -> None:
    set_policy(max_pickups_per_window=1)
    order = an_order()
    moved = windows()[0] + timedelta(minutes=30)
    Order.objects.filter(pk=order.pk).update(pickup_starts_at=moved)
    assert windows()[0] not in offered()
    assert windows()[1] in offered()
