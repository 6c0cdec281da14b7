"""Model instances as plain records, for statements that insert several tables at once.

PostgreSQL turns a JSON object back into a typed row (`jsonb_populate_record`), so one readable statement can carry an
order with its lines. Defaults of the model apply, since the record is made from an instance; the
primary key is left to the database.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import JSONField, Model


def written_fields(model: type[Model]) -> list[Any]:
    """Return the model's fields with a column that a writer fills: all but those PostgreSQL keeps itself."""
    return [field for field in model._meta.concrete_fields if not field.generated]


def column_names(*, model: type[Model], without: Iterable[str] = ()) -> list[str]:
    """Return the columns a writer fills, in order, without the primary key and without those named."""
    left_out = set(without)
    return [
        str(field.column) for field in written_fields(model) if not field.primary_key and field.column not in left_out
    ]


def record(*, instance: Model) -> dict[str, Any]:
    """Return column -> JSON value of an instance, saved or not, of the columns a writer fills."""
    values: dict[str, Any] = {}
    for field in written_fields(type(instance)):
        if field.primary_key:
            continue
        value = getattr(instance, field.attname)
        values[str(field.column)] = value if isinstance(field, JSONField) else _plain(value)
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, UUID | Decimal):
        return str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value
