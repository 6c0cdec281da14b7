"""What is read from the database: a statement for each group, each row of it one figure.

A statement reads what an index finds, so it stays as quick in a shop of a million orders; what counts all orders reads
their smallest index. One that takes longer than it may is given up, and its figures are left out until the next time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import DatabaseError, connection, transaction

from common import backups

PATIENCE_MILLISECONDS = 2000
LATE = timedelta(minutes=5)
DAY = timedelta(days=1)


class Figure(NamedTuple):
    """One value: of which family, and the words of its labels."""

    family: str
    words: tuple[str, ...]
    value: float


@dataclass(frozen=True)
class Reading:
    """A group of figures and the statement that reads them; it may use what `read` gives.

    Its columns are the family, the words of the labels, and the value; a row whose value is NULL says nothing.
    """

    group: str
    statement: str


ORDERS = """
SELECT 'balcao_orders_placed_total' AS family, '{}'::text[] AS words, count(*)::float8 AS value FROM orders_order
UNION ALL
SELECT 'balcao_orders_open', ARRAY['pending'], count(*) FROM orders_order WHERE status = 'pending'
UNION ALL
SELECT 'balcao_orders_open', ARRAY['confirmed'], count(*) FROM orders_order WHERE status = 'confirmed'
UNION ALL
SELECT 'balcao_order_last_placed_timestamp_seconds', '{}', extract(epoch FROM max(placed_at)) FROM orders_order
UNION ALL
(WITH today AS (
    SELECT channel, currency, count(*) AS placed,
        sum(total) FILTER (WHERE status NOT IN ('cancelled', 'expired')) AS sold
    FROM orders_order WHERE placed_at > %(yesterday)s GROUP BY channel, currency
)
SELECT 'balcao_orders_last_day', ARRAY[channel], sum(placed) FROM today GROUP BY channel
UNION ALL
SELECT 'balcao_sales_last_day', ARRAY[channel, currency], coalesce(sold, 0) FROM today)
"""

MONEY = """
WITH came AS (
    SELECT method, currency, count(*) AS payments, sum(amount) AS amount FROM payments_payment
    WHERE received_at > %(yesterday)s AND status = 'succeeded' GROUP BY method, currency
), owed AS (
    SELECT status, currency, amount, created_at FROM payments_refund WHERE status IN ('due', 'sent', 'refused')
), cases AS (
    SELECT opened_at FROM payments_moneycase WHERE status = 'open'
)
SELECT 'balcao_payments_last_day' AS family, ARRAY[method] AS words, sum(payments)::float8 AS value
FROM came GROUP BY method
UNION ALL
SELECT 'balcao_money_received_last_day', ARRAY[method, currency], amount FROM came
UNION ALL
SELECT 'balcao_payments_waiting', '{}', count(*) FROM payments_payment WHERE status = 'pending'
UNION ALL
SELECT 'balcao_refunds_owed', ARRAY[status], count(*) FROM owed GROUP BY status
UNION ALL
SELECT 'balcao_refunds_owed_amount', ARRAY[currency], sum(amount) FROM owed GROUP BY currency
UNION ALL
SELECT 'balcao_refund_oldest_seconds', '{}', coalesce(extract(epoch FROM %(now)s - min(created_at)), 0) FROM owed
UNION ALL
SELECT 'balcao_money_cases_open', '{}', count(*) FROM cases
UNION ALL
SELECT 'balcao_money_case_oldest_seconds', '{}', coalesce(extract(epoch FROM %(now)s - min(opened_at)), 0) FROM cases
UNION ALL
SELECT 'balcao_gateway_events_waiting', '{}', count(*) FROM payments_gatewayevent WHERE status = 'received'
"""

TIME_AND_GOODS = """
SELECT 'balcao_visits_kept' AS family, ARRAY[state] AS words, count(*)::float8 AS value
FROM scheduling_appointment WHERE state IN ('held', 'requested') GROUP BY state
UNION ALL
SELECT 'balcao_visits_next_day', '{}', count(*) FROM scheduling_appointment
WHERE state = 'confirmed' AND starts_at > %(now)s AND starts_at <= %(tomorrow)s
UNION ALL
SELECT 'balcao_visits_unsettled', '{}', count(*) FROM scheduling_appointment
WHERE state = 'confirmed' AND starts_at <= %(yesterday)s
UNION ALL
SELECT 'balcao_units_kept', ARRAY[CASE WHEN allocated THEN 'order' ELSE 'cart' END], sum(quantity)
FROM inventory_stockreservation GROUP BY allocated
UNION ALL
SELECT 'balcao_skus_out_of_stock', '{}', count(*) FROM inventory_stockitem WHERE on_hand = reserved
UNION ALL
SELECT 'balcao_carts_open', '{}', count(*) FROM cart_cart WHERE status = 'open' AND expires_at > %(now)s
"""

WORK = """
WITH waiting AS (
    SELECT attempts, occurred_at FROM common_outboxmessage WHERE done_at IS NULL AND dead_at IS NULL
)
SELECT 'balcao_outbox_waiting' AS family, '{}'::text[] AS words, count(*)::float8 AS value FROM waiting
UNION ALL
SELECT 'balcao_outbox_retried', '{}', count(*) FROM waiting WHERE attempts > 1
UNION ALL
SELECT 'balcao_outbox_oldest_seconds', '{}', coalesce(extract(epoch FROM %(now)s - min(occurred_at)), 0) FROM waiting
UNION ALL
SELECT 'balcao_outbox_dead', '{}', count(*) FROM common_outboxmessage WHERE done_at IS NULL AND dead_at IS NOT NULL
UNION ALL
SELECT 'balcao_heartbeat_timestamp_seconds', ARRAY[name], extract(epoch FROM beat_at) FROM common_heartbeat
UNION ALL
SELECT 'balcao_letters_last_day', ARRAY[CASE held_back WHEN '' THEN 'sent' ELSE held_back END], count(*)
FROM common_sentletter WHERE at > %(yesterday)s GROUP BY held_back
UNION ALL
SELECT 'balcao_expired_rows', ARRAY['orders'], count(*) FROM orders_order
WHERE status = 'pending' AND expires_at <= %(late)s
UNION ALL
SELECT 'balcao_expired_rows', ARRAY['carts'], count(*) FROM cart_cart WHERE status = 'open' AND expires_at <= %(late)s
UNION ALL
SELECT 'balcao_expired_rows', ARRAY['visits'], count(*) FROM scheduling_appointment
WHERE state IN ('held', 'requested') AND expires_at <= %(late)s
UNION ALL
SELECT 'balcao_expired_rows', ARRAY['units'], count(*) FROM inventory_stockreservation WHERE expires_at <= %(late)s
"""

COPIES = """
WITH copies AS (
    SELECT max(made_at) AS made, max(proved_at) FILTER (WHERE is_sound) AS proved,
        max(proved_at) FILTER (WHERE NOT is_sound) AS failed,
        (SELECT beat_at FROM common_heartbeat WHERE name = %(changes)s) AS received
    FROM common_backupcopy
)
SELECT 'balcao_backup_well' AS family, ARRAY['copied'] AS words,
    coalesce(made >= %(copied_after)s, false)::int::float8 AS value FROM copies
