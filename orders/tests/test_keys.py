"""Idempotency keys on orders: needed, plain, kept with the answer, and worth nothing to anybody else."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from time_machine import Traveller

from accounts.tests.doors import a_customer, ok, pointers, post, refused
from cart.tests.factories import a_cart
from common import idempotency
from common.models import IdempotencyRecord
from inventory.tests.factories import MONDAY, stocked
from orders.models import Order
from orders.tests.doors import place, wish_of
from orders.tests.factories import ALL, cancel

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(time_machine: Traveller) -> Traveller:
    """It is Monday morning, and stays so until a test moves on; there are cakes."""
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=9, price="59.90")
    return time_machine


@pytest.mark.fault("A15")
@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency_key_required"),
        ("", "idempotency_key_invalid"),
        ("two words", "idempotency_key_invalid"),
        ("k" * 256, "idempotency_key_invalid"),
        ("bolo-de-fubá", "idempotency_key_invalid"),
        ("a\x7f", "idempotency_key_invalid"),
    ],
)
def test_no_order_without_a_plain_key(key: str | None, code: str) -> None:
    wish = wish_of(a_cart({"BOLO": 1}))
    refused(post("/orders/", wish, key=key), 400, code)
    refused(post("/orders/", {"cart": 1}, key=key), 400, code)  # the key is looked at before the body
    assert not Order.objects.exists()


@pytest.mark.fault("A10")
@pytest.mark.fault("A16")
def test_repeating_gets_the_same_answer_whatever_has_happened_since(clock: Traveller) -> None:
    wish = wish_of(a_cart({"BOLO": 1}))
    first = post("/orders/", wish, key="k")
    body = ok(first, 201)
    cancel(order=Order.objects.get(), access=ALL)
    clock.move_to(MONDAY + timedelta(hours=23), tick=False)
    shuffled = {name: wish[name] for name in reversed(wish)} | {"customer": dict(reversed(wish["customer"].items()))}
    again = post("/orders/", shuffled, key="k")
    assert ok(again, 201) == body
    assert again.content == first.content
    assert ("Idempotent-Replayed" in first, again["Idempotent-Replayed"]) == (False, "true")
    assert Order.objects.count() == 1


def test_answers_are_kept_for_at_least_a_day(clock: Traveller) -> None:
    wish = wish_of(a_cart({"BOLO": 1}))
    post("/orders/", wish, key="k")
    assert idempotency.purge(now=MONDAY + timedelta(hours=24)) == 0
    assert idempotency.purge(now=MONDAY + timedelta(hours=48)) == 1
    refused(post("/orders/", wish, key="k"), 409, "cart_closed")


@pytest.mark.fault("A12")
@pytest.mark.parametrize("change", [{"note": "Sem nozes"}, {"payment_method": "transfer"}, {"expected_total": "0.01"}])
def test_a_key_is_for_one_body(change: dict[str, Any]) -> None:
    cart = a_cart({"BOLO": 1})
    ok(place(cart, key="k"), 201)
    refused(place(cart, key="k", **change), 422, "idempotency_key_reused")  # before the cart says that it is closed
    assert Order.objects.count() == 1


def test_a_refused_request_leaves_its_key_free() -> None:
    cart = a_cart({"BOLO": 1})
    refused(place(cart, key="k", expected_total="1.00"), 409, "total_changed")
    assert pointers(place(cart, key="k", note=7)) == {"/note": "invalid"}
    assert not IdempotencyRecord.objects.exists()
    assert "Idempotent-Replayed" not in place(cart, key="k")
    assert Order.objects.count() == 1


@pytest.mark.fault("A13")
def test_one_key_in_different_hands_is_different_keys() -> None:
    ana, bia = a_customer(), a_customer()
    numbers = [
        ok(place(a_cart({"BOLO": 1}), key="k"), 201)["number"],
        ok(place(a_cart({"BOLO": 1}), key="k"), 201)["number"],
        ok(place(a_cart({"BOLO": 1}, user=ana), key="k", user=ana, payment_method="transfer"), 201)["number"],
        ok(place(a_cart({"BOLO": 1}, user=bia), key="k", user=bia, payment_method="transfer"), 201)["number"],
    ]
    assert len(set(numbers)) == 4
    refused(place(a_cart({"BOLO": 1}, user=ana), key="k", user=ana), 422, "idempotency_key_reused")


def test_a_key_is_for_one_route() -> None:
    cart = a_cart({"BOLO": 1})
    body = ok(place(cart, key="k", payment_method="transfer"), 201)
    paid = post(f"/orders/{body['number']}/payments/", {"method": "transfer"}, key="k", token=body["access_token"])
    assert "Idempotent-Replayed" not in paid
    assert ok(paid, 201)["status"] == "pending"


def test_an_unknown_cart_keeps_nothing() -> None:
    refused(place({"id": str(uuid4()), "total": "1.00"}, key="k"), 404, "not_found")
    assert not IdempotencyRecord.objects.exists()
