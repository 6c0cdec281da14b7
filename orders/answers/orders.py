"""What other requests say of orders, and what is said of them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from api.answers import Answer, InstantText, instant, instant_if, one_of, to_keep
from api.bodies import Body
from api.kinds import (
    Flag,
    Instant,
    Text,
    TextLine,
)
from cart.answers import LateCancellationResponse, OptionResponse, VisitResponse, late_answer, visit_answer
from catalog.units import Unit
from common.actors import role_of
from common.idempotency import StoredResponse
from orders.access import token_of
from orders.amounts import amount_due, asked_now, payable_by, payment_status
from orders.answers.fulfilments import FulfilmentResponse, fulfilment_answer
from orders.lifecycle import OPEN_STATUSES, effective_status
from orders.models import Order, OrderContact, OrderLine
from orders.selectors import Access, Step, WholeOrder, steps, whole_order
from orders.wording import pay_url, reason_text, whatsapp_url
from shop.fees import late_terms
from shop.policy import PAYMENT_METHODS


class CancelRequest(Body, frozen=True, kw_only=True):
    """Why the order is cancelled.

    `keep_fee`: of the team alone, who cancels at the wish of a customer who is late and keeps the fee agreed for that.
    """

    reason: Annotated[str, TextLine(500)]
    keep_fee: Annotated[bool, Flag()] = False


class PickupMoveRequest(Body, frozen=True, kw_only=True):
    """When the goods are collected instead, and why; past the cut-off the team says why."""

    pickup_at: Annotated[datetime, Instant()]
    reason: Annotated[str, TextLine(500)] = ""


class OrdersQuery(Body, frozen=True, kw_only=True):
    """Filters of the order list."""

    status: Annotated[str, Text(20)] | UnsetType = UNSET
    email: Annotated[str, Text(254)] | UnsetType = UNSET
    payment_method: Annotated[str, Text(20)] | UnsetType = UNSET
    placed_from: Annotated[datetime, Instant()] | UnsetType = UNSET
    placed_to: Annotated[datetime, Instant()] | UnsetType = UNSET


class OrderLineResponse(Answer, frozen=True, kw_only=True):
    """A line as it was sold; `unit_price` is that of `price_per` units."""

    id: UUID
    kind: Annotated[str, one_of("goods", "visit")]
    sku: str
    name: str
    options: list[OptionResponse]
    quantity: int
    unit: Annotated[str, one_of(*Unit.values)]
    price_per: int
    unit_price: Decimal
    discount: Decimal
    line_total: Decimal
    appointment: VisitResponse | None
    cancelled_at: InstantText | None


class CouponCodeResponse(Answer, frozen=True, kw_only=True):
    """The coupon that was used."""

    code: str


class OrderCustomerResponse(Answer, frozen=True, kw_only=True):
    """Who ordered."""

    name: str
    email: str
    phone: str | None
    document: str | None


class OrderPersonResponse(Answer, frozen=True, kw_only=True):
    """Who ordered, as a list shows it."""

    name: str
    email: str


class PickupResponse(Answer, frozen=True, kw_only=True):
    """Goods that are collected; the window is half-open."""

    method: Annotated[str, one_of("pickup")]
    pickup_at: InstantText | None
    pickup_until: InstantText | None
    person: str | None


class DeliveryResponse(Answer, frozen=True, kw_only=True):
    """Goods that are brought."""

    method: Annotated[str, one_of("delivery")]
    address: dict[str, str] | None


class OrderPaymentResponse(Answer, frozen=True, kw_only=True):
    """How the order is paid and how far."""

    method: Annotated[str, one_of(*PAYMENT_METHODS)]
    status: Annotated[str, one_of("unpaid", "partly_paid", "paid", "partly_refunded", "refunded")]


class HistoryResponse(Answer, frozen=True, kw_only=True):
    """One step of the order's life."""

    at: InstantText
    origin: str | None = msgspec.field(name="from")
    target: str = msgspec.field(name="to")
    actor: Annotated[str, one_of("customer", "staff", "system", "gateway")]
    reason: str | None
    pickup_at: InstantText | None


class OrderSummaryResponse(Answer, frozen=True, kw_only=True):
    """An order in a list."""

    number: str
    status: Annotated[str, one_of("pending", "confirmed", "completed", "expired", "cancelled")]
    currency: str
    total: Decimal
    cancelled: Decimal
    late_fee: Decimal
    paid: Decimal
    refunded: Decimal
    amount_due: Decimal
    customer: OrderPersonResponse
    fulfilment: PickupResponse | DeliveryResponse | None
    payment: OrderPaymentResponse
    expires_at: InstantText | None
    placed_at: InstantText


class OrderResponse(Answer, frozen=True, kw_only=True):
    """The whole order; `access_token` is null for eyes that did not bring it.

    `asked_now`: what is to be paid next, a deposit first and then the rest; `payable_by`: by what it can be paid
    online, nothing once nothing can. `pay_url`: a page where a person pays it, whoever opens it; null then.
    `late_fee`: kept of what was paid for what was called off late, or that nobody came to; it counts as not called off
    when `amount_due` is worked out. `late_cancellation`: what that may still cost; null where it costs nothing.
    """

    number: str
    cart: UUID
    access_token: str | None
    status: Annotated[str, one_of("pending", "confirmed", "completed", "expired", "cancelled")]
    currency: str
    lines: list[OrderLineResponse]
    subtotal: Decimal
    discount: Decimal
    shipping: Decimal
    total: Decimal
    amount_due_now: Decimal
    cancelled: Decimal
    late_fee: Decimal
    paid: Decimal
    refunded: Decimal
    amount_due: Decimal
    asked_now: Decimal
    payable_by: list[str]
    pay_url: str | None
    late_cancellation: LateCancellationResponse | None
    coupon: CouponCodeResponse | None
    customer: OrderCustomerResponse
    fulfilment: PickupResponse | DeliveryResponse | None
    fulfilments: list[FulfilmentResponse]
    note: str | None
    payment: OrderPaymentResponse
    whatsapp_url: str | None
    expires_at: InstantText | None
    placed_at: InstantText
    history: list[HistoryResponse]


