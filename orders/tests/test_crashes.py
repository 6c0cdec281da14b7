"""Placing an order that dies at any statement, or right after its commit: wholly there or wholly not, and repeatable."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from django.db import OperationalError, connection
from time_machine import Traveller

from accounts.tests.doors import ok, post, refused
from cart.models import Cart, CartLine
from cart.tests.factories import a_cart
from common.models import IdempotencyRecord, OutboxMessage
from common.testing import statements
from inventory.models import StockItem, StockMovement, StockReservation
from inventory.tests.factories import MONDAY, stocked
from orders import views
from orders.models import Order, OrderContact, OrderEvent, OrderLine
from orders.tests.doors import wish_of

pytestmark = pytest.mark.django_db(transaction=True)

UNITS = {"BOLO": 2, "PAO": 3, "CAFE": 1}
STATEMENTS = 11


class CrashError(Exception):
    """The process is gone."""


@pytest.fixture(autouse=True)
def shelf(time_machine: Traveller) -> None:
    time_machine.move_to(MONDAY, tick=False)
    for sku in UNITS:
        stocked(sku=sku, units=5, price="20.00")


def everything() -> Any:
    tables = (
        Cart, CartLine, StockItem, StockMovement, StockReservation, Order, OrderContact, OrderLine, OrderEvent,
        IdempotencyRecord, OutboxMessage,
    )  # fmt: skip
    return [list(model.objects.order_by("pk").values()) for model in tables]


@contextmanager
def crash_after(number: int) -> Iterator[list[str]]:
    """Let `number` statements through, BEGIN and COMMIT not counted, and die with the next one."""
    passed: list[str] = []

    def counted(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if len(passed) == number:
            raise CrashError(sql)
        result = execute(sql, params, many, context)
        passed.append(sql)
        return result

    with connection.execute_wrapper(counted):
        yield passed


@pytest.mark.fault("A17")
@pytest.mark.fault("L1")
@pytest.mark.fault("L7")
@pytest.mark.fault("L3")
def test_wherever_it_dies_nothing_is_left_and_the_same_key_works() -> None:
    wish = wish_of(a_cart(UNITS))
    before = everything()
    for number in range(STATEMENTS - 2):
        with crash_after(number):
            answer = post("/orders/", wish, key="k")
        assert refused(answer, 500, "internal_error")["status"] == 500, number
        assert everything() == before, number
    with crash_after(STATEMENTS - 2) as passed:
        body = ok(post("/orders/", wish, key="k"), 201)
    assert len(passed) == STATEMENTS - 2
    assert [row.number for row in Order.objects.all()] == [body["number"]]
    assert dict(StockItem.objects.values_list("variant__sku", "reserved")) == UNITS


@pytest.mark.fault("A17")
@pytest.mark.fault("D1")
def test_a_commit_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    wish = wish_of(a_cart(UNITS))
    before = everything()

    def lost() -> None:
        connection.rollback()
        raise OperationalError("the connection is gone")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "commit", lost)
        answer = post("/orders/", wish, key="k")
    assert refused(answer, 503, "database_unavailable")["retry_after"] == 1
    assert answer["Retry-After"] == "1"
    assert everything() == before
    ok(post("/orders/", wish, key="k"), 201)


@pytest.mark.fault("A16")
def test_an_answer_that_never_arrived_is_given_again(monkeypatch: pytest.MonkeyPatch) -> None:
    wish = wish_of(a_cart(UNITS))

    def gone(answer: Any) -> Any:
        raise CrashError

    with monkeypatch.context() as patched:
        patched.setattr(views, "respond_kept", gone)
        refused(post("/orders/", wish, key="k"), 500, "internal_error")
    after = everything()
    again = post("/orders/", wish, key="k")
    assert ok(again, 201)["number"] == Order.objects.get().number
    assert again["Idempotent-Replayed"] == "true"
    assert everything() == after


@pytest.mark.fault("A17")
@pytest.mark.parametrize("verb", ["add", "cancel"])
def test_other_writes_are_whole_too(verb: str) -> None:
    cart = a_cart(UNITS)
    where, body = f"/carts/{cart['id']}/lines/", {"sku": "BOLO", "quantity": 1}
    token = None
    if verb == "cancel":
        wish = wish_of(cart, fulfilment={"method": "pickup", "pickup_at": "2026-03-03T12:00:00Z"})
        order = ok(post("/orders/", wish, key="k"), 201)
        where, body, token = f"/orders/{order['number']}/cancel/", {"reason": "x"}, order["access_token"]
    before = everything()
    for number in count():
        with crash_after(number):
            answer = post(where, body, token=token)
        if answer.status_code != 500:
            break
        assert everything() == before, number
    assert number == {"add": 6, "cancel": 19}[verb]
    assert ok(answer, {"add": 201, "cancel": 200}[verb])
    assert everything() != before


def test_the_crashes_cover_every_statement() -> None:
    wish = wish_of(a_cart(UNITS))
    with statements() as found:
        ok(post("/orders/", wish, key="k"), 201)
    assert len(found) == STATEMENTS
