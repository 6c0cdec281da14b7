"""Money due is worked out in one place, in Python and in SQL, and the two agree."""

from decimal import Decimal
from itertools import product
from types import SimpleNamespace

import pytest

from common import sql
from orders.amounts import (
    AMOUNT_DUE,
    ASKED_FIRST,
    amount_due,
    asked_first,
    asked_now,
    current_total,
    earned,
    given_back,
    payment_status,
    shown_total,
)
from orders.models import Order
from orders.selectors import costs_now, left_to_pay

VALUES = [Decimal(value) for value in ("0.00", "1.80", "60.00", "61.80")]
CASES = [
    SimpleNamespace(total=total, cancelled=cancelled, late_fee=fee, paid=paid, refunded=refunded, amount_due_now=total)
    for total, cancelled, paid, refunded in product(VALUES, repeat=4)
    for fee in (Decimal("0.00"), Decimal("0.90"))
    if cancelled <= total and refunded <= paid and fee <= min(cancelled, paid - refunded)
]


def order(total: str, cancelled: str = "0", paid: str = "0", refunded: str = "0", **others: object) -> SimpleNamespace:
    amounts = {"total": total, "cancelled": cancelled, "paid": paid, "refunded": refunded, "amount_due_now": total}
    amounts["late_fee"] = "0"
    given = {name: str(value) for name, value in others.items() if name in amounts}
    values = {name: Decimal(value) for name, value in (amounts | given).items()}
    return SimpleNamespace(status=others.get("status", "confirmed"), **values)


@pytest.mark.django_db
def test_the_statement_says_what_the_function_says() -> None:
    names = ("total", "cancelled", "late_fee", "paid", "refunded", "amount_due_now")
    columns = ", ".join(f"%({name})s::numeric AS {name}" for name in names)
    for case, deposit in product(CASES, (Decimal("1.80"), None)):
        row = {name: getattr(case, name) for name in names} | ({"amount_due_now": deposit} if deposit else {})
        awaited = SimpleNamespace(status="pending", payment_method="transfer", **row)
        [found] = sql.rows(f"SELECT {AMOUNT_DUE}, {ASKED_FIRST} FROM (SELECT {columns}) AS o", row)
        assert found == (amount_due(order=awaited), asked_first(order=awaited)), row


@pytest.mark.django_db
def test_the_queryset_says_what_the_function_says() -> None:
    columns = ", ".join(
        f"%({name})s::numeric AS {name}" for name in ("total", "cancelled", "late_fee", "paid", "refunded")
    )
    asked = Order.objects.order_by().annotate(costs=costs_now(), left=left_to_pay()).values_list("costs", "left").query
    for case in CASES:
        [(costs, left)] = sql.rows(f"WITH orders_order AS (SELECT {columns}) {asked}", vars(case))
        assert (costs, max(left, Decimal(0))) == (current_total(order=case), amount_due(order=case)), case


@pytest.mark.parametrize("case", CASES, ids=str)
def test_nothing_more_goes_back_than_was_paid_and_is_not_kept(case: SimpleNamespace) -> None:
    left = case.paid - case.refunded - case.late_fee
    assert (earned(order=case), given_back(order=case)) == (left, max(left, Decimal(0)))
    assert given_back(order=case, owed=Decimal("1.80")) == max(left - Decimal("1.80"), Decimal(0))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_is_what_the_formula_says_and_never_below_nothing(case: SimpleNamespace) -> None:
    left = case.total - case.cancelled + case.late_fee - (case.paid - case.refunded)
    assert amount_due(order=case) == max(left, Decimal(0))
    assert current_total(order=case) == case.total - case.cancelled + case.late_fee


@pytest.mark.parametrize(
    ("amounts", "due", "status"),
    [
        (order("61.80"), "61.80", "unpaid"),
        (order("61.80", paid="1.80"), "60.00", "partly_paid"),
        (order("61.80", paid="61.80"), "0.00", "paid"),
        (order("61.80", cancelled="60.00", paid="1.80"), "0.00", "paid"),
        (order("61.80", cancelled="60.00"), "1.80", "unpaid"),
        (order("61.80", cancelled="60.00", paid="61.80"), "0.00", "paid"),
        (order("61.80", cancelled="60.00", paid="61.80", refunded="60.00"), "0.00", "partly_refunded"),
        (order("61.80", paid="61.80", refunded="61.80"), "61.80", "refunded"),
        (order("0.00"), "0.00", "paid"),
        (order("60.00", cancelled="60.00"), "0.00", "paid"),
        (order("60.00", cancelled="60.00", status="cancelled"), "0.00", "unpaid"),
        (order("60.00", cancelled="60.00", late_fee="20.00", paid="20.00", status="cancelled"), "0.00", "paid"),
        (
            order("60.00", cancelled="60.00", late_fee="20.00", paid="60.00", refunded="40.00", status="cancelled"),
            "0.00",
            "partly_refunded",
        ),
        (order("160.00", cancelled="60.00", late_fee="20.00", paid="20.00"), "100.00", "partly_paid"),
    ],
)
def test_how_far_an_order_is_paid(amounts: SimpleNamespace, due: str, status: str) -> None:
    assert (amount_due(order=amounts), payment_status(order=amounts)) == (Decimal(due), status)


@pytest.mark.parametrize(
    ("amounts", "asked"),
    [
        (order("99.00", amount_due_now="29.70"), "29.70"),
        (order("99.00", amount_due_now="29.70", paid="9.70"), "20.00"),
        (order("99.00", amount_due_now="29.70", paid="29.70"), "69.30"),
        (order("99.00", amount_due_now="29.70", cancelled="80.00"), "19.00"),
        (order("99.00", amount_due_now="0.00"), "99.00"),
        (order("99.00", amount_due_now="99.00", paid="99.00"), "0.00"),
    ],
)
def test_the_deposit_is_asked_first_and_then_the_rest(amounts: SimpleNamespace, asked: str) -> None:
    assert asked_now(order=amounts) == Decimal(asked)


def test_a_cancelled_order_is_known_by_what_it_had_cost() -> None:
    assert shown_total(order=order("60.00", cancelled="60.00", status="cancelled")) == Decimal("60.00")
    assert shown_total(order=order("61.80", cancelled="60.00")) == Decimal("1.80")
