"""The rows behind a figure, by the very statements that the figure is read with: they add up to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from common import sql
from counter.daysheet import SOLD, WORTH, in_period, money_of
from reports.selectors.spans import Span
from reports.selectors.sums import parts, sold_lines
from scheduling.selectors import BOOKED

Kind = Literal["money", "sales", "visits", "product"]

_FOUND_MONEY = f"""
SELECT id, came, way, moved_at, order_id, CASE WHEN came THEN amount ELSE -amount END AS amount
FROM (WITH {money_of(in_period)} TABLE money) money
WHERE (%(way)s = '' OR way = %(way)s) AND (%(side)s = '' OR came = (%(side)s = 'came'))
"""  # noqa: S608 - pieces of our own, no values
_FOUND_PARTS = f"""
SELECT id, came, way, min(moved_at) AS moved_at, order_id, sum(CASE WHEN came THEN share ELSE -share END) AS amount
FROM (WITH {parts(in_period)} TABLE part) part
WHERE (%(way)s = '' OR way = %(way)s) AND (%(side)s = '' OR came = (%(side)s = 'came'))
  AND (%(kind)s = '' OR kind = %(kind)s)
  AND (%(professional)s = '' OR coalesce(professional_id::text, 'nobody') = %(professional)s)
GROUP BY id, came, way, order_id
"""  # noqa: S608 - pieces of our own, no values
_MONEY = """
WITH found AS ({found}), page AS (
    SELECT * FROM found ORDER BY moved_at DESC, came, id DESC LIMIT %(limit)s OFFSET %(skipped)s
)
SELECT every.many, every.whole, page.moved_at, orders_order.id, orders_order.number, NULL::uuid, contact.name, way,
       came::text, amount, 0
FROM page CROSS JOIN (SELECT count(*) AS many, sum(amount) AS whole FROM found) every
JOIN orders_order ON orders_order.id = page.order_id
JOIN orders_ordercontact contact ON contact.order_id = orders_order.id
ORDER BY page.moved_at DESC, came, page.id DESC
"""
"""Whole amounts, or the parts of them that paid for one thing: only for those are the lines of orders read."""

_SALES = f"""
WITH page AS (
    SELECT count(*) OVER () AS many, sum({WORTH}) OVER () AS whole, placed_at, id, number, channel, status,
           {WORTH} AS worth
    FROM orders_order WHERE {SOLD} AND (%(channel)s = '' OR channel = %(channel)s)
    ORDER BY placed_at DESC, id DESC LIMIT %(limit)s OFFSET %(skipped)s
)
SELECT many, whole, placed_at, page.id, number, NULL::uuid, contact.name, channel, status, worth, 0
FROM page JOIN orders_ordercontact contact ON contact.order_id = page.id
ORDER BY placed_at DESC, page.id DESC
"""  # noqa: S608 - pieces of our own, no values
"""Names are read of the rows that are shown, not of all that are counted."""

_VISITS = """
SELECT count(*) OVER (), coalesce(sum(visit.total) OVER (), 0), visit.starts_at, NULL::bigint, '', visit.public_id,
       visit.contact_name, professional.name, visit.state, visit.total,
       extract(epoch FROM visit.ends_at - visit.starts_at)::int / 60
FROM scheduling_professional professional JOIN scheduling_appointment visit ON visit.professional_id = professional.id
WHERE visit.state = ANY(%(states)s) AND visit.starts_at >= %(starts)s AND visit.starts_at < %(ends)s
  AND (%(professional)s = '' OR professional.id::text = %(professional)s)
ORDER BY visit.starts_at DESC, visit.id DESC LIMIT %(limit)s OFFSET %(skipped)s
"""

_PRODUCT = f"""
SELECT count(*) OVER (), coalesce(sum(line.line_total) OVER (), 0), line.placed_at, sold.id, sold.number, NULL::uuid,
       contact.name, line.unit, sold.channel, line.line_total, line.quantity
FROM ({sold_lines(in_period)}) line JOIN orders_order sold ON sold.id = line.order_id
JOIN orders_ordercontact contact ON contact.order_id = sold.id
WHERE line.variant_id::text = %(variant)s
ORDER BY line.placed_at DESC, line.id DESC LIMIT %(limit)s OFFSET %(skipped)s
"""  # noqa: S608 - pieces of our own, no values

_STATEMENTS: Mapping[Kind, str] = {
    "money": _MONEY.format(found=_FOUND_MONEY),
    "sales": _SALES,
    "visits": _VISITS,
    "product": _PRODUCT,
}
_PARTS_OF_MONEY = _MONEY.format(found=_FOUND_PARTS)
STATES: Mapping[str, tuple[str, ...]] = {
    "": BOOKED,
    "done": ("completed",),
    "missed": ("no_show",),
    "due": ("completed", "no_show"),
}


@dataclass(frozen=True)
class Asked:
    """Which rows somebody wants: of which kind, and which of them only; empty is all of them."""

    kind: Kind
    way: str = ""
    side: str = ""
    what: str = ""
    professional: str = ""
    channel: str = ""
    visits: str = ""
    variant: str = ""

    @property
    def narrowed(self) -> dict[str, Any]:
        """Return it as the statements compare with it."""
        return {
            "way": self.way,
            "side": self.side,
            "kind": self.what,
            "professional": self.professional,
            "channel": self.channel,
            "states": list(STATES.get(self.visits, BOOKED)),
            "variant": self.variant,
        }


@dataclass(frozen=True)
class Row:
    """One row behind a figure: when, of which order or visit, whose, by which way or whom, how it stands, how much."""

    at: datetime
    order: int | None
    number: str
    visit: UUID | None
    name: str
    by: str
    state: str
    amount: Decimal
    quantity: int


@dataclass(frozen=True)
class Found:
    """A page of the rows behind a figure, how many there are in all, and what all of them come to."""

    count: int
    total: Decimal
    rows: list[Row]


def rows_behind(*, asked: Asked, span: Span, limit: int, skipped: int = 0) -> Found:
    """Return rows behind a figure, the newest first; one statement."""
    counted = span.by_clock if asked.kind == "visits" else span.by_sheet
    in_parts = asked.kind == "money" and (asked.what or asked.professional)
    statement = _PARTS_OF_MONEY if in_parts else _STATEMENTS[asked.kind]
    found = sql.rows(statement, {**counted, **asked.narrowed, "limit": limit, "skipped": skipped})
    count, total = found[0][:2] if found else (0, Decimal("0.00"))
    return Found(count=count, total=total, rows=[Row(*row[2:]) for row in found])
