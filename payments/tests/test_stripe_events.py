"""What Stripe tells, and what goes back through it: forged, old, of other accounts, lost, refused, disputed, unheard."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from time_machine import Traveller

from accounts.tests.doors import ok, post, refused, staff_with
from backoffice.tests.desk import at_desk, messages_of
from common import clock
from common.testing import Lines
from inventory.tests.factories import MONDAY, STAFF
from orders.tests.doors import ALL_RIGHTS, an_order
from payments import services as payments
from payments.gateways import registry
from payments.models import GatewayEvent, MoneyCase, Payment, Refund
from payments.tests.doors import begin, clean, heard, relay, said_by_stripe, stands, the, told
from payments.tests.doors import tell_of_stripe as tell
from payments.tests.stripe_server import KEY, SECRET, StripeServer, signed

pytestmark = pytest.mark.django_db

REFUNDS = "POST /v1/refunds"
METHODS = "/admin/payments/payment/methods/"


def paid_by_card(stripe: StripeServer) -> dict[str, Any]:
    """Return an order that was paid through Stripe."""
    body = an_order(payment_method="card")
    ok(begin(body, "card"), 201)
    for event in stripe.pay(the(stripe.intents)):
        tell(event)
    assert stands(body) == ("confirmed", "59.90", "0.00")
    return body


def give_back(body: dict[str, Any], amount: str | None = None) -> Any:
    """Give money back as staff does, and ask the gateway for it."""
    wanted = {"amount": amount, "restock": False, "reason": "Veio amassado"}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    answer = post(f"/orders/{body['number']}/refunds/", wanted, key=f"r-{amount}", user=staff_with(*ALL_RIGHTS))
    relay()
    return ok(answer, 201)


@pytest.mark.fault("C6")
def test_what_stripe_has_not_signed_is_refused_and_nothing_kept(stripe: StripeServer) -> None:
    body = an_order(payment_method="card")
    ok(begin(body, "card"), 201)
    [event] = stripe.pay(the(stripe.intents))
    said = heard(event)
    proof = signed(said)
    for headers in (
        {}, {"Stripe-Signature": ""}, {"Stripe-Signature": "t=1,v1="}, {"Stripe-Signature": "v1=abc"},
        {"Stripe-Signature": "t=0x10,v1=é"}, {"Stripe-Signature": proof.replace("v1=", "v0=")},
        {"Stripe-Signature": signed(said, secret="whsec_of_somebody_else")},
    ):  # fmt: skip
        refused(told("stripe", said, headers=headers), 400, "invalid_signature")
    for other in (said + b" ", said.replace(b"5990", b"9990"), b"", b"\xff\xfe", b"[]"):
        refused(told("stripe", other, headers={"Stripe-Signature": proof}), 400, "invalid_signature")
    for words in ("[]", "{}", '{"data": {"object": 1}}', "null", "7"):  # signed, and not what Stripe would say
        signature = {"Stripe-Signature": signed(words.encode())}
        refused(told("stripe", words.encode(), headers=signature), 400, "invalid_signature")
    assert (GatewayEvent.objects.count(), stands(body)[0]) == (0, "pending")
    tell(event)
    assert stands(body)[0] == "confirmed"


@pytest.mark.fault("C7")
def test_an_old_delivery_is_refused_and_a_retry_signed_anew_is_heard(
    stripe: StripeServer, time_machine: Traveller
) -> None:
    body = an_order(payment_method="card")
    ok(begin(body, "card"), 201)
    [event] = stripe.pay(the(stripe.intents))
    said, proof = heard(event), signed(heard(event))
    time_machine.move_to(MONDAY + timedelta(seconds=301), tick=False)
    refused(told("stripe", said, headers={"Stripe-Signature": proof}), 400, "invalid_signature")
    time_machine.move_to(MONDAY + timedelta(seconds=299), tick=False)
    ok(told("stripe", said, headers={"Stripe-Signature": proof}))
    ok(said_by_stripe(event))
    relay()
    assert (stands(body)[0], GatewayEvent.objects.count()) == ("confirmed", 1)


@pytest.mark.fault("C8")
@pytest.mark.parametrize(
    ("intent", "event", "detail"),
    [
        ({"amount_received": 100}, {}, "amount: 1.00 instead of 59.90"),
        ({"currency": "usd"}, {}, "currency: USD instead of BRL"),
        ({}, {"account": "acct_of_another"}, "another account of the gateway"),
        ({}, {"livemode": True}, "mode: live instead of test"),
    ],
)
def test_money_that_is_not_what_was_asked_for_is_set_aside(
    stripe: StripeServer, intent: dict[str, Any], event: dict[str, Any], detail: str
) -> None:
    body = an_order(payment_method="card")
    ok(begin(body, "card"), 201)
    [said] = stripe.pay(the(stripe.intents), **intent)
    tell(said | event)
    assert stands(body) == ("pending", "0.00", "0.00")
    assert list(GatewayEvent.objects.values_list("status", "note")) == [("quarantined", detail)]
    assert list(MoneyCase.objects.values_list("kind", "detail")) == [("mismatch", detail)]
    clean()


@pytest.mark.fault("C8")
def test_a_refund_of_another_account_moves_no_books(stripe: StripeServer) -> None:
    body = paid_by_card(stripe)
    back = stripe.give_back(the(stripe.intents), amount=1000)
    tell(back | {"account": "acct_of_another"})
    assert (stands(body)[2], list(MoneyCase.objects.values_list("kind", "detail"))) == (
        "0.00", [("mismatch", "another account of the gateway")],
    )  # fmt: skip
    clean()


@pytest.mark.fault("C14")
def test_money_for_an_order_that_was_cancelled_goes_back_by_itself(stripe: StripeServer) -> None:
    body = an_order(payment_method="card")
    ok(begin(body, "card"), 201)
    ok(post(f"/orders/{body['number']}/cancel/", {"reason": "x"}, user=staff_with(*ALL_RIGHTS)))
    relay()
    for event in stripe.pay(the(stripe.intents)):
        tell(event)
    assert stands(body) == ("cancelled", "59.90", "59.90")
    assert [refund["amount"] for refund in stripe.refunds.values()] == [5990]
    tell(stripe.events[-1])  # Stripe tells of the refund as well
    assert Refund.objects.count() == 1
    clean()


@pytest.mark.parametrize(
    ("trouble", "status"), [("lost", "succeeded"), ("silent", "succeeded"), ("reset", "sent"), (500, "sent")]
)
def test_a_refund_whose_answer_was_lost_is_made_once(
    stripe: StripeServer, trouble: Any, status: str, time_machine: Traveller
) -> None:
    body = paid_by_card(stripe)
    stripe.trouble(REFUNDS, trouble, times=2)
    give_back(body, "20.00")
    assert Refund.objects.get().status == status
    stripe.kept.clear()  # and by the time it is asked again, Stripe has forgotten the key
    time_machine.move_to(MONDAY + timedelta(days=2), tick=False)
    payments.look_after_money(now=clock.now())
    assert (Refund.objects.get().status, stands(body)[2], len(stripe.refunds)) == ("succeeded", "20.00", 1)
    clean()


@pytest.mark.fault("C12")
@pytest.mark.parametrize("done", [True, False])
def test_a_refund_whose_failure_was_saved_is_made_once(stripe: StripeServer, done: bool) -> None:
    body = paid_by_card(stripe)
    stripe.save_failure(REFUNDS, done=done)
    give_back(body, "20.00")
    assert (Refund.objects.get().status, len(stripe.refunds)) == ("succeeded", 1)
    give_back(body)
    assert (stands(body)[2], len(stripe.refunds)) == ("59.90", 2)
    clean()


@pytest.mark.fault("C16")
def test_a_refund_that_stripe_refuses_is_settled_once_it_takes_it(stripe: StripeServer) -> None:
    body = paid_by_card(stripe)
    stripe.trouble(REFUNDS, 402)
    give_back(body)
    refund = Refund.objects.get()
    assert (refund.status, stands(body)[2], MoneyCase.objects.get().kind) == ("refused", "0.00", "refund_refused")
    stripe.slow_refunds = True
    payments.try_refund_again(refund_id=refund.public_id, actor=STAFF, now=clock.now())
    refund.refresh_from_db()
    assert (refund.status, refund.gateway_reference) == ("sent", the(stripe.refunds))
    tell(stripe.settle(refund.gateway_reference, "succeeded"))
    assert stands(body) == ("confirmed", "59.90", "59.90")
    clean()


@pytest.mark.fault("C16")
def test_a_refund_that_a_bank_sends_back_is_owed_again(stripe: StripeServer) -> None:
    body = paid_by_card(stripe)
    give_back(body)
    assert stands(body)[2] == "59.90"
    tell(stripe.settle(the(stripe.refunds), "failed", why="lost_or_stolen_card"))
    assert (Refund.objects.get().status, Refund.objects.get().failure, stands(body)[2]) == (
        "refused", "lost_or_stolen_card", "0.00",
    )  # fmt: skip
    assert MoneyCase.objects.get().kind == "refund_refused"
    clean()
    payments.try_refund_again(refund_id=Refund.objects.get().public_id, actor=STAFF, now=clock.now())
    assert (Refund.objects.get().status, len(stripe.refunds), stands(body)[2]) == ("succeeded", 2, "59.90")
    clean()


@pytest.mark.fault("C17")
def test_a_dispute_is_a_case_and_moves_nothing(stripe: StripeServer) -> None:
    body = paid_by_card(stripe)
    said = stripe.dispute(the(stripe.intents))
    tell(said)
    tell(said)
    case = MoneyCase.objects.get()
    assert (case.kind, case.amount, case.detail) == (
        "dispute",
        Payment.objects.get().amount,
        "fraudulent: needs_response",
    )
    assert (case.order.number if case.order else "", stands(body)) == (body["number"], ("confirmed", "59.90", "0.00"))
    clean()


@pytest.mark.fault("C9")
def test_three_days_without_a_word_are_made_up_for(stripe: StripeServer, time_machine: Traveller) -> None:
    stripe.page = 2
    orders = [an_order(payment_method="card") for _time in range(3)]
    for body in orders:
        before = set(stripe.intents)
        ok(begin(body, "card"), 201)
        [intent] = set(stripe.intents) - before
        stripe.pay(intent)
    stripe.give_back(next(iter(stripe.intents)), amount=500)
    time_machine.move_to(MONDAY + timedelta(days=3), tick=False)
    found = payments.reconcile_payments(now=clock.now())
    assert [(finding.what, finding.repaired) for finding in found] == [("event_not_heard", True)] * 4
    assert [stands(body)[0] for body in orders] == ["confirmed"] * 3
    assert sorted(stands(body)[2] for body in orders) == ["0.00", "0.00", "5.00"]
    assert len(stripe.calls("GET /v1/events")) == 2
    assert payments.reconcile_payments(now=clock.now()) == []
    clean()


def test_the_desk_tests_the_connection(stripe: StripeServer, settings: Any) -> None:
    owner = at_desk(role="owner")

    def ask_at_the_desk() -> str:
        [said] = messages_of(owner.post(METHODS, {"gateway": "stripe"}, follow=True))
        return said

    assert ask_at_the_desk() == "Stripe responde. A conexão está boa. (dinheiro de teste)"
    settings.PAYMENT_ACCESS = {"stripe": settings.PAYMENT_ACCESS["stripe"] | {"key": "sk_test_another"}}
    assert ask_at_the_desk().startswith("Stripe responde, mas recusa os dados de acesso")
    stripe.trouble("GET /v1/balance", "reset")
    assert ask_at_the_desk().startswith("Stripe não responde")


def test_no_secret_is_in_any_log(stripe: StripeServer, log_lines: Lines) -> None:
    logging.getLogger().setLevel(logging.DEBUG)
    body = paid_by_card(stripe)
    stripe.trouble("POST /v1/payment_intents", "lost", times=2)
    begin(an_order(payment_method="card"), "card")
    stripe.trouble(REFUNDS, 402)
    give_back(body)
    told("stripe", b"{}", headers={"Stripe-Signature": signed(b"{}", secret="whsec_guessed")})
    payments.reconcile_payments(now=clock.now())
    assert registry.remote("stripe") is not None
    assert "gateway_unreachable" in log_lines.text
    for secret in (KEY, SECRET, "secret_canary", "whsec_guessed"):
        assert secret not in log_lines.text
