"""Kept answers and messages: each answer speaks of something that happened, each message arrives."""

# ruff: noqa: S608 - every part of these statements stands in this file or is the name of a table of ours

from django.utils.translation import gettext_lazy as _

from operations.integrity.base import Check, sql

_ANSWERS = """
    SELECT id, key, status, nullif(body, '')::jsonb AS body,
           CASE WHEN scope LIKE 'user:%%' THEN split_part(scope, ':', 3) ELSE split_part(scope, ':', 1) END AS route
    FROM common_idempotencyrecord
"""

CHECKS = (
    Check(
        name="answers.are_finished",
        promise=_("A key that was committed has its answer."),
        remedy=_("Delete the row: the client may then repeat the request."),
        find=sql(
            """
            SELECT scope, key, created_at FROM common_idempotencyrecord
            WHERE status IS NULL OR body = '' OR status NOT BETWEEN 200 AND 299 ORDER BY id
            """
        ),
    ),
    Check(
        name="answers.speak_of_what_happened",
        promise=_("Every kept answer names an order, movement, payment, refund or visit that exists."),
        remedy=_("What the client was told is gone; bring it back from a backup."),
        find=sql(
            f"""
            SELECT answer.route, answer.key, coalesce(answer.body ->> 'number', answer.body ->> 'id') AS names
            FROM ({_ANSWERS}) answer
            WHERE answer.status = 201 AND CASE answer.route
                WHEN 'orders' THEN NOT EXISTS (
                    SELECT 1 FROM orders_order o JOIN cart_cart cart ON cart.id = o.cart_id
                    WHERE o.number = answer.body ->> 'number' AND cart.public_id::text = answer.body ->> 'cart')
                WHEN 'stock-adjustments' THEN NOT EXISTS (
                    SELECT 1 FROM inventory_stockmovement m WHERE m.public_id::text = answer.body ->> 'id')
                WHEN 'payments' THEN NOT EXISTS (
                    SELECT 1 FROM payments_payment p WHERE p.public_id::text = answer.body ->> 'id')
                WHEN 'refunds' THEN NOT EXISTS (
                    SELECT 1 FROM payments_refund r WHERE r.public_id::text = answer.body ->> 'id')
                WHEN 'appointments' THEN NOT EXISTS (
                    SELECT 1 FROM scheduling_appointment a WHERE a.public_id::text = answer.body ->> 'id')
                ELSE false END
            ORDER BY answer.id
            """
        ),
    ),
    Check(
        name="answers.one_a_sale",
        promise=_("An order was placed by one request only."),
        remedy=_("Two keys answer with one order; find out which client repeated itself under another key."),
        find=sql(
            f"""
            SELECT answer.body ->> 'number' AS number, count(*) AS answers FROM ({_ANSWERS}) answer
            WHERE answer.route = 'orders' AND answer.status = 201
            GROUP BY answer.body ->> 'number' HAVING count(*) > 1
            """
        ),
    ),
    Check(
        name="outbox.nothing_given_up",
        promise=_("Every message was delivered, or is still being tried."),
        remedy=_("Read `last_error`, repair the cause, then clear `dead_at` and `attempts` of the message."),
        find=sql(
            """
            SELECT id, name, handler, attempts, dead_at, left(last_error, 200) AS last_error
            FROM common_outboxmessage WHERE dead_at IS NOT NULL AND done_at IS NULL ORDER BY id
            """
        ),
    ),
    Check(
        name="outbox.moves",
        promise=_("Messages are delivered within minutes of being due."),
        remedy=_("Start worker and beat; `doctor` says which of them is silent."),
        level="warning",
        find=sql(
            """
            SELECT id, name, handler, attempts, not_before, left(last_error, 200) AS last_error
            FROM common_outboxmessage
            WHERE done_at IS NULL AND dead_at IS NULL AND not_before < %(overdue)s ORDER BY not_before
            """
        ),
    ),
)
