"""What the agenda shows, as the page reads it.

Statements stay constant, whatever the week holds. Times are written as the shop's wall clock, without
an offset, because the calendar would otherwise show them in the zone of the browser.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.agenda.people import AgendaPermissions
from common.money import format_brl
from desk.shown import shown_phone, shown_window
from orders import selectors as orders
from orders.amounts import NOTHING, amount_due
from orders.models import Order
from scheduling import selectors
from scheduling.lifecycle import MOVABLE, TRANSITIONS, effective_state
from scheduling.models import Appointment
from scheduling.selectors import Column, Visit
from scheduling.slots import day_span, moment_of
from scheduling.wording import reminder_url
from shop.policy import Policy

EARLIEST, LATEST = 8, 19
"""Hours the calendar shows when nobody works."""


def week(*, first: date, last: date, sitter: AgendaPermissions, policy: Policy, now: datetime) -> dict[str, Any]:
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
        events += _around(column=column, zone=zone)
    return {
        "resources": [{"id": str(column.public_id), "title": column.name} for column in columns],
        "events": events,
        "hours": _hours(columns=columns, visits=visits, zone=zone),
        "now": _wall(now, zone),
    }


def details(*, visit: Appointment, sitter: AgendaPermissions, policy: Policy, now: datetime) -> dict[str, Any]:
    """Return everything about one visit, and what the person may do with it now."""
    zone = ZoneInfo(policy.timezone)
    state = effective_state(state=visit.state, expires_at=visit.expires_at, now=now)
    line = orders.line_of_claim(claim=str(visit.claim)) if visit.claim and sitter.sees_orders else None
    confirmed, begun = state == Appointment.State.CONFIRMED, visit.starts_at <= now
    due = _due(visit=visit, order=line.order if line else None)
    return {
        "id": str(visit.public_id),
        "state": state,
        "state_text": str(Appointment.State(state).label),
        "name": visit.shown_name,
        "when": shown_window(visit.starts_at, visit.ends_at),
        "starts_at": _wall(visit.starts_at, zone),
        "professional": {"id": str(visit.professional.public_id), "name": visit.professional.name},
        "room": visit.room.name if visit.room else "",
        "phone": shown_phone(visit.contact_phone) if visit.contact_phone else "",
        "email": visit.contact_email,
        "note": visit.note,
        "forced_reason": visit.forced_reason,
        "services": [
            {"name": one.name, "minutes": one.duration_minutes, "price": format_brl(one.price)}
            for one in visit.services.all()
        ],
        "total": format_brl(visit.total),
        "due": {"amount": f"{due:.2f}", "text": format_brl(due), "begun": begun},
        "written_to": bool(visit.contact_email),
        "whatsapp": reminder_url(appointment=visit, policy=policy) if state == Appointment.State.CONFIRMED else None,
        "page": reverse("admin:scheduling_appointment_change", args=[visit.pk]),
        "order": {"number": line.order.number, "page": reverse("admin:orders_order_change", args=[line.order.pk])}
        if line
        else None,
        "may": {
            "accept": sitter.manages and state == Appointment.State.REQUESTED,
            "complete": confirmed and begun,
            "no_show": confirmed and begun,
            "reopen": selectors.closed_today(visit=visit, policy=policy, now=now),
            "charge": sitter.charges
            and due > 0
            and state in (Appointment.State.CONFIRMED, Appointment.State.COMPLETED),
            "move": sitter.manages and state in MOVABLE,
            "cancel": sitter.manages and "cancelled" in TRANSITIONS[state],
        },
    }


def _due(*, visit: Appointment, order: Order | None) -> Decimal:
    """Return what is still to be paid at the counter for a visit, or for the whole order it is in."""
    if order is None:
        total: Decimal = visit.total
        return total
    return NOTHING if order.status == Order.Status.PENDING else amount_due(order=order)


def times(
    *,
    visit: Visit,
    day: date,
    professional: UUID | None,
    besides: Sequence[int],
    policy: Policy,
    now: datetime,
) -> dict[str, Any]:
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
    free = [
        {
            "starts_at": moment_of(one.start).astimezone(zone).isoformat(),
            "clock": f"{moment_of(one.start).astimezone(zone):%H:%M}",
            "professional": {"id": str(who.public_id), "name": who.name},
            "price": format_brl(who.price),
        }
        for one in found
        for who in one.performers
    ]
    nearest = []
    if not free:
        noon = moment_of(day_span(day=day, zone=zone)[0]) + timedelta(hours=12)
        nearest = selectors.alternatives(visit=visit, policy=policy, starts_at=noon, now=now, desk=True)
    return {
        "minutes": visit.duration,
        "times": free,
        "alternatives": [selectors.place_document(alternative=one, zone=zone) for one in nearest],
    }


def _visit(*, visit: Appointment, manages: bool, zone: ZoneInfo) -> dict[str, Any]:
    names = [one.name for one in visit.services.all()]
    return {
        "id": str(visit.public_id),
        "resourceIds": [str(visit.professional.public_id)],
        "start": _wall(visit.starts_at, zone),
        "end": _wall(visit.ends_at, zone),
        "title": visit.shown_name,
        "startEditable": manages and visit.state in MOVABLE,
        "durationEditable": False,
        "classNames": [f"agenda-{visit.state}"] + (["agenda-forced"] if visit.forced else []),
        "extendedProps": {
            "kind": "visit",
            "state": visit.state,
            "services": ", ".join(names),
            "room": visit.room.name if visit.room else "",
        },
    }


def _around(*, column: Column, zone: ZoneInfo) -> list[dict[str, Any]]:
    """When the professional is there, as background, and when they are away."""
    whose = [str(column.public_id)]
    there = [
        {
            "id": f"there-{column.pk}-{start}",
            "resourceIds": whose,
            "start": _wall(moment_of(start), zone),
            "end": _wall(moment_of(end), zone),
            "display": "background",
            "classNames": ["agenda-there"],
            "extendedProps": {"kind": "there"},
        }
        for start, end in column.there
    ]
    away = [
        {
            "id": f"away-{one.pk}",
            "resourceIds": whose,
            "start": _wall(one.starts_at, zone),
            "end": _wall(one.ends_at, zone),
            "title": one.reason or _("Away"),
            "editable": False,
            "classNames": ["agenda-away"],
            "extendedProps": {"kind": "away", "pk": one.pk, "professional": column.name},
        }
        for one in column.away
    ]
    return [*there, *away]


def _hours(*, columns: Sequence[Column], visits: Sequence[Appointment], zone: ZoneInfo) -> dict[str, str]:
    """Return the hours of the day worth showing: those in which anybody works or is booked."""
    spans = [(moment_of(start), moment_of(end)) for column in columns for start, end in column.there]
    spans += [(visit.starts_at, visit.ends_at) for visit in visits]
    first, last = EARLIEST, LATEST
    for start, end in ((begins.astimezone(zone), ends.astimezone(zone)) for begins, ends in spans):
        over_midnight = end.date() > start.date()
        first = min(first, 0 if over_midnight and end.hour + end.minute else start.hour)
        last = max(last, 24 if over_midnight else end.hour + bool(end.minute))
    return {"from": f"{first:02d}:00:00", "until": f"{last:02d}:00:00"}


def _wall(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M:%S}"
