"""The tables of steps, case by case."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.db import connection

from orders.lifecycle import (
    FULFILMENT_VERBS,
    HANDED_OVER,
    LEAVES_THE_SHOP,
    OPEN_STATUSES,
    TRANSITIONS,
    allowed,
    effective_status,
    fulfilment_verbs,
    next_fulfilment_status,
)
from orders.models import Fulfilment, Order
from shop.policy import PAYMENT_METHODS

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STEPS = {
    ("pending", "confirmed"),
    ("pending", "expired"),
    ("pending", "cancelled"),
    ("confirmed", "completed"),
    ("confirmed", "cancelled"),
    ("expired", "confirmed"),
}


@pytest.mark.parametrize(("origin", "target"), list(product(Order.Status.values, repeat=2)))
def test_exactly_six_of_the_twenty_five_steps_are_allowed(origin: str, target: str) -> None:
    assert (target in TRANSITIONS[origin]) is ((origin, target) in STEPS)


@pytest.mark.django_db
def test_the_database_knows_the_same_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(orders_allowed_steps())")
        in_database = {tuple(step.split(">")) for (step,) in cursor.fetchall()}
    assert in_database == STEPS


def test_allowed_is_sorted_for_the_refusal() -> None:
    assert allowed(status="pending") == ["cancelled", "confirmed", "expired"]
    assert allowed(status="cancelled") == []


@pytest.mark.parametrize(
    ("status", "expires_in", "expected"),
    [
        ("pending", timedelta(seconds=1), "pending"),
        ("pending", timedelta(0), "expired"),
        ("pending", timedelta(seconds=-1), "expired"),
        ("pending", None, "pending"),
        ("confirmed", timedelta(seconds=-1), "confirmed"),
        ("cancelled", timedelta(seconds=-1), "cancelled"),
    ],
)
def test_a_pending_order_past_its_deadline_is_expired(status: str, expires_in: timedelta | None, expected: str) -> None:
    expires_at = NOON + expires_in if expires_in is not None else None
    assert effective_status(status=status, expires_at=expires_at, now=NOON) == expected


def test_every_fulfilment_status_has_its_row() -> None:
    for method, table in FULFILMENT_VERBS.items():
        reachable = {"open", "cancelled"} | {target for verbs in table.values() for target in verbs.values()}
        assert set(table) == reachable, method
        assert reachable <= set(Fulfilment.Status.values)


@pytest.mark.parametrize(
    ("method", "way"),
    [
        ("pickup", ["pick", "ready", "deliver", "return"]),
        ("delivery", ["pick", "ship", "deliver", "return"]),
    ],
)
def test_the_long_way_of_the_goods(method: str, way: list[str]) -> None:
    status = "open"
    for verb in way:
        assert verb in fulfilment_verbs(method=method, status=status)
        following = next_fulfilment_status(method=method, status=status, verb=verb)
        assert following is not None
        status = following
    assert status == "returned"
    assert fulfilment_verbs(method=method, status=status) == []


def test_what_was_sent_may_come_back_before_it_arrives() -> None:
    assert fulfilment_verbs(method="delivery", status="shipped") == ["deliver", "return"]
    assert next_fulfilment_status(method="delivery", status="shipped", verb="return") == "returned"
    for method in FULFILMENT_VERBS:
        assert fulfilment_verbs(method=method, status="cancelled") == []
        assert fulfilment_verbs(method=method, status="unheard of") == []
        assert next_fulfilment_status(method=method, status="unheard of", verb="pick") is None


def test_what_each_status_means() -> None:
    assert OPEN_STATUSES == ("pending", "confirmed")
    assert HANDED_OVER == ("delivered", "returned")
    assert LEAVES_THE_SHOP == {"pickup": "delivered", "delivery": "shipped"}
    assert Order.PaymentMethod.values == list(PAYMENT_METHODS)


def test_no_step_is_skipped() -> None:
    assert next_fulfilment_status(method="pickup", status="open", verb="deliver") is None
    assert next_fulfilment_status(method="pickup", status="picked", verb="ship") is None
    assert next_fulfilment_status(method="delivery", status="picked", verb="ready") is None
