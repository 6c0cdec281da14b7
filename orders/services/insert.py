"""Writes a new order with everything that hangs on it and closes its cart, in one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model

from cart.services import CLOSE
from common import outbox, sql
from common.models import OutboxMessage
from common.rows import column_names, record
from common.transactions import within_unit_of_work
from orders.models import Order, OrderContact, OrderEvent, OrderLine
from orders.services.commands import Draft


def _names(model: type[Model], *, without: Sequence[str] = ()) -> str:
    return ", ".join(f'"{name}"' for name in column_names(model=model, without=without))


def _hanging(name: str, model: type[Model]) -> str:
    """Return the part of the statement that inserts the rows of `model` that hang on the order."""
    columns = _names(model, without=["order_id"])
    return f"""{name} AS (
    INSERT INTO {model._meta.db_table} (order_id, {columns})
    SELECT placed.id, {columns}
    FROM placed, jsonb_populate_recordset(NULL::{model._meta.db_table}, %({name})s) AS rows
)"""  # noqa: S608 - names of our own tables and columns, no values


_INSERT = f"""
WITH placed AS (
    INSERT INTO orders_order ({_names(Order)})
    SELECT {_names(Order)} FROM jsonb_populate_record(NULL::orders_order, %(order)s)
    RETURNING id
),
{_hanging("contact", OrderContact)},
{_hanging("lines", OrderLine)},
{_hanging("event", OrderEvent)},
closed AS ({CLOSE})
INSERT INTO common_outboxmessage ({_names(OutboxMessage)})
SELECT {_names(OutboxMessage)} FROM jsonb_populate_recordset(NULL::common_outboxmessage, %(outbox)s)
"""  # noqa: S608 - names of our own tables and columns, no values


@within_unit_of_work
def write(*, draft: Draft, now: datetime) -> None:
    """Insert the order, its people, its lines, its first step and what the outbox shall tell of it; close its cart."""
    rows: dict[str, Any] = {
        "cart": draft.order.cart_id,
        "order": sql.as_json(record(instance=draft.order)),
        "contact": sql.as_json([record(instance=draft.contact)]),
        "lines": sql.as_json([record(instance=line) for line in draft.lines]),
        "event": sql.as_json([record(instance=draft.event)]),
        "outbox": sql.as_json(
            outbox.rows(name="order.placed", payload={"order": draft.order.number, "version": draft.event.seq}, now=now)
        ),
    }
    sql.execute(_INSERT, rows)
