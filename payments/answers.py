"""What requests say of money, and what the till answers."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from api.answers import Answer, InstantText, instant, instant_if, one_of, to_keep
from api.bodies import Body
from api.kinds import Amount, Choice, Flag, Many, TextLine
from common.idempotency import StoredResponse
from orders.answers import HandoverRequest
from orders.lifecycle import METHODS
from payments.models import Payment, Refund


class ConfirmRequest(Body, frozen=True, kw_only=True):
    """Money that arrived for an order."""

    amount: Annotated[Decimal, Amount(positive=True)]
    reference: Annotated[str, TextLine(100)] = ""


class PaymentRequest(Body, frozen=True, kw_only=True):
    """How the rest is paid."""

    method: Annotated[str, Choice(*METHODS)]


class RefundRequest(Body, frozen=True, kw_only=True):
    """Money to give back, and what comes back for it."""

    amount: Annotated[Decimal, Amount(positive=True)] | None = None
    lines: Annotated[list[HandoverRequest], Many(50)] = []
    restock: Annotated[bool, Flag()]
    reason: Annotated[str, TextLine(200)]


class PaymentResponse(Answer, frozen=True, kw_only=True):
    """Money received or awaited; `expires_at` is the order's deadline while it is awaited."""

    id: UUID
    gateway: str
    method: str
    status: Annotated[str, one_of("pending", "succeeded", "failed")]
    amount: Decimal
    currency: str
    reference: str | None
    expires_at: InstantText | None
    received_at: InstantText | None


class RefundResponse(Answer, frozen=True, kw_only=True):
    """Money given back."""

    id: UUID
    status: Annotated[str, one_of("due", "succeeded")]
    amount: Decimal
    currency: str
    reason: str
    at: InstantText


def payment_answer(payment: Payment) -> PaymentResponse:
    """Say a payment."""
    waiting = payment.status == Payment.Status.PENDING
    return PaymentResponse(
        id=payment.public_id,
        gateway=payment.gateway,
        method=payment.method,
        status=payment.status,
        amount=payment.amount,
        currency=payment.currency,
        reference=payment.reference or None,
        expires_at=instant_if(payment.order.expires_at) if waiting else None,
        received_at=instant_if(payment.received_at),
    )


def paid(payment: Payment) -> StoredResponse:
    """Answer a payment that has begun."""
    return to_keep(payment_answer(payment), status=201)


def refunded(refund: Refund) -> StoredResponse:
    """Answer a refund that was written down."""
    answer = RefundResponse(
        id=refund.public_id,
        status=refund.status,
        amount=refund.amount,
        currency=refund.currency,
        reason=refund.reason,
        at=instant(refund.created_at),
    )
    return to_keep(answer, status=201)
