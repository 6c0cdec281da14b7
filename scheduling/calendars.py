"""Calendar files (RFC 5545): one visit, or a professional's agenda.

A visit keeps its UID for life and raises SEQUENCE with every change, so calendars replace instead of
doubling it; a cancelled one is sent as such rather than left out.
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from scheduling.lifecycle import effective_state
from scheduling.models import Appointment
from shop.policy import Policy

STATUSES = {"requested": "TENTATIVE", "held": "TENTATIVE", "cancelled": "CANCELLED", "expired": "CANCELLED"}
PRODID = "-//Balcao//Agenda//PT"


def visit_calendar(*, appointment: Appointment, policy: Policy, now: datetime) -> bytes:
    """Return the file a customer adds to their calendar."""
    event = _event(appointment=appointment, policy=policy, now=now)
    services = ", ".join(one.name for one in appointment.services.all())
    event.add("summary", f"{services} · {policy.name}")
    event.add("description", _("With %(who)s.") % {"who": appointment.professional.name})
    return _calendar(name=policy.name, events=[event])


def agenda_calendar(*, name: str, appointments: Iterable[Appointment], policy: Policy, now: datetime) -> bytes:
    """Return a professional's agenda as a file that calendars subscribe to."""
    events = []
    for appointment in appointments:
        event = _event(appointment=appointment, policy=policy, now=now)
        services = ", ".join(one.name for one in appointment.services.all())
        event.add("summary", f"{appointment.contact_name or _('Held')} · {services}")
        if appointment.note:
            event.add("description", appointment.note)
        events.append(event)
    return _calendar(name=name, events=events)


def _event(*, appointment: Appointment, policy: Policy, now: datetime) -> Event:
    zone = ZoneInfo(policy.timezone)
    event = Event()
    event.add("uid", f"{appointment.public_id}@balcao")
    event.add("sequence", appointment.version - 1)
    event.add("dtstamp", now)
    event.add("dtstart", appointment.starts_at.astimezone(zone))
    event.add("dtend", appointment.ends_at.astimezone(zone))
    state = effective_state(state=appointment.state, expires_at=appointment.expires_at, now=now)
    event.add("status", STATUSES.get(state, "CONFIRMED"))
    if policy.address:
        event.add("location", policy.address)
    return event


def _calendar(*, name: str, events: Iterable[Event]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for event in events:
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
