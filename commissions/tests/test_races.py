"""Everybody at once: one event is one entry, and two clicks are one payout, with and without our courtesies."""

from uuid import uuid4

import pytest

from commissions import selectors
from commissions import services as commissions
from commissions.tests.factories import LATER, MONDAY, STAFF, ledger, rule, sums
from common.testing import race
from orders.models import Order
from payments import services as payments
from scheduling.models import Appointment
from scheduling.tests.factories import at, booked, claim_of, salon

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]


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
