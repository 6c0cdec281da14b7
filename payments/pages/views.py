"""The page on which a person pays an order: what is due, by when, with what, and that it has arrived.

It is opened by the order's own token, or by one that opens nothing but this page, so that a link can be handed on to
whoever pays. What is shown follows from the order and its payments alone; a script that is not needed asks whether that
has changed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from common import clock
from common.dates import when
from common.errors import Refusal
from common.money import format_amount
from orders import selectors as orders
from orders import wording as orders_wording
from orders.access import Access, find_to_pay, token_of
from orders.amounts import amount_due, asked_now, net_paid, payable_by
from orders.lifecycle import effective_status
from orders.messages import STANDS
from orders.models import Order
from orders.services import is_written_to
from orders.wording import whatsapp_url
from pages.views import VISITOR, CustomerPage, sentence
from payments import selectors
from payments import services as payments
from payments.models import Payment
from payments.selectors import Attempt
from payments.wording import PAY_TITLES, method_names, qr_svg

METHOD = "method"


@dataclass(frozen=True)
class Opened:
    """An order that the visitor may pay, as it stands at `now`, with the attempts to pay it, oldest first.

    `questioned`: whether money came for it that does not fit and waits for somebody to decide.
    """

    order: Order
    status: str
    attempts: list[Attempt]
    questioned: bool
    now: datetime

    @property
    def mark(self) -> str:
        """What is different once anything on the page is."""
        return selectors.mark_of(
            order=self.order, status=self.status, attempts=self.attempts, questioned=self.questioned
        )


class _OpenedToPay(CustomerPage):
    """Finds the order that the token lets somebody pay."""

    def opened(self, *, number: str) -> Opened:
        """Return the order. Raises NotFound."""
        now = clock.now()
        order = find_to_pay(number=number, access=Access(token=self.token, now=now))
        status = effective_status(status=order.status, expires_at=order.expires_at, now=now)
        return Opened(
            order=order,
            status=status,
            attempts=selectors.attempts_of(order=order, now=now),
            questioned=selectors.is_questioned(order=order),
            now=now,
        )

    def up_to_date(self, *, number: str) -> Opened:
        """Return the order once its open payments were asked about: their news may be late, or never come."""
        opened = self.opened(number=number)
        asked = payments.look_now(attempts=[one.payment for one in opened.attempts], now=opened.now)
        return self.opened(number=number) if asked else opened


class PayStatePage(_OpenedToPay):
    """Says whether the page is still as it was shown."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        """Answer the mark of what the page shows."""
        return JsonResponse({"mark": self.up_to_date(number=number).mark})


class PayPage(_OpenedToPay):
    """What is due, and the ways to pay it."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        """Show what is due and what was begun."""
        return self._shown(self.up_to_date(number=number))

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        """Begin to pay in the chosen way, or say why not; one that is open is shown again."""
        opened = self.opened(number=number)
        order, method = opened.order, request.POST.get(METHOD, "")
        own = Access(token=token_of(order=order), now=opened.now)  # who may pay it does so in its customer's place
        try:
            begun = payments.begin_payment(
                number=number,
                method=method,
                access=own,
                actor=VISITOR,
                now=opened.now,
                return_url=orders_wording.pay_address(order=order),
            )
        except Refusal as refusal:
            return self._shown(self.opened(number=number), refusal=refusal)
        given = begun.given
        straight_on = "&go=1" if given.get("checkout_url") and not given.get("pix_text") else ""
        response = HttpResponse(status=303)
        response.headers["Location"] = f"{request.path}?{self.query}&{METHOD}={method}{straight_on}"
        return response

    def _shown(self, opened: Opened, *, refusal: Refusal | None = None) -> HttpResponse:
        order, now = opened.order, opened.now
        told = orders.told_of(order=order, now=now)
        policy, zone = told.policy, told.zone
        ways = payable_by(order=order, status=opened.status, offered=policy.payment_methods)
        with self.speaking(language=order.language, zone=policy.timezone):
            facts = orders.facts_of(cause=STANDS, told=told, now=now)
            values = orders_wording.values_of(order=order, facts=facts, zone=zone)
            paid = bool(ways) and net_paid(order=order) > 0
            state = "pay" if ways else selectors.end_of(order=order, status=opened.status)
            context = {
                "title": str(PAY_TITLES[state]) % {"number": order.number},
                "shop": policy,
                "order": order,
                "chat": whatsapp_url(number=policy.whatsapp, order=order, lines=told.lines),
                "said": orders_wording.written(facts=facts, values=values) if not ways or paid else [],
                "state": state,
                "mark": opened.mark,
                "now": now,
                "state_url": reverse("pay-page-state", args=[order.number]),
                "refused": sentence(refusal, zone=zone) if refusal else "",
                "own": Access(token=self.token, now=now).holds_token_of(order=order),
                **self._to_pay(opened, ways=ways, instructions=policy.transfer_instructions, zone=zone),
            }
            return self.show("payments/pages/pay.html", context, status=refusal.status if refusal else 200)

    def _to_pay(self, opened: Opened, *, ways: list[str], instructions: str, zone: Any) -> dict[str, Any]:
        """Return what is due and how it is paid; nothing once nothing is."""
        if not ways:
            return {}
        order = opened.order
        begun = selectors.chosen(attempts=opened.attempts, method=self.request.GET.get(METHOD, ""), ways=ways)
        payment = begun.payment if begun else None
        given = payment.given if payment else {}
        until = begun.until if begun else order.expires_at if opened.status == "pending" else None
        names = method_names()
        text = given.get("pix_text", "")
        return {
            "amount": format_amount(payment.amount if payment else asked_now(order=order), currency=order.currency),
            "is_part": asked_now(order=order) < amount_due(order=order),
            "total": format_amount(amount_due(order=order), currency=order.currency),
            "until": until,
            "until_text": when(moment=until, zone=zone) if until else "",
            "begun": payment,
            "method": names.get(payment.method, "") if payment else "",
            "pix_text": text,
            "qr": qr_svg(text=text, sized=False) if text else "",
            "checkout_url": given.get("checkout_url", ""),
            "goes_on": bool(given.get("checkout_url")) and "go" in self.request.GET,
            "questioned": opened.questioned,
            "failed": selectors.last_failed(attempts=opened.attempts),
            "instructions": instructions,
            "by_transfer": "transfer" in ways and (payment is None or payment.method == "transfer"),
            "choices": [
                (way, names[way]) for way in ways if way != "transfer" and (payment is None or way != payment.method)
            ],
            "afterwards": _afterwards(order=order, by_hand=payment is not None and payment.gateway == "pix"),
            "lost": payment is not None and payment.answered_at is None and payment.status == Payment.Status.PENDING,
        }


def _afterwards(*, order: Order, by_hand: bool) -> str:
    """Return how whoever pays hears that it arrived: on the page, and by letter where one is written."""
    written = is_written_to(order=order, name="order.confirmed")
    if by_hand and written:
        return _("When we see your payment, we confirm it here and by e-mail. You can close this page.")
    if by_hand:
        return _("When we see your payment, we confirm it here. You can close this page and come back.")
    if written:
        return _("As soon as your payment arrives, this page says so. You can close it; we write to you as well.")
    return _("As soon as your payment arrives, this page says so. You can close it and come back.")
