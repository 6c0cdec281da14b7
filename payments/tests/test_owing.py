"""Money that is owed back: of which payments it goes, in which order, and that each debt is written down once."""

from decimal import Decimal
from typing import Any
from uuid import uuid4, uuid5

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from common.actors import Actor
from common.models import OutboxMessage
from common.transactions import run_unit_of_work
from orders.models import Order
from orders.tests.factories import ALL, GUEST, MONDAY, STAFF, ordered
from payments import services as payments
from payments.models import MoneyStep, Payment, Refund
from payments.services import Arrival, owing
from payments.tests.by_card import LATER, begin, by_card, gateway, give_back, paid_by_card, relay, tell
from payments.tests.stand_in import StandIn

__all__ = ["gateway"]  # the fixture

pytestmark = pytest.mark.django_db


def took(order: Order, amount: str, *, method: str = "on_site", tender: str = "") -> Payment:
    """Have staff take money, in whichever way."""
    arrival = Arrival.by_hand(method=method, amount=Decimal(amount), tender=tender)
    return payments.record_arrival(number=order.number, arrival=arrival, actor=STAFF, now=MONDAY)


def shares(order: Order, amount: str) -> list[tuple[Payment | None, str]]:
    found = run_unit_of_work(owing.spread, order=order, amount=Decimal(amount))
    return [(payment, str(share)) for payment, share in found]


def owe(order: Order, amount: str, **options: Any) -> list[Refund]:
    wanted: dict[str, Any] = {"reason": "why", "cause": uuid4(), "now": LATER}
    return run_unit_of_work(owing.owe, order=order, amount=Decimal(amount), **{**wanted, **options})


class TestSpreading:
    """Of which payments an amount goes back."""

    def test_the_newest_of_a_gateway_first_and_of_each_no_more_than_is_left(self, gateway: StandIn) -> None:
        order = by_card(units=2)
        took(order, "100.00", method="transfer")
        tell(gateway, gateway.pay(begin(order)))
        other = by_card()
        tell(gateway, gateway.pay(begin(other)))
        by_transfer, card = Payment.objects.filter(order=order).order_by("pk")
        assert shares(order, "19.80") == [(card, "19.80")]
        assert shares(order, "19.79") == [(card, "19.79")]
        assert shares(order, "119.80") == [(card, "19.80"), (by_transfer, "100.00")]
        give_back(order, amount="19.30")
        assert shares(order, "0.50") == [(card, "0.50")]
        assert shares(order, "1.00") == [(card, "0.50"), (by_transfer, "0.50")]
        give_back(order, amount="0.50")
        assert shares(order, "1.00") == [(by_transfer, "1.00")]

    def test_what_a_gateway_awaits_or_has_declined_gives_nothing(self, gateway: StandIn) -> None:
        order = by_card()
        begin(order)
        paid = took(order, "59.90", method="transfer")
        assert shares(order, "59.90") == [(paid, "59.90")]

    def test_two_payments_by_card_go_back_one_after_the_other(self, gateway: StandIn) -> None:
        order = by_card(units=2)
        for part in (Decimal("60.00"), None):
            attempt = payments.begin_payment(
                number=order.number, method="card", access=ALL, actor=GUEST, now=MONDAY, amount=part
            )
            tell(gateway, gateway.pay(attempt))
        old, new = Payment.objects.order_by("pk")
        assert shares(order, "119.80") == [(new, "59.80"), (old, "60.00")]
        give_back(order, amount="0.80")
        assert shares(order, "60.00") == [(new, "59.00"), (old, "1.00")]
        relay(LATER)
        assert shares(order, "60.00") == [(new, "59.00"), (old, "1.00")]

    def test_what_came_in_one_way_goes_back_in_one_piece(self, gateway: StandIn) -> None:
        order = ordered(units={"BOLO": 1})
        first = took(order, "50.00", tender="cash")
        assert shares(order, "50.00") == [(first, "50.00")]
        took(order, "9.90")  # nobody said as what: it lies in the drawer, too
        assert shares(order, "59.90") == [(None, "59.90")]

    def test_what_came_in_several_ways_goes_back_in_each_the_last_first(self, gateway: StandIn) -> None:
        order = ordered(units={"BOLO": 1})
        cash, card, pix = (
            took(order, amount, tender=tender)
            for amount, tender in (("50.00", "cash"), ("9.40", "card"), ("0.50", "pix"))
        )
        assert shares(order, "59.90") == [(pix, "0.50"), (card, "9.40"), (cash, "50.00")]
        assert shares(order, "9.90") == [(pix, "0.50"), (card, "9.40")]
        assert shares(order, "0.50") == [(pix, "0.50")]
        give_back(order, amount="5.00")
        assert shares(order, "10.00") == [(card, "4.90"), (cash, "5.10")]

    @pytest.mark.parametrize(
        ("ways", "alone", "together"),
        [
            (["cash"], "cash", "cash"),
            ([""], "cash", "cash"),
            (["card"], "card", "card"),
            (["card", "card"], "card", "card"),
            (["card", "pix"], "card", "cash"),
            (["transfer"], "", ""),
            (["transfer", "card"], "", "card"),
        ],
    )
    def test_by_hand_it_goes_back_as_it_came(
        self, gateway: StandIn, ways: list[str], alone: str, together: str
    ) -> None:
        order = ordered(units={"BOLO": 1}, payment_method="transfer" if "transfer" in ways else "on_site")
        for way in ways:
            method = "transfer" if way == "transfer" else "on_site"
            took(order, "10.00", method=method, tender="" if way == "transfer" else way)
        took(ordered(units={"BOLO": 1}), "10.00", tender="pix")
        first = Payment.objects.order_by("pk")[0]
        assert owing.handed_back_as(order=order, payment=first) == alone
        assert owing.handed_back_as(order=order, payment=None) == together


