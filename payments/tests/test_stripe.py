"""Payments through Stripe, by our own doors and its own SDK, against a server that behaves like its API."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from time_machine import Traveller

from accounts.tests.doors import get, ok, post, refused
from common import clock
from inventory.tests.factories import MONDAY
from orders.tests.doors import an_order
from payments import services as payments
from payments.models import GatewayEvent, MoneyCase, Payment, Refund
from payments.tests.doors import begin, clean, relay, stands, the
from payments.tests.doors import tell_of_stripe as tell
from payments.tests.stripe_server import PIX, StripeServer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bakery")]

BACK = "https://loja.example/obrigado"
INTENTS, PAGES = "POST /v1/payment_intents", "POST /v1/checkout/sessions"


def test_a_card_is_paid_in_the_clients_own_form(stripe: StripeServer) -> None:
    body = an_order(payment_method="card")
    begun = ok(begin(body, "card"), 201)
    intent = the(stripe.intents)
    assert (begun["client_secret"], begun["status"], "checkout_url" in begun) == (
        f"{intent}_secret_canary", "pending", False,
    )  # fmt: skip
    assert ok(begin(body, "card"), 201)["client_secret"] == begun["client_secret"]
    payment = Payment.objects.get()
    kept = stripe.intents[intent]
    assert (kept["amount"], kept["currency"], kept["metadata"]) == (
        5990, "brl", {"payment": str(payment.public_id), "order": body["number"], "way": "form"},
    )  # fmt: skip
    for event in stripe.pay(intent):
        tell(event)
    assert stands(body) == ("confirmed", "59.90", "0.00")
    payment.refresh_from_db()
    assert (payment.status, payment.gateway_reference) == ("succeeded", intent)
    [listed] = ok(get(f"/orders/{body['number']}/payments/", token=body["access_token"]))["results"]
    assert (listed["status"], "client_secret" in listed) == ("succeeded", False)
    clean()


@pytest.mark.fault("C3")
def test_a_card_is_paid_on_stripes_page_and_three_events_tell_one_payment(stripe: StripeServer) -> None:
    body = an_order(payment_method="card")
    begun = ok(begin(body, "card", return_url=BACK), 201)
    page = the(stripe.pages)
    assert (begun["checkout_url"], "client_secret" in begun) == (f"https://checkout.stripe.com/c/pay/{page}#fid", False)
    assert stripe.pages[page]["expires_at"] == int((MONDAY + timedelta(minutes=46)).timestamp())
    for event in stripe.pay_page(page):
        tell(event)
        tell(event)
    assert (stands(body), Payment.objects.count()) == (("confirmed", "59.90", "0.00"), 1)
    assert Payment.objects.get().gateway_reference == the(stripe.intents)
    assert set(GatewayEvent.objects.values_list("kind", "status")) == {
        ("charge.succeeded", "ignored"), ("payment_intent.succeeded", "handled"),
        ("checkout.session.completed", "handled"),
    }  # fmt: skip
    clean()


@pytest.mark.fault("C13")
def test_a_pix_ends_when_the_attempt_does_and_late_money_is_taken_in(
    stripe: StripeServer, time_machine: Traveller
) -> None:
    body = an_order(payment_method="pix")
    begun = ok(begin(body, "pix"), 201)
    intent = the(stripe.intents)
    ends = MONDAY + timedelta(minutes=29)
    shown = stripe.intents[intent]["next_action"]["pix_display_qr_code"]
    assert (begun["pix"]["copy_paste"], begun["expires_at"], shown["expires_at"]) == (
        f"{PIX}{intent}", ends.isoformat(), int(ends.timestamp()),
    )  # fmt: skip
    assert begun["pix"]["qr_svg"].startswith("<svg")
    assert "client_secret" not in begun
    time_machine.move_to(MONDAY + timedelta(minutes=31), tick=False)
    payments.look_after_money(now=clock.now())
    tell(stripe.run_out(intent))
    assert (Payment.objects.get().status, stands(body)[1]) == ("expired", "0.00")
    [paid] = stripe.pay(intent)
    tell(paid)
    assert stands(body) == ("confirmed", "59.90", "0.00")
    assert list(MoneyCase.objects.values_list("kind", flat=True)) == ["revived"]
    clean()


def test_a_declined_card_can_be_tried_again_with_the_same_intent(stripe: StripeServer) -> None:
    body = an_order(payment_method="card")
    begun = ok(begin(body, "card"), 201)
    intent = the(stripe.intents)
    tell(stripe.decline(intent))
    payment = Payment.objects.get()
    assert (payment.status, payment.failure) == ("pending", "insufficient_funds")
    again = ok(begin(body, "card", key="again"), 201)
    assert (again["id"], again["client_secret"]) == (begun["id"], begun["client_secret"])
    for event in stripe.pay(intent):
        tell(event)
    payment.refresh_from_db()
    assert (stands(body)[0], payment.status, payment.failure) == ("confirmed", "succeeded", "")
    clean()


@pytest.mark.fault("C11")
@pytest.mark.parametrize("trouble", ["lost", "silent", "reset", 500, 503, 429])
@pytest.mark.parametrize("line", [INTENTS, PAGES])
def test_an_answer_that_was_lost_leaves_one_payment_at_stripe(stripe: StripeServer, trouble: Any, line: str) -> None:
    body = an_order(payment_method="card")
    more = {"return_url": BACK} if line == PAGES else {}
    stripe.trouble(line, trouble, times=2)
    refused(begin(body, "card", **more), 503, "busy")
    assert Payment.objects.get().status == "pending"
    ok(begin(body, "card", **more), 201)
    assert len(stripe.intents) + len(stripe.pages) == 1
    keys = {asked.headers["idempotency-key"] for asked in stripe.calls(line)}
    assert keys == {Payment.objects.get().key}
    assert len(stripe.calls(line)) == 3


@pytest.mark.fault("C12")
@pytest.mark.parametrize("done", [True, False])
def test_a_failure_saved_under_the_key_is_got_around(stripe: StripeServer, done: bool) -> None:
    body = an_order(payment_method="card")
    stripe.save_failure(INTENTS, done=done)
    begun = ok(begin(body, "card"), 201)
    assert (begun["client_secret"], len(stripe.intents)) == (f"{the(stripe.intents)}_secret_canary", 1)
    keys = [asked.headers["idempotency-key"] for asked in stripe.calls(INTENTS)]
    own = Payment.objects.get().key
    assert keys == ([own, own] if done else [own, own, f"{own}:2"])
    assert len(stripe.calls("GET /v1/payment_intents/search")) == 1


@pytest.mark.fault("C5")
def test_an_event_before_our_own_answer_finds_its_attempt(stripe: StripeServer) -> None:
    body = an_order(payment_method="card")
    stripe.trouble(PAGES, "lost", times=2)
    refused(begin(body, "card", return_url=BACK), 503, "busy")
    for event in stripe.pay_page(the(stripe.pages)):
        tell(event)
    assert (stands(body)[0], Payment.objects.count()) == ("confirmed", 1)
    clean()


def test_an_answer_that_was_lost_is_found_by_the_sweep(stripe: StripeServer, time_machine: Traveller) -> None:
    body = an_order(payment_method="card")
    stripe.trouble(INTENTS, "lost", times=2)
    refused(begin(body, "card"), 503, "busy")
    stripe.pay(the(stripe.intents))
    time_machine.move_to(MONDAY + timedelta(minutes=2), tick=False)
    assert payments.look_after_money(now=clock.now())["attempts"] == 1
    assert stands(body)[0] == "confirmed"
    clean()


def test_a_page_whose_news_is_late_is_asked_for_by_the_sweep(stripe: StripeServer, time_machine: Traveller) -> None:
    body = an_order(payment_method="card")
    ok(begin(body, "card", return_url=BACK), 201)
    stripe.pay_page(the(stripe.pages))
    time_machine.move_to(MONDAY + timedelta(minutes=2), tick=False)
    payments.look_after_money(now=clock.now())
    assert (stands(body)[0], len(stripe.calls("GET /v1/checkout/sessions/"))) == ("confirmed", 1)
    assert stripe.calls("GET /v1/payment_intents/search") == []
    clean()


def test_what_stripe_refuses_has_failed_and_the_next_is_another_attempt(stripe: StripeServer) -> None:
    body = an_order(payment_method="card")
    stripe.trouble(INTENTS, 402)
    failed = ok(begin(body, "card"), 201)
    assert (failed["status"], Payment.objects.get().failure) == ("failed", "api_error")
    assert ok(begin(body, "card", key="again"), 201)["id"] != failed["id"]


@pytest.mark.fault("C4")
@pytest.mark.parametrize("more", [{}, {"return_url": BACK}])
def test_a_refund_told_before_its_payment_finds_both(stripe: StripeServer, more: dict[str, str]) -> None:
    body = an_order(payment_method="card")
    ok(begin(body, "card", **more), 201)
    paid = stripe.pay_page(the(stripe.pages)) if more else stripe.pay(the(stripe.intents))
    back = stripe.give_back(the(stripe.intents), amount=1000)
    tell(back)
    assert stands(body) == ("confirmed", "59.90", "10.00")
    for event in paid:
        tell(event)
    assert (stands(body), Payment.objects.count(), Refund.objects.count()) == (("confirmed", "59.90", "10.00"), 1, 1)
    clean()


@pytest.mark.fault("C4")
def test_an_event_of_nobody_we_know_is_kept_and_set_aside(stripe: StripeServer) -> None:
    stray = stripe._intent(amount=1000, currency="brl", types=["card"], named={})
    for event in stripe.pay(stray["id"]):
        tell(event)
    tell(stripe.give_back(stray["id"], amount=1000))
    tell(stripe.tell("customer.created", {"object": "customer", "id": "cus_1"}))
    statuses = list(GatewayEvent.objects.order_by("pk").values_list("status", flat=True))
    assert statuses == ["quarantined", "ignored", "ignored"]
    assert list(MoneyCase.objects.values_list("kind", flat=True)) == ["unknown"]
    clean()


@pytest.mark.parametrize("more", [{}, {"return_url": BACK}])
def test_what_ran_out_or_was_cancelled_can_be_paid_no_more(
    stripe: StripeServer, time_machine: Traveller, more: dict[str, str]
) -> None:
    ran_out, cancelled = an_order(payment_method="card"), an_order(payment_method="card")
    ok(begin(ran_out, "card", **more), 201)
    ok(begin(cancelled, "card", **more), 201)
    kept = stripe.pages if more else stripe.intents
    first, second = kept.values()
    ok(post(f"/orders/{cancelled['number']}/cancel/", {"reason": "x"}, token=cancelled["access_token"]))
    relay()
    ended = "expired" if more else "canceled"
    assert (first["status"] != ended, second["status"]) == (True, ended)
    time_machine.move_to(MONDAY + timedelta(minutes=16), tick=False)
    payments.look_after_money(now=clock.now())
    relay()
    assert first["status"] == ended
    for event in stripe.events:
        tell(event)
    assert sorted(Payment.objects.values_list("status", flat=True)) == ["cancelled", "expired"]
    clean()


@pytest.mark.parametrize("more", [{}, {"return_url": BACK}])
def test_what_was_paid_before_it_could_be_closed_is_taken_in(
    stripe: StripeServer, time_machine: Traveller, more: dict[str, str]
) -> None:
    body = an_order(payment_method="card")
    ok(begin(body, "card", **more), 201)
    ok(post(f"/orders/{body['number']}/cancel/", {"reason": "x"}, token=body["access_token"]))
    if more:
        stripe.pay_page(the(stripe.pages))
    else:
        stripe.pay(the(stripe.intents))
    stripe.trouble("POST /v1/", "reset")  # and it takes two turns
    relay()
    time_machine.move_to(MONDAY + timedelta(seconds=30), tick=False)
    relay()
    assert stands(body) == ("cancelled", "59.90", "59.90")
    assert list(MoneyCase.objects.values_list("kind", flat=True)) == ["too_late"]
    clean()


def test_who_comes_to_the_pay_page_gets_a_page_where_a_form_was_begun(stripe: StripeServer) -> None:
    body = an_order(payment_method="card")
    ok(begin(body, "card"), 201)
    page = urlsplit(body["pay_url"])
    answer = Client().post(f"{page.path}?{page.query}", {"method": "card"})
    assert answer.status_code == 303
    relay()
    assert [intent["status"] for intent in stripe.intents.values()] == ["canceled"]
    assert Payment.objects.get(status="pending").given["checkout_url"].startswith("https://checkout.stripe.com/")
    assert stripe.pages[the(stripe.pages)]["success_url"].startswith("http://testserver/orders/")
    for event in stripe.pay_page(the(stripe.pages)):
        tell(event)
    assert (stands(body), Payment.objects.count()) == (("confirmed", "59.90", "0.00"), 2)
    clean()
