"""Model instances as records, for statements that insert several tables at once.

PostgreSQL turns a JSON object back into a typed row (`jsonb_populate_record`), so one readable statement can carry an
order with its lines. Defaults of the model apply, since the record is made from an instance; the
primary key is left to the database.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db.models import Model


def written_fields(model: type[Model]) -> list[Any]:
    """Return the model's fields with a column that a writer fills: all but those PostgreSQL keeps itself."""
    return [field for field in model._meta.concrete_fields if not field.generated]


@cache
def _recorded(model: type[Model]) -> list[tuple[str, str]]:
    """Return attribute and column of each field of a record."""
    return [(field.attname, str(field.column)) for field in written_fields(model) if not field.primary_key]


def column_names(*, model: type[Model], without: Iterable[str] = ()) -> list[str]:
    """Return the columns a writer fills, in order, without the primary key and without those named."""
    left_out = set(without)
    return [
        str(field.column) for field in written_fields(model) if not field.primary_key and field.column not in left_out
    ]


def record(*, instance: Model) -> dict[str, Any]:
    """Return column -> value of an instance, saved or not, of the columns a writer fills; see `common.sql.as_json`."""
    return {column: getattr(instance, attribute) for attribute, column in _recorded(type(instance))}
