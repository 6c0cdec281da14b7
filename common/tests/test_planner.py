"""The server counts the shop's tables for its planner, and waits for nobody who counts in another database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from common.postgres import planner

LOCKED = """
    SELECT coalesce(array_agg(c.relname::text ORDER BY c.relname), '{}') FROM pg_locks l
    JOIN pg_class c ON c.oid = l.relation
    WHERE l.pid = pg_backend_pid() AND l.mode = 'ShareUpdateExclusiveLock' AND c.relnamespace = 'pg_catalog'::regnamespace
"""


@contextmanager
def counted_elsewhere(table: str) -> Iterator[None]:
    """Somebody counts a table in a transaction that does not end."""
    found = connection.settings_dict
    words = {"host": found["HOST"], "port": found["PORT"], "user": found["USER"], "password": found["PASSWORD"]}
    with psycopg.connect(dbname=found["NAME"], **words) as other:
        other.execute(f"ANALYZE {table}")
        yield
        other.rollback()


@contextmanager
def impatient() -> Iterator[Any]:
    """Wait for locks for a tenth of a second and no longer."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
        yield cursor
        cursor.execute("RESET lock_timeout")


@pytest.mark.django_db
def test_counts_the_tables_of_the_shop_and_leaves_the_catalogues_alone() -> None:
    planner.analyze()
    with connection.cursor() as cursor:
        cursor.execute(LOCKED)
        assert cursor.fetchone() == ([],)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname = 'common_heartbeat' AND reltuples >= 0")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_waits_for_nobody_who_counts_what_all_databases_share() -> None:
    with counted_elsewhere("pg_database"):
        planner.analyze()
        with impatient() as cursor, pytest.raises(OperationalError, match="lock timeout"):
            cursor.execute("ANALYZE")


@pytest.mark.django_db(transaction=True)
def test_leaves_out_a_table_that_is_taken_where_it_may() -> None:
    with counted_elsewhere("common_heartbeat"):
        planner.analyze(skip_locked=True)
        with impatient(), pytest.raises(OperationalError, match="lock timeout"):
            planner.analyze()
