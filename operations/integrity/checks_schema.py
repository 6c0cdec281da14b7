"""The judges themselves: the constraints, triggers and indexes that would refuse what the shop must never do.

Nothing is listed by hand. Constraints come from the models, triggers and hand-written constraints from the SQL of the
migrations, so whatever a migration has put in place must still be there. A constraint is looked for by
name, table and kind; what it says is left to the tests.
"""

# ruff: noqa: S608 - every part of these statements stands in this file or is the name of a table of ours

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL
from django.utils.translation import gettext_lazy as _

from operations.integrity.base import Check, Moment, Row, sql
from orders.lifecycle import TRANSITIONS

_CREATED_TRIGGER = re.compile(r"CREATE\s+(?:CONSTRAINT\s+)?TRIGGER\s+(\w+)\s.*?\sON\s+(\w+)", re.IGNORECASE | re.DOTALL)
_DROPPED_TRIGGER = re.compile(r"DROP\s+TRIGGER\s+(?:IF\s+EXISTS\s+)?(\w+)\s+ON\s+(\w+)", re.IGNORECASE)
_ADDED_CONSTRAINT = re.compile(r"ALTER\s+TABLE\s+(\w+)\s+ADD\s+CONSTRAINT\s+(\w+)", re.IGNORECASE)
_DROPPED_CONSTRAINT = re.compile(r"ALTER\s+TABLE\s+(\w+)\s+DROP\s+CONSTRAINT\s+(?:IF\s+EXISTS\s+)?(\w+)", re.IGNORECASE)

Named = tuple[str, str]
"""A table and the name of something on it."""


def expected_triggers() -> set[Named]:
    """Return the triggers that the applied migrations have put in place."""
    found: set[Named] = set()
    for statement in _statements():
        found -= {(table, name) for name, table in _DROPPED_TRIGGER.findall(statement)}
        found |= {(table, name) for name, table in _CREATED_TRIGGER.findall(statement)}
    return found


def expected_constraints() -> set[Named]:
    """Return the constraints that models and applied migrations name."""
    found: set[Named] = set()
    for statement in _statements():
        found -= set(_DROPPED_CONSTRAINT.findall(statement))
        found |= set(_ADDED_CONSTRAINT.findall(statement))
    for model in _tables():
        found |= {(model._meta.db_table, constraint.name) for constraint in model._meta.constraints}
    return found


def actual_triggers() -> dict[Named, str]:
    """Return every trigger of the shop's tables and whether it fires: O and A here, D and R not."""
    return {
        (row["table"], row["name"]): row["state"]
        for row in _rows(
            """
            SELECT relname AS table, tgname AS name, tgenabled AS state
            FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
            WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
            """
        )
    }


def _missing_triggers(moment: Moment) -> Iterable[Row]:
    actual = actual_triggers()
    for table, name in sorted(expected_triggers()):
        state = actual.get((table, name))
        if state not in ("O", "A"):
            yield {"table": table, "trigger": name, "state": "missing" if state is None else "switched off"}


def _missing_constraints(moment: Moment) -> Iterable[Row]:
    """Conditional unique constraints are indexes to PostgreSQL, so both catalogues are read."""
    actual = {
        (row["table"], row["name"])
        for row in _rows(
            """
            SELECT relname AS table, conname AS name FROM pg_constraint
            JOIN pg_class ON pg_class.oid = conrelid WHERE relnamespace = current_schema()::regnamespace
            UNION
            SELECT of.relname, named.relname FROM pg_index
            JOIN pg_class named ON named.oid = indexrelid JOIN pg_class of ON of.oid = indrelid
            WHERE indisunique AND of.relnamespace = current_schema()::regnamespace
            """
        )
    }
    for table, name in sorted(expected_constraints() - actual):
        yield {"table": table, "constraint": name}


