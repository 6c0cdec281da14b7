"""The end of the day: open drawers are counted one after the other, and the last one is signed with the day.

Nobody sees what should be in a drawer, nor the sheet of the day, before they have counted it.
"""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from backoffice.day.views import sheet_of, url_of
from backoffice.drawer import rows
from backoffice.drawer.forms import CountForm, EndForm
from backoffice.drawer.views import ANYBODYS, USE, session_of, write_count
from common import clock
from common.dates import written_out
from common.errors import Refusal
from counter import services as counter
from counter.daysheet import day_ending
from counter.services import LastDrawer
from desk.admin import desk_actor
from desk.pages import page_response, posted, require
from desk.refusals import explained
from shop import services as shop
from till import selectors
from till.models import TillSession

CLOSE = "till.close_day"


@require_GET
def end(request: HttpRequest) -> HttpResponse:
    """Lead to what is left to do: the next drawer to count, or else the day itself."""
    require(request, USE)
    waiting = _waiting(request)
    if waiting:
        return HttpResponseRedirect(reverse("day:count", args=[waiting[0].public_id]))
    return HttpResponseRedirect(reverse("day:page" if request.user.has_perm(CLOSE) else "drawer:page"))


def count(request: HttpRequest, session: UUID) -> HttpResponse:
    """Ask what is in a drawer, without saying what should be, and write the answer down."""
    drawer = session_of(request, session)
    if drawer.closed_at is not None:
        return HttpResponseRedirect(reverse("day:end"))
    form = CountForm(posted(request))
    if form.is_valid():
        return write_count(request, session=session, form=form, back="day:end", then="day:sign")
    context = {
        "title": _("End of the day"),
        "form": form,
        "drawer": rows.shown(drawer),
        "others": len([one for one in _waiting(request) if one.pk != drawer.pk]),
    }
    return page_response(request, "backoffice/day/count.html", context, status=400 if form.is_bound else 200)


def sign(request: HttpRequest, session: UUID) -> HttpResponse:
    """Show the count beside what should be there, and the sheet of the day; close the drawer, the last with the day."""
    drawer = session_of(request, session)
    counted = rows.last_count(drawer)
    if drawer.closed_at is not None:
        return HttpResponseRedirect(reverse("day:end"))
    if counted is None:
        return HttpResponseRedirect(reverse("day:count", args=[session]))
    day = _day_with(request, drawer)
    form = EndForm(posted(request), initial={"count": counted.pk})
    status = 200
    if form.is_valid():
        try:
            ended = form.cleaned_data["day"] if day else None  # the day that was shown, midnight or not
            _close(request, drawer, day=ended, form=form)
        except Refusal as refusal:
            form.add_error(None, explained(refusal))
            status, day = refusal.status, _day_with(request, drawer)
        else:
            return _closed(request, day=ended)
    elif form.is_bound:
        status = 400
    context = {
        "title": _("End of the day"),
        "form": form,
        "drawer": rows.shown(drawer),
        "count": counted,
        "tenders": rows.tenders(counted),
        "counts": drawer.counts.count(),
        "day": day,
        "ends": written_out(day=day) if day else "",
        "sections": sheet_of(day)["sections"] if day else (),
    }
    return page_response(request, "backoffice/day/sign.html", context, status=status)


def _waiting(request: HttpRequest) -> list[TillSession]:
    """Return the open drawers that somebody may close, their own first, then the longest open."""
    actor = desk_actor(request)
    found = [one for one in selectors.open_sessions() if request.user.has_perm(ANYBODYS) or rows.is_own(one, actor)]
    return sorted(found, key=lambda one: not rows.is_own(one, actor))


def _day_with(request: HttpRequest, drawer: TillSession) -> date | None:
    """Return the day that ends with a drawer: the last one that is open, for whoever may close the day."""
    if not request.user.has_perm(CLOSE) or any(one.pk != drawer.pk for one in selectors.open_sessions()):
        return None
    return day_ending(session=drawer, timezone=shop.policy().timezone, now=clock.now())


def _close(request: HttpRequest, drawer: TillSession, *, day: date | None, form: EndForm) -> None:
    """Close a drawer, and the day that ends with it. Raises what the services raise."""
    said, anybodys = form.cleaned_data, request.user.has_perm(ANYBODYS)
    by: dict[str, Any] = {"actor": desk_actor(request), "now": clock.now()}
    last = LastDrawer(session=drawer.public_id, count=said["count"], note=said["note"].strip(), anybodys=anybodys)
    if day is not None:
        counter.end_day(drawer=last, day=day, note=said["about"].strip(), **by)
    else:
        counter.close_drawer(session=last.session, count=last.count, note=last.note, anybodys=anybodys, **by)


def _closed(request: HttpRequest, *, day: date | None) -> HttpResponse:
    """Say what is closed, and lead to the sheet of the day that ended or to what is left to do."""
    if day is not None:
        messages.success(request, _("The drawer and the day are closed. What comes now counts for the next day."))
        return HttpResponseRedirect(url_of(day))
    messages.success(request, _("The drawer is closed."))
    return HttpResponseRedirect(reverse("day:end"))
