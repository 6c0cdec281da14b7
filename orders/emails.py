"""The e-mails of an order: plain text, in the customer's language, with the link that opens the order.

The Message-ID is made from the event and the recipient, so a message sent again after a crash is
recognised as the same one by every mail system.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from common.access import access_token
from common.money import format_brl
from orders.amounts import shown_total
from orders.models import Order, OrderLine
from shop.policy import Policy


def to_customer(*, name: str, order: Order, lines: Sequence[OrderLine], policy: Policy, event_id: UUID) -> None:
    """Send the customer the message of event `name`. Raises smtplib and socket errors."""
    with translation.override(order.language), timezone.override(policy.timezone):
        subjects = {
            "order.placed": _("We have your order %(number)s"),
            "order.confirmed": _("Payment received: order %(number)s is confirmed"),
            "order.cancelled": _("Order %(number)s was cancelled"),
            "order.expired": _("Order %(number)s has expired"),
            "order.paid_too_late": _("The payment of order %(number)s came too late"),
            "fulfilment.ready": _("Order %(number)s is ready for pickup"),
            "fulfilment.shipped": _("Order %(number)s is on its way"),
        }
        token = access_token(kind="order", public_id=order.public_id)
        link = f"{settings.PUBLIC_URL}/api/v1/orders/{order.number}/?access_token={token}"
        context = _context(order=order, lines=lines, policy=policy) | {"event": name, "link": link}
        body = render_to_string("orders/emails/customer.txt", context)
        subject = subjects[name] % {"number": order.number}
        _send(subject=subject, body=body, policy=policy, recipient=order.contact.email, event_id=event_id)


def to_shop(*, order: Order, lines: Sequence[OrderLine], policy: Policy, event_id: UUID) -> None:
    """Tell the shop about a new order. Raises smtplib and socket errors."""
    with translation.override(settings.LANGUAGE_CODE), timezone.override(policy.timezone):
        body = render_to_string("orders/emails/shop.txt", _context(order=order, lines=lines, policy=policy))
        subject = _("New order %(number)s") % {"number": order.number}
        _send(subject=subject, body=body, policy=policy, recipient=policy.email, event_id=event_id)


def _context(*, order: Order, lines: Sequence[OrderLine], policy: Policy) -> dict[str, Any]:
    return {
        "order": order,
        "contact": order.contact,
        "lines": [(line, _amount(line.line_total, currency=order.currency)) for line in lines],
        "total": _amount(shown_total(order=order), currency=order.currency),
        "policy": policy,
    }


def _amount(amount: Decimal, *, currency: str) -> str:
    return format_brl(amount) if currency == "BRL" else f"{currency} {amount}"


def _send(*, subject: str, body: str, policy: Policy, recipient: str, event_id: UUID) -> None:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    EmailMessage(
        subject=subject,
        body=body,
        to=[recipient],
        reply_to=[policy.email] if policy.email else None,
        headers={"Message-ID": f"<{uuid5(event_id, recipient)}@{domain}>"},
    ).send()
