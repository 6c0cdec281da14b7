"""How much one person may keep without paying for it, however it is spelled and however many requests come at once."""

import threading
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from pytest_django import Settings
from time_machine import Traveller

from accounts import services as accounts
from accounts.tests import factories as people
from accounts.tests.doors import a_customer, ok, refused
from cart.models import Cart
from cart.tests.factories import a_cart
from common.errors import Refusal
from common.testing import counted_by_the_planner, race
from inventory.models import StockItem
from inventory.tests.factories import MONDAY, stocked
from orders import selectors
from orders.errors import TooManyOpenOrders
from orders.models import Order, OrderContact
from orders.selectors import WholeOrder
from orders.selectors.people import _standing
from orders.tests.doors import ANA, place
from orders.tests.factories import cart_with
from orders.tests.factories import place as ordered_by
from scheduling.tests.factories import set_policy

pytestmark = pytest.mark.django_db

PHONE = "+5511987654321"
LATE: dict[str, Any] = {
    "payment_method": "transfer",
    "fulfilment": {"method": "pickup", "pickup_at": "2026-03-06T12:00:00-03:00"},
}


@pytest.fixture(autouse=True)
def shelf(time_machine: Traveller) -> None:
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=99, price="59.90")


def order(email: str = "ana@example.com", *, user: Any = None, phone: str = "", **changes: Any) -> Any:
    contact = ANA | {"email": email} | ({"phone": phone} if phone else {})
    return place(a_cart({"BOLO": 1}, user=user), user=user, customer=contact, **changes)


@pytest.mark.parametrize("method", ["on_site", "transfer"])
def test_unpaid_orders_are_bounded_whatever_the_method(method: str) -> None:
    for _order in range(3):
        ok(order(**LATE), 201)
    problem = refused(order(**(LATE if method == "transfer" else {})), 422, "too_many_open_orders")
    assert (problem["max"], Order.objects.count()) == (3, 3)
    assert problem["detail"].startswith("No máximo 3 pedidos ")


def test_tags_and_dots_are_the_same_mailbox() -> None:
    for spelling in ("ana.lima@gmail.com", "analima+1@gmail.com", "A.N.A.lima@googlemail.com"):
        ok(order(spelling), 201)
    refused(order("anal.ima+x@gmail.com"), 422, "too_many_open_orders")
    ok(order("ana.lima@example.com"), 201)


def test_one_phone_is_one_person() -> None:
    for number in range(3):
        ok(order(f"p{number}@example.com", phone=PHONE), 201)
    refused(order("p4@example.com", phone="(11) 98765-4321"), 422, "too_many_open_orders")
    ok(order("p4@example.com"), 201)


