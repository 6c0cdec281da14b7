"""No deadline outlives what is kept for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.deadlines import LEAST_TIME_TO_PAY, last_moment, payment_deadline, request_deadline
from shop.policy import DEFAULTS

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTES = st.integers(1, 60 * 24 * 40).map(lambda minutes: timedelta(minutes=minutes))
POLICIES = st.builds(
    lambda hold, margin, hours: replace(
        DEFAULTS, transfer_hold_minutes=hold, deadline_margin_minutes=margin, request_hours=hours
    ),
    hold=st.integers(1, 60 * 24 * 30),
    margin=st.integers(0, 60 * 24 * 7),
    hours=st.integers(1, 24 * 14),
)


@given(POLICIES, MINUTES)
def test_money_is_waited_for_until_a_margin_before_the_first_thing_or_not_at_all(policy, ahead) -> None:  # type: ignore[no-untyped-def]
    first = NOW + ahead
    until = payment_deadline(policy=policy, method="transfer", first=first, now=NOW)
    longest = payment_deadline(policy=policy, method="transfer", first=None, now=NOW)
    assert longest is not None
    last = first - timedelta(minutes=policy.deadline_margin_minutes)
    if until is None:
        assert last < NOW + min(longest - NOW, LEAST_TIME_TO_PAY)
    else:
        assert until == min(longest, last) > NOW


@given(POLICIES, MINUTES)
def test_an_answer_is_waited_for_only_while_it_helps(policy, ahead) -> None:  # type: ignore[no-untyped-def]
    first = NOW + ahead
    until = request_deadline(policy=policy, first=first, now=NOW)
    assert NOW < until <= max(first, NOW + timedelta(minutes=1))
    assert until <= NOW + timedelta(hours=policy.request_hours)


@pytest.mark.parametrize(
    ("ahead", "until"),
    [
        (timedelta(hours=21), timedelta(hours=20)),
        (timedelta(hours=2), timedelta(hours=1)),
        (timedelta(hours=1), timedelta(minutes=30)),
        (timedelta(minutes=1), timedelta(minutes=1)),
        (timedelta(hours=-3), timedelta(minutes=1)),
    ],
)
def test_where_little_is_left_half_of_it_is(ahead: timedelta, until: timedelta) -> None:
    assert last_moment(policy=DEFAULTS, first=NOW + ahead, now=NOW) == NOW + until


def test_without_a_visit_or_pickup_money_may_take_as_long_as_the_shop_lets_it() -> None:
    assert payment_deadline(policy=DEFAULTS, method="transfer", first=None, now=NOW) == NOW + timedelta(days=2)
