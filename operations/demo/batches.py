"""Rows of many tables that are written together, by COPY, under ids taken beforehand."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any

from django.db import connection
from django.db.models import JSONField, Model
from psycopg.types.json import Jsonb

from common.rows import written_fields
from inventory.models import StockItem
from operations.demo.drawers import Drawers
from shop.policy import Policy

IDS_AT_ONCE = 2_000

Row = SimpleNamespace
"""A row to write, by the names of its columns; a model instance costs five times as much to make."""


@cache
def _defaults(model: type[Model]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """Return what a model puts into the columns that nobody names: values, and functions that make one."""
    constant: dict[str, Any] = {}
    drawn: list[tuple[str, Callable[[], Any]]] = []
    for one in written_fields(model):
        if callable(one.default) and one.has_default():
            drawn.append((one.attname, one.default))
        else:
            constant[one.attname] = one.get_default()
    return constant, drawn


@dataclass
class Batch:
    """Rows to write, by table, and the units that leave the shelf and stay on it for the orders."""

    policy: Policy
    drawers: Drawers
    items: dict[int, StockItem]
    rows: dict[type[Model], list[Row]] = field(default_factory=lambda: defaultdict(list))
    sold: Counter[int] = field(default_factory=Counter)
    kept: Counter[int] = field(default_factory=Counter)
    _ids: dict[type[Model], list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, model: type[Model], **values: Any) -> Row:
        """Add a row under an id of its own, with the defaults of its model, and return it."""
        constant, drawn = _defaults(model)
        fresh = {name: default() for name, default in drawn if name not in values}
        row = Row(**{**constant, **fresh, **values, "id": self._next_id(model)})
        self.rows[model].append(row)
        return row

    def _next_id(self, model: type[Model]) -> int:
        if not self._ids[model]:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                    [model._meta.db_table, IDS_AT_ONCE],
                )
                self._ids[model] = [number for (number,) in reversed(cursor.fetchall())]
        return self._ids[model].pop()


def copy_rows(*, model: type[Model], rows: Sequence[Row]) -> None:
    """Write rows of one table, primary keys included."""
    if not rows:
        return
    fields = written_fields(model)
    names = ", ".join(f'"{one.column}"' for one in fields)
    with connection.cursor() as cursor, cursor.copy(f"COPY {model._meta.db_table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([_value(one, getattr(row, one.attname)) for one in fields])


def _value(one: Any, value: Any) -> Any:
    return Jsonb(value) if isinstance(one, JSONField) and value is not None else value
