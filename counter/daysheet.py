"""The sheet of a day: what came in and went back, how, by whom and where, and what is still to come.

Each figure is defined here and nowhere else, and read with a fixed number of statements however many orders there are.
A day begins at midnight in the shop's zone, or where the day before was closed early: from then on everything counts
for the day after, so that nothing falls between two days. Money over the counter belongs to the day on which somebody
opened its drawer, and so a day adds up to its drawers; all other money to the day on which it came, and so does that of
a drawer that opened by itself: where nobody thinks of drawers, one may stay open for months.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from json import dumps, loads
from typing import Any
from zoneinfo import ZoneInfo

from common import sql
from common.dates import midnight
from orders.amounts import AMOUNT_DUE
from payments.selectors import drawer_sums
from till.models import TENDERS, DayClose, DayCorrection, TillSession

NOTHING = Decimal("0.00")
A_DAY = timedelta(days=1)

Counted = Callable[[str, str], str]
"""Says that an instant lies in the time asked for, which begins earlier by what comes second."""

EARLIER = " - interval '1 day'"
"""How much earlier than its drawer opened money may have come that counts from then on."""


def in_period(instant: str, earlier: str = "") -> str:
    """Return the condition that an instant lies between `starts` and `ends`."""
    return f"({instant} >= %(starts)s{earlier} AND {instant} < %(ends)s)"


def money_of(counted: Counted) -> str:
    """Return the money of some time, for a WITH: what `came` and what went back, each with the `way` it went and the
    instant `counts_at` by which it belongs to a day."""
    return f"""
drawer AS (
    SELECT id, till_id, opened_at FROM till_tillsession
    WHERE {counted("opened_at", "")} AND NOT opened_by_itself
), money AS (
    SELECT payment.id, payment.order_id, payment.amount, true AS came, payment.actor_kind, payment.actor_id,
           drawer.till_id, drawer.opened_at AS counts_at, payment.received_at AS moved_at,
           CASE WHEN payment.tender IN ('card', 'pix') THEN payment.tender ELSE 'cash' END AS way
    FROM drawer JOIN payments_payment payment ON payment.session_id = drawer.id
    UNION ALL
    SELECT refund.id, refund.order_id, refund.amount, false, refund.actor_kind, refund.actor_id, drawer.till_id,
           drawer.opened_at, refund.returned_at, refund.tender
    FROM drawer JOIN payments_refund refund ON refund.session_id = drawer.id
    UNION ALL
    SELECT payment.id, order_id, amount, true, payment.actor_kind, payment.actor_id, own.till_id,
           greatest(received_at, own.opened_at), received_at,
           CASE gateway WHEN 'counter' THEN coalesce(nullif(tender, ''), 'cash') WHEN 'transfer' THEN 'transfer'
                        ELSE method || '_online' END
    FROM payments_payment payment LEFT JOIN till_tillsession own ON own.id = payment.session_id
    WHERE (own.id IS NULL OR own.opened_by_itself) AND status = 'succeeded'
      AND {counted("received_at", EARLIER)} AND {counted("greatest(received_at, own.opened_at)", "")}
    UNION ALL
    SELECT refund.id, refund.order_id, refund.amount, false, refund.actor_kind, refund.actor_id, own.till_id,
           greatest(refund.returned_at, own.opened_at), refund.returned_at,
           CASE WHEN refund.tender <> '' THEN refund.tender
                WHEN payment.gateway = 'counter' THEN coalesce(nullif(payment.tender, ''), 'cash')
                WHEN payment.gateway IS NULL OR payment.gateway = 'transfer' THEN 'transfer'
                ELSE payment.method || '_online' END
    FROM payments_refund refund LEFT JOIN payments_payment payment ON payment.id = refund.payment_id
    LEFT JOIN till_tillsession own ON own.id = refund.session_id
    WHERE (own.id IS NULL OR own.opened_by_itself) AND refund.status = 'succeeded'
      AND {counted("refund.returned_at", EARLIER)} AND {counted("greatest(refund.returned_at, own.opened_at)", "")}
)
"""  # noqa: S608 - pieces of our own, no values


def sold(counted: Counted) -> str:
    """Return the condition by which an order counts as sold in some time."""
    return f"{counted('placed_at', '')} AND status IN ('confirmed', 'completed')"


MONEY = money_of(in_period)
_SHARED = f"""
WITH {MONEY}, shared AS (
    SELECT money.*, CASE WHEN actor_kind = 'staff' THEN actor_id ELSE '' END AS person,
           coalesce(round(amount * line.goods / nullif(line.whole, 0), 2), amount) AS goods
    FROM money CROSS JOIN LATERAL (
        SELECT coalesce(sum(line_total) FILTER (WHERE kind = 'goods'), 0) AS goods, sum(line_total) AS whole
        FROM orders_orderline WHERE order_id = money.order_id
    ) line
)
SELECT grouping(way, actor_kind, till_id), came, way, actor_kind, person, till_id, count(*), sum(amount), sum(goods)
FROM shared GROUP BY GROUPING SETS ((came, way), (came, actor_kind, person), (came, till_id), (came))
"""  # noqa: S608 - every part of this statement stands in this file
EMPTY: Mapping[bool, tuple[int, Decimal, Decimal]] = {True: (0, NOTHING, NOTHING), False: (0, NOTHING, NOTHING)}
WAYS, PEOPLE, TILLS, ALL = 3, 5, 6, 7
"""Which of way, person and till a row of the statement is the sum over, as PostgreSQL says it."""

SOLD = sold(in_period)

WORTH = "total - cancelled"
"""What was agreed for an order and not called off since, whether it was paid or not."""

_REST = f"""
SELECT (
    SELECT jsonb_build_object('count', count(*), 'total', coalesce(sum({WORTH}), 0)::text,
                              'discounts', coalesce(sum(discount), 0)::text)
    FROM orders_order WHERE {SOLD}
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
    SELECT jsonb_build_object('count', count(*), 'amount', coalesce(sum({AMOUNT_DUE}), 0)::text) FROM orders_order o
    WHERE o.status = 'confirmed' AND o.pickup_starts_at >= %(tomorrow)s AND o.pickup_starts_at < %(after)s
      AND {AMOUNT_DUE} > 0
), (
    SELECT jsonb_build_object('count', count(*), 'amount', coalesce(sum(due), 0)::text) FROM (
        SELECT total AS due FROM scheduling_appointment
        WHERE state = 'confirmed' AND claim IS NULL AND total > 0
          AND starts_at >= %(tomorrow)s AND starts_at < %(after)s
        UNION ALL
        SELECT {AMOUNT_DUE} FROM orders_order o
        WHERE o.status = 'confirmed' AND {AMOUNT_DUE} > 0
          AND (o.pickup_starts_at IS NULL
               OR NOT (o.pickup_starts_at >= %(tomorrow)s AND o.pickup_starts_at < %(after)s))
          AND o.id IN (
              SELECT line.order_id FROM scheduling_appointment visit
              JOIN orders_orderline line ON line.claim = visit.claim
              WHERE visit.state = 'confirmed' AND visit.starts_at >= %(tomorrow)s AND visit.starts_at < %(after)s)
    ) visit
), (
    SELECT coalesce(jsonb_agg(jsonb_build_array(person.name, tip.tender, tip.came::text, tip.went::text)
                              ORDER BY person.sort_key, tip.tender), '[]')
    FROM (
        SELECT professional_id, tender, coalesce(sum(amount) FILTER (WHERE amount > 0), 0) AS came,
               coalesce(-sum(amount) FILTER (WHERE amount < 0), 0) AS went
        FROM payments_tip given JOIN (
            SELECT id, opened_at, opened_by_itself FROM till_tillsession WHERE opened_at < %(ends)s
        ) drawer ON drawer.id = given.session_id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN opened_by_itself THEN greatest(given.at, opened_at) ELSE opened_at END AS counts_at
        ) counted
        WHERE counts_at >= %(starts)s AND counts_at < %(ends)s
        GROUP BY professional_id, tender
    ) tip JOIN scheduling_professional person ON person.id = tip.professional_id
)
"""  # noqa: S608 - expressions of our own, no values


@dataclass(frozen=True)
class Period:
    """From when to when something counts for a day; `closed`: the day's close, once there is one."""

    day: date
    starts: datetime
    ends: datetime
    closed: DayClose | None = None


