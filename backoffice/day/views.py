"""The pages of a day. A closed day shows what was sealed, whatever has become of things since."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from audit.selectors import subject_of
from backoffice.day import sheets
from backoffice.day.forms import CloseDayForm, CorrectionForm
from common import clock
from common.dates import written_out
from common.errors import Refusal
from common.use_cases import only_once
from counter import services as counter
from counter.daysheet import Period, corrections_of, figures_of, period_of
from desk.admin import desk_actor
from desk.pages import page_response, require
from desk.refusals import refused
from desk.shown import name_actors, shown_instant
from shop import services as shop
from spreadsheets.files import write_csv
from till import selectors as till

SEE, CLOSE = "till.view_dayclose", "till.close_day"
PAPERS = ("a4", "80")


@require_GET
def day_page(request: HttpRequest) -> HttpResponse:
    """Show the sheet of a day, and offer to close it to whoever may."""
    require(request, SEE)
    day, today = _day(request)
    return _page(request, day=day, today=today)


@require_GET
def printed(request: HttpRequest) -> HttpResponse:
    """Show the sheet alone, for a page of A4 or a roll of 80 mm."""
    require(request, SEE)
    day, _today = _day(request)
    asked = request.GET.get("paper", "")
    context = {**sheet_of(day), "paper": asked if asked in PAPERS else PAPERS[0], "shop": shop.policy().name}
    return TemplateResponse(request, "backoffice/day/print.html", context)


@require_GET
def table(request: HttpRequest) -> HttpResponse:
    """Return the sheet as a table for a spreadsheet."""
    require(request, SEE)
    day, _today = _day(request)
    sheet = sheet_of(day)
    rows = sheets.rows_of(heading=f"{sheet['title']} · {sheet['span']}", sections=sheet["sections"])
    name = _("day-%(day)s.csv") % {"day": day.isoformat()}
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse("".join(write_csv(rows)), content_type="text/csv; charset=utf-8", headers=headers)


@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """Close the day."""
    require(request, CLOSE)
    form = CloseDayForm(request.POST)
    if not form.is_valid():
        return HttpResponseRedirect(reverse("day:page"))
    day = form.cleaned_data["day"]
    try:
        counter.close_day(day=day, note=form.cleaned_data["note"].strip(), actor=desk_actor(request), now=clock.now())
    except Refusal as refusal:
        return refused(request, refusal=refusal, back=url_of(day))
    messages.success(request, _("The day is closed. What comes now counts for the next one."))
    return HttpResponseRedirect(url_of(day))


@require_POST
def correct(request: HttpRequest) -> HttpResponse:
    """Write down a correction of a day."""
    require(request, CLOSE)
    _asked, today = _day(request)
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        day = sheets.day_of(request.POST.get("day", ""), today=today)
        return _page(request, day=day, today=today, correction=form, status=400)
    said = form.cleaned_data
    try:
        only_once(form.once(request=request, scope="correct-day"), counter.correct_day)(
            day=said["day"],
            tender=said["tender"],
            amount=form.signed,
            reason=said["reason"],
            actor=desk_actor(request),
            now=clock.now(),
        )
    except Refusal as refusal:
        return refused(request, refusal=refusal, back=url_of(said["day"]))
    messages.success(request, _("Written down."))
    return HttpResponseRedirect(url_of(said["day"]))


def _day(request: HttpRequest) -> tuple[date, date]:
    """Return the day that is asked for, and today, in the shop's zone."""
    today = timezone.localtime(clock.now()).date()
    return sheets.day_of(request.GET.get("day", ""), today=today), today


def url_of(day: date) -> str:
    """Return the address of a day's sheet."""
    return f"{reverse('day:page')}?{urlencode({'day': day.isoformat()})}"


def sheet_of(day: date) -> dict[str, Any]:
    """Return what the sheet of a day says."""
    zone = shop.policy().timezone
    period = period_of(day=day, timezone=zone, now=clock.now())
    figures = _figures(period, zone)
    if period.closed is not None:
        name_actors([period.closed])
    return {
        "title": _("Close of %(day)s") % {"day": written_out(day=day)},
        "span": _("from %(starts)s to %(ends)s")
        % {"starts": shown_instant(period.starts), "ends": shown_instant(period.ends)},
        "day": day,
        "closed": period.closed,
        "subject": subject_of(period.closed) if period.closed else "",
        "sections": sheets.sections_of(figures),
    }


def _figures(period: Period, zone: str) -> dict[str, Any]:
    """Return what was sealed of a closed day, with the corrections made since; of another, how it stands."""
    if period.closed is None:
        return figures_of(period=period, timezone=zone)
    sealed: dict[str, Any] = period.closed.figures
    return {**sealed, "corrections": corrections_of(day=period.day)}


def _page(
    request: HttpRequest, *, day: date, today: date, correction: CorrectionForm | None = None, status: int = 200
) -> HttpResponse:
    sheet = sheet_of(day)
    waiting = [] if sheet["closed"] else list(till.open_sessions())
    name_actors(waiting)
    context = {
        **sheet,
        "waiting": waiting,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < today else None,
        "close_form": CloseDayForm(initial={"day": day}),
        "correction": correction or CorrectionForm(initial={"day": day}),
    }
    return page_response(request, "backoffice/day/day.html", context, status=status)
