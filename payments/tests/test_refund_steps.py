"""Refunds step by step: what a gateway is asked, what is written of its answers, and what is told of those of its own."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from common.actors import Actor
from common.errors import FieldError, InvalidTransition, Malformed, NotFound
from common.transactions import run_unit_of_work
from inventory.models import StockMovement
from orders.models import Order
from orders.services import Handover
from orders.tests.factories import ALL, STAFF, hand_over, ordered
from payments import services as payments
from payments.errors import RefundExceedsPaid, RefundsAboveDay
from payments.gateways.protocol import Declined, RefundFact, Returning
from payments.models import GatewayEvent, MoneyCase, MoneyStep, Payment, Refund
from payments.services import GivenBack, refunds
from payments.tests.by_card import LATER, clean, gateway, give_back, paid_by_card, relay, stands, tell
from payments.tests.stand_in import NAME, StandIn
from payments.tests.test_limits import let, member

__all__ = ["gateway"]  # the fixture

pytestmark = pytest.mark.django_db
SOON, MUCH_LATER = LATER + timedelta(minutes=2), LATER + timedelta(hours=1)


@pytest.fixture
def order(gateway: StandIn) -> Order:
    """It cost 59.90, which came by card."""
    return paid_by_card(gateway)


def owed(order: Order, amount: str = "20.00") -> Refund:
    refund: Refund = give_back(order, amount=amount).first
    return refund


def row() -> Any:
    return Refund.objects.values().get()


def last_step() -> tuple[str, str, str, str, str, str]:
    step = MoneyStep.objects.order_by("-pk")[0]
    return step.from_status, step.to_status, step.actor_kind, step.actor_id, step.door, step.reason


def made(gateway: StandIn, **differs: Any) -> RefundFact:
    """Return a refund that the gateway tells of, one that somebody made there where nothing else is said."""
    payment = next(iter(gateway.payments.values())).reference
    said: dict[str, Any] = {"reference": "back-7", "status": "succeeded", "amount": Decimal("10.00"), "currency": "BRL"}
    return RefundFact(**{**said, "payment": payment, **differs})


class TestAsking:
    """What a gateway is asked, and when nobody is."""

    def test_it_is_asked_for_what_was_decided_under_one_key(self, gateway: StandIn, order: Order) -> None:
        refund = owed(order)
        wanted = Returning(
            id=refund.public_id, key=f"refund:{refund.public_id}", payment="pay-1", amount=Decimal("20.00"),
            currency="BRL", reason="Veio amassado",
        )  # fmt: skip
        assert run_unit_of_work(refunds._take_up, refund_id=refund.public_id, now=SOON) == (gateway, wanted)
        assert (row()["status"], row()["looked_at"], last_step()) == (
            "sent", SOON, ("due", "sent", "system", "", "task", ""),
        )  # fmt: skip
        Refund.objects.update(gateway_reference="back-9")
        again = run_unit_of_work(refunds._take_up, refund_id=refund.public_id, now=MUCH_LATER)
        assert again == (gateway, replace(wanted, reference="back-9"))
        assert (row()["looked_at"], MoneyStep.objects.filter(refund=refund).count()) == (MUCH_LATER, 2)

    def test_an_answer_is_an_answer_whatever_it_says(self, gateway: StandIn, order: Order) -> None:
        refund = owed(order)
        gateway.down = ["refund"]
        assert refunds.send(refund_id=refund.public_id, now=SOON) is False
        gateway.down = []
        assert payments.look_after_money(now=SOON + timedelta(minutes=6))["refunds"] == 1
        assert (row()["status"], gateway.calls.count("refund")) == ("succeeded", 3)
        assert refunds.send(refund_id=refund.public_id, now=MUCH_LATER) is True
        assert gateway.calls.count("refund") == 3
        gateway.declines = ["refund"]
        assert refunds.send(refund_id=owed(order).public_id, now=MUCH_LATER) is True

    def test_what_was_settled_or_came_by_no_gateway_is_asked_of_nobody(self, gateway: StandIn, order: Order) -> None:
        done = owed(order)
        payments.settle_refund(refund_id=done.public_id, handed="cash", actor=STAFF, now=SOON)
        at_hand = Refund.objects.create(
            order=order, status="due", amount=1, currency="BRL", reason="-", actor_kind="staff", created_at=LATER
        )
        for refund in (done, at_hand):
            assert refunds.send(refund_id=refund.public_id, now=SOON) is True
        relay(SOON)
        assert "refund" not in gateway.calls
        with pytest.raises(NotFound):
            refunds.send(refund_id=uuid4(), now=SOON)

    def test_after_a_refusal_it_is_another_request(self, gateway: StandIn, order: Order) -> None:
        refund = owed(order)
        relay(LATER)
        tell(gateway, replace(next(iter(gateway.refunds.values())), status="refused", failure="account closed"))
        assert (row()["status"], row()["failure"], stands(order)[2]) == ("refused", "account closed", "0.00")
        gateway.slow_refunds = True
        gateway.refunds = {}
        again = payments.try_refund_again(refund_id=refund.public_id, actor=STAFF, now=SOON)
        assert list(gateway.refunds) == [f"refund:{refund.public_id}:1"]
        assert (again.status, again.attempts, again.failure, again.looked_at) == ("sent", 1, "", SOON)
        assert (again.gateway_reference, last_step()) == (
            "back-1", ("refused", "sent", "staff", STAFF.id, STAFF.door, ""),
        )  # fmt: skip

    def test_only_what_was_refused_is_tried_again(self, gateway: StandIn, order: Order) -> None:
        for refund in (owed(order), Refund.objects.create(
            order=order, status="refused", amount=1, currency="BRL", reason="-", actor_kind="staff", created_at=LATER
        )):  # fmt: skip
            with pytest.raises(InvalidTransition) as caught:
                payments.try_refund_again(refund_id=refund.public_id, actor=STAFF, now=SOON)
            assert caught.value.data == {"from": refund.status, "allowed": []}
        assert "refund" not in gateway.calls


class TestAnswers:
    """What a gateway says of a refund of ours."""

    def test_a_refusal_is_written_down_with_its_reason_and_put_into_the_inbox(
        self, gateway: StandIn, order: Order
    ) -> None:
        refund = owed(order)
        why = "w" * 320
        gateway.slow_refunds = True
        relay(LATER)
        sent = next(iter(gateway.refunds.values()))
        tell(gateway, replace(sent, status="refused", failure=why), now=SOON)
        assert (row()["status"], row()["failure"], row()["returned_at"]) == ("refused", "w" * 200, None)
        assert last_step() == ("sent", "refused", "gateway", NAME, "task", "w" * 200)
        case = MoneyCase.objects.values().get()
        assert case == case | {
            "kind": "refund_refused", "cause": f"refund_refused:refund:{refund.public_id}:0", "order_id": order.pk,
            "payment_id": refund.payment_id, "refund_id": refund.pk, "event_id": None, "gateway": NAME,
            "amount": Decimal("20.00"), "currency": "BRL", "detail": "w" * 300, "opened_at": SOON,
        }  # fmt: skip
        assert stands(order) == ("confirmed", "59.90", "0.00")
        clean(SOON)

    def test_a_gateway_that_declines_says_why(self, gateway: StandIn, order: Order) -> None:
        refund = owed(order)
        gateway.declines = ["refund"]
        relay(SOON)
        assert (row()["status"], row()["failure"], row()["gateway_reference"]) == ("refused", "card_declined", "")
        assert (MoneyCase.objects.get().detail, MoneyCase.objects.get().refund) == ("card_declined", refund)
        assert last_step() == ("sent", "refused", "gateway", NAME, "task", "card_declined")

    def test_a_refusal_that_comes_after_another_attempt_was_answered_is_not_of_that(
        self, gateway: StandIn, order: Order, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refund = owed(order)
        gateway.slow_refunds = True
        relay(LATER)
        assert (row()["status"], row()["gateway_reference"]) == ("sent", "back-1")

        def meanwhile(_name: str) -> None:
            Refund.objects.update(gateway_reference="back-2")
            raise Declined("too old")

        monkeypatch.setattr(gateway, "called", meanwhile)
        assert refunds.send(refund_id=refund.public_id, now=MUCH_LATER) is True
        assert (row()["status"], row()["gateway_reference"], row()["failure"]) == ("sent", "back-2", "")

    def test_the_same_again_and_what_leads_nowhere_change_nothing(self, gateway: StandIn, order: Order) -> None:
        refund = owed(order)
        relay(LATER)
        there = next(iter(gateway.refunds.values()))
        before = (row(), stands(order), MoneyStep.objects.count())
        assert before[1][2] == "20.00"
        for said in (there, replace(there, status="sent")):
            tell(gateway, said, now=SOON)
        assert (row(), stands(order), MoneyStep.objects.count()) == before
        assert refund.public_id == row()["public_id"]

    def test_what_was_given_back_by_hand_meanwhile_stays_so(self, gateway: StandIn, order: Order) -> None:
        refund = owed(order)
        gateway.slow_refunds = True
        relay(LATER)
        there = next(iter(gateway.refunds.values()))
        tell(gateway, replace(there, status="refused", failure="closed"))
        payments.settle_refund(refund_id=refund.public_id, handed="cash", actor=STAFF, now=SOON)
        assert (row()["status"], row()["tender"], row()["failure"], row()["actor_id"]) == (
            "succeeded", "cash", "", STAFF.id,
        )  # fmt: skip
        before = (row(), stands(order))
        for status in ("refused", "succeeded"):
            tell(gateway, replace(there, status=status), now=SOON)
        assert (row(), stands(order), MoneyCase.objects.count()) == (*before, 1)
        assert set(GatewayEvent.objects.values_list("status", flat=True)) == {"handled"}

    @pytest.mark.parametrize(
        ("said", "is_ours"),
        [
            ({"amount": Decimal("20.00")}, True),
            ({"refund": "ours", "amount": Decimal("19.00")}, True),
            ({"amount": Decimal("19.00")}, False),
            ({"refund": "foreign", "amount": Decimal("20.00")}, False),
        ],
    )
    def test_it_is_known_by_our_name_or_by_its_amount_while_its_answer_is_lost(
        self, gateway: StandIn, order: Order, said: Any, is_ours: bool
    ) -> None:
        refund = owed(order)
        gateway.lost = ["refund"] * 2
        relay(LATER)
        assert (row()["status"], row()["gateway_reference"]) == ("sent", "")
        if "refund" in said:
            said = {**said, "refund": refund.public_id if said["refund"] == "ours" else uuid4()}
        tell(gateway, made(gateway, **said))
        refund.refresh_from_db()
        assert (refund.status, refund.gateway_reference) == (("succeeded", "back-7") if is_ours else ("sent", ""))
        assert Refund.objects.count() == (1 if is_ours else 2)

    def test_what_has_a_name_at_the_gateway_is_known_by_it_alone(self, gateway: StandIn, order: Order) -> None:
        one, two = owed(order), owed(order)
        gateway.slow_refunds = True
        relay(LATER)
        assert list(Refund.objects.order_by("pk").values_list("gateway_reference", flat=True)) == ["back-1", "back-2"]
        tell(gateway, made(gateway, reference="back-2", amount=Decimal("20.00"), refund=one.public_id))
        assert [Refund.objects.get(pk=refund.pk).status for refund in (one, two)] == ["sent", "succeeded"]
        tell(gateway, made(gateway, reference="back-3", amount=Decimal("19.90")))
        assert Refund.objects.order_by("pk")[2].reason == "at_gateway"

    @pytest.mark.parametrize("is_asked", [True, False])
    def test_the_amount_alone_tells_neither_one_with_a_name_nor_one_that_was_not_asked_for(
        self, gateway: StandIn, order: Order, is_asked: bool
    ) -> None:
        refund = owed(order)
        gateway.slow_refunds = True
        if is_asked:
            relay(LATER)
        tell(gateway, made(gateway, reference="back-3", amount=Decimal("20.00")))
        refund.refresh_from_db()
        assert (refund.status, refund.gateway_reference) == ("sent", "back-1")
        assert Refund.objects.exclude(pk=refund.pk).get().reason == "at_gateway"


class TestOfItsOwn:
    """Refunds that were made at the gateway itself."""

    def test_one_is_written_down_with_its_steps(self, gateway: StandIn, order: Order) -> None:
        tell(gateway, made(gateway), now=SOON)
        payment = Payment.objects.get()
        assert row() == row() | {
            "order_id": order.pk, "payment_id": payment.pk, "status": "succeeded", "amount": Decimal("10.00"),
            "currency": "BRL", "tender": "", "session_id": None, "reason": "at_gateway", "cause": None,
            "gateway_reference": "back-7", "failure": "", "attempts": 0, "actor_kind": "gateway", "actor_id": NAME,
            "created_at": SOON, "looked_at": None, "returned_at": SOON,
        }  # fmt: skip
        steps = MoneyStep.objects.filter(refund__isnull=False).order_by("pk")
        assert list(steps.values_list("from_status", "to_status", "reason")) == [
            ("", "sent", "at_gateway"), ("sent", "succeeded", ""),
        ]  # fmt: skip
        event = GatewayEvent.objects.order_by("-pk")[0]
        assert (event.status, event.payment, event.handled_at) == ("handled", payment, SOON)
        clean(SOON)

    def test_one_that_was_refused_there_is_nothing_of_ours(self, gateway: StandIn, order: Order) -> None:
        tell(gateway, made(gateway, status="refused"), now=SOON)
        assert (Refund.objects.count(), MoneyCase.objects.count(), stands(order)[2]) == (0, 0, "0.00")
        assert GatewayEvent.objects.order_by("-pk")[0].status == "handled"

    def test_all_that_is_left_can_go_and_not_a_cent_more(self, gateway: StandIn, order: Order) -> None:
        owed(order, "10.00")
        tell(gateway, made(gateway, amount=Decimal("49.91")), now=SOON)
        payment, event = Payment.objects.get(), GatewayEvent.objects.order_by("-pk")[0]
        case = MoneyCase.objects.values().get()
        detail = "a refund of 49.91 BRL that is not ours"
        assert case == case | {
            "kind": "mismatch", "cause": f"mismatch:{NAME}:back-7", "order_id": order.pk, "payment_id": payment.pk,
            "refund_id": None, "event_id": event.pk, "gateway": NAME, "amount": None, "currency": "BRL",
            "detail": detail, "opened_at": SOON,
        }  # fmt: skip
        assert (event.status, event.payment, event.note, event.handled_at) == ("quarantined", payment, detail, SOON)
        assert Refund.objects.count() == 1
        tell(gateway, made(gateway, reference="back-8", amount=Decimal("49.90")), now=SOON)
        assert (stands(order)[2], Refund.objects.count()) == ("59.90", 2)

    def test_one_in_another_currency_is_set_aside(self, gateway: StandIn, order: Order) -> None:
        tell(gateway, made(gateway, currency="USD"), now=SOON)
        assert MoneyCase.objects.get().detail == "a refund of 10.00 USD that is not ours"
        assert (Refund.objects.count(), stands(order)[2]) == (0, "0.00")


class TestDeciding:
    """What staff gives back."""

    def refund(self, order: Order, amount: str | None, **options: Any) -> GivenBack:
        wanted: dict[str, Any] = {"handed_back": [], "restock": False, "reason": "-", "access": ALL, "actor": STAFF}
        money = Decimal(amount) if amount else None
        return payments.refund_order(number=order.number, amount=money, now=SOON, **{**wanted, **options})

    def test_by_hand_the_gateway_hears_nothing_of_it(self, gateway: StandIn, order: Order) -> None:
        given = self.refund(order, "20.00", by_hand=True, handed="cash")
        relay(SOON)
        assert (given.status, row()["tender"], row()["payment_id"]) == ("succeeded", "cash", Payment.objects.get().pk)
        assert (stands(order)[2], "refund" in gateway.calls) == ("20.00", False)

    @pytest.mark.parametrize("amount", ["0.00", "-1.00", "59.91"])
    def test_nothing_and_more_than_came_are_refused(self, order: Order, amount: str) -> None:
        with pytest.raises(RefundExceedsPaid) as caught:
            self.refund(order, amount)
        assert caught.value.data == {"refundable": "59.90"}
        assert not Refund.objects.exists()

    @pytest.mark.parametrize("amount", ["0.01", "59.90", None])
    def test_from_a_cent_to_all_of_it_goes_back(self, order: Order, amount: str | None) -> None:
        given = self.refund(order, amount)
        assert (given.amount, given.status, given.first) == (Decimal(amount or "59.90"), "due", Refund.objects.get())

    def test_what_is_put_back_on_the_shelf_names_its_refund(self, gateway: StandIn, order: Order) -> None:
        hand_over(order=order, now=LATER)
        units = [Handover(line=order.lines.get().public_id, quantity=1)]
        given = self.refund(order, None, handed_back=units, restock=True)
        movement = StockMovement.objects.get(kind="returned")
        assert (movement.reference, movement.actor_id) == (str(given.first.public_id), STAFF.id)

    def test_several_refunds_stand_for_one_that_is_through_once_all_are(self) -> None:
        rows = [
            Refund(amount=Decimal(amount), status=status)
            for amount, status in (("1.00", "succeeded"), ("2.50", "sent"))
        ]
        assert (GivenBack(tuple(rows)).amount, GivenBack(tuple(rows)).status) == (Decimal("3.50"), "sent")
        assert (GivenBack(tuple(rows)).first, GivenBack(tuple(rows[:1])).status) == (rows[0], "succeeded")

    def test_what_somebody_decided_and_then_gave_by_hand_counts_once_for_their_day(self, order: Order) -> None:
        let(each=20, day=20)
        counter = member("counter")
        refund = self.refund(order, "20.00", actor=counter).first
        with pytest.raises(RefundsAboveDay):
            self.refund(order, "0.01", actor=counter)
        settled = payments.settle_refund(refund_id=refund.public_id, handed="cash", actor=counter, now=SOON)
        assert (settled.status, settled.actor_id) == ("succeeded", counter.id)

    def test_an_amount_alone_goes_back_the_way_it_came(self, gateway: StandIn, order: Order) -> None:
        given = run_unit_of_work(
            refunds.give_back, order=order, amount=Decimal("1.00"), reason="-", actor=STAFF, now=SOON
        )
        assert (given.status, row()["tender"], row()["payment_id"]) == ("due", "", Payment.objects.get().pk)

    @pytest.mark.parametrize(
        ("handed", "told"),
        [
            ("gold", "Escolha como é devolvido."),
            ("transfer", "O que entrou pelo balcão volta pelo balcão: em dinheiro, no cartão ou por Pix."),
        ],
    )
    def test_how_it_cannot_be_handed_back_is_told(self, gateway: StandIn, handed: str, told: str) -> None:
        order = ordered(units={"BOLO": 1})
        payments.begin_payment(number=order.number, method="on_site", tender="cash", access=ALL, actor=STAFF, now=LATER)
        with pytest.raises(Malformed) as caught:
            self.refund(order, "1.00", handed=handed)
        assert caught.value.errors == [FieldError("/handed", "invalid_choice", told)]

    def test_settling_says_who_gave_it(self, order: Order) -> None:
        refund = owed(order)
        somebody = Actor(kind="staff", id="7", door="api")
        settled = payments.settle_refund(refund_id=refund.public_id, actor=somebody, handed="transfer", now=SOON)
        assert (settled.status, settled.tender, settled.session, settled.actor_id) == ("succeeded", "", None, "7")
        assert (settled.returned_at, last_step()[2:4]) == (SOON, ("staff", "7"))
        again = payments.settle_refund(refund_id=refund.public_id, actor=STAFF, now=MUCH_LATER)
        assert (again.returned_at, again.actor_id, stands(order)[2]) == (SOON, "7", "20.00")
        with pytest.raises(NotFound):
            payments.settle_refund(refund_id=uuid4(), actor=STAFF, now=SOON)


@pytest.mark.parametrize("step", ["give_back", "_note"])
def test_each_step_refuses_to_run_alone_and_says_which(step: str) -> None:
    with pytest.raises(RuntimeError, match=f"^{step} must run within a unit of work"):
        getattr(refunds, step)()