class TestOwing:
    """Each debt once."""

    def test_a_debt_is_written_down_once_for_its_cause_and_each_share_of_it(self, gateway: StandIn) -> None:
        order = ordered(units={"BOLO": 1})
        cash, card = took(order, "50.00", tender="cash"), took(order, "9.90", tender="card")
        cause = uuid4()
        made = owe(order, "59.90", cause=cause)
        assert [(refund.payment, str(refund.amount), refund.cause) for refund in made] == [
            (card, "9.90", cause), (cash, "50.00", uuid5(cause, "1")),
        ]  # fmt: skip
        assert list(Refund.objects.order_by("pk")) == made
        assert owe(order, "59.90", cause=cause) == []
        assert Refund.objects.count() == 2
        row: Any = Refund.objects.order_by("pk").values()[0]
        assert row == row | {
            "order_id": order.pk, "payment_id": card.pk, "status": "due", "currency": "BRL", "reason": "why",
            "tender": "", "session_id": None, "actor_kind": "system", "actor_id": "", "created_at": LATER,
            "gateway_reference": "", "failure": "", "attempts": 0, "looked_at": None, "returned_at": None,
        }  # fmt: skip
        step = MoneyStep.objects.order_by("-pk")[0]
        assert (step.from_status, step.to_status, step.reason, step.actor_kind, step.door, step.at) == (
            "", "due", "why", "system", "task", LATER,
        )  # fmt: skip

    def test_a_debt_of_one_payment_is_of_that_payment(self, gateway: StandIn) -> None:
        order = ordered(units={"BOLO": 1})
        cash = took(order, "50.00", tender="cash")
        took(order, "9.90", tender="card")
        [refund] = owe(order, "59.90", payment=cash)
        assert (refund.payment, refund.amount) == (cash, Decimal("59.90"))

    @pytest.mark.parametrize(("amount", "count"), [("-0.01", 0), ("0.00", 0), ("0.01", 1)])
    def test_nothing_is_no_debt(self, gateway: StandIn, amount: str, count: int) -> None:
        order = ordered(units={"BOLO": 1})
        took(order, "59.90", tender="cash")
        assert len(owe(order, amount)) == Refund.objects.count() == count

    def test_who_decided_it_and_its_name_are_kept(self, gateway: StandIn) -> None:
        order, name = paid_by_card(gateway), uuid4()
        somebody = Actor(kind="staff", id="7", door="api")
        refund = run_unit_of_work(
            owing.write_debt, order=order, payment=None, amount=Decimal(1), reason="-", now=LATER, actor=somebody,
            public_id=name,
        )  # fmt: skip
        assert (refund.public_id, refund.actor_kind, refund.actor_id, refund.cause) == (name, "staff", "7", None)
        assert MoneyStep.objects.order_by("-pk")[0].actor_id == "7"

    def test_what_came_by_a_gateway_is_begun_at_once_and_nothing_else(
        self, gateway: StandIn, settings: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        order = paid_by_card(gateway)
        at_hand = took(ordered(units={"BOLO": 1}, payment_method="transfer"), "1.00", method="transfer")
        settings.OUTBOX_WAKE = True
        with django_capture_on_commit_callbacks() as calls:
            owe(at_hand.order, "1.00", payment=at_hand)
        assert (calls, OutboxMessage.objects.filter(name="refund.due").exists()) == ([], False)
        with django_capture_on_commit_callbacks() as calls:
            [refund] = owe(order, "1.00", payment=Payment.objects.get(order=order))
        assert len(calls) == 1
        message = OutboxMessage.objects.get(name="refund.due")
        assert (message.payload, message.occurred_at) == ({"refund": str(refund.public_id)}, LATER)
