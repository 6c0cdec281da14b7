"""What was taken and sold, by day: of kept days from their sums, of all others from the rows, in one statement.

A statement reads both as they are at one moment, and says so if a day that was thought to be kept no longer is: then
it is read once more (docs/adr/0023).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal, TypeVar

from common import sql
from counter.daysheet import WORTH, Counted, money_of, sold
from reports.periods import A_DAY
from reports.selectors.spans import Span

T = TypeVar("T")
What = Literal["money", "time", "sales", "goods"]

TRIES = 3
"""How often days that are kept are looked for; after that everything is read from the rows."""

MARKED = "EXISTS (SELECT FROM reports_daymark mark WHERE mark.day = {day})"
"""Says that a row of a day has changed since it was summed."""

_STANDING = f"""
SELECT day, starts_at, ends_at FROM reports_keptday kept
WHERE kept_at IS NOT NULL AND day >= %(first)s AND day <= %(last)s
  AND NOT {MARKED.format(day="kept.day")}
"""  # noqa: S608 - pieces of our own, no values
_KEPT_NOW = f"""
    SELECT FROM reports_keptday kept
    WHERE kept.day = used.date AND kept.starts_at = used.starts_at AND kept.ends_at = used.ends_at
      AND kept.kept_at IS NOT NULL AND NOT {MARKED.format(day="kept.day")}
"""
_LADDER = "({0}, %(first_{0})s::date, %(edges_{0})s::timestamptz[], %(kept_{0})s::int[])"


@dataclass(frozen=True, slots=True)
class DaySum:
    """A sum of one day, counted from the first: of `money` by way, `time` by professional, `sales` by channel."""

    day: int
    what: What
    key: str
    came: bool
    count: int
    amount: Decimal
    goods: Decimal


class _VoidError(Exception):
    """A day that was thought to be kept no longer is."""


def parts(counted: Counted) -> str:
    """Return the money of some time, each amount shared among the lines of its order, for a WITH; 'goods' come before
    'visit'. What paid for an order without a visit is all of goods, so its lines are not read."""
    return f"""
{money_of(counted)}, seated AS (
    SELECT DISTINCT order_id FROM orders_orderline WHERE kind = 'visit' AND order_id IN (SELECT order_id FROM money)
), line AS (
    SELECT order_id, kind, claim, line_total, row_number() OVER run AS nth, sum(line_total) OVER run AS reached,
           sum(line_total) OVER (PARTITION BY order_id) AS whole
    FROM orders_orderline WHERE order_id IN (SELECT order_id FROM seated)
    WINDOW run AS (PARTITION BY order_id ORDER BY kind, position ROWS UNBOUNDED PRECEDING)
), part AS (
    SELECT money.*, coalesce(line.nth, 1) AS nth, visit.professional_id,
           CASE WHEN coalesce(line.whole, 0) = 0 THEN 'goods' ELSE line.kind END AS kind,
           CASE WHEN coalesce(line.whole, 0) > 0
                THEN round(amount * line.reached / line.whole, 2)
                     - round(amount * (line.reached - line.line_total) / line.whole, 2)
                WHEN coalesce(line.nth, 1) = 1 THEN amount ELSE 0 END AS share
    FROM money LEFT JOIN line ON line.order_id = money.order_id
    LEFT JOIN scheduling_appointment visit ON visit.claim = line.claim AND line.kind = 'visit'
)
"""  # noqa: S608 - pieces of our own, no values


def sold_lines(counted: Counted) -> str:
    """Return the goods of the orders that count as sold in some time, but for what was called off."""
    return f"""
SELECT line.id, line.variant_id, line.quantity, line.unit, line.line_total, line.order_id, orders_order.placed_at
FROM orders_order JOIN orders_orderline line ON line.order_id = orders_order.id
WHERE {sold(counted)} AND line.kind = 'goods'
  AND NOT EXISTS (SELECT FROM orders_orderlinecancellation gone WHERE gone.line_id = line.id)
"""  # noqa: S608 - pieces of our own, no values


def in_runs(number: int) -> Counted:
    """Return what says that an instant lies in one of so many runs of time (`starts_0` to `ends_0`, and so on)."""

    def counted(instant: str, earlier: str = "") -> str:
        runs = [f"{instant} >= %(starts_{one})s{earlier} AND {instant} < %(ends_{one})s" for one in range(number)]
        return f"({' OR '.join(runs) or 'false'})"

    return counted


def ladder(*, stretches: int) -> str:
    """Return the days of some stretches, where they begin and end and which of them are kept, for a WITH."""
    return f"ladder (stretch, first, edges, kept) AS (VALUES {', '.join(map(_LADDER.format, range(stretches)))})"


def taken(*, runs: int, stretches: int, goods: bool = False) -> str:
    """Return the sums of the rows in some runs of time, by the days of some stretches that are not kept, for a WITH."""
    counted = in_runs(runs)
    within = "{0} >= edges[1] AND {0} < edges[cardinality(edges)] AND width_bucket({0}, edges) - 1 <> ALL(kept)"
    sold_goods = f"""
    UNION ALL
    SELECT stretch, width_bucket(placed_at, edges) - 1, 'goods', variant_id::text, true, count(DISTINCT order_id),
           sum(quantity), sum(line_total), 0
    FROM ({sold_lines(counted)}) line CROSS JOIN ladder WHERE {within.format("placed_at")} GROUP BY 1, 2, 4
