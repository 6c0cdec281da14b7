"""What whoever stands behind the counter looks for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from catalog import selectors as catalog
from catalog.barcodes import GTIN, is_gtin
from catalog.selectors import OFFER_COLUMNS, Offer
from catalog.units import Unit
from common import sql
from common.money import format_amount, format_brl, money
from common.text import chat_url, literally, search_key
from counter.errors import UnreadableLabel
from counter.models import Receipt
from counter.receipts import Printed, as_pdf
from counter.scales import quantity_priced, read_label
from inventory import selectors as stock
from orders.access import Access, find, token_of
from orders.amounts import amount_due, current_total, shown_total
from orders.models import Order, OrderLine
from orders.wording import page_path
from payments.models import Payment, Tip
from scheduling import selectors as agenda
from scheduling.models import Appointment
from scheduling.slots import day_span, moment_of
from shop import services as shop

LIMIT = 20
FAVOURITES = 12
POPULAR = timedelta(days=30)
MOST_SALES = 10_000
"""So many of the latest sales say what is popular, a month of three hundred a day."""

# A term may be part of a name, a category's word or a SKU; the search key holds all of them without accents and case.
_FOUND = f"""
SELECT {OFFER_COLUMNS}
FROM catalog_variant variant JOIN catalog_product product ON product.id = variant.product_id
WHERE product.status = 'published' AND variant.is_active AND {{terms}}
ORDER BY (lower(variant.sku) = %(exact)s) DESC, starts_with(product.search_key, %(exact)s) DESC, ({{named}}) DESC,
    split_part(product.search_key, E'\\n', 1), variant.position, variant.id
