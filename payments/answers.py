"""What requests say of money, and what the till answers."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, UnsetType

from api.answers import Answer, InstantText, instant, instant_if, one_of, to_keep
from api.bodies import Body
from api.kinds import Amount, Choice, Flag, Many, TextLine, WebAddress
from api.kinds_of_people import Pasted
from common.idempotency import StoredResponse
from orders.answers import HandoverRequest
from payments import selectors
from payments.lifecycle import effective_status
from payments.models import Payment
from payments.services import GivenBack
from payments.wording import qr_svg
from shop.policy import PAYMENT_METHODS


class ConfirmRequest(Body, frozen=True, kw_only=True):
    """Money that arrived for an order."""

    amount: Annotated[Decimal, Amount(positive=True)]
    reference: Annotated[str, Pasted(100)] = ""


class PaymentRequest(Body, frozen=True, kw_only=True):
    """How what is due is paid; `return_url`: where the gateway's page leads back to."""

    method: Annotated[str, Choice(*PAYMENT_METHODS)]
    return_url: Annotated[str, WebAddress(500)] = ""


class RefundRequest(Body, frozen=True, kw_only=True):
    """Money to give back, and what comes back for it."""

    amount: Annotated[Decimal, Amount(positive=True)] | None = None
    lines: Annotated[list[HandoverRequest], Many(50)] = []
    restock: Annotated[bool, Flag()]
    reason: Annotated[str, TextLine(200)]


class PixResponse(Answer, frozen=True, kw_only=True):
    """A Pix to copy into a bank's app, and the same as a QR code."""

    copy_paste: str
    qr_svg: str


class PaymentResponse(Answer, frozen=True, kw_only=True):
    """Money received or awaited, until `expires_at`; what it is paid with stands beside it while it is awaited."""

    id: UUID
    gateway: str
    method: str
    status: Annotated[str, one_of("pending", "succeeded", "failed", "expired", "cancelled")]
    amount: Decimal
    currency: str
    reference: str | None
    expires_at: InstantText | None
    received_at: InstantText | None
    pix: PixResponse | UnsetType = UNSET
    client_secret: str | UnsetType = UNSET
    checkout_url: str | UnsetType = UNSET


class RefundResponse(Answer, frozen=True, kw_only=True):
    """Money given back; where it goes back to several payments, `amount` is all of it and `id` names the first part."""

    id: UUID
    status: Annotated[str, one_of("due", "sent", "succeeded", "refused")]
    amount: Decimal
    currency: str
    reason: str
    at: InstantText


class HeardResponse(Answer, frozen=True, kw_only=True):
    """What a gateway told is stored."""

    stored: bool


def payment_answer(payment: Payment, *, now: datetime) -> PaymentResponse:
    """Say a payment, read with its order, as it stands at `now`."""
    until = selectors.payable_until(payment=payment)
    status = effective_status(status=payment.status, expires_at=until, now=now)
    given = payment.given if status == Payment.Status.PENDING else {}
    text = given.get("pix_text", "")
    return PaymentResponse(
        id=payment.public_id,
        gateway=payment.gateway,
        method=payment.method,
        status=status,
        amount=payment.amount,
        currency=payment.currency,
        reference=payment.reference or None,
        expires_at=instant_if(until) if status == Payment.Status.PENDING else None,
        received_at=instant_if(payment.received_at),
        pix=PixResponse(copy_paste=text, qr_svg=qr_svg(text=text)) if text else UNSET,
        client_secret=given.get("client_secret") or UNSET,
        checkout_url=given.get("checkout_url") or UNSET,
    )


def paid(payment: Payment, *, now: datetime) -> StoredResponse:
    """Answer a payment that has begun."""
    return to_keep(payment_answer(payment, now=now), status=201)


def refunded(back: GivenBack) -> StoredResponse:
    """Answer money that is given back."""
    answer = RefundResponse(
        id=back.first.public_id,
        status=back.status,
        amount=back.amount,
        currency=back.first.currency,
        reason=back.first.reason,
        at=instant(back.first.created_at),
    )
    return to_keep(answer, status=201)
