"""When the desk is to warn that little is left."""

from catalog.errors import UnknownSku
from common.transactions import locked
from common.use_cases import use_case
from inventory.errors import not_unseen
from inventory.models import StockItem


@use_case()
def warn_at(*, sku: str, units: int, seen: int | None = None) -> StockItem:
    """Have the desk warn when the available units of a SKU fall to `units`; 0 warns when nothing is left.

    `seen`: the level as whoever decides it saw it.

    Raises UnknownSku (nothing of that SKU was ever received), Conflict (somebody chose another level meanwhile).
    """
    item = locked(StockItem.objects.filter(variant__sku=sku)).first()
    if item is None:
        raise UnknownSku(sku=sku)
    if item.low_stock_at != units:
        not_unseen(seen=seen, current=item.low_stock_at)
    item.low_stock_at = units
    StockItem.objects.filter(pk=item.pk).update(low_stock_at=units)
    return item
