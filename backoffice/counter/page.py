"""What the counter's page is told before it asks anything: what the person may, who performs what, and its words.

The words travel from here because the page's scripts are files without translation.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.agenda.people import FORCES
from backoffice.counter.people import FINDS_CUSTOMERS, PINS
from catalog.units import MEASURED_SOLD_AT_ONCE, PIECES_SOLD_AT_ONCE
from payments.models import Payment
from scheduling import selectors as scheduling

NOBODY = UUID(int=0)
SEES_STOCK = "inventory.view_stockitem"
ICONS = {"cash": "payments", "card": "credit_card", "pix": "qr_code_2"}

REASONS = (_("A good customer"), _("The last of the day"), _("A promotion"), _("Something was wrong with it"))

TEXTS = {
    "added": _("%(name)s: added."),
    "already_there": _("That is in the sale already."),
    "already_paid": _("Paid already"),
    "amount": _("Amount"),
    "amount_wanted": _("Write an amount such as 12,50."),
    "any": _("Whoever is free"),
    "ask_again": _("Ask again"),
    "back": _("Back"),
    "card_hint": _("Pass the card at the machine; sell once it says approved."),
    "change": _("Change: %(amount)s"),
    "clear_parked": _("%(label)s waits on as it was, or is thrown away with everything in it."),
    "complete": _("Complete the sale"),
    "copied": _("Copied."),
    "copy_pix": _("Copy the Pix code"),
    "customer": _("Customer"),
    "discount": _("Discount"),
    "dropped": _("%(label)s: thrown away."),
    "finish_first": _("Sell or park what is in the sale first."),
    "force": _("Begin it all the same"),
    "force_why": _("Why, although the time is not free"),
    "label_wanted": _("Write a name, a table or a chair."),
    "left": _("Still to be paid: %(amount)s"),
    "limit": _("You may take off up to %(amount)s of this sale."),
    "loading": _("One moment…"),
    "no_parked": _("Nothing is parked."),
    "no_sales": _("Nothing was sold at the counter today."),
    "no_pix": _("The shop has no Pix key yet: show the one of the bank."),
    "no_visits": _("No visit of today waits to be paid."),
    "note": _("Note"),
    "notes": _("Banknotes"),
    "nothing_found": _("Nothing goes by “%(words)s”."),
    "offline": _("The shop cannot be reached. Check the connection and try again."),
    "one_less": _("One less: %(name)s"),
    "one_more": _("One more: %(name)s"),
    "order_number": _("Order %(number)s"),
    "ordered": _("Order taken"),
    "ordered_for": _("%(amount)s, to be collected on %(when)s"),
    "day_of": _("Day: %(name)s"),
    "looking": _("Looking up free times…"),
    "nearest": _("Nearest free times"),
    "no_times": _("No free time on this day."),
    "over": _("Too much by %(amount)s"),
    "parked": _("%(label)s: parked."),
    "percent_wanted": _("Write per cent such as 10, at most 100."),
    "phone_seated": _("Take the visit of today out first: it is in the agenda already."),
    "phone_times": _("Choose a time for each visit."),
    "phone_total": _("In all %(amount)s"),
    "phone_who": _("Whoever orders by telephone has a name and a number."),
    "pieces_wanted": _("Write a quantity from 1 to %(most)s."),
    "pin": _("Pin: %(name)s"),
    "pin_earlier": _("Further to the front: %(name)s"),
    "pin_hint": _(
        "What is pinned stays on top, in this order. Search for anything else to pin it; nothing is sold meanwhile."
    ),
    "unpin": _("Do not pin any more: %(name)s"),
    "pix_code": _("QR code of a Pix of %(amount)s"),
    "pix_by_hand": _("It is paid another way: I check at the bank"),
    "pix_ended": _("The Pix was cancelled. Nothing was sold; the sale is still here."),
    "pix_shown_next": _("The next step shows the code. The sale completes by itself once the Pix has arrived."),
    "pix_until": _("The code can be paid for %(time)s more."),
    "pix_hint": _("Sell once the bank says that it has arrived."),
    "quantity_of": _("Quantity: %(name)s"),
    "reason": _("Reason"),
    "reason_wanted": _("Say why."),
    "receipt": _("Receipt"),
    "received": _("Received (empty: exactly)"),
    "sale": _("Sale"),
    "sale_number": _("Sale %(number)s"),
    "several_found": _("Several things go by “%(words)s”. Search once more and choose."),
    "show_pix": _("Show the Pix code"),
    "sold_title": _("Sold"),
    "sold": _("%(amount)s received"),
    "subtotal": _("Subtotal"),
    "take_off": _("Take out: %(name)s"),
    "no_tip": _("Take the tip out"),
    "tip": _("Tip"),
    "tip_as": _("Tip handed over as"),
    "tip_for": _("Tip for"),
    "tips_taken": _("Tip: %(amount)s"),
    "with_tips": _("With the tip: %(amount)s"),
    "too_little": _("%(missing)s are missing."),
    "too_much": _("Look at what was received: that would be too much change."),
    "undo": _("Undo"),
    "undo_hint": _("Sale %(number)s of %(total)s: the goods go back into stock, the money back the way it came."),
    "undone": _("Undone"),
    "undone_sale": _("Sale %(number)s is undone."),
    "unsure": _(
        "The shop has not answered. The sale may have been made: ask again before anything else, "
        "it will not be made twice."
    ),
    "volume_example": _("0,350 or 350 ml"),
    "volume_of": _("Volume: %(name)s"),
    "volume_wanted": _("Write a volume such as 0,350 or 350 ml."),
    "weight_example": _("0,350 or 350 g"),
    "weight_of": _("Weight: %(name)s"),
    "weight_wanted": _("Write a weight such as 0,350 or 350 g."),
    "whatsapp": _("Send by WhatsApp"),
    "whole_order": _("all of order %(number)s"),
    "who_of": _("Professional: %(name)s"),
    "why_not": _("Why is it not available?"),
    "why_total": _("Why this total?"),
}


def config(*, user_id: int, may: Callable[[str], bool]) -> dict[str, Any]:
    """Return what the page needs to begin, in the language in force; one statement.

    `may`: whether the person has a permission.
    """
    offered = [offer for offer in scheduling.offers_by_name() if offer.performers]
    return {
        "user": user_id,
        "urls": {
            "find": reverse("counter:find"),
            "today": reverse("counter:today"),
            "price": reverse("counter:price"),
            "sell": reverse("counter:sell"),
            "pix": reverse("counter:pix"),
            "await": reverse("counter:await"),
            "awaited": reverse("counter:awaited", args=[NOBODY]).replace(str(NOBODY), "ID"),
            "parked": reverse("counter:parked"),
            "oneParked": reverse("counter:one-parked", args=[NOBODY]).replace(str(NOBODY), "ID"),
            "phone": reverse("counter:phone"),
            "times": reverse("counter:times"),
            "sales": reverse("counter:sales"),
            "undo": reverse("counter:undo", args=["NUMBER"]),
            "customers": reverse("counter:customers"),
            "pin": reverse("counter:pin"),
            "why": reverse("why:look") if may(SEES_STOCK) else "",
        },
        "may": {"find": may(FINDS_CUSTOMERS), "force": may(FORCES), "pin": may(PINS)},
        "mostPieces": PIECES_SOLD_AT_ONCE,
        "mostMeasured": MEASURED_SOLD_AT_ONCE,
        "people": {str(one.public_id): one.name for offer in offered for one in offer.performers},
        "performers": {
            offer.sku: [{"id": str(one.public_id), "price": str(one.price)} for one in offer.performers]
            for offer in offered
        },
        "tenders": [{"code": code, "name": str(name), "icon": ICONS[code]} for code, name in Payment.Tender.choices],
        "reasons": [str(reason) for reason in REASONS],
        "texts": {name: str(text) for name, text in TEXTS.items()},
    }
