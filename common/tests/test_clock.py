"""The one clock, and proofs that are derived instead of stored."""

import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from common import clock
from common.access import access_token, opens

ORDER = UUID("7b0c4e7e-3a51-4d0a-9a53-0d7f5d1a2b3c")


def test_now_is_aware_and_utc() -> None:
    found = clock.now()
    assert found.utcoffset() == timedelta(0)
    assert abs((found - datetime.now(tz=UTC)).total_seconds()) < 5


def test_the_clock_of_a_demonstration_starts_where_it_is_told_and_runs_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SHOP_NOW = datetime(2026, 12, 24, 9, tzinfo=timezone(timedelta(hours=-3)))
    started = clock._STARTED
    monkeypatch.setattr(time, "monotonic", lambda: started + 90.0)
    assert clock.now() == datetime(2026, 12, 24, 12, 1, 30, tzinfo=UTC)
    assert clock.now().utcoffset() == timedelta(0)


@pytest.mark.fault("F10")
def test_a_token_opens_its_own_object_and_no_other() -> None:
    token = access_token(kind="order", public_id=ORDER)
    assert len(token) == 43
    assert opens(token=token, kind="order", public_id=ORDER)
    assert not opens(token=token, kind="appointment", public_id=ORDER)
    assert not opens(token=token, kind="order", public_id=uuid4())
    assert not opens(token=token[:-1], kind="order", public_id=ORDER)
    assert not opens(token="", kind="order", public_id=ORDER)
    assert not opens(token="é" * 43, kind="order", public_id=ORDER)


def test_an_old_key_still_opens_and_never_signs(settings: Settings) -> None:
    old: Any = settings.SECRET_KEY
    token = access_token(kind="order", public_id=ORDER)
    settings.SECRET_KEY = "another key"
    assert not opens(token=token, kind="order", public_id=ORDER)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert opens(token=token, kind="order", public_id=ORDER)
    assert access_token(kind="order", public_id=ORDER) != token
