"""What lies on the shelf: receiving, removing, counting, leaving with a customer, coming back.

Every change of `on_hand` writes its movement in the same transaction. *set* is a count. It moves the
shelf by the difference found under the row lock, and a count that finds no difference is still worth a movement.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from catalog.errors import UnknownSku
from catalog.models import Variant
from common.actors import Actor
from common.errors import FieldError, Malformed
from common.transactions import locked, within_unit_of_work
from common.use_cases import use_case
from inventory.errors import BelowReserved, not_unseen
from inventory.models import MAX_ON_HAND, StockItem, StockMovement, StockReservation
from inventory.services import display
from inventory.services.claims import free_expired

Operation = Literal["add", "remove", "set"]

_KINDS = {
    "add": StockMovement.Kind.RECEIVED,
    "remove": StockMovement.Kind.REMOVED,
    "set": StockMovement.Kind.COUNTED,
}


@dataclass(frozen=True)
class Leaving:
    """Units of a claim that leave the shop now."""

    claim: UUID
    quantity: int


@dataclass(frozen=True)
class Returning:
    """Units of a variant that come back to the shelf; `claim` is the one under which they had left."""

    claim: UUID
    variant_id: int
    quantity: int


@use_case()
def adjust_stock(
    *,
    sku: str,
    operation: Operation,
    quantity: int,
    reason: str,
    actor: Actor,
    now: datetime,
    seen: int | None = None,
) -> StockMovement:
    """Add, remove or count units of a SKU, and return the movement, its stock item holding the new figures.

    `seen`: the units on hand as whoever counted saw them; a count says nothing about what moved since.

    Raises UnknownSku (no goods of that SKU), BelowReserved (fewer would be left than are promised), Malformed (more
    than a shelf can hold), Conflict (the units on hand are no longer those seen).
    """
    return adjust_units(sku=sku, operation=operation, quantity=quantity, reason=reason, actor=actor, now=now, seen=seen)


@within_unit_of_work
def adjust_units(
    *,
    sku: str,
    operation: Operation,
    quantity: int,
    reason: str,
    actor: Actor,
    now: datetime,
    seen: int | None = None,
) -> StockMovement:
    """Do what `adjust_stock` does, as a part of the caller's unit of work. Raises the same."""
    item = _locked_item(sku=sku)
    if operation == "set":
        not_unseen(seen=seen, current=item.on_hand)
    delta = {"add": quantity, "remove": -quantity, "set": quantity - item.on_hand}[operation]
    reserved = free_expired(item_ids=[item.pk], keep=[], now=now).get(item.pk, item.reserved)
    if item.on_hand + delta < reserved:
        raise BelowReserved(reserved=reserved)
    if item.on_hand + delta > MAX_ON_HAND:
        raise Malformed(errors=[FieldError(pointer="/quantity", code="max_value", detail=_("Too many units."))])
    item.on_hand, item.reserved = item.on_hand + delta, reserved
    StockItem.objects.filter(pk=item.pk).update(on_hand=item.on_hand)
    movement = StockMovement.objects.create(
        stock_item=item,
        kind=_KINDS[operation],
        delta=delta,
        on_hand_after=item.on_hand,
        reason=reason,
        actor_kind=actor.kind,
        actor_id=actor.id,
        door=actor.door,
        at=now,
    )
    display.forget(skus=[sku])
    return movement