def order_answer(whole: WholeOrder) -> OrderResponse:
    """Say the whole order."""
    order, contact = whole.order, whole.contact
    status = effective_status(status=order.status, expires_at=order.expires_at, now=whole.now)
    return OrderResponse(
        number=order.number,
        cart=whole.cart,
        access_token=token_of(order=order) if whole.with_token else None,
        status=status,
        currency=order.currency,
        lines=[line_answer(line) for line in whole.lines],
        subtotal=order.subtotal,
        discount=order.discount,
        shipping=order.shipping,
        total=order.total,
        amount_due_now=order.amount_due_now,
        cancelled=order.cancelled,
        late_fee=order.late_fee,
        paid=order.paid,
        refunded=order.refunded,
        amount_due=amount_due(order=order),
        late_cancellation=_late_cancellation(whole=whole, status=status),
        asked_now=asked_now(order=order),
        payable_by=payable_by(order=order, status=status, offered=whole.policy.payment_methods),
        pay_url=pay_url(order=order, status=status, offered=whole.policy.payment_methods),
        coupon=None,
        customer=OrderCustomerResponse(
            name=contact.name,
            email=contact.email,
            phone=contact.phone or None,
            document=contact.document or None,
        ),
        fulfilment=_way_of_handing_over(order=order, contact=contact),
        fulfilments=[fulfilment_answer(fulfilment) for fulfilment in whole.fulfilments],
        note=contact.note or None,
        payment=OrderPaymentResponse(method=order.payment_method, status=payment_status(order=order)),
        whatsapp_url=whatsapp_url(number=whole.policy.whatsapp, order=order, lines=whole.lines),
        expires_at=instant_if(order.expires_at) if status == "pending" else None,
        placed_at=instant(order.placed_at),
        history=[step_answer(step) for step in steps(order=order, events=whole.events, now=whole.now)],
    )


def _late_cancellation(*, whole: WholeOrder, status: str) -> LateCancellationResponse | None:
    """Say what calling the order off late costs, while there is anything to call off."""
    living = [] if status not in OPEN_STATUSES else [line for line in whole.lines if not line.called_off]
    terms = whole.order.policy_shown
    return late_answer(late_terms(terms=terms, lines=[(line.line_total, line.deposit) for line in living]))


def placed(whole: WholeOrder) -> StoredResponse:
    """Answer the placing of an order."""
    return to_keep(order_answer(whole), status=201)


def changed(order: Order, *, access: Access, now: datetime) -> StoredResponse:
    """Answer whatever has become of an order, with the whole of it."""
    return to_keep(order_answer(whole_order(order=order, access=access, now=now)), status=200)


def summary_answer(order: Order, *, now: datetime) -> OrderSummaryResponse:
    """Say an order, read with its contact, as a list shows it."""
    contact = order.contact
    status = effective_status(status=order.status, expires_at=order.expires_at, now=now)
    return OrderSummaryResponse(
        number=order.number,
        status=status,
        currency=order.currency,
        total=order.total,
        cancelled=order.cancelled,
        late_fee=order.late_fee,
        paid=order.paid,
        refunded=order.refunded,
        amount_due=amount_due(order=order),
        customer=OrderPersonResponse(name=contact.name, email=contact.email),
        fulfilment=_way_of_handing_over(order=order, contact=contact),
        payment=OrderPaymentResponse(method=order.payment_method, status=payment_status(order=order)),
        expires_at=instant_if(order.expires_at) if status == "pending" else None,
        placed_at=instant(order.placed_at),
    )


def line_answer(line: OrderLine) -> OrderLineResponse:
    """Say one line as it was sold."""
    return OrderLineResponse(
        id=line.public_id,
        kind=line.kind,
        sku=line.sku,
        name=line.name,
        options=[OptionResponse(name=name, value=value) for name, value in line.choices],
        quantity=line.quantity,
        unit=line.unit,
        price_per=line.price_per,
        unit_price=line.unit_price,
        discount=line.discount,
        line_total=line.line_total,
        appointment=None if line.visit is None else visit_answer(line.visit),
        cancelled_at=instant(line.cancellation.at) if line.called_off else None,
    )


def step_answer(step: Step) -> HistoryResponse:
    """Say one step."""
    return HistoryResponse(
        at=instant(step.at),
        origin=step.origin or None,
        target=step.target,
        actor=role_of(kind=step.actor),
        reason=reason_text(reason=step.reason) or None,
        pickup_at=instant_if(step.pickup_at),
    )


def _way_of_handing_over(*, order: Order, contact: OrderContact) -> PickupResponse | DeliveryResponse | None:
    if not order.fulfilment_method:
        return None
    if order.fulfilment_method == Order.FulfilmentMethod.DELIVERY:
        return DeliveryResponse(method="delivery", address=contact.address)
    return PickupResponse(
        method="pickup",
        pickup_at=instant_if(order.pickup_starts_at),
        pickup_until=instant_if(order.pickup_ends_at),
        person=contact.pickup_person or None,
    )
