"""Counting a shelf: begin or continue, count line after line, look at the differences, correct the stock.

What should be there is on no page before the counting has ended.
"""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from rest_framework.request import Request

from api.answers import nothing, respond_private
from api.requests import actor_of, read
from backoffice.shelf import page, rows
from backoffice.shelf.answers import counted
from backoffice.shelf.bodies import CountedRequest, LeftRequest
from backoffice.shelf.doors import ADJUSTS, Door
from backoffice.shelf.forms import ApplyForm, CountForm
from catalog.models import Category
from common import clock
from common.errors import Malformed, Refusal
from common.use_cases import only_once
from desk.admin import desk_actor
from desk.pages import page_response, require
from desk.refusals import explained
from desk.shown import actor_names
from inventory import services as inventory
from inventory.errors import CountedMeanwhile
from inventory.models import StockCount

DOOR = "admin"
SHOWN = 20
VERBS: dict[str, Callable[..., StockCount]] = {
    "comparar": inventory.compare_count,
    "continuar": inventory.resume_count,
    "descartar": inventory.drop_count,
}


def counts_page(request: HttpRequest) -> HttpResponse:
    """Offer to begin a count, and to continue those that wait."""
    require(request, ADJUSTS)
    form = CountForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        shelf = Category.objects.filter(pk=form.cleaned_data["category"]).first()
        key = form.cleaned_data["key"]
        only_once(form.once(request=request, scope="count"), inventory.open_count)(
            key=key,
            label=shelf.name if shelf else _("Whatever is scanned"),
            category=shelf.slug if shelf else "",
            actor=desk_actor(request),
            now=clock.now(),
        )
        return HttpResponseRedirect(reverse("shelf:count", args=[key]))
    waiting = StockCount.objects.filter(status__in=["open", "compared"])
    ended = StockCount.objects.filter(status="applied")[:SHOWN]
    context = {
        "title": _("Count the stock"),
        "form": form,
        "waiting": rows.progress(list(waiting[: SHOWN * 5])),
        "ended": rows.progress(list(ended)),
    }
    return page_response(request, "backoffice/shelf/counts.html", context, status=400 if form.is_bound else 200)


def count_page(request: HttpRequest, count: UUID) -> HttpResponse:
    """Show where one counts; a count that is counted no more shows its differences."""
    row = _count(request, count)
    if row.status != StockCount.Status.OPEN:
        return HttpResponseRedirect(reverse("shelf:differences", args=[count]))
    config = page.counting(user_id=request.user.pk or 0, count=count, lines=rows.lines_to_count(row))
    return page_response(request, "backoffice/shelf/count.html", {"title": row.label, "count": row, "config": config})


def differences_page(request: HttpRequest, count: UUID) -> HttpResponse:
    """Show what was counted beside what should have been there, and correct the stock by it."""
    row = _count(request, count)
    if row.status == StockCount.Status.OPEN:
        return HttpResponseRedirect(reverse("shelf:count", args=[count]))
    may = row.status == StockCount.Status.COMPARED
    initial = {"version": row.version, "reason": _("Stock count: %(what)s") % {"what": row.label}}
    form = ApplyForm(request.POST if request.method == "POST" else None, initial=initial)
    status, wrong = 200, {}
    if form.is_bound:
        status = 400
        if form.is_valid():
            try:
                return _apply(request, row, form)
            except Refusal as refusal:
                status, wrong = refusal.status, _told(form, refusal)
                row.refresh_from_db()
                form.look_at(row.version)
    found = [(one, wrong.get(one.sku, "")) for one in rows.differences(row)]
    context = {
        "title": row.label,
        "count": row,
        "rows": found,
        "differing": sum(1 for one, _wrong in found if one.difference),
        "form": form if may else None,
        "step": row.steps.last(),
    }
    return page_response(request, "backoffice/shelf/differences.html", context, status=status)


@require_POST
def lead(request: HttpRequest, count: UUID, verb: str) -> HttpResponse:
    """Compare a count, count on, throw it away, or leave one of its lines as it is."""
    _count(request, count)
    back = reverse("shelf:count", args=[count])
    try:
        if verb == "deixar":
            inventory.leave_line(count=count, sku=request.POST.get("sku", ""), now=clock.now())
        elif verb in VERBS:
            VERBS[verb](count=count, actor=desk_actor(request), now=clock.now())
        else:
            raise Http404
    except Refusal as refusal:
        messages.error(request, explained(refusal))
    else:
        if verb == "descartar":
            messages.success(request, _("The count is thrown away; the stock is as it was."))
            back = reverse("shelf:counts")
    return HttpResponseRedirect(back)


class LineView(Door):
    """One line of a count."""

    def put(self, request: Request, count: UUID) -> HttpResponse:
        """Write down how many were found."""
        asked = read(CountedRequest, request.data)
        try:
            line = inventory.count_line(
                count=count,
                sku=asked.sku,
                quantity=asked.quantity,
                seen=asked.seen,
                actor=actor_of(request, door=DOOR),
                now=clock.now(),
            )
        except CountedMeanwhile as refusal:
            who = str(refusal.data["who"])
            refusal.data["who"] = actor_names([who]).get(who, _("Somebody else"))
            raise
        return respond_private(counted(line))

    def delete(self, request: Request, count: UUID) -> HttpResponse:
        """Leave a SKU as it is."""
        inventory.leave_line(count=count, sku=read(LeftRequest, request.data).sku, now=clock.now())
        return nothing()


def _apply(request: HttpRequest, row: StockCount, form: ApplyForm) -> HttpResponse:
    said = form.cleaned_data
    only_once(form.once(request=request, scope=f"count:{row.public_id}"), inventory.apply_count)(
        count=row.public_id,
        version=said["version"],
        reason=said["reason"],
        actor=desk_actor(request),
        now=clock.now(),
    )
    lines = row.lines.count()
    told = ngettext("%(count)d product counted.", "%(count)d products counted.", lines) % {"count": lines}
    messages.success(request, f"{told} {_('The stock is corrected.')}")
    return HttpResponseRedirect(reverse("shelf:differences", args=[row.public_id]))


def _told(form: ApplyForm, refusal: Refusal) -> dict[str, str]:
    """Say why nothing was corrected, and return what is wrong by SKU."""
    wrong = (
        {error.pointer.removeprefix("/lines/"): error.detail for error in refusal.errors}
        if isinstance(refusal, Malformed)
        else {}
    )
    form.add_error(None, _("Nothing was corrected: look at the lines in red.") if wrong else explained(refusal))
    return wrong


def _count(request: HttpRequest, count: UUID) -> StockCount:
    """Return a count for somebody who may, or end in a 404."""
    require(request, ADJUSTS)
    row = StockCount.objects.filter(public_id=count).first()
    if row is None:
        raise Http404
    return row
