"""What the counter answers, as its page reads it. Amounts are text with their two places, quantities whole units."""

import base64
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from api.answers import Answer, InstantText, instant
from backoffice.counter.items import ItemAnswer, item_answer
from backoffice.counter.parked import ParkedRow, parked_row
from catalog.units import shown_quantity
from counter.selectors import DueVisit, Item
from counter.services import Parked, PricedLine, PricedSale, Sold
from payments.wording import qr_svg

SVG = "data:image/svg+xml;base64,"


class ItemsAnswer(Answer, frozen=True, kw_only=True):
    """What goes by a text."""

    items: list[ItemAnswer]


class VisitAnswer(Answer, frozen=True, kw_only=True):
    """A visit of today that is to be paid. `order`: the number of the order that is paid whole with it."""

    id: UUID
    starts_at: InstantText
    begun: bool
    name: str
    professional: str
    services: list[str]
    due: Decimal
    order: str


class TodayAnswer(Answer, frozen=True, kw_only=True):
    """What stands beside the ticket."""

    favourites: list[ItemAnswer]
    visits: list[VisitAnswer]
    parked: list[ParkedRow]


class LineAnswer(Answer, frozen=True, kw_only=True):
    """A line and what it costs. `short`: how many are there, where they are fewer than wanted.

    `prices`: of each service of a visit begun here, in the order in which they were named.
    """

    kind: str
    sku: str
    name: str
    quantity: int
    unit_price: Decimal
    discount: Decimal
    total: Decimal
    appointment: UUID | None
    professional: str
    order: str
    prices: list[Decimal]
    short: str


class PriceAnswer(Answer, frozen=True, kw_only=True):
    """What a sale comes to. `discount_limit`: what may be taken off, null for anything."""

    lines: list[LineAnswer]
    subtotal: Decimal
    discount: Decimal
    total: Decimal
    already_paid: Decimal
    due: Decimal
    discount_limit: Decimal | None


class SoldAnswer(Answer, frozen=True, kw_only=True):
    """A sale that was made: where its receipt is printed, and a link that tells whoever bought."""

    number: str
    numbers: list[str]
    total: Decimal
    paid: Decimal
    change: Decimal
    tips: Decimal
    page: str
    receipt: str
    whatsapp: str


class PixAnswer(Answer, frozen=True, kw_only=True):
    """A Pix to the shop's own key: its text, and its QR code as an image; null where the shop has no key.

    `awaited`: whether a gateway makes another one, and tells by itself that it was paid.
    """

    text: str | None
    image: str | None
    awaited: bool


def items_answer(found: Iterable[Item], *, text: str = "") -> ItemsAnswer:
    """Say what goes by a text, in its order."""
    return ItemsAnswer(items=[item_answer(one, text=text) for one in found])


def today_answer(
    *,
    favourites: Iterable[Item],
    visits: Iterable[DueVisit],
    parked: Iterable[Parked],
    now: datetime,
) -> TodayAnswer:
    """Say what stands beside the ticket."""
    return TodayAnswer(
        favourites=[item_answer(one) for one in favourites],
        visits=[visit_answer(one, now=now) for one in visits],
        parked=[parked_row(one) for one in parked],
    )


def visit_answer(visit: DueVisit, *, now: datetime) -> VisitAnswer:
    """Say which visit it is."""
    return VisitAnswer(
        id=visit.appointment,
        starts_at=instant(timezone.localtime(visit.starts_at)),
        begun=visit.starts_at <= now,
        name=visit.name,
        professional=visit.professional,
        services=list(visit.services),
        due=visit.due,
        order=visit.order,
    )


def price_answer(priced: PricedSale) -> PriceAnswer:
    """Say what a sale comes to."""
    return PriceAnswer(
        lines=[_line(one) for one in priced.lines],
        subtotal=priced.subtotal,
        discount=priced.discount,
        total=priced.total,
        already_paid=priced.already_paid,
        due=priced.due,
        discount_limit=priced.discount_limit,
    )


def sold_answer(sold: Sold, *, whatsapp: str) -> SoldAnswer:
    """Say what was sold. `whatsapp`: a link that tells whoever bought."""
    return SoldAnswer(
        number=sold.numbers[0],
        numbers=list(sold.numbers),
        total=sold.total,
        paid=sold.paid,
        change=sold.change,
        tips=sold.tips,
        page=sold.receipt_url,
        receipt=reverse("counter:receipt", args=[sold.numbers[0]]),
        whatsapp=whatsapp,
    )


def pix_answer(text: str | None, *, awaited: bool) -> PixAnswer:
    """Show a Pix."""
    return PixAnswer(text=text, image=None if text is None else pix_image(text), awaited=awaited)


def pix_image(text: str) -> str:
    """Return the QR code of a Pix as the address of an image."""
    return SVG + base64.b64encode(qr_svg(text=text).encode()).decode()


def _line(line: PricedLine) -> LineAnswer:
    short = line.available is not None and line.available < line.quantity
    return LineAnswer(
        kind=line.kind,
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        unit_price=line.unit_price,
        discount=line.discount,
        total=line.total,
        appointment=line.appointment,
        professional=line.professional,
        order=line.order,
        prices=list(line.prices),
        short=_("There are %(quantity)s in stock.")
        % {"quantity": shown_quantity(quantity=line.available or 0, unit=line.unit)}
        if short
        else "",
    )
