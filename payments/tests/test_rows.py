"""Every column that money writes by hand or through a gateway, and what is taken at the counter."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from common.actors import Actor
from common.errors import InvalidTransition, NotFound, TotalChanged
from common.models import OutboxMessage
from common.transactions import run_unit_of_work
from inventory.tests.factories import stocked
from orders.models import Order
from orders.tests.factories import ALL, MONDAY, STAFF, cancel, ordered
from payments import services as payments
from payments.gateways.protocol import RefundFact
from payments.models import MoneyCase, MoneyStep, Payment, Refund
from payments.services import arrivals, attempts, cases, history, owing, refunds
from payments.tests.by_card import begin, by_card, gateway, relay, tell
from payments.tests.stand_in import NAME, StandIn
from scheduling.models import Appointment
from scheduling.tests.factories import at, booked, salon

__all__ = ["gateway"]  # the fixture

pytestmark = pytest.mark.django_db

LATER = MONDAY + timedelta(minutes=1)


@pytest.mark.parametrize("kind", [Payment, Refund])
def test_money_is_called_what_people_here_write(kind: type[Payment | Refund]) -> None:
    assert str(kind(amount=Decimal("1209.55"), currency="BRL")) == "R$ 1.209,55"


MADE_UP = {"id", "public_id"}


def row_of(model: Any, **which: Any) -> dict[str, Any]:
    """Return a row's columns without what was made up for it."""
    row: dict[str, Any] = model.objects.values().get(**which)
    return {name: value for name, value in row.items() if name not in MADE_UP}


def payment_row(order: Order, **columns: Any) -> dict[str, Any]:
    """Return a payment as it is written when there is nothing more to say."""
    return {
        "order_id": order.pk,
        "gateway": "transfer",
        "method": "transfer",
        "tender": "",
        "status": "succeeded",
        "amount": order.total,
        "currency": "BRL",
        "reference": "",
        "gateway_reference": "",
        "given": {},
        "return_url": "",
        "failure": "",
        "actor_kind": "staff",
        "actor_id": STAFF.id,
        "created_at": MONDAY,
        "expires_at": None,
        "answered_at": MONDAY,
        "looked_at": None,
        "received_at": MONDAY,
    } | columns


def refund_row(order: Order, **columns: Any) -> dict[str, Any]:
    return {
        "order_id": order.pk,
        "payment_id": None,
        "status": "succeeded",
        "amount": Decimal("20.00"),
        "currency": "BRL",
        "reason": "Veio amassado",
        "cause": None,
        "gateway_reference": "",
        "failure": "",
        "attempts": 0,
        "actor_kind": "staff",
        "actor_id": STAFF.id,
        "created_at": MONDAY,
        "looked_at": None,
        "returned_at": MONDAY,
    } | columns


def steps() -> list[tuple[str, str, str, str, str, str]]:
    return [
        (step.from_status, step.to_status, str(step.amount), step.actor_kind, step.door, step.reason)
        for step in MoneyStep.objects.order_by("pk")
    ]


def confirm(order: Order, amount: str = "59.90", *, now: Any = MONDAY) -> Order:
    return payments.confirm_order(
        number=order.number, amount=Decimal(amount), reference="TED 123", access=ALL, actor=STAFF, now=now
    )


def give_back(order: Order, amount: str | None, **options: Any) -> Any:
    return payments.refund_order(
        number=order.number, amount=Decimal(amount) if amount else None, handed_back=options.pop("handed_back", []),
        restock=False, reason="Veio amassado", access=ALL, actor=STAFF, now=MONDAY, **options,
    )  # fmt: skip


