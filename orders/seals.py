"""The digest of an order and the chain of its history: what nobody can change without it showing.

Both are SHA-256 over canonical JSON. The digest covers what was agreed (lines, prices, times, terms),
not people: erasing a customer's name leaves every digest true.

A digest says by which rule it was made. The second one seals values in an order of its own, so that neither an answer
nor a column can change how an agreement is sealed. The first one sealed the columns as they were spelled; orders that
bear it are verified by it for as long as there are any.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from cart.pricing import Visit
from catalog.units import Unit
from orders.snapshots import choices_of, visit_of

CENT = Decimal("0.01")
SECOND = "v2:"
UNREADABLE = "unreadable"


def digest_of(*, order: Any, lines: Sequence[Any]) -> str:
    """Return the digest of an order and its lines in position order, from what their columns hold."""
    agreed = [
        *[order.number, order.currency, order.payment_method],
        *[_amount(amount) for amount in (order.subtotal, order.discount, order.shipping, order.total)],
        _amount(order.amount_due_now),
        *[order.fulfilment_method, _instant(order.agreed_pickup_starts_at), _instant(order.agreed_pickup_ends_at)],
        _instant(order.placed_at),
        sorted(order.policy_shown.items()),
        [_line(line) for line in lines],
    ]
    digest = hashlib.sha256(_canonical(agreed)).digest()
    return SECOND + urlsafe_b64encode(digest).rstrip(b"=").decode()


def digest_like(digest: str, *, order: Any, lines: Sequence[Any]) -> str:
    """Return the digest of an order by the rule that made `digest`; they differ if what was agreed has changed."""
    if not digest.startswith(SECOND):
        return _first_digest_of(order=order, lines=lines)
    try:
        return digest_of(order=order, lines=lines)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):  # a column that is no snapshot any more
        return UNREADABLE


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
    return hashlib.sha256(_canonical(step)).hexdigest()


def _line(line: Any) -> list[Any]:
    """Return what of a line is sealed: a deposit where one was asked, its unit where that is not a piece.

    Without either a line is sealed as ever.
    """
    measured = [] if line.unit == Unit.PIECE else [line.unit, line.price_per]
    return [
        *[line.position, line.kind, line.sku, line.name, choices_of(line.options), line.quantity],
        *[_amount(amount) for amount in (line.unit_price, line.discount, line.line_total)],
        _visit(visit_of(line.appointment)),
        *([_amount(line.deposit)] if line.deposit else []),
        *measured,
    ]


def _visit(visit: Visit | None) -> list[Any] | None:
    if visit is None:
        return None
    services = [[one.sku, one.name, _amount(one.price), one.duration_minutes] for one in visit.services]
    return [
        *[str(visit.appointment), _instant(visit.starts_at), _instant(visit.ends_at), visit.timezone],
        *[str(visit.professional_id), visit.professional, services],
    ]


def _first_digest_of(*, order: Any, lines: Sequence[Any]) -> str:
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
    return hashlib.sha256(_canonical(agreed)).hexdigest()


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _amount(value: Decimal) -> str:
    return str(Decimal(value).quantize(CENT))


def _instant(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat() if value else None
