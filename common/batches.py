"""Deletes many rows a few at a time, so that nobody waits for the rows that one large statement would lock."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from common.transactions import refuse_inside

M = TypeVar("M", bound=Model)

BATCH = 1000
AT_MOST = 1_000_000
"""In one go; what is left is left to the next."""


def delete_in_batches(rows: QuerySet[M], *, size: int = BATCH) -> int:
    """Delete rows, oldest first, each batch in a transaction of its own; returns how many of them were deleted.

    Raises RuntimeError inside a unit of work, which would lock all of them until its end.
    """
    refuse_inside("delete_in_batches")
    deleted = 0
    while deleted < AT_MOST:
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[:size])
        rows.filter(pk__in=keys).delete()
        deleted += len(keys)
        if len(keys) < size:
            break
    return deleted
