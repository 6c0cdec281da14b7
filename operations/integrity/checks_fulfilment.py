"""Fulfilments: units are handed over once, and the shelf knows."""

# ruff: noqa: S608 - every part of these statements stands in this file

from django.utils.translation import gettext_lazy as _

from operations.integrity.base import Check, sql
from orders.lifecycle import LEAVES_THE_SHOP

_GONE = {
    "pickup": ["delivered", "returned"],
    "delivery": ["shipped", "delivered", "returned"],
}
assert {method: states[0] for method, states in _GONE.items()} == LEAVES_THE_SHOP

_PARTS = """
    FROM orders_fulfilment f
    JOIN orders_order o ON o.id = f.order_id
    JOIN orders_fulfilmentline part ON part.fulfilment_id = f.id
    JOIN orders_orderline line ON line.id = part.line_id
"""

CHECKS = (
    Check(
        name="fulfilment.within_the_line",
        promise=_("The fulfilments of a line hold no more units than were sold."),
        remedy=_("Cancel or return the fulfilment that is too much."),
        find=sql(
            """
            SELECT o.number, line.sku, line.quantity, sum(part.quantity) AS in_fulfilments
            FROM orders_fulfilmentline part
            JOIN orders_fulfilment f ON f.id = part.fulfilment_id AND f.status <> 'cancelled'
            JOIN orders_orderline line ON line.id = part.line_id
            JOIN orders_order o ON o.id = line.order_id
            GROUP BY o.id, line.id HAVING sum(part.quantity) > line.quantity
            ORDER BY o.id, line.id
            """
        ),
    ),
    Check(
        name="fulfilment.of_its_own_order",
        promise=_("A fulfilment holds lines of its own order, and has some."),
        remedy=_("Rows were written outside the shop; move the part to a fulfilment of its order."),
        find=sql(
            """
            SELECT f.public_id AS fulfilment, count(part.id) AS parts,
                   count(part.id) FILTER (WHERE line.order_id <> f.order_id) AS foreign_parts
            FROM orders_fulfilment f
            LEFT JOIN orders_fulfilmentline part ON part.fulfilment_id = f.id
            LEFT JOIN orders_orderline line ON line.id = part.line_id
            GROUP BY f.id
            HAVING count(part.id) = 0 OR bool_or(line.order_id <> f.order_id)
            ORDER BY f.id
            """
        ),
    ),
    Check(
        name="fulfilment.takes_units_off_the_shelf",
        promise=_("What a fulfilment took out of the shop has its movement, and what is still here has none."),
        remedy=_("Count the SKU at the shelf, and write down the order's number as the reason."),
        find=sql(
            f"""
            SELECT o.number, f.public_id AS fulfilment, f.status, line.sku, part.quantity, moved.delta {_PARTS}
            LEFT JOIN inventory_stockmovement moved
                ON moved.claim = line.claim AND moved.kind = 'sold' AND moved.reference = f.public_id::text
            WHERE coalesce(moved.delta, 0) <> CASE
                WHEN (o.fulfilment_method = 'pickup' AND f.status = ANY (%(pickup)s))
                  OR (o.fulfilment_method = 'delivery' AND f.status = ANY (%(delivery)s)) THEN -part.quantity
                ELSE 0 END
            ORDER BY o.id, f.id, part.id
            """,
            **_GONE,
        ),
    ),
    Check(
        name="fulfilment.returns_units_to_the_shelf",
        promise=_("What a fulfilment brought back is on the shelf again, and nothing else is."),
        remedy=_("Count the SKU at the shelf, and write down the order's number as the reason."),
        find=sql(
            f"""
            SELECT o.number, line.sku, sum(part.quantity) FILTER (WHERE f.status = 'returned') AS returned,
                   max(back.units) AS on_the_shelf, count(moved.id) FILTER (WHERE f.status <> 'returned') AS too_early
            {_PARTS}
            LEFT JOIN inventory_stockmovement moved
                ON moved.claim = line.claim AND moved.kind = 'returned' AND moved.reference = f.public_id::text
            LEFT JOIN (
                SELECT claim, sum(delta) AS units FROM inventory_stockmovement WHERE kind = 'returned' GROUP BY claim
            ) back ON back.claim = line.claim
            GROUP BY o.id, line.id
            HAVING coalesce(sum(part.quantity) FILTER (WHERE f.status = 'returned'), 0) > coalesce(max(back.units), 0)
                OR count(moved.id) FILTER (WHERE f.status <> 'returned') > 0
            ORDER BY o.id, line.id
            """
        ),
    ),
    Check(
        name="fulfilment.behind_every_sale",
        promise=_("Units leave the shop with a fulfilment, never without."),
        remedy=_("A movement was written outside the shop; count the SKU at the shelf."),
        find=sql(
            """
            SELECT moved.public_id AS movement, moved.delta, moved.reference
            FROM inventory_stockmovement moved
            WHERE moved.kind = 'sold' AND NOT EXISTS (
                SELECT 1 FROM orders_fulfilment f
                JOIN orders_fulfilmentline part ON part.fulfilment_id = f.id
                JOIN orders_orderline line ON line.id = part.line_id AND line.claim = moved.claim
                WHERE f.public_id::text = moved.reference
            )
            ORDER BY moved.id
            """
        ),
    ),
)
