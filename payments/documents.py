"""The JSON of payments and refunds."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from common.money import CENT
from payments.models import Payment, Refund


def payment_document(*, payment: Payment, expires_at: datetime | None) -> dict[str, Any]:
    """Return a payment; `expires_at` is the order's deadline while the money is awaited."""
    waiting = payment.status == Payment.Status.PENDING and expires_at is not None
    return {
        "id": str(payment.public_id),
        "gateway": payment.gateway,
        "method": payment.method,
        "status": payment.status,
        "amount": _text(payment.amount),
        "currency": payment.currency,
        "reference": payment.reference or None,
        "expires_at": expires_at.isoformat() if waiting and expires_at else None,
        "received_at": payment.received_at.isoformat() if payment.received_at else None,
    }


def refund_document(*, refund: Refund) -> dict[str, Any]:
    """Return a refund."""
    return {
        "id": str(refund.public_id),
        "status": refund.status,
        "amount": _text(refund.amount),
        "currency": refund.currency,
        "reason": refund.reason,
        "at": refund.created_at.isoformat(),
    }


def _text(amount: Decimal) -> str:
    return str(Decimal(amount).quantize(CENT))
