"""What the agenda's page is told before it asks anything: what there is to book, what the person may, and its words.

The words travel from here because the page's scripts are files without translation.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backoffice.agenda.people import AgendaPermissions
from common.money import format_brl
from payments.models import Payment
from scheduling import selectors
from scheduling.models import Appointment, AvailabilityRule, DateOverride, Professional
from scheduling.selectors import Offer
from scheduling.wording import REASONS
from shop.policy import Policy

LEGEND = ("confirmed", "requested", "held", "completed", "no_show")

TEXTS = {
    "today": _("Today"),
    "day": _("Day"),
    "week": _("Week"),
    "previous": _("Earlier"),
    "next": _("Later"),
    "everybody": _("Everybody"),
    "new": _("New visit"),
    "move": _("Move"),
    "move_title": _("Move the visit"),
    "block_title": _("Block time"),
    "unblock": _("Open this time again"),
    "away": _("Away"),
    "any": _("Whoever is free"),
    "who": _("Who is away?"),
    "undo": _("Undo"),
    "loading": _("Looking up free times…"),
    "choose_service": _("Choose a service to see the free times."),
    "no_times": _("No free time on this day."),
    "nearest": _("Nearest free times"),
    "why": _("Why is another time not free?"),
    "choose_time": _("Choose one of the free times."),
    "booked": _("The visit is booked, and the customer is written to."),
    "booked_untold": _("The visit is booked. Without an e-mail nobody is written to."),
    "moved": _("The visit is moved, and the customer is written to."),
    "moved_untold": _("The visit is moved. Without an e-mail nobody is written to: tell the customer."),
    "swap": _("Swap with another visit"),
    "swap_hint": _("Each takes the time and the professional of the other, and whoever left an e-mail is written to."),
    "swap_with": _("Swap with %(name)s, %(time)s"),
    "swapped": _("The two visits have changed places."),
    "swapped_back": _("Both visits are back where they were."),
    "cancelled": _("The visit is cancelled."),
    "accepted": _("The request is accepted, and the customer is written to."),
    "accepted_untold": _("The request is accepted. Without an e-mail nobody is written to: tell the customer."),
    "saved": _("Saved."),
    "blocked": _("The time is blocked."),
    "unblocked": _("The time is open again."),
    "refused_move": _("The visit stays where it was."),
    "reason": _("Reason"),
    "reason_needed": _("The customer could no longer move or cancel it by now, so say why."),
    "past_needed": _("That time has passed. To write it down all the same, say why."),
    "force": _("Book it all the same"),
    "force_move": _("Move it all the same"),
    "force_hint": _("The reason stays in the history of the visit."),
    "stranded": _("These visits are booked in that time. Move them first:"),
    "offline": _("The shop cannot be reached. Check the connection and try again."),
    "close": _("Close"),
    "back": _("Back"),
    "cancel_visit": _("Cancel the visit"),
    "confirm_cancel": _("The time becomes free at once, and the customer is written to."),
    "confirm_cancel_untold": _(
        "The time becomes free at once. Without an e-mail nobody is written to: tell the customer."
    ),
    "accept": _("Accept the request"),
    "complete": _("It took place"),
    "no_show": _("Nobody came"),
    "confirm_no_show": _("The rest of the time becomes free at once. It can be undone until the end of the day."),
    "reopen": _("Undo: open it again"),
    "reopened": _("The visit is confirmed again."),
    "charge": _("Receive and complete"),
    "charge_ahead": _("Receive in advance"),
    "charge_order": _("Everything that is still to be paid for order %(number)s."),
    "charge_hint": _("Take the money, then write it down here. The visit is completed with it."),
    "charge_ahead_hint": _("Take the money, then write it down here. The visit stays booked."),
    "charged": _("Received, and the visit is completed."),
    "charged_ahead": _("Received."),
    "tender": _("How was it paid?"),
    "receive": _("Received %(amount)s"),
    "remind": _("Remind by WhatsApp"),
    "open_order": _("Order"),
    "open_page": _("History and details"),
    "when": _("When"),
    "professional": _("Professional"),
    "room": _("Room"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "note": _("Note"),
    "services": _("Services"),
    "total": _("Total"),
    "forced": _("Forced because"),
    "minutes": _("min"),
    "known": _("Registered customer"),
    "no_column": _("Nobody has an agenda yet. Write a professional down first."),
    "not_a_professional": _("This login belongs to no professional yet. The shop's owner can link it."),
    "block_on": _("Drag over a column to block that time; a click blocks an hour."),
    "block_typed": _("Type the times"),
}


def config(
    *, permissions: AgendaPermissions, may: Callable[[str], bool], policy: Policy, now: datetime
) -> dict[str, Any]:
    """Return what the page needs to begin, in the language in force; one statement, and one more to book.

    `may`: whether the person has a permission, for the pages that a missing thing is written down on.
    """
    offered = _offered(permissions=permissions)
    language = get_language() or "pt-br"
    return {
        "language": "pt-BR" if language.startswith("pt") else "en",
        "today": now.astimezone(ZoneInfo(policy.timezone)).date().isoformat(),
        "snap": policy.slot_granularity_minutes,
        "urls": {
            "root": reverse("agenda:page"),
            "week": reverse("agenda:week"),
            "times": reverse("agenda:times"),
            "why": reverse("why:day"),
            "customers": reverse("agenda:customers"),
            "visits": reverse("agenda:visits"),
            "timeOff": reverse("agenda:time-off"),
        },
        "may": {
            "manage": permissions.books,
            "force": permissions.forces,
            "block": permissions.blocks,
            "unblock": permissions.unblocks,
            "find": permissions.finds_customers,
            "seeAll": permissions.sees_all,
        },
        "services": [
            {
                "sku": offer.sku,
                "name": offer.name,
                "minutes": offer.duration,
                "price": format_brl(offer.price),
                "professionals": [str(one.public_id) for one in offer.performers],
            }
            for offer in offered
            if offer.performers
        ],
        "missing": _missing(offered=offered, may=may) if permissions.manages else [],
        "tenders": [{"code": code, "name": str(name)} for code, name in Payment.Tender.choices],
        "states": [{"code": state, "name": str(Appointment.State(state).label)} for state in LEGEND],
        "reasons": {code: str(text) for code, text in REASONS.items()},
        "texts": {name: str(text) for name, text in TEXTS.items()},
    }


def _offered(*, permissions: AgendaPermissions) -> Sequence[Offer]:
    """Return what the person may book: all there is, or what they perform themselves, with nobody else."""
    if permissions.manages:
        return selectors.offers_by_name()
    own = selectors.professional_of_login(user_id=permissions.user_id) if permissions.manages_own else None
    if own is None:
        return []
    mine = [(offer, [one for one in offer.performers if one.public_id == own]) for offer in selectors.offers_by_name()]
    return [replace(offer, performers=tuple(alone)) for offer, alone in mine if alone]


def _missing(*, offered: Sequence[Offer], may: Callable[[str], bool]) -> list[dict[str, Any]]:
    """Return what a booking still wants of the setup, in words, each with the page where it is written down."""
    services = reverse("admin:scheduling_service_add"), may("scheduling.add_service")
    people = reverse("admin:scheduling_professional_add"), may("scheduling.add_professional")
    team = reverse("admin:scheduling_professional_changelist"), may("scheduling.change_professional")
    unperformed = [offer.name for offer in offered if not offer.performers]
    rules, special = (model.objects.filter(professional=OuterRef("pk")) for model in (AvailabilityRule, DateOverride))
    people_there = Professional.objects.filter(is_active=True).annotate(works=Exists(rules) | Exists(special))
    works = list(people_there.values_list("works", flat=True))
    wanted = [
        (not offered, _("There is no service on sale yet."), _("Write a service down"), services),
        (not works, _("There is no professional yet."), _("Write a professional down"), people),
        (
            bool(works and unperformed),
            _("Nobody performs this yet: %(names)s.") % {"names": ", ".join(unperformed)},
            _("Say who performs it"),
            team,
        ),
        (
            bool(works) and not any(works),
            _("Nobody has working hours yet, so no time is free."),
            _("Write the hours down"),
            team,
        ),
    ]
    return [
        {"text": str(text), "link": str(label), "page": page if allowed else None}
        for holds, text, label, (page, allowed) in wanted
        if holds
    ]
