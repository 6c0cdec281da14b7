"""Attempts that were given up are closed at their gateway, so that nobody pays what is not awaited any more."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from common.testing import logged
from orders import services as orders
from payments import services as payments
from payments.gateways import registry
from payments.gateways.protocol import Declined, PaymentFact, Unreachable
from payments.models import MoneyStep, Payment
from payments.tests.by_card import DEADLINE, begin, by_card, clean, gateway, rows
from payments.tests.stand_in import NAME, StandIn

__all__ = ["gateway"]

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def given_up(gateway: StandIn) -> tuple[Payment, dict[str, Any]]:
    order = by_card()
    payment = begin(order)
    orders.expire_due_orders(now=DEADLINE)
    payment.refresh_from_db()
    gateway.calls.clear()
    return payment, {
        "name": "attempt.given_up", "payload": {"payment": str(payment.public_id)}, "event_id": uuid4(),
    }  # fmt: skip


def test_its_gateway_is_asked_once_and_money_that_came_all_the_same_is_late(gateway: StandIn) -> None:
    payment, event = given_up(gateway)
    gateway.pay(payment)
    payments.close_at_gateway(**event, now=DEADLINE)
    payment.refresh_from_db()
    assert (gateway.calls, payment.status, payment.received_at) == (["close"], "succeeded", DEADLINE)
    assert (payment.actor_kind, payment.actor_id) == ("gateway", NAME)
    assert MoneyStep.objects.filter(to_status="succeeded").get().door == "task"
    payments.close_at_gateway(**event, now=DEADLINE)
    assert gateway.calls == ["close"]
    clean(DEADLINE)


def test_what_the_gateway_knows_nothing_of_is_closed(gateway: StandIn) -> None:
    payment, event = given_up(gateway)
    gateway.payments.clear()
    payments.close_at_gateway(**event, now=DEADLINE)
    assert (gateway.calls, rows()) == (["close"], [(payment.status, "59.90")])


def test_the_gateway_is_told_the_time_and_its_answer_is_about_what_was_asked(
    gateway: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment, event = given_up(gateway)
    Payment.objects.update(gateway_reference="")
    fact = replace(gateway.pay(payment), payment=None, order="")
    asked: list[tuple[Any, datetime]] = []

    def close(sought: Any, *, now: datetime) -> PaymentFact:
        asked.append((sought.payment, now))
        return fact

    monkeypatch.setattr(gateway, "close", close)
    payments.close_at_gateway(**event, now=DEADLINE)
    assert (asked, rows()) == ([(payment.public_id, DEADLINE)], [("succeeded", "59.90")])


def test_what_cannot_be_closed_is_told_and_left(gateway: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    payment, event = given_up(gateway)

    def close(sought: Any, *, now: datetime) -> PaymentFact:
        raise Declined("w" * 101)

    monkeypatch.setattr(gateway, "close", close)
    with logged() as lines:
        payments.close_at_gateway(**event, now=DEADLINE)
    [line] = lines.of("payments.services.looking_after")
    assert (line["event"], line["gateway"], line["payment"], line["why"], line["level"]) == (
        "payment_not_closed", NAME, str(payment.public_id), "w" * 100, "info",
    )  # fmt: skip


def test_a_gateway_that_does_not_answer_is_asked_for_an_hour(gateway: StandIn) -> None:
    payment, event = given_up(gateway)
    gateway.down.append("close")
    for now in (DEADLINE, DEADLINE + timedelta(hours=1)):
        with pytest.raises(Unreachable):
            payments.close_at_gateway(**event, now=now)
    payments.close_at_gateway(**event, now=DEADLINE + timedelta(hours=1) + SECOND)
    assert gateway.calls == ["close"] * 3
    Payment.objects.update(expires_at=None)
    with pytest.raises(Unreachable):
        payments.close_at_gateway(**event, now=DEADLINE + timedelta(days=9))
    assert rows() == [(payment.status, "59.90")]


def test_a_gateway_that_is_not_there_any_more_is_not_asked(gateway: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    _payment, event = given_up(gateway)
    monkeypatch.setitem(registry.REMOTE, NAME, lambda: None)
    payments.close_at_gateway(**event, now=DEADLINE)
    assert gateway.calls == []
