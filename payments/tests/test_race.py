"""Money when everybody comes at once: one way out of pending, nothing stranded, nothing given back twice."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from common import outbox, transactions
from common.errors import Refusal
from common.testing import race
from orders import services as orders
from orders.models import Order
from orders.tests.factories import ALL, MONDAY, STAFF, cancel, ordered
from payments import selectors
from payments import services as payments
from payments.errors import RefundExceedsPaid
from payments.models import Payment, Refund
from payments.tests.by_card import begin, by_card, clean, gateway
from payments.tests.stand_in import NAME, StandIn

pytestmark = pytest.mark.django_db(transaction=True)
DEADLINE = MONDAY + timedelta(minutes=15)

__all__ = ["gateway"]


def relay(now: Any) -> None:
    while outbox.relay(now=now):
        pass


def _act(acts: list[Callable[[], Any]], number: int) -> Any:
    return acts[number]()


@pytest.mark.fault("C1")
@pytest.mark.fault("C21")
def test_payment_expiry_cancel_and_sweep_meet_and_no_money_is_stranded(gateway: StandIn) -> None:
    for place in range(6):
        order = by_card()
        payment = begin(order)
        delivery = gateway.event(gateway.pay(payment), now=DEADLINE)
        payments.receive_event(gateway=NAME, delivery=delivery, now=DEADLINE)
        acts: list[Callable[[], Any]] = [
            partial(relay, DEADLINE),
            partial(orders.expire_due_orders, now=DEADLINE),
            partial(payments.look_after_money, now=DEADLINE + timedelta(minutes=2)),
        ]
        if place % 2:
            acts.append(partial(cancel, order=order, now=DEADLINE))
        found = race(workers=len(acts), work=partial(_act, acts))
        assert all(isinstance(one, Refusal) for one in found if isinstance(one, Exception)), found
        relay(DEADLINE + timedelta(hours=1))
        order.refresh_from_db()
        kept = order.paid - order.refunded
        assert (order.status, kept) in {("confirmed", Decimal("59.90")), ("cancelled", 0), ("expired", 0)}
        assert Payment.objects.get(order=order).status == "succeeded"
        if order.status == "confirmed":
            cancel(order=order, now=DEADLINE)  # so that the next one finds cakes
            relay(DEADLINE)
    clean(DEADLINE + timedelta(hours=1))


@pytest.mark.fault("C2")
def test_one_event_handled_by_many_at_once_is_one_payment(gateway: StandIn) -> None:
    order = by_card()
    delivery = gateway.event(gateway.pay(begin(order)), now=MONDAY)
    race(workers=4, work=lambda _n: payments.receive_event(gateway=NAME, delivery=delivery, now=MONDAY))
    race(workers=4, work=lambda _n: relay(MONDAY))
    relay(MONDAY + timedelta(hours=1))
    order.refresh_from_db()
    assert (order.status, order.paid, Payment.objects.count()) == ("confirmed", Decimal("59.90"), 1)


def test_one_attempt_is_begun_by_many_at_once(gateway: StandIn) -> None:
    order = by_card()
    found = race(workers=6, work=lambda _n: begin(order))
    assert {payment.public_id for payment in found} == {Payment.objects.get().public_id}
    assert len(gateway.payments) == 1


def _refund(order: Order, amount: str) -> Any:
    return payments.refund_order(
        number=order.number, amount=Decimal(amount), handed_back=[], restock=False, reason="Aos poucos", access=ALL,
        actor=STAFF, now=MONDAY,
    )  # fmt: skip


def _paid(gateway: StandIn) -> Order:
    order = ordered(units={"BOLO": 1}, payment_method="transfer")
    payments.confirm_order(
        number=order.number, amount=order.total, reference="TED", access=ALL, actor=STAFF, now=MONDAY
    )
    return order


@pytest.mark.fault("C15")
def test_partial_refunds_at_once_never_exceed_what_was_paid(gateway: StandIn) -> None:
    order = _paid(gateway)
    found = race(workers=12, work=lambda _n: _refund(order, "9.00"))
    refused = [one for one in found if isinstance(one, Exception)]
    assert {type(one) for one in refused} == {RefundExceedsPaid}
    assert len(refused) == 6
    order.refresh_from_db()
    assert (order.refunded, Refund.objects.count()) == (Decimal("54.00"), 6)


@pytest.mark.fault("C15")
def test_without_our_locks_the_database_still_refuses(gateway: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: nobody locks, everybody believes that all of it is left, and the trigger adds up."""
    order = _paid(gateway)
    monkeypatch.setattr(selectors, "refundable", lambda **_given: Decimal("59.90"))
    monkeypatch.setattr(transactions, "locked", lambda queryset: queryset.order_by("pk"))
    monkeypatch.setattr("orders.services.states.locked", lambda queryset: queryset.order_by("pk"))
    monkeypatch.setattr("payments.services.owing.locked", lambda queryset: queryset.order_by("pk"))
    found = race(workers=8, work=lambda _n: _refund(order, "20.00"))
    assert {type(one) for one in found if isinstance(one, Exception)} == {RefundExceedsPaid}
    given = sum(refund.amount for refund in Refund.objects.all())
    assert given == Decimal("40.00")
