"""Visits by day and professional: those that took place, those that nobody came to, and the time they took of the time
that there was. A visit counts for the day on which it begins; several that share a session take its time once."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from common import sql
from reports.selectors.spans import Span
from scheduling import selectors as agenda
from shop.policy import Policy

_VISITS = """
WITH ladder (stretch, starts, ends, edges) AS (VALUES {ladders}), session AS (
    SELECT stretch, visit.professional_id, min(visit.starts_at) AS starts_at,
           count(*) FILTER (WHERE state = 'completed') AS done, count(*) FILTER (WHERE state = 'no_show') AS missed,
           count(*) FILTER (WHERE state = 'confirmed') AS ahead,
           extract(epoch FROM max(visit.ends_at) - min(visit.starts_at)) AS seconds
    FROM ladder CROSS JOIN scheduling_professional one JOIN scheduling_appointment visit
        ON visit.professional_id = one.id AND visit.starts_at >= ladder.starts AND visit.starts_at < ladder.ends
    WHERE visit.state = ANY(%(booked)s)
    GROUP BY stretch, visit.professional_id, visit.session
), seat AS (
    SELECT session.*, width_bucket(starts_at, edges) - 1 AS day FROM session JOIN ladder USING (stretch)
)
SELECT professional.id, professional.name, seat.stretch, seat.day, sum(seat.done)::int, sum(seat.missed)::int,
       sum(seat.ahead)::int, sum(seat.seconds)::bigint
FROM scheduling_professional professional LEFT JOIN seat ON seat.professional_id = professional.id
GROUP BY 1, 2, 3, 4 ORDER BY professional.sort_key, 1
"""
_LADDER = "({0}, %(starts_{0})s::timestamptz, %(ends_{0})s::timestamptz, %(edges_{0})s::timestamptz[])"
HOUR = Decimal(3600)
TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Seats:
    """Visits that took place, were missed and are still to come; the seconds they take, and those that were worked."""

    done: int = 0
    missed: int = 0
    ahead: int = 0
    booked: int = 0
    working: int = 0

    def __add__(self, other: "Seats") -> "Seats":
        """Return both together."""
        return Seats(
            done=self.done + other.done,
            missed=self.missed + other.missed,
            ahead=self.ahead + other.ahead,
            booked=self.booked + other.booked,
            working=self.working + other.working,
        )

    @property
    def missed_share(self) -> Decimal | None:
        """Which per cent of the visits that were due nobody came to; None where none was due."""
        return percent(self.missed, self.done + self.missed)

    @property
    def occupancy(self) -> Decimal | None:
        """Which per cent of the working time was booked; None where nobody worked."""
        return percent(self.booked, self.working)

    @property
    def booked_hours(self) -> Decimal:
        """The time that was booked, in hours."""
        return (self.booked / HOUR).quantize(TENTH)

    @property
    def working_hours(self) -> Decimal:
        """The time that was worked, in hours."""
        return (self.working / HOUR).quantize(TENTH)


def percent(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    """Return a part of a whole in per cent with one place; None of nothing."""
    return (Decimal(part) * 100 / whole).quantize(TENTH) if whole else None


@dataclass(frozen=True)
class Visits:
    """The visits of a span, by day and by professional; time that no professional with hours took is no occupancy."""

    by_day: list[Seats]
    by_professional: dict[int, Seats] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    @property
    def total(self) -> Seats:
        """All of them."""
        return sum(self.by_day, Seats())


def visits(*, spans: Sequence[Span], policy: Policy) -> list[Visits]:
    """Return the visits of each span: one statement, and one for the hours."""
    times = agenda.working_time(stretches=[(span.days.first, span.days.last) for span in spans], policy=policy)
    parameters: dict[str, Any] = {"booked": list(agenda.BOOKED)}
    for number, span in enumerate(spans):
        parameters |= {f"{name}_{number}": value for name, value in span.by_clock.items()}
        parameters[f"edges_{number}"] = span.midnights
    ladders = ", ".join(_LADDER.format(number) for number in range(len(spans)))
    seen = sql.rows(_VISITS.format(ladders=ladders), parameters)
    names = {professional: name for professional, name, *_seats in seen}
    return [
        _visits(span=span, there=there, names=names, seen=[row for row in seen if row[2] == number])
        for number, (span, there) in enumerate(zip(spans, times, strict=True))
    ]


def _visits(
    *, span: Span, there: dict[int, list[tuple[int, int]]], names: dict[int, str], seen: Iterable[tuple[Any, ...]]
) -> Visits:
    by_day = [Seats() for _day in span.days]
    by_professional: dict[int, Seats] = defaultdict(Seats)
    edges = [int(instant.timestamp()) for instant in span.midnights]
    for professional, stretches in there.items():
        for day, seconds in _by_day(stretches, edges=edges):
            by_day[day] += Seats(working=seconds)
            by_professional[professional] += Seats(working=seconds)
    for professional, _name, _stretch, day, done, missed, ahead, seconds in seen:
        seats = Seats(done=done, missed=missed, ahead=ahead, booked=seconds if professional in there else 0)
        by_day[day] += seats
        by_professional[professional] += seats
    return Visits(by_day=by_day, by_professional=dict(by_professional), names=names)


def _by_day(stretches: list[tuple[int, int]], *, edges: list[int]) -> list[tuple[int, int]]:
    """Cut stretches of time where days begin; return the days and the seconds in each."""
    found = []
    for starts, ends in stretches:
        at = starts
        while at < ends:
            day = bisect_right(edges, at) - 1
            until = min(ends, edges[day + 1])
            found.append((day, until - at))
            at = until
    return found
