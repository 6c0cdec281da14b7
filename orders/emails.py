"""The e-mails of an order: plain text, in the customer's language, with a link to the page of the order.

The Message-ID is made from the event and the recipient: a message sent again after a crash is recognised as the same
one by every mail system, and the next change of the order as a new one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from catalog.units import counted
from common import letters
from common.dates import when
from common.mail import Letter
from common.money import format_amount
from common.text import name_in_letters, without_links
from desk.shown import shown_phone
from orders import wording
from orders.access import token_of
from orders.messages import OrderFacts
from orders.models import Order, OrderContact, OrderLine
from orders.wording import page_path, pay_url
from scheduling.selectors import ClaimedVisit
from shop.policy import Policy


@dataclass(frozen=True)
class Told:
    """An order as a message speaks of it: lines with their cancellations, visits as they stand, by claim."""

    order: Order
    contact: OrderContact
    lines: Sequence[OrderLine]
    visits: Mapping[UUID, ClaimedVisit]
    policy: Policy

    @property
    def living_visits(self) -> list[ClaimedVisit]:
        """The visits of the lines that still count."""
        living = [line for line in self.lines if not line.called_off]
        return [self.visits[line.claim] for line in living if line.claim in self.visits]

    @property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.policy.timezone)


def to_customer(
    *,
    told: Told,
    facts: OrderFacts,
    event_id: UUID,
    now: datetime,
    gone: str = "",
    client: str = "",
    is_known: bool = False,
) -> None:
    """Send the customer the message about what happened; of a paid order always. Raises smtplib and socket errors."""
    written = customer_letter(told=told, facts=facts, event_id=event_id, gone=gone)
    letters.send(letter=replace(written, client=client, is_known=is_known, is_owed=told.order.paid > 0), now=now)


def to_shop(*, told: Told, event_id: UUID, now: datetime) -> None:
    """Tell the shop about a new order, however many there are. Raises smtplib and socket errors."""
    letters.send(letter=replace(shop_letter(told=told, event_id=event_id), is_owed=True), now=now)


def customer_letter(*, told: Told, facts: OrderFacts, event_id: UUID, gone: str = "") -> Letter:
    """Write the customer's message in their language; `gone` names the line that was called off."""
    order, policy = told.order, told.policy
    token = token_of(order=order)
    with translation.override(order.language):
        values = wording.values_of(order=order, facts=facts, zone=told.zone, gone=gone)
        context = _context(told=told) | {
            "sentences": wording.written(facts=facts, values=values),
            "instructions": policy.transfer_instructions if facts.by_transfer else "",
            "pay_link": _pay_link(told=told, facts=facts),
            "can_wait": facts.first <= 0,
            "link": settings.PUBLIC_URL + page_path(number=order.number, token=token),
        }
        return Letter(
            recipient=told.contact.email,
            subject=wording.subject(facts=facts, values=values),
            body=render_to_string("orders/emails/customer.txt", context),
            identity=uuid5(event_id, told.contact.email),
            reply_to=policy.email,
        )


def shop_letter(*, told: Told, event_id: UUID) -> Letter:
    """Write the shop's message about a new order, in the shop's language."""
    order, policy = told.order, told.policy
    with translation.override(settings.LANGUAGE_CODE):
        link = settings.PUBLIC_URL + reverse("admin:orders_order_change", args=[order.pk])
        context = _context(told=told) | {
            "method": order.get_payment_method_display() if order.total > 0 else "",
            "awaits_shop": any(visit.state == "requested" for visit in told.living_visits),
            "phone": shown_phone(told.contact.phone),
            "note": without_links(told.contact.note),
            "link": link,
        }
        return Letter(
            recipient=policy.email,
            subject=_("New order %(number)s") % {"number": order.number},
            body=render_to_string("orders/emails/shop.txt", context),
            identity=uuid5(event_id, policy.email),
            reply_to=told.contact.email,
        )


def lines_of(*, told: Told) -> list[dict[str, Any]]:
    """Return the lines as people read them: what, when if it is a visit, for how much, and whether it still counts."""
    return [
        {
            "name": named(line=line),
            "when": _when(visit=told.visits.get(line.claim), zone=told.zone),
            "amount": format_amount(line.line_total, currency=told.order.currency),
            "gone": line.called_off,
            "claim": line.claim,
        }
        for line in told.lines
    ]


def named(*, line: OrderLine) -> str:
    """Return what a line holds: how many of what, with the chosen options that the name does not tell already."""
    options = [value for _name, value in line.choices if value not in line.name]
    what = f"{line.name} ({', '.join(options)})" if options else line.name
    return what if line.kind == "visit" else counted(quantity=line.quantity, unit=line.unit, name=what)


def _pay_link(*, told: Told, facts: OrderFacts) -> str:
    """Return the address of the pay page; empty for who has chosen to pay at the counter, or where nothing is due."""
    if facts.method == "on_site":
        return ""
    return pay_url(order=told.order, status=facts.status, offered=told.policy.payment_methods) or ""


def _when(*, visit: ClaimedVisit | None, zone: ZoneInfo) -> str:
    if visit is None or not visit.live:
        return ""
    return _("%(when)s, with %(who)s") % {
        "when": when(moment=visit.starts_at, zone=zone),
        "who": visit.professional,
    }


def _context(*, told: Told) -> dict[str, Any]:
    return {
        "order": told.order,
        "contact": told.contact,
        "name": name_in_letters(told.contact.name),
        "lines": lines_of(told=told),
        "figures": wording.figures(order=told.order),
        "pickup": wording.pickup(order=told.order, zone=told.zone),
        "policy": told.policy,
    }
