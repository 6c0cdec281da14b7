"""The page that greets whoever signs in: what to do today.

A fixed number of statements, whatever the shop holds; a person without a permission neither sees nor pays for a panel.
Nothing here is cached, so what somebody else has just done is gone from the list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backoffice import copies, soundness, today
from backoffice.first_steps.steps import MAY, first_steps
from backoffice.own_day import own_day
from backoffice.quick_actions import quick_actions
from backoffice.today import Counts, Listed, Panels, shown_visit
from catalog.units import Unit
from common import clock
from common.money import format_brl
from common.search import folded
from desk.shown import day_bounds, shown_instant, shown_window
from inventory import selectors as inventory
from orders.amounts import shown_total
from orders.models import Order, OrderLine
from payments.models import Refund
from scheduling import selectors as agenda
from shop import services as shop
from shop.policy import Policy

ON_A_PANEL = 8
TITLES = ("dona", "seu", "dr.", "dra.")

STAGES: dict[str, tuple[str | Promise, str]] = {
    "": (_("To prepare"), "warning"),
    "open": (_("To prepare"), "warning"),
    "picked": (_("Prepared"), "info"),
    "ready": (_("Ready"), "success"),
}


@dataclass(frozen=True)
class Figure:
    """A number at the top: what it counts exactly, shown on hover, and where its rows are."""

    label: str | Promise
    value: str
    note: str | Promise
    link: str
    icon: str
    meaning: str | Promise
    calls: bool = False


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what whoever is looking has to do today."""
    now = clock.now()
    may = request.user.has_perm
    policy: Policy = getattr(request, "policy", None) or shop.policy()
    counted = today.counts(may=may, now=now, most=ON_A_PANEL + 1)
    panels: dict[str, Any] = {"figures": [], "day": _day_text(now), "actions": quick_actions(request)}
    if may("orders.view_order"):
        panels |= _orders(counted=counted, policy=policy, now=now, figures=panels["figures"])
    if may("scheduling.view_appointment"):
        panels |= _visits(counted=counted, now=now, figures=panels["figures"])
    elif may("scheduling.view_own_agenda"):
        panels["own"] = own_day(user_id=request.user.pk or 0, policy=policy, now=now)
    if counted.cases:
        _money_cases(count=counted.cases, figures=panels["figures"])
    if may("payments.view_refund"):
        panels["refunds"] = _refunds(figures=panels["figures"])
    if may("inventory.view_stockitem"):
        panels |= _low_stock(counted=counted, now=now, figures=panels["figures"])
    if request.user.has_perms(MAY):
        panels["first_steps"] = first_steps()
    if may(copies.MAY):
        panels["copies"] = copies.light(now=now)
    if may(soundness.MAY):
        panels["soundness"] = soundness.light(now=now)
    name = getattr(request.user, "name", "")
    return {**context, "title": _("Today"), "panels": panels, "first_name": _called(name)}


def _called(name: str) -> str:
    """Return what somebody is called: the first name, and the title before it where there is one."""
    words = name.split()
    return " ".join(words[: 2 if words and words[0].casefold() in TITLES else 1])


def _day_text(now: datetime) -> str:
    """Weekday, day and month; in lower case where the language writes them so."""
    day = timezone.localtime(now)
    text = f"{formats.date_format(day, 'l')}, {formats.date_format(day, 'MONTH_DAY_FORMAT')}"
    return text.lower() if (get_language() or "").startswith("pt") else text


def _orders(*, counted: Counts, policy: Policy, now: datetime, figures: list[Figure]) -> dict[str, Any]:
    starts_at, ends_at = day_bounds(now)
    listed = today.order_panels(now=now, grace_hours=policy.pickup_grace_hours, limit=ON_A_PANEL + 1)
    figures += _order_figures(counted=counted, listed=listed)
    return {
        "to_prepare": [_prepared(one) for one in listed.to_prepare[:ON_A_PANEL]],
        "more_to_prepare": len(listed.to_prepare) > ON_A_PANEL,
        "sheet": _units_to_prepare(starts_at=starts_at, ends_at=ends_at),
        "waiting": [_row(one.order, when=shown_instant(one.order.expires_at)) for one in listed.waiting[:ON_A_PANEL]],
        "late": [
            _row(one.order, when=shown_window(one.order.pickup_starts_at, one.order.pickup_ends_at))
            for one in listed.late[:ON_A_PANEL]
        ],
    }


def _order_figures(*, counted: Counts, listed: Panels) -> list[Figure]:
    base = reverse("admin:orders_order_changelist")
    return [
        Figure(
            _("Orders today"),
            str(counted.sold),
            format_brl(counted.worth),
            f"{base}?placed=today&status=sold",
            "receipt_long",
            _(
                "Placed today and confirmed or completed, with what they cost now. "
                "Not those that wait for payment, ran out or were cancelled."
            ),
        ),
        Figure(
            _("To hand over today"),
            _number(listed.to_prepare),
            _("pickups until tonight"),
            f"{base}?pickup=due",
            "skillet",
            _("Confirmed orders whose pickup begins before midnight and that are not handed over yet."),
        ),
        Figure(
            _("Waiting for a transfer"),
            _number(listed.waiting),
            _("look at the bank statement"),
            f"{base}?status=pending&payment_method__exact=transfer",
            "account_balance",
            _("Orders paid by transfer that wait for the money and have not run out."),
            calls=bool(listed.waiting),
        ),
        Figure(
            _("Not collected"),
            _number(listed.late),
            _("call the customer"),
            f"{base}?pickup=uncollected",
            "schedule",
            _("Confirmed orders that nobody collected within the grace after their pickup."),
            calls=bool(listed.late),
        ),
    ]


