"""What was written down of a thing and of what hangs on it."""

from collections.abc import Sequence

from django.db.models import F, Model, Q, QuerySet

from audit.models import Entry


def subject_of(instance: Model) -> str:
    """Return the name by which entries call a row of a table and what hangs on it."""
    return f"{instance._meta.db_table}:{instance.pk}"


def subject_parts(subject: str) -> tuple[str, int]:
    """Return the table and the number of the row that entries call so."""
    table, _colon, row = subject.rpartition(":")
    return table, int(row)


def entries_of(instance: Model) -> QuerySet[Entry]:
    """Return the entries of a row and of the rows that are part of it."""
    itself = Q(table_name=instance._meta.db_table, row_id=instance.pk)  # what is a part of a thing is a subject of none
    return Entry.objects.filter(Q(subject=subject_of(instance)) | itself)


def newest_about(subjects: Sequence[str], *, most: int) -> list[int]:
    """Return the newest entries of things and of what hangs on them, at most so many."""
    entries = Entry.objects.filter(subject__in=subjects)
    newest = entries.order_by((F("pk") + 0).desc())  # by pk alone a page is looked for through the whole table
    return list(newest.values_list("pk", flat=True)[:most])


def newest_by(actors: Sequence[str], *, most: int) -> list[int]:
    """Return the newest entries of what some actors did, at most so many; each actor's are read from their end."""
    first, *others = (Entry.objects.filter(actor=actor).order_by("-pk").values("pk")[:most] for actor in actors)
    found = first.union(*others, all=True).order_by("-pk")[:most] if others else first
    return [row["pk"] for row in found]
