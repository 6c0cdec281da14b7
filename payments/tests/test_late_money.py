"""Money that comes late, twice or for nothing: taken up, or sent back by itself."""

import pytest

from orders import services as orders
from orders.tests.factories import ALL, MONDAY, STAFF, cancel, ordered
from payments import services as payments
from payments.models import Payment, Refund
from payments.tests.by_card import (
    DEADLINE,
    LATER,
    begin,
    by_card,
    cases,
    clean,
    gateway,
    refunds,
    relay,
    rows,
    stands,
    tell,
)
from payments.tests.stand_in import NAME, StandIn

__all__ = ["gateway"]

pytestmark = pytest.mark.django_db


@pytest.mark.fault("L2")
@pytest.mark.fault("C13")
def test_late_money_takes_the_units_again_if_they_are_free(gateway: StandIn) -> None:
    order = by_card()
    payment = begin(order)
    orders.expire_due_orders(now=DEADLINE)
    relay(DEADLINE)
    assert rows() == [("expired", "59.90")]
    tell(gateway, gateway.pay(payment), now=DEADLINE)
    assert (stands(order), rows()) == (("confirmed", "59.90", "0.00"), [("succeeded", "59.90")])
    assert (cases(), refunds()) == (["revived"], [])
    clean(DEADLINE)


@pytest.mark.fault("L2")
@pytest.mark.fault("C13")
def test_late_money_for_units_that_are_gone_goes_back_by_itself(gateway: StandIn) -> None:
    order = by_card(units=3)
    payment = begin(order)
    ordered(units={"BOLO": 5}, now=DEADLINE)
    tell(gateway, gateway.pay(payment), now=DEADLINE)
    assert stands(order) == ("expired", "179.70", "179.70")
    assert refunds() == [("succeeded", "179.70", "order.paid_too_late")]
    assert (cases(), len(gateway.refunds)) == (["too_late"], 1)
    clean(DEADLINE)


@pytest.mark.fault("L2")
def test_money_for_a_cancelled_order_goes_back_by_itself(gateway: StandIn) -> None:
    order = by_card()
    payment = begin(order)
    cancel(order=order, now=MONDAY)
    relay(MONDAY)
    assert rows() == [("cancelled", "59.90")]
    tell(gateway, gateway.pay(payment))
    assert stands(order) == ("cancelled", "59.90", "59.90")
    assert (refunds(), cases()) == ([("succeeded", "59.90", "order.paid_too_late")], ["too_late"])
    clean(LATER)


@pytest.mark.fault("C14")
def test_a_second_payment_goes_back_by_itself(gateway: StandIn) -> None:
    order = by_card()
    payment = begin(order)
    tell(gateway, gateway.pay(payment))
    tell(gateway, gateway.pay_again(payment))
    assert stands(order) == ("confirmed", "119.80", "59.90")
    assert rows() == [("succeeded", "59.90"), ("succeeded", "59.90")]
    assert (refunds(), cases()) == ([("succeeded", "59.90", "payment.second")], ["second"])
    assert Refund.objects.get().payment == Payment.objects.order_by("pk")[1]
    clean(LATER)


@pytest.mark.fault("C14")
def test_an_attempt_paid_after_the_money_came_another_way_goes_back(gateway: StandIn) -> None:
    order = by_card()
    payment = begin(order)
    payments.confirm_order(
        number=order.number, amount=order.total, reference="TED", access=ALL, actor=STAFF, now=MONDAY
    )
    tell(gateway, gateway.pay(payment))
    assert stands(order) == ("confirmed", "119.80", "59.90")
    assert [(row.gateway, row.status) for row in Payment.objects.order_by("pk")] == [
        (NAME, "succeeded"), ("transfer", "succeeded"),
    ]  # fmt: skip
    assert (refunds(), cases()) == ([("succeeded", "59.90", "payment.second")], ["second"])
    clean(LATER)
