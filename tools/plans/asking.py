"""The real statements of real requests, and what PostgreSQL would do for each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from tools.calls import Call
from tools.calls.ground import Ground
from tools.plans.shapes import Node, Statement, statement, tables

EXPLAINED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "(SELECT")
SETTINGS = {"max_parallel_workers_per_gather": "0", "jit": "off", "statement_timeout": "0"}
"""Of the session that explains: how many processes share a scan says nothing of which scan it is."""


@dataclass
class Caught:
    """Statements of a request with the values they had, each form once."""

    of: dict[Statement, tuple[str, Any]] = field(default_factory=dict)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Take a statement down and let it run."""
        if str(sql).lstrip().upper().startswith(EXPLAINED):
            self.of.setdefault(statement(str(sql)), (str(sql), next(iter(params), None) if many else params))
        return execute(sql, params, many, context)


def caught(call: Call, ground: Ground) -> Caught:
    """Send a call's request and return the statements that it ran. Raises RuntimeError for another answer."""
    ask, found = call.make(ground), Caught()
    with connection.execute_wrapper(found):
        answer = ground.send(ask)
        if answer.streaming:
            for _part in answer.streaming_content:
                pass
    if answer.status_code != ask.status:
        raise RuntimeError(f"{call.name} answered {answer.status_code} instead of {ask.status}")
    return found


@contextmanager
def explaining(**settings: str) -> Iterator[None]:
    """Set for a while what plans depend on."""
    wanted = SETTINGS | settings
    with connection.cursor() as cursor:
        for name, value in wanted.items():
            cursor.execute(f"SET {name} = {value}")  # names and values of ours
        yield
        for name in wanted:
            cursor.execute(f"RESET {name}")


def plans(found: Caught) -> Iterator[tuple[Statement, Node]]:
    """Yield each statement that reads or writes a table, with its plan."""
    for form, (sql, params) in found.of.items():
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            [answer] = cursor.fetchall()
        plan = answer[0][0]["Plan"]
        if tables(plan):
            yield form, plan


def carried_out(found: Caught, form: Statement) -> Node | None:
    """Return the plan of a statement with what it has read, or None for one that writes or locks."""
    sql, params = found.of[form]
    if not sql.lstrip().upper().startswith("SELECT") or "FOR UPDATE" in sql:
        return None
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING off, FORMAT JSON) {sql}", params)
        [answer] = cursor.fetchall()
    plan: Node = answer[0][0]["Plan"]
    return plan


def rows_of_tables() -> dict[str, int]:
    """Return how many rows PostgreSQL takes each table for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples::bigint FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        return dict(cursor.fetchall())


def whole_indexes() -> set[str]:
    """Return the indexes that hold every row of their table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NULL")
        return {name for (name,) in cursor.fetchall()}
