"""Orders: what was agreed still adds up, hangs together, and is what was signed."""

from collections.abc import Iterable
from types import SimpleNamespace

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from operations.integrity.base import Check, Moment, Row, sql
from orders import selectors
from orders.models import Order, OrderLine
from orders.seals import digest_like
from shop import services as shop

CHUNK = 500

_AGREED = (
    "number", "currency", "payment_method", "subtotal", "discount", "shipping", "total", "amount_due_now",
    "fulfilment_method", "agreed_pickup_starts_at", "agreed_pickup_ends_at", "placed_at", "policy_shown",
)  # fmt: skip


def _broken_digests(moment: Moment) -> Iterable[Row]:
    """Orders whose lines, prices, times or terms are no longer those of their digest."""
    lines = Prefetch("lines", queryset=OrderLine.objects.order_by("position"))
    orders = Order.objects.order_by("pk").prefetch_related(lines)
    for order in orders.iterator(chunk_size=CHUNK):
        agreed = SimpleNamespace(**{name: getattr(order, name) for name in _AGREED})
        digest = digest_like(order.digest, order=agreed, lines=list(order.lines.all()))
        if digest != order.digest:
            yield {"number": order.number, "digest": order.digest, "computed": digest}


def _stranded_pickups(moment: Moment) -> Iterable[Row]:
    for order in selectors.stranded_pickups(policy=shop.policy(), now=moment.now):
        yield {"number": order.number, "pickup_at": order.pickup_starts_at, "pickup_until": order.pickup_ends_at}


