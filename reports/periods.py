"""Which days a report is about, and which ones it is compared with. Pure: today comes in by argument."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Comparison = Literal["none", "before", "year"]

A_DAY = timedelta(days=1)
LONGEST = 731
"""Days: two years, one of them with a day more."""


@dataclass(frozen=True)
class Days:
    """Days in a row, both ends included."""

    first: date
    last: date

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return (self.first + A_DAY * number for number in range(len(self)))


def _last_month(today: date) -> Days:
    last = today.replace(day=1) - A_DAY
    return Days(last.replace(day=1), last)


PRESETS: dict[str, Callable[[date], Days]] = {
    "today": lambda today: Days(today, today),
    "yesterday": lambda today: Days(today - A_DAY, today - A_DAY),
    "week": lambda today: Days(today - 6 * A_DAY, today),
    "days30": lambda today: Days(today - 29 * A_DAY, today),
    "month": lambda today: Days(today.replace(day=1), today),
    "last_month": _last_month,
    "year": lambda today: Days(today.replace(month=1, day=1), today),
}
"""Periods that have a name; each ends today at the latest."""


def compared_with(*, days: Days, comparison: Comparison) -> Days | None:
    """Return as many days right before, or the same days a year earlier; None where nothing is compared."""
    if comparison == "before":
        return Days(days.first - len(days) * A_DAY, days.first - A_DAY)
    if comparison == "year":
        return Days(a_year_before(days.first), a_year_before(days.last))
    return None


def a_year_before(day: date) -> date:
    """Return the same day of the year before; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def months_of(days: Days) -> list[Days]:
    """Return the days cut where months begin."""
    found = []
    first = days.first
    while first <= days.last:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        last = min(following - A_DAY, days.last)
        found.append(Days(first, last))
        first = following
    return found
