"""A shop that takes money through gateways, which are servers on this machine."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from time_machine import Traveller

from inventory.tests.factories import MONDAY, STAFF, stocked
from payments.gateways import calls
from payments.tests import mercadopago_server
from payments.tests.mercadopago_server import ACCOUNT, TOKEN, MercadoPagoServer
from payments.tests.stripe_server import KEY, SECRET, StripeServer
from shop import services as shop


@pytest.fixture
def bakery(time_machine: Traveller, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Monday morning, there are cakes, and nobody waits long for a gateway."""
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=5, price="59.90")
    monkeypatch.setattr(calls, "breakers", defaultdict(calls.Breaker))
    monkeypatch.setattr(calls, "PAUSE", (0.0, 0.0))
    monkeypatch.setattr(calls, "TIMEOUT", 1.0)


@pytest.fixture
def stripe(bakery: None, settings: Any) -> Iterator[StripeServer]:
    """Stripe is there, and takes cards and Pix for the shop."""
    with StripeServer.running() as server:
        access = {"key": KEY, "webhook_secret": SECRET, "account": "", "base": server.base}
        settings.PAYMENT_ACCESS = {"stripe": access}
        takes(settings, "stripe")
        yield server


@pytest.fixture
def mercadopago(bakery: None, settings: Any) -> Iterator[MercadoPagoServer]:
    """Mercado Pago is there, and takes cards and Pix for the shop, which is reached over https."""
    with MercadoPagoServer.running() as server:
        access = {"token": TOKEN, "webhook_secret": mercadopago_server.SECRET, "account": ACCOUNT, "base": server.base}
        settings.PAYMENT_ACCESS = {"mercadopago": access}
        settings.PUBLIC_URL = "https://loja.example"
        takes(settings, "mercadopago")
        yield server


def takes(settings: Any, gateway: str) -> None:
    """Have the shop take cards and Pix through a gateway."""
    settings.PAYMENT_GATEWAYS = {"pix": gateway, "card": gateway}
    shop.set_policy(key="payment_methods", value="on_site,transfer,pix,card", actor=STAFF, now=MONDAY)
