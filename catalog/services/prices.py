"""Many prices changed at once, as they were looked at, and put back as one.

Whoever looked at old prices changes nothing: each row carries the price it was shown with. The products' rows are
locked, as every writer of a variant does, and the leases of their pages are held, so that nobody who is saving one of
them overwrites the new price unseen. Only what nobody has changed since is put back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from catalog.errors import NothingChanges, PricesChanged
from catalog.models import PriceRun, Product, ProductChange, RepricedVariant, Variant
from catalog.repricing import ENDINGS, Repricing, repriced
from catalog.services import history
from catalog.services.history import Change
from catalog.services.limits import judge_prices
from common import locks, sql
from common.actors import Actor
from common.errors import FieldError, InvalidTransition, Malformed, NotFound
from common.money import CENT, MAX_MONEY
from common.transactions import locked, within_unit_of_work
from common.use_cases import use_case

MOST_PERCENT = 1000

_WRITE = """
UPDATE catalog_variant SET price = given.price
FROM unnest(%(ids)s::bigint[], %(prices)s::numeric[]) AS given (id, price) WHERE catalog_variant.id = given.id
"""


@dataclass(frozen=True)
class Looked:
    """A variant with the price that somebody saw."""

    variant_id: int
    price: Decimal


@dataclass(frozen=True)
class PutBack:
    """Which prices are as they were before, and the SKUs that were left alone because somebody changed them since."""

    run: PriceRun
    back: int
    left: tuple[str, ...]


def rule_problems(*, rule: Repricing) -> list[FieldError]:
    """Return what is wrong with a rule."""
    problems = []
    most = Decimal(MOST_PERCENT) if rule.way == "percent" else MAX_MONEY
    if rule.way == "percent" and rule.direction == "down":
        most = Decimal(100)
    if not (rule.value.is_finite() and 0 < rule.value <= most and rule.value == rule.value.quantize(CENT)):
        told = _("More than nothing, and at most %(most)s.") % {"most": most}
        problems.append(FieldError("/value", "bounds", told))
    if rule.ending not in ENDINGS:
        problems.append(FieldError("/ending", "invalid_choice", _("Prices cannot end like that.")))
    return problems


def _pages_of_rows(*, rows: Sequence[Looked], **_others: object) -> Iterable[str]:
    return _pages(variants=[row.variant_id for row in rows])


def _pages_of_run(*, run: UUID, **_others: object) -> Iterable[str]:
    return _pages(variants=RepricedVariant.objects.filter(run__public_id=run).values_list("variant_id", flat=True))


def _pages(*, variants: Iterable[int]) -> list[str]:
    """Return the leases under which the desk saves the products of some variants."""
    found = Variant.objects.filter(pk__in=list(variants)).values_list("product_id", flat=True).distinct()
    return [locks.page(table="catalog.product", pk=pk) for pk in found]


@use_case(lease=_pages_of_rows)
def change_prices(*, rows: Sequence[Looked], rule: Repricing, actor: Actor, now: datetime) -> PriceRun:
    """Change the prices of variants by one rule, all or none, and return the run, which can be undone.

    Raises Malformed (the rule; `/rows/<sku>` for a price below nothing or beyond the greatest amount), PricesChanged
    (they are no longer those seen), NothingChanges, PriceAboveLimit (further than their role may go in a day).
    """
    problems = rule_problems(rule=rule)
    if problems:
        raise Malformed(errors=problems)
    seen = {row.variant_id: row.price for row in rows}
    variants = _locked(variants=seen)
    gone = [variant.sku for variant in variants if variant.price != seen[variant.pk]]
    if gone or len(variants) < len(seen):
        raise PricesChanged(skus=gone)
    new = {variant.pk: repriced(price=variant.price, rule=rule) for variant in variants}
    wrong = [variant for variant in variants if not 0 <= new[variant.pk] <= MAX_MONEY]
    if wrong:
        told = _("This price would be below nothing, or too great.")
        raise Malformed(errors=[FieldError(f"/rows/{one.sku}", "bounds", told) for one in wrong])
    changed = {pk: price for pk, price in new.items() if price != seen[pk]}
    if not changed:
        raise NothingChanges()
    run = PriceRun(way=rule.way, direction=rule.direction, value=rule.value, ending=rule.ending)
    _write(run=run, variants=variants, new=changed, actor=actor, now=now)
    return run


@use_case(lease=_pages_of_run)
def undo_prices(*, run: UUID, actor: Actor, now: datetime) -> PutBack:
    """Put the prices of a run back where nobody has changed them since, and return what was put back and what was not.

    Raises NotFound, InvalidTransition (it is undone, or an undoing itself), PricesChanged (each of them was changed),
    PriceAboveLimit.
    """
    row = PriceRun.objects.filter(public_id=run).first()
    if row is None:
        raise NotFound()
    rows = {one.variant_id: one for one in row.rows.all()}
    variants = _locked(variants=rows)
    if row.way == PriceRun.Way.BACK or PriceRun.objects.filter(undoes=row).exists():
        raise InvalidTransition.of("undone", allowed=[], detail=_("These prices have been put back already."))
    since = _changed_since(run=row, variants=variants)
    kept = [one for one in variants if one.price == rows[one.pk].new and one.sku not in since]
    left = tuple(sorted({one.sku for one in variants} - {one.sku for one in kept}))
    if not kept:
        raise PricesChanged(skus=list(left))
    back = PriceRun(way=PriceRun.Way.BACK, direction="", value=0, ending="", undoes=row)
    _write(run=back, variants=kept, new={one.pk: rows[one.pk].old for one in kept}, actor=actor, now=now)
    return PutBack(run=back, back=len(kept), left=left)


@within_unit_of_work
def _locked(*, variants: Iterable[int]) -> list[Variant]:
    """Return variants as they are behind the locks of their products' rows."""
    pks = list(variants)
    products = Variant.objects.filter(pk__in=pks).values("product_id")
    list(locked(Product.objects.filter(pk__in=products)).values_list("pk", flat=True))
    return list(Variant.objects.filter(pk__in=pks).order_by("pk"))


def _changed_since(*, run: PriceRun, variants: Sequence[Variant]) -> set[str]:
    """Return the SKUs whose price somebody has changed since a run, even if it is the same again by now."""
    latest = (
        ProductChange.objects.filter(
            product_id__in={one.product_id for one in variants}, key="price", sku__in=[one.sku for one in variants]
        )
        .order_by("sku", "-pk")
        .distinct("sku")
        .values_list("sku", "at")
    )
    return {sku for sku, at in latest if at > run.at}


@within_unit_of_work
def _write(
    *, run: PriceRun, variants: Sequence[Variant], new: Mapping[int, Decimal], actor: Actor, now: datetime
) -> None:
    """Write a run, its prices, and who changed them, in as many statements for many rows as for few.

    Raises PriceAboveLimit.
    """
    changed = [variant for variant in variants if variant.pk in new]
    changes = [Change(one.product_id, "price", one.price, new[one.pk], one.sku) for one in changed]
    judge_prices(changes=changes, actor=actor, now=now)
    run.actor_kind, run.actor_id, run.door, run.at = actor.kind, actor.id, actor.door, now
    run.save(force_insert=True)
    RepricedVariant.objects.bulk_create(
        RepricedVariant(run=run, variant=one, old=one.price, new=new[one.pk]) for one in changed
    )
    sql.execute(_WRITE, {"ids": [one.pk for one in changed], "prices": [new[one.pk] for one in changed]})
    Product.objects.filter(pk__in={one.product_id for one in changed}).update(updated_at=now)
    history.write_down(changes=changes, actor=actor, now=now)
