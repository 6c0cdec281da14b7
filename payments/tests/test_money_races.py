"""Money in a crowd: long races, refunds by the hundred, and ends that meet. `--races 1500` makes the long ones longer.

Whoever is told that the shop is busy asks again, as a gateway, the outbox and a patient person do; nothing else may go
wrong, and nothing may be left that somebody has to put right.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec
import pytest
from django.db import connection

from accounts.tests.doors import post, refused, staff_with
from common.errors import Busy, Refusal
from common.testing import race
from inventory.models import StockItem, StockMovement
from inventory.tests.factories import stocked
from orders import services as orders
from orders.models import FulfilmentLine, Order, OrderEvent
from orders.services import Handover
from orders.tests.doors import ALL_RIGHTS
from orders.tests.factories import ALL, GUEST, MONDAY, STAFF, cancel, cart_with, hand_over, ordered, placement_of
from payments import services as payments
from payments.errors import RefundExceedsPaid
from payments.gateways.protocol import Delivery, DisputeFact, Told
from payments.models import MoneyCase, Payment, Refund
from payments.services import Arrival
from payments.tests.by_card import begin, by_card, clean, gateway, relay, tell
from payments.tests.stand_in import NAME, SECRET, StandIn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race, pytest.mark.timeout(7200)]
ORDERS, BUYERS, SWEEPS = 10, 4, 2
TOTAL = Decimal("59.90")

__all__ = ["gateway"]


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def patiently(act: Callable[[], Any]) -> Any:
    """Return what came of it in the end; a refusal that is final comes back as it is."""
    for _time in range(100):
        try:
            return act()
        except Busy:
            continue
        except Refusal as refusal:
            return refusal
    raise AssertionError("busy a hundred times")


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do everything at one moment. Raises what is no refusal."""
    found = race(workers=len(acts), work=lambda number: patiently(acts[number]))
    for one in found:
        if isinstance(one, BaseException) and not isinstance(one, Refusal):
            raise one
    return found


def transferred(*, units: int = 1) -> Order:
    order = ordered(units={"BOLO": units}, payment_method="transfer")
    payments.confirm_order(
        number=order.number, amount=order.total, reference="TED", access=ALL, actor=STAFF, now=MONDAY
    )
    order.refresh_from_db()
    return order


def give_back(order: Order, *, amount: str | None = None, units: int = 0, restock: bool = False) -> Any:
    line = order.lines.get().public_id
    return payments.refund_order(
        number=order.number, amount=Decimal(amount) if amount else None, restock=restock, reason="Aos poucos",
        handed_back=[Handover(line=line, quantity=units)] if units else [], access=ALL, actor=STAFF, now=MONDAY,
    )  # fmt: skip


