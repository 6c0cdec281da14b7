"""The life of a spreadsheet around its reading and taking in: brought, thrown away, forgotten."""

from datetime import datetime, timedelta
from pathlib import PureWindowsPath
from uuid import UUID

from django.db.models import QuerySet

from common.actors import Actor
from common.batches import delete_in_batches
from common.text import is_clean, one_line
from common.transactions import locked
from common.use_cases import use_case
from spreadsheets.models import Import, ImportRow

ROWS_KEPT_FOR = timedelta(days=1)
OPEN_AT_MOST = 20
"""Spreadsheets not taken in; the oldest go first."""


@use_case()
def begin(*, kind: str, name: str, content: bytes, language: str, actor: Actor, now: datetime) -> Import:
    """Write a file down, to be read by `prepare`; what was brought earlier and never taken in makes room."""
    plain = one_line(PureWindowsPath(name).name)
    Import.objects.filter(
        pk__in=list(_unfinished().order_by("-pk").values_list("pk", flat=True)[OPEN_AT_MOST - 1 :])
    ).delete()
    return Import.objects.create(
        kind=Import.Kind(kind),
        name=plain[-120:] if is_clean(plain) else "",
        content=content,
        language=language,
        actor_kind=actor.kind,
        actor_id=actor.id,
        created_at=now,
    )


@use_case()
def discard(*, public_id: UUID) -> None:
    """Throw a spreadsheet away that was not taken in; nothing happens to one that was, or is being."""
    for run in locked(_unfinished().filter(public_id=public_id)):
        run.delete()


def forget(*, now: datetime) -> int:
    """Delete files that nobody took in a day after they came, with their rows, and the rows of those that somebody did.

    Return how many files.
    """
    old = Import.objects.filter(created_at__lte=now - ROWS_KEPT_FOR)
    gone = delete_in_batches(old.exclude(state=Import.State.DONE), size=1)
    delete_in_batches(ImportRow.objects.filter(run__in=old))
    return gone


def _unfinished() -> QuerySet[Import]:
    return Import.objects.exclude(state__in=[Import.State.DONE, Import.State.CONFIRMED])
