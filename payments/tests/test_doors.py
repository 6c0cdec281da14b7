"""Where money is begun and told of from outside: the shop's own Pix, and what gateways say."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from time_machine import Traveller

from accounts.tests.doors import get, ok, post, refused, staff_with
from common.testing import Lines
from inventory.tests.factories import MONDAY, stocked
from orders.models import Order
from orders.tests.doors import ALL_RIGHTS, an_order
from orders.tests.factories import STAFF
from payments.models import GatewayEvent, Payment
from payments.tests.brcodes import fields_of
from payments.tests.stand_in import NAME, SECRET, StandIn, registered
from shop import services as shop

pytestmark = pytest.mark.django_db

KEY = "loja@exemplo.com.br"


@pytest.fixture(autouse=True)
def clock(time_machine: Traveller) -> Traveller:
    """It is Monday morning, and there are cakes."""
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=5, price="59.90")
    return time_machine


def shop_takes(**values: str) -> None:
    shop.set_policies(values=values, actor=STAFF, now=MONDAY)


def pay(body: dict[str, Any], method: str, key: str = "k", **more: Any) -> Any:
    wanted = {"method": method} | more
    return post(f"/orders/{body['number']}/payments/", wanted, key=key, token=body["access_token"])


def test_the_shops_own_pix_is_offered_once_its_key_is_there() -> None:
    shop_takes(payment_methods="on_site,transfer,pix")
    assert ok(get("/shop/"))["payment_methods"] == ["on_site", "transfer"]
    shop_takes(pix_key=KEY, pix_name="Padaria São José", pix_city="Belo Horizonte")
    assert ok(get("/shop/"))["payment_methods"] == ["on_site", "transfer", "pix"]


def test_a_pix_is_shown_as_text_and_code_and_confirmed_by_staff(clock: Traveller) -> None:
    shop_takes(payment_methods="on_site,pix", pix_key=KEY, pix_name="Padaria São José", pix_city="Belo Horizonte")
    body = an_order(payment_method="pix")
    assert (body["status"], body["expires_at"]) == ("pending", (MONDAY + timedelta(minutes=30)).isoformat())
    begun = ok(pay(body, "pix"), 201)
    assert (begun["gateway"], begun["method"], begun["status"]) == ("pix", "pix", "pending")
    assert begun["expires_at"] == (MONDAY + timedelta(minutes=29)).isoformat()
    found = fields_of(begun["pix"]["copy_paste"])
    told = {name: found[name] for name in ("26-01", "54", "59", "60", "62-05")}
    assert told == {
        "26-01": KEY, "54": "59.90", "59": "PADARIA SAO JOSE", "60": "BELO HORIZONTE", "62-05": body["number"],
    }  # fmt: skip
    assert begun["pix"]["qr_svg"].startswith("<svg")
    assert ok(pay(body, "pix", key="other"), 201)["id"] == begun["id"]
    staff = staff_with(*ALL_RIGHTS)
    done = ok(post(f"/orders/{body['number']}/confirm/", {"amount": "59.90", "reference": "E123"}, user=staff))
    assert (done["status"], done["payment"]) == ("confirmed", {"method": "pix", "status": "paid"})
    [listed] = ok(get(f"/orders/{body['number']}/payments/", token=body["access_token"]))["results"]
    assert (listed["id"], listed["status"], listed["reference"], "pix" in listed) == (
        begun["id"], "succeeded", "E123", False,
    )  # fmt: skip


def test_a_pix_that_ran_out_reads_expired_and_is_begun_anew_for_the_rest(clock: Traveller) -> None:
    shop_takes(payment_methods="on_site,pix", pix_key=KEY)
    body = an_order(payment_method="pix")
    ok(pay(body, "pix"), 201)
    clock.move_to(MONDAY + timedelta(minutes=30), tick=False)
    [listed] = ok(get(f"/orders/{body['number']}/payments/", token=body["access_token"]))["results"]
    assert (listed["status"], listed["expires_at"], "pix" in listed) == ("expired", None, False)
    refused(pay(body, "pix", key="late"), 409, "invalid_transition")


def test_what_nothing_can_complete_is_not_offered() -> None:
    body = an_order(payment_method="transfer")
    for method in ("card", "pix"):
        assert refused(pay(body, method), 422, "method_not_offered")["offered"] == ["transfer"]
    refused(pay(body, "transfer", return_url=7), 400, "invalid_request")


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, settings: Any) -> StandIn:
    """Cards are taken."""
    found = registered(monkeypatch, settings)
    shop_takes(payment_methods="on_site,card")
    return found


def told(body: bytes, *, name: str = NAME, signature: str = SECRET, query: str = "") -> Any:
    return Client().post(
        f"/api/v1/payments/webhooks/{name}/{query}", body, content_type="application/json",
        headers={"X-Signature": signature},
    )  # fmt: skip


def test_a_card_is_begun_once_for_its_key_and_paid_by_the_gateways_word(gateway: StandIn) -> None:
    body = an_order(payment_method="card")
    begun = ok(pay(body, "card"), 201)
    assert (begun["checkout_url"], begun["client_secret"]) == ("https://gateway.example/pay-1", "pay-1-secret")
    again = pay(body, "card")
    assert (ok(again, 201), again["Idempotent-Replayed"]) == (begun, "true")
    payment = Payment.objects.get()
    delivery = gateway.event(gateway.pay(payment), now=MONDAY)
    assert ok(told(delivery.body, query="?data.id=1&type=payment")) == {"stored": True}
    assert ok(told(delivery.body)) == {"stored": True}
    assert (GatewayEvent.objects.count(), bytes(GatewayEvent.objects.get().body)) == (1, delivery.body)


@pytest.mark.parametrize(
    "address",
    ["obrigado", "/obrigado", "javascript:alert(1)", "https://", "https://a b", "https://[", "http://x:99999"],
)
def test_what_is_no_address_of_a_page_is_refused_beside_its_field(gateway: StandIn, address: str) -> None:
    body = an_order(payment_method="card")
    answer = pay(body, "card", return_url=address)
    assert (refused(answer, 400, "invalid_request")["errors"][0]["pointer"], gateway.calls) == ("/return_url", [])
    ok(pay(body, "card", return_url="https://loja.example/obrigado?pedido=1#fim"), 201)


def test_while_the_gateway_is_away_the_door_is_busy_and_the_key_free(gateway: StandIn) -> None:
    body = an_order(payment_method="card")
    gateway.lost.extend(["begin"] * 2)
    problem = pay(body, "card")
    assert (refused(problem, 503, "busy")["retry_after"], problem["Retry-After"]) == (1, "1")
    begun = ok(pay(body, "card"), 201)
    assert (begun["client_secret"], Payment.objects.count()) == ("pay-1-secret", 1)


@pytest.mark.fault("C6")
def test_what_is_not_a_gateways_word_is_refused(gateway: StandIn, log_lines: Lines) -> None:
    body = an_order(payment_method="card")
    ok(pay(body, "card"), 201)
    said = gateway.event(gateway.pay(Payment.objects.get()), now=MONDAY).body
    refused(told(said, signature="guessed"), 400, "invalid_signature")
    refused(told(b"", signature=""), 400, "invalid_signature")
    refused(told(said, name="nobody"), 404, "not_found")
    refused(told(b"x" * (256 * 1024 + 1)), 413, "payload_too_large")
    assert (GatewayEvent.objects.count(), Order.objects.get().status) == (0, "pending")
    assert [line["event"] for line in log_lines.of("security")] == ["signature_refused"] * 2
