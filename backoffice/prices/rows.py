"""The rows of a preview, and of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from catalog.models import Category, PriceRun
from catalog.repricing import Repricing, repriced
from catalog.selectors import Offer, offers_chosen
from catalog.units import shown_price
from common.money import MAX_MONEY, format_brl

MOST = 900
"""Prices changed at once: what a form can send."""


@dataclass(frozen=True)
class Row:
    """A price, and what it becomes."""

    variant_id: int
    sku: str
    name: str
    old: str
    new: str
    told: str
    is_wrong: bool
    moves: bool


def chosen(*, category: str, text: str, products: Sequence[int]) -> list[Offer]:
    """Return what is to be changed: of a category and below, or everything; by words; of some products."""
    slug = ""
    if category.isdecimal():
        slug = Category.objects.filter(pk=int(category)).values_list("slug", flat=True).first() or ""
    return offers_chosen(category=slug, text=text, products=products, limit=MOST + 1)


def preview(offers: Sequence[Offer], *, rule: Repricing, seen: Mapping[int, Decimal]) -> list[Row]:
    """Return what becomes of prices. `seen`: those that somebody looked at before, where they have changed since."""
    return [_row(offer, rule=rule, seen=seen.get(offer.variant_id)) for offer in offers]


def of_run(run: PriceRun) -> list[tuple[str, str, str, str]]:
    """Return name, SKU, old and new price of each row of a run."""
    rows = run.rows.select_related("variant__product").order_by("variant__product__search_key", "variant__position")
    return [
        (
            " · ".join(filter(None, (row.variant.product.name, row.variant.name))),
            row.variant.sku,
            format_brl(row.old),
            format_brl(row.new),
        )
        for row in rows
    ]


def _row(offer: Offer, *, rule: Repricing, seen: Decimal | None) -> Row:
    new = repriced(price=offer.price, rule=rule)
    wrong = not 0 <= new <= MAX_MONEY
    changed = seen is not None and seen != offer.price
    told = ""
    if wrong:
        told = _("This price would be below nothing, or too great.")
    elif changed and seen is not None:
        told = _("Somebody has changed it meanwhile: it was %(seen)s.") % {"seen": format_brl(seen)}
    return Row(
        variant_id=offer.variant_id,
        sku=offer.sku,
        name=offer.name,
        old=shown_price(format_brl(offer.price), unit=offer.unit, price_per=offer.price_per),
        new="-" if wrong else format_brl(new),
        told=told,
        is_wrong=wrong or changed,
        moves=not wrong and new != offer.price,
    )
