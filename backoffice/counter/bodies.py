"""What the counter's page sends."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from api.bodies import Body
from api.kinds import (
    Amount,
    Choice,
    Day,
    Flag,
    Id,
    Instant,
    Many,
    Name,
    Quantity,
    Sku,
    Sought,
    Text,
    TextLine,
    Whole,
)
from api.kinds_of_people import Document, Phone
from catalog.units import MEASURED_SOLD_AT_ONCE
from counter.services import Discount, Goods, Sale, SeatedVisit, Tendered, Tip, WalkIn
from orders.models import Order
from payments.models import Payment
from scheduling.models import MAX_SERVICES
from scheduling.services import Wish

MAX_LINES = 200
MAX_PARTS = 20
MAX_BOOKINGS = 10
MAX_VERSION = 1_000_000


class FindQuery(Body, frozen=True, kw_only=True):
    """Part of a name, or a code."""

    q: Annotated[str, Sought(120)]


class PixQuery(Body, frozen=True, kw_only=True):
    """How much the Pix is of, and for which sale."""

    amount: Annotated[Decimal, Amount(positive=True)]
    key: Annotated[UUID, Id()]


class PinRequest(Body, frozen=True, kw_only=True):
    """What stays on top of the favourites, in its order, and what stood there on the page."""

    skus: Annotated[list[Annotated[str, Sku()]], Many(MAX_LINES)]
    seen: Annotated[list[Annotated[str, Sku()]], Many(MAX_LINES)]


class GoodsRequest(Body, frozen=True, kw_only=True):
    """So many of a SKU, in its unit."""

    sku: Annotated[str, Sku()]
    quantity: Annotated[int, Quantity(MEASURED_SOLD_AT_ONCE)]


class ServiceRequest(Body, frozen=True, kw_only=True):
    """A service done now, and by whom."""

    sku: Annotated[str, Sku()]
    professional: Annotated[UUID, Id()] | None = None


class WalkInRequest(Body, frozen=True, kw_only=True):
    """Services of one professional. `force`: why although their time is not free."""

    services: Annotated[list[ServiceRequest], Many(MAX_LINES, least=1)]
    force: Annotated[str, TextLine(blank=True)] = ""


class DiscountRequest(Body, frozen=True, kw_only=True):
    """What is taken off, and why."""

    kind: Annotated[str, Choice("amount", "percent")]
    value: Annotated[Decimal, Amount(positive=True)]
    reason: Annotated[str, TextLine()]


class PaymentRequest(Body, frozen=True, kw_only=True):
    """A part of the money."""

    tender: Annotated[str, Choice(*Payment.Tender.values)]
    amount: Annotated[Decimal, Amount(positive=True)]
    received: Annotated[Decimal, Amount()] | None = None


class TipRequest(Body, frozen=True, kw_only=True):
    """What is given beside the price, for whom."""

    professional: Annotated[UUID, Id()]
    tender: Annotated[str, Choice(*Payment.Tender.values)]
    amount: Annotated[Decimal, Amount(positive=True)]


class SaleRequest(Body, frozen=True, kw_only=True):
    """What is being put together."""

    goods: Annotated[list[GoodsRequest], Many(MAX_LINES)] = []
    visits: Annotated[list[Annotated[UUID, Id()]], Many(MAX_LINES)] = []
    walk_ins: Annotated[list[WalkInRequest], Many(MAX_LINES)] = []
    discount: DiscountRequest | None = None
    customer: Annotated[UUID, Id()] | None = None
    name: Annotated[str, Name(blank=True)] = ""
    phone: Annotated[str, Phone()] = ""
    document: Annotated[str, Document()] = ""
    note: Annotated[str, Text(500, blank=True)] = ""
    expected_total: Annotated[Decimal, Amount()] | None = None
    payments: Annotated[list[PaymentRequest], Many(MAX_PARTS)] = []
    tips: Annotated[list[TipRequest], Many(MAX_PARTS)] = []

    def sale(self) -> Sale:
        """Return the sale that the counter's rules know."""
        return Sale(
            goods=tuple(Goods(sku=one.sku, quantity=one.quantity) for one in self.goods),
            visits=tuple(SeatedVisit(appointment=one) for one in self.visits),
            walk_ins=tuple(
                WalkIn(services=tuple((part.sku, part.professional) for part in one.services), force=one.force)
                for one in self.walk_ins
            ),
            discount=Discount(kind=self.discount.kind, value=self.discount.value, reason=self.discount.reason)
            if self.discount
            else None,
            customer=self.customer,
            name=self.name,
            phone=self.phone,
            document=self.document,
            note=self.note,
            expected_total=self.expected_total,
            payments=tuple(
                Tendered(tender=one.tender, amount=one.amount, received=one.received) for one in self.payments
            ),
            tips=tuple(Tip(professional=one.professional, tender=one.tender, amount=one.amount) for one in self.tips),
        )


class TakingRequest(Body, frozen=True, kw_only=True):
    """The parked sale that is paid, and the version of it that was seen."""

    id: Annotated[UUID, Id()]
    version: Annotated[int, Whole(0, MAX_VERSION)]


class SellRequest(SaleRequest, frozen=True, kw_only=True):
    """What is sold: what is being put together, perhaps in the place of a parked sale."""

    parked: TakingRequest | None = None


class ParkRequest(Body, frozen=True, kw_only=True):
    """A sale that is to wait under a name. `keep`: whether its goods are kept for it."""

    label: Annotated[str, TextLine(60)]
    keep: Annotated[bool, Flag()] = False
    sale: SaleRequest


class ChangeParkedRequest(ParkRequest, frozen=True, kw_only=True):
    """What a parked sale becomes, and the version of it that was seen."""

    version: Annotated[int, Whole(0, MAX_VERSION)]


class DropRequest(Body, frozen=True, kw_only=True):
    """Why a parked sale waits no more, and the version of it that was seen."""

    version: Annotated[int, Whole(0, MAX_VERSION)]
    reason: Annotated[str, TextLine()]


class ReasonRequest(Body, frozen=True, kw_only=True):
    """Why."""

    reason: Annotated[str, TextLine(150)]


class BookingRequest(Body, frozen=True, kw_only=True):
    """A visit to be booked: services that follow each other, when, and with whom (null: whoever is free)."""

    services: Annotated[list[Annotated[str, Sku()]], Many(MAX_SERVICES, least=1)]
    starts_at: Annotated[datetime, Instant()]
    professional: Annotated[UUID, Id()] | None = None


class PriceRequest(SaleRequest, frozen=True, kw_only=True):
    """What is being put together, perhaps with visits of another time."""

    bookings: Annotated[list[BookingRequest], Many(MAX_BOOKINGS)] = []

    def wishes(self) -> list[Wish]:
        """Return the visits as the agenda's rules know them."""
        return [
            Wish(services=tuple(one.services), starts_at=one.starts_at, professional=one.professional)
            for one in self.bookings
        ]


class TimesQuery(Body, frozen=True, kw_only=True):
    """Free times of some services on one day."""

    service: Annotated[list[Annotated[str, Sku()]], Many(MAX_SERVICES, least=1)]
    professional: Annotated[UUID, Id()] | None = None
    day: Annotated[date, Day()]


class PhoneRequest(PriceRequest, frozen=True, kw_only=True):
    """An order by telephone: when its goods are collected (null without goods), and how it is paid."""

    pickup: Annotated[datetime, Instant()] | None = None
    method: Annotated[str, Choice(*Order.PaymentMethod.values)]
