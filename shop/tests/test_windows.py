"""Pickup windows: tables for what people expect, properties for what nobody thought of."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.policy import DEFAULTS, DayOff, OpenHours, Policy, clashes
from shop.windows import Window, opening_stretches, pickup_windows

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NEW_YORK = ZoneInfo("America/New_York")


def instant(text: str, zone: ZoneInfo = SAO_PAULO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def hours(weekday: int, opens: str, closes: str) -> OpenHours:
    return OpenHours(weekday=weekday, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))


def shop(**changes: object) -> Policy:
    return replace(DEFAULTS, **changes)  # type: ignore[arg-type]


def local(windows: list[Window], zone: ZoneInfo = SAO_PAULO) -> list[str]:
    return [
        f"{window.starts_at.astimezone(zone):%m-%d %H:%M}-{window.ends_at.astimezone(zone):%H:%M}" for window in windows
    ]


MONDAY = "2026-11-23"
TABLE = [
    # what, hours, now, lead, window minutes, expected (first two days)
    ("whole windows", [hours(0, "09:00", "12:00")], "08:00", 0, 60, ["09:00-10:00", "10:00-11:00", "11:00-12:00"]),
    ("the last is shorter", [hours(0, "09:00", "10:30")], "08:00", 0, 60, ["09:00-10:00", "10:00-10:30"]),
    ("shorter than one window", [hours(0, "09:00", "09:20")], "08:00", 0, 60, ["09:00-09:20"]),
    ("notice moves the first", [hours(0, "09:00", "12:00")], "08:30", 60, 60, ["10:00-11:00", "11:00-12:00"]),
    ("notice to the minute", [hours(0, "09:00", "11:00")], "08:00", 60, 60, ["09:00-10:00", "10:00-11:00"]),
    ("one second too late", [hours(0, "09:00", "11:00")], "08:00:01", 60, 60, ["10:00-11:00"]),
    ("two stretches", [hours(0, "09:00", "10:00"), hours(0, "14:00", "15:00")], "08:00", 0, 60,
     ["09:00-10:00", "14:00-15:00"]),
    ("until midnight", [hours(0, "22:00", "00:00")], "08:00", 0, 60, ["22:00-23:00", "23:00-00:00"]),
    ("after closing", [hours(0, "09:00", "12:00")], "12:00", 0, 60, []),
    ("a running window is gone", [hours(0, "09:00", "11:00")], "09:30", 0, 60, ["10:00-11:00"]),
    ("closed that weekday", [hours(2, "09:00", "12:00")], "08:00", 0, 60, []),
    ("never open", [], "08:00", 0, 60, []),
]  # fmt: skip


@pytest.mark.parametrize(("week", "at", "lead", "length", "expected"), [row[1:] for row in TABLE], ids=[
    row[0] for row in TABLE
])  # fmt: skip
def test_windows_of_one_day(week: list[OpenHours], at: str, lead: int, length: int, expected: list[str]) -> None:
    policy = shop(opening_hours=tuple(week), pickup_window_minutes=length, pickup_horizon_days=1)

    windows = pickup_windows(policy=policy, now=instant(f"{MONDAY}T{at}"), lead_minutes=lead)

    assert local(windows) == [f"11-23 {text}" for text in expected]


def test_windows_are_utc() -> None:
    windows = pickup_windows(policy=DEFAULTS, now=instant(f"{MONDAY}T08:00"), lead_minutes=0)

    assert windows[0] == Window(
        starts_at=datetime(2026, 11, 23, 12, tzinfo=UTC), ends_at=datetime(2026, 11, 23, 13, tzinfo=UTC)
    )


def test_today_is_the_shops_today() -> None:
    # 01:00 UTC on Monday is still Sunday in São Paulo, and a horizon of one day ends on Monday.
    policy = shop(pickup_horizon_days=1, pickup_window_minutes=540)

    windows = pickup_windows(policy=policy, now=datetime(2026, 11, 23, 1, tzinfo=UTC), lead_minutes=0)

    assert local(windows) == ["11-23 09:00-18:00"]


def test_horizon_counts_from_today_and_includes_its_last_day() -> None:
    policy = shop(pickup_horizon_days=2, pickup_window_minutes=540)

    windows = pickup_windows(policy=policy, now=instant(f"{MONDAY}T08:00"), lead_minutes=0)

    assert local(windows) == ["11-23 09:00-18:00", "11-24 09:00-18:00", "11-25 09:00-18:00"]


def test_holidays_have_no_windows() -> None:
    policy = shop(
        pickup_horizon_days=2,
        pickup_window_minutes=540,
        holidays=(DayOff(day=date(2026, 11, 24), name="Dia de descanso"),),
    )

    windows = pickup_windows(policy=policy, now=instant(f"{MONDAY}T08:00"), lead_minutes=0)

    assert local(windows) == ["11-23 09:00-18:00", "11-25 09:00-18:00"]


def test_a_long_notice_skips_days() -> None:
    policy = shop(pickup_horizon_days=3, pickup_window_minutes=540)

    windows = pickup_windows(policy=policy, now=instant(f"{MONDAY}T08:00"), lead_minutes=48 * 60)

    assert local(windows) == ["11-25 09:00-18:00", "11-26 09:00-18:00"]


@pytest.mark.fault("B11")
def test_clock_that_jumps_forward_loses_the_skipped_hour() -> None:
    # New York, 8 March 2026: 02:00 becomes 03:00.
    policy = shop(timezone="America/New_York", opening_hours=(hours(6, "01:00", "05:00"),), pickup_horizon_days=1)

    windows = pickup_windows(policy=policy, now=instant("2026-03-08T00:00", NEW_YORK), lead_minutes=0)

    assert local(windows, NEW_YORK) == ["03-08 01:00-03:00", "03-08 03:00-04:00", "03-08 04:00-05:00"]
    assert {window.ends_at - window.starts_at for window in windows} == {timedelta(hours=1)}


@pytest.mark.fault("B12")
def test_clock_that_jumps_back_gains_an_hour() -> None:
    # New York, 1 November 2026: 02:00 becomes 01:00.
    policy = shop(timezone="America/New_York", opening_hours=(hours(6, "00:00", "03:00"),), pickup_horizon_days=1)

    windows = pickup_windows(policy=policy, now=instant("2026-11-01T00:00", NEW_YORK), lead_minutes=0)

    assert len(windows) == 4
    assert {window.ends_at - window.starts_at for window in windows} == {timedelta(hours=1)}


def test_stretch_inside_the_skipped_hour_is_not_open() -> None:
    policy = shop(timezone="America/New_York", opening_hours=(hours(6, "02:00", "03:00"),))

    assert pickup_windows(policy=policy, now=instant("2026-03-07T12:00", NEW_YORK), lead_minutes=0)[0] == Window(
        starts_at=instant("2026-03-15T02:00", NEW_YORK), ends_at=instant("2026-03-15T03:00", NEW_YORK)
    )


def test_clashes_name_the_pairs() -> None:
    morning, noon, night = hours(0, "09:00", "12:00"), hours(0, "11:59", "13:00"), hours(0, "22:00", "00:00")
    tuesday = hours(1, "00:00", "02:00")

    assert clashes(hours=[night, noon, morning, tuesday]) == [(morning, noon)]
    assert clashes(hours=[morning, hours(0, "12:00", "13:00")]) == []
    assert clashes(hours=[night, hours(0, "23:00", "23:30")]) == [(night, hours(0, "23:00", "23:30"))]


stretches = st.builds(
    lambda weekday, start, length: OpenHours(
        weekday=weekday,
        opens=time(start // 60, start % 60),
        closes=time(((start + length) // 60) % 24, (start + length) % 60),
    ),
    weekday=st.integers(0, 6),
    start=st.integers(0, 1380),
    length=st.integers(1, 60),
)
policies = st.builds(
    lambda week, zone, length, horizon, off: shop(
        opening_hours=tuple(row for row in week if not any(row in pair for pair in clashes(hours=week))),
        timezone=zone,
        pickup_window_minutes=length,
        pickup_horizon_days=horizon,
        holidays=tuple(DayOff(day=date(2026, 1, 1) + timedelta(days=day), name="folga") for day in off),
    ),
    week=st.lists(stretches, max_size=12, unique=True),
    zone=st.sampled_from(["America/Sao_Paulo", "America/New_York", "Europe/Lisbon", "Australia/Lord_Howe", "UTC"]),
    length=st.integers(5, 240),
    horizon=st.integers(1, 30),
    off=st.lists(st.integers(0, 364), max_size=10, unique=True),
)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))


@given(policy=policies, now=instants, lead=st.integers(0, 5 * 1440))
def test_every_window_is_one_the_shop_can_keep(policy: Policy, now: datetime, lead: int) -> None:
    windows = pickup_windows(policy=policy, now=now, lead_minutes=lead)
    zone = ZoneInfo(policy.timezone)
    today = now.astimezone(zone).date()
    closed = {holiday.day for holiday in policy.holidays}
    open_then = list(opening_stretches(policy=policy, now=now, days=policy.pickup_horizon_days))

    for window in windows:
        day = window.starts_at.astimezone(zone).date()
        assert window.starts_at >= now + timedelta(minutes=lead)
        assert timedelta(0) < window.ends_at - window.starts_at <= timedelta(minutes=policy.pickup_window_minutes)
        assert today <= day <= today + timedelta(days=policy.pickup_horizon_days)
        assert day not in closed
        assert sum(row.starts_at <= window.starts_at and window.ends_at <= row.ends_at for row in open_then) == 1


@given(policy=policies, now=instants)
def test_windows_without_notice_cover_the_opening_hours_ahead(policy: Policy, now: datetime) -> None:
    windows = pickup_windows(policy=policy, now=now, lead_minutes=0)
    ahead = [
        row
        for row in opening_stretches(policy=policy, now=now, days=policy.pickup_horizon_days)
        if row.starts_at >= now
    ]

    covered = sum((w.ends_at - w.starts_at for w in windows if w.starts_at >= now), timedelta(0))
    running = covered - sum((row.ends_at - row.starts_at for row in ahead), timedelta(0))

    assert timedelta(0) <= running < timedelta(hours=25)
    assert all(before.ends_at <= after.starts_at for before, after in pairwise(windows))
