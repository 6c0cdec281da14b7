"""The pages of the figures: a report of some days, the rows behind a figure, files of it, and the charts of the first
page."""

from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from api.replica import for_reports
from common import clock
from common.text import plain_number
from desk.pages import page_response, require
from reports.charts import charts_of
from reports.figures import BY_KEY
from reports.files import MOST_GOODS, as_csv, as_xlsx
from reports.forms import NAMES, USUAL, PeriodForm, asked_for
from reports.periods import PRESETS, Days, compared_with
from reports.sections import Section, headlines, sections_of, shown, summary
from reports.selectors import Reading, goods, read, rows_behind, spans_of
from reports.shown import row_shown, sees_names
from shop import services as shop
from shop.policy import Policy

VIEW = "reports.view_reports"
ON_A_PAGE = 50
IN_A_LIST = 10
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NARROWING = ("way", "professional", "channel", "variant")


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show the figures of some days."""
    require(request, VIEW)
    form = asked_for(request.GET, today=_today())
    context: dict[str, Any] = {"form": form, "presets": _presets(request), "title": _("Reports")}
    if not form.is_valid():
        return page_response(request, "reports/page.html", context, status=400)
    policy = _policy(request)
    report = for_reports(request, lambda: _report(form, policy=policy))
    return page_response(request, "reports/page.html", {**context, **report})


@require_GET
def lately(request: HttpRequest) -> HttpResponse:
    """Show the last thirty days as charts: a part of the first page, asked for once that stands there."""
    require(request, VIEW)
    policy = _policy(request)
    reading, sections = for_reports(request, lambda: _lately(policy=policy))
    context = {
        "headlines": headlines(reading, None),
        "charts": [chart for chart in charts_of(reading, sections) if not chart.is_empty],
        "slowest": next(section for section in sections if section.key == "slowest"),
        "days": reading.days,
    }
    return TemplateResponse(request, "reports/lately.html", context)


@require_GET
def rows(request: HttpRequest) -> HttpResponse:
    """Show the rows behind a figure."""
    require(request, VIEW)
    figure = BY_KEY.get(request.GET.get("figure", ""))
    form = asked_for(request.GET, today=_today())
    if figure is None or not form.is_valid():
        raise Http404
    narrowed: dict[str, Any] = {name: request.GET.get(name, "")[:40] for name in NARROWING}
    number = plain_number(request.GET.get("page", ""), digits=6) or 1
    [span] = spans_of(stretches=[form.days], timezone=_policy(request).timezone, now=clock.now())
    asked = replace(figure.behind, **narrowed)
    found = for_reports(
        request, lambda: rows_behind(asked=asked, span=span, limit=ON_A_PAGE, skipped=ON_A_PAGE * (number - 1))
    )
    if not found.rows and number > 1:
        raise Http404
    query = {key: value for key, value in request.GET.items() if key != "page"}
    pages = -(-found.count // ON_A_PAGE)
    context = {
        "title": str(figure.name),
        "figure": figure,
        "days": form.days,
        "found": found,
        "total": shown(found.total, "money"),
        "rows": [row_shown(row, kind=asked.kind, user=request.user) for row in found.rows],
        "sees_names": sees_names(kind=asked.kind, user=request.user),
        "back": f"{reverse('reports:page')}?{urlencode({'first': form.days.first, 'last': form.days.last})}",
        "before": f"?{urlencode({**query, 'page': number - 1})}" if number > 1 else "",
        "after": f"?{urlencode({**query, 'page': number + 1})}" if number < pages else "",
        "number": number,
        "pages": pages,
    }
    return page_response(request, "reports/rows.html", context)


@require_GET
def export(request: HttpRequest, form: str) -> HttpResponse | StreamingHttpResponse:
    """Give the report as a file."""
    require(request, VIEW)
    asked = asked_for(request.GET, today=_today())
    if not asked.is_valid():
        return HttpResponseRedirect(f"{reverse('reports:page')}?{request.GET.urlencode()}")
    policy = _policy(request)
    reading, before, tables = for_reports(request, lambda: _tables(asked, policy=policy))
    sections = [summary(headlines(reading, before), compared=before is not None), *tables]
    days = asked.days
    heading = _("%(shop)s, from %(first)s to %(last)s") % {
        "shop": policy.name,
        "first": shown(days.first, "day"),
        "last": shown(days.last, "day"),
    }
    name = _("report-%(first)s-%(last)s") % {"first": days.first, "last": days.last}
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"', "Cache-Control": "no-store"}
    if form == "xlsx":
        return HttpResponse(as_xlsx(heading=heading, sections=sections), content_type=XLSX, headers=headers)
    lines = as_csv(heading=heading, sections=sections)
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _today() -> date:
    return timezone.localtime(clock.now()).date()


def _policy(request: HttpRequest) -> Policy:
    """Return the shop's rules as this request has read them."""
    return getattr(request, "policy", None) or shop.policy()


def _presets(request: HttpRequest) -> list[dict[str, Any]]:
    compare = request.GET.get("compare", "none")
    asked = "" if "first" in request.GET or "last" in request.GET else request.GET.get("period", USUAL)
    asked = asked if asked in PRESETS or not asked else USUAL
    return [
        {"name": NAMES[key], "link": f"?{urlencode({'period': key, 'compare': compare})}", "is_asked": key == asked}
        for key in PRESETS
    ]


def read_report(form: PeriodForm, *, policy: Policy) -> tuple[Reading, Reading | None]:
    """Return what was read of the days asked for, and of those they are compared with."""
    then = compared_with(days=form.days, comparison=form.cleaned_data["compare"] or "none")
    stretches: list[Days] = [form.days, *([then] if then else [])]
    reading, *before = read(stretches=stretches, policy=policy, now=clock.now())
    return reading, before[0] if before else None


def _lately(*, policy: Policy) -> tuple[Reading, list[Section]]:
    [reading] = read(stretches=[PRESETS[USUAL](_today())], policy=policy, now=clock.now())
    return reading, sections_of(reading, goods(span=reading.span, limit=IN_A_LIST))


def _tables(form: PeriodForm, *, policy: Policy) -> tuple[Reading, Reading | None, list[Section]]:
    reading, before = read_report(form, policy=policy)
    return reading, before, sections_of(reading, goods(span=reading.span, limit=MOST_GOODS))


def _report(form: PeriodForm, *, policy: Policy) -> dict[str, Any]:
    reading, before = read_report(form, policy=policy)
    found = headlines(reading, before)
    sections = sections_of(reading, goods(span=reading.span, limit=IN_A_LIST))
    return {
        "days": form.days,
        "then": before.days if before else None,
        "headlines": found,
        "charts": charts_of(reading, sections),
        "sections": sections,
        "summary": summary(found, compared=before is not None),
        "query": urlencode(
            {"first": form.days.first, "last": form.days.last, "compare": form.cleaned_data["compare"] or "none"}
        ),
        "is_running": form.days.last >= form.today,
    }
