"""Products: written down, changed, shown, archived.

A product and the variants that come with it are one use case and one transaction, so that no product is
ever half written; its kind is chosen once, because stock or an agenda hangs on it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from catalog import lifecycle
from catalog.errors import NothingToSell, SlugTaken
from catalog.models import Category, Product
from catalog.services import history, names, sheets
from catalog.services.categories import category_called
from catalog.services.history import Change
from catalog.services.limits import judge_prices
from catalog.services.sheets import ProductSheet, VariantSheet
from catalog.services.variants import index, locked_product, write_variants
from common.actors import Actor
from common.errors import InvalidTransition, NotFound
from common.transactions import locked, within_unit_of_work
from common.use_cases import use_case

MADE_SLUG = 80
WATCHED = ("name", "slug", "description", "pickup_lead_minutes", "deposit_percent", "deposit_amount")


@use_case()
def create_product(
    *,
    sheet: ProductSheet,
    variants: Sequence[VariantSheet] = (),
    kind: str = Product.Kind.GOODS,
    published: bool = False,
    actor: Actor,
    now: datetime,
) -> Product:
    """Write a product and its variants down, as a draft or on show at once.

    Raises Malformed, NotFound (no such category), SlugTaken, SkuTaken, NothingToSell (on show without a variant for
    sale).
    """

    return write_product(sheet=sheet, variants=variants, kind=kind, published=published, actor=actor, now=now)


@within_unit_of_work
def write_product(
    *,
    sheet: ProductSheet,
    variants: Sequence[VariantSheet],
    kind: str,
    published: bool,
    actor: Actor,
    now: datetime,
) -> Product:
    """Do what `create_product` does, as a part of the caller's unit of work. Raises the same."""
    sheet = sheets.checked_product(sheet=sheet)
    given = [sheets.checked_variant(sheet=variant) for variant in variants]
    product = Product(
        kind=Product.Kind(kind),
        name=sheet.name,
        slug=_slug(sheet=sheet),
        description=sheet.description,
        category=_category(sheet=sheet),
        pickup_lead_minutes=sheet.pickup_lead_minutes,
        deposit_percent=sheet.deposit.percent,
        deposit_amount=sheet.deposit.amount,
        created_at=now,
        updated_at=now,
    )
    product.save(force_insert=True)
    changes = [Change(product.pk, "product", "", product.name)]
    changes += write_variants(product=product, given=given)
    if published:
        changes += _become(product=product, verb="publish")
    index(product=product, now=now)
    history.write_down(changes=changes, actor=actor, now=now)
    return product


@use_case()
def change_product(
    *,
    product_id: int,
    sheet: ProductSheet,
    variants: Sequence[VariantSheet] = (),
    actor: Actor,
    now: datetime,
) -> Product:
    """Change a product, the variants given with their pk, and add those given without; others stay as they are.

    Raises Malformed, NotFound, SlugTaken, SkuTaken, PriceAboveLimit.
    """
    return rewrite_product(product_id=product_id, sheet=sheet, variants=variants, actor=actor, now=now)


@within_unit_of_work
def rewrite_product(
    *,
    product_id: int,
    sheet: ProductSheet,
    variants: Sequence[VariantSheet],
    shown: bool | None = None,
    actor: Actor,
    now: datetime,
) -> Product:
    """Do what `change_product` does, as a part of the caller's unit of work; `shown`: put it on show, or take it off.

    Raises the same, and what `publish` and `hide` raise.
    """
    sheet = sheets.checked_product(sheet=sheet)
    given = [sheets.checked_variant(sheet=variant) for variant in variants]
    product = locked_product(product_id=product_id)
    before = {key: getattr(product, key) for key in WATCHED}
    shelf = product.category
    if sheet.category_id != product.category_id:
        product.category = _category(sheet=sheet)
    product.name, product.description = sheet.name, sheet.description
    product.pickup_lead_minutes = sheet.pickup_lead_minutes
    product.deposit_percent, product.deposit_amount = sheet.deposit.percent, sheet.deposit.amount
    product.slug = _slug(sheet=sheet, pk=product.pk) if sheet.slug else product.slug
    changes = [Change(product.pk, key, before[key], getattr(product, key)) for key in WATCHED]
    changes.append(Change(product.pk, "category", shelf.slug, product.category.slug))
    product.save(update_fields=[*WATCHED, "category"])
    changes += write_variants(product=product, given=given)
    judge_prices(changes=changes, actor=actor, now=now)
    if shown is not None:
        changes += _become(product=product, verb="publish" if shown else "hide")
    index(product=product, now=now)
    history.write_down(changes=changes, actor=actor, now=now)
    return product


def publish(*, product_id: int, actor: Actor, now: datetime) -> Product:
    """Put a product on show. Raises NotFound, NothingToSell, InvalidTransition (archived)."""
    return _judge(product_id=product_id, verb="publish", actor=actor, now=now)


def hide(*, product_id: int, actor: Actor, now: datetime) -> Product:
    """Take a product off show, back to draft. Raises NotFound, InvalidTransition (archived)."""
    return _judge(product_id=product_id, verb="hide", actor=actor, now=now)


def archive(*, product_id: int, actor: Actor, now: datetime) -> Product:
    """Put a product away; orders and movements keep what they point at. Raises NotFound."""
    return _judge(product_id=product_id, verb="archive", actor=actor, now=now)


def unarchive(*, product_id: int, actor: Actor, now: datetime) -> Product:
    """Bring a product back as a draft. Raises NotFound, InvalidTransition (not archived)."""
    return _judge(product_id=product_id, verb="unarchive", actor=actor, now=now)


@use_case()
def _judge(*, product_id: int, verb: str, actor: Actor, now: datetime) -> Product:
    product = locked_product(product_id=product_id)
    changes = _become(product=product, verb=verb)
    if changes:
        product.updated_at = now
        product.save(update_fields=["updated_at"])
    history.write_down(changes=changes, actor=actor, now=now)
    return product


@within_unit_of_work
def _become(*, product: Product, verb: str) -> list[Change]:
    before = product.status
    after = lifecycle.after(verb=verb, status=before)
    if after is None:
        data: dict[str, Any] = {"from": before, "allowed": lifecycle.open_verbs(status=before)}
        raise InvalidTransition(**data)
    if after == before:
        return []
    if after == lifecycle.PUBLISHED and not product.variants.filter(is_active=True).exists():
        raise NothingToSell()
    product.status = after
    product.save(update_fields=["status"])
    return [Change(product.pk, "status", before, after)]


def _category(*, sheet: ProductSheet) -> Category:
    """Return the shelf, its row locked so that nobody takes it down meanwhile. Raises NotFound."""
    category_id = sheet.category_id
    if category_id is None:
        return category_called(name=sheet.new_category)
    category = locked(Category.objects.filter(pk=category_id)).first()
    if category is None:
        raise NotFound()
    return category


def _slug(*, sheet: ProductSheet, pk: int | None = None) -> str:
    """Return the slug asked for, or a free one made from the name. Raises SlugTaken."""
    others = Product.objects.exclude(pk=pk or 0)
    if sheet.slug:
        if others.filter(slug=sheet.slug).exists():
            raise SlugTaken(slug=sheet.slug)
        return sheet.slug
    root = names.slug_root(name=sheet.name, most=MADE_SLUG)
    held = set(others.filter(slug__startswith=root).values_list("slug", flat=True))
    return names.first_free(root=root, held=held)[0]
