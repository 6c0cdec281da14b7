"""Payments through Mercado Pago, by our own doors, against a server that behaves like its API."""

from datetime import timedelta
from typing import Any

import pytest
from time_machine import Traveller

from accounts.tests.doors import ok, post, refused, staff_with
from common import clock
from inventory.tests.factories import MONDAY, STAFF
from orders.tests.doors import ALL_RIGHTS, an_order
from payments import services as payments
from payments.models import GatewayEvent, MoneyCase, Payment, Refund
from payments.tests.doors import begin, clean, relay, stands, the
from payments.tests.doors import tell_of_mercadopago as tell
from payments.tests.mercadopago_server import PIX, MercadoPagoServer

pytestmark = pytest.mark.django_db

BACK = "https://loja.example/obrigado"
PAYMENTS, PAGES = "POST /v1/payments", "POST /checkout/preferences"


def by_pix(mercadopago: MercadoPagoServer) -> tuple[dict[str, Any], str]:
    """Return an order to be paid by Pix, and the number of its payment."""
    body = an_order(payment_method="pix")
    ok(begin(body, "pix"), 201)
    return body, the(mercadopago.payments)


def paid_by_pix(mercadopago: MercadoPagoServer) -> tuple[dict[str, Any], str]:
    """Return an order that was paid by Pix, and the number of its payment."""
    body, number = by_pix(mercadopago)
    tell(mercadopago.pay(number))
    assert stands(body) == ("confirmed", "59.90", "0.00")
    return body, number


def give_back(body: dict[str, Any], amount: str | None = None) -> None:
    """Give money back as staff does, and ask the gateway for it."""
    wanted = {"restock": False, "reason": "Veio amassado"} | ({"amount": amount} if amount else {})
    ok(post(f"/orders/{body['number']}/refunds/", wanted, key=f"r-{amount}", user=staff_with(*ALL_RIGHTS)), 201)
    relay()


def test_a_pix_is_shown_paid_and_the_order_confirmed(mercadopago: MercadoPagoServer) -> None:
    body = an_order(payment_method="pix")
    begun = ok(begin(body, "pix"), 201)
    number = the(mercadopago.payments)
    assert (begun["pix"]["copy_paste"], begun["expires_at"]) == (
        f"{PIX}{number}", (MONDAY + timedelta(minutes=29)).isoformat(),
    )  # fmt: skip
    payment, kept = Payment.objects.get(), mercadopago.payments[number]
    assert (kept["transaction_amount"], kept["external_reference"], kept["metadata"]["order"]) == (
        59.9, str(payment.public_id), body["number"],
    )  # fmt: skip
    assert kept["date_of_expiration"] == "2026-03-02T12:31:00.000+00:00"  # half an hour is the least there
    assert (payment.gateway_reference, payment.status) == (number, "pending")
    tell(mercadopago.pay(number))
    tell(number)
    assert (stands(body), Payment.objects.count()) == (("confirmed", "59.90", "0.00"), 1)
    assert set(GatewayEvent.objects.values_list("kind", "status")) == {("payment", "handled")}
    clean()


def test_a_card_is_paid_on_its_page_after_one_was_turned_down(mercadopago: MercadoPagoServer) -> None:
    body = an_order(payment_method="card")
    begun = ok(begin(body, "card", return_url=BACK), 201)
    page = the(mercadopago.pages)
    assert begun["checkout_url"].endswith(page)
    kept = mercadopago.pages[page]
    assert (kept["back_urls"]["success"], kept["auto_return"], kept["expiration_date_to"]) == (
        BACK, "approved", "2026-03-02T12:15:00.000+00:00",
    )  # fmt: skip
    assert kept["notification_url"] == "https://loja.example/api/v1/payments/webhooks/mercadopago/?source_news=webhooks"
    tell(mercadopago.pay_page(page, status="rejected", detail="cc_rejected_insufficient_amount"))
    payment = Payment.objects.get()
    assert (payment.status, payment.failure, payment.gateway_reference) == (
        "pending", "cc_rejected_insufficient_amount", "",
    )  # fmt: skip
    assert ok(begin(body, "card", key="again"), 201)["checkout_url"] == begun["checkout_url"]
    number = mercadopago.pay_page(page)
    tell(number)
    payment.refresh_from_db()
    assert (stands(body)[0], payment.gateway_reference, Payment.objects.count()) == ("confirmed", number, 1)
    clean()


@pytest.mark.fault("C14")
def test_a_page_that_was_paid_twice_gives_the_second_back(mercadopago: MercadoPagoServer) -> None:
    body = an_order(payment_method="card")
    ok(begin(body, "card", return_url=BACK), 201)
    page = the(mercadopago.pages)
    first, second = mercadopago.pay_page(page), mercadopago.pay_page(page)
    tell(first)
    tell(second)
    assert stands(body) == ("confirmed", "119.80", "59.90")
    assert [payment["status"] for payment in mercadopago.payments.values()] == ["approved", "refunded"]
    assert list(MoneyCase.objects.values_list("kind", flat=True)) == ["second"]
    clean()


