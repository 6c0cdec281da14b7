"""Money that is there: which payment it is, what it does to its order, and what of it goes back."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from cart import services as carts
from common.errors import Busy, InvalidTransition, NotFound
from common.models import OutboxMessage
from common.transactions import unit_of_work
from orders import services as orders
from orders.models import Order
from orders.selectors import Access
from orders.tests.factories import ALL, GUEST, MONDAY, STAFF, cancel, ordered, placement_of, stocked
from payments import services as payments
from payments.models import GatewayEvent, MoneyCase, MoneyStep, Payment, Refund
from payments.services import Arrival, arrivals
from payments.tests.by_card import cases, refunds, rows, stands
from payments.tests.leases import leased
from payments.tests.stand_in import NAME, StandIn, registered
from scheduling import services as scheduling
from scheduling.models import Appointment
from scheduling.tests.factories import at, booked, salon, wish
from till.models import TillSession

__all__ = ["leased"]  # the fixture

pytestmark = pytest.mark.django_db

LATER = MONDAY + timedelta(minutes=1)
OVER = MONDAY + timedelta(days=9)
"""When nobody waits for the money any more."""


@pytest.fixture(autouse=True)
def gateway(monkeypatch: pytest.MonkeyPatch, settings: Any) -> StandIn:
    """There are cakes, and a gateway for cards."""
    stocked(sku="BOLO", units=9, price="59.90")
    return registered(monkeypatch, settings)


def cake(**more: Any) -> Order:
    return ordered(units={"BOLO": 1}, payment_method="transfer", **more)


def announced(order: Order) -> Payment:
    return payments.begin_payment(number=order.number, method="transfer", access=ALL, actor=GUEST, now=MONDAY)


def attempt(order: Order, **columns: Any) -> Payment:
    """Return an attempt at the gateway."""
    given: dict[str, Any] = {
        "gateway": NAME, "method": "card", "status": "pending", "amount": order.total, "currency": "BRL",
        "actor_kind": "guest", "created_at": MONDAY, "failure": "card_declined",
    }  # fmt: skip
    return Payment.objects.create(order=order, **given | columns)


def by_gateway(amount: str = "59.90", reference: str = "pay-1", **more: Any) -> Arrival:
    return Arrival(amount=Decimal(amount), gateway=NAME, method="card", gateway_reference=reference, **more)


def by_hand(amount: str = "59.90", method: str = "transfer", **more: Any) -> Arrival:
    return Arrival.by_hand(method=method, amount=Decimal(amount), reference="TED 1", **more)


def record(order: Order, arrival: Arrival, *, now: datetime = LATER) -> Payment:
    return payments.record_arrival(number=order.number, arrival=arrival, actor=STAFF, now=now)


def locked_and(step: Any, order: Order, arrival: Arrival, *, now: datetime = LATER) -> Payment:
    """Run a step with the order locked, as whoever decides what becomes of the money does."""
    with unit_of_work():
        locked = orders.locked_order(number=order.number, access=ALL)
        payment: Payment = step(order=locked, arrival=arrival, actor=STAFF, now=now)
    return payment


def event() -> GatewayEvent:
    return GatewayEvent.objects.create(gateway=NAME, event_id=str(uuid4()), kind="x", body=b"", received_at=MONDAY)


def the_case() -> dict[str, Any]:
    """Return the columns of the only case there is."""
    return dict(MoneyCase.objects.values().get())


def owed(order: Order) -> list[tuple[str, str, UUID | None, Any]]:
    found = Refund.objects.filter(order=order).order_by("pk")
    return [(str(one.amount), one.reason, one.cause, one.payment) for one in found]


class TestWhichPayment:
    """Which payment money is that came."""

    def test_money_completes_the_attempt_it_was_asked_for_by_and_says_how_it_came(self) -> None:
        order = cake()
        asked = attempt(order)
        told = event()
        payment = record(order, by_gateway("50.00", attempt=asked.public_id, event=told))
        assert payment == asked
        payment.refresh_from_db()
        assert (payment.status, payment.amount, payment.gateway_reference, payment.failure, payment.received_at) == (
            "succeeded", Decimal("50.00"), "pay-1", "", LATER,
        )  # fmt: skip
        assert (payment.actor_kind, payment.actor_id, payment.session, payment.tender) == ("staff", STAFF.id, None, "")
        told.refresh_from_db()
        assert (told.status, told.payment, told.handled_at) == ("handled", asked, LATER)

    def test_money_is_known_by_what_its_gateway_calls_it_before_anything_else(self) -> None:
        order = cake()
        known, other = attempt(order, gateway_reference="pay-1"), attempt(order, method="pix")
        assert record(order, by_gateway(attempt=other.public_id)) == known
        assert record(order, by_gateway(attempt=other.public_id)) == known
        assert (rows(), stands(order)) == (
            [("succeeded", "59.90"), ("pending", "59.90")], ("confirmed", "59.90", "0.00"),
        )  # fmt: skip

    def test_the_word_of_one_gateway_says_nothing_of_another(self) -> None:
        order = cake()
        other = attempt(order, gateway="elsewhere", gateway_reference="pay-1")
        payment = record(order, by_gateway(attempt=other.public_id))
        assert (payment.gateway, payment.pk != other.pk, payment.received_at) == (NAME, True, LATER)
        other.refresh_from_db()
        assert other.status == "pending"

    def test_an_attempt_that_was_paid_already_is_not_paid_by_other_money(self) -> None:
        order = cake()
        asked = attempt(order, gateway_reference="pay-1")
        second = record(order, by_gateway(reference="pay-2", attempt=asked.public_id))
        assert (second.pk != asked.pk, rows()) == (True, [("pending", "59.90"), ("succeeded", "59.90")])

    def test_money_of_an_attempt_that_is_not_of_this_order_is_a_payment_of_its_own(self) -> None:
        order, other = cake(), cake()
        asked = attempt(other)
        own = announced(order)
        payment = record(order, by_gateway(attempt=asked.public_id))
        assert payment.pk not in (asked.pk, own.pk)
        assert (payment.order, payment.created_at, payment.answered_at, payment.currency) == (
            order,
            LATER,
            LATER,
            "BRL",
        )
        assert record(order, by_gateway(reference="", attempt=uuid4())).pk not in (asked.pk, own.pk, payment.pk)

    def test_money_that_a_person_saw_completes_what_was_announced_in_the_same_way(self) -> None:
        order = cake()
        waiting = announced(order)
        assert record(order, by_hand(method="on_site", tender="cash")).pk != waiting.pk
        assert record(order, by_hand()) == waiting
        waiting.refresh_from_db()
        assert (waiting.status, waiting.reference, waiting.gateway) == ("succeeded", "TED 1", "transfer")
        assert record(order, by_hand()).pk != waiting.pk

    def test_what_a_gateway_awaits_is_only_its_own_to_complete(self) -> None:
        order = cake()
        asked = attempt(order)
        payment = record(order, by_hand(method="card"))
        assert (payment.pk != asked.pk, payment.gateway) == (True, "transfer")
        own = attempt(order, method="pix", gateway="pix")
        assert record(order, by_hand(method="pix")) == own

    def test_money_over_the_counter_names_a_drawer_and_other_money_none(self) -> None:
        order = cake()
        taken = record(order, by_hand("20.00", method="on_site", tender="card"))
        assert (taken.session, taken.tender, taken.gateway) == (TillSession.objects.get(), "card", "counter")
        assert TillSession.objects.get().opened_at == LATER
        assert record(order, by_hand("20.00")).session is None

    def test_each_step_says_who_and_why(self) -> None:
        order = cake()
        announced(order)
        record(order, by_hand())
        record(order, by_hand())
        steps = MoneyStep.objects.filter(to_status="succeeded").order_by("pk")
        assert [(one.from_status, one.reason, one.actor_id, one.at) for one in steps] == [
            ("pending", "TED 1", STAFF.id, LATER), ("", "TED 1", STAFF.id, LATER),
        ]  # fmt: skip


class TestWhatFollows:
    """What money does to its order, and what of it is owed back."""

    def test_the_same_money_again_changes_nothing_but_its_event(self) -> None:
        order = cake()
        first = record(order, by_gateway())
        before = Payment.objects.values().get()
        told = event()
        assert record(order, by_gateway("10.00", event=told), now=OVER) == first
        assert (Payment.objects.values().get(), stands(order)) == (before, ("confirmed", "59.90", "0.00"))
        told.refresh_from_db()
        assert (told.status, told.payment, told.handled_at) == ("handled", first, OVER)

    def test_exactly_what_is_due_owes_nothing_and_a_cent_more_owes_the_cent(self) -> None:
        order, other = cake(), cake()
        record(order, by_hand("20.00"))
        record(order, by_hand("39.90"))
        assert (stands(order), cases(), refunds()) == (("confirmed", "59.90", "0.00"), [], [])
        told = event()
        payment = record(other, by_gateway("59.91", event=told))
        assert owed(other) == [("0.01", "payment.too_much", payment.public_id, payment)]
        case = the_case()
        assert case == case | {
            "kind": "too_much", "cause": f"too_much:payment:{payment.public_id}", "order_id": other.pk,
            "payment_id": payment.pk, "event_id": told.pk, "gateway": NAME, "amount": Decimal("0.01"),
            "currency": "BRL", "opened_at": LATER,
        }  # fmt: skip
        assert Refund.objects.get().created_at == LATER

    def test_money_for_what_is_paid_goes_back_whole_though_some_is_owed_already(self) -> None:
        order = cake()
        first = record(order, by_hand("62.00"))
        second = record(order, by_hand("10.00"))
        third = record(order, by_hand("1.00"))
        assert owed(order) == [
            ("2.10", "payment.too_much", first.public_id, first),
            ("10.00", "payment.second", second.public_id, second),
            ("1.00", "payment.second", third.public_id, third),
        ]  # fmt: skip
        assert cases() == ["too_much", "second", "second"]

    def test_a_part_that_exceeds_the_rest_goes_back_as_far_as_it_does(self) -> None:
        order = cake()
        record(order, by_hand("20.00"))
        second = record(order, by_hand("50.00"))
        assert owed(order) == [("10.10", "payment.too_much", second.public_id, second)]
        assert stands(order) == ("confirmed", "70.00", "0.00")

    def test_money_for_a_cancelled_order_goes_back_whole_as_too_late(self) -> None:
        order = cake()
        cancel(order=order)
        payment = record(order, by_hand("20.00"))
        assert owed(order) == [("20.00", "order.paid_too_late", payment.public_id, payment)]
        assert (cases(), the_case()["amount"], stands(order)) == (
            ["too_late"], Decimal("20.00"), ("cancelled", "20.00", "0.00"),
        )  # fmt: skip

    @pytest.mark.parametrize("swept", [True, False])
    def test_late_money_takes_the_order_up_again_and_says_so(self, swept: bool) -> None:
        order = cake()
        if swept:
            orders.expire_due_orders(now=OVER)
        told = event()
        payment = record(order, by_gateway(event=told), now=OVER)
        case = the_case()
        assert case == case | {
            "kind": "revived", "cause": f"revived:payment:{payment.public_id}", "order_id": order.pk,
            "payment_id": payment.pk, "event_id": told.pk, "amount": Decimal("59.90"), "opened_at": OVER,
        }  # fmt: skip
        assert (stands(order), refunds()) == (("confirmed", "59.90", "0.00"), [])
        step = order.events.order_by("seq").last()
        assert step is not None
        assert (step.to_status, step.actor_id, step.at) == ("confirmed", STAFF.id, OVER)

    def test_money_confirms_a_waiting_order_in_the_name_and_words_of_whoever_brings_it(self) -> None:
        order = cake()
        record(order, by_hand())
        step = order.events.order_by("seq").last()
        assert step is not None
        assert (step.to_status, step.reason, step.actor_kind, step.actor_id, step.at) == (
            "confirmed", "TED 1", "staff", STAFF.id, LATER,
        )  # fmt: skip
        with pytest.raises(NotFound):
            payments.record_arrival(number="NOBODY", arrival=by_hand(), actor=STAFF, now=LATER)

    def test_confirming_is_for_those_who_see_the_order_and_for_orders_that_wait(self) -> None:
        order = cake()
        wanted: dict[str, Any] = {"amount": order.total, "reference": "TED 1", "actor": STAFF, "now": LATER}
        for number, access in (("NOBODY", ALL), (order.number, Access())):
            with pytest.raises(NotFound):
                payments.confirm_order(number=number, access=access, **wanted)
        assert payments.confirm_order(number=order.number, access=ALL, **wanted).paid == order.total
        with pytest.raises(InvalidTransition) as refused:
            payments.confirm_order(number=order.number, access=ALL, **wanted)
        assert refused.value.data == {"from": "confirmed", "allowed": ["cancelled", "completed"]}
        assert rows() == [("succeeded", "59.90")]

    def test_what_is_received_and_nothing_more_leaves_the_order_as_it_is(self) -> None:
        order = cake()
        asked = attempt(order)
        arrival = by_gateway("70.00", attempt=asked.public_id)
        payment = locked_and(arrivals.receive_only, order, arrival)
        payment.refresh_from_db()
        assert (payment, payment.status, payment.received_at, payment.actor_id) == (asked, "succeeded", LATER, STAFF.id)
        assert (stands(order), refunds(), cases()) == (("pending", "70.00", "0.00"), [], [])
        other = locked_and(arrivals.receive_only, cake(), by_gateway("5.00", "pay-9"))
        assert (other.amount, other.order != order, other.received_at) == (Decimal("5.00"), True, LATER)
        with pytest.raises(InvalidTransition) as refused:
            locked_and(arrivals.receive_only, order, arrival)
        assert refused.value.data == {"from": "succeeded", "allowed": []}
        assert stands(order)[1] == "70.00"


class TestTooLate:
    """Money for an order whose goods or time somebody else has."""

    def sold_out(self) -> Order:
        """Return an order that ran out, and whose cakes are gone."""
        order = ordered(units={"BOLO": 5}, payment_method="transfer")
        ordered(units={"BOLO": 9}, now=OVER)
        return order

    def test_it_is_written_down_and_owed_back_once(self) -> None:
        order, told = self.sold_out(), event()
        asked = attempt(order)
        arrival = by_gateway("299.50", attempt=asked.public_id, event=told)
        assert record(order, arrival, now=OVER) == asked
        asked.refresh_from_db()
        assert (asked.status, asked.received_at, asked.actor_id) == ("succeeded", OVER, STAFF.id)
        assert owed(order) == [("299.50", "order.paid_too_late", asked.public_id, asked)]
        case = the_case()
        assert (case["kind"], case["amount"], case["event_id"], case["opened_at"]) == (
            "too_late", Decimal("299.50"), told.pk, OVER,
        )  # fmt: skip
        told.refresh_from_db()
        assert (told.status, told.payment, told.handled_at) == ("handled", asked, OVER)
        letters = OutboxMessage.objects.filter(name="order.paid_too_late")
        assert {(one.occurred_at, str(one.payload)) for one in letters} == {(OVER, str({"order": order.number}))}
        expiry = order.events.order_by("seq").last()
        assert expiry is not None
        assert (expiry.to_status, expiry.actor_kind, expiry.door, expiry.at) == ("expired", "system", STAFF.door, OVER)
        count = letters.count()
        again = locked_and(arrivals.take_in_too_late, order, arrival, now=OVER)
        assert (again, stands(order), letters.count(), len(refunds())) == (
            asked, ("expired", "299.50", "0.00"), count, 1,
        )  # fmt: skip

    def test_a_person_who_confirms_it_is_told_that_it_stays_expired(self) -> None:
        order = self.sold_out()
        wanted: dict[str, Any] = {"amount": order.total, "reference": "TED 9", "access": ALL, "actor": STAFF}
        found = payments.confirm_order(number=order.number, now=OVER, **wanted)
        assert (found.number, found.status, found.paid) == (order.number, "expired", order.total)
        payment = Payment.objects.get()
        assert (payment.reference, payment.method, payment.gateway, payment.received_at, payment.actor_id) == (
            "TED 9", "transfer", "transfer", OVER, STAFF.id,
        )  # fmt: skip
        assert (cases(), stands(order)) == (["too_late"], ("expired", "299.50", "0.00"))

    def test_an_order_that_somebody_moved_in_between_is_judged_anew(self) -> None:
        order = cake()
        with pytest.raises(Busy):
            locked_and(arrivals.take_in_too_late, order, by_hand())
        assert (rows(), stands(order)) == ([], ("pending", "0.00", "0.00"))


class TestVisits:
    """Money for time, which is leased meanwhile."""

    def visit(self) -> Order:
        """Return an order for a haircut at noon of a Sunday, to be paid by transfer."""
        salon()
        cart = carts.open_cart(units=[], wishes=[wish(at(12, day=6))], customer_id=None, actor=GUEST, now=MONDAY)
        placement = replace(placement_of(cart=cart, payment_method="transfer"), fulfilment=None)
        placed = orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=MONDAY)
        return Order.objects.get(number=placed.order.number)

    @pytest.mark.parametrize("way", ["record", "confirm"])
    def test_time_that_is_gone_is_not_taken_twice_and_is_leased_while_that_is_judged(
        self, way: str, leased: list[list[str]]
    ) -> None:
        order = self.visit()
        own = scheduling.lease_keys(claims=[one.claim for one in Appointment.objects.all() if one.claim])
        until = order.expires_at
        assert until is not None
        orders.expire_due_orders(now=until)
        booked(at(12, day=6), now=until)
        leased.clear()
        if way == "record":
            record(order, by_hand("50.00"), now=until)
        else:
            payments.confirm_order(
                number=order.number, amount=order.total, reference="", access=ALL, actor=STAFF, now=until
            )
        assert leased == [sorted(own)] * 2  # to take it up again, and to keep the money all the same
        assert (stands(order), cases()) == (("expired", "50.00", "0.00"), ["too_late"])
        assert own
