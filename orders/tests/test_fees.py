"""The fee for calling off late where customers and clients meet it: said before, in answers and on pages."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from time_machine import Traveller

from accounts.tests.doors import get, ok, post, refused, staff_with
from cart.tests.factories import a_cart
from inventory.tests.factories import MONDAY, STAFF, stocked
from orders.access import token_of
from orders.models import Order
from orders.tests.doors import place
from orders.tests.factories import ALL, late_pickup
from payments import services as payments
from scheduling.tests.factories import set_policy

pytestmark = pytest.mark.django_db

SHOWN = {"fee": "18.00", "order_cancel_minutes": 60, "appointment_cancel_minutes": 60}


@pytest.fixture(autouse=True)
def a_shop(time_machine: Traveller) -> None:
    """A cake costs 60.00; who calls it off late leaves thirty in a hundred there."""
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=5, price="60.00")
    set_policy(late_fee="share", late_fee_percent=30)


def an_order() -> dict[str, Any]:
    """Return an order that is paid."""
    pickup = {"method": "pickup", "pickup_at": late_pickup(now=MONDAY).isoformat()}
    order = ok(place(a_cart({"BOLO": 1}), payment_method="transfer", fulfilment=pickup), 201)
    payments.confirm_order(
        number=order["number"], amount=Decimal("60.00"), reference="x", access=ALL, actor=STAFF, now=MONDAY
    )
    return order


def late(time_machine: Traveller) -> None:
    starts_at = Order.objects.get().pickup_starts_at
    assert starts_at is not None
    time_machine.move_to(starts_at - timedelta(minutes=60), tick=False)


def test_quote_and_order_say_it_before() -> None:
    cart = a_cart({"BOLO": 1})
    assert ok(post(f"/carts/{cart['id']}/quote/", {}))["late_cancellation"] == SHOWN
    order = an_order()
    assert (order["late_cancellation"], order["late_fee"]) == (SHOWN, "0.00")
    set_policy(late_fee="none")
    assert ok(post(f"/carts/{cart['id']}/quote/", {}))["late_cancellation"] is None
    again = ok(get(f"/orders/{order['number']}/", token=order["access_token"]))
    assert again["late_cancellation"] == SHOWN


@pytest.mark.parametrize(("body", "fee", "kept"), [({}, "0.00", "0.00"), ({"keep_fee": True}, "18.00", "18.00")])
def test_the_team_keeps_it_if_it_says_so(time_machine: Traveller, body: dict[str, Any], fee: str, kept: str) -> None:
    order = an_order()
    late(time_machine)
    user = staff_with("orders.cancel_order", "orders.view_order", "orders.view_ordercontact")
    answer = ok(post(f"/orders/{order['number']}/cancel/", {"reason": "x"} | body, user=user))
    assert (answer["status"], answer["cancelled"], answer["late_fee"], answer["amount_due"]) == (
        "cancelled", "60.00", fee, "0.00",
    )  # fmt: skip
    assert answer["late_cancellation"] is None


def test_a_customer_who_is_late_cannot_cancel_whatever_they_say(time_machine: Traveller) -> None:
    order = an_order()
    late(time_machine)
    body = {"reason": "x", "keep_fee": True}
    refused(post(f"/orders/{order['number']}/cancel/", body, token=order["access_token"]), 409, "too_late_to_cancel")


def test_the_pages_say_what_it_costs_now(time_machine: Traveller) -> None:
    made = an_order()
    order = Order.objects.get()
    address = f"/orders/{made['number']}/"
    opened = {"access_token": token_of(order=order)}

    def page(path: str) -> str:
        return Client().get(path, opened, follow=True).content.decode()

    assert "Você pode cancelar sem custo até" in page(address)
    assert "Cancelar agora não custa nada." in page(f"{address}cancel/")
    late(time_machine)
    assert "Se você pedir à loja para cancelar agora, ou não vier, ficamos com R$ 18,00" in page(address)
    assert "ficamos com R$ 18,00" in page(f"{address}cancel/")
