"""The types of a check.

A check may be late by `SWEEP_LAG`. What the sweep writes down within minutes is no finding before
then, and only ever a warning, because the shop is right without the sweep.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db import connection
from django.utils.functional import Promise

Row = dict[str, Any]
Level = Literal["error", "warning", "note"]

SWEEP_LAG = timedelta(minutes=5)


@dataclass(frozen=True)
class Moment:
    """The instant the shop is looked at."""

    now: datetime

    @property
    def overdue(self) -> datetime:
        """What should have been swept by `now` was due before this."""
        return self.now - SWEEP_LAG


Finder = Callable[[Moment], Iterable[Row]]


@dataclass(frozen=True)
class Check:
    """One promise: `find` returns the rows that break it, none on a healthy shop.

    An `error` fails the examination; a `warning` says that somebody should look; a `note` lists what is allowed and
    still worth seeing.
    """

    name: str
    promise: str | Promise
    remedy: str | Promise
    find: Finder
    level: Level = "error"


def sql(statement: str, **values: Any) -> Finder:
    """Return a finder that runs one SELECT and returns its rows by column name.

    The statement may use %(now)s, %(overdue)s and the names given here.
    """

    def find(moment: Moment) -> Iterable[Row]:
        with connection.chunked_cursor() as cursor:  # the server keeps the rows that nobody asks for
            cursor.execute(statement, {"now": moment.now, "overdue": moment.overdue, **values})
            names = [column.name for column in cursor.description or ()]
            while batch := cursor.fetchmany(200):
                yield from (dict(zip(names, row, strict=True)) for row in batch)

    return find
