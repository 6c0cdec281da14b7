"""Claims: who keeps units, and whether exactly those do who should."""

# ruff: noqa: S608 - every part of these statements stands in this file or is the name of a table of ours

from django.utils.translation import gettext_lazy as _

from operations.integrity.base import Check, sql

_KEPT = "LEFT JOIN inventory_stockreservation kept ON kept.claim = line.claim"

_SOLD = """
    LEFT JOIN (
        SELECT claim, -sum(delta) AS units FROM inventory_stockmovement
        WHERE kind = 'sold' AND claim IS NOT NULL GROUP BY claim
    ) sold ON sold.claim = line.claim
"""

_LINES = "FROM orders_order o JOIN orders_orderline line ON line.order_id = o.id AND line.kind = 'goods'"

CHECKS = (
    Check(
        name="claims.reservation_has_an_owner",
        promise=_("Every reservation is kept by a line of an open cart or of an open order."),
        remedy=_("Release the claim: nobody will ever use those units."),
        find=sql(
            """
            SELECT kept.claim, kept.quantity, kept.allocated FROM inventory_stockreservation kept
            WHERE NOT EXISTS (
                SELECT 1 FROM orders_orderline line JOIN orders_order o ON o.id = line.order_id
                WHERE line.claim = kept.claim AND kept.allocated AND o.status IN ('pending', 'confirmed')
            ) AND NOT EXISTS (
                SELECT 1 FROM cart_cartline line JOIN cart_cart cart ON cart.id = line.cart_id
                WHERE line.claim = kept.claim AND NOT kept.allocated AND cart.status = 'open'
            )
            ORDER BY kept.id
            """
        ),
    ),
    Check(
        name="claims.reservation_is_of_the_line",
        promise=_("A reservation keeps the SKU of its line, and no more units than the line has."),
        remedy=_("Release the claim; the cart or the order claims again when it is next written."),
        find=sql(
            """
            SELECT kept.claim, kept.quantity, line.quantity AS line_quantity
            FROM inventory_stockreservation kept
            JOIN inventory_stockitem item ON item.id = kept.stock_item_id
            JOIN (
                SELECT claim, variant_id, quantity FROM orders_orderline
                UNION ALL
                SELECT line.claim, line.variant_id, line.quantity FROM cart_cartline line
                JOIN cart_cart cart ON cart.id = line.cart_id AND cart.status = 'open'
            ) line ON line.claim = kept.claim
            WHERE line.variant_id <> item.variant_id OR kept.quantity > line.quantity
            ORDER BY kept.id
            """
        ),
    ),
    Check(
        name="claims.of_a_cart_run_out",
        promise=_("What a cart keeps comes free by itself."),
        remedy=_("Give the reservation an end, or release it."),
        find=sql(
            """
            SELECT claim, quantity FROM inventory_stockreservation
            WHERE NOT allocated AND expires_at IS NULL ORDER BY id
            """
        ),
    ),
    Check(
        name="claims.pending_order_keeps_its_units",
        promise=_("A pending order keeps every unit of its goods until it expires."),
        remedy=_("Allocate the units again, or cancel the order and tell the customer."),
        find=sql(
            f"""
            SELECT o.number, line.sku, line.quantity, coalesce(kept.quantity, 0) AS kept, kept.expires_at
            {_LINES} {_KEPT}
            WHERE o.status = 'pending' AND o.expires_at > %(now)s
              AND (kept.id IS NULL OR kept.quantity <> line.quantity OR NOT kept.allocated
                   OR kept.expires_at IS DISTINCT FROM o.expires_at)
            ORDER BY o.id, line.position
            """
        ),
    ),
    Check(
        name="claims.confirmed_order_keeps_or_used_its_units",
        promise=_("Of every line of a confirmed order, the units kept and the units handed over are all its units."),
        remedy=_("Allocate what is missing, or release what is too much; then count the SKU."),
        find=sql(
            f"""
            SELECT o.number, line.sku, line.quantity, coalesce(kept.quantity, 0) AS kept,
                   coalesce(sold.units, 0) AS handed_over
            {_LINES} {_KEPT} {_SOLD}
            WHERE o.status IN ('confirmed', 'completed')
              AND (coalesce(kept.quantity, 0) + coalesce(sold.units, 0) <> line.quantity
                   OR kept.expires_at IS NOT NULL OR NOT coalesce(kept.allocated, true))
            ORDER BY o.id, line.position
            """
        ),
    ),
    Check(
        name="claims.ended_order_keeps_nothing",
        promise=_("A cancelled or expired order keeps no units, and none have left for it."),
        remedy=_("Release the claim; if goods are gone, put them back by a return."),
        find=sql(
            f"""
            SELECT o.number, o.status, line.sku, coalesce(kept.quantity, 0) AS kept,
                   coalesce(sold.units, 0) AS handed_over
            {_LINES} {_KEPT} {_SOLD}
            WHERE o.status IN ('cancelled', 'expired') AND (kept.id IS NOT NULL OR sold.claim IS NOT NULL)
            ORDER BY o.id, line.position
            """
        ),
    ),
)
