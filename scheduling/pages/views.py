"""A customer's own visit, opened by the link of its letters: how it stands, moving it, cancelling it, its calendar.

Each page asks the same services as the API; what they refuse stands on the page as a sentence.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from common import clock
from common.errors import Refusal
from common.money import format_amount
from pages import choosing
from pages.views import VISITOR, CustomerPage, sentence
from scheduling import selectors, wording
from scheduling import services as scheduling
from scheduling.messages import STANDS, VisitFacts
from scheduling.models import Appointment
from scheduling.selectors import Access
from scheduling.slots import moment_of
from scheduling.wording import calendar_path, whatsapp_url
from shop import services as shop
from shop.policy import Policy


@dataclass(frozen=True)
class Opened:
    """A visit that the visitor's token has opened, as it stands at `now`."""

    visit: Appointment
    facts: VisitFacts
    policy: Policy
    access: Access
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.policy.timezone)

    @property
    def refusals(self) -> dict[str, Refusal]:
        """What the customer cannot do with the visit now, and why."""
        return scheduling.refusals(appointment=self.visit, policy=self.policy, actor=VISITOR, now=self.now)


class _PageOfVisit(CustomerPage):
    """Finds the visit and says what all its pages say."""

    def opened(self, *, public_id: UUID) -> Opened:
        """Return the visit that the token, its own or its order's, opens. Raises NotFound."""
        now = clock.now()
        policy = shop.policy()
        access = Access(tokens=(self.token,))
        visit = selectors.appointment(public_id=public_id, access=access)
        facts = selectors.facts_of(cause=STANDS, appointment=visit, policy=policy, now=now)
        return Opened(visit=visit, facts=facts, policy=policy, access=access, now=now)

    def common(self, opened: Opened) -> dict[str, Any]:
        """Return what every page of the visit shows."""
        chat = whatsapp_url(number=opened.policy.whatsapp, appointment=opened.visit, zone=opened.zone)
        return {"visit": opened.visit, "shop": opened.policy, "chat": chat}


class VisitPage(_PageOfVisit):
    """How the visit stands."""

    http_method_names = ["get", "head"]
    leads_to = "window-visit"

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """Show the visit."""
        opened = self.opened(public_id=public_id)
        visit, facts, policy = opened.visit, opened.facts, opened.policy
        with self.speaking(language=visit.language, zone=policy.timezone):
            values = wording.values_of(appointment=visit, policy=policy)
            context = {
                "title": _("Your appointment"),
                "said": wording.written(facts=facts, values=values),
                "services": [
                    (one.name, format_amount(one.price, currency=visit.currency)) for one in visit.services.all()
                ],
                "total": values["total"],
                "who": visit.professional.name,
                "over": facts.state in ("cancelled", "expired"),
                "calendar": calendar_path(public_id=visit.public_id, token=self.token),
                "verbs": {"cancel", "move"} - set(opened.refusals),
            }
            return self.show("scheduling/pages/visit.html", self.common(opened) | context)


class CancelVisitPage(_PageOfVisit):
    """Asks before the visit is cancelled."""

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """Say what would happen, and ask."""
        return self._ask(self.opened(public_id=public_id))

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """Cancel the visit, or say why not."""
        opened = self.opened(public_id=public_id)
        with self.speaking(language=opened.visit.language, zone=opened.policy.timezone):
            try:
                scheduling.cancel(public_id=public_id, actor=VISITOR, access=opened.access, now=opened.now)
            except Refusal as refusal:
                return self._ask(self.opened(public_id=public_id), refusal=refusal)
            return self.go(reverse("appointment-page", args=[public_id]))

    def _ask(self, opened: Opened, *, refusal: Refusal | None = None) -> HttpResponse:
        with self.speaking(language=opened.visit.language, zone=opened.policy.timezone):
            why = refusal or opened.refusals.get("cancel")
            values = wording.values_of(appointment=opened.visit, policy=opened.policy)
            context = {
                "title": _("Cancel your appointment?"),
                "said": [] if why else [_("%(when)s, with %(who)s") % values],
                "refused": sentence(why, zone=opened.zone) if why else "",
                "impossible": why is not None,
                "verb": _("Cancel the appointment"),
                "back": reverse("appointment-page", args=[opened.visit.public_id]),
            }
            status = refusal.status if refusal else 200
            return self.show("pages/confirm.html", self.common(opened) | context, status=status)


class MoveVisitPage(_PageOfVisit):
    """Offers the free times of the same professional, a week at a time."""

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """Offer the times."""
        return self._offer(self.opened(public_id=public_id))

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """Move the visit to the chosen time, or say why not and offer others."""
        opened = self.opened(public_id=public_id)
        form = choosing.TimeForm(request.POST)
        with self.speaking(language=opened.visit.language, zone=opened.policy.timezone):
            if not form.is_valid():
                return self._offer(opened, refused=_("Choose one of the times first."), status=400)
            try:
                scheduling.reschedule(
                    public_id=public_id,
                    starts_at=form.cleaned_data["starts_at"],
                    actor=VISITOR,
                    access=opened.access,
                    now=opened.now,
                )
            except Refusal as refusal:
                said = sentence(refusal, zone=opened.zone)
                return self._offer(self.opened(public_id=public_id), refused=said, status=refusal.status)
            return self.go(reverse("appointment-page", args=[public_id]))

    def _offer(self, opened: Opened, *, refused: str = "", status: int = 200) -> HttpResponse:
        visit, policy, zone = opened.visit, opened.policy, opened.zone
        with self.speaking(language=visit.language, zone=policy.timezone):
            why = opened.refusals.get("move")
            today = opened.now.astimezone(zone).date()
            week = choosing.week_of(
                text=self.request.GET.get("from", ""),
                now_at=visit.starts_at.astimezone(zone).date(),
                today=today,
                end=today + timedelta(days=policy.booking_horizon_days),
            )
            days = [] if why else choosing.by_day(starts=_starts(opened=opened, week=week))
            context = {
                "title": _("Move your appointment"),
                "now_at": _("It is on %(when)s, with %(who)s.") % wording.values_of(appointment=visit, policy=policy),
                "refused": refused or (sentence(why, zone=zone) if why else ""),
                "back": reverse("appointment-page", args=[visit.public_id]),
                **choosing.context(week=week, days=days, impossible=why is not None),
            }
            return self.show("pages/choose.html", self.common(opened) | context, status=status)


def _starts(*, opened: Opened, week: choosing.Week) -> list[tuple[datetime, str]]:
    """Return the free times of the week with the same professional, where the visit does not stand in its own way."""
    visit = opened.visit
    free = selectors.free_starts(
        visit=scheduling.booked_visit(appointment=visit, policy=opened.policy),
        policy=opened.policy,
        first=week.first,
        last=week.last,
        now=opened.now,
        professional=visit.professional.public_id,
        except_ids=[visit.pk],
    )
    starts = [moment_of(one.start).astimezone(opened.zone) for one in free]
    return [(start, f"{start:%H:%M}") for start in starts if start != visit.starts_at]
