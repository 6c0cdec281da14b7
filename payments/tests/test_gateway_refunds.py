"""Money that goes back through the gateway it came by."""

from datetime import timedelta
from decimal import Decimal

import pytest

from common.errors import InvalidTransition
from orders.tests.factories import STAFF, cancel
from payments import services as payments
from payments.errors import RefundExceedsPaid
from payments.gateways.protocol import DisputeFact, RefundFact
from payments.models import GatewayEvent, MoneyCase, MoneyStep, Payment, Refund
from payments.tests.by_card import (
    LATER,
    begin,
    by_card,
    cases,
    clean,
    gateway,
    give_back,
    paid_by_card,
    refunds,
    relay,
    stands,
    tell,
)
from payments.tests.stand_in import NAME, StandIn

__all__ = ["gateway"]

pytestmark = pytest.mark.django_db


def test_cancelling_a_paid_order_gives_the_money_back_through_the_gateway(gateway: StandIn) -> None:
    order = by_card()
    tell(gateway, gateway.pay(begin(order)))
    cancel(order=order, now=LATER)
    assert refunds() == []
    relay(LATER)
    assert (stands(order), refunds()) == (
        ("cancelled", "59.90", "59.90"), [("succeeded", "59.90", "order.cancelled")],
    )  # fmt: skip
    assert list(MoneyStep.objects.filter(refund__isnull=False).values_list("from_status", "to_status")) == [
        ("", "due"), ("due", "sent"), ("sent", "succeeded"),
    ]  # fmt: skip
    clean(LATER)


def test_a_refund_whose_answer_was_lost_is_made_once(gateway: StandIn) -> None:
    order = paid_by_card(gateway)
    gateway.lost.extend(["refund"] * 2)
    assert give_back(order, amount="20.00").status == "due"
    relay(LATER)
    assert (refunds(), stands(order)[2]) == ([("sent", "20.00", "Veio amassado")], "0.00")
    with pytest.raises(RefundExceedsPaid) as refusal:
        give_back(order, amount="39.91")
    assert refusal.value.data == {"refundable": "39.90"}
    with pytest.raises(InvalidTransition):
        payments.settle_refund(refund_id=Refund.objects.get().public_id, actor=STAFF, now=LATER)
    payments.look_after_money(now=LATER + timedelta(minutes=6))
    assert (refunds(), stands(order)[2], len(gateway.refunds)) == (
        [("succeeded", "20.00", "Veio amassado")],
        "20.00",
        1,
    )
    clean(LATER)


@pytest.mark.fault("C16")
def test_a_refund_that_the_gateway_refuses_stays_until_somebody_settles_it(gateway: StandIn) -> None:
    order = paid_by_card(gateway)
    gateway.declines.append("refund")
    give_back(order)
    relay(LATER)
    assert (refunds(), stands(order)[2], cases()) == (
        [("refused", "59.90", "Veio amassado")],
        "0.00",
        ["refund_refused"],
    )
    payments.look_after_money(now=LATER + timedelta(hours=1))
    assert gateway.calls.count("refund") == 1
    clean(LATER)
    refund = Refund.objects.get()
    payments.try_refund_again(refund_id=refund.public_id, actor=STAFF, now=LATER)
    assert (refunds()[0][0], len(cases())) == ("refused", 2)
    payments.settle_refund(refund_id=refund.public_id, actor=STAFF, now=LATER)
    assert stands(order) == ("confirmed", "59.90", "59.90")
    case = MoneyCase.objects.order_by("pk")[0]
    settled = payments.settle_case(case_id=case.public_id, resolution="Em dinheiro", actor=STAFF, now=LATER)
    assert (settled.status, settled.resolution) == ("settled", "Em dinheiro")
    with pytest.raises(InvalidTransition):
        payments.settle_case(case_id=case.public_id, resolution="De novo", actor=STAFF, now=LATER)


@pytest.mark.fault("C16")
def test_a_refund_that_comes_back_from_the_bank_is_owed_again(gateway: StandIn) -> None:
    order = paid_by_card(gateway)
    give_back(order)
    relay(LATER)
    assert stands(order)[2] == "59.90"
    made = next(iter(gateway.refunds.values()))
    tell(gateway, RefundFact(**{**vars(made), "status": "refused", "failure": "account closed"}))
    assert (refunds()[0][0], stands(order)[2], cases()) == ("refused", "0.00", ["refund_refused"])
    clean(LATER)
    gateway.slow_refunds = True
    gateway.refunds.clear()
    payments.try_refund_again(refund_id=Refund.objects.get().public_id, actor=STAFF, now=LATER)
    assert refunds()[0][0] == "sent"
    tell(gateway, RefundFact(**{**vars(next(iter(gateway.refunds.values()))), "status": "succeeded"}))
    assert (refunds()[0][0], stands(order)[2]) == ("succeeded", "59.90")


def test_a_refund_made_at_the_gateway_is_written_down(gateway: StandIn) -> None:
    order = paid_by_card(gateway)
    reference = Payment.objects.get().gateway_reference
    made = RefundFact(
        reference="back-7", status="succeeded", amount=Decimal("10.00"), currency="BRL", payment=reference
    )
    tell(gateway, made)
    tell(gateway, made)
    assert (stands(order)[2], refunds()) == ("10.00", [("succeeded", "10.00", "at_gateway")])
    tell(gateway, RefundFact(**{**vars(made), "reference": "back-8", "amount": Decimal("50.00")}))
    assert (stands(order)[2], cases()) == ("10.00", ["mismatch"])
    clean(LATER)


@pytest.mark.fault("C17")
def test_a_dispute_is_noted_and_moves_nothing(gateway: StandIn) -> None:
    order = paid_by_card(gateway)
    said = DisputeFact(
        reference="dp-1", payment=Payment.objects.get().gateway_reference, amount=Decimal("59.90"), currency="BRL"
    )
    event = GatewayEvent.objects.create(
        gateway=NAME, event_id="evt-d", kind="dispute", body=b"{}", received_at=LATER,
        tells={"dispute": {**vars(said), "amount": "59.90"}},
    )  # fmt: skip
    payments.handle_event(event_id=event.public_id, now=LATER)
    assert (stands(order), cases()) == (("confirmed", "59.90", "0.00"), ["dispute"])
