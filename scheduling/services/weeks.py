"""Somebody's ordinary week, written at once."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from common import locks
from common.errors import FieldError, Malformed, NotFound
from common.transactions import locked
from common.use_cases import use_case
from scheduling import selectors
from scheduling.errors import WeekChanged, WouldStrand
from scheduling.models import Appointment, AvailabilityRule, Professional
from scheduling.models.hours import CLOSES_UP_TO, OPENS_BEFORE
from scheduling.selectors import Week
from scheduling.services.absences import named
from shop import services as shop


def _pages(*, professional: UUID, **_others: object) -> list[str]:
    """Return the lease under which the desk saves the page of a professional, where the same hours stand."""
    found = Professional.objects.filter(public_id=professional).values_list("pk", flat=True)
    return [locks.page(table="scheduling.professional", pk=pk) for pk in found]


@use_case(lease=_pages)
def write_week(*, professional: UUID, week: Week, seen: Week, now: datetime, anyway: bool = False) -> list[Appointment]:
    """Replace somebody's ordinary week, all of it or nothing, and return the visits newly left without working time.

    Hours that count only between two days stay as they are. `seen`: the week that the page showed.

    Raises NotFound, Malformed, WeekChanged (it is another one by now), WouldStrand (there are such visits, unless
    `anyway`).
    """
    _judge(week=week)
    person = locked(Professional.objects.filter(public_id=professional)).first()
    if person is None:
        raise NotFound()
    if _plain(selectors.week_of(professional=person)) != _plain(seen):
        raise WeekChanged()
    policy = shop.policy()
    before = {visit.pk for visit in selectors.stranded(policy=policy, now=now, professionals=[person.pk])}
    _replace(person=person, week=week)
    stranded = selectors.stranded(policy=policy, now=now, professionals=[person.pk])
    left = [visit for visit in stranded if visit.pk not in before]
    if left and not anyway:
        zone = ZoneInfo(policy.timezone)
        raise WouldStrand(appointments=[named(visit=visit, zone=zone) for visit in left])
    return left


def _replace(*, person: Professional, week: Week) -> None:
    """Write the week into the rows that are there, so that a page open elsewhere still knows them."""
    undated = AvailabilityRule.objects.filter(professional=person, valid_from__isnull=True, valid_until__isnull=True)
    rows: dict[int, list[AvailabilityRule]] = {day: [] for day in range(7)}
    for row in undated.order_by("weekday", "opens", "closes"):
        rows[row.weekday].append(row)
    for day, stretches in _plain(week).items():
        for row in rows[day][len(stretches) :]:
            row.delete()
        for place, (opens, closes) in enumerate(stretches):
            there = rows[day][place] if place < len(rows[day]) else AvailabilityRule(professional=person, weekday=day)
            if (there.opens, there.closes) != (opens, closes):
                there.opens, there.closes = opens, closes
                there.save()


def _judge(*, week: Week) -> None:
    """Refuse hours that are none, and a stretch that begins before the one before it ends. Raises Malformed."""
    problems = []
    for day, stretches in _plain(week).items():
        ends = 0
        for opens, closes in stretches:
            if not 0 <= opens < OPENS_BEFORE or not opens < closes <= CLOSES_UP_TO:
                problems.append((day, _("It ends before it begins.")))
            elif opens < ends:
                problems.append((day, _("The second stretch begins before the first one ends.")))
            ends = closes
    if problems:
        raise Malformed(errors=[FieldError(f"/day_{day}", "invalid", text) for day, text in problems])


def _plain(week: Week) -> dict[int, list[tuple[int, int]]]:
    return {day: sorted((opens, closes) for opens, closes in week.get(day, ())) for day in range(7)}