UNION ALL
SELECT 'balcao_backup_well', ARRAY['proved'],
    coalesce(proved >= %(proved_after)s AND (failed IS NULL OR failed <= proved), false)::int FROM copies
UNION ALL
SELECT 'balcao_backup_well', ARRAY['received'], coalesce(received >= %(received_after)s, true)::int FROM copies
UNION ALL
SELECT 'balcao_backup_made_timestamp_seconds', '{}', extract(epoch FROM made) FROM copies
UNION ALL
SELECT 'balcao_backup_proved_timestamp_seconds', '{}', extract(epoch FROM proved) FROM copies
"""

INTEGRITY = """
WITH last AS (
    SELECT began_at, ended_at, broken FROM common_examination
    WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT 1
)
SELECT 'balcao_integrity_findings' AS family, '{}'::text[] AS words,
    coalesce((SELECT jsonb_array_length(broken) FROM last), 0)::float8 AS value
UNION ALL
SELECT 'balcao_integrity_examined_timestamp_seconds', '{}', extract(epoch FROM ended_at) FROM last
UNION ALL
SELECT 'balcao_integrity_seconds', '{}', extract(epoch FROM ended_at - began_at) FROM last
"""

DATABASE = """
WITH here AS (
    SELECT * FROM pg_stat_database WHERE datname = current_database()
), sessions AS (
    SELECT state, wait_event_type, xact_start FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend'
)
SELECT 'balcao_database_size_bytes' AS family, '{}'::text[] AS words,
    pg_database_size(current_database())::float8 AS value
