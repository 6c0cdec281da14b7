"""The agenda's columns: who works, when they are there, and when they are away.

Somebody who was switched off keeps a column while visits of theirs are in sight.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from scheduling.lifecycle import OCCUPYING
from scheduling.models import Appointment, Professional, TimeOff
from scheduling.selectors.diaries import diaries
from scheduling.slots import Spans, day_span, intersect, moment_of, subtract
from shop.policy import Policy


@dataclass(frozen=True)
class Absence:
    """A stretch in which somebody is away."""

    pk: int
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True)
class Column:
    """A professional between two days; `there` is when they work, in seconds since the epoch."""

    pk: int
    public_id: UUID
    name: str
    there: Spans
    away: tuple[Absence, ...]


def professional_of_login(*, user_id: int) -> UUID | None:
    """Return the professional who signs in with a login; None where it belongs to none."""
    return Professional.objects.filter(user=user_id).values_list("public_id", flat=True).first()


def columns(*, policy: Policy, first: date, last: date, now: datetime, user_id: int | None = None) -> list[Column]:
    """Return the columns from the first day to the last, in the shop's order; four statements.

    `user_id`: only the column of that login.
    """
    zone = ZoneInfo(policy.timezone)
    begins, ends = day_span(day=first, zone=zone)[0], day_span(day=last, zone=zone)[1]
    in_sight = Appointment.objects.filter(
        professional=OuterRef("pk"),
        state__in=OCCUPYING,
        starts_at__lt=moment_of(ends),
        ends_at__gt=moment_of(begins),
    )
    wanted = Professional.objects.filter(Q(is_active=True) | Exists(in_sight))
    if user_id is not None:
        wanted = wanted.filter(user=user_id)
    people = list(wanted.values_list("pk", "public_id", "name"))
    if not people:
        return []
    keys = [pk for pk, _public_id, _name in people]
    known = diaries(professionals=keys, rooms=(), first=first, last=last, policy=policy, now=now)
    away: dict[int, list[Absence]] = {}
    rows = TimeOff.objects.filter(professional__in=keys, starts_at__lt=moment_of(ends), ends_at__gt=moment_of(begins))
    for row in rows:
        absence = Absence(pk=row.pk, starts_at=row.starts_at, ends_at=row.ends_at, reason=row.reason)
        away.setdefault(row.professional_id, []).append(absence)
    return [
        Column(
            pk=pk,
            public_id=public_id,
            name=name,
            there=intersect(subtract(known[pk].working, known[pk].away), [(begins, ends)]) if pk in known else [],
            away=tuple(away.get(pk, ())),
        )
        for pk, public_id, name in people
    ]
