"""Asks every probe, one after the other.

A probe that fails in a way it did not foresee is a problem of its own, named, and the others go on.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from common.errors import Refusal
from operations.diagnosis import processes, servers, setup
from operations.diagnosis.base import Finding, Probe

PROBES: tuple[Probe, ...] = (*servers.PROBES, *processes.PROBES, *setup.PROBES)


def examine(*, now: datetime, probes: Sequence[Probe] = PROBES) -> Iterator[tuple[Probe, Finding]]:
    """Yield what every probe sees. Writes nothing but a file that it deletes again, and takes one lease."""
    answers = _answers()
    for probe in probes:
        if probe.needs_database and not answers:
            continue
        for finding in _asked(probe=probe, now=now):
            yield probe, finding


def _asked(*, probe: Probe, now: datetime) -> Iterable[Finding]:
    try:
        return list(probe.look(now))
    except (DatabaseError, RedisError, OSError, Refusal) as problem:
        first, *_rest = str(problem).strip().splitlines() or [""]
        what = _("Could not look: %(why)s") % {"why": f"{type(problem).__name__}: {first}"}
        return [Finding("problem", what, _("Repair what stands above first, then ask the doctor again."))]


def _answers() -> bool:
    try:
        connection.ensure_connection()
    except DatabaseError:
        connection.close()  # one that a pooler took and broke off is none; who looks next says why
        return False
    return True