UNION ALL
SELECT 'balcao_database_transactions_total', ARRAY['committed'], xact_commit FROM here
UNION ALL
SELECT 'balcao_database_transactions_total', ARRAY['rolled back'], xact_rollback FROM here
UNION ALL
SELECT 'balcao_database_deadlocks_total', '{}', deadlocks FROM here
UNION ALL
SELECT 'balcao_database_temporary_bytes_total', '{}', temp_bytes FROM here
UNION ALL
SELECT 'balcao_database_blocks_total', ARRAY['memory'], blks_hit FROM here
UNION ALL
SELECT 'balcao_database_blocks_total', ARRAY['elsewhere'], blks_read FROM here
UNION ALL
SELECT 'balcao_database_sessions', ARRAY[coalesce(state, 'other')], count(*) FROM sessions GROUP BY state
UNION ALL
SELECT 'balcao_database_sessions_most', '{}', current_setting('max_connections')::int
UNION ALL
SELECT 'balcao_database_lock_waits', '{}', count(*) FROM sessions WHERE wait_event_type = 'Lock'
UNION ALL
SELECT 'balcao_database_longest_transaction_seconds', '{}',
    coalesce(extract(epoch FROM clock_timestamp() - min(xact_start)), 0) FROM sessions
UNION ALL
SELECT 'balcao_database_is_standby', '{}', pg_is_in_recovery()::int
UNION ALL
SELECT 'balcao_database_standbys', '{}', count(*) FROM pg_stat_replication
UNION ALL
SELECT 'balcao_database_lag_seconds', '{}', CASE
    WHEN NOT pg_is_in_recovery() THEN (SELECT coalesce(extract(epoch FROM max(replay_lag)), 0) FROM pg_stat_replication)
    WHEN pg_last_wal_receive_lsn() IS NOT DISTINCT FROM pg_last_wal_replay_lsn() THEN 0
    ELSE coalesce(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 0)
END
"""

READINGS = (
    Reading("orders", ORDERS),
    Reading("money", MONEY),
    Reading("time and goods", TIME_AND_GOODS),
    Reading("work", WORK),
    Reading("copies", COPIES),
    Reading("integrity", INTEGRITY),
    Reading("database", DATABASE),
)


def read(*, now: datetime) -> Iterator[tuple[Reading, list[Figure] | None]]:
    """Give every group with its figures; None for one that could not be read in time.

    Raises django.db.DatabaseError where there is no database at all.
    """
    connection.ensure_connection()
    values: dict[str, Any] = {"now": now, "late": now - LATE, "yesterday": now - DAY, "tomorrow": now + DAY}
    values |= {
        "changes": backups.WAL,
        "copied_after": now - backups.OLD_AFTER,
        "proved_after": now - backups.UNPROVED_AFTER,
        "received_after": now - backups.SILENT_AFTER,
    }
    for reading in READINGS:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE_MILLISECONDS}")
                cursor.execute(reading.statement, values)
                found = cursor.fetchall()
        except DatabaseError:
            yield reading, None
        else:
            yield (
                reading,
                [Figure(name, tuple(words), float(value)) for name, words, value in found if value is not None],
            )
