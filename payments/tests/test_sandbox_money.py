"""Money that comes by the sandbox itself: heard, not heard, heard twice, too late, from somebody else, and given back."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client
from time_machine import Traveller

from accounts.tests.doors import get, ok, post, refused
from inventory.tests.factories import MONDAY, stocked
from orders.models import Order
from orders.tests.doors import an_order
from orders.tests.factories import STAFF, cancel
from payments import services as payments
from payments.gateways import calls
from payments.models import GatewayEvent, MoneyCase, Payment
from payments.tests.by_card import begin, by_card, cases, clean, refunds, relay, stands
from payments.tests.sandbox_process import SECRET, Running, running
from payments.tests.test_sandbox import asked
from sandbox.signing import HEADER, sign
from shop import services as shop

pytestmark = pytest.mark.django_db

SECONDS = timedelta(seconds=1)
SOON = MONDAY + 10 * SECONDS


@pytest.fixture(scope="module")
def there() -> Iterator[Running]:
    with running(begins=MONDAY) as opened:
        yield opened


def takes_money_at(opened: Running, *, settings: Any) -> None:
    """Let cards and Pix be paid there; there are cakes."""
    settings.PAYMENT_GATEWAYS = {"pix": "sandbox", "card": "sandbox"}
    settings.PAYMENT_ACCESS = {"sandbox": opened.access}
    stocked(sku="BOLO", units=5, price="59.90")
    shop.set_policy(key="payment_methods", value="on_site,transfer,pix,card", actor=STAFF, now=MONDAY)


@pytest.fixture
def clock(time_machine: Traveller) -> Traveller:
    time_machine.move_to(MONDAY, tick=False)
    return time_machine


@pytest.fixture(autouse=True)
def sandbox(there: Running, clock: Traveller, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Running:
    """It is Monday morning, and the shop is connected."""
    monkeypatch.setattr(calls, "breakers", defaultdict(calls.Breaker))
    monkeypatch.setattr(calls, "PAUSE", (0.0, 0.0))
    takes_money_at(there, settings=settings)
    there.heals()
    return there


def told(body: bytes, *, at: Any = MONDAY, secret: str = SECRET) -> Any:
    """Bring the shop what the sandbox says, signed at that moment."""
    headers = {HEADER: sign(body=body, secret=secret, at=at)}
    return Client().post(
        "/api/v1/payments/webhooks/sandbox/", body, content_type="application/json", headers=headers
    )  # fmt: skip


def pay(body: dict[str, Any], method: str, key: str = "k") -> Any:
    wanted = {"method": method, "return_url": body["pay_url"]}
    return post(f"/orders/{body['number']}/payments/", wanted, key=key, token=body["access_token"])


def reference() -> str:
    return Payment.objects.latest("pk").gateway_reference


def page(body: dict[str, Any], path: str = "/pay/") -> Any:
    return Client().get(str(body["pay_url"]).removeprefix(project.PUBLIC_URL).replace("/pay/", path))


def status_of(body: dict[str, Any]) -> str:
    return str(ok(get(f"/orders/{body['number']}/", token=body["access_token"]))["status"])


@pytest.mark.parametrize("method", ["card", "pix"])
def test_an_order_is_paid_there_and_confirmed_by_its_word(sandbox: Running, method: str) -> None:
    body = an_order(payment_method=method)
    begun = ok(pay(body, method), 201)
    assert begun["checkout_url"] == f"{sandbox.url}/pay/{reference()}/"
    assert ("pix" in begun) == (method == "pix")
    assert sandbox.act(reference(), "pay") == body["pay_url"]
    [said] = sandbox.events(reference())
    assert ok(told(said)) == {"stored": True}
    relay(MONDAY)
    assert (status_of(body), cases()) == ("confirmed", [])
    clean(MONDAY)


@pytest.mark.fault("C2")
@pytest.mark.fault("C6")
@pytest.mark.fault("C7")
def test_forged_and_old_words_are_refused_and_a_repeated_one_counts_once(sandbox: Running, clock: Traveller) -> None:
    body = an_order(payment_method="card")
    ok(pay(body, "card"), 201)
    sandbox.act(reference(), "pay")
    [said] = sandbox.events(reference())
    refused(told(said, secret="guessed"), 400, "invalid_signature")
    refused(told(said.replace(b"5990", b"1")[:-1] + b" ", secret="guessed"), 400, "invalid_signature")
    refused(told(said, at=MONDAY - 301 * SECONDS), 400, "invalid_signature")
    assert (GatewayEvent.objects.count(), status_of(body)) == (0, "pending")
    for at in (MONDAY - 300 * SECONDS, MONDAY, MONDAY):
        assert ok(told(said, at=at)) == {"stored": True}
    relay(MONDAY)
    relay(MONDAY)
    assert (GatewayEvent.objects.count(), stands(Order.objects.get())) == (1, ("confirmed", "59.90", "0.00"))
    clock.move_to(MONDAY + timedelta(days=2), tick=False)
    refused(told(said), 400, "invalid_signature")  # recorded on Monday, sent again on Wednesday
    assert GatewayEvent.objects.count() == 1


@pytest.mark.fault("C3")
@pytest.mark.fault("C4")
def test_a_refusal_that_is_heard_after_the_money_changes_nothing(sandbox: Running) -> None:
    body = an_order(payment_method="card")
    ok(pay(body, "card"), 201)
    sandbox.act(reference(), "decline")
    sandbox.act(reference(), "pay")
    declined, paid = sandbox.events(reference())
    for said in (paid, declined):
        ok(told(said))
        relay(MONDAY)
    assert stands(Order.objects.get()) == ("confirmed", "59.90", "0.00")
    assert [row.status for row in GatewayEvent.objects.order_by("pk")] == ["handled", "handled"]
    clean(MONDAY)


def test_a_declined_card_is_tried_again_as_another_payment(sandbox: Running) -> None:
    body = an_order(payment_method="card")
    ok(pay(body, "card"), 201)
    first = reference()
    sandbox.act(first, "decline")
    ok(told(sandbox.events(first)[0]))
    relay(MONDAY)
    failed = Payment.objects.get()
    assert (failed.status, failed.failure) == ("failed", "card_declined")
    ok(pay(body, "card", key="again"), 201)
    assert reference() != first
    sandbox.act(reference(), "pay")
    ok(told(sandbox.events(reference())[0]))
    relay(MONDAY)
    assert status_of(body) == "confirmed"


@pytest.mark.fault("C8")
@pytest.mark.parametrize("act", ["more", "less"])
def test_another_amount_pays_nothing_stands_in_the_inbox_and_the_page_says_so(sandbox: Running, act: str) -> None:
    body = an_order(payment_method="card")
    ok(pay(body, "card"), 201)
    sandbox.act(reference(), act)
    before = page(body, "/pay/state/").json()["mark"]
    ok(told(sandbox.events(reference())[0]))
    relay(MONDAY)
    order = Order.objects.get()
    assert (stands(order), cases()) == (("pending", "0.00", "0.00"), ["mismatch"])
    assert GatewayEvent.objects.get().status == "quarantined"
    assert page(body, "/pay/state/").json()["mark"] != before
    assert "Fale conosco antes de pagar de novo" in page(body).content.decode()
    payments.settle_case(case_id=MoneyCase.objects.get().public_id, resolution="seen", actor=STAFF, now=MONDAY)
    assert page(body, "/pay/state/").json()["mark"] == before
    assert "Fale conosco antes" not in page(body).content.decode()


def test_money_of_no_order_stands_in_the_inbox(sandbox: Running) -> None:
    wish = asked(order="NOBODYS")
    begun = sandbox.ask(
        "/v1/payments",
        {"amount": 100, "currency": "BRL", "method": "card", "metadata": {"payment": str(wish.id), "order": "NONE"}},
    )
    sandbox.act(begun["id"], "pay")
    ok(told(sandbox.events(begun["id"])[0]))
    relay(MONDAY)
    assert (MoneyCase.objects.get().kind, GatewayEvent.objects.get().status) == ("unknown", "quarantined")


@pytest.mark.fault("C14")
@pytest.mark.fault("C16")
def test_what_came_twice_goes_back_there_unless_the_bank_refuses(sandbox: Running) -> None:
    order = by_card()
    begin(order)
    sandbox.act(reference(), "twice")
    first, second = (json.loads(said)["payment"]["id"] for said in _all_of(sandbox, order))
    for said in _all_of(sandbox, order):
        ok(told(said))
    relay(MONDAY)
    assert stands(order) == ("confirmed", "119.80", "59.90")
    assert ([row[:2] for row in refunds()], cases()) == ([("succeeded", "59.90")], ["second"])
    assert [json.loads(said)["refund"]["amount"] for said in sandbox.events(second)[1:]] == [5990]
    sandbox.act(first, "hold_back")
    cancel(order=order, now=MONDAY)
    relay(MONDAY)
    assert ([row[:2] for row in refunds()][1:], cases()) == ([("refused", "59.90")], ["second", "refund_refused"])
    clean(MONDAY)


def _all_of(sandbox: Running, order: Order) -> list[bytes]:
    """Return what was told of every payment of an order's attempt, also of those that we did not begin."""
    name = Payment.objects.filter(order=order).earliest("pk").public_id
    known = sandbox.ask(f"/v1/payments?metadata_payment={name}")["data"]
    return [sandbox.events(one["id"])[0] for one in known]


