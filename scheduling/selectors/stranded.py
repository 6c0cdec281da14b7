"""Booked visits that the setup no longer covers: hours, an absence, a holiday or a capacity changed afterwards."""

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import F

from scheduling.lifecycle import MOVABLE
from scheduling.models import Appointment
from scheduling.selectors.diaries import diaries
from scheduling.slots import Spans, fit, local_day, seconds_of, subtract
from shop.policy import Policy


def stranded(*, policy: Policy, now: datetime, professionals: Collection[int] | None = None) -> list[Appointment]:
    """Return the visits still to come that lie outside the working time of their professional; three statements.

    What the team forced with a reason was outside on purpose, and is left out.
    """
    coming = Appointment.objects.filter(state__in=MOVABLE, starts_at__gt=now, forced_reason="")
    if professionals is not None:
        coming = coming.filter(professional__in=list(professionals))
    visits = list(coming.select_related("professional").order_by("starts_at", "pk"))
    if not visits:
        return []
    zone = ZoneInfo(policy.timezone)
    known = diaries(
        professionals={visit.professional_id for visit in visits},
        rooms=(),
        first=local_day(instant=seconds_of(visits[0].starts_at), zone=zone),
        last=local_day(instant=seconds_of(visits[-1].starts_at), zone=zone),
        policy=policy,
        now=now,
    )
    there = {pk: subtract(diary.working, diary.away) for pk, diary in known.items()}
    return [visit for visit in visits if not _covered(visit=visit, working=there.get(visit.professional_id, []))]


def crowded(*, now: datetime) -> list[Appointment]:
    """Return the visits still to come that have a place beyond what their service has now; one statement."""
    coming = Appointment.objects.filter(state__in=MOVABLE, starts_at__gt=now, lane__gt=F("services__service__capacity"))
    return list(coming.select_related("professional").order_by("starts_at", "pk").distinct())


def uncovered(*, policy: Policy, now: datetime) -> list[Appointment]:
    """Return the visits still to come without working time or without a place in their session."""
    return [*stranded(policy=policy, now=now), *crowded(now=now)]


def _covered(*, visit: Appointment, working: Spans) -> bool:
    start, end = seconds_of(visit.starts_at), seconds_of(visit.ends_at)
    return any(first <= start < last for first, last in fit(working, end - start))
