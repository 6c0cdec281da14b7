"""Everything a report tells, read at once: a fixed number of statements, however many rows there are."""

from dataclasses import dataclass
from datetime import datetime

from reports.periods import Days
from reports.selectors.money import Money, money
from reports.selectors.sales import Sales, sales
from reports.selectors.spans import Span, spans_of
from reports.selectors.sums import day_sums, with_kept
from reports.selectors.visits import Visits, visits
from shop.policy import Policy


@dataclass(frozen=True)
class Reading:
    """What was read of some days: the one thing that figures are worked out from."""

    span: Span
    money: Money
    sales: Sales
    visits: Visits

    @property
    def days(self) -> Days:
        """The days it is about."""
        return self.span.days

    def part(self, days: Days) -> "Reading":
        """Return what was read of some of the days, as far as it is known by day."""
        start = (days.first - self.days.first).days
        place = slice(start, start + len(days))
        span = Span(
            days=days,
            edges=self.span.edges[start : place.stop + 1],
            midnights=self.span.midnights[start : place.stop + 1],
        )
        return Reading(
            span=span,
            money=Money(by_day=self.money.by_day[place]),
            sales=Sales(by_day=self.sales.by_day[place]),
            visits=Visits(by_day=self.visits.by_day[place]),
        )


def read(*, stretches: list[Days], policy: Policy, now: datetime) -> list[Reading]:
    """Return the readings of some stretches of days; five statements, however many stretches and rows there are."""
    spans = spans_of(stretches=stretches, timezone=policy.timezone, now=now)
    return readings_of(spans=with_kept(spans=spans), policy=policy)


def readings_of(*, spans: list[Span], policy: Policy) -> list[Reading]:
    """Return the readings of some spans, their kept days from sums and all others from the rows."""
    seats = visits(spans=spans, policy=policy)
    return [
        Reading(
            span=span,
            money=money(sums=sums, days=len(span.days)),
            sales=sales(sums=sums, days=len(span.days)),
            visits=seen,
        )
        for span, sums, seen in zip(spans, day_sums(spans=spans), seats, strict=True)
    ]
