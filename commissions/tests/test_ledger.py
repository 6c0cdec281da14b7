"""The ledger: written by what happens to money, orders and visits, once, and never edited."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils.translation import override

from accounts.tests import factories as people
from commissions import selectors
from commissions import services as commissions
from commissions.models import CommissionEntry, CommissionRule
from commissions.tests.factories import (
    LATER,
    MONDAY,
    STAFF,
    charge,
    give_back,
    ledger,
    pay,
    relay,
    rule,
    sell,
    sums,
)
from common.actors import Actor
from common.models import OutboxMessage
from common.testing import statements
from common.transactions import run_unit_of_work
from orders.models import Order
from orders.tests.factories import cancel, ordered, stocked
from payments import services as payments
from payments.gateways.protocol import RefundFact
from payments.models import Refund
from payments.services.owing import write_debt
from payments.services.refunds import note_refund
from scheduling import services as scheduling
from scheduling.models import Appointment, Professional
from scheduling.tests.factories import Salon, at, booked, salon, service

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Salon:
    found = salon(names=("Ana", "Bia"))
    for person in found.people.values():
        rule(person)
    return found


@pytest.fixture(autouse=True)
def _as_the_orders_say() -> Iterator[None]:
    yield
    assert list(selectors.differences()) == []


def visit(shop: Salon, who: str = "Ana", hour: int = 10) -> Order:
    return charge(booked(at(hour), who=shop.id(who)))


def test_whoever_performs_a_visit_earns_of_it_once_it_is_paid(shop: Salon) -> None:
    order = visit(shop)
    assert ledger() == [("Ana", "payment", "50.00", "20.00")]
    entry = CommissionEntry.objects.get()
    assert (entry.line.order, entry.position, entry.seq, entry.at) == (order, 1, 1, MONDAY)
    assert entry.payment is not None
    assert entry.payment.public_id == entry.cause


def test_whoever_sold_goods_earns_of_them_and_nobody_of_what_a_customer_ordered(shop: Salon) -> None:
    login = people.member("counter")
    Professional.objects.filter(name="Bia").update(user=login)
    rule(shop.people["Bia"], kind="goods", percent=Decimal(10))
    stocked(sku="BOLO", units=5, price="59.90")
    sell(units={"BOLO": 2}, actor=Actor(kind="staff", id=str(login.pk), door="admin"))
    pay(ordered(units={"BOLO": 1}), "59.90")
    assert ledger() == [("Bia", "payment", "119.80", "11.98")]
    Professional.objects.filter(name="Bia").update(user=None)  # who sold it stays who sold it


def test_told_twice_is_written_once(shop: Salon) -> None:
    order = visit(shop)
    OutboxMessage.objects.update(done_at=None, not_before=MONDAY)
    relay(LATER)
    give_back(order, "10.00")
    OutboxMessage.objects.filter(name="money.received").update(done_at=None)
    OutboxMessage.objects.filter(name__startswith="refund").update(done_at=None)
    relay(LATER)
    assert ledger() == [("Ana", "payment", "50.00", "20.00"), ("Ana", "refund", "-10.00", "-4.00")]


def test_paid_in_parts_is_earned_in_parts_and_given_back_whole_leaves_nothing(shop: Salon) -> None:
    stocked(sku="BOLO", units=5, price="30.01")
    login = people.member("counter")
    Professional.objects.filter(name="Ana").update(user=login)
    rule(shop.people["Ana"], kind="goods", percent=Decimal("33.33"))
    order = sell(units={"BOLO": 1}, actor=Actor(kind="staff", id=str(login.pk), door="admin"), paid=False)
    for amount in ("10.00", "10.00", "10.01"):
        pay(order, amount)
    assert sums() == {"Ana": Decimal("10.00")}
    give_back(order, "20.00")
    give_back(order)
    assert sums() == {"Ana": Decimal("0.00")}
    assert [kind for _who, kind, _base, _amount in ledger()] == ["payment"] * 3 + ["refund"] * 2


def test_a_refund_that_comes_back_is_earned_again(shop: Salon) -> None:
    order = visit(shop)
    debt = run_unit_of_work(
        lambda: write_debt(order=order, payment=None, amount=order.total, reason="-", actor=STAFF, now=MONDAY)
    )
    says(debt, "succeeded")
    assert sums() == {"Ana": Decimal("0.00")}
    says(debt, "refused")
    assert sums() == {"Ana": Decimal("20.00")}
    assert ledger()[1:] == [("Ana", "refund", "-50.00", "-20.00"), ("Ana", "changed", "50.00", "20.00")]


def says(refund: Refund, status: Any) -> None:
    """Let the bank say what became of money that goes back."""
    fact = RefundFact(reference="", status=status, amount=refund.amount, currency="BRL", failure="closed")
    found = Refund.objects.select_related("order").get(pk=refund.pk)
    run_unit_of_work(note_refund, refund=found, fact=fact, actor=STAFF, now=LATER)
    relay(LATER)


def test_a_cancelled_order_takes_back_before_the_money_has_gone(shop: Salon) -> None:
    stocked(sku="BOLO", units=5, price="40.00")
    login = people.member("counter")
    Professional.objects.filter(name="Ana").update(user=login)
    rule(shop.people["Ana"], kind="goods", percent=Decimal(10))
    order = sell(units={"BOLO": 1}, actor=Actor(kind="staff", id=str(login.pk), door="admin"))
    cancel(order=order, now=LATER)
    relay(LATER)
    assert ledger() == [("Ana", "payment", "40.00", "4.00"), ("Ana", "called_off", "-40.00", "-4.00")]
    assert Refund.objects.get().status == "due"


def test_a_visit_that_somebody_else_performs_after_all_is_theirs(shop: Salon) -> None:
    visit(shop)
    moved = Appointment.objects.get()
    scheduling.reschedule(
        public_id=moved.public_id, starts_at=at(11), professional=shop.id("Bia"), actor=STAFF, now=LATER
    )
    relay(LATER)
    assert sums() == {"Ana": Decimal("0.00"), "Bia": Decimal("20.00")}


def test_a_new_rule_changes_nothing_that_was_earned(shop: Salon) -> None:
    order = visit(shop)
    rule(shop.people["Ana"], percent=Decimal(50), now=LATER)
    give_back(order, "25.00", now=LATER + timedelta(minutes=5))
    assert ledger() == [("Ana", "payment", "50.00", "20.00"), ("Ana", "refund", "-25.00", "-10.00")]
    later = LATER + timedelta(minutes=10)
    charge(booked(at(11), who=shop.id("Ana"), now=later), now=later)
    assert ledger()[-1] == ("Ana", "payment", "50.00", "25.00")


def test_what_was_paid_before_the_first_rule_earns_nothing() -> None:
    found = salon()
    charge(booked(at(10)))
    rule(found.people["Ana"], now=LATER)
    OutboxMessage.objects.update(done_at=None, not_before=MONDAY)
    relay(LATER + timedelta(hours=1))
    assert ledger() == []


def test_each_service_of_a_visit_has_its_own_rule(shop: Salon) -> None:
    beard = service(sku="BARBA", price="30.00")
    shop.people["Ana"].services.add(beard)
    rule(shop.people["Ana"], service=beard, amount=Decimal("12.00"))
    charge(booked(at(10), "CORTE", "BARBA", who=shop.id("Ana")))
    assert ledger() == [("Ana", "payment", "50.00", "20.00"), ("Ana", "payment", "30.00", "12.00")]


def test_entries_and_rules_are_never_edited(shop: Salon) -> None:
    visit(shop)
    for statement in (
        "UPDATE commissions_commissionentry SET amount = 1",
        "DELETE FROM commissions_commissionentry",
        "UPDATE commissions_commissionrule SET percent = 50",
        "DELETE FROM commissions_commissionrule",
    ):
        with pytest.raises(DatabaseError, match="may not be changed"), transaction.atomic():
            connection.cursor().execute(statement)


def test_the_database_refuses_more_than_the_base_and_a_cause_that_counts_twice(shop: Salon) -> None:
    visit(shop)
    for name, changes in (
        ("commissionentry_next", {"cause": uuid4()}),
        ("commissionentry_cause_once", {"seq": 2}),
        ("commissionentry_within_its_base", {"seq": 3, "cause": uuid4(), "amount_after": Decimal(60)}),
    ):
        again = CommissionEntry.objects.get()
        again.pk, again.public_id = None, uuid4()
        for column, value in changes.items():
            setattr(again, column, value)
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            again.save(force_insert=True)


def test_a_rule_ends_once_and_what_is_paid_after_its_last_day_earns_nothing(shop: Salon) -> None:
    first = CommissionRule.objects.get(professional__name="Ana")
    commissions.end_rule(rule_id=first.public_id, last_day=MONDAY.date(), now=MONDAY)
    tomorrow = MONDAY + timedelta(days=1)
    charge(booked(at(10), who=shop.id("Ana")), now=MONDAY)
    charge(booked(at(14), who=shop.id("Ana"), now=tomorrow), now=tomorrow)
    assert sums() == {"Ana": Decimal("20.00")}
    with pytest.raises(DatabaseError, match="may not be changed"), transaction.atomic():
        connection.cursor().execute("UPDATE commissions_commissionrule SET ends_at = NULL WHERE ends_at IS NOT NULL")


def test_how_many_statements_it_takes(shop: Salon) -> None:
    order = charge(booked(at(10), "CORTE", who=shop.id("Ana")))
    with statements() as found:
        commissions.settle(order_id=order.pk, kind="changed", cause=uuid4(), now=MONDAY)
    assert len([one for one in found if one.startswith("SELECT")]) == 13


def test_a_shop_without_rules_looks_once() -> None:
    stocked(sku="BOLO", units=5)
    order = ordered(units={"BOLO": 1})
    with statements() as found:
        commissions.settle(order_id=order.pk, kind="changed", cause=uuid4(), now=MONDAY)
    assert [one.split()[0] for one in found] == ["SAVEPOINT", "SELECT", "RELEASE"]


def test_the_command_writes_what_is_missing_and_a_dry_run_only_says_so(shop: Salon) -> None:
    login = people.member("counter")
    rule(shop.people["Bia"], kind="goods", percent=Decimal(10))
    stocked(sku="BOLO", units=5, price="59.90")
    order = sell(units={"BOLO": 1}, actor=Actor(kind="staff", id=str(login.pk), door="admin"))
    assert told() == ["The ledger says what was earned."]
    Professional.objects.filter(name="Bia").update(user=login)  # whose login it is was written down too late
    line = f"{order.number} {order.lines.get().pk}.0: 0.00 > 5.99"
    assert told("--dry-run") == [line, "Nothing was changed."]
    assert told() == [line]
    assert ledger() == [("Bia", "changed", "59.90", "5.99")]
    assert told() == ["The ledger says what was earned."]


def told(*options: str) -> list[str]:
    said = StringIO()
    with override("en"):
        call_command("settle_commissions", *options, stdout=said)
    return said.getvalue().splitlines()


def test_what_still_has_to_be_told_is_no_difference(shop: Salon) -> None:
    found = booked(at(10), who=shop.id("Ana"))
    payments.charge_visit(
        appointment=found.public_id, tender="cash", expected=found.total, access=None, actor=STAFF, now=MONDAY
    )
    assert list(selectors.differences()) == []
    OutboxMessage.objects.update(done_at=MONDAY)
    assert [one.due.amount for one in selectors.differences()] == [Decimal("20.00")]
    commissions.settle_differences(now=LATER)
