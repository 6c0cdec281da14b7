"""Empties the shop's tables, for those who mean it: the demonstration's `--flush`, and a restore.

Histories and ledgers refuse TRUNCATE, so their own triggers are switched off inside the transaction and
on again before it ends. That takes the owner of the tables; the shop itself never does it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.apps import apps
from django.db import connection

from common.transactions import within_unit_of_work

KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission"})
"""What the migrations wrote and the models need; emptied only where it is filled again."""

AUTOMATIC = KEPT | {
    "shop_shopsettings", "shop_openinghours", "common_heartbeat", "common_outage", "common_backupcopy",
    "audit_entry", "common_examination", "django_session",
}  # fmt: skip
"""Tables in which a new shop has rows of its own; rows in any other table mean that somebody has begun to use it."""


def tables() -> list[str]:
    """Return every table of the shop, by name, its list of migrations included."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return sorted({model._meta.db_table for model in models if not model._meta.proxy} | {"django_migrations"})


def tables_there() -> list[str]:
    """Return those of them that the database has; one of another version has others."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) AS name WHERE to_regclass(quote_ident(name)) IS NOT NULL", [tables()]
        )
        return sorted(name for (name,) in cursor.fetchall())


def used_tables() -> list[str]:
    """Return the tables in which somebody has written something."""
    with connection.cursor() as cursor:
        used = []
        for table in tables_there():
            if table in AUTOMATIC or table.startswith("auth_group"):
                continue
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')  # noqa: S608 - names of our own tables
            if cursor.fetchone()[0]:
                used.append(table)
        return used


@within_unit_of_work
def empty(*, names: Sequence[str]) -> None:
    """Delete every row of these tables and start their numbers anew."""
    listed = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        with guards_off(names=names):
            cursor.execute(f"TRUNCATE {listed} RESTART IDENTITY")


@contextmanager
def guards_off(*, names: Sequence[str]) -> Iterator[None]:
    """Switch off the triggers of these tables for the block, within this unit of work; whoever fails rolls back."""
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f'ALTER TABLE "{name}" DISABLE TRIGGER USER')
        yield
        for name in names:
            cursor.execute(f'ALTER TABLE "{name}" ENABLE TRIGGER USER')
