"""Payments begun and told of through the API, as clients and gateways do it."""

import json
from collections.abc import Mapping
from typing import Any

from django.test import Client

from accounts.tests.doors import ok, post
from common import clock, outbox
from operations.integrity import examine
from orders.models import Order
from payments.tests.mercadopago_server import notice
from payments.tests.stripe_server import signed


def begin(body: Mapping[str, Any], method: str, *, key: str = "k", **more: Any) -> Any:
    """Begin to pay an order as its customer, and return the answer, whatever it is."""
    wanted = {"method": method} | more
    return post(f"/orders/{body['number']}/payments/", wanted, key=key, token=body["access_token"])


def heard(said: Any) -> bytes:
    """Return what a gateway says as it is sent."""
    return json.dumps(said).encode()


def told(gateway: str, body: bytes, *, headers: Mapping[str, str], query: str = "") -> Any:
    """Send what a gateway tells, and return the answer."""
    address = f"/api/v1/payments/webhooks/{gateway}/{query}"
    return Client().post(address, body, content_type="application/json", headers=dict(headers))


def said_by_stripe(event: Mapping[str, Any], **forged: Any) -> Any:
    """Deliver an event as Stripe does, and return the answer."""
    body = heard(event)
    return told("stripe", body, headers={"Stripe-Signature": signed(body, **forged)})


def tell_of_stripe(event: Mapping[str, Any]) -> None:
    """Have the shop hear an event of Stripe's, and do what follows."""
    ok(said_by_stripe(event))
    relay()


def tell_of_mercadopago(number: str, **forged: Any) -> None:
    """Have the shop hear from Mercado Pago that a payment has changed, and do what follows."""
    said = notice(number, **forged)
    ok(told("mercadopago", said["body"], headers=said["headers"], query=said["query"]))
    relay()


def the(things: Mapping[str, Any]) -> str:
    """Return the name of the only thing there is."""
    [name] = things
    return name


def relay() -> None:
    """Do what the outbox has waiting."""
    while outbox.relay(now=clock.now()):
        pass


def stands(body: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return how an order stands: its status, what it was paid and what went back."""
    order = Order.objects.get(number=body["number"])
    return order.status, str(order.paid), str(order.refunded)


def clean() -> None:
    """Assert that nothing the shop promises of its data is broken."""
    found = examine(now=clock.now()).findings
    assert [(result.check.name, result.rows) for result in found if not result.check.name.startswith("schema")] == []
