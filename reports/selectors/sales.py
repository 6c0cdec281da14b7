"""What was sold, paid or not: orders by day and by where they came from, and goods by how well they go."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from common import sql
from reports.selectors.money import NOTHING
from reports.selectors.spans import Span
from reports.selectors.sums import USED, DaySum, in_runs, ladder, ladders_of, refuse_void, sold_lines, while_kept

_PRODUCTS = """
WITH {ladder}, {used}, sold AS (
    SELECT variant_id, sum(units) AS units, sum(worth) AS worth, sum(orders) AS orders FROM (
        SELECT variant_id, sum(quantity) AS units, sum(line_total) AS worth, count(DISTINCT order_id) AS orders
        FROM ({sold_lines}) line GROUP BY variant_id
        UNION ALL
        SELECT key::bigint, sum(units), sum(amount), sum(count)
        FROM used JOIN reports_keptsum kept ON kept.day_id = used.date AND what = 'goods' GROUP BY key
    ) one GROUP BY variant_id
), shelf AS (
    SELECT variant.id, variant.sku, product.name AS product, variant.name, variant.unit,
           coalesce(sold.units, 0) AS units, coalesce(sold.worth, 0) AS worth, coalesce(sold.orders, 0) AS orders,
           coalesce(item.on_hand, 0) AS on_hand,
           product.status = 'published' AND variant.is_active AND coalesce(item.on_hand, 0) > 0 AS lies_there
    FROM catalog_variant variant JOIN catalog_product product ON product.id = variant.product_id
    LEFT JOIN sold ON sold.variant_id = variant.id LEFT JOIN inventory_stockitem item ON item.variant_id = variant.id
    WHERE product.kind = 'goods'
), ranked AS (
    SELECT shelf.*, row_number() OVER (ORDER BY worth DESC, units DESC, id) AS best,
           CASE WHEN lies_there THEN row_number() OVER (PARTITION BY lies_there ORDER BY worth, on_hand DESC, id) END
               AS slow
    FROM shelf
)
SELECT void.days, id, sku, product, name, unit, units, worth, orders, on_hand, best, slow
FROM void LEFT JOIN ranked ON best <= %(limit)s AND units > 0 OR slow <= %(limit)s ORDER BY best
"""


@dataclass(frozen=True)
class Tickets:
    """Orders, and what they are worth."""

    count: int = 0
    worth: Decimal = NOTHING

    def __add__(self, other: "Tickets") -> "Tickets":
        """Return both together."""
        return Tickets(self.count + other.count, self.worth + other.worth)

    @property
    def average(self) -> Decimal | None:
        """What one is worth on average; None where there is none."""
        return (self.worth / self.count).quantize(Decimal("0.01")) if self.count else None


@dataclass(frozen=True)
class Sales:
    """The orders of a span, by day and by channel."""

    by_day: list[Tickets]
    by_channel: dict[str, Tickets] = field(default_factory=dict)

    @property
    def total(self) -> Tickets:
        """All of them."""
        return sum(self.by_day, Tickets())


@dataclass(frozen=True)
class Good:
    """How a SKU went: units sold, what for, in how many orders, and units that lie in the shop."""

    variant: int
    sku: str
    name: str
    unit: str
    units: int
    worth: Decimal
    orders: int
    on_hand: int


@dataclass(frozen=True)
class Goods:
    """The best sold goods, the best first; and those for sale that lie in the shop and sold least."""

    best: list[Good]
    slowest: list[Good]


def sales(*, sums: Iterable[DaySum], days: int) -> Sales:
    """Return the orders of so many days that count as sold."""
    by_day = [Tickets() for _day in range(days)]
    by_channel: dict[str, Tickets] = defaultdict(Tickets)
    for one in sums:
        if one.what == "sales":
            by_day[one.day] += Tickets(one.count, one.amount)
            by_channel[one.key] += Tickets(one.count, one.amount)
    return Sales(by_day=by_day, by_channel=dict(by_channel))


def goods(*, span: Span, limit: int) -> Goods:
    """Return so many of the best sold and of the slowest goods of a span; one statement."""
    return while_kept(lambda spans: _goods(span=spans[0], limit=limit), spans=[span])


def _goods(*, span: Span, limit: int) -> Goods:
    runs, parameters = ladders_of(spans=[span])
    statement = _PRODUCTS.format(ladder=ladder(stretches=1), used=USED, sold_lines=sold_lines(in_runs(runs)))
    best: list[tuple[int, Good]] = []
    slowest: list[tuple[int, Good]] = []
    for void, variant, sku, product, name, *sums, place, slow in sql.rows(statement, {**parameters, "limit": limit}):
        refuse_void(void)
        if variant is None:
            continue  # there are no goods
        unit, units, worth, orders, on_hand = sums
        good = Good(
            variant=variant,
            sku=sku,
            name=f"{product} {name}".strip(),
            unit=unit,
            units=int(units),
            worth=worth,
            orders=int(orders),
            on_hand=on_hand,
        )
        if good.units and place <= limit:
            best.append((place, good))
        if slow is not None and slow <= limit:
            slowest.append((slow, good))
    return Goods(best=[good for _place, good in sorted(best, key=_place)], slowest=_in_order(slowest))


def _place(ranked: tuple[int, Good]) -> int:
    return ranked[0]


def _in_order(ranked: list[tuple[int, Good]]) -> list[Good]:
    return [good for _place_, good in sorted(ranked, key=_place)]
