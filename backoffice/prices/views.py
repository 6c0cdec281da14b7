"""The pages of many prices: choose and look (nothing is written), change, put back.

What is chosen stands in the address, so a reload shows the same again. What is sent are the prices as they were shown.
"""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from backoffice.prices import rows
from backoffice.prices.forms import ApplyForm, RuleForm, described
from catalog import services as catalog
from catalog.errors import PriceAboveLimit, PricesChanged
from catalog.models import PriceRun
from catalog.services import Looked
from common import clock
from common.errors import Refusal
from common.text import plain_number
from common.use_cases import remembered
from desk.admin import desk_actor
from desk.pages import page_response, require
from desk.refusals import explained

MAY = "catalog.change_variant"
RECENT = 15
WORDS = ("category", "q", "ids", "direction", "value", "way", "ending")


def prices_page(request: HttpRequest) -> HttpResponse:
    """Choose prices and look at what becomes of them; sent, change them."""
    require(request, MAY)
    form = RuleForm(request.GET if "value" in request.GET else None, initial={"ids": request.GET.get("ids", "")})
    if request.method != "POST" or not form.is_valid():
        return _page(request, form)
    asked = ApplyForm(request.POST)
    left = _left(request)
    if not asked.is_valid():
        return _page(request, form, told=_("Look at the prices once more."), left=left, status=400)
    looked = [row for row in asked.cleaned_data["rows"] if row.variant_id not in left]
    asked.cleaned_data |= {"left": sorted(left), "rule": form.rule}  # the key stands for these, too
    change = remembered(
        catalog.change_prices,
        lambda run: run.public_id,
        kind=UUID,
        once=asked.once(request=request, scope="prices"),
    )
    try:
        run = change(rows=looked, rule=form.rule, actor=desk_actor(request), now=clock.now())
    except Refusal as refusal:
        seen = looked if isinstance(refusal, PricesChanged) else []
        about = f"{refusal.data['sku']}: " if isinstance(refusal, PriceAboveLimit) else ""
        return _page(request, form, told=about + explained(refusal), left=left, seen=seen, status=refusal.status)
    return HttpResponseRedirect(reverse("prices:run", args=[run]))


@require_GET
def run_page(request: HttpRequest, run: UUID) -> HttpResponse:
    """Show what a change did, with the button that puts it back."""
    require(request, MAY)
    row = PriceRun.objects.filter(public_id=run).select_related("undone_by", "undoes").first()
    if row is None:
        raise Http404
    undone = getattr(row, "undone_by", None)
    context = {
        "title": _("Changed prices"),
        "run": row,
        "told": described(row),
        "rows": rows.of_run(row),
        "undone": undone,
        "may_undo": row.way != PriceRun.Way.BACK and undone is None,
    }
    return page_response(request, "backoffice/prices/run.html", context)


@require_POST
def undo(request: HttpRequest, run: UUID) -> HttpResponse:
    """Put the prices of a change back."""
    require(request, MAY)
    try:
        done = catalog.undo_prices(run=run, actor=desk_actor(request), now=clock.now())
    except Refusal as refusal:
        messages.error(request, explained(refusal))
    else:
        text = ngettext("%(count)d price is as it was.", "%(count)d prices are as they were.", done.back)
        messages.success(request, text % {"count": done.back})
        if done.left:
            left = _("Left alone, because somebody changed them since: %(skus)s.") % {"skus": ", ".join(done.left)}
            messages.warning(request, left)
    return HttpResponseRedirect(reverse("prices:run", args=[run]))


def _left(request: HttpRequest) -> set[int]:
    chosen = (plain_number(pk, digits=18) for pk in request.POST.getlist("leave"))
    return {pk for pk in chosen if pk is not None}


def _page(
    request: HttpRequest,
    form: RuleForm,
    *,
    told: str = "",
    left: set[int] | None = None,
    seen: Sequence[Looked] = (),
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {"title": _("Change prices"), "form": form, "told": told, "left": left or set()}
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        offers = rows.chosen(category=said["category"], text=said["q"], products=form.chosen)
        few = offers[: rows.MOST]
        context["rows"] = rows.preview(few, rule=form.rule, seen={one.variant_id: one.price for one in seen})
        context["too_many"] = len(offers) > rows.MOST
        context["most"] = rows.MOST
        moving = {row.variant_id for row in context["rows"] if row.moves}
        context["moving"] = len(moving)
        looked = json.dumps([[one.variant_id, str(one.price)] for one in few if one.variant_id in moving])
        context["apply"] = ApplyForm(initial={"rows": looked})
        context["address"] = "?" + urlencode({name: request.GET.get(name, "") for name in WORDS})
    else:
        status = 400 if form.is_bound else status
        context["runs"] = [(run, described(run)) for run in PriceRun.objects.select_related("undone_by")[:RECENT]]
    return page_response(request, "backoffice/prices/prices.html", context, status=status)
