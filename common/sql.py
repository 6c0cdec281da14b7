"""Plain SQL for the hot paths: statements that stand ready, without being built anew for every request.

Building a query costs the ORM more than PostgreSQL takes to answer it, and a cursor costs more than reading the answer:
what a connection has prepared is asked without one (`common.postgres.prepared`).
"""

from collections.abc import Mapping
from typing import Any, cast

import msgspec
from django.db import DEFAULT_DB_ALIAS, connection, connections
from psycopg.types.json import Jsonb

from common.postgres.base import DatabaseWrapper
from common.postgres.prepared import Answer

FOR_WRITING = "FOR NO KEY UPDATE"
"""Locks a row against other writers, weakly enough for foreign keys to it; with ORDER BY id, as `locked` does."""


def _choice(value: Any) -> str:
    """Return a member of Django's choices as text. Raises TypeError for what JSON cannot carry."""
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} is not JSON")
    return str(value)


_encoder = msgspec.json.Encoder(enc_hook=_choice)


def as_json(value: Any) -> Jsonb:
    """Return a parameter of type jsonb; what JSON has no type for (moments, decimals, UUIDs) becomes text in it."""
    return Jsonb(value, dumps=_encoder.encode)


def rows(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run a statement and return its rows."""
    answer = _ask_prepared(statement, parameters)
    if answer is not None:
        return answer.fetchall()
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(parameters))
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def execute(statement: str, parameters: Mapping[str, Any]) -> int:
    """Run a statement and return how many rows it changed."""
    answer = _ask_prepared(statement, parameters)
    if answer is not None:
        return answer.rowcount
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(parameters))
        return int(cursor.rowcount)


def _ask_prepared(statement: str, parameters: Mapping[str, Any]) -> Answer | None:
    database = cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS])
    return database.ask_prepared(statement, parameters)