class TestByHand:
    """What a person says has come or gone."""

    @pytest.fixture(autouse=True)
    def shelf(self) -> None:
        stocked(sku="BOLO", units=9, price="59.90")

    def test_money_that_was_not_announced(self) -> None:
        order = ordered(units={"BOLO": 1}, payment_method="transfer")
        assert confirm(order).status == "confirmed"
        assert row_of(Payment) == row_of(Payment) | payment_row(order, reference="TED 123")
        assert steps() == [("", "succeeded", "59.90", "staff", STAFF.door, "TED 123")]
        assert order.events.order_by("seq").values_list("reason", flat=True).last() == "TED 123"

    def test_money_that_was_announced_completes_what_was_announced(self) -> None:
        order = ordered(units={"BOLO": 1}, payment_method="transfer")
        guest = Actor(kind="customer", id="7", door="api")
        announced = payments.begin_payment(number=order.number, method="transfer", access=ALL, actor=guest, now=MONDAY)
        assert (announced.status, announced.amount, announced.actor_kind) == ("pending", Decimal("59.90"), "customer")
        confirm(order, "20.00", now=LATER)
        row = row_of(Payment)
        assert (row["status"], row["amount"], row["reference"], row["received_at"]) == (
            "succeeded", Decimal("20.00"), "TED 123", LATER
        )  # fmt: skip
        assert (row["created_at"], row["actor_kind"], row["actor_id"]) == (MONDAY, "staff", STAFF.id)
        assert steps() == [
            ("", "pending", "59.90", "customer", "api", ""),
            ("pending", "succeeded", "20.00", "staff", STAFF.door, "TED 123"),
        ]

    def test_money_at_the_counter_says_how_it_was_paid(self) -> None:
        order = ordered(units={"BOLO": 1})
        taken = payments.begin_payment(
            number=order.number, method="on_site", access=ALL, actor=STAFF, now=MONDAY, tender="card"
        )
        assert row_of(Payment) == row_of(Payment) | payment_row(
            order, gateway="counter", method="on_site", tender="card"
        )
        order.refresh_from_db()
        assert (taken.amount, order.paid) == (Decimal("59.90"), Decimal("59.90"))

    def test_a_long_reference_is_cut_and_nothing_else_of_it_lost(self) -> None:
        order = ordered(units={"BOLO": 1}, payment_method="transfer")
        arrival = arrivals.Arrival.by_hand(method="transfer", amount=Decimal("59.90"), reference="r" * 101)
        payments.record_arrival(number=order.number, arrival=arrival, actor=STAFF, now=MONDAY)
        assert Payment.objects.get().reference == "r" * 100

    @pytest.mark.parametrize(
        ("method", "gateway"), [("on_site", "counter"), ("pix", "pix"), ("transfer", "transfer"), ("card", "transfer")]
    )
    def test_which_gateway_money_belongs_to_that_a_person_says_has_come(self, method: str, gateway: str) -> None:
        arrival = arrivals.Arrival.by_hand(method=method, amount=Decimal("1.00"))
        assert (arrival.gateway, arrival.reference, arrival.tender) == (gateway, "", "")
        assert (arrival.gateway_reference, arrival.attempt, arrival.event) == ("", None, None)

    def test_money_given_back(self) -> None:
        order = ordered(units={"BOLO": 1}, payment_method="transfer")
        confirm(order)
        given = give_back(order, "20.00")
        assert row_of(Refund) == row_of(Refund) | refund_row(order, payment_id=Payment.objects.get().pk)
        assert (given.amount, given.status, given.first.amount) == (Decimal("20.00"), "succeeded", Decimal("20.00"))
        order.refresh_from_db()
        assert order.refunded == Decimal("20.00")
        assert steps()[-1] == ("", "succeeded", "20.00", "staff", STAFF.door, "Veio amassado")

    def test_money_owed_and_settled(self) -> None:
        order = ordered(units={"BOLO": 1}, payment_method="transfer")
        confirm(order)
        cancel(order=order)
        relay(MONDAY)
        cause = OutboxMessage.objects.get(name="order.cancelled", handler="payments.services.owe_refund").event_id
        owed = refund_row(
            order, payment_id=Payment.objects.get().pk, amount=Decimal("59.90"), reason="order.cancelled", cause=cause
        )
        system = {"actor_kind": "system", "actor_id": ""}
        assert row_of(Refund) == row_of(Refund) | owed | system | {"status": "due", "returned_at": None}
        settled = payments.settle_refund(refund_id=Refund.objects.get().public_id, actor=STAFF, now=LATER)
        assert row_of(Refund) == row_of(Refund) | owed | {"returned_at": LATER}
        assert settled.status == "succeeded"
        assert steps()[-2:] == [
            ("", "due", "59.90", "system", "task", "order.cancelled"),
            ("due", "succeeded", "59.90", "staff", STAFF.door, ""),
        ]

    def test_money_that_came_in_two_ways_goes_back_as_it_came_the_last_first(self) -> None:
        order = ordered(units={"BOLO": 2}, payment_method="transfer")
        confirm(order, "100.00")
        payments.begin_payment(number=order.number, method="on_site", access=ALL, actor=STAFF, now=MONDAY)
        came = [(payment.pk, str(payment.amount)) for payment in Payment.objects.order_by("pk")]
        assert [amount for _pk, amount in came] == ["100.00", "19.80"]
        given = give_back(order, None)
        assert [(refund.payment_id, str(refund.amount)) for refund in given.refunds] == came[::-1]

    def test_money_beyond_what_is_left_of_an_order_is_owed_once(self) -> None:
        order = ordered(units={"BOLO": 1}, payment_method="transfer")
        confirm(order)
        Order.objects.filter(pk=order.pk).update(cancelled=Decimal("9.90"))
        cause = uuid4()
        for _time in range(2):
            owing.owe_for_line(name="line", payload={"order": order.number}, event_id=cause, now=LATER)
        assert [(row.amount, row.reason, row.cause, row.created_at) for row in Refund.objects.all()] == [
            (Decimal("9.90"), "line", cause, LATER)
        ]

    def test_an_order_that_goes_on_owes_nothing_for_its_end(self) -> None:
        order = ordered(units={"BOLO": 1}, payment_method="transfer")
        confirm(order)
        payments.owe_refund(name="order.expired", payload={"order": order.number}, event_id=uuid4(), now=MONDAY)
        assert not Refund.objects.exists()

    def test_what_an_order_ends_with_closes_what_was_announced(self) -> None:
        order = ordered(units={"BOLO": 1}, payment_method="transfer")
        payments.begin_payment(number=order.number, method="transfer", access=ALL, actor=STAFF, now=MONDAY)
        attempts.close_attempts(name="x", payload={"order": order.number}, event_id=uuid4(), now=MONDAY)
        assert Payment.objects.get().status == "pending"  # it waits still
        cancel(order=order)
        relay(MONDAY)
        assert (Payment.objects.get().status, steps()[-1]) == (
            "cancelled", ("pending", "cancelled", "59.90", "system", "task", "order.cancelled")
        )  # fmt: skip


