"""What a partition for each day would save the outbox, and what it would cost, on the same rows.

    python -m devstack.isolated -m tools.bench.partitions [ROWS]

On a server of its own: so many delivered messages of sixty days (1,000,000 by itself) in the shop's own table, and in
one of the same columns, keys and indexes with a partition for each day. Thirty days are then forgotten, by the
service's batches and by dropping partitions; and a relay claims its next ten messages in both. For the tables that grow
with orders it counts what a partitioned table cannot promise: keys without the day in them, and keys of others that
lead there.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import django
from django.core.management import call_command
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
django.setup()

from common import clock, outbox  # noqa: E402

ROWS = 1_000_000
DAYS, KEPT, WAITING = 60, 30, 1_000
OWN, PARTED = "common_outboxmessage", "outbox_by_day"
GROWING = ("common_outboxmessage", "orders_order", "orders_orderevent", "inventory_stockmovement", "payments_payment")
FILL = """
    INSERT INTO {table}
        (event_id, name, handler, payload, occurred_at, not_before, attempts, done_at, last_error, request_id)
    SELECT gen_random_uuid(), 'order.placed', 'orders.services.mail_order', jsonb_build_object('number', 'B-' || n),
           at, at, 1, at + interval '1 second', '', md5(n::text)
    FROM generate_series(1, %(rows)s) n, LATERAL (
        SELECT %(now)s::timestamptz - interval '1 day' * %(days)s * (1 - n::float / %(rows)s) - interval '1 hour'
    ) AS of (at)
"""
WAIT = """
    UPDATE {table} SET done_at = NULL WHERE (id, occurred_at) IN (
        SELECT id, occurred_at FROM {table} ORDER BY occurred_at DESC LIMIT {waiting}
    )
"""
CLAIM = outbox._CLAIM  # the very statement is what is measured
PROMISES = """
    SELECT (SELECT count(*) FROM pg_constraint WHERE conrelid = %(table)s::regclass AND contype = 'u'),
           (SELECT string_agg(conname, ', ' ORDER BY conname) FROM pg_constraint
            WHERE conrelid = %(table)s::regclass AND contype = 'u'),
           (SELECT count(*) FROM pg_constraint WHERE confrelid = %(table)s::regclass AND contype = 'f'),
           (SELECT count(*) FROM pg_trigger WHERE tgrelid = %(table)s::regclass AND NOT tgisinternal)
"""


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long a block took and how much write-ahead log it wrote."""
    before, began = _written(), time.perf_counter()
    yield
    took = time.perf_counter() - began
    print(f"{what:<64}{took * 1000:>12,.1f} ms{(_written() - before) / 1e6:>12,.1f} MB", flush=True)


def _written() -> int:
    return int(_one("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))


def _one(sql: str, params: Any = None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        row = cursor.fetchone()
    return row[0] if row else None


def _run(*statements: str, **params: Any) -> None:
    with connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql, params or None)


def size(table: str) -> str:
    """Return how large a table is, its partitions and indexes included."""
    parts = "SELECT coalesce(sum(pg_total_relation_size(relid)), 0) FROM pg_partition_tree(%s) WHERE isleaf"
    whole = _one(parts, [table]) or _one("SELECT pg_total_relation_size(%s)", [table])
    return f"{int(whole) / 1e6:,.1f} MB"


def part(*, now: Any) -> None:
    """Make the table with a partition for each day."""
    _run(
        f"CREATE TABLE {PARTED} (LIKE {OWN} INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING IDENTITY) "
        "PARTITION BY RANGE (occurred_at)",
        f"ALTER TABLE {PARTED} ADD PRIMARY KEY (id, occurred_at), ADD UNIQUE (event_id, handler, occurred_at)",
        f"CREATE INDEX ON {PARTED} (not_before, id) WHERE done_at IS NULL AND dead_at IS NULL",
    )
    for day in range(DAYS + 2):
        first = (now - timedelta(days=DAYS + 1 - day)).date()
        _run(
            f"CREATE TABLE {PARTED}_{day} PARTITION OF {PARTED} "
            f"FOR VALUES FROM ('{first}') TO ('{first + timedelta(days=1)}')"
        )


def claim(table: str, *, now: Any) -> Callable[[], None]:
    """Return what claims the next ten messages, and takes that back."""
    sql = CLAIM.replace(OWN, table)
    given = {"until": now + timedelta(minutes=5), "now": now, "kind": "all", "letters": [], "limit": 10}

    def claimed() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(sql, given)
            cursor.execute("ROLLBACK")

    return claimed


def often(what: str, work: Callable[[], None], *, times: int = 200) -> None:
    """Print what one of many takes."""
    work()
    began = time.perf_counter()
    for _again in range(times):
        work()
    print(f"{what:<64}{(time.perf_counter() - began) * 1000 / times:>12,.2f} ms", flush=True)


def forgotten(*, now: Any) -> int:
    """Forget as the nightly task does, again and again until nothing is left to forget."""
    gone = 0
    while some := outbox.forget(now=now):
        gone += some
    return gone


def main() -> None:
    """Fill both tables, measure and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    call_command("migrate", verbosity=0)
    now = clock.now()
    _run("SET statement_timeout = 0")
    part(now=now)
    print(f"{'':<64}{'':>15}{'log':>15}")
    for name, table in (("one table", OWN), ("by day", PARTED)):
        with timed(f"{rows:,} messages written, {name}"):
            _run(FILL.format(table=table), rows=rows, now=now, days=DAYS)
        _run(WAIT.format(table=table, waiting=WAITING), f"VACUUM (ANALYZE) {table}")
        print(f"{f'  its size, {name}':<64}{size(table):>15}", flush=True)
    often("ten claimed, one table", claim(OWN, now=now))
    often("ten claimed, by day", claim(PARTED, now=now))
    with timed(f"{KEPT} days forgotten in batches of 1,000, one table"):
        gone = forgotten(now=now)
    print(f"{'  rows':<64}{gone:>15,}")
    print(f"{'  its size before VACUUM':<64}{size(OWN):>15}")
    with timed("  VACUUM"):
        _run(f"VACUUM {OWN}")
    print(f"{'  its size after VACUUM, room that is used again':<64}{size(OWN):>15}")
    with timed(f"{DAYS - KEPT} days dropped, by day"):
        for day in range(DAYS - KEPT):
            _run(f"DROP TABLE {PARTED}_{day}")
    print(f"{'  its size after':<64}{size(PARTED):>15}")
    print(f"\n{'table':<28}{'unique':>8}{'keys of others':>16}{'triggers':>10}  unique constraints without a day")
    for table in GROWING:
        with connection.cursor() as cursor:
            cursor.execute(PROMISES, {"table": table})
            [(unique, names, leading, triggers)] = cursor.fetchall()
        print(f"{table:<28}{unique:>8}{leading:>16}{triggers:>10}  {names or ''}")


if __name__ == "__main__":
    main()