def period_of(*, day: date, timezone: str, now: datetime) -> Period:
    """Return from when to when a day counts: until now, while it has not ended."""
    closes = {close.day: close for close in DayClose.objects.filter(day__in=[day, day - A_DAY])}
    starts, ends = _edges(days=[day], closes=closes, zone=ZoneInfo(timezone), now=now)
    return Period(day=day, starts=starts, ends=ends, closed=closes.get(day))


def day_ending(*, session: TillSession, timezone: str, now: datetime) -> date | None:
    """Return the day that ends with a drawer; None where it is closed already.

    After midnight that is the day before, if somebody opened the drawer on it.
    """
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    closed = set(DayClose.objects.filter(day__in=[today, today - A_DAY]).values_list("day", flat=True))
    if not session.opened_by_itself:
        opened = session.opened_at.astimezone(zone).date()
        if opened == today - A_DAY and opened not in closed:
            return opened
    return today if today not in closed else None


def edges_of(*, stretches: Sequence[tuple[date, date]], timezone: str, now: datetime) -> list[list[datetime]]:
    """Return for each stretch of days where its days begin and where the last one ends: as their sheets have it."""
    first, last = min(one[0] for one in stretches), max(one[1] for one in stretches)
    found = DayClose.objects.filter(day__gte=first - A_DAY, day__lte=last).defer("figures")
    closes, zone = {close.day: close for close in found}, ZoneInfo(timezone)
    return [_edges(days=_days(first, last), closes=closes, zone=zone, now=now) for first, last in stretches]


def _days(first: date, last: date) -> list[date]:
    return [first + A_DAY * number for number in range((last - first).days + 1)]


def _edges(*, days: Sequence[date], closes: Mapping[date, DayClose], zone: ZoneInfo, now: datetime) -> list[datetime]:
    """Return where days in a row begin and the last one ends; a day begins where the one before was closed."""
    edges = []
    for day in days:
        closed, before = closes.get(day), closes.get(day - A_DAY)
        if closed is not None:
            edges.append(closed.starts_at)
        else:
            edges.append(before.ends_at if before is not None else midnight(day, zone=zone))
    last = closes.get(days[-1])
    until = min(midnight(days[-1] + A_DAY, zone=zone), now) if last is None else last.ends_at
    return [*edges, max(until, edges[-1])]


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
        **_money(rows=sql.rows(_SHARED, span), tills={str(one["till"]): one["till_name"] for one in drawers}),
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
        "tips": [_tip(*one) for one in loads(row[6])],
        "owed": _counted(owed),
        "tomorrow": {"pickups": _counted(pickups), "visits": _counted(visits)},
    }


def _tip(name: str, tender: str, came: str, went: str) -> dict[str, str]:
    sides = {"received": text(came), "given_back": text(went), "kept": text(Decimal(came) - Decimal(went))}
    return {"professional": name, "tender": tender, **sides}


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
