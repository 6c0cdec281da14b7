"""What requests say of carts, and what carts answer."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from msgspec import UNSET, UnsetType

from api.answers import Answer, InstantText, instant, instant_if, one_of
from api.bodies import Body
from api.kinds import Choice, Id, Instant, Many, Name, Quantity, Sku, TextLine, Wrong
from api.kinds_of_people import PostalCode, State
from cart.models import MAX_LINES
from cart.pricing import FilledCart, Line, Quote, Visit
from cart.services import Delivery, Pickup, Units, Wanted
from catalog.units import MEASURED_SOLD_AT_ONCE, Unit
from scheduling.models import MAX_SERVICES
from scheduling.services import Wish
from shop.fees import LateTerms
from shop.policy import PAYMENT_METHODS

UNIT_FIELDS = ("sku", "quantity")
VISIT_FIELDS = ("services", "starts_at", "professional")


class LineRequest(Body, frozen=True, kw_only=True):
    """Units of a SKU to put into a cart, or a visit to hold time for: one or the other."""

    sku: Annotated[str, Sku()] | UnsetType = UNSET
    quantity: Annotated[int, Quantity(MEASURED_SOLD_AT_ONCE)] | UnsetType = UNSET
    services: Annotated[list[Annotated[str, Sku()]], Many(MAX_SERVICES, least=1)] | UnsetType = UNSET
    professional: Annotated[UUID, Id()] | UnsetType | None = UNSET
    starts_at: Annotated[datetime, Instant()] | UnsetType = UNSET

    def contradictions(self) -> Iterable[tuple[str, Wrong]]:
        """Refuse a line that is neither, or both."""
        visit = self.services is not UNSET
        needed, foreign = (VISIT_FIELDS[:2], UNIT_FIELDS) if visit else (UNIT_FIELDS, VISIT_FIELDS)
        for name in needed:
            if getattr(self, name) is UNSET:
                yield name, Wrong("required", _("This is needed."))
        for name in foreign:
            if getattr(self, name) is not UNSET:
                yield name, Wrong("not_allowed", _("Not part of such a line."))

    @property
    def units(self) -> Units | None:
        """The units it asks for."""
        if self.sku is UNSET or self.quantity is UNSET:
            return None
        return Units(sku=self.sku, quantity=self.quantity)

    @property
    def wish(self) -> Wish | None:
        """The visit it asks for."""
        if self.services is UNSET or self.starts_at is UNSET:
            return None
        professional = None if self.professional is UNSET else self.professional
        return Wish(services=tuple(self.services), starts_at=self.starts_at, professional=professional)


class CartRequest(Body, frozen=True, kw_only=True):
    """A new cart, empty or with lines; the same SKU may stand on several, so the cart itself counts them."""

    lines: Annotated[list[LineRequest], Many(2 * MAX_LINES)] = []

    @property
    def units(self) -> list[Units]:
        """The units it asks for."""
        return [
            replace(line.units, pointer=f"/lines/{place}/quantity")
            for place, line in enumerate(self.lines)
            if line.units is not None
        ]

    @property
    def wishes(self) -> list[Wish]:
        """The visits it asks for."""
        return [line.wish for line in self.lines if line.wish is not None]


class QuantityRequest(Body, frozen=True, kw_only=True):
    """A line's new quantity."""

    quantity: Annotated[int, Quantity(MEASURED_SOLD_AT_ONCE)]


class QuotedAddress(Body, frozen=True, kw_only=True):
    """As much of the address as the customer has given yet."""

    postal_code: Annotated[str, PostalCode()] | UnsetType = UNSET
    street: Annotated[str, TextLine(200)] | UnsetType = UNSET
    number: Annotated[str, TextLine(20)] | UnsetType = UNSET
    complement: Annotated[str, TextLine(100)] | UnsetType = UNSET
    district: Annotated[str, TextLine(100)] | UnsetType = UNSET
    city: Annotated[str, TextLine(100)] | UnsetType = UNSET
    state: Annotated[str, State()] | UnsetType = UNSET


