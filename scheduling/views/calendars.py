"""Visits and agendas as calendar files."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from api.openapi import operation
from api.permissions import Public
from api.renderers import OrjsonRenderer, dumps
from api.requests import scheme_token
from common import clock
from common.errors import NotFound
from common.mail import CalendarFile
from scheduling import selectors
from scheduling.calendars import agenda_calendar, visit_calendar
from scheduling.views.callers import access_of
from shop import services as shop

CALENDAR_FILE: Any = {(200, "text/calendar"): str}


class CalendarRenderer(BaseRenderer):
    """Lets calendars ask for what they read; problems stay JSON."""

    media_type = "text/calendar"
    format = "ics"
    charset = None
    render_style = "binary"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """Return a problem as JSON; calendars themselves are rendered before."""
        return dumps(data)


class AppointmentCalendarView(APIView):
    """A visit as a calendar file."""

    permission_classes = (Public,)

    renderer_classes = [CalendarRenderer, OrjsonRenderer]

    @operation(responses=CALENDAR_FILE, refusals=[NotFound], access_token=True)
    def get(self, request: Request, public_id: UUID) -> HttpResponse:
        """Return the file that calendars read."""
        found = selectors.appointment(public_id=public_id, access=access_of(request))
        file = visit_calendar(appointment=found, services=found.services.all(), policy=shop.policy(), now=clock.now())
        return _calendar(file)


class FeedView(APIView):
    """A professional's agenda as a secret address for calendars."""

    permission_classes = (Public,)

    renderer_classes = [CalendarRenderer, OrjsonRenderer]

    @operation(responses=CALENDAR_FILE, refusals=[NotFound], access_token=True)
    def get(self, request: Request, public_id: UUID) -> HttpResponse:
        """Return the agenda from a month ago to a year from now."""
        now = clock.now()
        found = selectors.professional_of_feed(public_id=public_id, token=scheme_token(request, "Feed"))
        rows = selectors.agenda(
            begins=now - timedelta(days=31), ends=now + timedelta(days=366), now=now, professionals=[found.pk]
        )
        body = agenda_calendar(name=found.name, appointments=rows, policy=shop.policy(), now=now)
        return _calendar(CalendarFile(name="agenda.ics", method="PUBLISH", body=body))


def _calendar(file: CalendarFile) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(file.body, content_type="text/calendar; charset=utf-8", headers=headers)
