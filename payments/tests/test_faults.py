"""What goes wrong with money elsewhere, each tried here: attempts that end, memory that is lost, looks that pay."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from common import redis
from common.errors import InvalidTransition
from common.money import money, split
from common.testing import statements
from inventory.errors import OutOfStock
from inventory.models import StockItem
from orders import services as orders
from orders.tests.factories import ALL, GUEST, MONDAY, STAFF, cancel, cart_with, hand_over, ordered, placement_of
from payments import services as payments
from payments.gateways.protocol import PaymentFact
from payments.models import Payment, Refund
from payments.services import Arrival
from payments.tests.by_card import DEADLINE, LATER, begin, by_card, cases, gateway, relay, rows, stands, tell
from payments.tests.stand_in import StandIn

pytestmark = pytest.mark.django_db
__all__ = ["gateway"]


@pytest.mark.fault("L17")
@pytest.mark.parametrize("ended", ["failed", "expired", "cancelled"])
def test_the_end_of_an_old_attempt_leaves_an_order_alone_that_another_has_paid(gateway: StandIn, ended: Any) -> None:
    order = by_card()
    old = begin(order)
    first = gateway.payments[old.key]
    tell(gateway, gateway.pay(old, status="failed"))
    tell(gateway, gateway.pay(begin(order)))
    assert stands(order) == ("confirmed", "59.90", "0.00")
    tell(gateway, PaymentFact(**{**vars(first), "status": ended}), now=DEADLINE)
    orders.expire_due_orders(now=DEADLINE + timedelta(days=1))
    payments.look_after_money(now=DEADLINE + timedelta(days=1))
    assert stands(order) == ("confirmed", "59.90", "0.00")
    assert sorted(status for status, _amount in rows()) == ["failed", "succeeded"]


@pytest.mark.fault("L17")
def test_an_attempt_by_card_runs_out_after_a_transfer_has_paid(gateway: StandIn) -> None:
    order = by_card()
    attempt = begin(order)
    arrival = Arrival.by_hand(method="transfer", amount=order.total, reference="TED")
    payments.record_arrival(number=order.number, arrival=arrival, actor=STAFF, now=LATER)
    tell(gateway, gateway.pay(attempt, status="expired"), now=DEADLINE)
    assert stands(order) == ("confirmed", "59.90", "0.00")
    assert cases() == []


@pytest.mark.fault("C4")
def test_a_late_pending_never_downgrades_even_after_a_refund(gateway: StandIn) -> None:
    order = by_card()
    payment = begin(order)
    waiting = gateway.payments[payment.key]
    tell(gateway, gateway.pay(payment))
    cancel(order=order, now=LATER)
    relay(LATER)
    tell(gateway, waiting)
    assert stands(order) == ("cancelled", "59.90", "59.90")
    assert rows() == [("succeeded", "59.90")]


@pytest.mark.fault("L3")
def test_what_redis_has_forgotten_between_order_and_event_is_not_missed(gateway: StandIn) -> None:
    order = by_card()
    fact = gateway.pay(begin(order))
    redis.client().flushdb()
    tell(gateway, fact)
    assert stands(order) == ("confirmed", "59.90", "0.00")


@pytest.mark.fault("L18")
def test_two_waiting_orders_cannot_both_be_paid_for_one_unit(gateway: StandIn) -> None:
    first = ordered(units={"BOLO": 5}, payment_method="transfer")
    with pytest.raises(OutOfStock):
        ordered(units={"BOLO": 1}, payment_method="transfer")
    assert first.expires_at is not None
    late = first.expires_at + timedelta(minutes=1)
    second = ordered(units={"BOLO": 5}, payment_method="transfer", now=late)  # what ran out keeps nothing any more
    for order in (second, first):
        arrival = Arrival.by_hand(method="transfer", amount=order.total, reference="TED")
        payments.record_arrival(number=order.number, arrival=arrival, actor=STAFF, now=late)
    assert (stands(second)[0], stands(first)[0], cases()) == ("confirmed", "expired", ["too_late"])
    assert [refund.amount for refund in Refund.objects.filter(order=first)] == [first.total]
    item = StockItem.objects.get()
    assert (item.on_hand, item.reserved) == (5, 5)


@pytest.mark.fault("L18")
def test_a_cancelled_order_with_goods_that_are_gone_is_refunded_without_them(gateway: StandIn) -> None:
    order = ordered(units={"BOLO": 1}, payment_method="transfer")
    payments.confirm_order(
        number=order.number, amount=order.total, reference="TED", access=ALL, actor=STAFF, now=MONDAY
    )
    hand_over(order=order)
    with pytest.raises(InvalidTransition):
        cancel(order=order)
    payments.refund_order(
        number=order.number, amount=None, handed_back=[], restock=False, reason="Estragou", access=ALL, actor=STAFF,
        now=MONDAY,
    )  # fmt: skip
    assert (stands(order), StockItem.objects.get().on_hand) == (("confirmed", "59.90", "59.90"), 4)


@pytest.mark.fault("C18")
@pytest.mark.parametrize("target", ["pending", "failed", "expired", "cancelled"])
def test_no_hand_leads_away_from_money_that_is_there(gateway: StandIn, target: str) -> None:
    tell(gateway, gateway.pay(begin(by_card())))
    with pytest.raises(IntegrityError, match="may not go from succeeded"), transaction.atomic():
        Payment.objects.update(status=target)


@pytest.mark.fault("C19")
@pytest.mark.parametrize("what", ["UPDATE {} SET amount = 1", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_history_of_money_is_closed(gateway: StandIn, what: str) -> None:
    begin(by_card())
    with (
        pytest.raises(IntegrityError, match="may not be changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; " + what.format("payments_moneystep"))


@pytest.mark.fault("C20")
@settings(max_examples=200)
@given(
    lines=st.lists(st.integers(min_value=1, max_value=500_000), min_size=1, max_size=12),
    percent=st.integers(min_value=0, max_value=100),
    refunds=st.lists(st.integers(min_value=1, max_value=100), min_size=1, max_size=8),
)
def test_a_share_of_the_lines_and_of_the_payments_adds_up(
    lines: Sequence[int], percent: int, refunds: Sequence[int]
) -> None:
    prices = [Decimal(cents) / 100 for cents in lines]
    discount = money(sum(prices, Decimal(0)) * percent / 100)
    parts = split(amount=discount, weights=[price * 100 for price in prices])
    left = [price - part for price, part in zip(prices, parts, strict=True)]
    assert sum(left) == sum(prices) - discount
    assert min(left) >= Decimal("0.00")
    assert sum(split(amount=sum(left, Decimal(0)), weights=refunds)) == sum(left)


@pytest.mark.fault("A23")
def test_a_sought_after_row_is_taken_last_and_nothing_is_thought_about_behind_it(gateway: StandIn) -> None:
    """Prices, policy and people are read before the units are taken; behind that stands what is written, and no more."""
    with statements() as kept:
        cart = cart_with(units={"BOLO": 1})
    wish = placement_of(cart=cart)
    with statements() as placed:
        orders.place_order(placement=wish, customer_id=None, actor=GUEST, now=MONDAY)
    assert behind_the_units(kept) == []
    (written,) = behind_the_units(placed)
    assert "INSERT INTO orders_order" in written


def behind_the_units(said: Sequence[str]) -> list[str]:
    """Return what is asked of the database between taking units and the commit."""
    taken = next(place for place, sql in enumerate(said) if sql.lstrip().startswith("WITH wanted"))
    return [sql for sql in said[taken + 1 :] if not sql.startswith("RELEASE")]
