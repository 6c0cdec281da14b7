"""Units spoken for: held by a cart, allocated to an order, released.

A claim is an opaque UUID; the stock never learns whether a cart or an order carries it. Two things need no look behind
a lock: fresh claims, whose UUIDs no other writer can know, are taken by one statement, and claims that still keep
exactly what an order needs are given to it without touching the stock rows, which counted them already. Everything else
locks the stock rows by pk and only then looks at reservations.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from common import sql
from common.transactions import locked, within_unit_of_work
from inventory import selectors
from inventory.models import StockItem, StockReservation
from inventory.services import display


@dataclass(frozen=True)
class Need:
    """Exactly `quantity` units of a variant, wanted under `claim`."""

    claim: UUID
    variant_id: int
    sku: str
    quantity: int


@dataclass(frozen=True)
class Shortage:
    """A need that cannot be met: `available` is what this claim could have at most."""

    claim: UUID
    sku: str
    requested: int
    available: int


# "(SELECT %(claims)s)" keeps the planner from counting the claims, so it plans once and not for every number of them.
# Claims are named besides being joined: so they are found by their index in a small table, too, and not by reading it.
# Where there is plainly too little of anything, no row is locked, so whoever comes too late waits for nobody.
_HOLD_ANEW = f"""
WITH wanted AS (
    SELECT *
    FROM unnest((SELECT %(claims)s::uuid[]), %(variants)s::bigint[], %(quantities)s::int[], %(moments)s::timestamptz[])
        AS need (claim, variant_id, quantity, expires_at)
), locked AS (
    SELECT item.id, wanted.claim, wanted.quantity, wanted.expires_at
    FROM inventory_stockitem item JOIN wanted ON wanted.variant_id = item.variant_id
    WHERE (
        SELECT count(*) FROM inventory_stockitem seen JOIN wanted ON wanted.variant_id = seen.variant_id
        WHERE seen.on_hand - seen.reserved >= wanted.quantity
    ) = %(count)s
    ORDER BY item.id {sql.FOR_WRITING} OF item
), taken AS (
    UPDATE inventory_stockitem item SET reserved = item.reserved + locked.quantity
    FROM locked WHERE item.id = locked.id AND item.on_hand - item.reserved >= locked.quantity
    RETURNING item.id, locked.claim, locked.quantity, locked.expires_at
)
INSERT INTO inventory_stockreservation (stock_item_id, claim, quantity, allocated, expires_at)
SELECT id, claim, quantity, false, expires_at FROM taken
"""  # noqa: S608 - no values

_LOCK_ITEMS = f"""
SELECT variant_id, id, on_hand, reserved FROM inventory_stockitem
WHERE variant_id = ANY(%(variants)s) ORDER BY id {sql.FOR_WRITING}
"""  # noqa: S608 - no values

_KEPT = "SELECT claim, quantity FROM inventory_stockreservation WHERE claim = ANY(%(claims)s)"

_ALLOCATE_KEPT = """
WITH wanted AS (
    SELECT * FROM unnest((SELECT %(claims)s::uuid[]), %(quantities)s::int[]) AS need (claim, quantity)
)
UPDATE inventory_stockreservation kept SET allocated = true, expires_at = %(expires_at)s
FROM wanted
WHERE kept.claim = ANY(%(claims)s) AND kept.claim = wanted.claim AND kept.quantity = wanted.quantity AND (
    SELECT count(*) FROM inventory_stockreservation one JOIN wanted USING (claim, quantity)
    WHERE one.claim = ANY(%(claims)s)
) = %(count)s
"""

_RELEASE = """
WITH gone AS (
    DELETE FROM inventory_stockreservation WHERE claim = ANY(%(claims)s) RETURNING stock_item_id, quantity
), freed AS (
    SELECT stock_item_id, sum(quantity) AS quantity FROM gone GROUP BY stock_item_id
)
UPDATE inventory_stockitem SET reserved = reserved - freed.quantity
FROM freed WHERE inventory_stockitem.id = freed.stock_item_id
"""

_FREE_EXPIRED = """
WITH gone AS (
    DELETE FROM inventory_stockreservation
    WHERE stock_item_id = ANY(%(items)s) AND expires_at <= %(now)s AND NOT (claim = ANY(%(keep)s))
    RETURNING stock_item_id, quantity
), freed AS (
    SELECT stock_item_id, sum(quantity) AS quantity FROM gone GROUP BY stock_item_id
)
UPDATE inventory_stockitem SET reserved = reserved - freed.quantity
FROM freed WHERE inventory_stockitem.id = freed.stock_item_id
RETURNING inventory_stockitem.id, inventory_stockitem.reserved
"""

_SET_CLAIMS = """
WITH wanted AS (
    SELECT *
    FROM unnest(%(claims)s::uuid[], %(items)s::bigint[], %(quantities)s::int[], %(moments)s::timestamptz[])
        AS need (claim, stock_item_id, quantity, expires_at)
), growth AS (
    SELECT wanted.stock_item_id, sum(wanted.quantity - coalesce(kept.quantity, 0)) AS units
    FROM wanted
    LEFT JOIN inventory_stockreservation kept ON kept.claim = wanted.claim AND kept.claim = ANY(%(claims)s)
    GROUP BY wanted.stock_item_id
), grown AS (
    UPDATE inventory_stockitem SET reserved = reserved + growth.units
    FROM growth WHERE inventory_stockitem.id = growth.stock_item_id AND growth.units <> 0
)
INSERT INTO inventory_stockreservation (stock_item_id, claim, quantity, allocated, expires_at)
SELECT stock_item_id, claim, quantity, %(allocated)s, expires_at FROM wanted
ON CONFLICT (claim) DO UPDATE
    SET quantity = excluded.quantity, allocated = excluded.allocated, expires_at = excluded.expires_at
