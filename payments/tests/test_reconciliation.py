"""Gateways and database compared: how far back, what is told of each difference, and what is put right."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from common import milestones
from orders.tests.factories import MONDAY
from payments import services as payments
from payments.gateways import registry
from payments.gateways.protocol import Event, Unreachable
from payments.models import GatewayEvent, MoneyCase, MoneyStep, Payment
from payments.services import Finding
from payments.tests.by_card import LATER, begin, by_card, gateway, give_back, paid_by_card, relay, rows, stands, tell
from payments.tests.stand_in import NAME, StandIn

__all__ = ["gateway"]  # the fixture

pytestmark = pytest.mark.django_db
DAYS = timedelta(days=1)
THEN = MONDAY + 2 * DAYS


class Other(StandIn):
    """Another gateway of the same shop; notes since when it was asked what it had told."""

    def __init__(self) -> None:
        super().__init__()
        self.name = "other"
        self.asked_since: list[datetime] = []

    def list_events(self, *, since: datetime) -> Iterable[Event]:
        """Note it."""
        self.asked_since.append(since)
        return super().list_events(since=since)


@pytest.fixture
def other(gateway: StandIn, monkeypatch: pytest.MonkeyPatch) -> Other:
    found = Other()
    monkeypatch.setitem(registry.REMOTE, found.name, lambda: found)
    return found


def compared(*, now: datetime = THEN, **how: Any) -> list[Finding]:
    return payments.reconcile_payments(now=now, **how)


def differs(payment: Payment, told: str, *, repaired: bool = False) -> Finding:
    """Return how a payment that differs is told of."""
    about = f"{payment.order.number} {payment.public_id}: {told}"
    return Finding(gateway=NAME, what="payment_differs", about=about, repaired=repaired)


class TestReach:
    """Which gateways are asked, and since when."""

    def test_one_that_does_not_answer_is_told_of_and_keeps_nobody_else(self, gateway: StandIn, other: Other) -> None:
        gateway.down = ["list_events"]
        assert compared() == [Finding(gateway=NAME, what="unreachable", about="connection refused", repaired=False)]
        assert milestones.reached() == {"reconciled:other": THEN}

    def test_one_that_falls_silent_while_it_is_asked_keeps_what_was_found(self, gateway: StandIn) -> None:
        gateway.event(gateway.pay(begin(by_card())), now=MONDAY)
        begin(by_card())
        gateway.down = ["look_up"]
        assert [one.what for one in compared()] == ["event_not_heard", "unreachable"]
        assert milestones.reached() == {}
        gateway.down = []
        assert compared(since=MONDAY) == []

    def test_a_long_excuse_is_cut(self, gateway: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
        def silent(_name: str) -> None:
            raise Unreachable("x" * 201)

        monkeypatch.setattr(gateway, "called", silent)
        assert [one.about for one in compared()] == ["x" * 200]

    def test_it_looks_back_to_the_last_time_and_an_hour_but_no_more_than_a_month(self, other: Other) -> None:
        for now, dry_run in ((THEN, True), (THEN, False), (THEN + DAYS, True), (THEN + DAYS, False)):
            compared(now=now, dry_run=dry_run)
        compared(now=THEN + 60 * DAYS)
        compared(now=THEN + 61 * DAYS, since=MONDAY)
        hour = timedelta(hours=1)
        assert other.asked_since == [
            THEN - 3 * DAYS, THEN - 3 * DAYS, THEN - hour, THEN - hour, THEN + 30 * DAYS, MONDAY,
        ]  # fmt: skip
        assert milestones.reached()["reconciled:other"] == THEN + 61 * DAYS

    def test_payments_begun_before_that_are_left_alone(self, gateway: StandIn) -> None:
        old, new = by_card(), by_card(now=LATER)
        for order, now in ((old, MONDAY), (new, LATER)):
            gateway.pay(begin(order, now=now))
        assert [one.about[:9] for one in compared(since=LATER, dry_run=True)] == [new.number]
        assert [one.about[:9] for one in compared(since=MONDAY, dry_run=True)] == [old.number, new.number]
        assert [one.about[:9] for one in compared(now=LATER + 3 * DAYS, dry_run=True)] == [new.number]

    def test_each_gateway_is_asked_about_its_own_payments(self, gateway: StandIn, other: Other) -> None:
        begin(by_card())
        compared()
        assert (gateway.calls.count("look_up"), other.calls) == (1, ["list_events"])


class TestEvents:
    """What a gateway told while nobody heard."""

    def test_what_was_not_heard_is_stored_and_handled_at_once(self, gateway: StandIn) -> None:
        order = by_card()
        delivery = gateway.event(gateway.pay(begin(order)), now=MONDAY, event_id="evt-1")
        told = Finding(gateway=NAME, what="event_not_heard", about="payment.succeeded evt-1")
        [dry, _payment] = compared(dry_run=True)
        assert (dry, GatewayEvent.objects.count()) == (told, 0)
        assert compared() == [replace(told, repaired=True)]
        event = GatewayEvent.objects.get()
        assert (event.event_id, event.kind, event.pulled, event.status) == (
            "evt-1",
            "payment.succeeded",
            True,
            "handled",
        )
        assert (event.received_at, event.handled_at, bytes(event.body)) == (THEN, THEN, delivery.body)
        relay(THEN)
        assert stands(order) == ("confirmed", "59.90", "0.00")
        assert (MoneyStep.objects.order_by("pk").last() or MoneyStep()).actor_id == NAME
        assert compared(since=MONDAY) == []

    def test_what_was_heard_is_not_told_again_however_long_its_name(self, gateway: StandIn) -> None:
        order = by_card()
        tell(gateway, gateway.pay(begin(order)), event_id="e" * 201)
        assert compared(since=MONDAY) == []

    def test_another_gateways_event_of_the_same_name_is_another(self, gateway: StandIn, other: Other) -> None:
        tell(gateway, gateway.pay(begin(by_card())), event_id="evt-1")
        fact = replace(next(iter(gateway.payments.values())), reference="of-nobody", payment=None, order="")
        other.event(fact, now=LATER, event_id="evt-1")
        assert [(one.gateway, one.what) for one in compared()] == [("other", "event_not_heard")]
        assert list(MoneyCase.objects.values_list("gateway", "kind")) == [("other", "unknown")]

    def test_how_something_stands_is_told_only_where_the_books_say_otherwise(self, gateway: StandIn) -> None:
        known, unknown = paid_by_card(gateway), by_card()
        gateway.pay(begin(unknown))
        for place, fact in enumerate(list(gateway.payments.values())):
            gateway.event(fact, now=MONDAY, event_id=f"evt-{place}")
            gateway.told[-1] = replace(gateway.told[-1], standing=True)
        assert [one.about for one in compared() if one.what == "event_not_heard"] == ["payment.succeeded evt-1"]
        assert (stands(known)[1], stands(unknown)[1]) == ("59.90", "59.90")


class TestPayments:
    """Payments of the time, one by one."""

    def the(self) -> Payment:
        return Payment.objects.select_related("order").get()

    def test_money_nobody_told_of_is_taken_in(self, gateway: StandIn) -> None:
        order = by_card()
        gateway.pay(begin(order))
        told = differs(self.the(), "pending here, succeeded there")
        assert compared(dry_run=True) == [told]
        assert (rows(), gateway.calls.count("look_up")) == ([("pending", "59.90")], 1)
        assert compared() == [replace(told, repaired=True)]
        assert rows() == [("succeeded", "59.90")]
        assert compared(since=MONDAY) == []

    def test_money_that_does_not_fit_is_set_aside_and_stays_told(self, gateway: StandIn) -> None:
        paid_by_card(gateway)
        attempt = begin(by_card())
        gateway.pay(attempt, amount=Decimal("50.00"))
        told = differs(attempt, "pending here, succeeded there amount: 50.00 instead of 59.90")
        assert compared() == [told]
        assert (rows()[1], MoneyCase.objects.get().kind) == (("expired", "59.90"), "mismatch")
        told = replace(told, about=told.about.replace("pending here", "expired here"))
        assert compared(since=MONDAY) == [told]

    @pytest.mark.parametrize("status", ["pending", "failed", "expired", "cancelled"])
    def test_without_money_on_either_side_there_is_nothing_to_tell(self, gateway: StandIn, status: str) -> None:
        attempt = begin(by_card())
        gateway.pay(attempt, status=status)
        assert compared(dry_run=True) == []
        gateway.payments.clear()
        assert compared(dry_run=True) == []

    @pytest.mark.parametrize(
        ("there", "told"),
        [
            ({"status": "pending"}, "succeeded here, pending there"),
            ({"amount": Decimal("59.89")}, "succeeded here, succeeded there amount: 59.89 instead of 59.90"),
            ({"currency": "USD"}, "succeeded here, succeeded there currency: USD instead of BRL"),
            (None, "succeeded here, unknown there"),
        ],
    )
    def test_money_that_only_we_know_of_is_left_for_people(self, gateway: StandIn, there: Any, told: str) -> None:
        order = paid_by_card(gateway)
        [key] = gateway.payments
        if there is None:
            del gateway.payments[key]
        else:
            gateway.payments[key] = replace(gateway.payments[key], **there)
        before = (stands(order), rows(), gateway.calls.count("look_up"))
        assert compared() == [differs(self.the(), told)]
        assert (stands(order), rows(), gateway.calls.count("look_up")) == (*before[:2], before[2] + 1)

    def test_what_went_back_is_no_difference(self, gateway: StandIn) -> None:
        give_back(paid_by_card(gateway), amount="20.00")
        relay(LATER)
        assert compared(since=MONDAY) == []

    def test_it_costs_no_more_statements_for_many(
        self, gateway: StandIn, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for count in (1, 3):
            while Payment.objects.count() < count:
                gateway.pay(begin(by_card()))
            with django_assert_num_queries(2):
                assert len(compared(dry_run=True)) == count
