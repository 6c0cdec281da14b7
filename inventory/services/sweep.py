"""Tidies reservations that ran out. Nothing depends on it: an expired one counts for nothing wherever it is read."""

from datetime import datetime

from common.transactions import locked_if_free, unit_of_work
from inventory.models import StockItem, StockReservation
from inventory.services import display
from inventory.services.claims import free_expired


def release_expired(*, now: datetime, batch: int = 100) -> int:
    """Free every reservation that ran out, `batch` stock rows a transaction; returns how many rows it tidied.

    Rows another process has locked are left to it, so two sweeps at once, or a sweep beside a rush, never wait.
    """
    tidied = 0
    after = 0
    while True:
        with unit_of_work():
            expired = StockReservation.objects.filter(expires_at__lte=now).values("stock_item")
            due = StockItem.objects.filter(pk__in=expired, pk__gt=after)
            rows = list(locked_if_free(due).values_list("pk", "variant__sku")[:batch])
            if rows:
                tidied += len(free_expired(item_ids=[pk for pk, _sku in rows], keep=[], now=now))
                display.forget(skus=[sku for _pk, sku in rows])
        if len(rows) < batch:
            return tidied
        after = rows[-1][0]
