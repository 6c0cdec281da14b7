"""Plain SQL for the hot paths: statements that stand ready, without being built anew for every request.

Building a query costs the ORM more than PostgreSQL takes to answer it. Nothing is prepared or cached
here; these are four lines so that a selector can name its statement and read its rows.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection

FOR_WRITING = "FOR NO KEY UPDATE"
"""Locks a row against other writers, weakly enough for foreign keys to it; with ORDER BY id, as `locked` does."""


def rows(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run a statement and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(parameters))
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def execute(statement: str, parameters: Mapping[str, Any]) -> int:
    """Run a statement and return how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(parameters))
        return int(cursor.rowcount)
