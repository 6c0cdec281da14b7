"""Writes to people about their orders. Called by the outbox, once per event, with no transaction open.

The order is read again at that moment: a message about a step that a later one has overtaken is not sent at all, since
the later step sends its own, and the figures are those of the moment it goes out.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from orders import emails, selectors
from orders.emails import named
from orders.lifecycle import effective_status
from orders.models import Fulfilment, Order

CAUSES: Mapping[str, str] = {
    "order.placed": "placed",
    "order.confirmed": "confirmed",
    "order.line_cancelled": "line_cancelled",
    "order.pickup_moved": "pickup_moved",
    "order.cancelled": "cancelled",
    "order.fee_waived": "fee_waived",
    "order.expired": "expired",
    "order.paid_too_late": "paid_too_late",
    "order.link_renewed": "link_renewed",
    "fulfilment.ready": "ready",
    "fulfilment.shipped": "shipped",
}
STILL_TRUE: Mapping[str, tuple[str, ...]] = {
    "placed": ("pending", "confirmed", "completed"),
    "confirmed": ("confirmed", "completed"),
    "line_cancelled": ("pending", "confirmed", "completed"),
    "pickup_moved": ("pending", "confirmed"),
    "cancelled": ("cancelled",),
    "fee_waived": ("confirmed", "completed", "cancelled"),
    "expired": ("expired",),
    "paid_too_late": ("expired",),
    "link_renewed": tuple(Order.Status.values),
    "ready": ("confirmed", "completed"),
    "shipped": ("confirmed", "completed"),
}
SAID_IN_PERSON = ("placed", "confirmed", "line_cancelled", "cancelled")
"""What somebody who bought at the counter is told there."""


def is_written_to(*, order: Order, name: str) -> bool:
    """Say whether the customer of an order hears of `name` ("order.confirmed", ...) by letter, once it happens."""
    said = order.channel == Order.Channel.COUNTER and CAUSES[name] in SAID_IN_PERSON
    return bool(order.contact.email) and not said


def mail_customer(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Write to the customer about `name` ("order.placed", ...), unless it is no longer true.

    Whoever gave no e-mail, or closed their account, is not written to.

    Raises what the mail server raises; the outbox tries again.
    """
    order = _order(payload=payload)
    cause = CAUSES[name]
    if not is_written_to(order=order, name=name):
        return
    if not _still_true(order=order, cause=cause, payload=payload, now=now):
        return
    told = selectors.told_of(order=order, now=now)
    facts = selectors.facts_of(cause=cause, told=told, now=now)
    gone = [named(line=line) for line in told.lines if str(line.public_id) == payload.get("line")]
    emails.to_customer(
        told=told,
        facts=facts,
        event_id=event_id,
        now=now,
        gone=", ".join(gone),
        client=selectors.asked_from(order=order),
        is_known=selectors.is_known_reader(contact=order.contact),
    )


def mail_shop(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Tell the shop about a new order, if it has an address to be told at."""
    order = _order(payload=payload)
    if order.channel == Order.Channel.COUNTER:
        return  # the shop has sold it itself
    told = selectors.told_of(order=order, now=now)
    if told.policy.email:
        emails.to_shop(told=told, event_id=event_id, now=now)


def _order(*, payload: dict[str, Any]) -> Order:
    return Order.objects.select_related("contact").get(number=payload["order"])


def _still_true(*, order: Order, cause: str, payload: dict[str, Any], now: datetime) -> bool:
    status = effective_status(status=order.status, expires_at=order.expires_at, now=now)
    if status not in STILL_TRUE[cause] or payload.get("link", order.link_version) != order.link_version:
        return False
    if "fulfilment" in payload:  # said of a parcel, which may have gone on, come back or been given up since
        return Fulfilment.objects.filter(public_id=payload["fulfilment"], status=cause).exists()
    return "version" not in payload or not selectors.superseded(order=order, version=payload["version"])
