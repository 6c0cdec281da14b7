"""Writes to people about their orders. Called by the outbox, once per event, with no transaction open.

The order is read again at that moment, so a message about a state that has passed meanwhile is not
sent at all.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from orders import emails
from orders.lifecycle import effective_status
from orders.models import Order, OrderLine
from shop import services as shop

STILL_TRUE = {
    "order.placed": ("pending", "confirmed", "completed"),
    "order.confirmed": ("confirmed", "completed"),
    "order.cancelled": ("cancelled",),
    "order.expired": ("expired",),
    "order.paid_too_late": ("expired",),
    "fulfilment.ready": ("confirmed", "completed"),
    "fulfilment.shipped": ("confirmed", "completed"),
}


def mail_customer(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Write to the customer about `name` ("order.placed", ...), unless it is no longer true.

    Raises what the mail server raises; the outbox tries again.
    """
    order = _order(payload=payload)
    if _current_status(order=order, now=now) in STILL_TRUE[name] and not order.contact.anonymised_at:
        lines = list(OrderLine.objects.filter(order=order))
        emails.to_customer(name=name, order=order, lines=lines, policy=shop.policy(), event_id=event_id)


def mail_shop(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Tell the shop about a new order, if it has an address to be told at."""
    policy = shop.policy()
    if policy.email:
        order = _order(payload=payload)
        lines = list(OrderLine.objects.filter(order=order))
        emails.to_shop(order=order, lines=lines, policy=policy, event_id=event_id)


def _order(*, payload: dict[str, Any]) -> Order:
    return Order.objects.select_related("contact").get(number=payload["order"])


def _current_status(*, order: Order, now: datetime) -> str:
    return effective_status(status=order.status, expires_at=order.expires_at, now=now)
