"""Tools for tests: races with real threads, counted statements, policies of pages, and an empty database afterwards."""

import io
import json
import logging
import resource
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from typing import Any

from django.db import OperationalError, connection, connections, transaction
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext, ContextList
from psycopg.errors import DeadlockDetected

from common.postgres import planner

ASLEEP, AWAKE = "SET session_replication_role = replica", "SET session_replication_role = DEFAULT"


def race(*, workers: int, work: Callable[[int], Any]) -> list[Any]:
    """Run `work(0)`..`work(workers - 1)` in threads let loose at one moment; returns results and exceptions."""
    barrier = threading.Barrier(workers)

    def run(number: int) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            return work(number)
        except Exception as problem:
            return problem
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=workers) as pool:
        return list(pool.map(run, range(workers)))


class Lines:
    """What has been logged, as a reader of the log sees it."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        """Everything, as it was written."""
        return self.stream.getvalue()

    def of(self, logger: str) -> list[dict[str, Any]]:
        """Return the lines of one logger, in order."""
        found = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in found if line["logger"] == logger]


@contextmanager
def logged() -> Iterator[Lines]:
    """Collect the lines that the block logs, from INFO on, in the form in which they go out."""
    root = logging.getLogger()
    lines = Lines()
    handler = logging.StreamHandler(lines.stream)
    handler.setFormatter(next(own.formatter for own in root.handlers if own.get_name() == "stderr"))
    level = root.level
    root.addHandler(handler)
    root.setLevel("INFO")
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@contextmanager
def undone() -> Iterator[None]:
    """Take back what the block writes; the services within see no transaction of ours around them.

    The savepoint is released too. One that only is rolled back stays open, and the server walks through all that are
    open for every row it looks at: after a thousand of them a page takes seconds.
    """
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)
        transaction.savepoint_commit(point)


def counted_by_the_planner() -> None:
    """Have the server count the rows that a test has made many of.

    Nobody else sees the rows of a transaction: whoever counts meanwhile finds tables without any, and the server joins
    thousands of rows as if there were one.
    """
    planner.analyze()


@contextmanager
def no_room_for_more_than(size: int) -> Iterator[None]:
    """Let this process write no file larger than so many bytes, for the length of a block."""
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the SQL of the block, BEGIN and COMMIT included, in order."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    found.extend(query["sql"] for query in captured.captured_queries)


def keep_context_once(store: dict[str, Any], *, template: Any, context: Any, **_signal: Any) -> None:
    """Remember what a page was rendered with, for `answer.context`; an `include` within it brings nothing new.

    Django's own copies the context for every include, a thousand times for a form with many fields.
    """
    store.setdefault("templates", []).append(template)
    kept = store.setdefault("kept", {})
    if id(context) not in kept:
        kept[id(context)] = context  # which keeps the number its own
        store.setdefault("context", ContextList()).append(copy(context))


def directives(answer: Any) -> dict[str, list[str]]:
    """Return what an answer's Content-Security-Policy allows, by directive; their order is another in every process."""
    parts = (part.split() for part in answer["Content-Security-Policy"].split(";"))
    return {name: allowed for name, *allowed in parts}


class Emptied:
    """What a transactional test leaves: a database as after Django's flush, for the price of what the test wrote.

    The flush truncates every table and writes all content types and permissions anew, which takes longer than most
    tests. Those two tables stay here as long as nobody has touched them, and rows are deleted where there are any.

    Whichever tests went before, a transactional one begins with an empty database, and every other with the rows that
    migrations made.
    """

    KEPT = ("django_content_type", "auth_permission")
    TRIES = 5

    def __init__(self, *, flush: Callable[[TransactionTestCase], None]) -> None:
        self._flush = flush
        self._kept: object = None
        self._holding = ""
        self._migrated: dict[str, bytes] = {}
        self._is_empty: bool | None = False

    def remember(self) -> None:
        """Keep the rows that migrations made."""
        with connection.cursor() as cursor:
            for table in self._tables(cursor):
                with cursor.copy(f"COPY {table} TO STDOUT") as rows:
                    self._migrated[table] = b"".join(rows)

    def doubt(self) -> None:
        """Take it that another process wrote to the database, so that nobody here knows what it holds."""
        self._is_empty = None

    def before(self, *, is_transactional: bool) -> None:
        """Let a test begin as each of its kind does."""
        if self._is_empty is None or (is_transactional and not self._is_empty):
            self.after(TransactionTestCase())
        if self._is_empty and not is_transactional:
            self._refill()

    def after(self, case: TransactionTestCase) -> None:
        """Empty the database after a test."""
        self._is_empty = True
        if self._kept is None or self._kept != self._stands():
            self._flush(case)
            self._kept = self._stands()
            return
        for left in reversed(range(self.TRIES)):
            try:
                self._delete()
                return
            except OperationalError as problem:
                if not isinstance(problem.__cause__, DeadlockDetected) or not left:
                    raise

    def _delete(self) -> None:
        """Delete the rows of the tables that have any. Raises OperationalError where who still writes is in the way."""
        with transaction.atomic(), connection.cursor() as cursor:
            tables = self._tables(cursor)
            if not tables:
                return
            # Whoever still writes is waited for.
            cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")
            cursor.execute(ASLEEP)
            for table in tables:
                cursor.execute(f"DELETE FROM {table}")
            cursor.execute(AWAKE)

    def _refill(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(ASLEEP)
            for table, rows in self._migrated.items():
                with cursor.copy(f"COPY {table} FROM STDIN") as target:
                    target.write(rows)
            cursor.execute(AWAKE)
        self._is_empty = False

    def _tables(self, cursor: Any) -> list[str]:
        """Return the tables that have any rows, quoted."""
        cursor.execute(self._question())
        return [connection.ops.quote_name(name) for (name,) in cursor.fetchall()]

    def _stands(self) -> object:
        sums = (f"(SELECT md5(string_agg(a::text, '' ORDER BY id)) FROM {name} a)" for name in self.KEPT)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(sums)}")
            return cursor.fetchone()

    def _question(self) -> str:
        if not self._holding:
            names = connection.introspection.django_table_names(only_existing=True, include_views=False)
            self._holding = " UNION ALL ".join(
                f"SELECT '{name}' WHERE EXISTS (SELECT FROM {connection.ops.quote_name(name)})"
                for name in sorted({*names} - {*self.KEPT})
            )
        return self._holding


EMPTIED = Emptied(flush=TransactionTestCase._fixture_teardown)  # type: ignore[attr-defined]
"""The one database of this process."""
