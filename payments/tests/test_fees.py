"""The fee for calling off late and for not coming: what is kept, of whose money, what goes back, and giving it up."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db.models import Sum

from cart import services as carts
from common import outbox
from common.actors import Actor
from common.errors import InvalidTransition, Refusal
from common.money import money
from common.testing import race
from common.transactions import unit_of_work
from orders import services as orders
from orders.access import token_of
from orders.errors import TooLateToCancel
from orders.models import Order, OrderEvent
from orders.selectors import Access, late_fee
from orders.tests.factories import ALL, GUEST, STAFF, cart_with, late_pickup, placement_of, shown, stocked
from orders.wording import reason_text
from payments import services as payments
from payments.errors import RefundExceedsPaid
from payments.models import Refund
from payments.tests.by_card import clean
from payments.tests.stand_in import NAME, registered
from scheduling import services as scheduling
from scheduling.models import Appointment, Service
from scheduling.tests.factories import MONDAY, Salon, at, salon, set_policy, wish

pytestmark = pytest.mark.django_db

NOON = at(12, day=6)
"""When the visit begins: a Sunday the professional works on, after every deadline for money."""
EARLY = NOON - timedelta(hours=1, seconds=1)
LATE = NOON - timedelta(hours=1)
MISSED = NOON + timedelta(minutes=5)
NEXT_DAY = at(1, day=7)

NOTHING = Decimal("0.00")
PRICE = Decimal("50.01")
DEPOSITS: dict[str, dict[str, Any]] = {
    "none": {},
    "share": {"deposit_percent": 30},
    "amount": {"deposit_amount": Decimal("12.50")},
    "all": {"deposit_percent": 100},
}
ASKED = {"none": Decimal("0.00"), "share": Decimal("15.00"), "amount": Decimal("12.50"), "all": PRICE}
FEES = ("none", "deposit", "share")


@pytest.fixture(autouse=True)
def a_salon() -> Salon:
    return salon(price=str(PRICE))


def a_visit(*, fee: str, deposit: str = "none", method: str = "transfer", actor: Actor = GUEST) -> Order:
    """Order a visit on those terms."""
    set_policy(late_fee=fee, late_fee_percent=33)
    Service.objects.update(**DEPOSITS[deposit])
    cart = carts.open_cart(units=[], wishes=[wish(NOON)], customer_id=None, actor=GUEST, now=MONDAY)
    placement = replace(placement_of(cart=cart, payment_method=method), fulfilment=None)
    placed = orders.place_order(placement=placement, customer_id=None, actor=actor, now=MONDAY)
    return Order.objects.select_related("contact").get(number=placed.order.number)


def pay(order: Order, amount: Decimal) -> None:
    """Receive money for an order, however it is to be paid."""
    if amount > 0:
        payments.confirm_order(number=order.number, amount=amount, reference="x", access=ALL, actor=STAFF, now=MONDAY)


def call_off(order: Order, *, now: Any = LATE, keeps_fee: bool = True) -> None:
    orders.cancel_order(number=order.number, reason="x", access=ALL, actor=STAFF, now=now, keeps_fee=keeps_fee)
    relay(now)


def miss(order: Order) -> None:
    """Nobody comes, and the day is over."""
    scheduling.mark_no_show(
        public_id=Appointment.objects.get(bearer=order.public_id).public_id, actor=STAFF, now=MISSED
    )
    relay(MISSED)
    orders.settle_missed_visits(now=NEXT_DAY)
    relay(NEXT_DAY)


def relay(now: Any) -> None:
    while outbox.relay(now=now):
        pass


def owed(order: Order) -> Decimal:
    """Return what goes back of an order, made or still to be made."""
    return Refund.objects.filter(order=order).aggregate(sum=Sum("amount"))["sum"] or Decimal("0.00")


def agreed(*, fee: str, deposit: str) -> Decimal:
    return {"none": Decimal("0.00"), "deposit": ASKED[deposit], "share": money(PRICE * 33 / 100)}[fee]


@pytest.mark.parametrize("paid", ["nothing", "first", "whole"])
@pytest.mark.parametrize("deposit", DEPOSITS)
@pytest.mark.parametrize("fee", FEES)
@pytest.mark.parametrize("end", ["in time", "late", "late, by the shop", "missed"])
def test_only_what_was_paid_is_kept_and_the_rest_goes_back(end: str, fee: str, deposit: str, paid: str) -> None:
    desk = paid == "nothing"  # the team takes an order without its deposit
    order = a_visit(fee=fee, deposit=deposit, method="on_site" if desk else "transfer", actor=STAFF if desk else GUEST)
    pay(order, {"nothing": Decimal(0), "first": order.amount_due_now, "whole": PRICE}[paid])
    order.refresh_from_db()
    came = order.paid
    if end == "missed":
        miss(order)
    else:
        call_off(order, now=EARLY if end == "in time" else LATE, keeps_fee=end != "late, by the shop")
    order.refresh_from_db()
    settled = end != "missed" or fee != "none"  # a shop that keeps no fee decides by hand about who did not come
    kept = min(agreed(fee=fee, deposit=deposit), came) if end in ("late", "missed") else Decimal("0.00")
    assert order.late_fee == kept
    if not settled:
        assert (order.status, order.cancelled, owed(order)) == ("confirmed", NOTHING, NOTHING)
    else:
        assert (order.status, order.cancelled) == ("cancelled", PRICE)
        assert (owed(order), order.paid) == (came - kept, came)
        answer = shown(order=order, now=NEXT_DAY)
        assert (answer["late_fee"], answer["cancelled"], answer["amount_due"]) == (f"{kept:.2f}", "50.01", "0.00")
    clean(NEXT_DAY)


def test_a_customer_cancels_free_until_the_cut_off_and_not_at_it() -> None:
    order = a_visit(fee="deposit", deposit="share")
    pay(order, ASKED["share"])
    assert (late_fee(order=order_now(), now=EARLY), late_fee(order=order_now(), now=LATE)) == (NOTHING, ASKED["share"])
    cancel = partial(
        orders.cancel_order,
        number=order.number,
        reason="",
        access=Access(token=token_of(order=order), now=MONDAY),
        actor=GUEST,
    )
    with pytest.raises(TooLateToCancel):
        cancel(now=LATE)
    cancel(now=EARLY, keeps_fee=True)  # what is in time costs nothing, whoever asks
    relay(EARLY)
    order.refresh_from_db()
    assert (order.status, order.late_fee, owed(order)) == ("cancelled", 0, ASKED["share"])
    clean(LATE)


def order_now() -> Order:
    return Order.objects.select_related("contact").get()


def test_what_was_agreed_counts_and_not_what_the_shop_asks_later() -> None:
    order = a_visit(fee="share", deposit="amount")
    pay(order, PRICE)
    set_policy(late_fee="none", late_fee_percent=100, appointment_cancel_cutoff_minutes=0)
    call_off(order)
    order.refresh_from_db()
    assert (order.late_fee, owed(order)) == (Decimal("16.50"), Decimal("33.51"))


def test_waived_with_a_reason_it_goes_back_once() -> None:
    order = a_visit(fee="deposit", deposit="share")
    pay(order, PRICE)
    call_off(order)
    give_back: Any = partial(payments.refund_order, number=order.number, handed_back=[], restock=False, reason="x")
    with pytest.raises(RefundExceedsPaid) as refusal:
        give_back(amount=Decimal("15.00"), access=ALL, actor=STAFF, now=LATE)
    assert refusal.value.data == {"refundable": "0.00"}
    waive = partial(orders.waive_fee, number=order.number, access=ALL, actor=STAFF, now=LATE)
    assert waive(reason="Filho doente").late_fee == 0
    with pytest.raises(InvalidTransition):
        waive(reason="Filho doente")
    relay(LATE)
    assert sorted(Refund.objects.values_list("amount", "reason")) == [
        (Decimal("15.00"), "order.fee_waived"),
        (Decimal("35.01"), "order.cancelled"),
    ]
    last = OrderEvent.objects.filter(order=order).order_by("seq").last()
    assert last is not None
    assert (last.reason, last.actor_kind, last.to_status) == ("order.fee_waived: Filho doente", "staff", "cancelled")
    assert reason_text(reason=last.reason).endswith(": Filho doente")
    clean(LATE)


def test_a_fee_that_was_given_back_all_the_same_is_kept_no_longer() -> None:
    order = a_visit(fee="deposit", deposit="share")
    pay(order, PRICE)
    call_off(order)
    order.refresh_from_db()
    with unit_of_work():
        orders.record_money(order=order, returned=Decimal("40.01"))
    order.refresh_from_db()
    assert (order.late_fee, order.paid - order.refunded) == (Decimal("10.00"), Decimal("10.00"))


def test_of_a_missed_visit_beside_goods_only_its_line_goes() -> None:
    stocked(sku="BOLO", units=5, price="20.00")
    set_policy(late_fee="deposit")
    Service.objects.update(deposit_percent=30)
    cart = cart_with(units={"BOLO": 2})
    cart = carts.add_visit(cart_id=cart.public_id, wish=wish(NOON), customer_id=None, actor=GUEST, now=MONDAY)
    placement = placement_of(cart=cart, payment_method="transfer", pickup_at=late_pickup(now=MONDAY))
    orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=MONDAY)
    order = order_now()
    assert order.amount_due_now == Decimal("55.00")
    pay(order, order.amount_due_now)
    miss(order)
    order.refresh_from_db()
    assert (order.status, order.cancelled, order.late_fee) == ("confirmed", PRICE, Decimal("15.00"))
    answer = shown(order=order, now=NEXT_DAY)
    assert (answer["total"], answer["paid"], answer["amount_due"]) == ("90.01", "55.00", "0.00")
    assert owed(order) == 0
    clean(NEXT_DAY)


def test_while_the_day_lasts_nobody_came_can_be_undone_and_moves_no_money() -> None:
    order = a_visit(fee="share", deposit="all")
    pay(order, PRICE)
    visit = Appointment.objects.get()
    scheduling.mark_no_show(public_id=visit.public_id, actor=STAFF, now=MISSED)
    assert orders.settle_missed_visits(now=MISSED + timedelta(hours=2)) == 0
    orders.reopen_visit(appointment=visit.public_id, access=None, actor=STAFF, now=MISSED + timedelta(hours=2))
    assert orders.settle_missed_visits(now=NEXT_DAY) == 0
    order.refresh_from_db()
    assert (order.status, order.cancelled, order.late_fee) == ("confirmed", 0, 0)


def test_a_missed_visit_is_settled_once_also_in_a_completed_order() -> None:
    order = a_visit(fee="share", deposit="all")
    pay(order, PRICE)
    scheduling.mark_no_show(public_id=Appointment.objects.get().public_id, actor=STAFF, now=MISSED)
    orders.complete_order(number=order.number, access=ALL, actor=STAFF, now=MISSED)
    assert [orders.settle_missed_visits(now=NEXT_DAY) for _time in range(2)] == [1, 0]
    relay(NEXT_DAY)
    order.refresh_from_db()
    assert (order.status, order.cancelled, order.late_fee) == ("completed", PRICE, Decimal("16.50"))
    assert owed(order) == Decimal("33.51")
    clean(NEXT_DAY)


def test_by_card_the_rest_and_then_the_fee_go_back_through_the_gateway(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    gateway = registered(monkeypatch, settings)
    set_policy(payment_methods="on_site,transfer,card")
    order = a_visit(fee="share", deposit="all", method="card")
    payment = payments.begin_payment(number=order.number, method="card", access=ALL, actor=GUEST, now=MONDAY)
    payments.receive_event(gateway=NAME, delivery=gateway.event(gateway.pay(payment), now=MONDAY), now=MONDAY)
    relay(MONDAY)
    call_off(order)
    assert [refund.amount for refund in gateway.refunds.values()] == [Decimal("33.51")]
    orders.waive_fee(number=order.number, reason="x", access=ALL, actor=STAFF, now=LATE)
    relay(LATE)
    assert sorted(refund.amount for refund in gateway.refunds.values()) == [Decimal("16.50"), Decimal("33.51")]
    clean(LATE)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
@pytest.mark.parametrize("rivals", ["cancel and no-show", "settle twice", "waive twice", "settle and waive"])
def test_of_two_at_once_the_fee_is_kept_once_and_goes_back_once(rivals: str) -> None:
    order = a_visit(fee="share", deposit="all")
    pay(order, PRICE)
    visit = Appointment.objects.get()
    no_show = partial(scheduling.mark_no_show, public_id=visit.public_id, actor=STAFF, now=MISSED)
    settle = partial(orders.settle_missed_visits, now=NEXT_DAY)
    waive = partial(orders.waive_fee, number=order.number, reason="x", access=ALL, actor=STAFF, now=NEXT_DAY)
    acts: dict[str, list[Callable[[], Any]]] = {
        "cancel and no-show": [partial(call_off, order, now=MISSED), no_show],
        "settle twice": [settle, settle],
        "waive twice": [waive, waive],
        "settle and waive": [settle, waive],
    }
    if rivals != "cancel and no-show":
        no_show()
    if rivals == "waive twice":
        settle()
    found = race(workers=2, work=lambda number: acts[rivals][number]())
    assert all(isinstance(one, Refusal) for one in found if isinstance(one, Exception)), found
    settle()
    relay(NEXT_DAY)
    order.refresh_from_db()
    assert (order.status, order.cancelled) == ("cancelled", PRICE)
    waived = OrderEvent.objects.filter(order=order, reason__startswith="order.fee_waived").count()
    assert waived == {"waive twice": 1}.get(rivals, waived) <= 1
    assert order.late_fee == (0 if waived else Decimal("16.50"))
    assert owed(order) == (PRICE if waived else Decimal("33.51"))
    clean(NEXT_DAY)