"""  # noqa: S608 - pieces of our own, no values
    return f"""
{ladder(stretches=stretches)}, {parts(counted)}, placed AS (
    SELECT part.*, stretch, width_bucket(counts_at, edges) - 1 AS day
    FROM part CROSS JOIN ladder WHERE {within.format("counts_at")}
), taken (stretch, day, what, key, came, count, units, amount, goods) AS (
    SELECT stretch, day, CASE grouping(way) WHEN 0 THEN 'money' ELSE 'time' END,
           coalesce(way, professional_id::text, ''), came, count(*) FILTER (WHERE nth = 1), 0, sum(share),
           CASE grouping(way) WHEN 0 THEN coalesce(sum(share) FILTER (WHERE kind = 'goods'), 0) ELSE 0 END
    FROM placed GROUP BY GROUPING SETS ((stretch, day, way, came), (stretch, day, came, kind, professional_id))
    HAVING grouping(way) = 0 OR kind = 'visit'
    UNION ALL
    SELECT stretch, width_bucket(placed_at, edges) - 1, 'sales', channel, true, count(*), 0, sum({WORTH}), 0
    FROM orders_order CROSS JOIN ladder WHERE {sold(counted)} AND {within.format("placed_at")} GROUP BY 1, 2, 4
{sold_goods if goods else ""})
"""  # noqa: S608 - pieces of our own, no values


USED = f"""
used AS (
    SELECT stretch, day, first + day AS date, edges[day + 1] AS starts_at, edges[day + 2] AS ends_at
    FROM ladder CROSS JOIN unnest(kept) day
), void AS (
    SELECT count(*) AS days FROM used WHERE NOT EXISTS ({_KEPT_NOW})
)
"""  # noqa: S608 - pieces of our own, no values
"""The kept days of a ladder, and how many of them are no longer kept, for a WITH."""


def ladders_of(*, spans: Sequence[Span]) -> tuple[int, dict[str, Any]]:
    """Return how many runs of time are to be read from rows, and what statements about these spans compare with."""
    runs = open_runs(spans)
    parameters: dict[str, Any] = {}
    for number, span in enumerate(spans):
        parameters[f"first_{number}"] = span.days.first
        parameters[f"edges_{number}"] = span.edges
        parameters[f"kept_{number}"] = list(span.kept)
    for number, (starts, ends) in enumerate(runs):
        parameters |= {f"starts_{number}": starts, f"ends_{number}": ends}
    return len(runs), parameters


def open_runs(spans: Iterable[Span]) -> list[tuple[datetime, datetime]]:
    """Return the time of the days that are not kept, in its order; what meets is one run."""
    days: list[tuple[datetime, datetime]] = []
    for span in spans:
        kept = set(span.kept)
        days += [one for day, one in enumerate(pairwise(span.edges)) if day not in kept]
    found: list[tuple[datetime, datetime]] = []
    for starts, ends in sorted(days):
        if found and starts <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((starts, ends))
    return found


def with_kept(*, spans: Sequence[Span]) -> list[Span]:
    """Return the spans with the days whose sums are kept, counted between the same instants; one statement."""
    asked = {"first": min(span.days.first for span in spans), "last": max(span.days.last for span in spans)}
    edges: dict[date, tuple[datetime, datetime]] = {
        day: (starts_at, ends_at) for day, starts_at, ends_at in sql.rows(_STANDING, asked)
    }
    return [
        replace(
            span,
            kept=tuple(
                number
                for number in range(len(span.days))
                if edges.get(span.days.first + number * A_DAY) == (span.edges[number], span.edges[number + 1])
            ),
        )
        for span in spans
    ]


def while_kept(read: Callable[[Sequence[Span]], T], *, spans: Sequence[Span]) -> T:
    """Return what `read` makes of the spans; where a day was marked meanwhile, of the days that are kept then."""
    for _try in range(TRIES - 1):
        try:
            return read(spans)
        except _VoidError:
            spans = with_kept(spans=spans)
    return read([replace(span, kept=()) for span in spans])


def refuse_void(days: int) -> None:
    """End a reading in which so many days were no longer kept."""
    if days:
        raise _VoidError()


def day_sums(*, spans: Sequence[Span]) -> list[list[DaySum]]:
    """Return the sums of each day of some spans, for each span; one statement."""
    return while_kept(_day_sums, spans=spans)


def _day_sums(spans: Sequence[Span]) -> list[list[DaySum]]:
    runs, parameters = ladders_of(spans=spans)
    statement = f"""
WITH {taken(runs=runs, stretches=len(spans))}, {USED}
SELECT stretch, day, what, key, came, count, amount, goods FROM taken
UNION ALL
SELECT stretch, used.day, what, key, came, count, amount, goods
FROM used JOIN reports_keptsum kept ON kept.day_id = used.date AND what IN ('money', 'time', 'sales')
UNION ALL
SELECT -1, 0, '', '', false, days, 0, 0 FROM void
"""  # noqa: S608 - pieces of our own, no values
    found: list[list[DaySum]] = [[] for _span in spans]
    for stretch, *row in sql.rows(statement, parameters):
        if stretch < 0:
            refuse_void(row[4])
        else:
            found[stretch].append(DaySum(*row))
    return found
