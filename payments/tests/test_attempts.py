"""Attempts to pay through a gateway: begun once, however often they are asked for."""

from datetime import timedelta
from decimal import Decimal

import pytest

from common.errors import InvalidTransition
from common.transactions import in_unit_of_work, unit_of_work
from orders.services.states import bring_deadline_forward
from orders.tests.factories import ALL, GUEST, MONDAY, STAFF, cancel, ordered
from payments import services as payments
from payments.errors import GatewayBusy
from payments.models import GatewayEvent, MoneyCase, MoneyStep, Payment
from payments.tests.by_card import (
    DEADLINE,
    LATER,
    begin,
    by_card,
    cases,
    clean,
    gateway,
    refunds,
    relay,
    rows,
    stands,
    tell,
)
from payments.tests.stand_in import NAME, StandIn
from shop import services as shop

__all__ = ["gateway"]

pytestmark = pytest.mark.django_db


def test_a_card_is_begun_paid_and_the_order_confirmed(gateway: StandIn) -> None:
    order = by_card()
    assert (order.status, order.expires_at) == ("pending", DEADLINE)
    payment = begin(order)
    assert (payment.status, payment.gateway, payment.expires_at) == ("pending", NAME, DEADLINE)
    assert payment.given == {"checkout_url": "https://gateway.example/pay-1", "client_secret": "pay-1-secret"}
    tell(gateway, gateway.pay(payment))
    assert stands(order) == ("confirmed", "59.90", "0.00")
    payment.refresh_from_db()
    assert (payment.status, payment.received_at, payment.actor_kind) == ("succeeded", LATER, "gateway")
    steps = list(MoneyStep.objects.values_list("from_status", "to_status", "actor_kind"))
    assert steps == [("", "pending", "guest"), ("pending", "succeeded", "gateway")]
    assert (GatewayEvent.objects.get().status, cases(), refunds()) == ("handled", [], [])
    clean(LATER)


@pytest.mark.fault("C11")
def test_the_same_open_attempt_is_answered_again(gateway: StandIn) -> None:
    order = by_card()
    first, again = begin(order), begin(order, now=LATER)
    assert (first.public_id, first.given) == (again.public_id, again.given)
    assert (gateway.calls, len(gateway.payments), Payment.objects.count()) == (["begin"], 1, 1)


@pytest.mark.fault("C11")
@pytest.mark.parametrize("trouble", ["lost", "down"])
def test_an_answer_that_was_lost_is_unknown_and_asking_again_begins_nothing_new(gateway: StandIn, trouble: str) -> None:
    order = by_card()
    getattr(gateway, trouble).extend(["begin"] * 2)  # both tries
    with pytest.raises(GatewayBusy):
        begin(order)
    assert rows() == [("pending", "59.90")]
    assert Payment.objects.get().answered_at is None
    gateway.down.clear()
    payment = begin(order, now=LATER)
    assert (payment.given["client_secret"], len(gateway.payments), Payment.objects.count()) == ("pay-1-secret", 1, 1)


def test_an_answer_that_was_lost_is_completed_by_the_sweep(gateway: StandIn) -> None:
    order = by_card()
    gateway.lost.extend(["begin"] * 2)
    with pytest.raises(GatewayBusy):
        begin(order)
    gateway.pay(Payment.objects.get())  # and the customer has paid what we know nothing of
    assert payments.look_after_money(now=MONDAY + timedelta(seconds=59))["attempts"] == 0
    assert payments.look_after_money(now=LATER)["attempts"] == 1
    assert (stands(order), rows()) == (("confirmed", "59.90", "0.00"), [("succeeded", "59.90")])
    clean(LATER)


def test_a_dead_gateway_is_not_asked_for_a_while(gateway: StandIn) -> None:
    order = by_card()
    gateway.down.append("begin")
    for _time in range(4):
        with pytest.raises(GatewayBusy):
            begin(order)
    assert len(gateway.calls) == 5  # and then the breaker is open
    transfer = ordered(units={"BOLO": 1}, payment_method="transfer")
    announced = payments.begin_payment(number=transfer.number, method="transfer", access=ALL, actor=GUEST, now=MONDAY)
    assert announced.status == "pending"