def _missing_uniqueness(moment: Moment) -> Iterable[Row]:
    """Single columns the models call unique: order.cart, variant.sku, every claim."""
    actual = {
        (row["table"], row["column"])
        for row in _rows(
            """
            SELECT relname AS table, attname AS column FROM pg_index
            JOIN pg_class ON pg_class.oid = indrelid
            JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
            WHERE indisunique AND indisvalid AND indnatts = 1 AND indpred IS NULL
              AND relnamespace = current_schema()::regnamespace
            """
        )
    }
    for model in _tables():
        for field in model._meta.local_concrete_fields:
            if field.unique and (model._meta.db_table, field.column) not in actual:
                yield {"table": model._meta.db_table, "column": field.column}


def _missing_references(moment: Moment) -> Iterable[Row]:
    actual = {
        (row["table"], row["column"], row["target"])
        for row in _rows(
            """
            SELECT own.relname AS table, attname AS column, target.relname AS target FROM pg_constraint
            JOIN pg_class own ON own.oid = conrelid JOIN pg_class target ON target.oid = confrelid
            JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
            WHERE contype = 'f' AND own.relnamespace = current_schema()::regnamespace
            """
        )
    }
    for table, column, target, _key in _references():
        if (table, column, target) not in actual:
            yield {"table": table, "column": column, "target": target}


def _orphans(moment: Moment) -> Iterable[Row]:
    """Return values of columns that name nothing, ten of each; tables without rows are not asked."""
    tables = {table for table, *_to in _references()}
    asked = " UNION ALL ".join(
        f"""SELECT '{table}' AS table WHERE EXISTS (SELECT FROM "{table}")""" for table in tables
    )
    filled = {row["table"] for row in _rows(asked)}
    for table, column, target, key in _references():
        if table in filled:
            yield from _rows(
                f"""
                SELECT '{table}' AS table, '{column}' AS column, child."{column}"::text AS points_to, count(*) AS rows
                FROM "{table}" child LEFT JOIN "{target}" parent ON parent."{key}" = child."{column}"
                WHERE child."{column}" IS NOT NULL AND parent."{key}" IS NULL
                GROUP BY child."{column}" LIMIT 10
                """
            )


def _sequences_behind(moment: Moment) -> Iterable[Row]:
    """Return a restored table whose sequence was not moved on refuses its next row.

    The view of sequences opens all of them, so all tables ask it at once.
    """
    keys = [(model._meta.db_table, model._meta.pk) for model in _tables()]
    newest = " UNION ALL ".join(
        f"""
        SELECT '{table}' AS table, max("{key.column}") AS id,
               pg_get_serial_sequence('"{table}"', '{key.column}') AS name FROM "{table}"
        """
        for table, key in keys
        if isinstance(key, models.AutoField | models.BigAutoField)
    )
    return _rows(
        f"""
        SELECT newest.table, newest.id AS newest, coalesce(last_value, 0) AS sequence FROM ({newest}) newest
        LEFT JOIN pg_sequences ON format('%%I.%%I', schemaname, sequencename) = newest.name
        WHERE newest.id > coalesce(last_value, 0) ORDER BY newest.table
        """
    )


def _other_steps(moment: Moment) -> Iterable[Row]:
    """Return the database's own table of an order's steps, against the one the services use."""
    known = {f"{origin}>{target}" for origin, targets in TRANSITIONS.items() for target in targets}
    exists = next(_rows("SELECT to_regprocedure('orders_allowed_steps()') IS NOT NULL AS there"))["there"]
    allowed = {row["step"] for row in _rows("SELECT unnest(orders_allowed_steps()) AS step")} if exists else set()
    for step in sorted(known ^ allowed):
        yield {"step": step, "allowed_by": "services" if step in known else "database"}