CHECKS = (
    Check(
        name="orders.total_adds_up",
        promise=_("The total is subtotal less discount plus shipping, and no more is due now than the total."),
        remedy=_("An amount was changed outside the shop; compare the order with a backup."),
        find=sql(
            """
            SELECT number, subtotal, discount, shipping, total, amount_due_now FROM orders_order
            WHERE total <> subtotal - discount + shipping OR amount_due_now > total
               OR LEAST(subtotal, discount, shipping, total, amount_due_now) < 0
               OR 'NaN' IN (subtotal, discount, shipping, total, amount_due_now)
            ORDER BY id
            """
        ),
    ),
    Check(
        name="orders.lines_add_up",
        promise=_("The lines add up to the order's subtotal and discount, and each line to its own total."),
        remedy=_("A line was changed outside the shop; compare the order with a backup."),
        find=sql(
            """
            SELECT o.number, o.subtotal, sum(priced.cost) AS lines, o.discount, sum(line.discount) AS line_discounts
            FROM orders_order o JOIN orders_orderline line ON line.order_id = o.id,
            LATERAL (SELECT round(line.unit_price * line.quantity / line.price_per, 2) AS cost) priced
            GROUP BY o.id
            HAVING sum(priced.cost) <> o.subtotal OR sum(line.discount) <> o.discount
                OR bool_or(line.line_total <> priced.cost - line.discount)
            ORDER BY o.id
            """
        ),
    ),
    Check(
        name="orders.cancelled_adds_up",
        promise=_("What an order counts as called off is the value of its cancelled lines; of a cancelled order, all."),
        remedy=_("A line was called off, or an amount changed, outside the shop; compare the order with a backup."),
        find=sql(
            """
            SELECT o.number, o.status, o.total, o.cancelled, coalesce(gone.amount, 0) AS cancelled_lines
            FROM orders_order o
            LEFT JOIN (
                SELECT cut.order_id, sum(cut.line_total) AS amount FROM orders_orderline cut
                JOIN orders_orderlinecancellation ON line_id = cut.id GROUP BY cut.order_id
            ) gone ON gone.order_id = o.id
            WHERE o.cancelled <> CASE WHEN o.status = 'cancelled' THEN o.total ELSE coalesce(gone.amount, 0) END
            ORDER BY o.id
            """
        ),
    ),
    Check(
        name="orders.whole",
        promise=_("Every order has lines in unbroken positions, and somebody who ordered."),
        remedy=_("Rows were deleted outside the shop; bring them back from a backup."),
        find=sql(
            """
            SELECT o.number, count(line.id) AS lines, max(line.position) AS last_position,
                   contact.id IS NOT NULL AS contact
            FROM orders_order o
            LEFT JOIN orders_orderline line ON line.order_id = o.id
            LEFT JOIN orders_ordercontact contact ON contact.order_id = o.id
            GROUP BY o.id, contact.id
            HAVING count(line.id) = 0 OR max(line.position) <> count(line.id) OR contact.id IS NULL
            ORDER BY o.id
            """
        ),
    ),
    Check(
        name="orders.digest",
        promise=_("Lines, prices, times and terms of an order are those it was placed with."),
        remedy=_("The order was changed behind the triggers; compare it with a backup and find out who could."),
        find=_broken_digests,
    ),
    Check(
        name="orders.pickup_as_last_said",
        promise=_("A pickup is in the window that was ordered, or in the one it was last moved to."),
        remedy=_("The window was changed outside the shop; ask the customer what they were told."),
        find=sql(
            """
            SELECT o.number, o.pickup_starts_at, coalesce(moved.pickup_at, o.agreed_pickup_starts_at) AS said
            FROM orders_order o LEFT JOIN LATERAL (
                SELECT pickup_at FROM orders_orderevent
                WHERE order_id = o.id AND pickup_at IS NOT NULL ORDER BY seq DESC LIMIT 1
            ) moved ON true
            WHERE o.pickup_starts_at IS DISTINCT FROM coalesce(moved.pickup_at, o.agreed_pickup_starts_at)
            ORDER BY o.id
            """
        ),
    ),
    Check(
        name="orders.pickups_within_opening_hours",
        promise=_("Pickups to come lie within opening hours, and no window has more than it takes."),
        remedy=_("Hours, days off or places were changed after the order. Move the pickup, or change them back."),
        level="warning",
        find=_stranded_pickups,
    ),
    Check(
        name="orders.one_a_cart",
        promise=_("A cart became an order exactly when it says so, and one order only."),
        remedy=_("Close the cart, or cancel the order that should not be; tell the customer."),
        find=sql(
            """
            SELECT cart.public_id AS cart, cart.status, count(o.id) AS orders
            FROM cart_cart cart LEFT JOIN orders_order o ON o.cart_id = cart.id
            GROUP BY cart.id HAVING count(o.id) <> CASE WHEN cart.status = 'ordered' THEN 1 ELSE 0 END
            ORDER BY cart.id
            """
        ),
    ),
    Check(
        name="orders.completed_is_done",
        promise=_("A completed order is paid in full and every unit of it was handed over."),
        remedy=_("Hand over what is missing or receive what is owed, and write down why it was closed early."),
        find=sql(
            """
            SELECT o.number, o.paid, o.total, o.cancelled, o.late_fee, line.sku, line.quantity,
                   coalesce(done.units, 0) AS handed_over
            FROM orders_order o
            LEFT JOIN orders_orderline line ON line.order_id = o.id AND line.kind = 'goods'
            LEFT JOIN (
                SELECT part.line_id, sum(part.quantity) AS units FROM orders_fulfilmentline part
                JOIN orders_fulfilment f ON f.id = part.fulfilment_id AND f.status IN ('delivered', 'returned')
                GROUP BY part.line_id
            ) done ON done.line_id = line.id
            WHERE o.status = 'completed'
              AND (o.paid < o.total - o.cancelled + o.late_fee
                   OR (line.id IS NOT NULL AND coalesce(done.units, 0) <> line.quantity))
            ORDER BY o.id, line.position
            """
        ),
    ),
    Check(
        name="orders.deadlines_in_time",
        promise=_("A pending order waits no longer than until its first visit or its pickup begins."),
        remedy=_("Ask the customer for the money now, or cancel the order."),
        find=sql(
            """
            SELECT o.number, o.expires_at, o.pickup_starts_at, first.starts_at AS first_visit_at FROM orders_order o
            LEFT JOIN LATERAL (
                SELECT min(visit.starts_at) AS starts_at FROM orders_orderline line
                JOIN scheduling_appointment visit ON visit.claim = line.claim
                WHERE line.order_id = o.id AND visit.state IN ('held', 'requested', 'confirmed')
            ) first ON true
            WHERE o.status = 'pending' AND o.expires_at > %(now)s
              AND o.expires_at > least(o.pickup_starts_at, first.starts_at)
              AND least(o.pickup_starts_at, first.starts_at) > %(now)s
            ORDER BY o.id
            """
        ),
    ),
    Check(
        name="orders.expired_are_swept",
        promise=_("Pending orders that ran out are written down as expired within minutes."),
        remedy=_("Start worker and beat, or run `release_expired`. They read expired in the meantime."),
        level="warning",
        find=sql(
            """
            SELECT number, expires_at FROM orders_order
            WHERE status = 'pending' AND expires_at < %(overdue)s ORDER BY expires_at
            """
        ),
    ),
    Check(
        name="orders.carts_are_swept",
        promise=_("Carts that ran out are closed within minutes."),
        remedy=_("Start worker and beat, or run `release_expired`. They read expired in the meantime."),
        level="warning",
        find=sql(
            """
            SELECT public_id AS cart, expires_at FROM cart_cart
            WHERE status = 'open' AND expires_at < %(overdue)s ORDER BY expires_at
            """
        ),
    ),
)
