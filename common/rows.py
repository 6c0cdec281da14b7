"""Model instances as plain records, for statements that insert several tables at once.

PostgreSQL turns a JSON object back into a typed row (`jsonb_populate_record`), so one readable statement can carry an
order with its lines. Defaults of the model apply, since the record is made from an instance; the
primary key is left to the database.
"""

from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import JSONField, Model


def written_fields(model: type[Model]) -> list[Any]:
    """Return the model's fields with a column that a writer fills: all but those PostgreSQL keeps itself."""
    return [field for field in model._meta.concrete_fields if not field.generated]


@cache
def _recorded(model: type[Model]) -> list[tuple[str, str, bool]]:
    """Return attribute and column of each field of a record, and whether it is JSON already."""
    fields = (field for field in written_fields(model) if not field.primary_key)
    return [(field.attname, str(field.column), isinstance(field, JSONField)) for field in fields]


def column_names(*, model: type[Model], without: Iterable[str] = ()) -> list[str]:
    """Return the columns a writer fills, in order, without the primary key and without those named."""
    left_out = set(without)
    return [
        str(field.column) for field in written_fields(model) if not field.primary_key and field.column not in left_out
    ]


def record(*, instance: Model) -> dict[str, Any]:
    """Return column -> JSON value of an instance, saved or not, of the columns a writer fills."""
    return {
        column: getattr(instance, attribute) if is_json else _plain(getattr(instance, attribute))
        for attribute, column, is_json in _recorded(type(instance))
    }


def _plain(value: Any) -> Any:
    if isinstance(value, UUID | Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date | time) else value