class QuotedFulfilment(Body, frozen=True, kw_only=True):
    """How the customer thinks of receiving the goods; only the method must be settled."""

    method: Annotated[str, Choice("pickup", "delivery")]
    pickup_at: Annotated[datetime, Instant()] | UnsetType = UNSET
    person: Annotated[str, Name()] | UnsetType = UNSET
    address: QuotedAddress | UnsetType = UNSET

    def contradictions(self) -> Iterable[tuple[str, Wrong]]:
        """Refuse fields of the other method."""
        for name in {"pickup": ["address"], "delivery": ["pickup_at", "person"]}[self.method]:
            if getattr(self, name) is not UNSET:
                yield name, Wrong("not_allowed", _("Not part of this method."))


class QuoteRequest(Body, frozen=True, kw_only=True):
    """How the customer thinks of paying and receiving; both may still be open."""

    fulfilment: QuotedFulfilment | UnsetType = UNSET
    payment_method: Annotated[str, Choice(*PAYMENT_METHODS)] | None = None

    def wanted(self, *, desk: bool) -> Wanted:
        """Return what it asks; `desk` says that the shop itself does."""
        chosen = self.fulfilment
        if chosen is UNSET:
            return Wanted(payment_method=self.payment_method, desk=desk)
        pickup_at = None if chosen.pickup_at is UNSET else chosen.pickup_at
        fulfilment = Pickup(at=pickup_at) if chosen.method == "pickup" else Delivery(address={})
        return Wanted(fulfilment=fulfilment, payment_method=self.payment_method, desk=desk)


class OptionResponse(Answer, frozen=True, kw_only=True):
    """One choice that makes a variant what it is."""

    name: str
    value: str


class ProfessionalName(Answer, frozen=True, kw_only=True):
    """A professional by name."""

    id: UUID
    name: str


class PerformedService(Answer, frozen=True, kw_only=True):
    """A service as one professional performs it."""

    sku: str
    name: str
    price: Decimal
    duration_minutes: int


class VisitResponse(Answer, frozen=True, kw_only=True):
    """When a visit is, in the shop's zone, with whom, and what is done."""

    id: UUID
    starts_at: InstantText
    ends_at: InstantText
    timezone: str
    professional: ProfessionalName
    services: list[PerformedService]


class PriceChangedResponse(Answer, frozen=True, kw_only=True):
    """The unit price when the line was last written."""

    previous: Decimal


class CartLineResponse(Answer, frozen=True, kw_only=True):
    """One line; `unit_price` is today's and that of `price_per` units, `held_until` null when nothing is held."""

    id: UUID
    kind: Annotated[str, one_of("goods", "visit")]
    sku: str
    name: str
    options: list[OptionResponse]
    quantity: int
    unit: Annotated[str, one_of(*Unit.values)]
    price_per: int
    unit_price: Decimal
    line_total: Decimal
    held_until: InstantText | None
    price_changed: PriceChangedResponse | None
    for_sale: bool
    appointment: VisitResponse | None


class CouponResponse(Answer, frozen=True, kw_only=True):
    """The coupon in a cart, and what it takes off."""

    code: str
    discount: Decimal


class NoticeResponse(Answer, frozen=True, kw_only=True):
    """A line that could not be kept as it was, or can no longer be ordered."""

    code: Annotated[str, one_of("quantity_capped", "not_held", "not_for_sale")]
    sku: str
    requested: int
    quantity: int


class CartResponse(Answer, frozen=True, kw_only=True):
    """The whole cart, as every cart write answers it."""

    id: UUID
    status: Annotated[str, one_of("open", "ordered", "expired", "merged")]
    currency: str
    lines: list[CartLineResponse]
    coupon: CouponResponse | None
    subtotal: Decimal
    discount: Decimal
    total: Decimal
    expires_at: InstantText
    notices: list[NoticeResponse]