class TestThroughAGateway:
    """What a gateway begins, tells of and gives back."""

    def test_an_attempt(self, gateway: StandIn) -> None:
        order = by_card()
        payments.begin_payment(
            number=order.number, method="card", access=ALL, actor=STAFF, now=MONDAY, return_url="https://shop.example/x"
        )
        assert row_of(Payment) == row_of(Payment) | payment_row(
            order, gateway=NAME, method="card", status="pending", gateway_reference="pay-1",
            given={"checkout_url": "https://gateway.example/pay-1", "client_secret": "pay-1-secret"},
            return_url="https://shop.example/x", expires_at=order.expires_at, received_at=None,
        )  # fmt: skip

    def test_the_gateway_is_asked_for_what_is_due_and_told_whom_to_answer(self, gateway: StandIn) -> None:
        order = by_card()
        attempt = begin(order)
        attempt = Payment.objects.select_related("order__contact").get(pk=attempt.pk)
        asked = attempts.asked_of(attempt=attempt)
        assert (asked.id, asked.key, asked.order, asked.method) == (
            attempt.public_id, attempt.key, order.number, "card"
        )  # fmt: skip
        assert (asked.amount, asked.currency, asked.expires_at) == (Decimal("59.90"), "BRL", order.expires_at)
        assert (asked.description, asked.return_url, asked.email) == (order.number, "", order.contact.email)
        assert asked.notify_url == f"http://testserver/api/v1/payments/webhooks/{NAME}/"

    def test_what_it_gives_back_is_sent_and_then_done(self, gateway: StandIn) -> None:
        order = by_card()
        tell(gateway, gateway.pay(begin(order)))
        given = give_back(order, "20.00")
        assert (given.status, given.amount) == ("due", Decimal("20.00"))
        payment = Payment.objects.get()
        assert row_of(Refund) == row_of(Refund) | refund_row(
            order, payment_id=payment.pk, status="due", returned_at=None
        )
        relay(LATER)
        row = row_of(Refund)
        assert (row["status"], row["looked_at"], row["returned_at"]) == ("succeeded", LATER, LATER)
        assert (row["actor_kind"], row["actor_id"], row["gateway_reference"]) == (
            "gateway", NAME, next(iter(gateway.refunds.values())).reference
        )  # fmt: skip
        assert [step[:2] for step in steps()[-3:]] == [("", "due"), ("due", "sent"), ("sent", "succeeded")]

    def test_a_refund_that_is_under_way_is_not_settled_by_hand_nor_tried_again(self, gateway: StandIn) -> None:
        order = by_card()
        tell(gateway, gateway.pay(begin(order)))
        refund = give_back(order, "20.00").first
        Refund.objects.filter(pk=refund.pk).update(status="sent")
        for act in (payments.settle_refund, payments.try_refund_again):
            with pytest.raises(InvalidTransition) as refused:
                act(refund_id=refund.public_id, actor=STAFF, now=LATER)
            assert refused.value.data == {"from": "sent", "allowed": []}
        with pytest.raises(NotFound):
            payments.try_refund_again(refund_id=uuid4(), actor=STAFF, now=LATER)

    def test_news_of_another_attempt_at_a_refund_changes_nothing(self, gateway: StandIn) -> None:
        order = by_card()
        tell(gateway, gateway.pay(begin(order)))
        refund = give_back(order, "20.00").first
        relay(LATER)
        before = row_of(Refund)
        fact = RefundFact(
            reference="another", status="refused", amount=refund.amount, currency="BRL", refund=refund.public_id
        )
        run_unit_of_work(
            lambda: refunds.note_refund(
                refund=Refund.objects.select_related("order").get(), fact=fact, actor=STAFF, now=LATER
            )
        )
        assert row_of(Refund) == row_of(Refund) | before


