"""Who changed what of a product, written in the transaction that changed it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from catalog.models import ProductChange
from common.actors import Actor
from common.transactions import within_unit_of_work


@dataclass(frozen=True)
class Change:
    """One property that became another; both as text."""

    product_id: int
    key: str
    old: object
    new: object
    sku: str = ""


@within_unit_of_work
def write_down(*, changes: Iterable[Change], actor: Actor, now: datetime) -> None:
    """Write the changes down in one statement; what stayed the same is no change."""
    ProductChange.objects.bulk_create(
        ProductChange(
            product_id=change.product_id,
            sku=change.sku,
            key=change.key,
            old=_text(change.old),
            new=_text(change.new),
            actor_kind=actor.kind,
            actor_id=actor.id,
            door=actor.door,
            at=now,
        )
        for change in changes
        if change.old != change.new
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "; ".join(f"{option['name']}: {option['value']}" for option in value)
    return str(value)
