"""Calendar files (RFC 5545, RFC 5546): one visit, or a professional's agenda.

A visit keeps its UID for life and raises SEQUENCE with every change, so calendars replace instead of doubling it; one
that was called off is sent as METHOD:CANCEL, so they take it out. Times are in UTC, which alone names every instant
of the hour that a change of clocks repeats.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Component, Event, Timezone, vCalAddress, vDatetime, vInt, vText
from icalendar.parser import Contentline

from common.mail import CalendarFile
from scheduling.lifecycle import effective_state
from scheduling.models import Appointment, AppointmentService
from shop.policy import Policy

STATUSES = {"requested": "TENTATIVE", "held": "TENTATIVE", "cancelled": "CANCELLED", "expired": "CANCELLED"}
OVER = ("cancelled", "expired")
PRODID = "-//Balcao//Agenda//PT"
FOLDED_FROM = 75
"""Bytes of a line (RFC 5545, 3.1)."""


class _Line(Contentline):
    """A line that is looked through for where to fold it only if it is long."""

    def to_ical(self) -> bytes:
        """Return the line, folded if need be."""
        written = self.encode()
        return bytes(super().to_ical()) if len(written) >= FOLDED_FROM else written  # type: ignore[no-untyped-call]


class _File(Calendar):
    """A calendar of hundreds of events, most of whose lines are short."""

    def content_line(self, name: str, value: Any, sorted: bool = True) -> _Line:  # noqa: A002
        """Return one property as a line."""
        return _Line(super().content_line(name, value, sorted=sorted))  # type: ignore[no-untyped-call]


def visit_calendar(
    *, appointment: Appointment, services: Iterable[AppointmentService], policy: Policy, now: datetime
) -> CalendarFile:
    """Return the file a customer adds to their calendar, or takes the visit out of it with."""
    event = _event(appointment=appointment, shared=_shared(policy=policy, now=now), now=now)
    names = ", ".join(one.name for one in services)
    event.add("summary", f"{names} · {policy.name}")
    event.add("description", _("With %(who)s.") % {"who": appointment.professional.name})
    state = effective_state(state=appointment.state, expires_at=appointment.expires_at, now=now)
    method = "CANCEL" if state in OVER else "PUBLISH"
    body = _calendar(method=method, components=[event])
    return CalendarFile(name=f"{appointment.public_id}.ics", method=method, body=body)


def agenda_calendar(*, name: str, appointments: Iterable[Appointment], policy: Policy, now: datetime) -> bytes:
    """Return a professional's agenda as a file that calendars subscribe to."""
    events: list[Component] = []
    shared = _shared(policy=policy, now=now)
    for appointment in appointments:
        event = _event(appointment=appointment, shared=shared, now=now)
        services = ", ".join(one.name for one in appointment.services.all())
        event.add("summary", f"{appointment.contact_name or _('Held')} · {services}")
        if appointment.note:
            event.add("description", appointment.note)
        events.append(event)
    if not events:  # RFC 5545, 3.6: a calendar holds one component at least
        events.append(Timezone.from_tzid(policy.timezone))
    return _calendar(method="PUBLISH", components=events, name=name)


def _shared(*, policy: Policy, now: datetime) -> Event:
    """Return what all events of a file have in common: encoded once, for an agenda holds hundreds of them."""
    shared = Event()
    shared.add("dtstamp", now.astimezone(UTC))
    shared.add("organizer", _organizer(policy=policy), encode=False)
    if policy.address:
        shared.add("location", policy.address)
    return shared


def _event(*, appointment: Appointment, shared: Event, now: datetime) -> Event:
    state = effective_state(state=appointment.state, expires_at=appointment.expires_at, now=now)
    unwritten = 0 if state == appointment.state else 1  # the step that writes an expiry down raises the version
    event = Event()
    event.update(shared)
    event["UID"] = vText(f"{appointment.public_id}@balcao")
    event["SEQUENCE"] = vInt(appointment.version - 1 + unwritten)
    event["DTSTART"] = vDatetime(appointment.starts_at.astimezone(UTC))
    event["DTEND"] = vDatetime(appointment.ends_at.astimezone(UTC))
    event["STATUS"] = vText(STATUSES.get(state, "CONFIRMED"))
    return event


def _organizer(*, policy: Policy) -> vCalAddress:
    """Return the shop, which RFC 5546 wants named in every event that is published or called off."""
    organizer = vCalAddress(f"mailto:{policy.email or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    organizer.params["CN"] = vText(policy.name)
    return organizer


def _calendar(*, method: str, components: Iterable[Component], name: str = "") -> bytes:
    calendar = _File()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", name)
    for component in components:
        calendar.add_component(component)
    return bytes(calendar.to_ical())
