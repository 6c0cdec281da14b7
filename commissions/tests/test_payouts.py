"""Payouts: what is not paid yet until a day, once, to the cent."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from commissions import selectors
from commissions import services as commissions
from commissions.errors import NothingToPay, StatementChanged
from commissions.models import CommissionEntry, CommissionPayout, CommissionPayoutLine
from commissions.tests.factories import LATER, MONDAY, STAFF, charge, give_back, rule
from common.errors import NotFound
from common.testing import statements
from scheduling.models import Professional
from scheduling.tests.factories import Salon, at, booked, salon
from till.models import CashMovement

pytestmark = pytest.mark.django_db
TODAY = MONDAY.date()


@pytest.fixture
def shop() -> Salon:
    found = salon(names=("Ana", "Bia"))
    for person in found.people.values():
        rule(person)
    return found


def pay(person: Professional, expected: str, **given: Any) -> CommissionPayout:
    values: dict[str, Any] = {"until": TODAY, "method": "pix", "note": "", "actor": STAFF, "now": LATER}
    return commissions.pay_out(professional=person.public_id, expected=Decimal(expected), **values | given)


def test_it_pays_what_is_there_and_only_once(shop: Salon) -> None:
    ana = shop.people["Ana"]
    for hour in (10, 11):
        charge(booked(at(hour), who=ana.public_id))
    charge(booked(at(10), who=shop.id("Bia")))
    payout = pay(ana, "40.00")
    assert (payout.amount, payout.lines.count(), payout.actor_id) == (Decimal("40.00"), 2, STAFF.id)
    with pytest.raises(StatementChanged) as changed:
        pay(ana, "40.00")
    assert changed.value.data == {"payable": "0.00"}
    with pytest.raises(NothingToPay):
        pay(ana, "0.00")
    assert pay(shop.people["Bia"], "20.00").lines.count() == 1


def test_what_is_taken_back_after_it_was_paid_comes_off_the_next_one(shop: Salon) -> None:
    ana = shop.people["Ana"]
    order = charge(booked(at(10), who=ana.public_id))
    pay(ana, "20.00")
    give_back(order)
    with pytest.raises(NothingToPay):
        pay(ana, "-20.00")
    charge(booked(at(11), who=ana.public_id))
    charge(booked(at(12), who=ana.public_id))
    assert pay(ana, "20.00").lines.count() == 3


def test_a_day_ends_at_midnight_in_the_shop(shop: Salon) -> None:
    ana = shop.people["Ana"]
    tomorrow = MONDAY + timedelta(days=1)
    charge(booked(at(10), who=ana.public_id))
    charge(booked(at(11, day=3), who=ana.public_id, now=tomorrow), now=tomorrow)
    assert pay(ana, "20.00", now=tomorrow).until == TODAY
    assert pay(ana, "20.00", now=tomorrow, until=tomorrow.date()).amount == 20


def test_nobody_is_paid_who_is_not_there(shop: Salon) -> None:
    with pytest.raises(NotFound):
        commissions.pay_out(
            professional=uuid4(), until=TODAY, expected=Decimal(1), method="pix", note="", actor=STAFF, now=LATER
        )


def test_the_database_pays_no_entry_twice(shop: Salon) -> None:
    ana = shop.people["Ana"]
    charge(booked(at(10), who=ana.public_id))
    payout = pay(ana, "20.00")
    with pytest.raises(IntegrityError, match="commissionpayoutline_entry_once"), transaction.atomic():
        CommissionPayoutLine.objects.create(payout=payout, entry=CommissionEntry.objects.get())


def test_the_figures_of_a_period_add_up(shop: Salon) -> None:
    ana = shop.people["Ana"]
    charge(booked(at(10), who=ana.public_id))
    next_week = MONDAY + timedelta(days=7)
    charge(booked(at(11, day=8), who=ana.public_id, now=next_week), now=next_week)
    pay(ana, "20.00")
    charge(booked(at(12, day=8), who=ana.public_id), now=next_week - timedelta(days=6))
    with statements() as found:
        [figures] = selectors.figures(
            first=next_week - timedelta(hours=1), until=next_week + timedelta(hours=1), people=[ana]
        )
    assert len(found) == 2
    assert amounts(figures) == ["20.00", "0.00", "40.00", "20.00"]
    [everybody] = selectors.figures(first=MONDAY, until=next_week + timedelta(hours=1))
    assert everybody.professional == ana
    assert amounts(everybody) == ["60.00", "20.00", "40.00", "0.00"]


def amounts(figures: selectors.Figures) -> list[str]:
    return [str(amount) for amount in (figures.earned, figures.paid, figures.payable, figures.carried)]


def test_cash_leaves_the_drawer_of_whoever_pays_and_nothing_else_does(shop: Salon) -> None:
    ana = shop.people["Ana"]
    charge(booked(at(10), who=ana.public_id))
    by_pix = pay(ana, "20.00")
    charge(booked(at(11), who=ana.public_id))
    payout = pay(ana, "20.00", method="cash")
    movement = CashMovement.objects.get()
    assert (by_pix.movement, payout.movement) == (None, movement)
    assert (movement.kind, movement.amount, movement.session.actor_id) == ("out", Decimal("20.00"), STAFF.id)
    assert "Ana" in movement.reason
    with pytest.raises(StatementChanged):
        pay(ana, "20.00", method="cash")
    assert CashMovement.objects.count() == 1


def test_the_database_refuses_cash_that_left_no_drawer(shop: Salon) -> None:
    with pytest.raises(IntegrityError, match="commissionpayout_cash_left_a_drawer"), transaction.atomic():
        CommissionPayout.objects.create(
            professional=shop.people["Ana"], until=TODAY, amount=1, method="cash", paid_at=LATER, actor_kind="staff"
        )
