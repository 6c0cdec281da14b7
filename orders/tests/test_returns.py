"""Units that come back, by a return, by a refund, or by both: on the shelf once."""

from decimal import Decimal
from uuid import UUID

import pytest

from inventory.models import StockItem
from operations.integrity import findings
from orders import services as orders
from orders.errors import TooManyUnits
from orders.models import Order
from orders.services import Handover
from orders.tests.factories import ALL, MONDAY, STAFF, hand_over, ordered, stocked
from payments import services as payments

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    stocked(sku="BREAD", units=10)
    order = ordered(units={"BREAD": 2})
    payments.begin_payment(number=order.number, method="on_site", access=ALL, actor=STAFF, now=MONDAY)
    return order


def refund(order: Order, *, units: int) -> None:
    payments.refund_order(
        number=order.number,
        amount=Decimal("1.00"),
        handed_back=[Handover(line=order.lines.get().public_id, quantity=units)],
        restock=True,
        reason="Stale",
        access=ALL,
        actor=STAFF,
        now=MONDAY,
    )


def give_back(order: Order, fulfilment: UUID) -> None:
    orders.advance_fulfilment(
        number=order.number, fulfilment_id=fulfilment, verb="return", access=ALL, actor=STAFF, now=MONDAY
    )


def on_hand() -> int:
    return StockItem.objects.get().on_hand


@pytest.mark.parametrize("refunded", [1, 2])
def test_a_return_after_a_refund_brings_back_the_rest(order: Order, refunded: int) -> None:
    fulfilment = hand_over(order=order)
    assert on_hand() == 8
    refund(order, units=refunded)
    assert on_hand() == 8 + refunded
    give_back(order, fulfilment)
    assert on_hand() == 10
    assert findings(now=MONDAY) == []


def test_a_refund_after_a_return_brings_back_nothing(order: Order) -> None:
    give_back(order, hand_over(order=order))
    with pytest.raises(TooManyUnits):
        refund(order, units=1)
    assert on_hand() == 10
    assert findings(now=MONDAY) == []
