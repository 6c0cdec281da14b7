"""What gateways tell: stored letter by letter, judged against what we know, and written down column by column."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from common.errors import NotFound
from common.models import OutboxMessage
from common.testing import logged, statements
from common.transactions import run_unit_of_work
from orders.tests.factories import STAFF, ordered
from payments import services as payments
from payments.errors import InvalidSignature
from payments.gateways import registry
from payments.gateways.protocol import BadSignature, Delivery, Event, Told
from payments.models import GatewayEvent, MoneyStep, Payment
from payments.services import events, facts
from payments.tests.by_card import LATER, begin, by_card, gateway, rows, stands
from payments.tests.saying import STRAY, delivery, elsewhere, outcome, say
from payments.tests.stand_in import NAME, StandIn

__all__ = ["gateway"]

pytestmark = pytest.mark.django_db


def steps(payment: Payment) -> list[tuple[str, ...]]:
    """Return the steps of a payment: from, to, who and why."""
    columns = ("from_status", "to_status", "actor_kind", "actor_id", "door", "reason")
    return list(MoneyStep.objects.filter(payment=payment).order_by("pk").values_list(*columns))


class TestStored:
    """First stored, then looked at."""

    def test_an_event_is_kept_letter_by_letter_and_passed_on_once(self, gateway: StandIn) -> None:
        sent = delivery("e" * 201, "k" * 101, look_up="pay-9")
        for minutes in (0, 1):
            payments.receive_event(gateway=NAME, delivery=sent, now=LATER + timedelta(minutes=minutes))
        event = GatewayEvent.objects.get()
        assert (event.gateway, event.event_id, event.kind) == (NAME, "e" * 200, "k" * 100)
        assert (bytes(event.body), event.pulled, event.status, event.received_at) == (
            sent.body, False, "received", LATER,
        )  # fmt: skip
        assert Told.of(event.tells) == Told(look_up="pay-9")
        told = OutboxMessage.objects.get(name="gateway.told")
        assert (told.payload, told.occurred_at) == ({"event": str(event.public_id)}, LATER)

    def test_an_event_that_was_asked_for_says_so_and_is_stored_once(self, gateway: StandIn) -> None:
        event = gateway.verify_event(delivery(), now=LATER)
        with pytest.raises(RuntimeError, match=r"^store must run within"):
            events.store(gateway=gateway, event=event, pulled=True, now=LATER)
        wanted: dict[str, Any] = {"gateway": gateway, "event": event, "pulled": True, "now": LATER}
        assert run_unit_of_work(events.store, **wanted) is True
        assert run_unit_of_work(events.store, **wanted) is False
        assert (GatewayEvent.objects.get().pulled, OutboxMessage.objects.filter(name="gateway.told").count()) == (
            True,
            1,
        )

    def test_who_forges_is_noted_with_the_gateway_they_claim_to_be(self, gateway: StandIn) -> None:
        with logged() as lines, pytest.raises(InvalidSignature):
            payments.receive_event(gateway=NAME, delivery=replace(delivery(), headers={}), now=LATER)
        assert [(line["event"], line["kind"]) for line in lines.of("security")] == [("signature_refused", NAME)]
        with logged() as lines, pytest.raises(NotFound):
            payments.receive_event(gateway="nobody", delivery=delivery(), now=LATER)
        assert lines.of("security") == []
        assert not GatewayEvent.objects.exists()

    def test_the_gateway_judges_a_delivery_by_the_time_it_comes(
        self, gateway: StandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = gateway.verify_event

        def strict(given: Delivery, *, now: datetime) -> Event:
            if now > LATER:
                raise BadSignature("too old")
            return real(given, now=now)

        monkeypatch.setattr(gateway, "verify_event", strict)
        with pytest.raises(InvalidSignature):
            payments.receive_event(gateway=NAME, delivery=delivery(), now=LATER + timedelta(seconds=1))
        payments.receive_event(gateway=NAME, delivery=delivery(), now=LATER)
        assert GatewayEvent.objects.count() == 1

    def test_an_event_waits_while_its_gateway_cannot_be_asked(
        self, gateway: StandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gateway.down.append("look_up")
        event = say(look_up="pay-1")
        assert (outcome(event), event["looked_at"]) == (("received", "", None, None), LATER)
        assert payments.handle_event(event_id=event["public_id"], now=LATER) is False
        with monkeypatch.context() as patch:
            patch.delitem(registry.REMOTE, NAME)
            then = LATER + timedelta(minutes=1)
            assert payments.handle_event(event_id=event["public_id"], now=then) is False
        assert (GatewayEvent.objects.get().status, GatewayEvent.objects.get().looked_at) == ("received", then)

    def test_what_is_done_with_is_not_looked_at_again(self, gateway: StandIn) -> None:
        event = say()
        assert outcome(event) == ("ignored", "of no concern to us", None, LATER)
        then = LATER + timedelta(minutes=1)
        assert payments.handle_event(event_id=event["public_id"], now=then) is True
        assert payments.handle_event(event_id=uuid4(), now=then) is True
        assert GatewayEvent.objects.values().get() == event

    def test_one_event_is_ticked_off_and_the_others_wait(self, gateway: StandIn) -> None:
        for number in (1, 2):
            payments.receive_event(gateway=NAME, delivery=delivery(f"evt-{number}"), now=LATER)
        first = GatewayEvent.objects.get(event_id="evt-1")
        assert payments.handle_event(event_id=first.public_id, now=LATER) is True
        statuses = dict(GatewayEvent.objects.values_list("event_id", "status"))
        assert statuses == {"evt-1": "ignored", "evt-2": "received"}


class TestOfPayments:
    """News of a payment."""

    def test_an_event_that_says_little_is_asked_about(self, gateway: StandIn) -> None:
        order = by_card()
        fact = gateway.pay(begin(order))
        event = say(look_up=fact.reference)
        payment = Payment.objects.get()
        assert outcome(event) == ("handled", "", payment.pk, LATER)
        assert (stands(order)[0], payment.received_at, payment.actor_kind, payment.actor_id) == (
            "confirmed", LATER, "gateway", NAME,
        )  # fmt: skip
        assert gateway.calls == ["begin", "look_up"]
        assert outcome(say("evt-2", look_up="pay-9")) == ("ignored", "of no concern to us", None, LATER)

    def test_an_event_that_says_everything_is_not_asked_about(self, gateway: StandIn) -> None:
        fact = gateway.pay(begin(by_card()))
        say(payment=fact, look_up=fact.reference)
        assert (gateway.calls, rows()) == (["begin"], [("succeeded", "59.90")])

    def test_what_an_attempt_can_be_paid_with_is_added_and_nothing_that_was_known_lost(self, gateway: StandIn) -> None:
        payment = begin(by_card())
        fact = gateway.payments[payment.key]
        given = replace(fact.given, checkout_url="", client_secret="", pix_text="0002", handle="h-1")
        event = say(payment=replace(fact, given=given, failure="f" * 201))
        assert outcome(event) == ("handled", "", payment.pk, LATER)
        before = Payment.objects.values().get()
        assert before["given"] == payment.given | {"pix_text": "0002", "handle": "h-1"}
        assert (before["status"], before["failure"], before["answered_at"]) == (
            "pending", "f" * 200, payment.answered_at,
        )  # fmt: skip
        say("evt-2", payment=replace(fact, given=given))
        assert Payment.objects.values().get() == before

    def test_the_gateways_word_for_an_attempt_is_learnt_once_and_only_while_it_is_open(self, gateway: StandIn) -> None:
        payment = begin(by_card())
        fact = gateway.payments[payment.key]
        Payment.objects.update(gateway_reference="", answered_at=None, given={})
        say(payment=fact)
        payment.refresh_from_db()
        assert (payment.gateway_reference, payment.answered_at) == ("pay-1", LATER)
        assert payment.given == {"checkout_url": "https://gateway.example/pay-1", "client_secret": "pay-1-secret"}
        say("evt-2", payment=replace(fact, reference="pay-7"))
        assert Payment.objects.get().gateway_reference == "pay-1"
        say("evt-3", payment=replace(fact, status="failed", failure="card_declined"))
        Payment.objects.update(gateway_reference="")
        say("evt-4", payment=replace(fact, status="pending", failure="another"))
        payment.refresh_from_db()
        assert (payment.status, payment.failure, payment.gateway_reference) == ("failed", "card_declined", "")

    @pytest.mark.parametrize("status", ["failed", "expired", "cancelled"])
    def test_an_attempt_ends_as_its_gateway_says_and_for_its_reason(self, gateway: StandIn, status: Any) -> None:
        payment = begin(by_card())
        event = say(payment=gateway.pay(payment, status=status, failure="w" * 201))
        payment.refresh_from_db()
        assert (payment.status, payment.failure) == (status, "w" * 200)
        assert steps(payment)[-1] == ("pending", status, "gateway", NAME, "task", "w" * 200)
        assert outcome(event) == ("handled", "", payment.pk, LATER)
        say("evt-2", payment=gateway.pay(payment, status="pending"))
        payment.refresh_from_db()
        assert (payment.status, len(steps(payment))) == (status, 2)

    def test_a_payment_is_found_by_its_own_reference_before_the_attempt_it_names(self, gateway: StandIn) -> None:
        order = by_card()
        first = begin(order)
        say(payment=gateway.pay(first))
        second = gateway.pay_again(first, amount=Decimal("20.00"))
        event = say("evt-2", payment=second)
        other = Payment.objects.get(gateway_reference=second.reference)
        assert outcome(event) == ("handled", "", other.pk, LATER)
        assert (other.amount, other.method, other.gateway, other.order) == (Decimal("20.00"), "card", NAME, order)
        assert rows() == [("succeeded", "59.90"), ("succeeded", "20.00")]
        assert say("evt-3", payment=second)["payment_id"] == other.pk
        assert stands(order) == ("confirmed", "79.90", "20.00")

    def test_money_that_names_an_order_and_no_attempt_is_taken_in_the_way_the_order_is_paid(
        self, gateway: StandIn
    ) -> None:
        order = by_card()
        event = say(payment=replace(STRAY, order=order.number, amount=order.total))
        payment = Payment.objects.get()
        assert (payment.method, payment.gateway, payment.gateway_reference) == ("card", NAME, "pay-9")
        assert (stands(order), outcome(event)) == (("confirmed", "59.90", "0.00"), ("handled", "", payment.pk, LATER))

    def test_a_payment_is_found_though_the_gateway_gives_back_nothing_of_ours(self, gateway: StandIn) -> None:
        payment = begin(by_card())
        fact = replace(gateway.pay(payment), payment=None, order="")
        waiting = say(payment=replace(fact, status="pending", failure="card_declined"))
        payment.refresh_from_db()
        assert (outcome(waiting), payment.failure) == (("handled", "", payment.pk, LATER), "card_declined")
        assert outcome(say("evt-2", payment=fact)) == ("handled", "", payment.pk, LATER)
        assert (stands(payment.order)[0], rows()) == ("confirmed", [("succeeded", "59.90")])

    def test_whoever_asked_about_an_attempt_knows_whose_answer_it_is(self, gateway: StandIn) -> None:
        payment = begin(by_card())
        Payment.objects.update(gateway_reference="")
        payment.refresh_from_db()
        fact = replace(gateway.pay(payment), payment=None, order="")
        taken = facts.take_in(gateway=gateway, fact=fact, attempt=payment, actor=STAFF, now=LATER)
        assert (taken, rows()) == (payment, [("succeeded", "59.90")])

    def test_a_second_payment_came_in_the_way_of_the_first_however_the_order_was_to_be_paid(
        self, gateway: StandIn
    ) -> None:
        first = begin(ordered(units={"BOLO": 1}, payment_method="transfer"))
        say(payment=gateway.pay(first))
        say("evt-2", payment=gateway.pay_again(first))
        assert list(Payment.objects.values_list("method", flat=True)) == ["card", "card"]

    def test_a_payment_is_read_with_its_order_in_one_statement(self, gateway: StandIn) -> None:
        payment = begin(by_card())
        with statements() as said:
            found = facts.payment_of(gateway=gateway, fact=gateway.payments[payment.key])
            assert found is not None
            assert found.order == payment.order
        assert len(said) == 1

    def test_another_gateways_payment_of_that_reference_is_another(self, gateway: StandIn) -> None:
        other = elsewhere(by_card())
        for number, named in enumerate((other.public_id, None)):
            event = say(f"evt-{number}", payment=replace(STRAY, reference="pay-1", status="failed", payment=named))
            assert outcome(event) == ("ignored", "no payment of ours", None, LATER)
        other.refresh_from_db()
        assert other.status == "pending"
