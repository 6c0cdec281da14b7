"""Goods handed over: what leaves the shelf, once, and only what the order owns."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from common.errors import InvalidTransition, Malformed, NotFound, Refusal
from common.models import OutboxMessage
from common.testing import race
from common.transactions import unit_of_work
from inventory.models import StockItem, StockMovement, StockReservation
from orders import services as orders
from orders.errors import TooManyUnits
from orders.models import Fulfilment, FulfilmentLine, Order
from orders.selectors import Access
from orders.services import Handover
from orders.tests.factories import ALL, MONDAY, STAFF, cancel, hand_over, ordered, stocked
from payments import services as payments

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def order() -> Order:
    """Four cakes, confirmed."""
    stocked(sku="BOLO", units=9, price="20.00")
    return ordered(units={"BOLO": 4})


def begin(order: Order, *quantities: int, line: UUID | None = None) -> UUID:
    wanted = [Handover(line=line or order.lines.get().public_id, quantity=quantity) for quantity in quantities]
    begun = orders.begin_fulfilment(number=order.number, handovers=wanted, tracking="", access=ALL, now=MONDAY)
    return begun.public_id


def step(order: Order, fulfilment: UUID, *verbs: str, access: Access = ALL) -> str:
    for verb in verbs:
        done = orders.advance_fulfilment(
            number=order.number, fulfilment_id=fulfilment, verb=verb, access=access, actor=STAFF, now=MONDAY
        )
    return str(done.status)


def everything() -> Any:
    tables = (Order, Fulfilment, FulfilmentLine, StockItem, StockMovement, StockReservation, OutboxMessage)
    return [list(model.objects.order_by("pk").values()) for model in tables]


def unchanged(kind: type[Refusal], act: Any) -> Refusal:
    before = everything()
    with pytest.raises(kind) as caught:
        act()
    assert everything() == before
    return caught.value


def figures() -> tuple[int, int]:
    return StockItem.objects.values_list("on_hand", "reserved").get()


def claimed_and_gone(order: Order) -> tuple[int, int]:
    claim = order.lines.get().claim
    claimed = sum(StockReservation.objects.filter(claim=claim).values_list("quantity", flat=True))
    return claimed, -sum(StockMovement.objects.filter(claim=claim).values_list("delta", flat=True))


def test_what_is_claimed_and_what_is_gone_add_up_to_what_was_sold(order: Order) -> None:
    assert claimed_and_gone(order) == (4, 0)
    first = begin(order, 1)
    step(order, first, "pick", "ready")
    assert claimed_and_gone(order) == (4, 0)
    step(order, first, "deliver")
    assert (claimed_and_gone(order), figures()) == ((3, 1), (8, 3))
    step(order, begin(order, 3), "pick", "ready", "deliver")
    assert (claimed_and_gone(order), figures()) == ((0, 4), (5, 0))


def test_more_than_was_sold_is_never_handed_over(order: Order) -> None:
    assert unchanged(TooManyUnits, lambda: begin(order, 5)).data["left"] == 4
    begin(order, 3)
    assert unchanged(TooManyUnits, lambda: begin(order, 2)).data["left"] == 1
    step(order, begin(order, 1), "pick", "ready", "deliver", "return")
    assert unchanged(TooManyUnits, lambda: begin(order, 1)).data["left"] == 0


def test_goods_of_other_orders_are_not_handed_over(order: Order) -> None:
    other = ordered(units={"BOLO": 1})
    fulfilment = begin(other, 1)
    for line in (other.lines.get().public_id, uuid4()):
        refusal = unchanged(Malformed, lambda line=line: begin(order, 1, line=line))
        assert "unknown" in str(refusal.data)
    assert "repeated" in str(unchanged(Malformed, lambda: begin(order, 1, 1)).data)
    unchanged(NotFound, lambda: step(order, fulfilment, "pick"))
    unchanged(NotFound, lambda: step(Order(number="NOBODY"), fulfilment, "pick"))
    unchanged(NotFound, lambda: step(other, fulfilment, "pick", access=Access()))


def test_only_a_confirmed_order_is_handed_over(order: Order) -> None:
    fulfilment = begin(order, 4)
    step(order, fulfilment, "pick")
    cancel(order=order)
    assert Fulfilment.objects.get().status == "cancelled"
    unchanged(InvalidTransition, lambda: step(order, fulfilment, "ready"))
    unchanged(InvalidTransition, lambda: begin(order, 1))
    pending = ordered(units={"BOLO": 1}, payment_method="transfer")
    unchanged(InvalidTransition, lambda: begin(pending, 1))


def test_a_completed_order_can_still_come_back(order: Order) -> None:
    fulfilment = hand_over(order=order)
    with unit_of_work():
        orders.record_money(order=orders.locked_order(number=order.number, access=ALL), received=order.total)
    orders.complete_order(number=order.number, access=ALL, actor=STAFF, now=MONDAY)
    assert step(order, fulfilment, "return") == "returned"
    assert figures() == (9, 0)


def given_back(order: Order) -> None:
    with unit_of_work():
        locked = orders.locked_order(number=order.number, access=ALL)
        orders.record_money(order=locked, received=order.total)
        orders.record_money(order=locked, returned=order.total)


def test_what_was_wholly_refunded_is_not_handed_over(order: Order) -> None:
    fulfilment = begin(order, 1)
    step(order, fulfilment, "pick")
    given_back(order)
    for act in (
        lambda: begin(order, 1),
        lambda: step(order, fulfilment, "ready"),
        lambda: payments.hand_over(number=order.number, tender="", expected=None, access=ALL, actor=STAFF, now=MONDAY),
        lambda: orders.complete_order(number=order.number, access=ALL, actor=STAFF, now=MONDAY),
    ):
        assert "completed" not in str(unchanged(InvalidTransition, act).data)
    with unit_of_work():  # paid for again at the counter, it is handed over like any other
        orders.record_money(order=orders.locked_order(number=order.number, access=ALL), received=order.total)
    assert step(order, fulfilment, "ready", "deliver") == "delivered"


def test_what_left_the_shop_and_was_refunded_comes_back(order: Order) -> None:
    fulfilment = hand_over(order=order)
    given_back(order)
    assert step(order, fulfilment, "return") == "returned"
    assert figures() == (9, 0)


def test_each_step_is_told_once(order: Order) -> None:
    step(order, begin(order, 4), "pick", "ready", "deliver")
    names = OutboxMessage.objects.filter(name__startswith="fulfilment.").values_list("name", flat=True)
    assert list(names) == ["fulfilment.ready"]  # nobody has asked to hear of the delivery


def test_the_same_units_cannot_leave_twice_even_by_hand(order: Order) -> None:
    fulfilment = hand_over(order=order)
    Fulfilment.objects.filter(public_id=fulfilment).update(status="ready")
    with pytest.raises(RuntimeError, match="keeps fewer"):
        step(order, fulfilment, "deliver")
    assert figures() == (5, 0)


@pytest.mark.parametrize(
    ("model", "changes", "constraint"),
    [
        (Fulfilment, {"status": "lost"}, "fulfilment_status_known"),
        (FulfilmentLine, {"quantity": 0}, "fulfilmentline_quantity_positive"),
    ],
)
def test_the_constraints_judge(order: Order, model: Any, changes: dict[str, Any], constraint: str) -> None:
    begin(order, 1)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.update(**changes)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_attendants_hand_the_same_units_over_once(order: Order) -> None:
    fulfilment = begin(order, 4)
    step(order, fulfilment, "pick", "ready")
    results = race(workers=6, work=lambda _number: step(order, fulfilment, "deliver"))
    assert results.count("delivered") == 1
    assert sum(isinstance(result, InvalidTransition) for result in results) == 5
    assert (figures(), StockMovement.objects.filter(kind="sold").count()) == ((5, 0), 1)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_attendants_begin_no_more_than_there_is(order: Order) -> None:
    results = race(workers=6, work=lambda _number: begin(order, 3))
    assert sum(isinstance(result, UUID) for result in results) == 1
    assert sum(isinstance(result, TooManyUnits) for result in results) == 5
