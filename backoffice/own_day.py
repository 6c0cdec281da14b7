"""A professional's own day, on the page that greets them: who comes when, and when they are away."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from desk.shown import shown_window
from scheduling import selectors
from scheduling.lifecycle import MOVABLE, effective_state
from scheduling.models import Appointment
from scheduling.slots import day_span, moment_of
from scheduling.wording import state_name
from shop.policy import Policy

DAYS_AHEAD = 7
COMING = 6
COLOURS = {"held": "warning", "requested": "warning", "confirmed": "info", "completed": "success", "no_show": "danger"}


def own_day(*, user_id: int, policy: Policy, now: datetime) -> dict[str, Any]:
    """Return today's visits and absences of whoever signs in with that login, and what comes next; seven statements.

    `known` is False where the login belongs to no professional.
    """
    zone = ZoneInfo(policy.timezone)
    today = now.astimezone(zone).date()
    last = today + timedelta(days=DAYS_AHEAD)
    columns = selectors.columns(policy=policy, first=today, last=today, now=now, user_id=user_id)
    midnight = moment_of(day_span(day=today, zone=zone)[1])
    visits = selectors.agenda(
        begins=moment_of(day_span(day=today, zone=zone)[0]),
        ends=moment_of(day_span(day=last, zone=zone)[1]),
        now=now,
        professionals=[column.pk for column in columns],
    )
    rows = list(visits) if columns else []
    ahead = [visit for visit in rows if visit.starts_at >= midnight and visit.state in MOVABLE]
    return {
        "known": bool(columns),
        "visits": [_row(visit=visit, now=now) for visit in rows if visit.starts_at < midnight],
        "hours": [shown_window(moment_of(start), moment_of(end)) for column in columns for start, end in column.there],
        "away": [(shown_window(one.starts_at, one.ends_at), one.reason) for column in columns for one in column.away],
        "coming": [_row(visit=visit, now=now) for visit in ahead[:COMING]],
    }


def _row(*, visit: Appointment, now: datetime) -> dict[str, Any]:
    state = effective_state(state=visit.state, expires_at=visit.expires_at, now=now)
    return {
        "link": f"{reverse('agenda:page')}?visit={visit.public_id}",
        "when": shown_window(visit.starts_at, visit.ends_at),
        "name": visit.shown_name,
        "services": ", ".join(one.name for one in visit.services.all()),
        "room": visit.room.name if visit.room else "",
        "state": state_name(appointment=visit, now=now),
        "colour": COLOURS[state],
    }
