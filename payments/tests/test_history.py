"""Steps of money: each written down as it is taken, told to the rest of the shop, and heard of without delay."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from common import outbox
from common.actors import Actor
from common.errors import InvalidTransition
from common.models import OutboxMessage
from common.transactions import run_unit_of_work
from orders.models import Order
from orders.tests.factories import MONDAY, STAFF, SYSTEM
from payments.models import GatewayEvent, MoneyStep, Payment, Refund
from payments.services import cases, events, history, owing
from payments.services.attempts import give_up_attempts
from payments.services.inbox import close_event
from payments.tests.by_card import begin, by_card, gateway
from payments.tests.saying import delivery
from payments.tests.stand_in import NAME, StandIn

__all__ = ["gateway"]

pytestmark = pytest.mark.django_db

LATER = MONDAY + timedelta(minutes=1)
GATEWAY = Actor(kind="gateway", id=NAME, door="task")


def payment_of(order: Order, **columns: Any) -> Payment:
    """Return a payment that is not written down yet."""
    given: dict[str, Any] = {
        "gateway": NAME, "method": "card", "status": "pending", "amount": order.total, "currency": "BRL",
        "created_at": MONDAY, "actor_kind": "guest",
    }  # fmt: skip
    return Payment(order=order, **given | columns)


def refund_of(order: Order, **columns: Any) -> Refund:
    """Return a refund that is not written down yet."""
    given: dict[str, Any] = {
        "status": "due", "amount": Decimal("1.00"), "currency": "BRL", "reason": "-", "created_at": MONDAY,
        "actor_kind": "system",
    }  # fmt: skip
    return Refund(order=order, **given | columns)


def worth_a_refund() -> Order:
    """Return an order for which money has come."""
    order = by_card()
    Order.objects.filter(pk=order.pk).update(paid=order.total)
    return order


def write(row: Payment | Refund, *, reason: str = "") -> None:
    run_unit_of_work(history.write, row=row, actor=STAFF, now=LATER, reason=reason)


def move(row: Payment | Refund, target: str, *, actor: Actor = STAFF, **more: Any) -> None:
    run_unit_of_work(history.move, row=row, target=target, actor=actor, now=LATER, **more)


def told() -> list[tuple[str, ...]]:
    """Return what the shop has been told since it was last asked, each once, with the row it is about."""
    names = ("money.received", "refund.given_back", "refund.came_back", "attempt.given_up", "refund.due")
    found = OutboxMessage.objects.filter(name__in=names).order_by("pk")
    heard = list(dict.fromkeys((one.name, *(f"{key} {value}" for key, value in one.payload.items())) for one in found))
    assert {one.occurred_at for one in found} <= {LATER}
    found.delete()
    return heard


def test_a_step_says_from_where_to_where_by_whom_and_why(gateway: StandIn) -> None:
    order = worth_a_refund()
    payment, refund = payment_of(order), refund_of(order)
    write(payment, reason="r" * 201)
    write(refund)
    move(payment, "failed", actor=GATEWAY, reason="w" * 201, failure="declined", looked_at=LATER)
    columns = ("payment", "refund", "from_status", "to_status", "amount", "reason", "at")
    assert list(MoneyStep.objects.order_by("pk").values_list(*columns)) == [
        (payment.pk, None, "", "pending", Decimal("59.90"), "r" * 200, LATER),
        (None, refund.pk, "", "due", Decimal("1.00"), "", LATER),
        (payment.pk, None, "pending", "failed", Decimal("59.90"), "w" * 200, LATER),
    ]
    actors = [(step.actor_kind, step.actor_id, step.door) for step in MoneyStep.objects.order_by("pk")]
    assert actors == [("staff", STAFF.id, STAFF.door)] * 2 + [("gateway", NAME, "task")]
    payment.refresh_from_db()
    assert (payment.status, payment.failure, payment.looked_at) == ("failed", "declined", LATER)


def test_a_row_is_written_once(gateway: StandIn) -> None:
    payment = payment_of(by_card())
    write(payment)
    with pytest.raises(IntegrityError, match="payments_payment_pkey"):
        write(payment)
    assert MoneyStep.objects.count() == 1


def test_a_step_that_no_table_knows_is_refused_with_those_there_are(gateway: StandIn) -> None:
    order = worth_a_refund()
    payment, refund = payment_of(order), refund_of(order)
    write(payment)
    write(refund)
    wrong: list[tuple[Payment | Refund, str, list[str]]] = [
        (payment, "refused", ["cancelled", "expired", "failed", "succeeded"]), (refund, "refused", ["sent", "succeeded"]),
        (refund, "expired", ["sent", "succeeded"]),
    ]  # fmt: skip
    for row, target, allowed in wrong:
        origin = row.status
        with pytest.raises(InvalidTransition) as refused:
            move(row, target)
        assert refused.value.data == {"from": origin, "allowed": allowed}
        row.refresh_from_db()
        assert row.status == origin
    assert MoneyStep.objects.count() == 2


def test_the_shop_is_told_of_money_that_came_once_it_is_there(gateway: StandIn) -> None:
    order = by_card()
    late, at_once = payment_of(order), payment_of(order, status="succeeded", received_at=LATER, method="transfer")
    write(late)
    assert told() == []
    write(at_once)
    assert told() == [("money.received", f"payment {at_once.public_id}")]
    move(late, "failed")
    assert told() == []
    move(late, "succeeded", received_at=LATER)
    assert told() == [("money.received", f"payment {late.public_id}")]


def test_the_shop_is_told_of_money_that_went_back_and_of_money_that_came_back_from_there(gateway: StandIn) -> None:
    order = worth_a_refund()
    refund, at_once = refund_of(order), refund_of(order, status="succeeded", returned_at=LATER)
    write(refund)
    move(refund, "sent")
    assert told() == []
    move(refund, "succeeded", returned_at=LATER)
    assert told() == [("refund.given_back", f"refund {refund.public_id}")]
    move(refund, "refused", actor=GATEWAY)
    assert told() == [("refund.came_back", f"refund {refund.public_id}")]
    move(refund, "sent")
    move(refund, "refused", actor=GATEWAY)
    assert told() == []
    write(at_once)
    assert told() == [("refund.given_back", f"refund {at_once.public_id}")]


@pytest.mark.parametrize(
    ("target", "by", "through", "closed"),
    [
        ("cancelled", STAFF, NAME, True),
        ("expired", SYSTEM, NAME, True),
        ("failed", STAFF, NAME, False),
        ("cancelled", GATEWAY, NAME, False),
        ("expired", GATEWAY, NAME, False),
        ("cancelled", STAFF, "transfer", False),
    ],
)
def test_an_attempt_that_we_give_up_is_closed_at_its_gateway(
    gateway: StandIn, target: str, by: Actor, through: str, closed: bool
) -> None:
    payment = payment_of(by_card(), gateway=through)
    write(payment)
    move(payment, target, actor=by)
    assert told() == ([("attempt.given_up", f"payment {payment.public_id}")] if closed else [])


def test_a_debt_through_a_gateway_is_sent_and_one_by_hand_is_not(gateway: StandIn) -> None:
    order = worth_a_refund()
    through, hand = payment_of(order), payment_of(order, gateway="transfer", method="transfer")
    for payment in (through, hand):
        write(payment)
    ways: list[tuple[Payment | None, bool]] = [(through, True), (hand, False), (None, False)]
    for came, sent in ways:
        refund = run_unit_of_work(
            owing.write_debt, order=order, payment=came, amount=Decimal("1.00"), reason="-", now=LATER
        )
        assert told() == ([("refund.due", f"refund {refund.public_id}")] if sent else [])


class TestWithoutDelay:
    """Whatever is told is delivered as soon as it is written down, and nobody is woken for nothing."""

    @pytest.fixture
    def wakes(
        self,
        gateway: StandIn,
        settings: Settings,
        monkeypatch: pytest.MonkeyPatch,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> Callable[..., bool]:
        """Return what says whether a step, run by itself, wakes whoever delivers."""
        sent: list[str] = []
        monkeypatch.setattr("config.celery.send", lambda name, **options: sent.append(name))

        def woken(step: Callable[..., Any], **wanted: Any) -> bool:
            outbox.relay(now=MONDAY)  # who delivers sleeps once nothing is left
            settings.OUTBOX_WAKE = True
            sent.clear()
            with django_capture_on_commit_callbacks(execute=True):
                run_unit_of_work(step, **wanted)
            settings.OUTBOX_WAKE = False
            return sent == ["common.tasks.relay_outbox"]

        return woken

    def test_of_money_and_of_attempts(self, wakes: Callable[..., bool]) -> None:
        order = by_card()
        who: dict[str, Any] = {"actor": STAFF, "now": LATER}
        payment, other = payment_of(order), payment_of(order, method="pix")
        assert not wakes(history.write, row=payment, **who)
        assert wakes(history.move, row=payment, target="succeeded", received_at=LATER, **who)
        write(other)
        assert wakes(history.move, row=other, target="cancelled", **who)

    def test_of_refunds(self, wakes: Callable[..., bool]) -> None:
        order = worth_a_refund()
        who: dict[str, Any] = {"actor": STAFF, "now": LATER}
        refund = refund_of(order)
        write(payment_of(order))
        assert not wakes(history.write, row=refund, **who)
        assert not wakes(history.move, row=refund, target="sent", **who)
        assert wakes(history.move, row=refund, target="succeeded", returned_at=LATER, **who)
        assert wakes(history.move, row=refund, target="refused", **who)
        debt: dict[str, Any] = {"order": order, "amount": Decimal("1.00"), "reason": "-", "now": LATER}
        assert wakes(owing.write_debt, payment=Payment.objects.get(), **debt)
        assert not wakes(owing.write_debt, payment=None, **debt)

    def test_of_cases_and_events(self, wakes: Callable[..., bool], gateway: StandIn) -> None:
        case: dict[str, Any] = {"kind": "unknown", "about": "x", "now": LATER}
        assert wakes(cases.open_case, **case)
        assert not wakes(cases.open_case, **case)
        event = gateway.verify_event(delivery(), now=LATER)
        heard: dict[str, Any] = {"gateway": gateway, "event": event, "pulled": False, "now": LATER}
        assert wakes(events.store, **heard)
        assert not wakes(events.store, **heard)


def test_only_the_attempts_of_one_way_of_one_order_are_given_up(gateway: StandIn) -> None:
    order, other = by_card(), by_card()
    mine, foreign = begin(order), begin(other)
    pix = payment_of(order, method="pix")
    over = payment_of(order, status="failed")
    for row in (pix, over):
        write(row)
    wanted: dict[str, Any] = {"order": order, "method": "card", "reason": "sold", "actor": STAFF, "now": LATER}
    with pytest.raises(RuntimeError, match=r"^give_up_attempts must run within"):
        give_up_attempts(**wanted)
    run_unit_of_work(give_up_attempts, **wanted)
    statuses = {row.pk: row.status for row in Payment.objects.all()}
    assert statuses == {mine.pk: "cancelled", foreign.pk: "pending", pix.pk: "pending", over.pk: "failed"}
    step = MoneyStep.objects.filter(payment=mine).order_by("pk").last()
    assert step is not None
    assert (step.reason, step.actor_id, step.at) == ("sold", STAFF.id, LATER)


def test_an_event_is_ticked_off_once_within_what_follows_from_it(gateway: StandIn) -> None:
    payment = begin(by_card())
    event, other = (
        GatewayEvent.objects.create(gateway=NAME, event_id=name, kind="x", body=b"", received_at=MONDAY)
        for name in ("evt-1", "evt-2")
    )
    with pytest.raises(RuntimeError, match=r"^close_event must run within"):
        close_event(event=None, now=LATER)
    run_unit_of_work(close_event, event=None, now=LATER)
    run_unit_of_work(close_event, event=event, now=LATER, payment=payment, status="ignored", note="n" * 201)
    run_unit_of_work(close_event, event=event, now=LATER + timedelta(minutes=1), note="again")
    event.refresh_from_db()
    other.refresh_from_db()
    assert (event.status, event.handled_at, event.note, event.payment) == ("ignored", LATER, "n" * 200, payment)
    assert (other.status, other.handled_at) == ("received", None)