@pytest.mark.fault("C11")
def test_a_lost_answer_is_busy_and_begins_one_payment(sandbox: Running) -> None:
    body = an_order(payment_method="card")
    sandbox.fails("lost", times=calls.TRIES)
    refused(pay(body, "card"), 503, "busy")
    begun = ok(pay(body, "card", key="other"), 201)
    known = sandbox.ask(f"/v1/payments?metadata_payment={Payment.objects.get().public_id}")["data"]
    assert [one["checkout_url"] for one in known] == [begun["checkout_url"]]


def test_a_visitor_who_comes_back_is_believed_without_any_word(sandbox: Running, clock: Traveller) -> None:
    body = an_order(payment_method="card")
    ok(pay(body, "card"), 201)
    sandbox.act(reference(), "silent")
    before = page(body, "/pay/state/").json()["mark"]
    assert Payment.objects.get().looked_at is None, "four seconds ago it was begun"
    clock.move_to(SOON, tick=False)
    assert page(body, "/pay/state/").json()["mark"] != before
    assert status_of(body) == "confirmed"
    assert "Pago" in page(body).content.decode()


def test_whoever_waits_asks_ever_more_seldom(sandbox: Running, clock: Traveller) -> None:
    body = an_order(payment_method="pix")
    ok(pay(body, "pix"), 201)
    asked_at = []
    for second in range(0, 600, 5):
        clock.move_to(MONDAY + second * SECONDS, tick=False)
        page(body, "/pay/state/")
        looked = Payment.objects.get().looked_at
        if looked is not None and looked not in asked_at:
            asked_at.append(looked)
    apart = [(after - before).seconds for before, after in pairwise(asked_at)]
    assert (asked_at[0] - MONDAY).seconds == 5
    assert apart == sorted(apart)
    assert apart[0] >= 5
    assert len(asked_at) < 25