class TestInbox:
    """What did not come as it should is told once and settled once."""

    def test_a_case_is_opened_once_and_says_everything(self) -> None:
        stocked(sku="BOLO", units=9, price="59.90")
        order = ordered(units={"BOLO": 1}, payment_method="transfer")
        confirm(order)
        payment = Payment.objects.get()
        for _time in range(2):
            run_unit_of_work(
                lambda: cases.open_case(
                    kind="mismatch", about="x", order=order, payment=payment, amount=Decimal("1.00"),
                    detail="d" * 301, now=LATER,
                )
            )  # fmt: skip
        case = row_of(MoneyCase)
        assert case == case | {
            "kind": "mismatch", "cause": "mismatch:x", "status": "open", "order_id": order.pk,
            "payment_id": payment.pk, "refund_id": None, "event_id": None, "gateway": "transfer",
            "amount": Decimal("1.00"), "currency": "BRL", "detail": "d" * 300, "opened_at": LATER,
            "settled_at": None, "resolution": "", "actor_kind": "", "actor_id": "",
        }  # fmt: skip

    def test_a_case_is_settled_once(self) -> None:
        run_unit_of_work(cases.open_case, kind="unknown", about="y", gateway="x", currency="EUR", now=MONDAY)
        case = MoneyCase.objects.get()
        assert (case.gateway, case.currency, case.amount, case.detail) == ("x", "EUR", None, "")
        settled = payments.settle_case(case_id=case.public_id, resolution="r" * 301, actor=STAFF, now=LATER)
        case.refresh_from_db()
        assert (case.status, case.settled_at, case.resolution) == ("settled", LATER, "r" * 300)
        assert (case.actor_kind, case.actor_id, settled.pk) == ("staff", STAFF.id, case.pk)
        with pytest.raises(InvalidTransition) as refused:
            payments.settle_case(case_id=case.public_id, resolution="", actor=STAFF, now=LATER)
        assert refused.value.data == {"from": "settled", "allowed": []}
        with pytest.raises(NotFound):
            payments.settle_case(case_id=uuid4(), resolution="", actor=STAFF, now=LATER)


