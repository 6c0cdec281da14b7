"""Sums of past days: made once a day is over, and anew whenever a row that counts for it has changed.

A day is announced first, so that whoever changes one of its rows marks it from then on, and summed once every
transaction has ended that may not have seen the announcement. What a sum is made of and which marks it answers are
looked at in one statement, so at one moment (docs/adr/0023).
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from common import sql
from common.transactions import one_at_a_time
from common.use_cases import use_case
from counter.daysheet import edges_of
from reports.periods import A_DAY, LONGEST, Days
from reports.selectors.kept import PENDING, chains_of
from reports.selectors.sums import ladders_of, taken

KEPT_AT_ONCE = 31
"""Days that are summed in one transaction."""
REMEMBERED = 2 * LONGEST * A_DAY
"""How far back days are kept: the longest report, and as many days before it."""

_ANNOUNCED = """
INSERT INTO reports_keptday AS kept (day, starts_at, ends_at)
SELECT day, starts_at, ends_at
FROM unnest(%(days)s::date[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS new (day, starts_at, ends_at)
WHERE NOT EXISTS (SELECT FROM reports_keptday same WHERE (same.day, same.starts_at, same.ends_at)
                                                         = (new.day, new.starts_at, new.ends_at))
ON CONFLICT (day) DO UPDATE
    SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, settled_from = NULL, kept_at = NULL
"""
_SETTLED = """
UPDATE reports_keptday SET settled_from = pg_snapshot_xmax(pg_current_snapshot())::text::bigint
WHERE settled_from IS NULL
   OR kept_at IS NULL AND settled_from > pg_snapshot_xmax(pg_current_snapshot())::text::bigint
"""


def keep_days(*, timezone: str, now: datetime) -> int:
    """Sum the past days that have no sums or whose rows have changed, and return how many; safe to repeat."""
    days = _past_days(timezone=timezone, now=now)
    if days is None:
        return 0
    _announce(days=days, timezone=timezone, now=now)
    _settle()
    pending = [day for (day, *_edges) in sql.rows(PENDING, {"days": list(days)})]
    return sum(
        _keep(days=pending[start : start + KEPT_AT_ONCE], now=now) for start in range(0, len(pending), KEPT_AT_ONCE)
    )


def _past_days(*, timezone: str, now: datetime) -> Days | None:
    """Return the days that are over, from the first order on; None before there is one."""
    [[first_order]] = sql.rows("SELECT min(placed_at) FROM orders_order", {})
    if first_order is None:
        return None
    zone = ZoneInfo(timezone)
    last = now.astimezone(zone).date() - A_DAY
    first = max(first_order.astimezone(zone).date() - A_DAY, last - REMEMBERED)
    return Days(first, last) if first <= last else None


@use_case()
def _announce(*, days: Days, timezone: str, now: datetime) -> None:
    """Write down which days there are and when they begin and end; what was kept of one that changed is void."""
    one_at_a_time(names=["reports.kept"])
    [edges] = edges_of(stretches=[(days.first, days.last)], timezone=timezone, now=now)
    sql.execute(_ANNOUNCED, {"days": list(days), "starts": edges[:-1], "ends": edges[1:]})


@use_case()
def _settle() -> None:
    """Note for days that have just been announced which transactions may not have seen that: all that run now."""
    sql.execute(_SETTLED, {})


@use_case()
def _keep(*, days: Sequence[date], now: datetime) -> int:
    """Sum some days anew, together with forgetting their marks."""
    one_at_a_time(names=["reports.kept"])
    chains = chains_of(sql.rows(PENDING, {"days": list(days)}))
    kept = [day for chain in chains for day in chain.days]
    runs, parameters = ladders_of(spans=chains)
    if not kept:
        return 0
    answered: dict[str, Any] = {"days": kept, "now": now}
    sql.execute("DELETE FROM reports_keptsum WHERE day_id = ANY(%(days)s)", answered)
    sql.execute(
        f"""
        WITH {taken(runs=runs, stretches=len(chains), goods=True)}, answered AS (
            DELETE FROM reports_daymark WHERE day = ANY(%(days)s)
        ), noted AS (
            UPDATE reports_keptday SET kept_at = %(now)s WHERE day = ANY(%(days)s)
        )
        INSERT INTO reports_keptsum (day_id, what, key, came, count, units, amount, goods)
        SELECT first + day, what, key, came, count, units, amount, goods FROM taken JOIN ladder USING (stretch)
        """,  # noqa: S608 - pieces of our own, no values
        {**parameters, **answered},
    )
    return len(kept)
