"""Units: what lies on the shelf is what moved, what is reserved is what the reservations say."""

# ruff: noqa: S608 - every part of these statements stands in this file or is the name of a table of ours

from django.utils.translation import gettext_lazy as _

from operations.integrity.base import Check, sql

_ITEM = """
    FROM inventory_stockitem item JOIN catalog_variant variant ON variant.id = item.variant_id
"""

CHECKS = (
    Check(
        name="stock.bounds",
        promise=_("Nothing is reserved that is not on hand, and nothing is below zero."),
        remedy=_("Count the SKU at the shelf and adjust the stock to the count."),
        find=sql(
            f"""
            SELECT variant.sku, item.on_hand, item.reserved {_ITEM}
            WHERE item.on_hand < 0 OR item.reserved < 0 OR item.reserved > item.on_hand
            ORDER BY item.id
            """
        ),
    ),
    Check(
        name="stock.reserved_is_the_sum_of_reservations",
        promise=_("The units reserved of a SKU are the sum of its reservations."),
        remedy=_("Run `manage.py reconcile_stock --repair`."),
        find=sql(
            f"""
            SELECT variant.sku, item.reserved, coalesce(kept.units, 0) AS reservations {_ITEM}
            LEFT JOIN (
                SELECT stock_item_id, sum(quantity) AS units FROM inventory_stockreservation GROUP BY stock_item_id
            ) kept ON kept.stock_item_id = item.id
            WHERE item.reserved <> coalesce(kept.units, 0)
            ORDER BY item.id
            """
        ),
    ),
    Check(
        name="stock.on_hand_is_the_sum_of_movements",
        promise=_("The units on hand of a SKU are the sum of its movements."),
        remedy=_("Run `manage.py reconcile_stock --repair`, then count the SKU at the shelf."),
        find=sql(
            f"""
            SELECT variant.sku, item.on_hand, coalesce(moved.units, 0) AS movements {_ITEM}
            LEFT JOIN (
                SELECT stock_item_id, sum(delta) AS units FROM inventory_stockmovement GROUP BY stock_item_id
            ) moved ON moved.stock_item_id = item.id
            WHERE item.on_hand <> coalesce(moved.units, 0)
            ORDER BY item.id
            """
        ),
    ),
    Check(
        name="stock.movements_follow_each_other",
        promise=_("Each movement leaves on hand what the one before it left, plus its own change."),
        remedy=_("A movement was written or changed outside the shop; compare the ledger with a backup."),
        find=sql(
            """
            SELECT public_id AS movement, on_hand_after, running FROM (
                SELECT id, public_id, on_hand_after,
                       sum(delta) OVER (PARTITION BY stock_item_id ORDER BY id) AS running
                FROM inventory_stockmovement
            ) ledger
            WHERE on_hand_after <> running
            ORDER BY id
            """
        ),
    ),
    Check(
        name="stock.applied_counts_are_movements",
        promise=_("A count that was applied moved each line by what was counted beyond what was expected, once."),
        remedy=_("Count the SKU at the shelf once more; the correction of a count is missing, or was written twice."),
        find=sql(
            """
            SELECT coalesce(counted.reference, moved.reference) AS count, variant.sku,
                   counted.difference, moved.units AS moved
            FROM (
                SELECT 'count:' || shelf.public_id AS reference, line.stock_item_id,
                       line.quantity::bigint - line.expected AS difference
                FROM inventory_countedline line JOIN inventory_stockcount shelf ON shelf.id = line.count_id
                WHERE shelf.status = 'applied'
            ) counted
            FULL JOIN (
                SELECT reference, stock_item_id, sum(delta) AS units, count(*) AS times
                FROM inventory_stockmovement WHERE kind = 'counted' AND starts_with(reference, 'count:')
                GROUP BY reference, stock_item_id
            ) moved ON moved.reference = counted.reference AND moved.stock_item_id = counted.stock_item_id
            JOIN inventory_stockitem item ON item.id = coalesce(counted.stock_item_id, moved.stock_item_id)
            JOIN catalog_variant variant ON variant.id = item.variant_id
            WHERE moved.units IS DISTINCT FROM counted.difference OR moved.times > 1
            ORDER BY 1, 2
            """
        ),
    ),
    Check(
        name="stock.returned_within_sold",
        promise=_("No more units come back under a claim than have left under it."),
        remedy=_("Units were put back twice; count the SKU and look for two returns of one order."),
        find=sql(
            """
            SELECT claim, -sum(delta) FILTER (WHERE kind = 'sold') AS sold,
                   sum(delta) FILTER (WHERE kind = 'returned') AS returned
            FROM inventory_stockmovement WHERE claim IS NOT NULL
            GROUP BY claim HAVING sum(delta) FILTER (WHERE kind IN ('sold', 'returned')) > 0
            """
        ),
    ),
    Check(
        name="stock.only_goods",
        promise=_("Only goods have units; a service has none."),
        remedy=_("The kind of a product was changed; give the service a product of its own."),
        find=sql(
            f"""
            SELECT variant.sku, product.kind {_ITEM} JOIN catalog_product product ON product.id = variant.product_id
            WHERE product.kind <> 'goods' ORDER BY item.id
            """
        ),
    ),
    Check(
        name="stock.expired_reservations_are_swept",
        promise=_("Reservations that ran out are tidied away within minutes."),
        remedy=_("Start worker and beat, or run `release_expired`. The units are for sale in the meantime."),
        level="warning",
        find=sql(
            """
            SELECT claim, quantity, expires_at FROM inventory_stockreservation
            WHERE expires_at < %(overdue)s ORDER BY expires_at
            """
        ),
    ),
)