@pytest.mark.parametrize("trouble", ["error", "lost"])
def test_a_gateway_in_trouble_does_not_keep_the_page_from_those_who_wait(
    sandbox: Running, clock: Traveller, trouble: str
) -> None:
    body = an_order(payment_method="card")
    ok(pay(body, "card"), 201)
    sandbox.act(reference(), "silent")
    clock.move_to(SOON, tick=False)
    sandbox.fails(trouble)
    shown = page(body)
    assert (shown.status_code, status_of(body)) == (200, "pending")
    clock.move_to(SOON + 5 * SECONDS, tick=False)
    assert "Pago" in page(body).content.decode()


@pytest.mark.fault("C9")
@pytest.mark.fault("C13")
def test_after_days_without_a_word_what_was_paid_is_found_once(settings: Any, clock: Traveller) -> None:
    with running(begins=MONDAY) as alone:
        settings.PAYMENT_ACCESS = {"sandbox": alone.access}
        orders = [by_card(), by_card(), by_card()]
        for order, act in zip(orders, ("pay", "twice", "leave"), strict=True):
            begin(order)
            alone.act(reference(), act)
        days = MONDAY + timedelta(days=2)
        clock.move_to(days, tick=False)
        dry = payments.reconcile_payments(now=days, dry_run=True)
        assert {(one.what, one.repaired) for one in dry} == {("event_not_heard", False), ("payment_differs", False)}
        assert [stands(order)[1] for order in orders] == ["0.00"] * 3
        found = payments.reconcile_payments(now=days)
        relay(days)
        assert {one.repaired for one in found} == {True}
        assert [stands(order) for order in orders] == [
            ("confirmed", "59.90", "0.00"), ("confirmed", "119.80", "59.90"), ("pending", "0.00", "0.00"),
        ]  # fmt: skip
        assert sorted(cases()) == ["revived", "revived", "second"]
        assert [one for one in payments.reconcile_payments(now=days) if one.what != "event_not_heard"] == []
        relay(days)
        assert [row[:2] for row in refunds()] == [("succeeded", "59.90")]
        assert payments.reconcile_payments(now=days) == []
        clean(days)


@pytest.mark.fault("F11")
def test_a_flood_of_words_is_bounded(sandbox: Running, settings: Any) -> None:
    order = by_card()
    begin(order)
    sandbox.act(reference(), "pay")
    [said] = sandbox.events(reference())
    settings.THROTTLES = {**project.THROTTLES, "webhook": "5/hour"}
    answers = [told(said, secret="guessed").status_code for _ in range(7)]
    assert answers == [400] * 5 + [429] * 2
    refused(told(said), 429, "throttled")  # told again later, and once a minute the sweep asks by itself
    assert GatewayEvent.objects.count() == 0
    assert payments.look_after_money(now=MONDAY + timedelta(minutes=1))["attempts"] == 1
    assert stands(order)[0] == "confirmed"
