"""What the agenda answers, as its page reads it.

Statements stay constant, whatever the week holds. Times are written as the shop's wall clock, without
an offset, because the calendar would otherwise show them in the zone of the browser.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from msgspec import UNSET, UnsetType, field

from accounts.models import Customer
from api.answers import Answer, InstantText, instant
from backoffice.agenda.people import AgendaPermissions
from common.money import format_brl
from desk.shown import shown_phone, shown_window
from orders import selectors as orders
from orders.amounts import NOTHING, amount_due
from orders.models import Order
from scheduling import selectors
from scheduling.lifecycle import MOVABLE, TRANSITIONS, effective_state
from scheduling.models import Appointment
from scheduling.selectors import Absence, Alternative, Column, Performer, Visit
from scheduling.slots import day_span, moment_of
from scheduling.wording import reminder_url
from shop.policy import Policy

EARLIEST, LATEST = 8, 19
"""Hours the calendar shows when nobody works."""


class PersonResponse(Answer, frozen=True, kw_only=True):
    """A professional by name."""

    id: UUID
    name: str


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


class ServiceLine(Answer, frozen=True, kw_only=True):
    """A service of a visit."""

    name: str
    minutes: int
    price: str


class DueResponse(Answer, frozen=True, kw_only=True):
    """What is still to be paid, and whether the visit has begun."""

    amount: Decimal
    text: str
    begun: bool


class OrderLink(Answer, frozen=True, kw_only=True):
    """The order that holds a visit."""

    number: str
    page: str


class MayResponse(Answer, frozen=True, kw_only=True):
    """What the person may do with a visit now."""

    accept: bool
    complete: bool
    no_show: bool
    reopen: bool
    charge: bool
    move: bool
    cancel: bool


class DetailsResponse(Answer, frozen=True, kw_only=True):
    """Everything about one visit."""

    id: UUID
    state: str
    state_text: str
    name: str
    when: str
    starts_at: str
    professional: PersonResponse
    room: str
    phone: str
    email: str
    note: str
    forced_reason: str
    services: list[ServiceLine]
    total: str
    due: DueResponse
    written_to: bool
    whatsapp: str | None
    page: str
    order: OrderLink | None
    may: MayResponse


class TimeResponse(Answer, frozen=True, kw_only=True):
    """A free time, with whom, and what it costs."""

    starts_at: InstantText
    clock: str
    professional: PersonResponse
    price: str


class NearestResponse(Answer, frozen=True, kw_only=True):
    """A free time of another day."""

    starts_at: InstantText
    ends_at: InstantText
    professional: PersonResponse


class TimesResponse(Answer, frozen=True, kw_only=True):
    """The free times of a day, and the nearest ones when it has none."""

    minutes: int
    times: list[TimeResponse]
    alternatives: list[NearestResponse]


class KnownCustomer(Answer, frozen=True, kw_only=True):
    """Somebody who is known already."""

    id: UUID
    name: str
    email: str
    phone: str
    shown_phone: str


class CustomersResponse(Answer, frozen=True, kw_only=True):
    """Who goes by a text."""

    customers: list[KnownCustomer]


class AbsenceResponse(Answer, frozen=True, kw_only=True):
    """An absence that was written down, or taken away."""

    id: int


def week_answer(*, first: date, last: date, sitter: AgendaPermissions, policy: Policy, now: datetime) -> WeekResponse:
    """Return columns, visits, absences and working time between two days; six statements."""
    zone = ZoneInfo(policy.timezone)
    columns = selectors.columns(
        policy=policy, first=first, last=last, now=now, user_id=None if sitter.sees_all else sitter.user_id
    )
    visits = list(
        selectors.agenda(
            begins=moment_of(day_span(day=first, zone=zone)[0]),
            ends=moment_of(day_span(day=last, zone=zone)[1]),
            now=now,
            professionals=[column.pk for column in columns],
        )
    )
    events = [_visit(visit=visit, manages=sitter.manages, zone=zone) for visit in visits]
    for column in columns:
        events += [_there(column=column, start=start, end=end, zone=zone) for start, end in column.there]
        events += [_away(column=column, absence=absence, zone=zone) for absence in column.away]
    return WeekResponse(
        resources=[ColumnResponse(id=column.public_id, title=column.name) for column in columns],
        events=events,
        hours=_hours(columns=columns, visits=visits, zone=zone),
        now=_wall(now, zone),
    )


def details_answer(*, visit: Appointment, sitter: AgendaPermissions, policy: Policy, now: datetime) -> DetailsResponse:
    """Return everything about one visit, and what the person may do with it now."""
    state = effective_state(state=visit.state, expires_at=visit.expires_at, now=now)
    line = orders.line_of_claim(claim=str(visit.claim)) if visit.claim and sitter.sees_orders else None
    begun = visit.starts_at <= now
    due = _due(visit=visit, order=line.order if line else None)
    return DetailsResponse(
        id=visit.public_id,
        state=state,
        state_text=str(Appointment.State(state).label),
        name=visit.shown_name,
        when=shown_window(visit.starts_at, visit.ends_at),
        starts_at=_wall(visit.starts_at, ZoneInfo(policy.timezone)),
        professional=PersonResponse(id=visit.professional.public_id, name=visit.professional.name),
        room=visit.room.name if visit.room else "",
        phone=shown_phone(visit.contact_phone) if visit.contact_phone else "",
        email=visit.contact_email,
        note=visit.note,
        forced_reason=visit.forced_reason,
        services=[
            ServiceLine(name=one.name, minutes=one.duration_minutes, price=format_brl(one.price))
            for one in visit.services.all()
        ],
        total=format_brl(visit.total),
        due=DueResponse(amount=due, text=format_brl(due), begun=begun),
        written_to=bool(visit.contact_email),
        whatsapp=reminder_url(appointment=visit, policy=policy) if state == Appointment.State.CONFIRMED else None,
        page=reverse("admin:scheduling_appointment_change", args=[visit.pk]),
        order=OrderLink(number=line.order.number, page=reverse("admin:orders_order_change", args=[line.order.pk]))
        if line
        else None,
        may=MayResponse(
            accept=sitter.manages and state == Appointment.State.REQUESTED,
            complete=state == Appointment.State.CONFIRMED and begun,
            no_show=state == Appointment.State.CONFIRMED and begun,
            reopen=selectors.closed_today(visit=visit, policy=policy, now=now),
            charge=sitter.charges and due > 0 and state in (Appointment.State.CONFIRMED, Appointment.State.COMPLETED),
            move=sitter.manages and state in MOVABLE,
            cancel=sitter.manages and "cancelled" in TRANSITIONS[state],
        ),
    )


def _due(*, visit: Appointment, order: Order | None) -> Decimal:
    """Return what is still to be paid at the counter for a visit, or for the whole order it is in."""
    if order is None:
        total: Decimal = visit.total
        return total
    return NOTHING if order.status == Order.Status.PENDING else amount_due(order=order)


def times_answer(
    *,
    visit: Visit,
    day: date,
    professional: UUID | None,
    besides: Sequence[int],
    policy: Policy,
    now: datetime,
) -> TimesResponse:
    """Return the free times of a day, and the nearest ones when that day has none."""
    zone = ZoneInfo(policy.timezone)
    found = selectors.free_starts(
        visit=visit,
        policy=policy,
        first=day,
        last=day,
        professional=professional,
        now=now,
        desk=True,
        except_ids=besides,
    )
    free = [_time(start=moment_of(one.start).astimezone(zone), who=who) for one in found for who in one.performers]
    nearest: Sequence[Alternative] = ()
    if not free:
        noon = moment_of(day_span(day=day, zone=zone)[0]) + timedelta(hours=12)
        nearest = selectors.alternatives(visit=visit, policy=policy, starts_at=noon, now=now, desk=True)
    return TimesResponse(
        minutes=visit.duration,
        times=free,
        alternatives=[
            NearestResponse(
                starts_at=instant(one.starts_at.astimezone(zone)),
                ends_at=instant(one.ends_at.astimezone(zone)),
                professional=PersonResponse(id=one.performer.public_id, name=one.performer.name),
            )
            for one in nearest
        ],
    )


def customers_answer(found: Iterable[Customer]) -> CustomersResponse:
    """Say who goes by a text."""
    return CustomersResponse(
        customers=[
            KnownCustomer(
                id=one.public_id,
                name=one.name,
                email=one.email,
                phone=one.phone,
                shown_phone=shown_phone(one.phone) if one.phone else "",
            )
            for one in found
        ]
    )


def _time(*, start: datetime, who: Performer) -> TimeResponse:
    return TimeResponse(
        starts_at=instant(start),
        clock=f"{start:%H:%M}",
        professional=PersonResponse(id=who.public_id, name=who.name),
        price=format_brl(who.price),
    )


def _visit(*, visit: Appointment, manages: bool, zone: ZoneInfo) -> EventResponse:
    return EventResponse(
        id=str(visit.public_id),
        columns=[visit.professional.public_id],
        start=_wall(visit.starts_at, zone),
        end=_wall(visit.ends_at, zone),
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
        start=_wall(moment_of(start), zone),
        end=_wall(moment_of(end), zone),
        display="background",
        classes=["agenda-there"],
        props=ThereProps(),
    )


def _away(*, column: Column, absence: Absence, zone: ZoneInfo) -> EventResponse:
    """When the professional is away."""
    return EventResponse(
        id=f"away-{absence.pk}",
        columns=[column.public_id],
        start=_wall(absence.starts_at, zone),
        end=_wall(absence.ends_at, zone),
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


def _wall(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M:%S}"
