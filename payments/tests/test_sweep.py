"""What the clock sees to: who is asked about when, what is left to others, and that one's trouble is no other's."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Model

from common import counters
from common.errors import Busy
from common.testing import logged, statements
from orders.tests.factories import ALL, GUEST, MONDAY, STAFF, ordered
from payments import services as payments
from payments.gateways import registry
from payments.models import GatewayEvent, MoneyStep, Payment, Refund
from payments.services import looking_after
from payments.tests.by_card import (
    DEADLINE,
    LATER,
    begin,
    by_card,
    gateway,
    give_back,
    paid_by_card,
    refunds,
    relay,
    rows,
    stands,
)
from payments.tests.saying import delivery
from payments.tests.stand_in import NAME, StandIn

__all__ = ["gateway"]

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
NOTHING = {"events": 0, "attempts": 0, "expired": 0, "refunds": 0}


def sweep(now: datetime) -> dict[str, int]:
    """Run a round, and return what it has seen to of each kind, without the kinds it found nothing of."""
    found = payments.look_after_money(now=now)
    assert list(found) == list(NOTHING)
    return {kind: number for kind, number in found.items() if number}


def attempts(number: int, **columns: Any) -> list[Payment]:
    """Return so many open attempts of an order, which their gateway knows nothing of, each in a way of its own."""
    order = by_card()
    given: dict[str, Any] = {
        "gateway": NAME, "status": "pending", "amount": order.total, "currency": "BRL", "actor_kind": "guest",
        "created_at": MONDAY, "expires_at": DEADLINE,
    }  # fmt: skip
    return Payment.objects.bulk_create(
        Payment(order=order, method=f"way {place}", **given | columns) for place in range(number)
    )


def moved(row: Model) -> None:
    """Write a row anew as it is, which puts it behind the others where nobody says in which order they are read."""
    type(row)._default_manager.filter(pk=row.pk).update(looked_at=None)


class TestEvents:
    """Events that nobody has handled."""

    def test_they_are_looked_at_after_a_minute_and_again_a_minute_later(self, gateway: StandIn) -> None:
        payments.receive_event(gateway=NAME, delivery=delivery(look_up="pay-1"), now=MONDAY)
        gateway.down.append("look_up")
        assert sweep(MONDAY + MINUTE - SECOND) == {}
        assert sweep(MONDAY + MINUTE) == {}
        asked = len(gateway.calls)
        assert (asked, GatewayEvent.objects.get().looked_at) == (2, MONDAY + MINUTE)
        assert sweep(MONDAY + 2 * MINUTE - SECOND) == {}
        assert len(gateway.calls) == asked
        gateway.down.clear()
        assert sweep(MONDAY + 2 * MINUTE) == {"events": 1}
        event = GatewayEvent.objects.get()
        assert (event.status, event.handled_at) == ("ignored", MONDAY + 2 * MINUTE)
        assert sweep(MONDAY + timedelta(hours=1)) == {}

    def test_fifty_at_once_the_oldest_first(self, gateway: StandIn) -> None:
        for number in range(51):
            payments.receive_event(gateway=NAME, delivery=delivery(f"evt-{number}"), now=MONDAY)
        moved(GatewayEvent.objects.get(event_id="evt-0"))
        assert {frozenset(event.get_deferred_fields()) for event in looking_after._events(now=LATER)} == {
            frozenset({"body"})
        }
        assert sweep(LATER) == {"events": 50}
        assert GatewayEvent.objects.get(status="received").event_id == "evt-50"
        assert sweep(LATER) == {"events": 1}


class TestAttempts:
    """Attempts at a gateway whose answer or whose money nobody has told of."""

    def test_they_are_asked_about_after_a_minute_every_five_and_once_when_they_are_over(self, gateway: StandIn) -> None:
        payment = begin(by_card())
        asked_at = [minute for minute in range(40) if sweep(MONDAY + minute * MINUTE)]
        assert asked_at == [1, 6, 11, 15]
        payment.refresh_from_db()
        assert (payment.status, payment.looked_at, gateway.calls.count("look_up")) == ("expired", DEADLINE, 4)

    def test_to_the_second(self, gateway: StandIn) -> None:
        begin(by_card())
        for now, found in [
            (LATER - SECOND, {}), (LATER, {"attempts": 1}), (LATER + 5 * MINUTE - SECOND, {}),
            (LATER + 5 * MINUTE, {"attempts": 1}), (DEADLINE - SECOND, {"attempts": 1}), (DEADLINE, {"attempts": 1}),
        ]:  # fmt: skip
            assert sweep(now) == found

    def test_one_that_the_gateway_does_not_answer_about_stays_open_after_its_time(self, gateway: StandIn) -> None:
        begin(by_card())
        gateway.down.append("look_up")
        assert sweep(DEADLINE) == {}
        assert (rows(), gateway.calls) == ([("pending", "59.90")], ["begin", "look_up", "look_up"])
        assert sweep(DEADLINE + 5 * MINUTE - SECOND) == {}
        assert gateway.calls.count("look_up") == 2
        gateway.down.clear()
        assert sweep(DEADLINE + 5 * MINUTE) == {"attempts": 1}
        assert rows() == [("expired", "59.90")]

    def test_money_that_came_by_one_is_taken_in_as_the_gateways_word(self, gateway: StandIn) -> None:
        order = by_card()
        payment = begin(order)
        gateway.pay(payment)
        assert sweep(DEADLINE - SECOND) == {"attempts": 1}
        payment.refresh_from_db()
        assert (stands(order)[0], payment.actor_kind, payment.actor_id, payment.received_at) == (
            "confirmed", "gateway", NAME, DEADLINE - SECOND,
        )  # fmt: skip
        assert MoneyStep.objects.filter(to_status="succeeded").get().door == "task"

    def test_one_that_the_gateway_knows_nothing_of_stays_open_until_its_time_is_over(self, gateway: StandIn) -> None:
        [payment] = attempts(1)
        assert looking_after.look_up(payment=payment, now=DEADLINE - SECOND) is True
        assert rows() == [("pending", "59.90")]
        assert looking_after.look_up(payment=payment, now=DEADLINE) is True
        assert rows() == [("expired", "59.90")]

    def test_an_answer_is_about_what_was_asked(self, gateway: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
        payment = begin(by_card())
        Payment.objects.update(gateway_reference="")
        fact = replace(gateway.pay(payment), payment=None, order="")
        monkeypatch.setattr(gateway, "_found", lambda sought: fact if sought.payment == payment.public_id else None)
        assert sweep(LATER) == {"attempts": 1}
        assert rows() == [("succeeded", "59.90")]

    def test_they_are_read_with_their_orders_in_one_statement(self, gateway: StandIn) -> None:
        order, other = by_card(), by_card()
        for one in (order, other):
            begin(one)
        with statements() as said:
            found = looking_after._attempts(now=LATER)
            assert [payment.order for payment in found] == [order, other]
        assert len([sql for sql in said if sql.startswith("SELECT")]) == 1

    def test_one_without_an_end_stays_open(self, gateway: StandIn) -> None:
        [payment] = attempts(1, expires_at=None)
        assert looking_after.look_up(payment=payment, now=DEADLINE) is True
        payment.refresh_from_db()
        assert payment.status == "pending"

    def test_fifty_at_once_the_oldest_first_and_the_rest_in_the_next_round(self, gateway: StandIn) -> None:
        moved(attempts(51)[0])
        assert sweep(LATER) == {"attempts": 50}
        assert Payment.objects.get(looked_at=None) == Payment.objects.order_by("pk").last()
        assert sweep(LATER) == {"attempts": 1}
        assert set(Payment.objects.values_list("looked_at", flat=True)) == {LATER}

    def test_those_of_a_gateway_that_is_not_there_any_more_wait(
        self, gateway: StandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        payment = begin(by_card())
        with monkeypatch.context() as patch:
            patch.delitem(registry.REMOTE, NAME)
            assert looking_after.look_up(payment=payment, now=LATER) is False
            assert sweep(LATER) == {}
        monkeypatch.setitem(registry.REMOTE, NAME, lambda: None)
        assert looking_after.look_up(payment=payment, now=LATER) is False
        assert sweep(LATER) == {}


class TestWhoWaits:
    """Somebody has the page of an order open, and asks for news."""

    def test_they_are_asked_about_after_five_seconds_and_ever_more_seldom(self, gateway: StandIn) -> None:
        begin(by_card())
        asked_at = []
        for second in range(61):
            payment = Payment.objects.select_related("order__contact").get()
            if payments.look_now(attempts=[payment], now=MONDAY + second * SECOND):
                asked_at.append(second)
        assert asked_at == [5, 10, 15, 20, 27, 36, 48]
        assert gateway.calls.count("look_up") == len(asked_at)

    def test_many_pages_ask_once(self, gateway: StandIn) -> None:
        payment, stale = begin(by_card()), Payment.objects.select_related("order__contact").get()
        now = MONDAY + 5 * SECOND
        assert payments.look_now(attempts=[payment], now=now) is True
        assert payments.look_now(attempts=[stale], now=now) is False
        assert (gateway.calls.count("look_up"), Payment.objects.get().looked_at) == (1, now)

    def test_only_open_attempts_at_gateways_are_asked_about(self, gateway: StandIn) -> None:
        order = ordered(units={"BOLO": 1}, payment_method="transfer")
        announced = payments.begin_payment(number=order.number, method="transfer", access=ALL, actor=GUEST, now=MONDAY)
        paid_by_card(gateway)
        other = Payment.objects.get(status="succeeded")
        gateway.calls.clear()
        assert payments.look_now(attempts=[announced, other], now=LATER) is False
        assert payments.look_now(attempts=[], now=LATER) is False
        assert (gateway.calls, Payment.objects.exclude(looked_at=None).count()) == ([], 0)

    def test_one_that_ended_meanwhile_is_not_asked_about(self, gateway: StandIn) -> None:
        payment = begin(by_card())
        looking_after.expire(payment=payment, now=DEADLINE)
        assert payments.look_now(attempts=[payment], now=DEADLINE) is False
        assert "look_up" not in gateway.calls

    def test_of_two_attempts_each_is_asked_about_and_one_try_each(self, gateway: StandIn) -> None:
        first, second = begin(by_card()), begin(by_card())
        gateway.pay(second)
        assert payments.look_now(attempts=[first, second], now=LATER) is True
        assert (gateway.calls.count("look_up"), rows()) == (2, [("pending", "59.90"), ("succeeded", "59.90")])
        gateway.down.append("look_up")
        first.refresh_from_db()
        assert payments.look_now(attempts=[first], now=LATER + MINUTE) is False
        assert gateway.calls.count("look_up") == 3


class TestRanOut:
    """What was announced, and nobody outside can be asked about."""

    def test_an_announced_payment_ends_with_its_time_and_says_who_ended_it(self, gateway: StandIn) -> None:
        order = ordered(units={"BOLO": 1}, payment_method="transfer")
        other = ordered(units={"BOLO": 1}, payment_method="transfer")
        announced, endless = (
            payments.begin_payment(number=one.number, method="transfer", access=ALL, actor=GUEST, now=MONDAY)
            for one in (order, other)
        )
        until = announced.expires_at
        assert until is not None
        Payment.objects.filter(pk=endless.pk).update(expires_at=None)
        assert sweep(until - SECOND) == {}
        assert sweep(until) == {"expired": 1}
        assert sweep(until + MINUTE) == {}
        step = MoneyStep.objects.filter(payment=announced).order_by("pk").last()
        assert step is not None
        assert (step.from_status, step.to_status, step.actor_kind, step.door, step.at) == (
            "pending", "expired", "system", "task", until,
        )  # fmt: skip
        assert [row.status for row in Payment.objects.order_by("pk")] == ["expired", "pending"]

    def test_what_was_paid_or_has_time_left_does_not_run_out(self, gateway: StandIn) -> None:
        paid_by_card(gateway)
        waiting = begin(by_card())
        for payment in (Payment.objects.get(status="succeeded"), waiting):
            assert looking_after.expire(payment=payment, now=DEADLINE - SECOND) is True
        assert looking_after.expire(payment=Payment.objects.get(status="succeeded"), now=DEADLINE) is True
        assert [status for status, _amount in rows()] == ["succeeded", "pending"]

    def test_the_order_is_locked_before_its_payment(self, gateway: StandIn) -> None:
        payment = begin(by_card())
        with statements() as said:
            looking_after.expire(payment=payment, now=DEADLINE)
        found = [sql.partition("FROM")[2].split()[0] for sql in said if sql.startswith("SELECT") and "UPDATE" in sql]
        assert found == ['"orders_order"', '"payments_payment"']

    def test_fifty_end_at_once_the_oldest_first(self, gateway: StandIn) -> None:
        moved(attempts(51, gateway="transfer")[0])
        assert sweep(DEADLINE) == {"expired": 50}
        assert Payment.objects.get(status="pending") == Payment.objects.order_by("pk").last()


class TestRefunds:
    """Refunds whose answer was lost, or that nobody has sent."""

    def test_they_are_sent_after_a_minute_and_asked_about_every_five(self, gateway: StandIn) -> None:
        order = paid_by_card(gateway)
        give_back(order, amount="20.00", now=LATER)
        gateway.down.append("refund")
        assert sweep(LATER + MINUTE - SECOND) == {}
        assert refunds()[0][0] == "due"
        assert sweep(LATER + MINUTE) == {}
        assert (refunds()[0][0], gateway.calls.count("refund")) == ("sent", 2)
        gateway.down.clear()
        assert sweep(LATER + 6 * MINUTE - SECOND) == {}
        assert sweep(LATER + 6 * MINUTE) == {"refunds": 1}
        assert refunds() == [("succeeded", "20.00", "Veio amassado")]
        assert sweep(LATER + 60 * MINUTE) == {}

    def test_those_that_go_back_by_hand_or_were_refused_are_left_to_people(self, gateway: StandIn) -> None:
        order = paid_by_card(gateway)
        gateway.declines.append("refund")
        give_back(order, now=LATER)
        relay(LATER)
        transfer = ordered(units={"BOLO": 1}, payment_method="transfer")
        payments.confirm_order(
            number=transfer.number, amount=Decimal("60.00"), reference="", access=ALL, actor=STAFF, now=MONDAY
        )
        assert [status for status, _amount, _why in refunds()] == ["refused", "due"]
        gateway.calls.clear()
        assert sweep(LATER + timedelta(hours=1)) == {}
        assert gateway.calls == []

    def test_fifty_are_sent_at_once_the_oldest_first(self, gateway: StandIn) -> None:
        order = paid_by_card(gateway)
        owed = Refund.objects.bulk_create(
            Refund(
                order=order, payment=Payment.objects.get(), status="due", amount=Decimal("0.01"), currency="BRL",
                reason="-", actor_kind="system", created_at=MONDAY,
            )
            for _number in range(51)
        )  # fmt: skip
        moved(owed[0])
        assert sweep(LATER) == {"refunds": 50}
        assert Refund.objects.get(status="due") == Refund.objects.order_by("pk").last()


class TestTrouble:
    """One row's trouble is no other's, and it is told."""

    def test_whatever_goes_wrong_with_one_the_others_are_seen_to(
        self, gateway: StandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second, third = (begin(by_card()) for _number in range(3))
        before = counters.read("money_sweep_failed")
        real = gateway._found

        def found(sought: Any) -> Any:
            if sought.reference == first.gateway_reference:
                raise RuntimeError("a bug")
            if sought.reference == second.gateway_reference:
                raise Busy()
            return real(sought)

        monkeypatch.setattr(gateway, "_found", found)
        with logged() as lines:
            assert sweep(LATER) == {"attempts": 1}
        assert counters.read("money_sweep_failed") == before + 1
        told = lines.of("payments.services.looking_after")
        assert [(line["event"], line["row"], line["level"]) for line in told] == [
            ("money_sweep_failed", first.pk, "warning"), ("money_left_for_later", second.pk, "info"),
        ]  # fmt: skip
        assert (told[0]["kind"], "a bug" in str(told[0]["exception"]), told[1]["code"]) == ("Payment", True, "busy")
        assert third.gateway_reference
