"""The digest of an order and the chain of its history: what nobody can change without it showing.

Both are SHA-256 over canonical JSON. The digest covers what was agreed (lines, prices, times, terms),
not people: erasing a customer's name leaves every digest true.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

CENT = Decimal("0.01")


def digest_of(*, order: Any, lines: Sequence[Any]) -> str:
    """Return the digest of an order and its lines in position order, from their attributes."""
    agreed = {
        "number": order.number,
        "currency": order.currency,
        "payment_method": order.payment_method,
        "subtotal": _amount(order.subtotal),
        "discount": _amount(order.discount),
        "shipping": _amount(order.shipping),
        "total": _amount(order.total),
        "amount_due_now": _amount(order.amount_due_now),
        "fulfilment_method": order.fulfilment_method,
        "pickup": [_instant(order.agreed_pickup_starts_at), _instant(order.agreed_pickup_ends_at)],
        "placed_at": _instant(order.placed_at),
        "policy": order.policy_shown,
        "lines": [
            {
                "position": line.position,
                "kind": line.kind,
                "sku": line.sku,
                "name": line.name,
                "options": line.options,
                "quantity": line.quantity,
                "unit_price": _amount(line.unit_price),
                "discount": _amount(line.discount),
                "line_total": _amount(line.line_total),
                "appointment": line.appointment,
            }
            for line in lines
        ],
    }
    return _sha256(agreed)


def chain_of(*, previous: str, event: Any) -> str:
    """Return the link of a history event behind the link `previous` ("" for the first)."""
    step = {
        "previous": previous,
        "seq": event.seq,
        "from": event.from_status,
        "to": event.to_status,
        "actor": [event.actor_kind, event.actor_id, event.door],
        "reason": event.reason,
        "at": _instant(event.at),
    }
    if event.pickup_at is not None:
        step["pickup_at"] = _instant(event.pickup_at)
    return _sha256(step)


def _sha256(value: dict[str, Any]) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _amount(value: Decimal) -> str:
    return str(Decimal(value).quantize(CENT))


def _instant(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat() if value else None