class WindowResponse(Answer, frozen=True, kw_only=True):
    """A time in which goods can be picked up; half-open."""

    starts_at: InstantText
    ends_at: InstantText


class LateCancellationResponse(Answer, frozen=True, kw_only=True):
    """What is kept, at most, of what was paid if nobody comes or it is called off late.

    Late: fewer minutes before the pickup, or before the visit, than these.
    """

    fee: Decimal
    order_cancel_minutes: int
    appointment_cancel_minutes: int


class QuoteResponse(Answer, frozen=True, kw_only=True):
    """What placing the order would cost now; `late_cancellation` is null where calling off late costs nothing."""

    lines: list[CartLineResponse]
    subtotal: Decimal
    discount: Decimal
    shipping: Decimal
    total: Decimal
    amount_due_now: Decimal
    currency: str
    pickup_windows: list[WindowResponse]
    late_cancellation: LateCancellationResponse | None


def cart_answer(cart: FilledCart) -> CartResponse:
    """Say the whole cart."""
    prices = cart.prices
    return CartResponse(
        id=cart.public_id,
        status=cart.status,
        currency=cart.currency,
        lines=[line_answer(line) for line in cart.lines],
        coupon=None,
        subtotal=prices.subtotal,
        discount=prices.discount,
        total=prices.total,
        expires_at=instant(cart.expires_at),
        notices=[
            NoticeResponse(code=one.code, sku=one.sku, requested=one.requested, quantity=one.quantity)
            for one in cart.notices
        ],
    )


def line_answer(line: Line) -> CartLineResponse:
    """Say one line; `price_changed` tells the price it had when it was last written."""
    changed = line.price_seen != line.unit_price
    return CartLineResponse(
        id=line.public_id,
        kind=line.kind,
        sku=line.sku,
        name=line.name,
        options=[OptionResponse(name=name, value=value) for name, value in line.options],
        quantity=line.quantity,
        unit=line.unit,
        price_per=line.price_per,
        unit_price=line.unit_price,
        line_total=line.line_total,
        held_until=instant_if(line.held_until),
        price_changed=PriceChangedResponse(previous=line.price_seen) if changed else None,
        for_sale=line.for_sale,
        appointment=visit_answer(line.visit) if line.visit is not None else None,
    )


def visit_answer(visit: Visit) -> VisitResponse:
    """Say when a visit is and with whom."""
    return VisitResponse(
        id=visit.appointment,
        starts_at=instant(visit.starts_at),
        ends_at=instant(visit.ends_at),
        timezone=visit.timezone,
        professional=ProfessionalName(id=visit.professional_id, name=visit.professional),
        services=[
            PerformedService(sku=one.sku, name=one.name, price=one.price, duration_minutes=one.duration_minutes)
            for one in visit.services
        ],
    )


def quote_answer(quote: Quote) -> QuoteResponse:
    """Say what placing the order would cost, and when the goods could be picked up."""
    prices = quote.prices
    return QuoteResponse(
        lines=[line_answer(line) for line in quote.lines],
        subtotal=prices.subtotal,
        discount=prices.discount,
        shipping=prices.shipping,
        total=prices.total,
        amount_due_now=prices.amount_due_now,
        currency=quote.currency,
        pickup_windows=[
            WindowResponse(starts_at=instant(starts_at), ends_at=instant(ends_at))
            for starts_at, ends_at in quote.windows
        ],
        late_cancellation=late_answer(quote.late),
    )


def late_answer(late: LateTerms | None) -> LateCancellationResponse | None:
    """Say what calling off late costs, if it does."""
    if late is None:
        return None
    return LateCancellationResponse(
        fee=late.fee, order_cancel_minutes=late.order_minutes, appointment_cancel_minutes=late.visit_minutes
    )
