"""Favourites that stay on top of the grid, in the order in which somebody put them."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from catalog.models import Variant
from common.actors import Actor
from common.errors import FieldError, Forbidden, Malformed
from common.transactions import one_at_a_time
from common.use_cases import use_case
from counter.errors import FavouritesChanged
from counter.models import Pinned
from counter.selectors import pinned_skus
from counter.services.people import may

PINS = "counter.pin_favourites"
MOST = 24


@use_case()
def pin_favourites(*, skus: Sequence[str], seen: Sequence[str], actor: Actor, now: datetime) -> None:
    """Let these, and nothing else, stay on top of the favourites, in this order. `seen`: those that the page showed.

    Raises Forbidden, FavouritesChanged, Malformed (too many, twice the same, or a SKU that nothing has).
    """
    if not may(actor=actor, permission=PINS):
        raise Forbidden()
    if len(skus) > MOST:
        raise Malformed(errors=[FieldError("/skus", "max_items", _("Pin %(max)s things at most.") % {"max": MOST})])
    found = {variant.sku: variant for variant in Variant.objects.filter(sku__in=list(skus))}
    told = _("Nothing is sold under %(sku)s.")
    unknown = [
        FieldError(f"/skus/{place}", "unknown_sku", told % {"sku": sku})
        for place, sku in enumerate(skus)
        if sku not in found
    ]
    if unknown:
        raise Malformed(errors=unknown)
    one_at_a_time(names=["pinned favourites"])
    if list(seen) != pinned_skus(now=now):
        raise FavouritesChanged()
    Pinned.objects.all().delete()
    Pinned.objects.bulk_create(
        Pinned(variant=found[sku], position=place, at=now, actor_kind=actor.kind, actor_id=actor.id)
        for place, sku in enumerate(dict.fromkeys(skus), start=1)
    )
