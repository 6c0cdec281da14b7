"""Wall-clock rules turned into instants: working hours, days and the grid of starts.

The rule says nine o'clock; the sky decides when that is. A wall time that a clock change skips means the instant of
the change, one that happens twice means the first, and a day that never happened (Apia, 30 December 2011) has no
hours at all. A shift belongs to the day it opens on, so one that runs past midnight is neither cut
by the next day's override nor closed by the next day's holiday.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from scheduling.slots.spans import Span, Spans, union

DAY_MINUTES = 1440


@dataclass(frozen=True)
class WeeklyHours:
    """Working hours every week. Minutes count from midnight of the weekday (0 = Monday) and may pass 1440."""

    weekday: int
    opens: int
    closes: int
    valid_from: date | None = None
    valid_until: date | None = None

    def applies(self, day: date) -> bool:
        """Say whether these hours open on `day`."""
        return (
            day.weekday() == self.weekday
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_until is None or day <= self.valid_until)
        )


@dataclass(frozen=True)
class DayHours:
    """Hours of one day, instead of the weekly ones; without `opens` and `closes` the day is closed."""

    day: date
    opens: int | None = None
    closes: int | None = None


@lru_cache(maxsize=4096)
def instant_of(*, day: date, minute: int, zone: ZoneInfo) -> int:
    """Return the instant of a wall time `minute` minutes after midnight of `day`, in seconds since the epoch.

    A skipped wall time is the instant of the change; of a repeated one, the first counts.
    """
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    early = int(wall.replace(tzinfo=zone, fold=0).timestamp())
    late = int(wall.replace(tzinfo=zone, fold=1).timestamp())
    if late >= early:
        return early
    return _change_between(late, early, zone)


def day_span(*, day: date, zone: ZoneInfo) -> Span:
    """Return the day from midnight to midnight; an empty span when the day never happened."""
    return instant_of(day=day, minute=0, zone=zone), instant_of(day=day, minute=DAY_MINUTES, zone=zone)


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield every day from `first` to `last`, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def openings(
    *,
    weekly: Sequence[WeeklyHours],
    overrides: Iterable[DayHours],
    holidays: Iterable[date],
    zone: ZoneInfo,
    first: date,
    last: date,
) -> Spans:
    """Return the working time of every shift that opens between two days, both included.

    An override replaces the weekly hours of its day, holiday or not; a holiday closes a day without override.
    """
    closed = set(holidays)
    special: dict[date, list[DayHours]] = {}
    for hours in overrides:
        special.setdefault(hours.day, []).append(hours)
    spans: Spans = []
    for day in days_between(first, last):
        start, end = day_span(day=day, zone=zone)
        if start >= end:
            continue
        shifts: list[tuple[int, int]] = []
        if day in special:
            shifts = [(h.opens, h.closes) for h in special[day] if h.opens is not None and h.closes is not None]
        elif day not in closed:
            shifts = [(rule.opens, rule.closes) for rule in weekly if rule.applies(day)]
        spans.extend(
            (instant_of(day=day, minute=opens, zone=zone), instant_of(day=day, minute=closes, zone=zone))
            for opens, closes in shifts
        )
    return union(spans)


def grid(*, first: date, last: date, minutes: int, zone: ZoneInfo) -> list[int]:
    """Return, sorted, every instant of the days whose wall time is a whole number of `minutes` past midnight.

    An hour that happens twice has its grid twice; a skipped one has none.
    """
    points: list[int] = []
    for day in days_between(first, last):
        start, end = day_span(day=day, zone=zone)
        if end - start == DAY_MINUTES * 60:
            points.extend(range(start, end, minutes * 60))
        elif start < end:
            points.extend(_grid_of_odd_day(day=day, minutes=minutes, zone=zone))
    return points


def on_grid(*, instant: int, minutes: int, zone: ZoneInfo) -> bool:
    """Say whether the instant's wall time is a whole number of `minutes` past midnight."""
    wall = datetime.fromtimestamp(instant, tz=zone)
    return wall.second == 0 and (wall.hour * 60 + wall.minute) % minutes == 0


def local_day(*, instant: int, zone: ZoneInfo) -> date:
    """Return the day the instant falls on in the zone."""
    return datetime.fromtimestamp(instant, tz=zone).date()


def seconds_of(moment: datetime) -> int:
    """Return an aware moment in whole seconds since the epoch, rounded down."""
    return int(moment.timestamp() // 1)


def moment_of(instant: int) -> datetime:
    """Return the instant as an aware UTC moment."""
    return datetime.fromtimestamp(instant, tz=UTC)


def _grid_of_odd_day(*, day: date, minutes: int, zone: ZoneInfo) -> list[int]:
    points: set[int] = set()
    for minute in range(0, DAY_MINUTES, minutes):
        wall = datetime.combine(day, time()) + timedelta(minutes=minute)
        for fold in (0, 1):
            instant = int(wall.replace(tzinfo=zone, fold=fold).timestamp())
            if datetime.fromtimestamp(instant, tz=zone).replace(tzinfo=None, fold=0) == wall:
                points.add(instant)
    return sorted(points)


def _change_between(low: int, high: int, zone: ZoneInfo) -> int:
    """Return the first instant after `low` at which the zone's offset is no longer what it was."""
    before = datetime.fromtimestamp(low, tz=zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, tz=zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high