def _visits(*, counted: Counts, now: datetime, figures: list[Figure]) -> dict[str, Any]:
    """Return the visits of today and the requests that await an answer, with their figures."""
    day = timezone.localtime(now)
    rows = {
        "state__in": ",".join(agenda.BOOKED),
        "starts_at__year": day.year,
        "starts_at__month": day.month,
        "starts_at__day": day.day,
    }
    figures.append(
        Figure(
            _("Visits today"),
            str(counted.visits),
            _("booked for today"),
            f"{reverse('admin:scheduling_appointment_changelist')}?{urlencode(rows)}",
            "event",
            _("Visits of today that are confirmed, took place or were missed. Not those cancelled or only asked for."),
        )
    )
    listed = today.visit_panels(now=now, limit=ON_A_PANEL + 1)
    if listed.asked:
        link = reverse("admin:scheduling_appointment_changelist") + "?state__exact=requested&awaits_click__exact=0"
        number = _number(listed.asked)
        meaning = _("Visits that customers asked for and that wait for the shop's answer.")
        figures.append(
            Figure(_("Times asked for"), number, _("accept or decline"), link, "event_upcoming", meaning, calls=True)
        )
    return {
        "coming": [
            shown_visit(one) | {"when": f"{timezone.localtime(one.visit.starts_at):%H:%M}"}
            for one in listed.coming[:ON_A_PANEL]
        ],
        "more_coming": len(listed.coming) > ON_A_PANEL,
        "requests": [
            shown_visit(one) | {"until": shown_instant(one.visit.expires_at)} for one in listed.asked[:ON_A_PANEL]
        ],
    }


def _money_cases(*, count: int, figures: list[Figure]) -> None:
    """Add how many cases of the money inbox are open."""
    link = reverse("admin:payments_moneycase_changelist") + "?status__exact=open"
    meaning = _("Money that did not come or go as it should, and that nobody has settled yet.")
    number = f"{ON_A_PANEL}+" if count > ON_A_PANEL else str(count)
    figures.append(Figure(_("Money inbox"), number, _("to be decided"), link, "inbox", meaning, calls=True))


def _refunds(*, figures: list[Figure]) -> list[dict[str, Any]]:
    owed = [Refund.Status.DUE, Refund.Status.REFUSED]
    due = Refund.objects.filter(status__in=owed).select_related("order__contact").order_by("pk")
    found = list(due[: ON_A_PANEL + 1])
    if found:
        link = f"{reverse('admin:payments_refund_changelist')}?{urlencode({'status__in': ','.join(owed)})}"
        number = _number(found)
        meaning = _("Money that is owed back to customers and not marked as given back.")
        figures.append(
            Figure(_("To give back"), number, _("refunds owed"), link, "currency_exchange", meaning, calls=True)
        )
    return [
        {
            "link": reverse("admin:payments_refund_change", args=[refund.pk]),
            "name": refund.order.contact.shown_name,
            "number": refund.order.number,
            "amount": format_brl(refund.amount),
        }
        for refund in found[:ON_A_PANEL]
    ]


def _low_stock(*, counted: Counts, now: datetime, figures: list[Figure]) -> dict[str, Any]:
    """Return what is for sale and low or gone: first what was never received, then what is down to its warning."""
    missing = list(inventory.never_received()[: ON_A_PANEL + 1])
    found = list(inventory.low(now=now)[: ON_A_PANEL + 1 - len(missing)])
    rows = [*missing, *found]
    link = reverse("admin:inventory_stockitem_changelist") + "?level=low"
    meaning = _("Goods for sale whose free units are down to their warning or gone, or that were never received.")
    figures.append(
        Figure(_("Low stock"), _number(rows), _("low or gone"), link, "inventory_2", meaning, calls=bool(rows))
    )
    return {
        "never_received": missing[:ON_A_PANEL],
        "low": found[: ON_A_PANEL - len(missing[:ON_A_PANEL])],
        "has_goods": bool(rows or counted.goods),
    }


def _units_to_prepare(*, starts_at: datetime, ends_at: datetime) -> list[dict[str, Any]]:
    """Return what confirmed pickups of a stretch of time need, by name: the sheet for the kitchen."""
    wanted = OrderLine.objects.filter(
        kind="goods",
        order__status=Order.Status.CONFIRMED,
        order__pickup_starts_at__gte=starts_at,
        order__pickup_starts_at__lt=ends_at,
    ).exclude(order__fulfilments__status__in=["picked", "ready", "shipped", "delivered"])
    counted = wanted.order_by().values("name", "sku", "unit").annotate(units=Sum("quantity"))
    rows = counted.order_by("-units", folded("name"))
    return [{**row, "sign": "×" if row["unit"] == Unit.PIECE else row["unit"]} for row in rows]


def _number(rows: Sequence[Any]) -> str:
    return f"{ON_A_PANEL}+" if len(rows) > ON_A_PANEL else str(len(rows))


def _prepared(one: Listed) -> dict[str, Any]:
    text, colour = STAGES.get(one.stage, STAGES[""])
    when = shown_window(one.order.pickup_starts_at, one.order.pickup_ends_at)
    return _row(one.order, when=when) | {"items": one.items, "stage": text, "colour": colour}


def _row(order: Order, *, when: str) -> dict[str, Any]:
    return {
        "link": reverse("admin:orders_order_change", args=[order.pk]),
        "number": order.number,
        "name": order.contact.shown_name,
        "total": format_brl(shown_total(order=order)),
        "when": when,
    }
