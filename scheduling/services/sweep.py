"""Tidies holds and requests that ran out. Nothing depends on it: they count for nothing wherever time is read.

It locks appointments without their professionals, out of the usual order, and may: it only frees, and
it never waits, since rows somebody else has locked are left to them.
"""

from datetime import datetime

from common.transactions import locked_if_free, unit_of_work
from scheduling.lifecycle import EXPIRING
from scheduling.models import Appointment
from scheduling.services import history


def release_expired(*, now: datetime, batch: int = 100) -> int:
    """Write down as expired what ran out, `batch` a transaction; returns how many rows it tidied."""
    tidied = 0
    while True:
        with unit_of_work():
            due = Appointment.objects.filter(state__in=EXPIRING, expires_at__lte=now)
            rows = list(locked_if_free(due)[:batch])
            for row in rows:
                history.expire(appointment=row, door="task", now=now)
        tidied += len(rows)
        if len(rows) < batch:
            return tidied
