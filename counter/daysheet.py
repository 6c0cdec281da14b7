"""The sheet of a day: what came in and went back, how, by whom and where, and what is still to come.

Each figure is defined here and nowhere else, and read with a fixed number of statements however many orders there are.
A day begins at midnight in the shop's zone, or where the day before was closed early: from then on everything counts
for the day after, so that nothing falls between two days. Money over the counter belongs to the day on which its drawer
was opened, and so a day adds up to its drawers; all other money to the day on which it came.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from json import dumps, loads
from typing import Any
from zoneinfo import ZoneInfo

from common import sql
from common.dates import midnight
from payments.selectors import drawer_sums
from till.models import TENDERS, DayClose, DayCorrection, TillSession

NOTHING = Decimal("0.00")
A_DAY = timedelta(days=1)

_MONEY = """
WITH drawer AS (
    SELECT id, till_id FROM till_tillsession WHERE opened_at >= %(starts)s AND opened_at < %(ends)s
), money AS (
    SELECT payment.order_id, payment.amount, true AS came, payment.actor_kind, payment.actor_id, drawer.till_id,
           CASE WHEN payment.tender IN ('card', 'pix') THEN payment.tender ELSE 'cash' END AS way
    FROM drawer JOIN payments_payment payment ON payment.session_id = drawer.id
    UNION ALL
    SELECT refund.order_id, refund.amount, false, refund.actor_kind, refund.actor_id, drawer.till_id, refund.tender
    FROM drawer JOIN payments_refund refund ON refund.session_id = drawer.id
    UNION ALL
    SELECT order_id, amount, true, actor_kind, actor_id, NULL,
           CASE gateway WHEN 'counter' THEN coalesce(nullif(tender, ''), 'cash') WHEN 'transfer' THEN 'transfer'
                        ELSE method || '_online' END
    FROM payments_payment
    WHERE session_id IS NULL AND status = 'succeeded' AND received_at >= %(starts)s AND received_at < %(ends)s
    UNION ALL
    SELECT refund.order_id, refund.amount, false, refund.actor_kind, refund.actor_id, NULL,
           CASE WHEN payment.gateway = 'counter' THEN coalesce(nullif(payment.tender, ''), 'cash')
                WHEN payment.gateway IS NULL OR payment.gateway = 'transfer' THEN 'transfer'
                ELSE payment.method || '_online' END
    FROM payments_refund refund LEFT JOIN payments_payment payment ON payment.id = refund.payment_id
    WHERE refund.session_id IS NULL AND refund.status = 'succeeded'
      AND refund.returned_at >= %(starts)s AND refund.returned_at < %(ends)s
), shared AS (
    SELECT money.*, CASE WHEN actor_kind = 'staff' THEN actor_id ELSE '' END AS person,
           round(amount * coalesce(line.goods / nullif(line.whole, 0), 1), 2) AS goods
    FROM money CROSS JOIN LATERAL (
        SELECT sum(line_total) FILTER (WHERE kind = 'goods') AS goods, sum(line_total) AS whole
        FROM orders_orderline WHERE order_id = money.order_id
    ) line
)
SELECT grouping(way, actor_kind, till_id), came, way, actor_kind, person, till_id, count(*), sum(amount), sum(goods)
FROM shared GROUP BY GROUPING SETS ((came, way), (came, actor_kind, person), (came, till_id), (came))
"""
EMPTY: Mapping[bool, tuple[int, Decimal, Decimal]] = {True: (0, NOTHING, NOTHING), False: (0, NOTHING, NOTHING)}
WAYS, PEOPLE, TILLS, ALL = 3, 5, 6, 7
"""Which of way, person and till a row of the statement is the sum over, as PostgreSQL says it."""

_DUE = "(sold.total - sold.cancelled + sold.late_fee - sold.paid + sold.refunded)"
_REST = f"""
SELECT (
    SELECT jsonb_build_object('count', count(*), 'total', coalesce(sum(total - cancelled), 0)::text,
                              'discounts', coalesce(sum(discount), 0)::text)
    FROM orders_order
    WHERE placed_at >= %(starts)s AND placed_at < %(ends)s AND status IN ('confirmed', 'completed')
), (
    SELECT coalesce(sum(late_fee), 0) FROM orders_order WHERE late_fee > 0 AND id IN (
        SELECT order_id FROM orders_orderevent
        WHERE to_status = 'cancelled' AND from_status <> 'cancelled' AND at >= %(starts)s AND at < %(ends)s
        UNION
        SELECT line.order_id FROM orders_orderlinecancellation gone JOIN orders_orderline line ON line.id = gone.line_id
        WHERE gone.at >= %(starts)s AND gone.at < %(ends)s
    )
), (
    SELECT coalesce(sum(payment.amount), 0) FROM payments_payment payment
    WHERE payment.status = 'succeeded' AND payment.received_at < %(starts)s AND payment.order_id IN (
        SELECT order_id FROM orders_orderevent
        WHERE to_status = 'completed' AND from_status <> 'completed' AND at >= %(starts)s AND at < %(ends)s
    )
), (
    SELECT jsonb_build_object('count', count(*), 'amount', coalesce(sum(amount), 0)::text) FROM payments_refund
    WHERE status IN ('due', 'sent', 'refused')
), (
    SELECT jsonb_build_object('count', count(*), 'amount', coalesce(sum({_DUE}), 0)::text) FROM orders_order sold
    WHERE sold.status = 'confirmed' AND sold.pickup_starts_at >= %(tomorrow)s AND sold.pickup_starts_at < %(after)s
      AND {_DUE} > 0
), (
    SELECT jsonb_build_object('count', count(*), 'amount', coalesce(sum(due), 0)::text) FROM (
        SELECT total AS due FROM scheduling_appointment
        WHERE state = 'confirmed' AND claim IS NULL AND total > 0
          AND starts_at >= %(tomorrow)s AND starts_at < %(after)s
        UNION ALL
        SELECT {_DUE} FROM orders_order sold
        WHERE sold.status = 'confirmed' AND {_DUE} > 0
          AND (sold.pickup_starts_at IS NULL
               OR NOT (sold.pickup_starts_at >= %(tomorrow)s AND sold.pickup_starts_at < %(after)s))
          AND sold.id IN (
              SELECT line.order_id FROM scheduling_appointment visit
              JOIN orders_orderline line ON line.claim = visit.claim
              WHERE visit.state = 'confirmed' AND visit.starts_at >= %(tomorrow)s AND visit.starts_at < %(after)s)
    ) visit
)
"""  # noqa: S608 - every part of this statement stands in this file


@dataclass(frozen=True)
class Period:
    """From when to when something counts for a day; `closed`: the day's close, once there is one."""

    day: date
    starts: datetime
    ends: datetime
    closed: DayClose | None = None