LIMIT %(limit)s
"""  # noqa: S608 - names of columns, no values

_BY_BARCODE = f"""
SELECT {OFFER_COLUMNS}
FROM catalog_variant variant JOIN catalog_product product ON product.id = variant.product_id
WHERE variant.barcode = %(barcode)s AND product.status = 'published' AND variant.is_active
"""  # noqa: S608 - names of columns, no values

# OFFSET 0 lets the lines of each sale be looked up by their index; joined, all lines there ever were are read for them.
_POPULAR = f"""
SELECT {OFFER_COLUMNS}, seller.position IS NOT NULL
FROM (
    SELECT variant_id, sum(sales) AS sales, min(position) AS position
    FROM (
        SELECT line.variant_id, count(*) AS sales, NULL::integer AS position
        FROM (
            SELECT id FROM orders_order WHERE placed_at >= %(since)s AND status IN ('confirmed', 'completed')
            ORDER BY placed_at DESC, id DESC LIMIT %(sales)s
        ) sold CROSS JOIN LATERAL (SELECT variant_id FROM orders_orderline WHERE order_id = sold.id OFFSET 0) line
        GROUP BY line.variant_id
        UNION ALL
        SELECT variant_id, 0, position FROM counter_pinned
    ) AS known GROUP BY variant_id
) AS seller
JOIN catalog_variant variant ON variant.id = seller.variant_id
JOIN catalog_product product ON product.id = variant.product_id
WHERE product.status = 'published' AND variant.is_active
ORDER BY seller.position NULLS LAST, seller.sales DESC, split_part(product.search_key, E'\\n', 1), variant.id
LIMIT greatest(%(limit)s, (SELECT count(*) FROM counter_pinned))
"""  # noqa: S608 - names of columns, no values


@dataclass(frozen=True)
class Item:
    """Something that can be sold at the counter. `quantity`: what was scanned, or one.

    `available`: how many can be had, None of a service; `professionals`: who performs it, by public id.
    """

    kind: str
    sku: str
    name: str
    options: tuple[tuple[str, str], ...]
    unit: str
    price_per: int
    price: Decimal
    available: int | None
    quantity: int = 1
    pinned: bool = False
    minutes: int = 0
    professionals: tuple[tuple[UUID, str], ...] = ()


@dataclass(frozen=True)
class DueVisit:
    """A visit of today with what is still to be paid for it, or for the whole order it is in (`order`: its number)."""

    appointment: UUID
    starts_at: datetime
    ends_at: datetime
    state: str
    name: str
    professional: str
    services: tuple[str, ...]
    total: Decimal
    due: Decimal
    order: str = ""


def find_items(*, text: str, now: datetime, limit: int = LIMIT) -> list[Item]:
    """Return what is sold that somebody means with a text: by name, options or SKU, whatever the accents.

    A code that was scanned is the variant it belongs to; a label of the shop's scale says how much of it, too. Raises
    UnreadableLabel.
    """
    scanned = _scanned(code=text.strip(), now=now)
    if scanned:
        return scanned
    words = search_key(text).split()
    if not words:
        return []
    terms = " AND ".join(f"product.search_key LIKE %(word{place})s" for place in range(len(words)))
    named = " AND ".join(
        f"split_part(product.search_key, E'\\n', 1) LIKE %(word{place})s" for place in range(len(words))
    )
    wanted = {f"word{place}": f"%{literally(word)}%" for place, word in enumerate(words)}
    rows = sql.rows(_FOUND.format(terms=terms, named=named), {**wanted, "exact": " ".join(words), "limit": limit})
    return items(offers=_offers(rows), now=now)


def _scanned(*, code: str, now: datetime) -> list[Item]:
    """Return what a scanned code stands for; nothing where it is none. Raises UnreadableLabel."""
    if not GTIN.fullmatch(code):
        return []
    policy = shop.policy()
    label = read_label(code=code, layout=policy.scale_layout)
    if label is None:
        return items(offers=_offers(sql.rows(_BY_BARCODE, {"barcode": code})), now=now) if is_gtin(code) else []
    if not label.is_sound:
        raise UnreadableLabel(_("A digit of this label was misread. Scan it again."))
    found = [offer for offer in catalog.offers(skus=label.skus).values() if offer.for_sale and offer.kind == "goods"]
    if len(found) != 1:
        told = _("Two products have the code %(code)s.") if found else _("No product for sale has the code %(code)s.")
        raise UnreadableLabel(told % {"code": label.code})
    [item] = items(offers=found, now=now)
    quantity = _quantity(item=item, value=label.value, by_weight=policy.scale_value == "weight")
    return [replace(item, quantity=quantity)]


def _quantity(*, item: Item, value: int, by_weight: bool) -> int:
    """Return how much of something a label says, by weight or by price. Raises UnreadableLabel."""
    if by_weight:
        if item.unit != Unit.GRAM or value == 0:
            raise UnreadableLabel(_("%(name)s is not sold by this weight.") % {"name": item.name})
        return value
    total = money(Decimal(value) / 100)
    quantity = quantity_priced(total=total, price=item.price, price_per=item.price_per)
    if quantity is None:
        raise UnreadableLabel(
            _("No quantity of %(name)s costs %(total)s today. Compare the price in the scale.")
            % {"name": item.name, "total": format_brl(total)}
        )
    return quantity


def favourites(*, now: datetime, limit: int = FAVOURITES) -> list[Item]:
    """Return what is pinned, in its order, and then what was sold most often lately."""
    rows = sql.rows(_POPULAR, {"since": now - POPULAR, "sales": MOST_SALES, "limit": limit})
    found = items(offers=_offers(row[:-1] for row in rows), now=now)
    return [replace(item, pinned=row[-1]) for item, row in zip(found, rows, strict=True)]


def pinned_skus(*, now: datetime) -> list[str]:
    """Return what is pinned and for sale, in the order in which `favourites` shows it, without reading any sale."""
    rows = sql.rows(_POPULAR, {"since": now, "sales": 0, "limit": 0})
    return [offer.sku for offer in _offers(row[:-1] for row in rows)]


def items(*, offers: Sequence[Offer], now: datetime) -> list[Item]:
    """Return offers as the counter shows them: with the units there are, or with who performs them."""
    goods = [offer.sku for offer in offers if offer.kind == "goods"]
    services = [offer.sku for offer in offers if offer.kind != "goods"]
    there = stock.available(skus=goods, now=now) if goods else {}
    performed = agenda.offers(skus=services) if services else {}
    return [
        _item(
            offer,
            available=there.get(offer.sku, 0) if offer.kind == "goods" else None,
            service=performed.get(offer.sku),
        )
        for offer in offers
    ]


def todays_visits(*, now: datetime) -> list[DueVisit]:
    """Return who is or will be in a chair on the shop's day of `now` and has not paid all of it, by time."""
    policy = shop.policy()
    zone = ZoneInfo(policy.timezone)
    begins, ends = day_span(day=now.astimezone(zone).date(), zone=zone)
    booked = agenda.booked_between(starts_at=moment_of(begins), ends_at=moment_of(ends)).exclude(state="no_show")
    visits = list(booked.select_related("professional").prefetch_related("services").order_by("starts_at", "pk"))
    claims = [visit.claim for visit in visits if visit.claim is not None]
    lines = OrderLine.objects.filter(claim__in=claims).select_related("order")
    orders = {line.claim: line.order for line in lines}
    found = (_due_visit(visit, order=orders.get(visit.claim) if visit.claim else None) for visit in visits)
    return [visit for visit in found if visit.due > 0]


