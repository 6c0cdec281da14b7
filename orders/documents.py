"""The JSON of an order and of its fulfilments, from rows already read.

The very same function answers the placing of an order, from rows just written, and every later
reading, so a replayed answer and a fresh one differ only in what has happened since.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.utils import translation
from django.utils.translation import gettext as _

from common.access import access_token
from common.actors import role_of
from common.money import CENT, format_amount
from orders.amounts import amount_due, payment_status, shown_total
from orders.lifecycle import effective_status
from orders.models import Fulfilment, Order, OrderContact, OrderEvent, OrderLine
from orders.wording import reason_text


def order_document(
    *,
    order: Order,
    cart_id: str,
    contact: OrderContact,
    lines: Sequence[OrderLine],
    events: Sequence[OrderEvent],
    fulfilments: Iterable[Fulfilment],
    whatsapp: str,
    with_token: bool,
    now: datetime,
) -> dict[str, Any]:
    """Return the whole order; `with_token` False leaves `access_token` null, for eyes that did not bring it."""
    status = effective_status(status=order.status, expires_at=order.expires_at, now=now)
    return {
        "number": order.number,
        "cart": cart_id,
        "access_token": access_token(kind="order", public_id=order.public_id) if with_token else None,
        "status": status,
        "currency": order.currency,
        "lines": [line_document(line=line) for line in lines],
        **{name: _text(getattr(order, name)) for name in ("subtotal", "discount", "shipping", "total")},
        "amount_due_now": _text(order.amount_due_now),
        **_money(order=order),
        "coupon": None,
        "customer": {
            "name": contact.name,
            "email": contact.email,
            "phone": contact.phone or None,
            "document": contact.document or None,
        },
        "fulfilment": _fulfilment(order=order, contact=contact),
        "fulfilments": [fulfilment_document(fulfilment=fulfilment) for fulfilment in fulfilments],
        "note": contact.note or None,
        "payment": {"method": order.payment_method, "status": payment_status(order=order)},
        "whatsapp_url": whatsapp_url(number=whatsapp, order=order, lines=lines),
        "expires_at": _instant(order.expires_at) if status == "pending" else None,
        "placed_at": _instant(order.placed_at),
        "history": history_document(order=order, events=events, now=now),
    }


def order_summary(*, order: Order, contact: OrderContact, now: datetime) -> dict[str, Any]:
    """Return an order as a list shows it."""
    status = effective_status(status=order.status, expires_at=order.expires_at, now=now)
    return {
        "number": order.number,
        "status": status,
        "currency": order.currency,
        "total": _text(order.total),
        **_money(order=order),
        "customer": {"name": contact.name, "email": contact.email},
        "fulfilment": _fulfilment(order=order, contact=contact),
        "payment": {"method": order.payment_method, "status": payment_status(order=order)},
        "expires_at": _instant(order.expires_at) if status == "pending" else None,
        "placed_at": _instant(order.placed_at),
    }


def line_document(*, line: OrderLine) -> dict[str, Any]:
    """Return one line as it was sold."""
    return {
        "id": str(line.public_id),
        "kind": line.kind,
        "sku": line.sku,
        "name": line.name,
        "options": line.options,
        "quantity": line.quantity,
        "unit_price": _text(line.unit_price),
        "discount": _text(line.discount),
        "line_total": _text(line.line_total),
        "appointment": line.appointment,
        "cancelled_at": _instant(line.cancellation.at) if is_cancelled(line=line) else None,
    }


def is_cancelled(*, line: OrderLine) -> bool:
    """Say whether a line read with its cancellation has one; a line just placed has none."""
    return getattr(line, "cancellation", None) is not None


def fulfilment_document(*, fulfilment: Fulfilment) -> dict[str, Any]:
    """Return a fulfilment with its lines, which must have been read with their order lines."""
    return {
        "id": str(fulfilment.public_id),
        "status": fulfilment.status,
        "lines": [{"line": str(row.line.public_id), "quantity": row.quantity} for row in fulfilment.lines.all()],
        "tracking": fulfilment.tracking or None,
    }


def history_document(*, order: Order, events: Sequence[OrderEvent], now: datetime) -> list[dict[str, Any]]:
    """Return the order's steps, oldest first; an expiry nobody has written down yet is among them."""
    steps: list[dict[str, Any]] = [
        {
            "at": _instant(event.at),
            "from": event.from_status or None,
            "to": event.to_status,
            "actor": role_of(kind=event.actor_kind),
            "reason": reason_text(reason=event.reason) or None,
            "pickup_at": _instant(event.pickup_at),
        }
        for event in events
    ]
    if effective_status(status=order.status, expires_at=order.expires_at, now=now) != order.status:
        steps.append(
            {
                "at": _instant(order.expires_at),
                "from": order.status,
                "to": "expired",
                "actor": "system",
                "reason": None,
                "pickup_at": None,
            }
        )
    return steps


def page_path(*, number: str, token: str) -> str:
    """Return the path of the page on which a person sees the order, opened by its token."""
    return f"/orders/{number}/?access_token={token}"


def whatsapp_url(*, number: str, order: Order, lines: Sequence[OrderLine]) -> str | None:
    """Return a link that opens a chat with the shop, the order written out in its customer's language.

    None where the shop has no number. Lines called off are left out of an order that still counts.
    """
    if not number:
        return None
    counted = [line for line in lines if not is_cancelled(line=line)] or lines
    with translation.override(order.language):
        text = _("Order %(number)s: %(items)s. Total %(total)s") % {
            "number": order.number,
            "items": ", ".join(f"{line.quantity} x {line.name}" for line in counted),
            "total": format_amount(shown_total(order=order), currency=order.currency),
        }
    return f"https://wa.me/{number.lstrip('+')}?text={quote(text)}"


def _fulfilment(*, order: Order, contact: OrderContact) -> dict[str, Any] | None:
    if not order.fulfilment_method:
        return None
    if order.fulfilment_method == Order.FulfilmentMethod.DELIVERY:
        return {"method": "delivery", "address": contact.address}
    return {
        "method": "pickup",
        "pickup_at": _instant(order.pickup_starts_at),
        "pickup_until": _instant(order.pickup_ends_at),
        "person": contact.pickup_person or None,
    }


def _money(*, order: Order) -> dict[str, str]:
    """Return what has happened to the total since it was agreed."""
    return {
        "cancelled": _text(order.cancelled),
        "paid": _text(order.paid),
        "refunded": _text(order.refunded),
        "amount_due": _text(amount_due(order=order)),
    }


def _text(amount: Decimal) -> str:
    return str(Decimal(amount).quantize(CENT))


def _instant(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
