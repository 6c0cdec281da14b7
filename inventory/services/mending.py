"""Figures that are no longer the sums they stand for, which only a hand in the database can bring about."""

import structlog

from common.transactions import locked
from common.use_cases import use_case
from inventory import selectors
from inventory.models import StockItem
from inventory.selectors import Difference
from inventory.services import display

log = structlog.get_logger(__name__)


@use_case()
def mend(*, sku: str) -> Difference | None:
    """Make the figures of a SKU the sums of its movements and reservations again; return how they differed.

    The rows are what happened and stay as they are; how many units lie on the shelf, only a count can say afterwards.
    Nothing is changed where the sums cannot stand, because more is promised than has come (`can_be_mended`).
    """
    item = locked(StockItem.objects.filter(variant__sku=sku)).first()
    found = next(iter(selectors.differences(skus=[sku])), None) if item else None
    if item is not None and found is not None and found.can_be_mended:
        StockItem.objects.filter(pk=item.pk).update(on_hand=found.moved, reserved=found.kept)
        log.warning(
            "stock_mended", sku=sku, on_hand=[found.on_hand, found.moved], reserved=[found.reserved, found.kept]
        )
        display.forget(skus=[sku])
    return found