def receipt_pdf(*, number: str) -> bytes:
    """Return the receipt of an order, as a printer with a roll of 80 mm prints it. Raises NotFound."""
    order = find(number=number, access=Access(staff=True))
    receipt = Receipt.objects.filter(order=order).order_by("-pk").first()
    seller = User.objects.filter(pk=int(receipt.actor_id)).first() if receipt and receipt.actor_id.isdecimal() else None
    return as_pdf(
        printed=Printed(
            order=order,
            contact=order.contact,
            lines=list(OrderLine.objects.filter(order=order)),
            payments=list(Payment.objects.filter(order=order, status=Payment.Status.SUCCEEDED).order_by("pk")),
            receipt=receipt,
            seller=seller.get_short_name() if seller else "",
            tips=Tip.objects.filter(order=order).aggregate(kept=Sum("amount", default=Decimal("0.00")))["kept"],
            policy=shop.policy(),
        )
    )


def receipt_link(*, number: str) -> str:
    """Return a link that opens a WhatsApp chat with whoever bought, where to see the order written in. Raises NotFound.

    It is written in the order's language. Without their phone, whoever opens it chooses the chat.
    """
    order = find(number=number, access=Access(staff=True))
    with override(order.language):
        text = _("%(shop)s: your order %(number)s, %(total)s. See it here: %(link)s")
    text %= {
        "shop": shop.policy().name,
        "number": order.number,
        "total": format_amount(shown_total(order=order), currency=order.currency),
        "link": settings.PUBLIC_URL + page_path(number=order.number, token=token_of(order=order)),
    }
    return chat_url(phone=order.contact.phone, text=text)


def _due_visit(visit: Appointment, *, order: Order | None) -> DueVisit:
    return DueVisit(
        appointment=visit.public_id,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        state=visit.state,
        name=visit.shown_name,
        professional=visit.professional.name,
        services=tuple(one.name for one in visit.services.all()),
        total=current_total(order=order) if order else visit.total,
        due=amount_due(order=order) if order else visit.total,
        order=order.number if order else "",
    )


def _item(offer: Offer, *, available: int | None, service: agenda.Offer | None) -> Item:
    return Item(
        kind=offer.kind,
        sku=offer.sku,
        name=offer.name,
        options=offer.options,
        unit=offer.unit,
        price_per=offer.price_per,
        price=offer.price,
        available=available,
        minutes=service.duration if service else 0,
        professionals=tuple((one.public_id, one.name) for one in service.performers) if service else (),
    )


def _offers(rows: Iterable[tuple[Any, ...]]) -> list[Offer]:
    return [catalog.offer_from(columns=row) for row in rows]
