"""How many statements the counter's requests cost, BEGIN and COMMIT included, and that more rows cost no more."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from time_machine import Traveller

from accounts.tests.doors import delete, get, ok, patch, post, staff_with
from cart.tests.factories import a_cart
from common.testing import statements
from inventory import services as inventory
from inventory.tests.factories import MONDAY, stocked
from orders.tests.doors import an_order, wish_of

pytestmark = pytest.mark.django_db(transaction=True)

SKUS = [f"SKU-{number:02}" for number in range(20)]


@pytest.fixture(autouse=True)
def shelf(time_machine: Traveller) -> None:
    time_machine.move_to(MONDAY, tick=False)
    for sku in SKUS:
        stocked(sku=sku, units=99)


def cost(act: Callable[[], Any], status: int = 200) -> list[str]:
    """The statements of a request that must succeed."""
    with statements() as found:
        ok(act(), status)
    return found


def units(count: int) -> dict[str, int]:
    return dict.fromkeys(SKUS[:count], 2)


def test_adding_a_line() -> None:
    cart = a_cart()
    where = f"/carts/{cart['id']}/lines/"
    first = cost(lambda: post(where, {"sku": SKUS[0], "quantity": 1}), 201)
    again = cost(lambda: post(where, {"sku": SKUS[0], "quantity": 1}), 201)
    full = a_cart(units(19))
    last = cost(lambda: post(f"/carts/{full['id']}/lines/", {"sku": SKUS[19], "quantity": 1}), 201)
    assert (len(first), len(again), len(last)) == (7, 8, 7), "\n".join(first)
    assert (first[0], first[-1]) == ("BEGIN", "COMMIT")


@pytest.mark.parametrize("lines", [1, 3, 20])
def test_opening_a_cart_with_lines(lines: int) -> None:
    wanted = [{"sku": sku, "quantity": 2} for sku in SKUS[:lines]]
    assert len(cost(lambda: post("/carts/", {"lines": wanted}), 201)) == 6
    assert len(cost(lambda: post("/carts/", {}), 201)) == 4


def test_changing_and_removing_a_line() -> None:
    cart = a_cart(units(12))
    line = f"/carts/{cart['id']}/lines/{cart['lines'][0]['id']}/"
    assert len(cost(lambda: patch(line, {"quantity": 7}))) == 8
    assert len(cost(lambda: delete(line))) == 8


@pytest.mark.parametrize("lines", [1, 3, 20])
def test_placing_an_order(lines: int) -> None:
    cart = a_cart(units(lines))
    found = cost(lambda: post("/orders/", wish_of(cart), key="k"), 201)
    assert len(found) == 11, "\n".join(found)
    again = cost(lambda: post("/orders/", wish_of(cart), key="k"), 201)
    assert len(again) == 5, "\n".join(again)


@pytest.mark.parametrize("lines", [1, 3, 20])
def test_reading_carts_and_orders(lines: int) -> None:
    cart = a_cart(units(lines))
    assert len(cost(lambda: get(f"/carts/{cart['id']}/"))) == 3
    assert len(cost(lambda: post(f"/carts/{cart['id']}/quote/", {}))) == 3
    order = an_order(units(lines))
    assert len(cost(lambda: get(f"/orders/{order['number']}/", token=order["access_token"]))) == 6
    assert len(cost(lambda: get(f"/orders/{order['number']}/history/", token=order["access_token"]))) == 2


@pytest.mark.parametrize("orders", [1, 12])
def test_listing_orders(orders: int) -> None:
    for _order in range(orders):
        an_order(units(2))
    staff = staff_with("orders.view_order", "orders.view_ordercontact")
    assert staff.has_perms(["orders.view_order", "orders.view_ordercontact"])
    assert len(cost(lambda: get("/orders/", user=staff))) == 2


def test_cancelling_an_order() -> None:
    staff = staff_with("orders.view_order", "orders.view_ordercontact", "orders.cancel_order")
    numbers = [an_order(units(lines), payment_method="transfer")["number"] for lines in (1, 3, 20)]
    ok(get("/orders/", user=staff))  # whoever is signed in has been looked up
    costs = [cost(partial(post, f"/orders/{number}/cancel/", {"reason": "x"}, user=staff)) for number in numbers]
    assert [len(found) for found in costs] == [18, 18, 18]


def test_a_claim_that_ran_out_costs_one_order_no_more(time_machine: Traveller) -> None:
    cart = a_cart(units(3))
    time_machine.move_to(MONDAY + timedelta(minutes=20), tick=False)
    assert inventory.release_expired(now=MONDAY + timedelta(minutes=20)) == 3
    assert len(cost(lambda: post("/orders/", wish_of(cart), key="k"), 201)) == 14
