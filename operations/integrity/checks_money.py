"""Money: what the order says it received and gave back is what the rows of money say."""

# ruff: noqa: S608 - every part of these statements stands in this file or is the name of a table of ours

from django.utils.translation import gettext_lazy as _

from operations.integrity.grammar import Check, sql

_MONEY = """
    FROM orders_order o
    LEFT JOIN (
        SELECT order_id, sum(amount) AS amount FROM payments_payment WHERE status = 'succeeded' GROUP BY order_id
    ) received ON received.order_id = o.id
    LEFT JOIN (
        SELECT order_id, coalesce(sum(amount) FILTER (WHERE status = 'succeeded'), 0) AS amount,
               coalesce(sum(amount) FILTER (WHERE status = 'due'), 0) AS due
        FROM payments_refund GROUP BY order_id
    ) returned ON returned.order_id = o.id
"""

CHECKS = (
    Check(
        name="money.paid_is_the_sum_of_payments",
        promise=_("What an order counts as paid is the sum of the payments received for it."),
        remedy=_("Compare with the bank or the till and record what is missing."),
        find=sql(
            f"""
            SELECT o.number, o.paid, coalesce(received.amount, 0) AS payments {_MONEY}
            WHERE o.paid <> coalesce(received.amount, 0) ORDER BY o.id
            """
        ),
    ),
    Check(
        name="money.refunded_is_the_sum_of_refunds",
        promise=_("What an order counts as given back is the sum of the refunds made for it."),
        remedy=_("Compare with the bank or the till and record what is missing."),
        find=sql(
            f"""
            SELECT o.number, o.refunded, coalesce(returned.amount, 0) AS refunds {_MONEY}
            WHERE o.refunded <> coalesce(returned.amount, 0) ORDER BY o.id
            """
        ),
    ),
    Check(
        name="money.refunds_within_paid",
        promise=_("No more goes back, given or owed, than came in."),
        remedy=_("Take back the refund that is owed too much."),
        find=sql(
            f"""
            SELECT o.number, o.paid, coalesce(returned.amount, 0) AS refunds, coalesce(returned.due, 0) AS owed {_MONEY}
            WHERE coalesce(returned.amount, 0) + coalesce(returned.due, 0) > o.paid ORDER BY o.id
            """
        ),
    ),
    Check(
        name="money.nothing_too_much",
        promise=_("No order keeps more money than it costs, unless the rest is already owed back."),
        remedy=_("Give the rest back to the customer."),
        find=sql(
            f"""
            SELECT o.number, o.total, o.cancelled, o.paid, o.refunded, coalesce(returned.due, 0) AS owed {_MONEY}
            WHERE o.status NOT IN ('cancelled', 'expired')
              AND o.paid - o.refunded - coalesce(returned.due, 0) > o.total - o.cancelled
              AND NOT EXISTS (
                  SELECT 1 FROM common_outboxmessage message
                  WHERE message.payload ->> 'order' = o.number AND message.name = 'order.line_cancelled'
                    AND message.done_at IS NULL AND message.dead_at IS NULL
              )
            ORDER BY o.id
            """
        ),
    ),
    Check(
        name="money.of_ended_orders_goes_back",
        promise=_("Money for an order that was cancelled or expired is given back or owed back."),
        remedy=_("Refund the order. If the outbox is stuck, the debt is written down once it moves again."),
        find=sql(
            f"""
            SELECT o.number, o.status, o.paid, o.refunded, coalesce(returned.due, 0) AS owed {_MONEY}
            WHERE o.status IN ('cancelled', 'expired')
              AND o.paid - o.refunded - coalesce(returned.due, 0) > 0
              AND NOT EXISTS (
                  SELECT 1 FROM common_outboxmessage message
                  WHERE message.payload ->> 'order' = o.number AND message.name IN ('order.cancelled', 'order.expired')
                    AND message.done_at IS NULL AND message.dead_at IS NULL
              )
            ORDER BY o.id
            """
        ),
    ),
    Check(
        name="money.pending_orders_wait_for_it",
        promise=_("An order that has received money is no longer pending."),
        remedy=_("Confirm the order, or give the money back."),
        find=sql("SELECT number, paid FROM orders_order WHERE status = 'pending' AND paid > 0 ORDER BY id"),
    ),
    Check(
        name="money.one_currency",
        promise=_("Payments and refunds are in the currency of their order, and more than nothing."),
        remedy=_("A row was changed outside the shop; compare it with the bank."),
        find=sql(
            """
            SELECT o.number, o.currency, money.currency AS found, money.amount FROM orders_order o
            JOIN (
                SELECT order_id, currency, amount FROM payments_payment
                UNION ALL
                SELECT order_id, currency, amount FROM payments_refund
            ) money ON money.order_id = o.id
            WHERE money.currency <> o.currency OR NOT (money.amount > 0 AND money.amount < 'Infinity')
            ORDER BY o.id
            """
        ),
    ),
)
