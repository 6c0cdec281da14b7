"""A customer's own order, opened by the link of its letters: how it stands, what it costs, how to pay, cancelling it.

Each page asks the same services as the API; what they refuse stands on the page as a sentence.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from common import clock
from common.errors import Refusal
from orders import emails, selectors, wording
from orders import services as orders
from orders.amounts import payable_by
from orders.emails import Told
from orders.messages import STANDS, OrderFacts
from orders.selectors import Access
from orders.wording import whatsapp_url
from pages import choosing
from pages.views import VISITOR, CustomerPage, sentence


@dataclass(frozen=True)
class Opened:
    """An order that the visitor's token has opened, as it stands at `now`."""

    told: Told
    facts: OrderFacts
    access: Access
    now: datetime


class _PageOfOrder(CustomerPage):
    """Finds the order and says what all its pages say."""

    def opened(self, *, number: str) -> Opened:
        """Return the order the token opens. Raises NotFound."""
        now = clock.now()
        access = Access(token=self.token)
        told = selectors.told_of(order=selectors.find(number=number, access=access), now=now)
        facts = selectors.facts_of(cause=STANDS, told=told, now=now)
        return Opened(told=told, facts=facts, access=access, now=now)

    def common(self, opened: Opened) -> dict[str, Any]:
        """Return what every page of the order shows."""
        told = opened.told
        return {
            "order": told.order,
            "shop": told.policy,
            "chat": whatsapp_url(number=told.policy.whatsapp, order=told.order, lines=told.lines),
        }

    def refusals(self, opened: Opened) -> dict[str, Refusal]:
        """Return what the customer cannot do with the order now, and why."""
        about: Any = {
            "order": opened.told.order,
            "policy": opened.told.policy,
            "access": opened.access,
            "now": opened.now,
        }
        found = {"cancel": orders.refusal_to_cancel(**about), "move_pickup": orders.refusal_to_move_pickup(**about)}
        return {verb: refusal for verb, refusal in found.items() if refusal is not None}


class OrderPage(_PageOfOrder):
    """How the order stands."""

    http_method_names = ["get", "head"]
    leads_to = "window-order"

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        """Show the order."""
        opened = self.opened(number=number)
        told, facts = opened.told, opened.facts
        with self.speaking(language=told.order.language, zone=told.policy.timezone):
            values = wording.values_of(order=told.order, facts=facts, zone=told.zone)
            context = {
                "title": _("Order %(number)s") % {"number": number},
                "said": wording.written(facts=facts, values=values),
                "instructions": told.policy.transfer_instructions if facts.by_transfer else "",
                "pays": bool(payable_by(order=told.order, status=facts.status, offered=told.policy.payment_methods)),
                "lines": [row | {"visit": self._visit(told, row["claim"])} for row in emails.lines_of(told=told)],
                "figures": wording.figures(order=told.order),
                "pickup": wording.pickup(order=told.order, zone=told.zone) if facts.is_live else "",
                "verbs": {"cancel", "move_pickup"} - set(self.refusals(opened)),
            }
            return self.show("orders/pages/order.html", self.common(opened) | context)

    def _visit(self, told: Told, claim: Any) -> str:
        visit = told.visits.get(claim)
        return reverse("appointment-page", args=[visit.appointment]) if visit else ""


class CancelOrderPage(_PageOfOrder):
    """Asks before the order is cancelled."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        """Say what would happen, and ask."""
        return self._ask(self.opened(number=number))

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        """Cancel the order, or say why not."""
        opened = self.opened(number=number)
        told = opened.told
        with self.speaking(language=told.order.language, zone=told.policy.timezone):
            try:
                orders.cancel_order(number=number, reason="", access=opened.access, actor=VISITOR, now=opened.now)
            except Refusal as refusal:
                return self._ask(self.opened(number=number), refusal=refusal)
            return self.go(reverse("order-page", args=[number]))

    def _ask(self, opened: Opened, *, refusal: Refusal | None = None) -> HttpResponse:
        told, facts = opened.told, opened.facts
        with self.speaking(language=told.order.language, zone=told.policy.timezone):
            why = refusal or self.refusals(opened).get("cancel")
            values = wording.values_of(order=told.order, facts=facts, zone=told.zone)
            back = _("We give you back the %(kept)s that you have paid.") % values if facts.kept > 0 else ""
            free = _("Cancelling now costs nothing.") if facts.at_stake > 0 else ""
            stake = [str(wording.SENTENCES["fee_late"]) % values] if facts.at_stake > 0 and facts.is_late else []
            said = [text for text in (_("Everything in it is called off."), free, back) if text]
            context = {
                "title": _("Cancel order %(number)s?") % values,
                "said": stake if why else said,
                "refused": sentence(why, zone=told.zone) if why else "",
                "impossible": why is not None,
                "verb": _("Cancel the order"),
                "back": reverse("order-page", args=[told.order.number]),
            }
            status = refusal.status if refusal else 200
            return self.show("pages/confirm.html", self.common(opened) | context, status=status)


class MovePickupPage(_PageOfOrder):
    """Offers other pickup windows, a week at a time."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        """Offer the windows."""
        return self._offer(self.opened(number=number))

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        """Move the pickup to the chosen window, or say why not and offer others."""
        opened = self.opened(number=number)
        told = opened.told
        form = choosing.TimeForm(request.POST)
        with self.speaking(language=told.order.language, zone=told.policy.timezone):
            if not form.is_valid():
                return self._offer(opened, refused=_("Choose one of the times first."), status=400)
            try:
                orders.reschedule_pickup(
                    number=number,
                    pickup_at=form.cleaned_data["starts_at"],
                    access=opened.access,
                    actor=VISITOR,
                    now=opened.now,
                )
            except Refusal as refusal:
                said = sentence(refusal, zone=told.zone)
                return self._offer(self.opened(number=number), refused=said, status=refusal.status)
            return self.go(reverse("order-page", args=[number]))

    def _offer(self, opened: Opened, *, refused: str = "", status: int = 200) -> HttpResponse:
        told = opened.told
        order, policy, zone = told.order, told.policy, told.zone
        with self.speaking(language=order.language, zone=policy.timezone):
            why = self.refusals(opened).get("move_pickup")
            today = opened.now.astimezone(zone).date()
            week = choosing.week_of(
                text=self.request.GET.get("from", ""),
                now_at=(order.pickup_starts_at or opened.now).astimezone(zone).date(),
                today=today,
                end=today + timedelta(days=policy.pickup_horizon_days),
            )
            days = [] if why else choosing.by_day(starts=_windows(opened=opened, week=week))
            context = {
                "title": _("Move the pickup"),
                "now_at": wording.pickup(order=order, zone=zone),
                "wide": True,
                "refused": refused or (sentence(why, zone=zone) if why else ""),
                "back": reverse("order-page", args=[order.number]),
                **choosing.context(week=week, days=days, impossible=why is not None),
            }
            return self.show("pages/choose.html", self.common(opened) | context, status=status)


def _windows(*, opened: Opened, week: choosing.Week) -> list[tuple[datetime, str]]:
    """Return the pickup windows of the week, without the one the order has."""
    told = opened.told
    windows = selectors.pickup_choices(order=told.order, desk=False, policy=told.policy, now=opened.now)
    spans = [(one.starts_at.astimezone(told.zone), one.ends_at.astimezone(told.zone)) for one in windows]
    return [
        (start, f"{start:%H:%M} – {end:%H:%M}")
        for start, end in spans
        if week.first <= start.date() <= week.last and start != told.order.pickup_starts_at
    ]