def period_of(*, day: date, timezone: str, now: datetime) -> Period:
    """Return from when to when a day counts: until now, while it has not ended."""
    zone = ZoneInfo(timezone)
    closes = {close.day: close for close in DayClose.objects.filter(day__in=[day, day - A_DAY])}
    closed = closes.get(day)
    if closed is not None:
        return Period(day=day, starts=closed.starts_at, ends=closed.ends_at, closed=closed)
    before = closes.get(day - A_DAY)
    starts = before.ends_at if before is not None else midnight(day, zone=zone)
    return Period(day=day, starts=starts, ends=max(min(midnight(day + A_DAY, zone=zone), now), starts))


def figures_of(*, period: Period, timezone: str) -> dict[str, Any]:
    """Return every figure of a day as plain values: amounts as text with two places, instants in ISO 8601."""
    zone = ZoneInfo(timezone)
    span: dict[str, Any] = {
        "starts": period.starts,
        "ends": period.ends,
        "tomorrow": midnight(period.day + A_DAY, zone=zone),
        "after": midnight(period.day + 2 * A_DAY, zone=zone),
    }
    drawers = drawers_of(period=period)
    return {
        "day": period.day.isoformat(),
        "starts_at": period.starts.isoformat(),
        "ends_at": period.ends.isoformat(),
        **_money(rows=sql.rows(_MONEY, span), tills={str(one["till"]): one["till_name"] for one in drawers}),
        **_rest(sql.rows(_REST, span)[0]),
        "drawers": drawers,
        "corrections": corrections_of(day=period.day),
    }


