"""`manage.py migrate`: Django's, with time limits of its own: a statement may take as long as it takes, a lock may not.

The shop's sessions end a statement after fifteen seconds, which would end the building of an index on a large table.
But who waits for a lock keeps everybody waiting behind it, so a lock is given up after three seconds and asked for
again.

An index that is built beside the shop stands outside any transaction. One whose migration was broken off is there,
finished or not, and would be in the way of the next try, or the next run; so it is dropped and built anew.

Indexes of search need an extension that a server may get later, so those that are missing at the end are built.

A column that a view reads can be neither dropped nor given another type, so the views for reports go first, if there is
something to apply; `deploy/sql/roles.sql`, which is run after every `migrate`, makes them anew.
"""

import re
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connection
from django.db.migrations import Migration, RunSQL, SeparateDatabaseAndState
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.utils.translation import gettext as _

from common.transactions import LOCK_TIMEOUT
from operations import trigrams

LONGEST_PAUSE = 30
CHANGES_NOTHING = ("plan", "check_unapplied", "fake")
BESIDE = re.compile(r"CREATE (?:UNIQUE )?INDEX CONCURRENTLY (\w+)")
VIEWS = "reporting"
"""The schema in which roles.sql makes views for reports."""

LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


class Command(migrate.Command):
    """Applies what waits, and begins again where a lock could not be had; what was applied stays applied."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what Django takes, --statement-timeout, --lock-timeout and --tries."""
        super().add_arguments(parser)
        parser.add_argument(
            "--statement-timeout", type=float, default=0, metavar="S", help="seconds a statement may take; 0: any"
        )
        parser.add_argument("--lock-timeout", type=float, default=3, metavar="S", help="seconds to wait for a lock")
        parser.add_argument("--tries", type=int, default=10, metavar="N", help="how often a lock is asked for")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate."""
        seconds = (options.pop("statement_timeout"), options.pop("lock_timeout"), 0)
        tries = options.pop("tries")
        try:
            for attempt in range(1, tries + 1):
                _limit(seconds)
                try:
                    if not any(options[name] for name in CHANGES_NOTHING):
                        _drop_indexes(_left_behind())
                        _drop_views()
                    super().handle(*args, **options)
                    if options["app_label"] is None and not any(options[name] for name in CHANGES_NOTHING):
                        trigrams.build_missing()
                except OperationalError as problem:
                    if getattr(problem.__cause__, "sqlstate", None) != LOCK_TIMEOUT or attempt == tries:
                        raise
                    pause = min(2 ** (attempt - 1), LONGEST_PAUSE)
                    told = _("A lock could not be had; again in %(pause)d s (%(attempt)d of %(tries)d).")
                    self.stderr.write(told % {"pause": pause, "attempt": attempt, "tries": tries})
                    threading.Event().wait(pause)
                else:
                    return
        finally:
            _limit(None)


def _limit(seconds: tuple[float, ...] | None) -> None:
    """Set the limits of the session, or give it back those it began with."""
    with connection.cursor() as cursor:
        for number, name in enumerate(LIMITS):
            if seconds is None:
                cursor.execute(f"RESET {name}")
            else:
                cursor.execute("SELECT set_config(%s, %s, false)", [name, f"{round(seconds[number] * 1000)}ms"])


def _left_behind() -> set[str]:
    """Return the indexes that stand although the migration which builds them beside the shop was never finished.

    What was broken off is the first that an app has yet to apply; indexes of later ones may be others of that name.
    """
    executor = MigrationExecutor(connection)
    first: dict[str, Migration] = {}
    for step, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        first.setdefault(step.app_label, step)
    names = [name for step in first.values() for name in _built_beside(step.operations)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
                       " WHERE relname = ANY (%s) AND pg_table_is_visible(indexrelid)", [names])  # fmt: skip
        return {name for (name,) in cursor.fetchall()}


def _built_beside(operations: Iterable[Operation]) -> Iterator[str]:
    """Give the names of the indexes that are built without keeping anybody from writing."""
    for operation in operations:
        if isinstance(operation, AddIndexConcurrently):
            yield operation.index.name
        elif isinstance(operation, RunSQL):
            yield from BESIDE.findall(str(operation.sql))
        elif isinstance(operation, SeparateDatabaseAndState):
            yield from _built_beside(operation.database_operations)


def _drop_indexes(names: set[str]) -> None:
    """Drop indexes without keeping anybody from writing."""
    for name in sorted(names):
        with connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


def _drop_views() -> None:
    """Drop the views for reports, if they are this role's and a migration waits."""
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s) AND relkind = 'v'"
                       " AND pg_has_role(relowner, 'MEMBER')", [VIEWS])  # fmt: skip
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP VIEW IF EXISTS {VIEWS}."{name}" CASCADE')
