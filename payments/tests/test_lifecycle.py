"""The tables of states: nothing leads back from money that is there, and the database holds the same tables."""

from datetime import timedelta
from typing import get_args

import pytest
from django.db import connection

from inventory.tests.factories import MONDAY
from payments.gateways.protocol import PaymentStanding, RefundStanding
from payments.lifecycle import (
    CASE_STEPS,
    OWED,
    PAYMENT_STEPS,
    REFUND_STEPS,
    effective_status,
)
from payments.models import MoneyCase, Payment, Refund


def pairs(steps: dict[str, tuple[str, ...]]) -> list[str]:
    """Return every step of a table as the database writes it, sorted."""
    return sorted(f"{origin}>{target}" for origin, targets in steps.items() for target in targets)


def test_exactly_these_steps_are_allowed() -> None:
    assert pairs(PAYMENT_STEPS) == [
        *("cancelled>succeeded", "expired>succeeded", "failed>succeeded"),
        *("pending>cancelled", "pending>expired", "pending>failed", "pending>succeeded"),
    ]
    assert pairs(REFUND_STEPS) == [
        *("due>sent", "due>succeeded", "refused>sent", "refused>succeeded", "sent>refused", "sent>succeeded"),
        "succeeded>refused",
    ]
    assert pairs(CASE_STEPS) == ["open>settled"]


def test_money_that_is_there_stays_there() -> None:
    assert PAYMENT_STEPS["succeeded"] == ()
    assert all("succeeded" in PAYMENT_STEPS[origin] for origin in PAYMENT_STEPS if origin != "succeeded")
    assert not any("pending" in targets for targets in PAYMENT_STEPS.values())


@pytest.mark.parametrize(
    ("steps", "model"),
    [(PAYMENT_STEPS, Payment), (REFUND_STEPS, Refund), (CASE_STEPS, MoneyCase)],
)
def test_the_tables_know_every_status_and_no_other(steps: dict[str, tuple[str, ...]], model: type) -> None:
    assert set(steps) == set(model.Status.values)  # type: ignore[attr-defined]
    assert {target for targets in steps.values() for target in targets} <= set(steps)


def test_gateways_speak_in_our_words() -> None:
    assert set(get_args(PaymentStanding)) == set(PAYMENT_STEPS)
    assert set(get_args(RefundStanding)) < set(REFUND_STEPS)
    assert set(OWED) == set(REFUND_STEPS) - {"succeeded"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("function", "steps"), [("payments_allowed_steps", PAYMENT_STEPS), ("payments_allowed_refund_steps", REFUND_STEPS)]
)
def test_the_database_holds_the_same_tables(function: str, steps: dict[str, tuple[str, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT unnest({function}())")
        assert sorted(step for (step,) in cursor.fetchall()) == pairs(steps)


def test_an_attempt_that_ran_out_reads_expired_before_anybody_writes_it_down() -> None:
    assert effective_status(status="pending", expires_at=MONDAY, now=MONDAY) == "expired"
    assert effective_status(status="pending", expires_at=MONDAY, now=MONDAY - timedelta(seconds=1)) == "pending"
    assert effective_status(status="pending", expires_at=None, now=MONDAY) == "pending"
    assert effective_status(status="succeeded", expires_at=MONDAY, now=MONDAY) == "succeeded"