class TestAtTheCounter:
    """Money together with what it is for."""

    def charge(self, visit: UUID, *, now: Any = MONDAY, expected: str = "50.00", tender: str = "cash") -> Appointment:
        return payments.charge_visit(
            appointment=visit, tender=tender, expected=Decimal(expected), access=None, actor=STAFF, now=now
        )

    def test_a_visit_is_paid_in_advance_and_closed_once_it_has_begun(self) -> None:
        salon()
        early, now = booked(at(10)), booked(at(11))
        assert self.charge(early.public_id, now=at(9)).state == "confirmed"
        assert self.charge(now.public_id, now=at(11), tender="pix").state == "completed"
        assert list(Payment.objects.order_by("pk").values_list("amount", "tender", "gateway", "received_at")) == [
            (Decimal("50.00"), "cash", "counter", at(9)),
            (Decimal("50.00"), "pix", "counter", at(11)),
        ]
        assert self.charge(early.public_id, now=at(10), expected="0.00").state == "completed"
        assert Payment.objects.count() == 2

    def test_another_amount_than_was_shown_takes_nothing(self) -> None:
        salon()
        visit = booked(at(10))
        with pytest.raises(TotalChanged) as refused:
            self.charge(visit.public_id, expected="49.99")
        assert refused.value.data == {"total": "50.00"}
        assert (Payment.objects.count(), Order.objects.count()) == (0, 0)

    def test_a_pickup_is_handed_over_and_paid_in_one_step(self) -> None:
        stocked(sku="BOLO", units=9, price="59.90")

        def hand(order: Order, tender: str, expected: str | None) -> Order:
            return payments.hand_over(
                number=order.number, tender=tender, expected=Decimal(expected) if expected else None, access=ALL,
                actor=STAFF, now=MONDAY,
            )  # fmt: skip

        order, other = ordered(units={"BOLO": 1}), ordered(units={"BOLO": 1})
        with pytest.raises(TotalChanged) as refused:
            hand(order, "cash", "59.89")
        assert refused.value.data == {"total": "59.90"}
        assert not order.fulfilments.exists()
        assert hand(order, "cash", "59.90").status == "completed"
        assert row_of(Payment) == row_of(Payment) | payment_row(
            order, gateway="counter", method="on_site", tender="cash"
        )
        assert hand(other, "", None).status == "confirmed"
        assert (Payment.objects.count(), other.fulfilments.get().status) == (1, "delivered")
        with pytest.raises(NotFound):
            payments.hand_over(number="NOBODY", tender="", expected=None, access=ALL, actor=STAFF, now=MONDAY)


@pytest.mark.parametrize(
    "step",
    [
        "arrivals.arrive", "arrivals.receive_only", "arrivals.take_in_too_late", "attempts._open", "attempts._attempt", "cases.open_case",
        "history.write", "history.move", "owing.owe", "owing.write_debt", "owing.spread", "refunds.note_refund",
        "refunds.take_in_refund", "refunds._take_up", "refunds._locked", "refunds._by_hand", "refunds._succeed",
        "refunds._refuse",
    ],
)  # fmt: skip
def test_each_step_refuses_to_run_alone_and_says_which(step: str) -> None:
    room, _dot, name = step.partition(".")
    modules = {"arrivals": arrivals, "attempts": attempts, "cases": cases, "history": history, "owing": owing}
    with pytest.raises(RuntimeError, match=f"^{name} must run within a unit of work"):
        getattr(modules.get(room, refunds), name)()
