"""Servers of others that are away: since when, why, and when one is asked again.

It is written down once, so that every process knows it: nobody waits for a server that another has just waited for,
and the log has a line when an outage begins and one when it is over, however many tries lie between. Pauses grow to an
hour.
"""

from datetime import datetime, timedelta

import structlog
from django.db.models import F

from common.models import Outage

log = structlog.get_logger(__name__)

MAIL = "mail"
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
MAX_CAUSE = 500


def retry_at(*, name: str) -> datetime | None:
    """Return when a server that is away may be asked again; None where it is not known to be away."""
    return Outage.objects.filter(name=name).values_list("retry_at", flat=True).first()


def is_on(*, name: str, now: datetime) -> bool:
    """Say whether nobody is to ask this server now."""
    at = retry_at(name=name)
    return at is not None and at > now


def failed(*, name: str, cause: str, now: datetime) -> datetime:
    """Write down that a server could not be reached, and return when it may be asked again."""
    cause = cause[:MAX_CAUSE]
    row, is_new = Outage.objects.get_or_create(
        name=name, defaults={"since": now, "retry_at": now + FIRST_PAUSE, "tries": 1, "cause": cause}
    )
    if is_new:
        log.warning("outage_began", server=name, cause=cause)
        return now + FIRST_PAUSE
    known: datetime = row.retry_at
    if known > now:  # another process has just found out the same
        return known
    pause: timedelta = FIRST_PAUSE * 2 ** min(int(row.tries), 20)
    later = now + min(pause, LONGEST_PAUSE)
    Outage.objects.filter(pk=row.pk, tries=row.tries).update(tries=F("tries") + 1, retry_at=later, cause=cause)
    return later


def over(*, name: str, now: datetime) -> None:
    """Write down that a server answers again, if it was away."""
    for row in Outage.objects.filter(name=name):
        if Outage.objects.filter(pk=row.pk).delete()[0]:
            log.warning("outage_over", server=name, seconds=round((now - row.since).total_seconds()), tries=row.tries)