def digest_of(*, figures: Mapping[str, Any]) -> str:
    """Return the seal of a day's figures: SHA-256 over their canonical JSON."""
    return sha256(dumps(figures, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()).hexdigest()


def drawers_of(*, period: Period) -> list[dict[str, Any]]:
    """Return the drawers of a day: what went through each, and what was counted when it was closed."""
    opened = TillSession.objects.filter(opened_at__gte=period.starts, opened_at__lt=period.ends)
    sessions = list(opened.select_related("till", "close").order_by("pk"))
    return [
        {
            "session": str(session.public_id),
            "till": session.till_id,
            "till_name": session.till.name,
            "actor_kind": session.actor_kind,
            "actor_id": session.actor_id,
            "opened_at": session.opened_at.isoformat(),
            "closed_at": session.closed_at.isoformat() if session.closed_at else "",
            "float": text(sums.opening_float),
            "put_in": text(sums.put_in),
            "taken_out": text(sums.taken_out),
            "expected": _texts(sums.expected),
            **_close(session),
        }
        for session, sums in zip(sessions, drawer_sums(sessions=sessions), strict=True)
    ]


def totals_of(*, drawers: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    """Return what the closed drawers of a day expected and counted in all."""
    closed = [drawer for drawer in drawers if drawer["closed_at"]]
    return {
        side: sum((Decimal(amount) for drawer in closed for amount in drawer[side].values()), NOTHING)
        for side in ("expected", "counted")
    }


def text(amount: Decimal | str) -> str:
    """Return an amount as these figures hold it."""
    return f"{Decimal(amount):.2f}"


def _texts(amounts: Mapping[str, Decimal]) -> dict[str, str]:
    return {tender: text(amounts[tender]) for tender in TENDERS}


def _close(session: TillSession) -> dict[str, Any]:
    close = getattr(session, "close", None)
    if close is None:
        return {"counted": {}, "difference": "", "note": ""}
    return {"counted": _texts(close.counted), "difference": text(close.difference), "note": close.note}


def _money(*, rows: Sequence[tuple[Any, ...]], tills: Mapping[str, str]) -> dict[str, Any]:
    """Return received and given back, in all and by way, person and till; goods and time apart."""
    found: dict[int, dict[Any, dict[bool, Any]]] = {WAYS: {}, PEOPLE: {}, TILLS: {}, ALL: {}}
    for mask, came, way, kind, person, till, count, amount, goods in rows:
        key = {WAYS: way, PEOPLE: (kind, person), TILLS: till, ALL: ""}[mask]
        row = found[mask].setdefault(key, dict(EMPTY))
        row[came] = (count, amount, goods)
    whole = found[ALL].get("", dict(EMPTY))
    return {
        **_sides(whole),
        "goods": text(whole[True][2] - whole[False][2]),
        "time": text(whole[True][1] - whole[True][2] - whole[False][1] + whole[False][2]),
        "by_way": [{"way": way, **_sides(row)} for way, row in sorted(found[WAYS].items())],
        "by_person": [
            {"actor_kind": kind, "actor_id": person, **_sides(row)}
            for (kind, person), row in sorted(found[PEOPLE].items())
        ],
        "by_till": [
            {"till": tills.get(str(till), ""), **_sides(row)}
            for till, row in sorted(found[TILLS].items(), key=lambda one: one[0] or 0)
            if till is not None
        ],
    }


def _sides(row: Mapping[Any, Any]) -> dict[str, Any]:
    (came, received, _goods), (went, given_back, _goods) = row[True], row[False]
    return {
        "payments": came,
        "received": text(received),
        "refunds": went,
        "given_back": text(given_back),
        "kept": text(received - given_back),
    }


def _rest(row: tuple[Any, ...]) -> dict[str, Any]:
    fees, before = row[1], row[2]
    sold, owed, pickups, visits = (loads(row[place]) for place in (0, 3, 4, 5))
    return {
        "sold": {"count": sold["count"], "total": text(sold["total"])},
        "discounts": text(sold["discounts"]),
        "fees": text(fees),
        "received_before": text(before),
        "owed": _counted(owed),
        "tomorrow": {"pickups": _counted(pickups), "visits": _counted(visits)},
    }


def _counted(found: Mapping[str, Any]) -> dict[str, Any]:
    return {"count": found["count"], "amount": text(found["amount"])}


def corrections_of(*, day: date) -> list[dict[str, Any]]:
    """Return what was written down about a day since, oldest first."""
    return [
        {
            "tender": one.tender,
            "amount": text(one.amount),
            "reason": one.reason,
            "actor_kind": one.actor_kind,
            "actor_id": one.actor_id,
            "at": one.at.isoformat(),
        }
        for one in DayCorrection.objects.filter(day=day)
    ]
