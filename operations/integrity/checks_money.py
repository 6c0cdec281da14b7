"""Money: what the order says it received and gave back is what the rows of money say."""

# ruff: noqa: S608 - every part of these statements stands in this file or is the name of a table of ours

from django.utils.translation import gettext_lazy as _

from operations.integrity.base import Check, sql

_MONEY = """
    FROM orders_order o
    LEFT JOIN (
        SELECT order_id, sum(amount) AS amount FROM payments_payment WHERE status = 'succeeded' GROUP BY order_id
    ) received ON received.order_id = o.id
    LEFT JOIN (
        SELECT order_id, coalesce(sum(amount) FILTER (WHERE status = 'succeeded'), 0) AS amount,
               coalesce(sum(amount) FILTER (WHERE status <> 'succeeded'), 0) AS due
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
        name="money.counter_sales_are_paid",
        promise=_("The payments of a complete sale at the counter are exactly what it was sold for."),
        remedy=_("Compare with the drawer and the receipt, and record what is missing or give back what is too much."),
        find=sql(
            f"""
            SELECT o.number, o.total, coalesce(received.amount, 0) AS payments {_MONEY}
            WHERE o.channel = 'counter' AND o.status = 'completed' AND coalesce(received.amount, 0) <> o.total
              AND NOT EXISTS (SELECT 1 FROM orders_orderevent WHERE order_id = o.id AND reason = 'order.repriced')
            ORDER BY o.id
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
            SELECT o.number, o.total, o.cancelled, o.late_fee, o.paid, o.refunded,
                   coalesce(returned.due, 0) AS owed {_MONEY}
            WHERE o.status NOT IN ('cancelled', 'expired')
              AND o.paid - o.refunded - coalesce(returned.due, 0) > o.total - o.cancelled + o.late_fee
              AND NOT EXISTS (
                  SELECT 1 FROM common_outboxmessage message
                  WHERE message.payload ->> 'order' = o.number
                    AND message.name IN ('order.line_cancelled', 'order.fee_waived')
                    AND message.done_at IS NULL AND message.dead_at IS NULL
              )
            ORDER BY o.id
            """
        ),
    ),
    Check(
        name="money.of_ended_orders_goes_back",
        promise=_("Money for an order that was cancelled or expired is given back or owed back, but for a fee."),
        remedy=_("Refund the order. If the outbox is stuck, the debt is written down once it moves again."),
        find=sql(
            f"""
            SELECT o.number, o.status, o.late_fee, o.paid, o.refunded, coalesce(returned.due, 0) AS owed {_MONEY}
            WHERE o.status IN ('cancelled', 'expired')
              AND o.paid - o.refunded - coalesce(returned.due, 0) > o.late_fee
              AND NOT EXISTS (
                  SELECT 1 FROM common_outboxmessage message
                  WHERE message.payload ->> 'order' = o.number
                    AND message.name IN ('order.cancelled', 'order.expired', 'order.fee_waived')
                    AND message.done_at IS NULL AND message.dead_at IS NULL
              )
            ORDER BY o.id
            """
        ),
    ),
    Check(
        name="money.fees_as_agreed",
        promise=_("A fee is kept only of money that is there, for lines called off, and no higher than was agreed."),
        remedy=_("Waive the fee, and the money goes back."),
        find=sql(
            """
            SELECT o.number, o.late_fee, o.paid, o.refunded, o.cancelled, agreed.fee AS agreed FROM orders_order o
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(CASE o.policy_shown ->> 'late_fee'
                    WHEN 'deposit' THEN least(line.deposit, line.line_total)
                    WHEN 'share' THEN round(line.line_total * (o.policy_shown ->> 'late_fee_percent')::int / 100, 2)
                    ELSE 0 END), 0) AS fee
                FROM orders_orderline line
                WHERE line.order_id = o.id AND (o.status = 'cancelled' OR EXISTS (
                    SELECT 1 FROM orders_orderlinecancellation gone WHERE gone.line_id = line.id))
            ) agreed
            WHERE o.late_fee <> 0
              AND (o.late_fee > least(agreed.fee, o.cancelled, o.paid - o.refunded) OR o.late_fee < 0)
            ORDER BY o.id
            """
        ),
    ),
    Check(
        name="money.pending_orders_wait_for_it",
        promise=_("A pending order keeps no money: what came has confirmed it, or goes back."),
        remedy=_("Confirm the order, or give the money back."),
        find=sql(
            f"""
            SELECT o.number, o.paid {_MONEY}
            WHERE o.status = 'pending' AND o.paid - o.refunded - coalesce(returned.due, 0) > 0 ORDER BY o.id
            """
        ),
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
    Check(
        name="money.history_leads_to_where_it_stands",
        promise=_("The steps of every payment and refund lead without a gap to where it stands."),
        remedy=_("A row was changed outside the shop; compare it with the bank."),
        find=sql(
            """
            WITH step AS (
                SELECT payment_id, refund_id, to_status, lag(to_status, 1, '') OVER life <> from_status AS gap,
                       lead(id) OVER life IS NULL AS last
                FROM payments_moneystep WINDOW life AS (PARTITION BY payment_id, refund_id ORDER BY id)
            ), led AS (
                SELECT payment_id, refund_id, max(to_status) FILTER (WHERE last) AS leads_to, bool_or(gap) AS gap
                FROM step GROUP BY payment_id, refund_id
            )
            SELECT 'payment' AS kind, p.public_id, p.status, led.leads_to AS last_step, p.id
            FROM payments_payment p LEFT JOIN led ON led.payment_id = p.id
            WHERE led.leads_to IS DISTINCT FROM p.status OR led.gap
            UNION ALL
            SELECT 'refund', r.public_id, r.status, led.leads_to, r.id
            FROM payments_refund r LEFT JOIN led ON led.refund_id = r.id
            WHERE led.leads_to IS DISTINCT FROM r.status OR led.gap
            ORDER BY kind, id
            """
        ),
    ),
    Check(
        name="money.refunds_of_a_payment_within_it",
        promise=_("No more goes back of a payment than came by it."),
        remedy=_("Compare with the gateway or the bank, and settle by hand what was given back too much."),
        find=sql(
            """
            SELECT o.number, p.public_id, p.amount, sum(r.amount) AS refunds
            FROM payments_payment p
            JOIN payments_refund r ON r.payment_id = p.id JOIN orders_order o ON o.id = p.order_id
            GROUP BY o.number, p.id HAVING sum(r.amount) > p.amount OR p.status <> 'succeeded' ORDER BY p.id
            """
        ),
    ),
    Check(
        name="money.lines_of_statements_are_payments",
        promise=_(
            "A line of a statement that was taken in is the payment it names: received, of its order and amount."
        ),
        remedy=_("Compare the payment with the bank's statement, and give back by hand what is too much."),
        find=sql(
            """
            SELECT l.reference, o.number, l.amount, p.amount AS payment
            FROM payments_statementline l JOIN orders_order o ON o.id = l.order_id
            JOIN payments_payment p ON p.id = l.payment_id
            WHERE p.order_id <> l.order_id OR p.amount <> l.amount OR p.status <> 'succeeded' ORDER BY l.id
            """
        ),
    ),
    Check(
        name="money.events_have_had_their_effect",
        promise=_("A gateway's word that money came is behind a payment, or set aside in the money inbox."),
        remedy=_("Run `manage.py reconcile_payments`."),
        find=sql(
            """
            SELECT e.gateway, e.event_id, e.status FROM payments_gatewayevent e
            LEFT JOIN payments_payment p ON p.id = e.payment_id
            WHERE e.tells -> 'payment' ->> 'status' = 'succeeded' AND (
                e.status = 'handled' AND p.status IS DISTINCT FROM 'succeeded' OR e.status = 'ignored'
                OR e.status = 'quarantined' AND NOT EXISTS (
                    SELECT 1 FROM payments_moneycase c
                    WHERE c.event_id = e.id OR c.cause LIKE '%%:' || e.gateway || ':'
                        || (e.tells -> 'payment' ->> 'reference')))
            ORDER BY e.id
            """
        ),
    ),
    Check(
        name="money.told_refunds_are_written_down",
        promise=_("A gateway's word that money went back is behind a refund."),
        remedy=_("Compare with the gateway, and write down what is missing."),
        find=sql(
            """
            SELECT e.gateway, e.event_id, e.tells -> 'refund' ->> 'reference' AS refund FROM payments_gatewayevent e
            WHERE e.status = 'handled' AND e.tells -> 'refund' ->> 'status' = 'succeeded' AND NOT EXISTS (
                SELECT 1 FROM payments_refund r
                WHERE r.public_id::text = e.tells -> 'refund' ->> 'refund' AND r.status NOT IN ('due', 'sent')
                   OR r.gateway_reference = e.tells -> 'refund' ->> 'reference' AND r.status NOT IN ('due', 'sent'))
            ORDER BY e.id
            """
        ),
    ),
    Check(
        name="money.refused_refunds_are_in_the_inbox",
        promise=_("A refund that was refused stands, or stood, in the money inbox."),
        remedy=_("Give it back by hand, or try it again, from the order's page."),
        find=sql(
            """
            SELECT o.number, r.public_id, r.amount, r.failure FROM payments_refund r
            JOIN orders_order o ON o.id = r.order_id
            WHERE r.status = 'refused' AND NOT EXISTS (
                SELECT 1 FROM payments_moneycase c WHERE c.refund_id = r.id AND c.kind = 'refund_refused')
            ORDER BY r.id
            """
        ),
    ),
    Check(
        name="money.confirmed_orders_have_received_some",
        promise=_("An order that had to be paid beforehand was not confirmed without money."),
        remedy=_("Ask the customer, and write down the payment or cancel the order."),
        find=sql(
            """
            SELECT number, payment_method, amount_due_now, paid FROM orders_order
            WHERE status IN ('confirmed', 'completed') AND payment_method <> 'on_site'
              AND amount_due_now > 0 AND paid = 0 AND total - cancelled + late_fee > 0
            ORDER BY id
            """
        ),
    ),
    Check(
        name="money.attempts_end_with_the_order",
        promise=_("What can be paid for a pending order can be paid no longer than the order waits."),
        remedy=_("Nothing is lost: money that comes late takes the order up again, or goes back."),
        find=sql(
            """
            SELECT o.number, p.public_id, p.expires_at, o.expires_at AS order_until FROM payments_payment p
            JOIN orders_order o ON o.id = p.order_id
            WHERE p.status = 'pending' AND o.status = 'pending' AND o.expires_at IS NOT NULL
              AND (p.expires_at IS NULL OR p.expires_at > o.expires_at)
            ORDER BY p.id
            """
        ),
        level="note",  # whose pickup or visit was moved nearer after the attempt had begun
    ),
    Check(
        name="money.debts_are_sent",
        promise=_("A refund that goes back through a gateway is asked for within minutes."),
        remedy=_("Is the worker running, and is the gateway still configured?"),
        find=sql(
            """
            SELECT o.number, r.public_id, r.amount, p.gateway, r.created_at FROM payments_refund r
            JOIN orders_order o ON o.id = r.order_id JOIN payments_payment p ON p.id = r.payment_id
            WHERE r.status = 'due' AND p.gateway_reference <> '' AND r.created_at < %(overdue)s ORDER BY r.id
            """
        ),
        level="warning",
    ),
    Check(
        name="money.events_are_handled",
        promise=_("What gateways tell is handled within minutes."),
        remedy=_("Is the worker running? What is left is handled when it does."),
        find=sql(
            """
            SELECT gateway, event_id, kind, received_at FROM payments_gatewayevent
            WHERE status = 'received' AND received_at < %(overdue)s ORDER BY id
            """
        ),
        level="warning",
    ),
    Check(
        name="money.attempts_end",
        promise=_("No attempt to pay stays open long after its time is over."),
        remedy=_("Is the worker running, and does the gateway answer? Run `manage.py reconcile_payments`."),
        find=sql(
            """
            SELECT o.number, p.public_id, p.gateway, p.expires_at FROM payments_payment p
            JOIN orders_order o ON o.id = p.order_id
            WHERE p.status = 'pending' AND p.expires_at < %(overdue)s ORDER BY p.id
            """
        ),
        level="warning",
    ),
    Check(
        name="money.refunds_arrive",
        promise=_("A refund that a gateway was asked for gets an answer within a day."),
        remedy=_("Ask the gateway, then settle it by hand or try it again."),
        find=sql(
            """
            SELECT o.number, r.public_id, r.amount, r.status FROM payments_refund r
            JOIN orders_order o ON o.id = r.order_id
            WHERE r.status = 'sent' AND r.created_at < %(now)s - interval '1 day' ORDER BY r.id
            """
        ),
        level="warning",
    ),
    Check(
        name="money.inbox_is_empty",
        promise=_("Nothing waits in the money inbox."),
        remedy=_("Settle each case at the desk."),
        find=sql(
            "SELECT kind, gateway, amount, detail, opened_at FROM payments_moneycase WHERE status = 'open' ORDER BY id"
        ),
        level="note",
    ),
)
