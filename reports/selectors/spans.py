"""The instants between which things count for a day: for money and sales as the day's sheet has it, for visits
midnight."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from common.dates import midnight
from counter.daysheet import edges_of
from reports.periods import A_DAY, Days


@dataclass(frozen=True)
class Span:
    """Days as they are counted: where each begins and the last one ends, by the shop's closes and by the clock.

    `kept`: the days, counted from the first, that are read from their sums.
    """

    days: Days
    edges: list[datetime]
    midnights: list[datetime]
    kept: tuple[int, ...] = ()

    @property
    def by_sheet(self) -> dict[str, Any]:
        """Return what a statement about money or sales compares with."""
        return {"starts": self.edges[0], "ends": self.edges[-1]}

    @property
    def by_clock(self) -> dict[str, Any]:
        """Return what a statement about visits compares with."""
        return {"starts": self.midnights[0], "ends": self.midnights[-1]}


def spans_of(*, stretches: Sequence[Days], timezone: str, now: datetime) -> list[Span]:
    """Return stretches of days as they are counted; one statement, for the days that were closed early."""
    zone = ZoneInfo(timezone)
    ladders = edges_of(stretches=[(days.first, days.last) for days in stretches], timezone=timezone, now=now)
    return [
        Span(days=days, edges=edges, midnights=[midnight(day, zone=zone) for day in [*days, days.last + A_DAY]])
        for days, edges in zip(stretches, ladders, strict=True)
    ]
