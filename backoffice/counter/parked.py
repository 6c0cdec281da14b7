"""Parked sales as the page shows them: in the list, and as lines of the ticket again."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from api.answers import Answer, InstantText, instant
from backoffice.counter.items import item_answer
from catalog import selectors as catalog
from counter import selectors
from counter.services import Parked, Sale


class ParkedRow(Answer, frozen=True, kw_only=True):
    """A sale that waits, in the list."""

    id: UUID
    label: str
    summary: str
    changed_at: InstantText


class TicketLine(Answer, frozen=True, kw_only=True):
    """A line of the ticket, as the page would have put it together. Goods and services have a SKU, visits an id."""

    kind: str
    name: str
    options: str = ""
    sku: str = ""
    unit: str = "piece"
    price_per: int = 1
    price: Decimal
    quantity: int = 1
    id: UUID | None = None
    under: str = ""
    professional: UUID | None = None
    force: str = ""


class DiscountAnswer(Answer, frozen=True, kw_only=True):
    """What is taken off, and why."""

    kind: str
    value: Decimal
    reason: str


class DraftAnswer(Answer, frozen=True, kw_only=True):
    """What is said about a sale besides its lines."""

    discount: DiscountAnswer | None
    customer: UUID | None
    name: str
    phone: str
    document: str
    note: str


class OneParkedAnswer(Answer, frozen=True, kw_only=True):
    """A sale that waits, whole."""

    id: UUID
    version: int
    label: str
    keep: bool
    sale: DraftAnswer
    lines: list[TicketLine]


def parked_row(parked: Parked) -> ParkedRow:
    """Say which sale waits."""
    sale = parked.sale
    count = len(sale.goods) + len(sale.visits) + sum(len(one.services) for one in sale.walk_ins)
    parts = [ngettext("%(count)d item", "%(count)d items", count) % {"count": count}]
    if parked.kept_until is not None:
        parts.append(_("kept until %(time)s") % {"time": f"{timezone.localtime(parked.kept_until):%H:%M}"})
    return ParkedRow(
        id=parked.public_id,
        label=parked.label,
        summary=" · ".join(parts),
        changed_at=instant(timezone.localtime(parked.changed_at)),
    )


def one_parked_answer(parked: Parked, *, now: datetime) -> OneParkedAnswer:
    """Say what a sale that waits holds."""
    sale = parked.sale
    discount = sale.discount
    return OneParkedAnswer(
        id=parked.public_id,
        version=parked.version,
        label=parked.label,
        keep=parked.keep,
        sale=DraftAnswer(
            discount=DiscountAnswer(kind=discount.kind, value=discount.value, reason=discount.reason)
            if discount
            else None,
            customer=sale.customer,
            name=sale.name,
            phone=sale.phone,
            document=sale.document,
            note=sale.note,
        ),
        lines=[*_things(sale, now=now), *_visits(sale, now=now)],
    )


def _things(sale: Sale, *, now: datetime) -> list[TicketLine]:
    """Return goods and services done without an appointment; what exists no more is left out."""
    services = [(sku, who, one.force) for one in sale.walk_ins for sku, who in one.services]
    skus = [*(one.sku for one in sale.goods), *(sku for sku, _who, _force in services)]
    known = catalog.offers(skus=skus)
    items = {one.sku: item_answer(one) for one in selectors.items(offers=list(known.values()), now=now)}
    wanted = [(one.sku, one.quantity, None, "") for one in sale.goods]
    return [
        TicketLine(
            kind=item.kind,
            name=item.name,
            options=item.options,
            sku=sku,
            unit=item.unit,
            price_per=item.price_per,
            price=item.price,
            quantity=quantity,
            professional=who,
            force=force,
        )
        for sku, quantity, who, force in [*wanted, *((sku, 1, who, force) for sku, who, force in services)]
        if (item := items.get(sku)) is not None
    ]


def _visits(sale: Sale, *, now: datetime) -> list[TicketLine]:
    """Return visits; one that is no longer to be paid stays, for the price says what has become of it."""
    if not sale.visits:
        return []
    due = {one.appointment: one for one in selectors.todays_visits(now=now)}
    found = []
    for wanted in sale.visits:
        visit = due.get(wanted.appointment)
        found.append(
            TicketLine(
                kind="visit",
                name=" + ".join(visit.services) if visit else _("Visit"),
                price=visit.due if visit else Decimal("0.00"),
                id=wanted.appointment,
                under=f"{visit.name} · {visit.professional}" if visit else "",
            )
        )
    return found