def test_one_address_leaves_only_so_much_unpaid_where_the_owner_says_so(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    set_policy(max_open_orders_per_email=1, max_open_orders_per_address=2)

    def from_address(number: int, address: str) -> Any:
        cart = a_cart({"BOLO": 1}, X_Forwarded_For=address)
        return place(cart, customer=ANA | {"email": f"p{number}@example.com"})

    for number in range(2):
        ok(from_address(number, "203.0.113.7"), 201)
    problem = refused(from_address(3, "203.0.113.7"), 422, "too_many_open_orders")
    assert (problem["max"], "da sua conexão" in problem["detail"]) == (2, True)
    ok(from_address(3, "203.0.113.8"), 201)
    set_policy(max_open_orders_per_email=0, max_open_orders_per_address=0)
    ok(from_address(3, "203.0.113.7"), 201)


def test_what_guests_order_in_a_name_keeps_nobody_from_ordering_who_signs_in() -> None:
    ana = a_customer()
    for _order in range(3):
        ok(order(ana.email), 201)
    refused(order(ana.email), 422, "too_many_open_orders")
    for number in range(3):
        ok(order(f"other{number}@example.com", user=ana), 201)
    refused(order("another@example.com", user=ana), 422, "too_many_open_orders")


def test_whom_the_shop_has_blocked_orders_nothing_as_a_guest_either() -> None:
    blocked = people.customer(phone=PHONE, document=people.CPF)
    accounts.block_customer(customer=blocked, now=MONDAY)
    local, _at, domain = blocked.email.partition("@")
    tries = [
        {"email": f"{local}+again@{domain}"},
        {"email": "other@example.com", "phone": PHONE},
        {"email": "other@example.com", "document": people.CPF},
    ]
    carts = [a_cart({"BOLO": 1}) for _try in tries]
    before = StockItem.objects.values().get()
    for cart, who in zip(carts, tries, strict=True):
        refused(place(cart, customer=ANA | who), 403, "forbidden")
    assert (Order.objects.count(), StockItem.objects.values().get()) == (0, before)
    accounts.unblock_customer(customer=blocked, now=MONDAY)
    ok(place(carts[0], customer=ANA | tries[0]), 201)


def test_an_address_that_nobody_verified_shuts_its_owner_out_of_nothing() -> None:
    stranger = people.customer(user=people.user(email="ana@example.com", email_verified_at=None))
    accounts.block_customer(customer=stranger, now=MONDAY)
    ok(order("ana@example.com"), 201)


def placed_at_once(workers: int) -> tuple[int, int]:
    """Return how many of as many simultaneous orders of one mailbox were placed, and how many were too many."""
    carts = [cart_with(units={"BOLO": 1}) for _worker in range(workers)]
    results = race(
        workers=workers, work=lambda number: ordered_by(cart=carts[number], email=f"ana+{number}@example.com")
    )
    assert all(isinstance(result, WholeOrder | Refusal) for result in results), results
    many = sum(isinstance(result, TooManyOpenOrders) for result in results)
    return sum(isinstance(result, WholeOrder) for result in results), many


@pytest.mark.fault("L13")
@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_sixty_four_at_once_stay_within_the_bound() -> None:
    done, many = placed_at_once(64)
    assert (done, Order.objects.count()) == (3, 3)
    assert many > 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_waiting_for_each_other_they_would_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: whoever counts before the others have written finds nothing."""
    counted, count = threading.Barrier(5, timeout=30), selectors.standing

    def standing(**whose: Any) -> tuple[bool, int, int]:
        found = count(**whose)
        counted.wait()
        return found

    monkeypatch.setattr(import_module("orders.services.place_order"), "one_at_a_time", lambda **_names: None)
    monkeypatch.setattr(selectors, "standing", standing)
    assert placed_at_once(5) == (5, 0)


def crowd(order: Order, *, size: int) -> None:
    """Let so many others have an open order like this one."""

    def like(row: Any, **differs: Any) -> Any:
        fields = [field for field in row._meta.concrete_fields if not field.primary_key and not field.generated]
        return type(row)(**{field.attname: getattr(row, field.attname) for field in fields} | differs)

    carts = Cart.objects.bulk_create(like(order.cart, public_id=uuid4()) for _one in range(size))
    others = Order.objects.bulk_create(
        like(order, cart_id=cart.pk, customer_id=None, public_id=uuid4(), number=f"Q{place:08}")
        for place, cart in enumerate(carts)
    )
    contacts = [
        like(
            order.contact,
            order_id=other.pk,
            email=(mail := f"q{place}@example.com"),
            mailbox=mail,
            phone=f"+551140{place:06}",
        )
        for place, other in enumerate(others)
    ]
    OrderContact.objects.bulk_create(contacts)


@pytest.mark.parametrize("is_counted", [False, True])
@pytest.mark.parametrize("known", [("mailbox",), ("mailbox", "phone"), ("mailbox", "phone", "customer")])
def test_the_open_orders_of_others_are_not_gone_through(known: tuple[str, ...], is_counted: bool) -> None:
    """Nor one by one in a shop opened a minute ago, whose rows PostgreSQL has not counted for its plans yet."""
    ana = a_customer()
    ok(order(ana.email, user=ana, phone=PHONE), 201)
    crowd(Order.objects.get(), size=1000)
    if is_counted:
        counted_by_the_planner()
    who: dict[str, Any] = {
        "mailbox": ana.email,
        "phone": PHONE,
        "customer": ana.customer.pk,
        "document": "",
        "now": MONDAY,
    }
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {_standing(*known)}", who)
        plan = cursor.fetchone()[0][0]["Plan"]
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < (50 if is_counted else 500)
