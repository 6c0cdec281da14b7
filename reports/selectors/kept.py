"""Which days wait for their sums, and what is kept that differs from the rows."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from common import sql
from reports.periods import A_DAY, Days
from reports.selectors.spans import Span
from reports.selectors.sums import MARKED, ladders_of, taken

DAYS_AT_ONCE = 92

PENDING = f"""
SELECT day, starts_at, ends_at FROM reports_keptday kept
WHERE day = ANY(%(days)s) AND (kept_at IS NULL OR {MARKED.format(day="kept.day")}) AND NOT EXISTS (
    SELECT FROM pg_snapshot_xip(pg_current_snapshot()) AS running (xid)
    WHERE (settled_from IS NULL OR xid::text::bigint < settled_from) AND NOT EXISTS (
        SELECT FROM pg_stat_activity other JOIN pg_database ON pg_database.oid = other.datid
        WHERE other.backend_xid = running.xid::xid AND pg_database.datname <> current_database()
    )
) AND settled_from IS NOT NULL
ORDER BY day DESC
"""  # noqa: S608 - pieces of our own, no values
"""Days to be summed, if every transaction has ended that may not have seen them announced; the newest first."""

_DIFFERENT = """
WITH {taken}, computed AS (
    SELECT first + day AS day, what, key, came, count, units, amount, goods FROM taken JOIN ladder USING (stretch)
), stored AS (
    SELECT day_id AS day, what, key, came, count, units, amount, goods FROM reports_keptsum
    WHERE day_id = ANY(%(days)s)
)
SELECT day, what, key, came, count, units, amount, goods, side FROM (
    SELECT *, 'kept' AS side FROM (TABLE stored EXCEPT TABLE computed) one
    UNION ALL
    SELECT *, 'rows' AS side FROM (TABLE computed EXCEPT TABLE stored) one
) differing WHERE NOT {marked} ORDER BY day, what, key, came, side
"""


def chains_of(days: Iterable[tuple[date, datetime, datetime]]) -> list[Span]:
    """Return days as spans: those in a row together, of which each begins when the one before ends."""
    found: list[Span] = []
    for day, starts_at, ends_at in sorted(days):
        if found and found[-1].days.last + A_DAY == day and found[-1].edges[-1] == starts_at:
            span = found.pop()
            found.append(Span(days=Days(span.days.first, day), edges=[*span.edges, ends_at], midnights=[]))
        else:
            found.append(Span(days=Days(day, day), edges=[starts_at, ends_at], midnights=[]))
    return found


def wrong_sums() -> Iterator[dict[str, Any]]:
    """Yield the sums of days that count as kept and differ from what the rows say, as kept and by the rows."""
    counted = sql.rows("SELECT day, starts_at, ends_at FROM reports_keptday WHERE kept_at IS NOT NULL ORDER BY day", {})
    for start in range(0, len(counted), DAYS_AT_ONCE):
        some = counted[start : start + DAYS_AT_ONCE]
        chains = chains_of(some)
        runs, parameters = ladders_of(spans=chains)
        statement = _DIFFERENT.format(
            taken=taken(runs=runs, stretches=len(chains), goods=True), marked=MARKED.format(day="differing.day")
        )
        for row in sql.rows(statement, {**parameters, "days": [day for day, *_edges in some]}):
            yield dict(zip(("day", "what", "key", "came", "count", "units", "amount", "goods", "by"), row, strict=True))
