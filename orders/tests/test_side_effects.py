"""What the counter never does: write while it reads, or talk to the outside with a transaction open."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from pytest_django import Settings
from time_machine import Traveller

from accounts.tests.doors import get, ok, post, refused, staff_with
from cart.tests.factories import a_cart
from common import outbox, redis
from common.transactions import in_unit_of_work
from inventory.tests.factories import MONDAY, stocked
from orders.models import Order
from orders.tests.doors import ALL_RIGHTS, an_order, place
from orders.tests.factories import hand_over

pytestmark = pytest.mark.django_db(transaction=True)

said: list[str] = []


def remember(name: str, **_how: Any) -> None:
    """Stands where the broker would be told to wake a worker."""
    assert not in_unit_of_work()
    said.append(name)


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch, settings: Settings, time_machine: Traveller) -> Iterator[list[str]]:
    """Everything outside listens, and refuses to be spoken to within a unit of work."""
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=9, price="20.00")
    said.clear()
    settings.OUTBOX_WAKE, settings.TASK_SENDER = True, f"{__name__}.remember"
    ask_redis, send = redis.guarded, EmailBackend.send_messages

    def guarded(call: Any) -> Any:
        assert not in_unit_of_work()
        said.append("redis")
        return ask_redis(call)

    def send_messages(self: EmailBackend, messages: Any) -> Any:
        assert not in_unit_of_work()
        said.append("mail")
        return send(self, messages)

    monkeypatch.setattr(redis, "guarded", guarded)
    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)
    yield said
    redis.breaker.reset()


@pytest.mark.fault("D7")
@pytest.mark.fault("L8")
def test_reading_writes_nothing() -> None:
    cart, order = a_cart({"BOLO": 1}), an_order(payment_method="transfer")
    staff = staff_with(*ALL_RIGHTS)
    assert staff.has_perm("orders.view_order")
    base = f"/orders/{order['number']}"
    with read_only():
        ok(post(f"/carts/{cart['id']}/quote/", {}))
        for path in ("", "history/", "payments/"):
            ok(get(f"{base}/{path}", user=staff))
        ok(get("/orders/", user=staff))
        for path in (f"/carts/{cart['id']}/", "/variants/BOLO/availability/?quantity=1", "/products/", "/shop/"):
            ok(get(path))
        refused(post(f"/carts/{cart['id']}/lines/", {"sku": "BOLO", "quantity": 1}), 503, "database_unavailable")


@contextmanager
def read_only() -> Iterator[None]:
    """The database refuses every write, and every lock, as a standby would."""
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        try:
            yield
        finally:
            cursor.execute("SET default_transaction_read_only = off")


@pytest.mark.fault("L9")
def test_nobody_outside_is_told_before_the_commit(outside: list[str]) -> None:
    body = an_order({"BOLO": 2})
    assert {"redis", outbox.WAKE_TASK} == set(outside)
    order = Order.objects.get(number=body["number"])
    hand_over(order=order, verbs=("pick", "ready"))
    cancelled = post(f"/orders/{order.number}/cancel/", {"reason": "x"}, user=staff_with(*ALL_RIGHTS))
    assert ok(cancelled)["status"] == "cancelled"
    assert outside.count(outbox.WAKE_TASK) == 1  # whoever commits before a relay has run need not wake another
    while outbox.relay(now=MONDAY):
        pass
    assert outside.count("mail") == 1


@pytest.mark.fault("L9")
def test_what_is_rolled_back_is_never_told(outside: list[str]) -> None:
    cart = a_cart({"BOLO": 1})
    outside.clear()
    assert place(cart, expected_total="0.01").status_code == 409
    assert outside == []
