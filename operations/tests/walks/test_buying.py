"""The way from the shop's first page to a paid order, on a phone, in taps and seconds; then moved, cancelled, refunded.

`for_real.py` walks the same way through a shop that `make run` opened, over a slow network and while its server restarts.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from time_machine import Traveller

from common import clock, outbox
from operations.integrity import findings
from operations.tests.buyer import cakes_and_haircuts
from operations.tests.chromium import Tab
from operations.tests.walks.buying import Customer, Errand, Purchase, table
from orders.models import Order
from payments.gateways import calls
from payments.models import Refund
from payments.tests.sandbox_process import Running, running
from scheduling.models import Appointment
from scheduling.tests.factories import MONDAY

pytestmark = [pytest.mark.browser, pytest.mark.smoke, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

TAPS, SECONDS = 12, 90
PHONE = 390
AHEAD = timedelta(minutes=2)


@pytest.fixture
def sandbox(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr(calls, "breakers", defaultdict(calls.Breaker))
    with running(begins=MONDAY + AHEAD) as opened:
        settings.PAYMENT_GATEWAYS = {"pix": "sandbox", "card": "sandbox"}
        settings.PAYMENT_ACCESS = {"sandbox": opened.access}
        yield opened


def test_from_the_first_page_to_a_paid_cake_and_haircut(
    a_window: None, tab: Tab, sandbox: Running, live_server: LiveServer, settings: Settings,
    time_machine: Traveller, tmp_path: Path,
) -> None:  # fmt: skip
    settings.PUBLIC_URL = live_server.url
    time_machine.move_to(MONDAY, tick=True)
    cakes_and_haircuts(methods="on_site,pix,card")
    customer = Customer(tab, server=live_server.url, width=PHONE, folder=tmp_path)
    customer.works = lambda: outbox.relay(now=clock.now())
    purchase = Purchase(customer, Errand(cake="Bolo de cenoura", cut="Corte"))
    purchase.until_it_is_paid()
    taps, seconds = purchase.taps, purchase.seconds
    order = Order.objects.get()
    assert (order.status, str(order.paid)) == ("confirmed", "92.00")
    purchase.changes_of_mind()
    print(table(purchase.done))  # noqa: T201 - for whoever runs it with -s
    order.refresh_from_db()
    assert (order.status, str(order.refunded)) == ("cancelled", "92.00")
    assert Refund.objects.get().status == "succeeded"
    assert Appointment.objects.get().state == "cancelled"
    assert findings(now=clock.now()) == []
    assert taps <= TAPS
    assert seconds <= SECONDS