"""


@within_unit_of_work
def hold_anew(*, needs: Mapping[Need, datetime], now: datetime) -> list[Shortage]:
    """Hold units under claims nobody has used before, each of another SKU; one statement when there are enough.

    `needs`: each with the instant at which its units come free by themselves. Returns every shortage; the caller then
    rolls back.
    """
    wanted = {
        "claims": [need.claim for need in needs],
        "variants": [need.variant_id for need in needs],
        "quantities": [need.quantity for need in needs],
        "moments": list(needs.values()),
        "count": len(needs),
    }
    if sql.execute(_HOLD_ANEW, wanted) == len(needs):
        display.forget(skus=[need.sku for need in needs])
        return []
    return shortages(needs=list(needs), now=now) or _set_claims(needs=needs, allocated=False, now=now)


@within_unit_of_work
def hold(*, needs: Mapping[Need, datetime], now: datetime) -> list[Shortage]:
    """Make each claim keep exactly its quantity, or change nothing and name every shortage.

    `needs`: each with the instant at which its units come free by themselves.
    """
    return _set_claims(needs=needs, allocated=False, now=now)


@within_unit_of_work
def allocate(*, needs: Sequence[Need], expires_at: datetime | None, now: datetime) -> list[Shortage]:
    """Give the units to an order until `expires_at` (None: without end), or change nothing and name the shortages.

    A claim that ran out is taken again if enough units are free.
    """
    if not needs:
        return []
    kept = {
        "claims": [need.claim for need in needs],
        "quantities": [need.quantity for need in needs],
        "count": len(needs),
        "expires_at": expires_at,
    }
    if sql.execute(_ALLOCATE_KEPT, kept) == len(needs):
        return []
    return _set_claims(needs=dict.fromkeys(needs, expires_at), allocated=True, now=now)


def shortages(*, needs: Sequence[Need], now: datetime) -> list[Shortage]:
    """Return which needs `allocate` could not meet at this moment; looks without locking and changes nothing."""
    live = selectors.live_claims(claims=[need.claim for need in needs], now=now)
    left = selectors.available(skus={need.sku for need in needs}, now=now)
    short = []
    for need in needs:
        own = live[need.claim].quantity if need.claim in live else 0
        at_most = own + left.get(need.sku, 0)
        if need.quantity > at_most:
            short.append(Shortage(claim=need.claim, sku=need.sku, requested=need.quantity, available=at_most))
        elif need.sku in left:
            left[need.sku] -= need.quantity - own
    return short


@within_unit_of_work
def release(*, claims: Iterable[UUID], variants: Iterable[int] = ()) -> None:
    """Free whatever the claims keep. Claims that keep nothing are passed over, so it is safe to repeat.

    `variants`: whose stock rows are locked along with those of the claims, for a caller that holds units of them next.
    """
    wanted = list(claims)
    if not wanted:
        return
    kept = StockReservation.objects.filter(claim__in=wanted).values("stock_item")
    items = StockItem.objects.filter(Q(pk__in=kept) | Q(variant__in=list(variants)))
    skus = list(locked(items).values_list("variant__sku", flat=True))
    if not skus:
        return
    sql.execute(_RELEASE, {"claims": wanted})
    display.forget(skus=skus)


def free_expired(*, item_ids: Sequence[int], keep: Sequence[UUID], now: datetime) -> dict[int, int]:
    """Delete what ran out on stock rows the caller has locked; returns the new `reserved` of the rows changed.

    Claims in `keep` are left alone: the caller is about to renew them.
    """
    return dict(sql.rows(_FREE_EXPIRED, {"items": list(item_ids), "keep": list(keep), "now": now}))


def _set_claims(*, needs: Mapping[Need, datetime | None], allocated: bool, now: datetime) -> list[Shortage]:
    """One lock per stock row by pk, one look at the claims, and one write for all of them."""
    if not needs:
        return []
    claims = [need.claim for need in needs]
    variants = {need.variant_id for need in needs}
    items = {
        variant_id: (pk, on_hand, reserved)
        for variant_id, pk, on_hand, reserved in sql.rows(_LOCK_ITEMS, {"variants": list(variants)})
    }
    kept = dict(sql.rows(_KEPT, {"claims": claims}))
    free = {pk: on_hand - reserved for pk, on_hand, reserved in items.values()}
    if _too_few(needs=needs, items=items, kept=kept, free=free):
        on_hand_of = {pk: on_hand for pk, on_hand, _ in items.values()}
        for pk, reserved in free_expired(item_ids=list(on_hand_of), keep=claims, now=now).items():
            free[pk] = on_hand_of[pk] - reserved
        shortages = _too_few(needs=needs, items=items, kept=kept, free=free)
        if shortages:
            return shortages
    sql.execute(
        _SET_CLAIMS,
        {
            "claims": claims,
            "items": [items[need.variant_id][0] for need in needs],
            "quantities": [need.quantity for need in needs],
            "moments": list(needs.values()),
            "allocated": allocated,
        },
    )
    display.forget(skus=[need.sku for need in needs])
    return []


def _too_few(
    *, needs: Iterable[Need], items: dict[int, tuple[int, int, int]], kept: dict[UUID, int], free: dict[int, int]
) -> list[Shortage]:
    """Judge the needs in order; two needs for one SKU share its units."""
    left = dict(free)
    shortages = []
    for need in needs:
        pk = items[need.variant_id][0] if need.variant_id in items else None
        own = kept.get(need.claim, 0)
        at_most = max(own + left.get(pk, 0), 0) if pk is not None else 0
        if need.quantity > at_most:
            shortages.append(Shortage(claim=need.claim, sku=need.sku, requested=need.quantity, available=at_most))
        elif pk is not None:
            left[pk] -= need.quantity - own
    return shortages
