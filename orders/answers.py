"""What requests say of orders, and what orders answer.

The same function answers the placing of an order, from rows just written, and every later reading, so a replayed
answer and a fresh one differ only in what has happened since.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from django.utils.translation import gettext_lazy as _
from msgspec import UNSET, UnsetType

from api.answers import Answer, InstantText, instant, instant_if, one_of, to_keep
from api.bodies import Body
from api.kinds import (
    Amount,
    Choice,
    Document,
    Email,
    Id,
    Instant,
    Many,
    Name,
    Phone,
    PostalCode,
    Quantity,
    State,
    Text,
    TextLine,
    Wrong,
)
from cart.answers import OptionResponse, VisitResponse, visit_answer
from common.access import access_token
from common.actors import role_of
from common.idempotency import StoredResponse
from orders.amounts import amount_due, payment_status
from orders.lifecycle import METHODS, effective_status
from orders.models import Fulfilment, Order, OrderContact, OrderLine
from orders.selectors import Access, Step, WholeOrder, steps, whole_order
from orders.services import Contact, Delivery, Handover, Pickup, Placement
from orders.wording import reason_text, whatsapp_url


class CustomerRequest(Body, frozen=True, kw_only=True):
    """Who orders."""

    name: Annotated[str, Name()]
    email: Annotated[str, Email()]
    phone: Annotated[str, Phone()] = ""
    document: Annotated[str, Document()] = ""


class DeliveryAddressRequest(Body, frozen=True, kw_only=True):
    """Where to deliver."""

    postal_code: Annotated[str, PostalCode()]
    street: Annotated[str, TextLine(200)]
    number: Annotated[str, TextLine(20)]
    complement: Annotated[str, TextLine(100)] = ""
    district: Annotated[str, TextLine(100)]
    city: Annotated[str, TextLine(100)]
    state: Annotated[str, State()]


class FulfilmentChoice(Body, frozen=True, kw_only=True):
    """How the goods reach the customer: collected in a pickup window, or delivered to an address."""

    method: Annotated[str, Choice("pickup", "delivery")]
    pickup_at: Annotated[datetime, Instant()] | UnsetType = UNSET
    person: Annotated[str, Name()] | UnsetType = UNSET
    address: DeliveryAddressRequest | UnsetType = UNSET

    def contradictions(self) -> Iterable[tuple[str, Wrong]]:
        """Refuse fields of the other method, and a delivery without an address."""
        for name in {"pickup": ["address"], "delivery": ["pickup_at", "person"]}[self.method]:
            if getattr(self, name) is not UNSET:
                yield name, Wrong("not_allowed", _("Not part of this method."))
                return
        if self.method == "delivery" and self.address is UNSET:
            yield "address", Wrong("required", _("Say where to deliver."))

    @property
    def chosen(self) -> Pickup | Delivery:
        """What was chosen."""
        if self.address is not UNSET:
            return Delivery(address=msgspec.structs.asdict(self.address))
        return Pickup(
            at=None if self.pickup_at is UNSET else self.pickup_at, person="" if self.person is UNSET else self.person
        )


class PlacementRequest(Body, frozen=True, kw_only=True):
    """A cart to be ordered."""

    cart: Annotated[UUID, Id()]
    expected_total: Annotated[Decimal, Amount()]
    customer: CustomerRequest
    payment_method: Annotated[str, Choice(*METHODS)]
    note: Annotated[str, Text(500, blank=True)] = ""
    fulfilment: FulfilmentChoice | UnsetType = UNSET

    def placement(self, *, language: str) -> Placement:
        """Return the placement it asks for."""
        return Placement(
            cart=self.cart,
            expected_total=self.expected_total,
            contact=Contact(**msgspec.structs.asdict(self.customer)),
            payment_method=self.payment_method,
            fulfilment=None if self.fulfilment is UNSET else self.fulfilment.chosen,
            note=self.note,
            language=language,
        )


class CancelRequest(Body, frozen=True, kw_only=True):
    """Why the order is cancelled."""

    reason: Annotated[str, TextLine(500)]


class PickupMoveRequest(Body, frozen=True, kw_only=True):
    """When the goods are collected instead, and why; past the cut-off the team says why."""

    pickup_at: Annotated[datetime, Instant()]
    reason: Annotated[str, TextLine(500)] = ""


class HandoverRequest(Body, frozen=True, kw_only=True):
    """Units of an order line."""

    line: Annotated[UUID, Id()]
    quantity: Annotated[int, Quantity()]

    @property
    def handover(self) -> Handover:
        """The units it names."""
        return Handover(line=self.line, quantity=self.quantity)


class FulfilmentRequest(Body, frozen=True, kw_only=True):
    """Units to hand over."""

    lines: Annotated[list[HandoverRequest], Many(50, least=1)]
    tracking: Annotated[str, TextLine(100)] = ""


class OrdersQuery(Body, frozen=True, kw_only=True):
    """Filters of the order list."""

    status: Annotated[str, Text(20)] | UnsetType = UNSET
    email: Annotated[str, Text(254)] | UnsetType = UNSET
    payment_method: Annotated[str, Text(20)] | UnsetType = UNSET
    placed_from: Annotated[datetime, Instant()] | UnsetType = UNSET
    placed_to: Annotated[datetime, Instant()] | UnsetType = UNSET


class OrderLineResponse(Answer, frozen=True, kw_only=True):
    """A line as it was sold."""

    id: UUID
    kind: Annotated[str, one_of("goods", "visit")]
    sku: str
    name: str
    options: list[OptionResponse]
    quantity: int
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

    method: Annotated[str, one_of(*METHODS)]
    status: Annotated[str, one_of("unpaid", "partly_paid", "paid", "partly_refunded", "refunded")]


class HandoverResponse(Answer, frozen=True, kw_only=True):
    """Units of an order line."""

    line: UUID
    quantity: int


class FulfilmentResponse(Answer, frozen=True, kw_only=True):
    """Goods on their way to the customer."""

    id: UUID
    status: Annotated[str, one_of("open", "picked", "ready", "shipped", "delivered", "returned", "cancelled")]
    lines: list[HandoverResponse]
    tracking: str | None


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
    paid: Decimal
    refunded: Decimal
    amount_due: Decimal
    customer: OrderPersonResponse
    fulfilment: PickupResponse | DeliveryResponse | None
    payment: OrderPaymentResponse
    expires_at: InstantText | None
    placed_at: InstantText


class OrderResponse(Answer, frozen=True, kw_only=True):
    """The whole order; `access_token` is null for eyes that did not bring it."""

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
    paid: Decimal
    refunded: Decimal
    amount_due: Decimal
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
        access_token=access_token(kind="order", public_id=order.public_id) if whole.with_token else None,
        status=status,
        currency=order.currency,
        lines=[line_answer(line) for line in whole.lines],
        subtotal=order.subtotal,
        discount=order.discount,
        shipping=order.shipping,
        total=order.total,
        amount_due_now=order.amount_due_now,
        cancelled=order.cancelled,
        paid=order.paid,
        refunded=order.refunded,
        amount_due=amount_due(order=order),
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
        whatsapp_url=whatsapp_url(number=whole.whatsapp, order=order, lines=whole.lines),
        expires_at=instant_if(order.expires_at) if status == "pending" else None,
        placed_at=instant(order.placed_at),
        history=[step_answer(step) for step in steps(order=order, events=whole.events, now=whole.now)],
    )


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
        unit_price=line.unit_price,
        discount=line.discount,
        line_total=line.line_total,
        appointment=None if line.visit is None else visit_answer(line.visit),
        cancelled_at=instant(line.cancellation.at) if line.called_off else None,
    )


def fulfilment_answer(fulfilment: Fulfilment) -> FulfilmentResponse:
    """Say a fulfilment read with its lines and their order lines."""
    return FulfilmentResponse(
        id=fulfilment.public_id,
        status=fulfilment.status,
        lines=[HandoverResponse(line=row.line.public_id, quantity=row.quantity) for row in fulfilment.lines.all()],
        tracking=fulfilment.tracking or None,
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
