"""The table of an appointment's steps, case by case; that the database holds the same is in test_changes."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from scheduling.lifecycle import CLOSED, EXPIRING, MOVABLE, OCCUPYING, TRANSITIONS, allowed, effective_state
from scheduling.models import Appointment

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STEPS = {
    *product(["held", "requested"], ["cancelled", "confirmed", "expired"]),
    ("held", "requested"),
    *product(["confirmed"], ["cancelled", "completed", "no_show"]),
    *product(["expired"], ["confirmed", "held", "requested"]),
    ("completed", "confirmed"),
    ("no_show", "confirmed"),
}


@pytest.mark.parametrize(("origin", "target"), list(product(Appointment.State.values, repeat=2)))
def test_exactly_these_steps_are_allowed(origin: str, target: str) -> None:
    assert (target in TRANSITIONS[origin]) is ((origin, target) in STEPS)


def test_there_is_no_state_beside_those_of_the_model() -> None:
    assert set(TRANSITIONS) == set(Appointment.State.values)


def test_allowed_is_sorted_for_the_refusal() -> None:
    assert allowed(state="held") == ["cancelled", "confirmed", "expired", "requested"]
    assert allowed(state="cancelled") == []


def test_what_each_state_means_for_the_time() -> None:
    assert OCCUPYING == ("held", "requested", "confirmed", "completed")
    assert EXPIRING == ("held", "requested")
    assert MOVABLE == ("requested", "confirmed")
    assert CLOSED == ("completed", "no_show")


@pytest.mark.parametrize(
    ("state", "expires_in", "expected"),
    [
        ("held", timedelta(microseconds=1), "held"),
        ("held", timedelta(0), "expired"),
        ("requested", timedelta(seconds=-1), "expired"),
        ("held", None, "held"),
        ("confirmed", timedelta(seconds=-1), "confirmed"),
        ("cancelled", timedelta(seconds=-1), "cancelled"),
    ],
)
def test_a_hold_past_its_deadline_is_expired(state: str, expires_in: timedelta | None, expected: str) -> None:
    expires_at = NOON + expires_in if expires_in is not None else None
    assert effective_state(state=state, expires_at=expires_at, now=NOON) == expected
