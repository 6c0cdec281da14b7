"""When goods can be picked up: the shop's hours cut into windows. Pure; the caller brings the time.

Windows are cut in real time between the opening and the closing instant, so on a day whose clock jumps
there are an hour's windows fewer or more, and every window still lasts as long as the policy says (the last of a
stretch may be shorter: it ends when the shop closes).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from shop.policy import OpenHours, Policy

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """A half-open stretch of time in UTC: it starts at `starts_at` and is over at `ends_at`."""

    starts_at: datetime
    ends_at: datetime


def pickup_windows(*, policy: Policy, now: datetime, lead_minutes: int) -> list[Window]:
    """Return the windows that start no sooner than `lead_minutes` after `now`, first to last.

    Days are the shop's own, from today to `pickup_horizon_days` later, both included; holidays have none.
    """
    earliest = now + timedelta(minutes=lead_minutes)
    windows = _windows_from(policy, now.astimezone(ZoneInfo(policy.timezone)).date())
    return [window for window in windows if window.starts_at >= earliest]


@lru_cache(maxsize=8)
def _windows_from(policy: Policy, today: date) -> tuple[Window, ...]:
    """Return every window of the days that can be chosen; each order asks, and they change once a day."""
    length = timedelta(minutes=policy.pickup_window_minutes)
    windows: list[Window] = []
    for opening in _stretches(policy=policy, today=today, days=policy.pickup_horizon_days):
        starts_at = opening.starts_at
        while starts_at < opening.ends_at:
            ends_at = min(starts_at + length, opening.ends_at)
            windows.append(Window(starts_at=starts_at, ends_at=ends_at))
            starts_at = ends_at
    return tuple(windows)


def opening_stretches(*, policy: Policy, now: datetime, days: int) -> Iterator[Window]:
    """Give the stretches in which the shop is open, from the shop's today to `days` later, in order."""
    return _stretches(policy=policy, today=now.astimezone(ZoneInfo(policy.timezone)).date(), days=days)


def _stretches(*, policy: Policy, today: date, days: int) -> Iterator[Window]:
    zone = ZoneInfo(policy.timezone)
    closed = {holiday.day for holiday in policy.holidays}
    hours = sorted(policy.opening_hours, key=lambda row: (row.weekday, row.opens))
    for offset in range(days + 1):
        day = today + offset * A_DAY
        if day in closed:
            continue
        for row in hours:
            if row.weekday == day.weekday():
                yield from _stretch(day=day, row=row, zone=zone)


def _stretch(*, day: date, row: OpenHours, zone: ZoneInfo) -> Iterator[Window]:
    """One stretch as instants; none where the clock's jump swallows it whole."""
    last_day = day + A_DAY if row.closes == time(0) else day
    starts_at = _instant(day=day, at=row.opens, zone=zone)
    ends_at = _instant(day=last_day, at=row.closes, zone=zone)
    if starts_at < ends_at:
        yield Window(starts_at=starts_at, ends_at=ends_at)


def _instant(*, day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the instant of wall clock `at`; one it skips is moved past the jump, one it shows twice is the first."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
