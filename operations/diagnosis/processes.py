"""Worker, beat, sweeps and outbox: the janitors, and what they leave lying when they are away.

Their absence is a warning, not a problem. The shop is right without them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.db.models import Count, Min
from django.utils.translation import gettext as _

from common import heartbeats, outages
from common.models import Outage, OutboxMessage
from common.outbox import given_up, letter_handlers
from operations.diagnosis.base import Finding, Level, Probe, age
from operations.expired_rows import expired_rows

SILENT = timedelta(minutes=3)
LATE = timedelta(minutes=5)
MANY_TRIES = 10


def signs_of_life(now: datetime) -> Iterator[Finding]:
    """Worker, beat and every sweep were seen lately."""
    seen = heartbeats.last_seen()
    expected = {"worker", "outbox", "mail", *seen}
    for name in sorted(expected):
        when = seen.get(name)
        patience = max(SILENT, 3 * _every(name))
        if when is not None and now - when <= patience:
            yield Finding("ok", _("%(name)s was seen %(age)s ago") % {"name": name, "age": age(since=when, now=now)})
            continue
        remedy = _("Start both workers and beat (`make run`, or their containers). Nothing is lost meanwhile.")
        if when is None:
            yield Finding("warning", _("%(name)s was never seen") % {"name": name}, remedy)
        else:
            silence = age(since=when, now=now)
            yield Finding("warning", _("%(name)s has been silent for %(age)s") % {"name": name, "age": silence}, remedy)


def swept(now: datetime) -> Iterator[Finding]:
    """Return what ran out is tidied away within minutes."""
    leftovers = expired_rows(now=now - LATE)
    for leftover in leftovers:
        what = _("%(count)d %(name)s ran out and were not tidied away") % {
            "count": leftover.count,
            "name": leftover.name,
        }
        yield Finding(
            "warning", what, _("Run `manage.py release_expired`, then find out why beat or worker are silent.")
        )
    if not leftovers:
        yield Finding("ok", _("Nothing that ran out is left lying"))


def outbox(now: datetime) -> Iterator[Finding]:
    """Messages leave the outbox, none fails again and again, and none was given up."""
    waiting = OutboxMessage.objects.filter(done_at=None, dead_at=None)
    mail_is_away = outages.is_on(name=outages.MAIL, now=now)
    expected = waiting.exclude(handler__in=letter_handlers()) if mail_is_away else waiting
    late = expected.filter(not_before__lt=now - LATE).aggregate(count=Count("pk"), oldest=Min("occurred_at"))
    if late["count"]:
        what = _("%(count)d messages are late, the oldest by %(age)s") % {
            "count": late["count"],
            "age": age(since=late["oldest"], now=now),
        }
        yield Finding("warning", what, _("Start both workers and beat; the messages are then delivered, each once."))
    failing = waiting.filter(attempts__gte=MANY_TRIES)
    dead = given_up()
    for found, level, told, remedy in (
        (
            failing, "warning", _("%(count)d messages fail again and again (%(why)s)"),
            _("Repair what stands there; they are tried again by themselves, for five days."),
        ),
        (
            dead, "problem", _("%(count)d messages were given up (%(why)s)"),
            _("Repair what stands there, then look at them with `manage.py requeue --dry-run` and bring them back with"
              " `manage.py requeue`."),
        ),
    ):  # fmt: skip
        count = found.count()
        if count:
            reasons = found.values_list("handler", "last_error").distinct().order_by("handler")[:3]
            why = "; ".join(f"{handler}: {error.partition(chr(10))[0][:100]}" for handler, error in reasons)
            yield Finding(cast("Level", level), told % {"count": count, "why": why}, remedy)
    if not late["count"] and not dead.exists():
        yield Finding("ok", _("%(count)d messages wait, none too long") % {"count": waiting.count()})


def mail_server(now: datetime) -> Iterator[Finding]:
    """Say whether the mail server takes letters."""
    for outage in Outage.objects.filter(name=outages.MAIL):
        waiting = OutboxMessage.objects.filter(done_at=None, dead_at=None, handler__in=letter_handlers()).count()
        what = _("The mail server has been away for %(age)s, and %(count)d e-mails wait: %(why)s") % {
            "age": age(since=outage.since, now=now),
            "count": waiting,
            "why": outage.cause,
        }
        yield Finding("warning", what, _("Look at EMAIL_URL and the mail server. The e-mails leave when it is back."))
        return
    yield Finding("ok", _("No e-mail was held up by the mail server"))


def _every(name: str) -> timedelta:
    """How often the thing that beats under this name is meant to run; unknown names are not meant to."""
    entry = settings.CELERY_BEAT_SCHEDULE.get(name)
    return entry["schedule"] if entry else timedelta(0)


PROBES = (
    Probe("signs of life", signs_of_life),
    Probe("sweeps", swept),
    Probe("outbox", outbox),
    Probe("mail server", mail_server),
)
