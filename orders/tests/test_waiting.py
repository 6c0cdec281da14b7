"""Somebody else holds what an order needs: the wait is short, the answer polite, and nothing is written."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction
from time_machine import Traveller

from accounts.tests.doors import ok, post, refused
from cart.models import Cart
from cart.tests.factories import a_cart
from common.models import IdempotencyRecord
from inventory.models import StockItem, StockReservation
from inventory.tests.factories import MONDAY, stocked
from orders.models import Order
from orders.tests.doors import an_order, wish_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def impatient(time_machine: Traveller) -> Iterator[None]:
    """Nobody waits three seconds in a test."""
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=9, price="20.00")
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
        yield
        cursor.execute("RESET lock_timeout")


@contextmanager
def somebody_else(hold: Callable[[], Any]) -> Iterator[None]:
    """Another session does `hold` and keeps its transaction open for the length of the block."""
    holding, enough = threading.Event(), threading.Event()

    def work() -> None:
        try:
            with transaction.atomic():
                hold()
                holding.set()
                enough.wait(timeout=30)
                transaction.set_rollback(True)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(work)
        assert holding.wait(timeout=30)
        try:
            yield
        finally:
            enough.set()
        held.result(timeout=30)


def hold(model: Any) -> Callable[[], Any]:
    return lambda: list(model.objects.select_for_update(of=("self",), no_key=True))


@pytest.mark.fault("A4")
@pytest.mark.parametrize("model", [Cart, StockItem])
def test_a_row_that_is_held_too_long_makes_the_order_busy_and_repeatable(model: Any) -> None:
    wish = wish_of(a_cart({"BOLO": 1}))
    StockReservation.objects.all().delete()  # swept, so that its units are claimed again, under their row's lock
    StockItem.objects.update(reserved=0)
    with somebody_else(hold(model)):
        answer = post("/orders/", wish, key="k")
        assert refused(answer, 503, "busy")["retry_after"] == 1
        assert answer["Retry-After"] == "1"
    assert not Order.objects.exists()
    assert not IdempotencyRecord.objects.exists()
    ok(post("/orders/", wish, key="k"), 201)


@pytest.mark.fault("A4")
def test_other_writes_are_busy_too() -> None:
    cart = a_cart({"BOLO": 1})
    body = an_order({"BOLO": 1}, fulfilment={"method": "pickup", "pickup_at": "2026-03-03T12:00:00Z"})
    with somebody_else(hold(Cart)):
        refused(post(f"/carts/{cart['id']}/lines/", {"sku": "BOLO", "quantity": 1}), 503, "busy")
    with somebody_else(hold(Order)):
        cancel = f"/orders/{body['number']}/cancel/"
        refused(post(cancel, {"reason": "x"}, token=body["access_token"]), 503, "busy")
    assert StockItem.objects.get().reserved == 2


@pytest.mark.fault("A14")
def test_a_key_whose_first_request_is_still_running() -> None:
    cart = a_cart({"BOLO": 1})

    def begin() -> None:
        IdempotencyRecord.objects.create(
            scope=f"orders:{cart['id']}", key="k", fingerprint="f", created_at=MONDAY, expires_at=MONDAY
        )

    with somebody_else(begin):
        refused(post("/orders/", wish_of(cart), key="k"), 409, "idempotency_in_progress")
        assert not Order.objects.exists()
    ok(post("/orders/", wish_of(cart), key="k"), 201)
