"""What Mercado Pago notifies of: forged, old, of other accounts, unheard for days; and what of it is in no log."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from time_machine import Traveller

from accounts.tests.doors import ok, refused
from backoffice.tests.desk import at_desk, messages_of
from common import clock
from common.testing import Lines
from inventory.tests.factories import MONDAY
from orders.tests.doors import an_order
from payments import services as payments
from payments.models import GatewayEvent, MoneyCase, Payment
from payments.tests.doors import begin, clean, relay, stands, told
from payments.tests.doors import tell_of_mercadopago as tell
from payments.tests.mercadopago_server import SECRET, TOKEN, MercadoPagoServer, notice

pytestmark = pytest.mark.django_db

METHODS = "/admin/payments/payment/methods/"
LOOK = "GET /v1/payments/"


def begun(mercadopago: MercadoPagoServer, *, units: int = 1) -> tuple[dict[str, Any], str]:
    """Return an order to be paid by Pix, and the number of its payment."""
    before = set(mercadopago.payments)
    body = an_order({"BOLO": units}, payment_method="pix")
    ok(begin(body, "pix"), 201)
    [number] = set(mercadopago.payments) - before
    return body, number


def send(said: dict[str, Any], **other: Any) -> Any:
    """Send a notification, with other parts than its own."""
    parts = said | other
    return told("mercadopago", parts["body"], headers=parts["headers"], query=parts["query"])


@pytest.mark.fault("C6")
def test_what_it_has_not_signed_is_refused_and_nothing_kept(mercadopago: MercadoPagoServer) -> None:
    _body, number = begun(mercadopago)
    mercadopago.pay(number)
    said = notice(number)
    signature, request = said["headers"]["x-signature"], said["headers"]["x-request-id"]
    for headers in (
        {}, {"x-signature": signature}, {"x-signature": "", "x-request-id": request},
        {"x-signature": "ts=1,v1=é", "x-request-id": request}, {"x-signature": "v1", "x-request-id": request},
        {"x-signature": signature, "x-request-id": "another"},
        {"x-signature": signature.replace("v1=", "v2="), "x-request-id": request},
        notice(number, secret="somebody-elses")["headers"],
    ):  # fmt: skip
        refused(send(said, headers=headers), 400, "invalid_signature")
    for query in ("", "?type=payment", "?data.id=1320000099&type=payment", f"?id={number}&topic=payment"):
        refused(send(said, query=query), 400, "invalid_signature")
    assert (GatewayEvent.objects.count(), mercadopago.calls(LOOK)) == (0, [])


@pytest.mark.fault("C7")
def test_an_old_notification_is_refused(mercadopago: MercadoPagoServer, time_machine: Traveller) -> None:
    body, number = begun(mercadopago)
    mercadopago.pay(number)
    said = notice(number)
    for moment in (MONDAY + timedelta(minutes=61), MONDAY - timedelta(minutes=61)):
        time_machine.move_to(moment, tick=False)
        refused(send(said), 400, "invalid_signature")
    time_machine.move_to(MONDAY + timedelta(minutes=10), tick=False)
    ok(send(said))
    ok(send(said, body=b'{"id": "another"}'))  # the body is not signed, and says nothing
    relay()
    assert (stands(body)[0], GatewayEvent.objects.count(), len(mercadopago.calls(LOOK))) == ("confirmed", 1, 1)


def test_the_number_of_the_request_survives_a_proxy_that_counts_anew(mercadopago: MercadoPagoServer) -> None:
    body, number = begun(mercadopago)
    said = notice(mercadopago.pay(number))
    kept = {"x-original-request-id": said["headers"]["x-request-id"], "x-request-id": "0123456789abcdef"}
    ok(send(said, headers=said["headers"] | kept))
    relay()
    assert stands(body)[0] == "confirmed"


@pytest.mark.fault("C8")
@pytest.mark.parametrize(
    ("differs", "detail"),
    [
        ({"transaction_amount": 1.0}, "amount: 1.00 instead of 59.90"),
        ({"currency_id": "USD"}, "currency: USD instead of BRL"),
        ({"collector_id": 1}, "another account of the gateway"),
        ({"live_mode": True}, "mode: live instead of test"),
    ],
)
def test_money_that_is_not_what_was_asked_for_is_set_aside(
    mercadopago: MercadoPagoServer, differs: dict[str, Any], detail: str
) -> None:
    body, number = begun(mercadopago)
    tell(mercadopago.pay(number, **differs))
    assert stands(body) == ("pending", "0.00", "0.00")
    assert list(GatewayEvent.objects.values_list("status", "note")) == [("quarantined", detail)]
    assert list(MoneyCase.objects.values_list("kind", "detail")) == [("mismatch", detail)]
    clean()


def test_what_nobody_here_knows_is_kept_and_set_aside(mercadopago: MercadoPagoServer) -> None:
    tell("1320009999")
    words = {"external_reference": "caixa-7", "metadata": {}, "payer": {}}
    tell(mercadopago.pay(mercadopago._payment(words, amount=10.0, way="pix")))
    assert list(GatewayEvent.objects.order_by("pk").values_list("status", flat=True)) == ["ignored", "quarantined"]
    assert list(MoneyCase.objects.values_list("kind", flat=True)) == ["unknown"]
    said = notice("1320009999")
    ok(send(said, query=said["query"].replace("type=payment", "type=merchant_order")))
    relay()
    assert GatewayEvent.objects.order_by("pk").last().status == "ignored"  # type: ignore[union-attr]
    clean()


def test_a_notification_waits_while_nobody_answers(mercadopago: MercadoPagoServer, time_machine: Traveller) -> None:
    body, number = begun(mercadopago)
    mercadopago.pay(number)
    mercadopago.trouble(LOOK, "reset", times=2)
    tell(number)
    assert (GatewayEvent.objects.get().status, stands(body)[0]) == ("received", "pending")
    time_machine.move_to(MONDAY + timedelta(minutes=3), tick=False)
    payments.look_after_money(now=clock.now())
    assert (GatewayEvent.objects.get().status, stands(body)[0]) == ("handled", "confirmed")


@pytest.mark.parametrize("answer", [{"id": 1}, [], {"results": 7}])
def test_an_answer_that_is_not_understood_is_no_answer(
    mercadopago: MercadoPagoServer, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    body = an_order(payment_method="pix")
    with monkeypatch.context() as patch:
        patch.setattr(mercadopago, "answer", lambda asked: type(mercadopago.broken(500))(answer))
        refused(begin(body, "pix"), 503, "busy")
    assert ok(begin(body, "pix"), 201)["status"] == "pending"


@pytest.mark.fault("C9")
def test_three_days_without_a_word_are_made_up_for(
    mercadopago: MercadoPagoServer, time_machine: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.gateways.mercadopago.PAGE", 2)
    orders = [begun(mercadopago) for _time in range(4)]
    heard = orders[0]
    tell(mercadopago.pay(heard[1]))
    for _body, number in orders[1:3]:
        mercadopago.pay(number)
    mercadopago.give_back(orders[2][1], 5.0)
    mercadopago.pay(
        mercadopago._payment({"external_reference": "caixa-7", "metadata": {}, "payer": {}}, amount=3.0, way="pix")
    )
    time_machine.move_to(MONDAY + timedelta(days=3), tick=False)
    before = [stands(body) for body, _number in orders]
    assert len(payments.reconcile_payments(now=clock.now(), dry_run=True)) == 4
    assert [stands(body) for body, _number in orders] == before
    found = payments.reconcile_payments(now=clock.now())
    assert [(finding.what, finding.repaired) for finding in found] == [("event_not_heard", True)] * 2
    assert [stands(body)[1:] for body, _number in orders[:3]] == [
        ("59.90", "0.00"), ("59.90", "0.00"), ("59.90", "5.00"),
    ]  # fmt: skip
    assert payments.reconcile_payments(now=clock.now()) == []
    mercadopago.give_back(heard[1], 1.0)
    mercadopago.becomes(orders[1][1], status="charged_back", status_detail="settled")
    assert len(payments.reconcile_payments(now=clock.now())) == 2
    assert (stands(heard[0])[2], MoneyCase.objects.filter(kind="dispute").count()) == ("1.00", 1)
    assert payments.reconcile_payments(now=clock.now()) == []
    assert Payment.objects.count() == 4
    relay()
    clean()


def test_the_desk_tests_the_connection(mercadopago: MercadoPagoServer, settings: Any) -> None:
    owner = at_desk(role="owner")

    def ask_at_the_desk() -> str:
        [said] = messages_of(owner.post(METHODS, {"gateway": "mercadopago"}, follow=True))
        return said

    assert ask_at_the_desk() == "Mercado Pago responde. A conexão está boa. (dinheiro de teste)"
    access = settings.PAYMENT_ACCESS["mercadopago"]
    settings.PAYMENT_ACCESS = {"mercadopago": access | {"token": "TEST-another"}}
    assert ask_at_the_desk().startswith("Mercado Pago responde, mas recusa os dados de acesso: unauthorized")
    settings.PAYMENT_ACCESS = {"mercadopago": access | {"account": "1"}}
    assert ask_at_the_desk().startswith("Mercado Pago responde, mas não como devia: account 4242")
    mercadopago.trouble("GET /users/me", "reset")
    settings.PAYMENT_ACCESS = {"mercadopago": access}
    assert ask_at_the_desk().startswith("Mercado Pago não responde")


def test_no_secret_is_in_any_log(mercadopago: MercadoPagoServer, log_lines: Lines) -> None:
    logging.getLogger().setLevel(logging.DEBUG)
    _body, number = begun(mercadopago)
    tell(mercadopago.pay(number))
    mercadopago.trouble("POST /v1/payments", "lost", times=2)
    begin(an_order(payment_method="pix"), "pix")
    mercadopago.trouble("POST /v1/payments", 400)
    begin(an_order(payment_method="pix"), "pix")
    proof = notice(number, secret="guessed")
    send(proof)
    payments.reconcile_payments(now=clock.now())
    assert "gateway_unreachable" in log_lines.text
    for secret in (TOKEN, SECRET, "with what was sent", proof["headers"]["x-signature"]):
        assert secret not in log_lines.text
