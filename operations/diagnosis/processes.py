"""Worker, beat, sweeps and outbox: the janitors, and what they leave lying when they are away.

Their absence is a warning, not a problem. The shop is right without them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min
from django.utils.translation import gettext as _

from common import heartbeats
from common.models import OutboxMessage
from operations.diagnosis.grammar import Finding, Probe, age
from operations.expired_rows import expired_rows

SILENT = timedelta(minutes=3)
LATE = timedelta(minutes=5)


def signs_of_life(now: datetime) -> Iterator[Finding]:
    """Worker, beat and every sweep were seen lately."""
    seen = heartbeats.last_seen()
    expected = {"worker", "outbox", *seen}
    for name in sorted(expected):
        when = seen.get(name)
        patience = max(SILENT, 3 * _every(name))
        if when is not None and now - when <= patience:
            yield Finding("ok", _("%(name)s was seen %(age)s ago") % {"name": name, "age": age(since=when, now=now)})
            continue
        remedy = _("Start worker and beat (`make run`, or the containers worker and beat). Nothing is lost meanwhile.")
        if when is None:
            yield Finding("warning", _("%(name)s was never seen") % {"name": name}, remedy)
        else:
            silence = age(since=when, now=now)
            yield Finding("warning", _("%(name)s has been silent for %(age)s") % {"name": name, "age": silence}, remedy)


def swept(now: datetime) -> Iterator[Finding]:
    """Return what ran out is tidied away within minutes."""
    for leftover in expired_rows(now=now - LATE):
        what = _("%(count)d %(name)s ran out and were not tidied away") % {
            "count": leftover.count,
            "name": leftover.name,
        }
        yield Finding(
            "warning", what, _("Run `manage.py release_expired`, then find out why beat or worker are silent.")
        )
    if not expired_rows(now=now - LATE):
        yield Finding("ok", _("Nothing that ran out is left lying"))


def outbox(now: datetime) -> Iterator[Finding]:
    """Messages leave the outbox, and none was given up."""
    waiting = OutboxMessage.objects.filter(done_at=None, dead_at=None)
    late = waiting.filter(not_before__lt=now - LATE).aggregate(count=Count("pk"), oldest=Min("occurred_at"))
    if late["count"]:
        what = _("%(count)d messages are late, the oldest by %(age)s") % {
            "count": late["count"],
            "age": age(since=late["oldest"], now=now),
        }
        yield Finding("warning", what, _("Start worker and beat; the messages are then delivered, each once."))
    dead = OutboxMessage.objects.filter(done_at=None).exclude(dead_at=None)
    count = dead.count()
    if count:
        handlers = ", ".join(sorted(set(dead.values_list("handler", flat=True))))
        what = _("%(count)d messages were given up (%(handlers)s)") % {"count": count, "handlers": handlers}
        remedy = _("Read their `last_error`, repair the cause, then clear `dead_at` and set `attempts` to 0.")
        yield Finding("problem", what, remedy)
    if not late["count"] and not count:
        yield Finding("ok", _("%(count)d messages wait, none too long") % {"count": waiting.count()})


def _every(name: str) -> timedelta:
    """How often the thing that beats under this name is meant to run; unknown names are not meant to."""
    entry = settings.CELERY_BEAT_SCHEDULE.get(name)
    return entry["schedule"] if entry else timedelta(0)


PROBES = (
    Probe("signs of life", signs_of_life),
    Probe("sweeps", swept),
    Probe("outbox", outbox),
)
