"""Everybody at once: one event is one entry, and two clicks are one payout, with and without our courtesies."""

from decimal import Decimal
from uuid import uuid4

import pytest

from commissions import selectors
from commissions import services as commissions
from commissions.errors import StatementChanged
from commissions.models import CommissionPayout
from commissions.tests.factories import LATER, MONDAY, STAFF, ledger, rule, sums
from common.testing import race
from orders.models import Order
from payments import services as payments
from scheduling.models import Appointment, Professional
from scheduling.tests.factories import at, booked, claim_of, salon

pytestmark = pytest.mark.django_db(transaction=True)


def paid_visit() -> Order:
    """Return the order of a paid visit of which nobody has heard yet."""
    rule(salon().people["Ana"])
    visit = booked(at(10))
    payments.charge_visit(
        appointment=visit.public_id, tender="cash", expected=visit.total, access=None, actor=STAFF, now=MONDAY
    )
    return Order.objects.get(lines__claim=claim_of(Appointment.objects.get()))


def settle_at_once(order: Order) -> None:
    race(workers=4, work=lambda _n: commissions.settle(order_id=order.pk, kind="changed", cause=uuid4(), now=LATER))
    assert ledger() == [("Ana", "changed", "50.00", "20.00")]
    assert list(selectors.differences()) == []


def test_an_order_that_many_settle_at_once_earns_once() -> None:
    settle_at_once(paid_visit())


def test_without_our_lock_the_database_still_lets_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: nobody waits for anybody, and the numbers of the entries meet."""
    order = paid_visit()
    monkeypatch.setattr("commissions.services.ledger.locked", lambda queryset: queryset.order_by("pk"))
    settle_at_once(order)
    assert sums()["Ana"] == 20


def pay_at_once() -> None:
    person = Professional.objects.get()

    def click(_number: int) -> CommissionPayout:
        return commissions.pay_out(
            professional=person.public_id, until=LATER.date(), expected=Decimal("20.00"), method="pix", note="",
            actor=STAFF, now=LATER,
        )  # fmt: skip

    found = race(workers=6, work=click)
    assert [type(one) for one in found if isinstance(one, Exception)] == [StatementChanged] * 5
    assert [payout.amount for payout in CommissionPayout.objects.all()] == [Decimal("20.00")]


def test_of_many_clicks_one_pays() -> None:
    order = paid_visit()
    commissions.settle(order_id=order.pk, kind="payment", cause=uuid4(), now=MONDAY)
    pay_at_once()


def test_without_our_lock_the_database_still_lets_one_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: nobody waits for anybody, all find the same entries, and the second payout is undone."""
    order = paid_visit()
    commissions.settle(order_id=order.pk, kind="payment", cause=uuid4(), now=MONDAY)
    monkeypatch.setattr("commissions.services.payouts.locked", lambda queryset: queryset.order_by("pk"))
    pay_at_once()
