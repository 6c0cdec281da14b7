"""News of a gateway: taken in once, whenever and however often it comes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from common.errors import NotFound
from common.models import OutboxMessage
from orders import services as orders
from orders.tests.factories import MONDAY
from payments import services as payments
from payments.errors import GatewayBusy, InvalidSignature
from payments.gateways.protocol import PaymentFact
from payments.models import GatewayEvent, MoneyCase, Payment
from payments.tests.by_card import LATER, begin, by_card, cases, clean, gateway, relay, rows, stands, tell
from payments.tests.stand_in import NAME, StandIn

__all__ = ["gateway"]

pytestmark = pytest.mark.django_db


@pytest.mark.fault("C2")
@pytest.mark.fault("C3")
def test_one_payment_told_of_many_times_is_one(gateway: StandIn) -> None:
    order = by_card()
    fact = gateway.pay(begin(order))
    delivery = gateway.event(fact, now=LATER, event_id="evt-1")
    for _time in range(3):
        payments.receive_event(gateway=NAME, delivery=delivery, now=LATER)
    tell(gateway, fact, event_id="evt-2")
    payments.look_after_money(now=LATER)
    assert (stands(order), rows()) == (("confirmed", "59.90", "0.00"), [("succeeded", "59.90")])
    events = list(GatewayEvent.objects.order_by("pk").values_list("event_id", "status"))
    assert events == [("evt-1", "handled"), ("evt-2", "handled")]


@pytest.mark.fault("C4")
def test_news_out_of_order_never_leads_back(gateway: StandIn) -> None:
    order = by_card()
    payment = begin(order)
    waiting = gateway.payments[payment.key]
    tell(gateway, gateway.pay(payment))
    for status in ("pending", "failed", "expired", "cancelled"):
        tell(gateway, PaymentFact(**{**vars(waiting), "status": status}))
    assert (stands(order), rows()) == (("confirmed", "59.90", "0.00"), [("succeeded", "59.90")])
    assert set(GatewayEvent.objects.values_list("status", flat=True)) == {"handled"}


@pytest.mark.fault("C5")
def test_an_event_before_our_own_answer_finds_the_attempt(gateway: StandIn) -> None:
    order = by_card()
    gateway.lost.extend(["begin"] * 2)
    with pytest.raises(GatewayBusy):
        begin(order)
    tell(gateway, gateway.pay(Payment.objects.get()))
    assert (stands(order), rows()) == (("confirmed", "59.90", "0.00"), [("succeeded", "59.90")])


@pytest.mark.fault("C6")
@pytest.mark.parametrize("signature", ["", "whsec-of-somebody-else"])
def test_what_is_forged_is_refused_and_leaves_nothing(gateway: StandIn, signature: str) -> None:
    fact = gateway.pay(begin(by_card()))
    signed = gateway.event(fact, now=LATER)
    forged = type(signed)(body=signed.body, headers={"X-Signature": signature}, query={})
    with pytest.raises(InvalidSignature):
        payments.receive_event(gateway=NAME, delivery=forged, now=LATER)
    with pytest.raises(NotFound):
        payments.receive_event(gateway="counter", delivery=signed, now=LATER)
    assert (GatewayEvent.objects.count(), rows()) == (0, [("pending", "59.90")])


@pytest.mark.fault("C8")
@pytest.mark.fault("C22")
@pytest.mark.parametrize(
    ("differs", "detail"),
    [
        ({"amount": Decimal("1.00")}, "amount: 1.00 instead of 59.90"),
        ({"amount": Decimal("59.91")}, "amount: 59.91 instead of 59.90"),
        ({"currency": "USD"}, "currency: USD instead of BRL"),
        ({"account": "acct-2"}, "another account of the gateway"),
        ({"live": True}, "mode: live instead of test"),
    ],
)
def test_money_that_does_not_fit_is_set_aside(gateway: StandIn, differs: dict[str, Any], detail: str) -> None:
    order = by_card()
    fact = gateway.pay(begin(order), **differs)
    tell(gateway, fact)
    tell(gateway, fact)
    assert (stands(order), rows()) == (("pending", "0.00", "0.00"), [("pending", "59.90")])
    assert set(GatewayEvent.objects.values_list("status", "note")) == {("quarantined", detail)}
    assert list(MoneyCase.objects.values_list("kind", "detail")) == [("mismatch", detail)]
    clean(LATER)


def test_money_of_no_order_is_set_aside(gateway: StandIn) -> None:
    stray = PaymentFact(
        reference="pay-9", status="succeeded", amount=Decimal("10.00"), currency="BRL", order="NOBODY", account="acct-1",
        live=False,
    )  # fmt: skip
    tell(gateway, stray)
    assert (cases(), GatewayEvent.objects.get().status) == (["unknown"], "quarantined")
    tell(gateway, PaymentFact(**{**vars(stray), "status": "failed", "reference": "pay-10"}))
    assert (cases(), GatewayEvent.objects.order_by("pk").last().status) == (["unknown"], "ignored")  # type: ignore[union-attr]


@pytest.mark.fault("C9")
def test_days_without_a_word_are_made_up_for(gateway: StandIn) -> None:
    order, other = by_card(), by_card()
    fact = gateway.pay(begin(order))
    gateway.pay(begin(other))
    gateway.event(fact, now=MONDAY)  # told, and nobody was there to hear it
    then = MONDAY + timedelta(days=3)
    before = (stands(order), stands(other), rows(), OutboxMessage.objects.count())
    assert len(payments.reconcile_payments(now=then, dry_run=True)) == 3
    assert (stands(order), stands(other), rows(), OutboxMessage.objects.count()) == before
    found = payments.reconcile_payments(now=then)
    assert [(finding.what, finding.repaired) for finding in found] == [
        ("event_not_heard", True),
        ("payment_differs", True),
    ]
    assert (stands(order)[0], stands(other)[0]) == ("confirmed", "confirmed")
    assert GatewayEvent.objects.get().pulled
    assert payments.reconcile_payments(now=then) == []
    relay(then)
    clean(then)


@pytest.mark.fault("C10")
def test_an_event_whose_handling_fails_stays_and_is_handled_once_later(
    gateway: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = by_card()
    fact = gateway.pay(begin(order))

    def broken(**_given: Any) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr(orders, "confirm_with_money", broken)
        tell(gateway, fact)
    assert (GatewayEvent.objects.get().status, stands(order)[0]) == ("received", "pending")
    payments.look_after_money(now=LATER + timedelta(minutes=2))
    assert (GatewayEvent.objects.get().status, stands(order)[0]) == ("handled", "confirmed")