def test_what_the_gateway_declines_has_failed_and_the_next_is_another_attempt(gateway: StandIn) -> None:
    order = by_card()
    gateway.declines.append("begin")
    failed = begin(order)
    assert (failed.status, failed.failure) == ("failed", "card_declined")
    gateway.declines.clear()
    assert begin(order).public_id != failed.public_id
    assert [status for status, _amount in rows()] == ["failed", "pending"]


@pytest.mark.fault("L9")
def test_no_gateway_is_called_with_a_transaction_open(gateway: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    real = gateway.called

    def watched(name: str) -> None:
        seen.append(in_unit_of_work())
        real(name)

    monkeypatch.setattr(gateway, "called", watched)
    order = by_card()
    payment = begin(order)
    tell(gateway, gateway.pay(payment))
    cancel(order=order, now=LATER)
    relay(LATER)
    payments.look_after_money(now=LATER)
    payments.reconcile_payments(now=LATER)
    assert set(seen) == {False}
    assert len(seen) == 4


def test_an_attempt_that_ran_out_ends_nothing_but_itself(gateway: StandIn) -> None:
    order = by_card()
    begin(order)
    payments.confirm_order(
        number=order.number, amount=order.total, reference="TED", access=ALL, actor=STAFF, now=MONDAY
    )
    payments.look_after_money(now=DEADLINE)
    assert stands(order) == ("confirmed", "59.90", "0.00")
    assert rows() == [("expired", "59.90"), ("succeeded", "59.90")]


def test_an_attempt_whose_money_was_set_aside_ends_with_its_time(gateway: StandIn) -> None:
    order = by_card(units=2)
    payments.confirm_order(
        number=order.number, amount=Decimal("100.00"), reference="TED", access=ALL, actor=STAFF, now=MONDAY
    )
    rest = begin(order)
    tell(gateway, gateway.pay(rest, amount=Decimal("10.00")))
    assert (rows()[-1], cases()) == (("pending", "19.80"), ["mismatch"])
    assert payments.look_after_money(now=DEADLINE)["attempts"] == 1
    assert rows()[-1] == ("expired", "19.80")
    assert payments.look_after_money(now=DEADLINE + timedelta(hours=1))["attempts"] == 0
    case = MoneyCase.objects.get()
    payments.take_case(case_id=case.public_id, number=order.number, resolution="ok", actor=STAFF, now=DEADLINE)
    assert (stands(order), rows()[-1]) == (("confirmed", "110.00", "0.00"), ("succeeded", "10.00"))


def test_money_that_is_due_is_what_is_asked_for(gateway: StandIn) -> None:
    order = by_card(units=2)
    begin(order)
    payments.confirm_order(
        number=order.number, amount=Decimal("100.00"), reference="TED", access=ALL, actor=STAFF, now=MONDAY
    )
    rest = begin(order)
    assert (rest.amount, rows()) == (
        Decimal("19.80"),
        [("cancelled", "119.80"), ("succeeded", "100.00"), ("pending", "19.80")],
    )
    tell(gateway, gateway.pay(rest))
    assert stands(order) == ("confirmed", "119.80", "0.00")
    with pytest.raises(InvalidTransition):
        begin(order)


def test_an_order_that_waits_for_less_long_is_paid_no_longer_than_that(gateway: StandIn) -> None:
    order = by_card()
    first = begin(order)
    order.pickup_starts_at = MONDAY + timedelta(minutes=10)
    with unit_of_work():
        bring_deadline_forward(order=order, policy=shop.policy(), now=MONDAY)
    relay(LATER)
    first.refresh_from_db()
    assert order.expires_at is not None
    assert (order.expires_at < DEADLINE, first.status) == (True, "cancelled")
    again = begin(order, now=LATER)
    assert (again.public_id != first.public_id, again.status, again.expires_at) == (True, "pending", order.expires_at)
    relay(LATER)
    again.refresh_from_db()
    assert again.status == "pending"
