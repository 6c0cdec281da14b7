"""The counter's views of a Pix that a gateway tells of, with the sandbox over HTTP: shown, asked about, sold, cancelled."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from backoffice.tests.test_counter import cash, goods, look, send
from common.testing import statements
from inventory.models import StockItem
from inventory.tests.factories import MONDAY, STAFF, stocked
from operations.integrity import findings
from operations.tests.salons import seated
from orders.models import Order
from payments.gateways import calls
from payments.models import Payment
from payments.tests.by_card import relay
from payments.tests.sandbox_process import Running, running
from shop import services as shop

pytestmark = pytest.mark.django_db

SECONDS = timedelta(seconds=1)


@pytest.fixture(scope="module")
def there() -> Iterator[Running]:
    with running(begins=MONDAY) as opened:
        yield opened


@pytest.fixture(autouse=True)
def sandbox(there: Running, time_machine: Traveller, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Running:
    """It is Monday, there is bread, and Pix goes through the sandbox."""
    time_machine.move_to(MONDAY, tick=False)
    monkeypatch.setattr(calls, "breakers", defaultdict(calls.Breaker))
    monkeypatch.setattr(calls, "PAUSE", (0.0, 0.0))
    settings.PAYMENT_GATEWAYS = {"pix": "sandbox", "card": "sandbox"}
    settings.PAYMENT_ACCESS = {"sandbox": there.access}
    stocked(sku="PAO", units=10, price="0.80")
    shop.set_policy(key="payment_methods", value="on_site,transfer,pix", actor=STAFF, now=MONDAY)
    there.heals()
    return there


def begin(desk: Client, *, key: str, **body: Any) -> Any:
    return send(desk, "await", key=key, **({"goods": goods(PAO=2), "awaited": "1.60"} | body))


def ask(desk: Client, key: str, **headers: str) -> Any:
    return desk.get(reverse("counter:awaited", args=[key]), headers=headers)


def test_the_code_is_the_gateways_and_the_sale_completes_by_itself(there: Running, time_machine: Traveller) -> None:
    desk, key = seated(role="counter"), str(uuid4())
    assert look(desk, "pix", amount="1.60", key=key).json()["awaited"] is True
    shown = begin(desk, key=key)
    assert shown.status_code == 200, shown.content
    body = shown.json()
    assert (body["status"], body["amount"], body["sold"]) == ("waiting", "1.60", None)
    assert body["text"] == Payment.objects.get().given["pix_text"]
    assert body["image"].startswith("data:image/svg+xml;base64,")
    assert begin(desk, key=key).json() == body
    first = ask(desk, key)
    assert first.json() == body
    assert ask(desk, key, **{"If-None-Match": first.headers["ETag"]}).status_code == 304
    there.act(Payment.objects.get().gateway_reference, "pay")
    time_machine.move_to(MONDAY + 6 * SECONDS, tick=False)
    sold = ask(desk, key, **{"If-None-Match": first.headers["ETag"]}).json()
    assert (sold["status"], sold["sold"]["total"], sold["sold"]["numbers"]) == ("sold", "1.60", [body["number"]])
    assert sold["sold"]["receipt"].endswith(f"{body['number']}/recibo.pdf")
    assert ask(desk, key).json() == sold
    assert begin(desk, key=key).json() == sold
    assert Order.objects.get().status == "completed"
    relay(MONDAY + 6 * SECONDS)
    assert findings(now=MONDAY + 6 * SECONDS) == []


def test_part_of_it_is_cash(there: Running, time_machine: Traveller) -> None:
    desk, key = seated(role="counter"), str(uuid4())
    wanted: dict[str, Any] = {"awaited": "1.00", "payments": [cash("0.60", "1.00")]}
    assert begin(desk, key=key, **wanted).json()["amount"] == "1.00"
    there.act(Payment.objects.get().gateway_reference, "pay")
    time_machine.move_to(MONDAY + 6 * SECONDS, tick=False)
    sold = ask(desk, key).json()["sold"]
    assert (sold["total"], sold["paid"], sold["change"]) == ("1.60", "1.60", "0.40")


def test_cancelled_everything_is_as_before(there: Running) -> None:
    desk, key = seated(role="counter"), str(uuid4())
    begin(desk, key=key)
    address = reverse("counter:awaited", args=[key])
    assert desk.delete(address).json()["status"] == "given_up"
    assert desk.delete(address).json()["status"] == "given_up"
    item = StockItem.objects.get()
    assert (item.on_hand, item.reserved, Order.objects.get().status) == (10, 0, "cancelled")
    again = begin(desk, key=str(uuid4()))
    assert again.json()["status"] == "waiting"


def test_a_gateway_that_does_not_answer_is_said_and_nothing_is_sold(there: Running) -> None:
    desk, key = seated(role="counter"), str(uuid4())
    there.fails("error", times=20)
    refused = begin(desk, key=key)
    assert (refused.status_code, refused.json()["code"]) == (503, "busy")
    assert ask(desk, key).json()["status"] == "given_up"
    assert StockItem.objects.get().reserved == 0


def test_what_is_wrong_is_refused_and_begins_nothing() -> None:
    desk = seated(role="counter")
    for body in ({"awaited": "0.00"}, {"awaited": "x"}, {"awaited": "1.00"}, {"payments": [cash("0.10")]}):
        assert begin(desk, key=str(uuid4()), **body).status_code in (400, 422), body
    assert send(desk, "await", key="no key", goods=goods(PAO=1), awaited="0.80").status_code == 400
    assert (Order.objects.count(), Payment.objects.count()) == (0, 0)
    assert ask(desk, str(uuid4())).status_code == 404
    key = str(uuid4())
    begin(desk, key=key)
    assert begin(desk, key=key, goods=goods(PAO=1), awaited="0.80").json()["code"] == "idempotency_key_reused"


def test_without_a_gateway_the_door_offers_nothing(settings: Any) -> None:
    settings.PAYMENT_GATEWAYS = {"pix": "pix", "card": ""}
    desk = seated(role="counter")
    assert begin(desk, key=str(uuid4())).json()["code"] == "method_not_offered"
    assert look(desk, "pix", amount="1.00", key=str(uuid4())).json()["awaited"] is False


def test_only_who_sells_may() -> None:
    key = str(uuid4())
    begin(seated(role="counter"), key=key)
    other = seated(role="professional")
    assert begin(other, key=str(uuid4())).status_code == 403
    assert ask(other, key).status_code == 403
    assert other.delete(reverse("counter:awaited", args=[key])).status_code == 403


def test_asking_takes_few_statements_however_often_and_however_many_wait() -> None:
    desk, key = seated(role="counter"), str(uuid4())
    begin(desk, key=key)
    counts = []
    for _more in range(3):
        begin(desk, key=str(uuid4()), goods=goods(PAO=1), awaited="0.80")
        with statements() as sql:
            assert ask(desk, key).status_code == 200
        counts.append(len(sql))
    assert counts == [7, 7, 7]
