"""A delivery: many SKUs put on the shelf in one transaction, so that it is there whole or not at all."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from catalog.models import Product, Variant
from common.actors import Actor
from common.errors import FieldError, Malformed
from common.transactions import locked, within_unit_of_work
from common.use_cases import use_case
from inventory.models import MAX_ON_HAND, StockItem, StockMovement
from inventory.services import display
from inventory.services.stock import shift_items


@dataclass(frozen=True)
class Arrived:
    """So many of a SKU, in its unit."""

    sku: str
    quantity: int


@use_case()
def receive_goods(*, arrived: Sequence[Arrived], reason: str, actor: Actor, now: datetime) -> list[StockMovement]:
    """Put what has arrived on the shelf, and return one movement for each SKU; the same SKU twice is added up.

    Raises Malformed naming each line that cannot be (`/lines/0/sku`, `/lines/0/quantity`); nothing is received then.
    """
    variants = _variants(arrived=arrived)
    items = locked_items(variants=variants)
    units: dict[int, int] = defaultdict(int)
    for one in arrived:
        units[items[one.sku].pk] += one.quantity
    _refuse_too_many(arrived=arrived, items=items, units=units)
    movements = []
    for item in sorted(items.values(), key=lambda one: one.pk):
        item.on_hand += units[item.pk]
        movements.append(
            StockMovement(
                stock_item=item,
                kind=StockMovement.Kind.RECEIVED,
                delta=units[item.pk],
                on_hand_after=item.on_hand,
                reason=reason,
                actor_kind=actor.kind,
                actor_id=actor.id,
                door=actor.door,
                at=now,
            )
        )
    shift_items(on_hand=units, reserved={})
    StockMovement.objects.bulk_create(movements)
    display.forget(skus=variants)
    return movements


@within_unit_of_work
def locked_items(*, variants: Mapping[str, Variant]) -> dict[str, StockItem]:
    """Return the stock rows of variants by SKU, made on their first use, locked by pk."""
    StockItem.objects.bulk_create(
        [StockItem(variant=variant) for variant in sorted(variants.values(), key=lambda one: one.pk)],
        ignore_conflicts=True,
    )
    skus = {variant.pk: sku for sku, variant in variants.items()}
    return {skus[item.variant_id]: item for item in locked(StockItem.objects.filter(variant_id__in=skus))}


def _variants(*, arrived: Sequence[Arrived]) -> dict[str, Variant]:
    """Return the goods that arrived, by SKU. Raises Malformed."""
    found = Variant.objects.filter(sku__in={one.sku for one in arrived}, product__kind=Product.Kind.GOODS)
    variants = {variant.sku: variant for variant in found}
    told = _("There are no goods with this code.")
    wrong = [
        FieldError(pointer=f"/lines/{place}/sku", code="unknown_sku", detail=told)
        for place, one in enumerate(arrived)
        if one.sku not in variants
    ]
    if wrong:
        raise Malformed(errors=wrong)
    return variants


def _refuse_too_many(*, arrived: Sequence[Arrived], items: Mapping[str, StockItem], units: Mapping[int, int]) -> None:
    """Let a delivery pass that the shelf can hold. Raises Malformed."""
    full = {item.pk for item in items.values() if item.on_hand + units[item.pk] > MAX_ON_HAND}
    wrong = [
        FieldError(pointer=f"/lines/{place}/quantity", code="max_value", detail=_("Too many units."))
        for place, one in enumerate(arrived)
        if items[one.sku].pk in full
    ]
    if wrong:
        raise Malformed(errors=wrong)
