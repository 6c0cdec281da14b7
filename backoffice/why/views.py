"""Why a professional's other times are not free on a day: the reasons of the agenda itself, and who stands there."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from backoffice.agenda.people import AgendaPermissions, may_look, permissions_of
from backoffice.why.times import stretches
from common import clock
from common.dates import FIRST_YEAR, LAST_YEAR, weekday_of
from common.errors import Refusal
from desk.pages import page_response
from desk.shown import shown_window
from scheduling import selectors
from scheduling.models import MAX_SERVICES
from scheduling.selectors import Performer, Visit
from scheduling.slots import day_span, moment_of
from scheduling.stranding import in_agenda
from shop import services as shop
from shop.policy import Policy


@require_GET
def day_page(request: HttpRequest) -> HttpResponse:
    """Show every time of a day that is not free for some services with a professional, and why."""
    if not may_look(request.user) or not permissions_of(request.user).books:
        raise PermissionDenied
    policy, now = shop.policy(), clock.now()
    visit, day = _asked(request, policy=policy, now=now)
    performers = _performers(visit, permissions=permissions_of(request.user))
    chosen = next((one for one in performers if str(one.public_id) == request.GET.get("professional")), None)
    person = chosen or next(iter(performers), None)
    context = {
        "title": _("Why is it not free?"),
        "day": weekday_of(day=day),
        "services": ", ".join(part.name for part in visit.parts),
        "performers": performers,
        "person": person,
        "query": _query(request, day=day),
        **(_told(visit, person=person, day=day, policy=policy, now=now) if person else {}),
    }
    return page_response(request, "backoffice/why/day.html", context)


def _asked(request: HttpRequest, *, policy: Policy, now: datetime) -> tuple[Visit, date]:
    """Return the services and the day that are asked about, or end in a 404."""
    text = request.GET.get("day", "")
    try:
        day = parse_date(text) if text else now.astimezone(ZoneInfo(policy.timezone)).date()
    except ValueError:
        day = None
    skus = request.GET.getlist("service")
    if day is None or not FIRST_YEAR <= day.year < LAST_YEAR or not 1 <= len(skus) <= MAX_SERVICES:
        raise Http404
    try:
        return selectors.visit_of(skus=skus, policy=policy), day
    except Refusal:
        raise Http404 from None


def _performers(visit: Visit, *, permissions: AgendaPermissions) -> list[Performer]:
    """Return who performs all of it; for whoever books with themselves alone, only them."""
    if permissions.manages:
        return list(visit.performers)
    own = selectors.professional_of_login(user_id=permissions.user_id)
    return [one for one in visit.performers if one.public_id == own]


def _told(visit: Visit, *, person: Performer, day: date, policy: Policy, now: datetime) -> dict[str, Any]:
    zone = ZoneInfo(policy.timezone)
    refused = selectors.refused_starts(
        visit=visit, policy=policy, first=day, last=day, professional=person.public_id, now=now, desk=True
    )
    begins, ends = (moment_of(instant) for instant in day_span(day=day, zone=zone))
    columns = selectors.columns(policy=policy, first=day, last=day, now=now)
    column = next((one for one in columns if one.public_id == person.public_id), None)
    return {
        "rows": stretches(refused, minutes=visit.granularity, zone=zone, desk=True),
        "hours": [shown_window(moment_of(start), moment_of(end)) for start, end in column.there] if column else [],
        "away": [(shown_window(one.starts_at, one.ends_at), one.reason) for one in column.away] if column else [],
        "visits": [
            (shown_window(one.starts_at, one.ends_at), one.shown_name, in_agenda(visit=str(one.public_id)))
            for one in selectors.agenda(begins=begins, ends=ends, now=now, professionals=[person.pk])
        ],
    }


def _query(request: HttpRequest, *, day: date) -> dict[str, str]:
    """Return the addresses of the day before and the day after, and of this one with somebody else to be named."""

    def at(other: date, *, who: str) -> str:
        asked = request.GET.copy()
        asked.pop("professional", None)
        asked["day"], asked["professional"] = other.isoformat(), who
        return f"?{asked.urlencode()}"

    one, who = timedelta(days=1), request.GET.get("professional", "")
    return {"before": at(day - one, who=who), "after": at(day + one, who=who), "other": at(day, who="")}
