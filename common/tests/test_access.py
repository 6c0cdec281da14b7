"""Access tokens: versions end the ones before, and time ends them all."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from common.access import access_token, alive, opens

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_raised_version_ends_the_tokens_before_and_the_first_says_none() -> None:
    public_id = uuid4()
    tokens = [access_token(kind="order", public_id=public_id, version=version) for version in (1, 2, 3)]
    opened = [
        [opens(token=token, kind="order", public_id=public_id, version=version) for token in tokens]
        for version in (1, 2, 3)
    ]
    assert opened == [[True, False, False], [False, True, False], [False, False, True]]
    assert access_token(kind="order", public_id=public_id) == tokens[0]
    assert not opens(token=tokens[0], kind="appointment", public_id=public_id)


@pytest.mark.parametrize(
    ("days", "later", "lives"),
    [
        (1, timedelta(hours=23, minutes=59), True),
        (1, timedelta(days=1), False),
        (0, timedelta(days=36_500), True),
        (3650, timedelta(days=3649), True),
    ],
)
def test_a_token_outlives_the_last_event_for_some_days(days: int, later: timedelta, lives: bool) -> None:
    assert alive(since=NOON, days=days, now=NOON + later) is lives
