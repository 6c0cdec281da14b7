"""The week of a professional or of the shop: shown, filled from another one, copied from day to day, saved at once."""

from collections.abc import Callable, Sequence
from datetime import time
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from backoffice.hours.forms import WeekForm, brought_up_to_date, changed_days, copied, read
from backoffice.stranded_pickups import pickups_in, tell_pickups
from common import clock
from common.errors import Malformed, Refusal
from desk.admin import desk_actor
from desk.changes import WORDS
from desk.pages import page_response, require
from desk.refusals import explained
from desk.versions import Difference
from orders import services as orders
from scheduling import selectors
from scheduling import services as scheduling
from scheduling.errors import WeekChanged, WouldStrand
from scheduling.models import AvailabilityRule, Professional
from scheduling.selectors import Week
from scheduling.stranding import shown_first, tell_stranded, wanted_anyway
from shop import services as shop
from shop.errors import HoursChanged
from shop.policy import OpenHours
from shop.services import ShopSheet

OF_PEOPLE, OF_SHOP = "scheduling.change_availabilityrule", "shop.change_openinghours"
LIKE_SHOP = "shop"
A_DAY = 24 * 60


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Lead to the week of the first professional; to the shop's while there is none."""
    require(request, OF_PEOPLE)
    first = _people().first()
    return HttpResponseRedirect(reverse("hours:week", args=[first.public_id]) if first else reverse("hours:shop"))


@require_http_methods(["GET", "POST"])
def week(request: HttpRequest, person: UUID) -> HttpResponse:
    """Show the week of a professional, and save it."""
    require(request, OF_PEOPLE)
    found = Professional.objects.filter(public_id=person).first()
    if found is None:
        raise Http404
    week_now = selectors.week_of(professional=found)

    def save(form: WeekForm) -> None:
        left = scheduling.write_week(
            professional=person,
            week=form.week,
            seen=read(form.cleaned_data["seen"]),
            now=clock.now(),
            anyway=wanted_anyway(request),
        )
        days = changed_days(week_now, form.week)
        changed = {"name": _("the week"), "object": found.name, "fields": [day for day, _old, _new in days]}
        told = [{"changed": changed}, {WORDS: days}]
        admin.site.get_model_admin(Professional).log_change(request, found, told)
        messages.success(request, _("The week of %(name)s is saved.") % {"name": found.name})
        tell_stranded(request, left)

    dated = AvailabilityRule.objects.filter(professional=found).exclude(
        valid_from__isnull=True, valid_until__isnull=True
    )
    changes = reverse("admin:scheduling_professional_history", args=[found.pk])
    more = {"title": found.name, "person": found, "dated": list(dated), "changes": changes}
    return _answer(request, now=week_now, overnight=True, save=save, more=more)


@require_http_methods(["GET", "POST"])
def shop_week(request: HttpRequest) -> HttpResponse:
    """Show when the shop is open, and save it."""
    require(request, OF_SHOP)
    before = shop.policy().opening_hours

    def save(form: WeekForm) -> None:
        sheet = ShopSheet(opening_hours=_hours(form.week), hours_seen=_hours(read(form.cleaned_data["seen"])))
        left = orders.change_shop(
            sheet=sheet, actor=desk_actor(request), now=clock.now(), anyway=wanted_anyway(request)
        )
        messages.success(request, _("The opening hours are saved."))
        tell_stranded(request, left.visits)
        tell_pickups(request, left.pickups)

    seen = request.user.has_perm("shop.view_policychange")
    more = {"title": _("The shop"), "changes": reverse("admin:shop_policychange_changelist") if seen else ""}
    return _answer(request, now=_week(before), overnight=False, save=save, more=more)


def _answer(
    request: HttpRequest, *, now: Week, overnight: bool, save: Callable[[WeekForm], None], more: dict[str, Any]
) -> HttpResponse:
    status, like, changed = 200, _like(request), list[Difference]()
    form = WeekForm(None, week=now, seen=now, overnight=overnight, filled=like)
    if request.method == "POST" and "copy" in request.POST:
        sent: Any = copied(request.POST, day=_day(request.POST["copy"]))
        form = WeekForm(sent, week=now, seen=now, overnight=overnight)
        form.is_valid()
    elif request.method == "POST":
        form = WeekForm(request.POST, week=now, seen=now, overnight=overnight)
        status = 400
        if form.is_valid():
            try:
                save(form)
            except WouldStrand as refusal:
                return shown_first(request, refusal, pickups=pickups_in(refusal))
            except (WeekChanged, HoursChanged) as refusal:
                sent, changed = brought_up_to_date(form, seen=read(form.cleaned_data["seen"]), now=now)
                form, status = WeekForm(sent, week=now, seen=now, overnight=overnight), refusal.status
                form.add_error(None, explained(refusal))
            except Refusal as refusal:
                status = _refuse(form, refusal)
            else:
                return HttpResponseRedirect(request.path)
    context = {
        "form": form,
        "rows": list(form.rows()),
        "people": list(_people()),
        "sees_shop": request.user.has_perm(OF_SHOP),
        "filled": like is not None,
        "changed": changed,
        **more,
    }
    return page_response(request, "backoffice/hours/week.html", context, status=status)


def _refuse(form: WeekForm, refusal: Refusal) -> int:
    """Say what was wrong beside its day."""
    if isinstance(refusal, Malformed) and refusal.errors:
        for error in refusal.errors:
            form.add_error(f"opens_{error.pointer.rpartition('_')[2]}_0", str(error.detail))
    else:
        form.add_error(None, explained(refusal))
    return refusal.status


def _like(request: HttpRequest) -> Week | None:
    """Return the week from which the page is filled, without saving it; None where nobody's is asked for."""
    asked = request.GET.get("like", "")
    if request.method != "GET" or not asked:
        return None
    if asked == LIKE_SHOP:
        return _week(shop.policy().opening_hours)
    try:
        found = Professional.objects.filter(public_id=UUID(asked)).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return selectors.week_of(professional=found)


def _people() -> Any:
    return Professional.objects.filter(is_active=True).order_by("position", "sort_key", "pk")


def _day(text: str) -> int:
    return int(text) if text in "0123456" and len(text) == 1 else 0


def _week(hours: Sequence[OpenHours]) -> Week:
    """Return opening hours as a week."""
    return {
        day: [(_minutes(row.opens), _minutes(row.closes) or A_DAY) for row in hours if row.weekday == day]
        for day in range(7)
    }


def _hours(week: Week) -> list[OpenHours]:
    """Return a week as opening hours."""
    return [
        OpenHours(weekday=day, opens=_time(opens), closes=_time(closes))
        for day, stretches in sorted(week.items())
        for opens, closes in stretches
    ]


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _time(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)
