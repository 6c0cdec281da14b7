"""The JSON of a cart and of a quote, built from plain rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cart.pricing import Line, Prices, price


@dataclass(frozen=True)
class CartState:
    """What is shown of a cart beside its lines."""

    public_id: UUID
    status: str
    currency: str
    expires_at: datetime


def cart_document(*, cart: CartState, lines: Sequence[Line], notices: Iterable[dict[str, Any]] = ()) -> dict[str, Any]:
    """Return the whole cart as every cart write answers it."""
    prices = price(lines=lines)
    document: dict[str, Any] = {
        "id": str(cart.public_id),
        "status": cart.status,
        "currency": cart.currency,
        "lines": [line_document(line=line) for line in lines],
        "coupon": None,
        "subtotal": str(prices.subtotal),
        "discount": str(prices.discount),
        "total": str(prices.total),
        "expires_at": cart.expires_at.isoformat(),
        "notices": list(notices),
    }
    return document


def line_document(*, line: Line) -> dict[str, Any]:
    """Return one line; `price_changed` tells the price it had when it was last written."""
    changed = line.price_seen != line.unit_price
    return {
        "id": str(line.public_id),
        "kind": line.kind,
        "sku": line.sku,
        "name": line.name,
        "options": line.options,
        "quantity": line.quantity,
        "unit_price": str(line.unit_price),
        "line_total": str(line.line_total),
        "held_until": line.held_until.isoformat() if line.held_until else None,
        "price_changed": {"previous": str(line.price_seen)} if changed else None,
        "appointment": line.visit,
    }


def quote_document(
    *, lines: Sequence[Line], prices: Prices, currency: str, windows: Sequence[tuple[datetime, datetime]]
) -> dict[str, Any]:
    """Return what placing the order would cost, and when the goods could be picked up."""
    return {
        "lines": [line_document(line=line) for line in lines],
        "subtotal": str(prices.subtotal),
        "discount": str(prices.discount),
        "shipping": str(prices.shipping),
        "total": str(prices.total),
        "amount_due_now": str(prices.amount_due_now),
        "currency": currency,
        "pickup_windows": [
            {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()} for starts_at, ends_at in windows
        ],
    }