@pytest.mark.fault("C11")
@pytest.mark.parametrize("trouble", ["lost", "silent", "reset", 500, 429])
def test_an_answer_that_was_lost_leaves_one_payment_there(mercadopago: MercadoPagoServer, trouble: Any) -> None:
    body = an_order(payment_method="pix")
    mercadopago.trouble(PAYMENTS, trouble, times=2)
    refused(begin(body, "pix"), 503, "busy")
    assert Payment.objects.get().status == "pending"
    assert ok(begin(body, "pix"), 201)["pix"]["copy_paste"] == f"{PIX}{the(mercadopago.payments)}"
    keys = {asked.headers["x-idempotency-key"] for asked in mercadopago.calls(PAYMENTS)}
    assert keys == {Payment.objects.get().key}


@pytest.mark.fault("C5")
def test_news_before_our_own_answer_find_their_attempt(mercadopago: MercadoPagoServer) -> None:
    body = an_order(payment_method="pix")
    mercadopago.trouble(PAYMENTS, "lost", times=2)
    refused(begin(body, "pix"), 503, "busy")
    tell(mercadopago.pay(the(mercadopago.payments)))
    assert (stands(body)[0], Payment.objects.count()) == ("confirmed", 1)
    clean()


def test_an_answer_that_was_lost_is_found_by_our_own_word(
    mercadopago: MercadoPagoServer, time_machine: Traveller
) -> None:
    body = an_order(payment_method="pix")
    mercadopago.trouble(PAYMENTS, "lost", times=2)
    refused(begin(body, "pix"), 503, "busy")
    time_machine.move_to(MONDAY + timedelta(minutes=2), tick=False)
    assert payments.look_after_money(now=clock.now())["attempts"] == 1
    payment = Payment.objects.get()
    number = the(mercadopago.payments)
    assert (payment.gateway_reference, payment.given["pix_text"]) == (number, f"{PIX}{number}")
    mercadopago.pay(number)
    time_machine.move_to(MONDAY + timedelta(minutes=8), tick=False)
    payments.look_after_money(now=clock.now())
    assert stands(body)[0] == "confirmed"
    clean()


def test_a_page_that_nobody_told_of_is_asked_about(mercadopago: MercadoPagoServer, time_machine: Traveller) -> None:
    body = an_order(payment_method="card")
    ok(begin(body, "card", return_url=BACK), 201)
    time_machine.move_to(MONDAY + timedelta(minutes=2), tick=False)
    payments.look_after_money(now=clock.now())
    assert Payment.objects.get().status == "pending"
    mercadopago.pay_page(the(mercadopago.pages), status="rejected", detail="cc_rejected_other_reason")
    mercadopago.pay_page(the(mercadopago.pages))
    time_machine.move_to(MONDAY + timedelta(minutes=8), tick=False)
    payments.look_after_money(now=clock.now())
    assert (stands(body)[0], Payment.objects.get().status) == ("confirmed", "succeeded")
    clean()


@pytest.mark.fault("C13")
def test_a_pix_that_ran_out_and_one_that_was_paid_late(mercadopago: MercadoPagoServer, time_machine: Traveller) -> None:
    body, number = by_pix(mercadopago)
    time_machine.move_to(MONDAY + timedelta(minutes=31), tick=False)
    tell(mercadopago.becomes(number, status="cancelled", status_detail="expired"))
    assert (Payment.objects.get().status, stands(body)[1]) == ("expired", "0.00")
    tell(mercadopago.pay(number))
    assert stands(body) == ("confirmed", "59.90", "0.00")
    assert list(MoneyCase.objects.values_list("kind", flat=True)) == ["revived"]
    clean()


def test_what_is_refused_has_failed_and_the_next_is_another_attempt(mercadopago: MercadoPagoServer) -> None:
    body = an_order(payment_method="pix")
    mercadopago.trouble(PAYMENTS, 400)
    failed = ok(begin(body, "pix"), 201)
    assert (failed["status"], Payment.objects.get().failure) == ("failed", "refused_by_bank")
    assert ok(begin(body, "pix", key="again"), 201)["status"] == "pending"


def test_a_refund_goes_back_through_it_and_its_news_is_the_same_refund(mercadopago: MercadoPagoServer) -> None:
    body, number = paid_by_pix(mercadopago)
    give_back(body, "20.00")
    tell(number)
    give_back(body)
    tell(number)
    assert (stands(body), mercadopago.payments[number]["status"]) == (("confirmed", "59.90", "59.90"), "refunded")
    assert [(refund.status, str(refund.amount)) for refund in Refund.objects.order_by("pk")] == [
        ("succeeded", "20.00"), ("succeeded", "39.90"),
    ]  # fmt: skip
    clean()