@cache
def _sql_of_migrations() -> dict[tuple[str, str], list[str]]:
    loader = MigrationLoader(None)
    wanted: dict[tuple[str, str], list[str]] = {}
    for leaf in sorted(loader.graph.leaf_nodes()):
        for key in loader.graph.forwards_plan(leaf):
            operations = loader.graph.nodes[key].operations
            wanted.setdefault(key, [_text(step.sql) for step in operations if isinstance(step, RunSQL)])
    return wanted


def _statements() -> Iterator[str]:
    """Return the SQL of the applied migrations, in their order."""
    applied = {(row["app"], row["name"]) for row in _rows("SELECT app, name FROM django_migrations")}
    for key, statements in _sql_of_migrations().items():
        if key in applied:
            yield from statements


def _text(statement: Any) -> str:
    if isinstance(statement, str):
        return statement
    return ";\n".join(part if isinstance(part, str) else part[0] for part in statement)


def _tables() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]


def _references() -> Iterator[tuple[str, str, str, str]]:
    """Every foreign key the models declare: table, column, target table, target column."""
    for model in _tables():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, models.ForeignKey) and getattr(field, "db_constraint", True):
                target = field.target_field
                yield model._meta.db_table, field.column, target.model._meta.db_table, str(target.column)


def _rows(statement: str) -> Iterator[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {})
        names = [column.name for column in cursor.description or ()]
        yield from (dict(zip(names, row, strict=True)) for row in cursor.fetchall())


_REPAIR = _("Put it back with the statement of its migration (`sqlmigrate` shows it), then examine again.")

CHECKS = (
    Check(
        name="schema.triggers",
        promise=_("Every trigger that guards histories, ledgers and agreements is there and fires."),
        remedy=_REPAIR,
        find=_missing_triggers,
    ),
    Check(
        name="schema.constraints",
        promise=_("Every constraint that models and migrations name is there."),
        remedy=_REPAIR,
        find=_missing_constraints,
    ),
    Check(
        name="schema.constraints_are_validated",
        promise=_("Every constraint has judged the rows that were there before it."),
        remedy=_("Repair the rows, then run ALTER TABLE ... VALIDATE CONSTRAINT."),
        find=sql(
            """
            SELECT relname AS table, conname AS constraint FROM pg_constraint
            JOIN pg_class ON pg_class.oid = conrelid
            WHERE NOT convalidated AND relnamespace = current_schema()::regnamespace ORDER BY 1, 2
            """
        ),
    ),
    Check(
        name="schema.unique_columns",
        promise=_("Every column that must be unique is kept so by the database."),
        remedy=_REPAIR,
        find=_missing_uniqueness,
    ),
    Check(
        name="schema.references",
        promise=_("Every reference between tables is a foreign key of the database."),
        remedy=_REPAIR,
        find=_missing_references,
    ),
    Check(
        name="schema.no_orphans",
        promise=_("Nothing points to a row that does not exist."),
        remedy=_("Bring the missing row back from a backup, or remove what points to it."),
        find=_orphans,
    ),
    Check(
        name="schema.indexes_are_valid",
        promise=_("No index was left half-built."),
        remedy=_("Run REINDEX INDEX CONCURRENTLY on it."),
        find=sql(
            """
            SELECT of.relname AS table, named.relname AS index FROM pg_index
            JOIN pg_class named ON named.oid = indexrelid JOIN pg_class of ON of.oid = indrelid
            WHERE NOT (indisvalid AND indisready) AND of.relnamespace = current_schema()::regnamespace ORDER BY 1, 2
            """
        ),
    ),
    Check(
        name="schema.sequences_are_ahead",
        promise=_("The next row of every table gets a number that is free."),
        remedy=_("Move the sequence on: `manage.py sqlsequencereset APP | manage.py dbshell`."),
        find=_sequences_behind,
    ),
    Check(
        name="schema.steps_of_an_order",
        promise=_("Services and database allow an order the same steps."),
        remedy=_("A migration for the trigger is missing; write it, or put the table of states back."),
        find=_other_steps,
    ),
)
