"""What can be sold at the counter, as the page shows it."""

from decimal import Decimal

from django.utils.translation import gettext as _

from api.answers import Answer
from catalog.units import Unit, shown_quantity
from counter.selectors import Item


class ItemAnswer(Answer, frozen=True, kw_only=True):
    """Something that can be sold. `quantity`: what a scale's label says; `exact`: whether its code was given."""

    kind: str
    sku: str
    name: str
    options: str
    unit: str
    price_per: int
    price: Decimal
    quantity: int | None
    exact: bool
    pinned: bool
    stock: str


def item_answer(item: Item, *, text: str = "") -> ItemAnswer:
    """Say what an item is."""
    labelled = item.unit != Unit.PIECE and item.quantity > 1
    return ItemAnswer(
        kind=item.kind,
        sku=item.sku,
        name=item.name,
        options=options_text(item),
        unit=item.unit,
        price_per=item.price_per,
        price=item.price,
        quantity=item.quantity if labelled else None,
        pinned=item.pinned,
        exact=labelled or item.sku.casefold() == text.casefold(),
        stock=_stock(item),
    )


def options_text(item: Item) -> str:
    """Return what tells a variant from its sisters, where its name does not say it."""
    text = " · ".join(value for _name, value in item.options)
    return "" if item.name.casefold().endswith(text.casefold()) else text


def _stock(item: Item) -> str:
    if item.available is None:
        return ""
    if item.available <= 0:
        return _("none left")
    return _("%(quantity)s there") % {"quantity": shown_quantity(quantity=item.available, unit=item.unit)}