@pytest.mark.parametrize("trouble", ["lost", "silent", "reset", 500])
def test_a_refund_whose_answer_was_lost_is_made_once(
    mercadopago: MercadoPagoServer, trouble: Any, time_machine: Traveller
) -> None:
    body, number = paid_by_pix(mercadopago)
    mercadopago.trouble(f"{PAYMENTS}/{number}/refunds", trouble, times=2)
    give_back(body, "20.00")
    assert Refund.objects.get().status == "sent"
    time_machine.move_to(MONDAY + timedelta(minutes=10), tick=False)
    payments.look_after_money(now=clock.now())
    assert (Refund.objects.get().status, len(mercadopago.payments[number]["refunds"])) == ("succeeded", 1)
    clean()


@pytest.mark.fault("C4")
def test_a_refund_before_the_news_of_its_payment(mercadopago: MercadoPagoServer) -> None:
    body, number = by_pix(mercadopago)
    mercadopago.pay(number)
    mercadopago.give_back(number, 59.9)
    tell(number)
    assert stands(body) == ("confirmed", "59.90", "59.90")
    tell(number)
    assert (Refund.objects.count(), Refund.objects.get().reason) == (1, "at_gateway")
    clean()


@pytest.mark.fault("C16")
def test_a_refund_that_is_refused_at_once_or_later_and_settled(mercadopago: MercadoPagoServer) -> None:
    body, number = paid_by_pix(mercadopago)
    mercadopago.trouble(f"{PAYMENTS}/{number}/refunds", 400)
    give_back(body)
    refund = Refund.objects.get()
    assert (refund.status, refund.failure, MoneyCase.objects.get().kind) == (
        "refused", "refused_by_bank", "refund_refused",
    )  # fmt: skip
    mercadopago.slow_refunds = True
    payments.try_refund_again(refund_id=refund.public_id, actor=STAFF, now=clock.now())
    [made] = mercadopago.payments[number]["refunds"]
    refund.refresh_from_db()
    assert (refund.status, refund.gateway_reference) == ("sent", str(made["id"]))
    tell(mercadopago.settle(made, "rejected"))
    refund.refresh_from_db()
    assert (refund.status, MoneyCase.objects.count(), stands(body)[2]) == ("refused", 2, "0.00")
    payments.try_refund_again(refund_id=refund.public_id, actor=STAFF, now=clock.now())
    tell(mercadopago.settle(mercadopago.payments[number]["refunds"][-1], "approved"))
    assert stands(body) == ("confirmed", "59.90", "59.90")
    clean()


@pytest.mark.fault("C17")
@pytest.mark.parametrize("status", ["in_mediation", "charged_back"])
def test_a_dispute_is_a_case_and_moves_nothing(mercadopago: MercadoPagoServer, status: str) -> None:
    body, number = paid_by_pix(mercadopago)
    tell(mercadopago.becomes(number, status=status, status_detail="pending"))
    tell(number)
    assert (MoneyCase.objects.get().kind, MoneyCase.objects.get().detail) == ("dispute", f"{status}: pending")
    assert stands(body) == ("confirmed", "59.90", "0.00")
    clean()


@pytest.mark.parametrize("method", ["pix", "card"])
def test_what_was_given_up_can_be_paid_no_more(mercadopago: MercadoPagoServer, method: str) -> None:
    body = an_order(payment_method=method)
    ok(begin(body, method, return_url=BACK), 201)
    ok(post(f"/orders/{body['number']}/cancel/", {"reason": "x"}, token=body["access_token"]))
    relay()
    assert Payment.objects.get().status == "cancelled"
    if method == "pix":
        assert mercadopago.payments[the(mercadopago.payments)]["status"] == "cancelled"
    else:
        assert mercadopago.pages[the(mercadopago.pages)]["expiration_date_to"] == "2026-03-02T12:00:00.000+00:00"
    clean()


@pytest.mark.parametrize("method", ["pix", "card"])
def test_what_was_paid_before_it_could_be_closed_goes_back(mercadopago: MercadoPagoServer, method: str) -> None:
    body = an_order(payment_method=method)
    ok(begin(body, method, return_url=BACK), 201)
    ok(post(f"/orders/{body['number']}/cancel/", {"reason": "x"}, token=body["access_token"]))
    if method == "pix":
        mercadopago.pay(the(mercadopago.payments))
    else:
        mercadopago.pay_page(the(mercadopago.pages))
    relay()
    assert stands(body) == ("cancelled", "59.90", "59.90")
    assert list(MoneyCase.objects.values_list("kind", flat=True)) == ["too_late"]
    clean()
