"""How far a member of the team changes prices in a day, as the owner has set it for their role."""

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.selectors import role_of
from catalog.errors import PriceAboveLimit
from catalog.models import ProductChange
from catalog.services.history import Change
from common.actors import Actor
from common.dates import midnight
from common.money import CENT
from common.transactions import within_unit_of_work
from shop import services as shop


@within_unit_of_work
def judge_prices(*, changes: Iterable[Change], actor: Actor, now: datetime) -> None:
    """Let somebody change these prices, of products that are locked, or be refused. Raises PriceAboveLimit.

    A price is compared with the one it had before they first changed it that day, whatever its SKU was then; one of
    nothing may become any.
    """
    changes = list(changes)
    found = [one for one in changes if one.key == "price" and one.old is not None and one.old != one.new]
    role = role_of(actor=actor) if found else ""
    policy = shop.policy() if role else None
    percent = policy.limit_of(role=role, what="price_percent") if policy else None
    if policy is None or percent is None:
        return
    zone = ZoneInfo(policy.timezone)
    since = midnight(now.astimezone(zone).date(), zone=zone)
    begun = _before_today({one.product_id for one in found}, actor=actor, since=since)
    for one in changes:
        if one.key == "sku":
            _follow(begun, old=str(one.old), new=one.sku)
    for one in found:
        old, new = begun.get(one.sku, Decimal(str(one.old))), Decimal(str(one.new))
        part = old * percent / 100
        least = max(old - part, Decimal(0)).quantize(CENT, rounding=ROUND_CEILING)
        most = (old + part).quantize(CENT, rounding=ROUND_FLOOR)
        if old > 0 and not least <= new <= most:
            raise PriceAboveLimit(sku=one.sku, percent=percent, least=str(least), most=str(most), price=new)


def _before_today(products: set[int], *, actor: Actor, since: datetime) -> dict[str, Decimal]:
    """Return, by the SKU of now, the prices before somebody first changed them since an instant."""
    mine = Q(key="price", actor_kind=actor.kind, actor_id=actor.id)
    steps = ProductChange.objects.filter(mine | Q(key="sku"), product__in=products, at__gte=since).exclude(old="")
    begun: dict[str, Decimal] = {}
    for key, sku, old in steps.order_by("pk").values_list("key", "sku", "old"):
        if key == "sku":
            _follow(begun, old=old, new=sku)
        else:
            begun.setdefault(sku, Decimal(old))
    return begun


def _follow(begun: dict[str, Decimal], *, old: str, new: str) -> None:
    """Let a price be known by the new SKU of its variant."""
    if old in begun:
        begun[new] = begun.pop(old)
