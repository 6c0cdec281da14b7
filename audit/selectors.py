"""What was written down of a thing and of what hangs on it."""

from django.db.models import Model, QuerySet

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
    return Entry.objects.filter(subject=subject_of(instance))