@within_unit_of_work
def consume(*, leaving: Sequence[Leaving], reference: str, reason: str, actor: Actor, now: datetime) -> None:
    """Take claimed units off the shelf: reservation, `reserved` and `on_hand` shrink together, with a movement.

    `reference` names what took them (a fulfilment); the same claim and reference can be consumed only once.

    Raises RuntimeError when a claim keeps fewer units than leave it: the caller broke its own invariant.
    """
    quantities = {unit.claim: unit.quantity for unit in leaving}
    owners = StockReservation.objects.filter(claim__in=quantities).values("stock_item")
    items = {item.pk: item for item in locked(StockItem.objects.filter(pk__in=owners).select_related("variant"))}
    kept = {row.claim: row for row in StockReservation.objects.filter(claim__in=quantities)}
    taken: dict[int, int] = defaultdict(int)
    movements = []
    for claim, quantity in quantities.items():
        row = kept.get(claim)
        if row is None or row.quantity < quantity:
            raise RuntimeError(f"claim {claim} keeps fewer than {quantity} units")
        item = items[row.stock_item_id]
        taken[item.pk] += quantity
        item.on_hand -= quantity
        movements.append(
            _movement(item, StockMovement.Kind.SOLD, -quantity, claim, reference, reason=reason, actor=actor, at=now)
        )
    _shrink_reservations(kept=kept, quantities=quantities)
    shift_items(on_hand={pk: -units for pk, units in taken.items()}, reserved={pk: -u for pk, u in taken.items()})
    StockMovement.objects.bulk_create(movements)
    display.forget(skus=[item.variant.sku for item in items.values()])


@within_unit_of_work
def restock(*, returning: Sequence[Returning], reference: str, reason: str, actor: Actor, now: datetime) -> None:
    """Put units back on the shelf with a movement each, once per claim and reference."""
    variants = {unit.variant_id for unit in returning}
    items = {
        item.variant_id: item
        for item in locked(StockItem.objects.filter(variant_id__in=variants).select_related("variant"))
    }
    movements = []
    back: dict[int, int] = defaultdict(int)
    for unit in returning:
        item = items[unit.variant_id]
        item.on_hand += unit.quantity
        back[item.pk] += unit.quantity
        movements.append(
            _movement(
                item,
                StockMovement.Kind.RETURNED,
                unit.quantity,
                unit.claim,
                reference,
                reason=reason,
                actor=actor,
                at=now,
            )
        )
    StockMovement.objects.bulk_create(movements)
    shift_items(on_hand=back, reserved={})
    display.forget(skus=[item.variant.sku for item in items.values()])


def _movement(
    item: StockItem,
    kind: StockMovement.Kind,
    delta: int,
    claim: UUID,
    reference: str,
    *,
    reason: str,
    actor: Actor,
    at: datetime,
) -> StockMovement:
    return StockMovement(
        stock_item=item,
        kind=kind,
        delta=delta,
        on_hand_after=item.on_hand,
        reason=reason,
        reference=reference,
        claim=claim,
        actor_kind=actor.kind,
        actor_id=actor.id,
        door=actor.door,
        at=at,
    )


def _locked_item(*, sku: str) -> StockItem:
    """Return the stock row of a SKU, made on its first use, locked."""
    variant = Variant.objects.filter(sku=sku, product__kind="goods").only("pk", "sku").first()
    if variant is None:
        raise UnknownSku(sku=sku)
    StockItem.objects.bulk_create([StockItem(variant=variant)], ignore_conflicts=True)
    item = locked(StockItem.objects.filter(variant=variant)).get()
    item.variant = variant
    return item


def _shrink_reservations(*, kept: dict[UUID, StockReservation], quantities: dict[UUID, int]) -> None:
    emptied = [claim for claim, quantity in quantities.items() if kept[claim].quantity == quantity]
    StockReservation.objects.filter(claim__in=emptied).delete()
    for claim, quantity in quantities.items():
        if kept[claim].quantity > quantity:
            StockReservation.objects.filter(claim=claim).update(quantity=kept[claim].quantity - quantity)


def shift_items(*, on_hand: dict[int, int], reserved: dict[int, int]) -> None:
    """Change stock rows that the caller has locked by so many units each, in one statement."""
    pks = sorted({*on_hand, *reserved})
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE inventory_stockitem
            SET on_hand = inventory_stockitem.on_hand + shift.on_hand,
                reserved = inventory_stockitem.reserved + shift.reserved
            FROM unnest(%(pks)s::bigint[], %(on_hand)s::int[], %(reserved)s::int[]) AS shift (id, on_hand, reserved)
            WHERE inventory_stockitem.id = shift.id
            """,
            {
                "pks": pks,
                "on_hand": [on_hand.get(pk, 0) for pk in pks],
                "reserved": [reserved.get(pk, 0) for pk in pks],
            },
        )
