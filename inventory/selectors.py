"""Reads of the stock worth a name.

*Available* is what nobody has claimed: on hand, minus every reservation that has not run out. The
number on show comes from Redis when it can (90 seconds of life, filled on read) and is never used to decide a sale.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import DateTimeField, Exists, F, Func, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from redis.exceptions import RedisError

from catalog.models import Product, Variant
from common import counters, redis, replica, sql
from inventory.models import StockItem, StockMovement, StockReservation

DISPLAY_SECONDS = 90


_AVAILABLE = """greatest({item}.on_hand - {item}.reserved + coalesce((
    SELECT sum(claim.quantity) FROM inventory_stockreservation claim
    WHERE claim.stock_item_id = {item}.id AND claim.expires_at <= {now}
), 0), 0)"""

AVAILABLE = _AVAILABLE.format(item="item", now="%(now)s")
"""Units of a row of inventory_stockitem called `item` that nobody has claimed at %(now)s, for SQL; never negative."""

_DISPLAY = f"""
SELECT variant.sku, {AVAILABLE}, (
    SELECT min(expires_at) FROM inventory_stockreservation WHERE stock_item_id = item.id AND expires_at > %(now)s
)
FROM catalog_variant variant JOIN inventory_stockitem item ON item.variant_id = variant.id
WHERE variant.sku = ANY(%(skus)s)
"""  # noqa: S608 - made of constants

LIVE = "(kept.expires_at IS NULL OR kept.expires_at > %(now)s)"
"""Whether a row of inventory_stockreservation called `kept` keeps its units at %(now)s, for SQL."""

_LIVE_CLAIMS = f"""
SELECT claim, quantity, expires_at FROM inventory_stockreservation kept WHERE claim = ANY(%(claims)s) AND {LIVE}
"""  # noqa: S608 - made of constants

KEPT_UNTIL = """(
    SELECT kept.expires_at FROM inventory_stockreservation kept
    WHERE kept.claim = line.claim AND kept.quantity >= line.quantity AND kept.expires_at > %(now)s
)"""
"""Until when all units of a row called `line`, with a claim and a quantity, are kept at %(now)s, for SQL; else NULL."""


@dataclass(frozen=True)
class LiveClaim:
    """What a claim keeps at this moment; `expires_at` None means without end."""

    quantity: int
    expires_at: datetime | None


class _Available(Func):
    """`AVAILABLE` for the ORM: of the StockItem whose key comes first, at the instant that comes second."""

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:  # type: ignore[override]
        """Return the SQL, the table called as the query calls it."""
        key, instant = self.get_source_expressions()
        item = compiler.compile(key)[0].rpartition(".")[0]
        now, parameters = compiler.compile(instant)
        return _AVAILABLE.format(item=item, now=now), parameters


def available_expression(*, now: datetime) -> Combinable:
    """Return the expression for the units of a StockItem that nobody has claimed; never negative."""
    return _Available(F("pk"), Value(now, output_field=DateTimeField()), output_field=IntegerField())


def low(*, now: datetime) -> QuerySet[StockItem]:
    """Return the stock of what is for sale that is down to its warning, what is gone first; each knows `available`."""
    sellable = StockItem.objects.filter(variant__is_active=True, variant__product__status=Product.Status.PUBLISHED)
    found = sellable.annotate(available=available_expression(now=now)).filter(available__lte=F("low_stock_at"))
    return found.select_related("variant__product").order_by("available", "variant__product__search_key", "pk")


def goods_for_sale() -> QuerySet[Variant]:
    """Return the goods that customers can choose, whether or not there are any, by name."""
    found = Variant.objects.filter(is_active=True, product__kind="goods", product__status=Product.Status.PUBLISHED)
    return found.select_related("product").order_by("product__search_key", "position", "pk")


def never_received() -> QuerySet[Variant]:
    """Return the goods for sale of which no unit was ever received: there is none, and no stock item says so."""
    return goods_for_sale().exclude(Exists(StockItem.objects.filter(variant=OuterRef("pk"))))


def available(*, skus: Iterable[str], now: datetime) -> dict[str, int]:
    """Return the available units by SKU, in one statement; a SKU without stock is absent."""
    rows = (
        StockItem.objects.filter(variant__sku__in=list(skus))
        .annotate(available=available_expression(now=now))
        .values_list("variant__sku", "available")
    )
    return dict(rows)


def live_claims(*, claims: Iterable[UUID], now: datetime) -> dict[UUID, LiveClaim]:
    """Return what each claim keeps at `now`, in one statement; a claim that ran out is absent."""
    return {
        claim: LiveClaim(quantity=quantity, expires_at=expires_at)
        for claim, quantity, expires_at in sql.rows(_LIVE_CLAIMS, {"claims": list(claims), "now": now})
    }


def display_key(*, sku: str) -> str:
    """Return the name of the display figure of a SKU in Redis."""
    return f"stock:available:{sku}"


def display_available(*, skus: Iterable[str], now: datetime) -> dict[str, int]:
    """Return units to show by SKU: from Redis where known, else from PostgreSQL, which fills Redis.

    May be 90 seconds old, never older than the next claim that runs out, and costs no statement when Redis knows every
    figure. A SKU without stock reads 0. What a replica says fills nothing: a sale may have dropped a figure that it
    still has.
    """
    wanted = sorted(set(skus))
    known = _read_display(skus=wanted)
    missing = [sku for sku in wanted if sku not in known]
    if not missing:
        return known
    figures = dict.fromkeys(missing, (0, DISPLAY_SECONDS))
    for sku, units, next_expiry in sql.rows(_DISPLAY, {"skus": missing, "now": now}):
        figures[sku] = (units, _life(next_expiry=next_expiry, now=now))
    if not replica.is_read():
        _fill_display(figures=figures)
    return known | {sku: units for sku, (units, _seconds) in figures.items()}


def _life(*, next_expiry: datetime | None, now: datetime) -> int:
    """Seconds for which a figure may be shown: until the next claim of that SKU runs out, 90 at most."""
    if next_expiry is None:
        return DISPLAY_SECONDS
    return max(1, min(DISPLAY_SECONDS, int((next_expiry - now).total_seconds())))


def _read_display(*, skus: list[str]) -> dict[str, int]:
    if not skus:
        return {}
    try:
        values = redis.client().mget([display_key(sku=sku) for sku in skus])
    except RedisError:
        counters.increment("display_cache_unreachable")
        return {}
    return {sku: int(value) for sku, value in zip(skus, values, strict=True) if value is not None}


def _fill_display(*, figures: Mapping[str, tuple[int, int]]) -> None:
    try:
        pipeline = redis.client().pipeline(transaction=False)
        for sku, (units, seconds) in figures.items():
            pipeline.set(display_key(sku=sku), units, ex=seconds)
        pipeline.execute()
    except RedisError:
        counters.increment("display_cache_unreachable")


@dataclass(frozen=True)
class UnitsAt:
    """Units of a SKU on hand at an instant, by its movements, and the last movement up to then."""

    units: int
    last: StockMovement | None


def units_at(*, sku: str, at: datetime) -> UnitsAt:
    """Return what had come and not gone of a SKU by an instant, however the figure of today came about."""
    moved = StockMovement.objects.filter(stock_item__variant__sku=sku, at__lte=at)
    units = moved.order_by().aggregate(units=Sum("delta"))["units"]
    return UnitsAt(units=units or 0, last=moved.order_by("-at", "-pk").first())


@dataclass(frozen=True)
class Difference:
    """Stock whose figures are not the sums they stand for: of its movements, of its reservations."""

    sku: str
    on_hand: int
    moved: int
    reserved: int
    kept: int

    @property
    def can_be_mended(self) -> bool:
        """Whether the sums can stand as the figures: no fewer units than none, or than are promised."""
        return 0 <= self.kept <= self.moved


def differences(*, skus: Iterable[str] | None = None) -> list[Difference]:
    """Return the stock that differs from its sums, by SKU; of some SKUs or of all, in one statement."""
    moved = StockMovement.objects.filter(stock_item=OuterRef("pk")).order_by().values("stock_item")
    kept = StockReservation.objects.filter(stock_item=OuterRef("pk")).order_by().values("stock_item")
    found = StockItem.objects.annotate(
        moved=Coalesce(Subquery(moved.values(units=Sum("delta"))), 0),
        kept=Coalesce(Subquery(kept.values(units=Sum("quantity"))), 0),
    ).exclude(on_hand=F("moved"), reserved=F("kept"))
    if skus is not None:
        found = found.filter(variant__sku__in=list(skus))
    rows = found.order_by("variant__sku").values_list("variant__sku", "on_hand", "moved", "reserved", "kept")
    return [Difference(*row) for row in rows]


def units_out(*, claims: Iterable[UUID]) -> dict[UUID, int]:
    """Return, by claim, the units that left the shop under it and have not come back."""
    kinds = [StockMovement.Kind.SOLD, StockMovement.Kind.RETURNED]
    rows = StockMovement.objects.filter(claim__in=list(claims), kind__in=kinds).order_by()
    moved = rows.values_list("claim").annotate(units=Sum("delta"))
    return {claim: -units for claim, units in moved if claim is not None}