@pytest.mark.fault("C1")
def test_payment_against_expiry(races: int, gateway: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """Orders whose money comes while they run out, and buyers who want their units: one exit each, nothing stranded."""
    ends: Counter[str] = Counter()
    before = deadlocks()
    for round_number in range(-(-races // ORDERS)):
        sku = f"BOLO{round_number}"
        stocked(sku=sku, units=ORDERS, price="59.90")
        _meet(sku=sku, ends=ends)
    clean(MONDAY + timedelta(days=3))
    assert ends["orders"] >= races
    assert ends["in time"] + ends["revived"] + ends["too late"] == ends["orders"]
    assert min(ends["in time"], ends["revived"] + ends["too late"]) > 0, ends
    with capsys.disabled():
        met = deadlocks() - before
        sys.stdout.write(f"\npayment against expiry: {dict(ends)}; deadlocks met {met}, left 0, stranded 0\n")


def _meet(*, sku: str, ends: Counter[str]) -> None:
    placed = [ordered(units={sku: 1}, payment_method="transfer") for _place in range(ORDERS)]
    deadline = placed[0].expires_at
    assert deadline is not None
    acts: list[Callable[[], Any]] = [partial(_pay, order, deadline - timedelta(seconds=1)) for order in placed]
    acts += [partial(orders.expire_due_orders, now=deadline, batch=3) for _place in range(SWEEPS)]
    acts += [partial(_buy, sku=sku, now=deadline) for _place in range(BUYERS)]
    at_once(acts)
    relay(deadline)
    for order in placed:
        order.refresh_from_db()
        ends[_end_of(order)] += 1
        ends["orders"] += 1


def _pay(order: Order, now: datetime) -> Payment:
    """Bring the money; who is told to come again comes later, and by then the time may be over."""
    arrival = Arrival(amount=TOTAL, gateway="pix", method="pix", gateway_reference=f"e2e-{order.number}")
    for seconds in range(60):
        at = now + timedelta(seconds=seconds)
        with suppress(Busy):
            return payments.record_arrival(number=order.number, arrival=arrival, actor=GUEST, now=at)
    raise AssertionError("busy for a minute")


def _buy(*, sku: str, now: datetime) -> Any:
    wish = placement_of(cart=cart_with(units={sku: 1}, now=now), payment_method="on_site")
    return orders.place_order(placement=wish, customer_id=None, actor=GUEST, now=now)


def _end_of(order: Order) -> str:
    """Return how an order ended whose money came once; asserts that it left pending once and its money is somewhere."""
    exits = OrderEvent.objects.filter(order=order, from_status="pending").count()
    owed = sum(refund.amount for refund in Refund.objects.filter(order=order))
    payment = Payment.objects.get(order=order, status="succeeded")
    assert (exits, order.paid, payment.amount) == (1, TOTAL, TOTAL)
    case = MoneyCase.objects.filter(order=order).values_list("kind", flat=True).first()
    if order.status == "confirmed":
        assert (owed, case) in {(0, None), (0, "revived")}
        return "revived" if case else "in time"
    assert (order.status, owed, case) == ("expired", TOTAL, "too_late")
    return "too late"


@pytest.mark.fault("C15")
def test_200_refunds_at_once_give_back_what_was_paid_and_no_cent_more(gateway: StandIn) -> None:
    order = transferred()
    found = at_once([partial(_several, order, 5) for _place in range(40)])
    answers = [one for several in found for one in several]
    refusals = [one for one in answers if isinstance(one, Refusal)]
    assert (len(answers), len(refusals)) == (200, 81)
    assert {type(one) for one in refusals} == {RefundExceedsPaid}
    assert {one.data["refundable"] for one in refusals} == {"0.40"}
    order.refresh_from_db()
    assert (order.refunded, Refund.objects.count()) == (Decimal("59.50"), 119)
    assert sum(refund.amount for refund in Refund.objects.all()) == Decimal("59.50")
    wish = {"amount": "0.50", "reason": "x", "restock": False}
    door = post(f"/orders/{order.number}/refunds/", wish, key="k", user=staff_with(*ALL_RIGHTS))
    assert refused(door, 409, "refund_exceeds_paid")["refundable"] == "0.40"
    give_back(order, amount="0.40")
    order.refresh_from_db()
    assert order.refunded == order.paid
    clean(MONDAY)


def _several(order: Order, times: int) -> list[Any]:
    return [patiently(partial(give_back, order, amount="0.50")) for _time in range(times)]


@pytest.mark.fault("L4")
def test_ten_cancels_of_a_paid_order_give_the_units_back_once_and_owe_one_refund(gateway: StandIn) -> None:
    order = transferred(units=2)
    at_once([partial(cancel, order=order) for _place in range(10)])
    at_once([partial(relay, MONDAY) for _place in range(4)])
    relay(MONDAY + timedelta(minutes=1))
    order.refresh_from_db()
    assert order.status == "cancelled"
    assert OrderEvent.objects.filter(order=order, to_status="cancelled").count() == 1
    assert StockItem.objects.values_list("on_hand", "reserved").get() == (5, 0)
    assert [(refund.amount, refund.status) for refund in Refund.objects.all()] == [(Decimal("119.80"), "due")]
    clean(MONDAY)


@pytest.mark.fault("C15")
def test_refunds_by_line_with_and_without_restock_meet(gateway: StandIn) -> None:
    order = transferred(units=3)
    hand_over(order=order)
    on_hand = StockItem.objects.get().on_hand
    found = at_once([partial(give_back, order, units=1, restock=place % 2 == 0) for place in range(12)])
    made = [one for one in found if not isinstance(one, Refusal)]
    assert len(made) == 3
    order.refresh_from_db()
    assert order.refunded == order.paid == Decimal("179.70")
    back = StockItem.objects.get().on_hand - on_hand
    assert 0 <= back <= 3
    assert back == sum(StockMovement.objects.filter(kind="returned").values_list("delta", flat=True))
    clean(MONDAY)


@pytest.mark.fault("C17")
def test_a_refund_meets_a_dispute(gateway: StandIn) -> None:
    order = by_card()
    payment = begin(order)
    fact = gateway.pay(payment)
    tell(gateway, fact)
    payment.refresh_from_db()
    told = DisputeFact(reference="dp-1", payment=fact.reference, amount=TOTAL, currency="BRL", status="open")
    acts = [partial(_disputed, told) for _place in range(3)] + [partial(give_back, order) for _place in range(3)]
    found = at_once(acts)
    assert sum(isinstance(one, RefundExceedsPaid) for one in found) == 2
    relay(MONDAY)
    order.refresh_from_db()
    assert (order.paid, order.refunded, order.status) == (TOTAL, TOTAL, "confirmed")
    assert list(MoneyCase.objects.values_list("kind", "status")) == [("dispute", "open")]
    assert StockItem.objects.get().on_hand == 5
    clean(MONDAY)


def _disputed(about: DisputeFact) -> None:
    said = {"id": "evt-dp-1", "kind": "dispute", "tells": msgspec.to_builtins(Told(dispute=about))}
    delivery = Delivery(body=json.dumps(said).encode(), headers={"X-Signature": SECRET}, query={})
    payments.receive_event(gateway=NAME, delivery=delivery, now=MONDAY)
    relay(MONDAY)


@pytest.mark.fault("C21")
@pytest.mark.parametrize("turn", range(6))
def test_cancelling_handing_over_and_paying_the_rest_meet(gateway: StandIn, turn: int) -> None:
    order = ordered(units={"BOLO": 1}, payment_method="transfer")
    payments.confirm_order(
        number=order.number, amount=Decimal("20.00"), reference="TED", access=ALL, actor=STAFF, now=MONDAY
    )
    rest = Arrival.by_hand(method="transfer", amount=Decimal("39.90"), reference="TED 2")
    acts: list[Callable[[], Any]] = [
        partial(cancel, order=order),
        partial(hand_over, order=order),
        partial(payments.record_arrival, number=order.number, arrival=rest, actor=STAFF, now=MONDAY),
    ]
    at_once([acts[(place + turn) % 3] for place in range(3)])
    relay(MONDAY + timedelta(minutes=1))
    order.refresh_from_db()
    owed = sum(refund.amount for refund in Refund.objects.all())
    out = FulfilmentLine.objects.filter(fulfilment__order=order).exclude(fulfilment__status="cancelled").count()
    assert order.paid == TOTAL
    if order.status == "cancelled":
        assert (owed, out, StockItem.objects.get().reserved) == (TOTAL, 0, 0)
    else:
        assert (order.status in ("confirmed", "completed"), owed, out) == (True, 0, 1)
    clean(MONDAY + timedelta(minutes=1))
