"""Looks at everything in one moment: one transaction that sees one state of the database and cannot write.

Within a transaction that somebody else has opened, it looks at what that transaction sees, which is
how a test plants a corruption and takes it back.

Rows come from the server a few at a time and no more of them than are told, so a promise broken a million times takes
no more memory than one broken once.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from operations.integrity.base import Check, Moment, Row
from operations.integrity.registry import CHECKS

MOST_ROWS = 50


@dataclass(frozen=True)
class Result:
    """What one check found: at most MOST_ROWS rows; `more` when there were others. `failure`: it could not look."""

    check: Check
    rows: list[Row] = field(default_factory=list)
    more: bool = False
    failure: str = ""

    @property
    def kept(self) -> bool:
        """Whether the promise holds."""
        return not self.rows and not self.failure


@dataclass(frozen=True)
class Report:
    """What all checks found at one moment."""

    at: datetime
    results: list[Result]

    @property
    def findings(self) -> list[Result]:
        """The promises that are broken, and those nobody could look at."""
        return [result for result in self.results if not result.kept and (result.failure or _is(result, "error"))]

    @property
    def warnings(self) -> list[Result]:
        """What somebody should look at, though nothing is wrong yet."""
        return [result for result in self.results if result.rows and _is(result, "warning")]

    @property
    def notes(self) -> list[Result]:
        """What is allowed and still worth seeing."""
        return [result for result in self.results if result.rows and _is(result, "note")]


def examine(*, now: datetime, checks: Sequence[Check] = CHECKS, seconds: float | None = None) -> Report:
    """Run the checks in one read-only snapshot and report on each of them. Raises what a lost database raises.

    `seconds`: for as long as they may take together; a check that has none left could not look.
    """
    moment = Moment(now=now)
    until = None if seconds is None else time.monotonic() + seconds
    with _snapshot():
        return Report(at=now, results=[_look(check=check, moment=moment, until=until) for check in checks])


def findings(*, now: datetime) -> list[str]:
    """Return one line for every broken promise; nothing for a healthy shop."""
    report = examine(now=now)
    return [f"{result.check.name}: {result.failure or result.rows}" for result in report.findings]


@contextmanager
def _snapshot() -> Iterator[None]:
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SET LOCAL cursor_tuple_fraction = 1")  # on a healthy shop every row is looked at
        yield


def _look(*, check: Check, moment: Moment, until: float | None) -> Result:
    """Return a check that cannot look (a table is missing) is a finding itself and does not stop the others."""
    left = None if until is None else int((until - time.monotonic()) * 1000)
    if left is not None and left <= 0:
        return Result(check=check, failure=_("No time was left to look."))
    try:
        with transaction.atomic():
            _limit(milliseconds=left)
            rows = list(islice(check.find(moment), MOST_ROWS + 1))
    except DatabaseError as problem:
        return Result(check=check, failure=str(problem).strip())
    return Result(check=check, rows=rows[:MOST_ROWS], more=len(rows) > MOST_ROWS)


def _limit(*, milliseconds: int | None) -> None:
    """Let no statement of this transaction take longer from here on."""
    if milliseconds is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])


def _is(result: Result, level: str) -> bool:
    return result.check.level == level
