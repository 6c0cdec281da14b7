"""The calendar: columns, visits, absences and working time."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from msgspec import UNSET, UnsetType, field

from api.answers import Answer
from backoffice.agenda.answers.shared import wall
from backoffice.agenda.people import AgendaPermissions
from scheduling import selectors
from scheduling.lifecycle import MOVABLE
from scheduling.models import Appointment
from scheduling.selectors import Absence, Column
from scheduling.slots import day_span, moment_of
from shop.policy import Policy

EARLIEST, LATEST = 8, 19
"""Hours the calendar shows when nobody works."""


class ColumnResponse(Answer, frozen=True, kw_only=True):
    """A professional's column of the calendar."""

    id: UUID
    title: str


class VisitProps(Answer, frozen=True, kw_only=True):
    """What the calendar shows of a visit beside its time."""

    kind: str = "visit"
    state: str
    services: str
    room: str


class ThereProps(Answer, frozen=True, kw_only=True):
    """That a stretch is time in which somebody works."""

    kind: str = "there"


class AwayProps(Answer, frozen=True, kw_only=True):
    """Whose absence a stretch is."""

    kind: str = "away"
    pk: int
    professional: str


class EventResponse(Answer, frozen=True, kw_only=True):
    """A stretch of a column, in the words of the calendar's own script."""

    id: str
    columns: list[UUID] = field(name="resourceIds")
    start: str
    end: str
    title: str | UnsetType = UNSET
    display: str | UnsetType = UNSET
    editable: bool | UnsetType = UNSET
    start_editable: bool | UnsetType = field(name="startEditable", default=UNSET)
    duration_editable: bool | UnsetType = field(name="durationEditable", default=UNSET)
    classes: list[str] = field(name="classNames")
    props: VisitProps | ThereProps | AwayProps = field(name="extendedProps")


class HoursResponse(Answer, frozen=True, kw_only=True):
    """The hours of the day worth showing."""

    begin: str = field(name="from")
    until: str


class WeekResponse(Answer, frozen=True, kw_only=True):
    """What happens between two days."""

    resources: list[ColumnResponse]
    events: list[EventResponse]
    hours: HoursResponse
    now: str


def week_answer(
    *, first: date, last: date, permissions: AgendaPermissions, policy: Policy, now: datetime
) -> WeekResponse:
    """Return columns, visits, absences and working time between two days; six statements."""
    zone = ZoneInfo(policy.timezone)
    columns = selectors.columns(
        policy=policy, first=first, last=last, now=now, user_id=None if permissions.sees_all else permissions.user_id
    )
    visits = list(
        selectors.agenda(
            begins=moment_of(day_span(day=first, zone=zone)[0]),
            ends=moment_of(day_span(day=last, zone=zone)[1]),
            now=now,
            professionals=[column.pk for column in columns],
        )
    )
    events = [_visit(visit=visit, manages=permissions.books, zone=zone) for visit in visits]
    for column in columns:
        events += [_there(column=column, start=start, end=end, zone=zone) for start, end in column.there]
        events += [_away(column=column, absence=absence, zone=zone) for absence in column.away]
    return WeekResponse(
        resources=[ColumnResponse(id=column.public_id, title=column.name) for column in columns],
        events=events,
        hours=_hours(columns=columns, visits=visits, zone=zone),
        now=wall(now, zone),
    )


def _visit(*, visit: Appointment, manages: bool, zone: ZoneInfo) -> EventResponse:
    return EventResponse(
        id=str(visit.public_id),
        columns=[visit.professional.public_id],
        start=wall(visit.starts_at, zone),
        end=wall(visit.ends_at, zone),
        title=visit.shown_name,
        start_editable=manages and visit.state in MOVABLE,
        duration_editable=False,
        classes=[f"agenda-{visit.state}"] + (["agenda-forced"] if visit.forced else []),
        props=VisitProps(
            state=visit.state,
            services=", ".join(one.name for one in visit.services.all()),
            room=visit.room.name if visit.room else "",
        ),
    )


def _there(*, column: Column, start: int, end: int, zone: ZoneInfo) -> EventResponse:
    """When the professional is there, as background."""
    return EventResponse(
        id=f"there-{column.pk}-{start}",
        columns=[column.public_id],
        start=wall(moment_of(start), zone),
        end=wall(moment_of(end), zone),
        display="background",
        classes=["agenda-there"],
        props=ThereProps(),
    )


def _away(*, column: Column, absence: Absence, zone: ZoneInfo) -> EventResponse:
    """When the professional is away."""
    return EventResponse(
        id=f"away-{absence.pk}",
        columns=[column.public_id],
        start=wall(absence.starts_at, zone),
        end=wall(absence.ends_at, zone),
        title=absence.reason or _("Away"),
        editable=False,
        classes=["agenda-away"],
        props=AwayProps(pk=absence.pk, professional=column.name),
    )


def _hours(*, columns: Sequence[Column], visits: Sequence[Appointment], zone: ZoneInfo) -> HoursResponse:
    """Return the hours of the day worth showing: those in which anybody works or is booked."""
    spans = [(moment_of(start), moment_of(end)) for column in columns for start, end in column.there]
    spans += [(visit.starts_at, visit.ends_at) for visit in visits]
    first, last = EARLIEST, LATEST
    for start, end in ((begins.astimezone(zone), ends.astimezone(zone)) for begins, ends in spans):
        over_midnight = end.date() > start.date()
        first = min(first, 0 if over_midnight and end.hour + end.minute else start.hour)
        last = max(last, 24 if over_midnight else end.hour + bool(end.minute))
    return HoursResponse(begin=f"{first:02d}:00:00", until=f"{last:02d}:00:00")
