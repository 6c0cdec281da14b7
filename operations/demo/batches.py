"""Rows of many tables that are written together, by COPY, under ids taken beforehand."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import SimpleNamespace
from typing import Any

from django.db import connection
from django.db.models import JSONField, Model
from psycopg.types.json import Jsonb

from common.actors import Actor
from common.rows import written_fields
from inventory.models import StockItem
from operations.demo import drawers
from operations.demo.drawers import Drawers
from orders.models import OrderEvent
from orders.seals import chain_of
from shop.policy import Policy
from till.models import TillClose, TillCount, TillSession

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

    def drawer(self, *, tender: str, amount: Decimal, at: datetime) -> int:
        """Return the session that money of an instant goes through; one more where there is none of that day."""
        day = self.drawers.key_of(at)
        if day not in self.drawers.by_day:
            self.drawers.by_day[day] = self.add(TillSession, **self.drawers.values_for(at))
        session = self.drawers.by_day[day]
        self.drawers.take(session=session, tender=tender, amount=amount, at=at)
        return int(session.id)

    def close_drawers(self) -> None:
        """Close every session of the batch with what went through it; all its money has been written."""
        drawers.close(self.drawers)
        for session in self.drawers.by_day.values():
            sums = self.drawers.sums_of(session)
            self.add(TillClose, count_id=self.add(TillCount, **sums).id, **sums)
        for model in (TillCount, TillClose):
            copy_rows(model=model, rows=self.rows[model])

    def _next_id(self, model: type[Model]) -> int:
        if not self._ids[model]:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                    [model._meta.db_table, IDS_AT_ONCE],
                )
                self._ids[model] = [number for (number,) in reversed(cursor.fetchall())]
        return self._ids[model].pop()


def add_history(*, batch: Batch, order: Row, steps: Iterable[tuple[str, datetime, Actor]]) -> None:
    """Add the steps of an order: how it stood, from when on, and by whom; each sealed on the one before."""
    origin, chain = "", ""
    for seq, (status, at, actor) in enumerate(steps, start=1):
        event = batch.add(
            OrderEvent,
            order_id=order.id,
            seq=seq,
            from_status=origin,
            to_status=status,
            actor_kind=actor.kind,
            actor_id=actor.id,
            door=actor.door,
            at=at,
        )
        event.chain = chain = chain_of(previous=chain, event=event)
        origin = status


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
