"""Variants: what is bought, and at which price.

Whoever writes a variant holds its product's row first, because the product's search key is made of its
variants too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from catalog.errors import BarcodeTaken, SkuTaken
from catalog.models import Product, Variant
from catalog.services.history import Change
from catalog.services.names import first_free, sku_root
from catalog.services.sheets import Options, VariantSheet
from catalog.units import Unit
from common.errors import FieldError, Malformed, NotFound
from common.money import money
from common.text import search_key
from common.transactions import locked, within_unit_of_work

WATCHED = ("sku", "barcode", "price", "name", "options", "is_active", "position")
MAX_NAME_KEY = 240


@within_unit_of_work
def locked_product(*, product_id: int) -> Product:
    """Return a product, its row locked. Raises NotFound."""
    product = locked(Product.objects.filter(pk=product_id)).first()
    if product is None:
        raise NotFound()
    return product


@within_unit_of_work
def write_variants(*, product: Product, given: Sequence[VariantSheet]) -> list[Change]:
    """Write variants of a locked product, and return what changed.

    Raises NotFound, SkuTaken, BarcodeTaken, Malformed (its unit).
    """
    if not given:
        return []
    kept = {variant.pk: variant for variant in product.variants.all()}
    given = _with_skus(product=product, given=given, kept=kept)
    _check_skus(given=given)
    _check_barcodes(given=given)
    changes: list[Change] = []
    last = len(kept)
    for sheet in given:
        variant = Variant(product=product) if sheet.pk is None else kept.get(sheet.pk)
        if variant is None:
            raise NotFound()
        fresh = variant.pk is None
        _check_unit(sheet=sheet, variant=variant, kind=product.kind, fresh=fresh)
        before = {key: None if fresh else getattr(variant, key) for key in WATCHED}
        _fill(variant, sheet=sheet, place=last if fresh else variant.position)
        if fresh:
            variant.unit, variant.price_per = sheet.unit or Unit.PIECE, sheet.price_per or 1
        last += fresh
        found = [Change(product.pk, key, before[key], getattr(variant, key), variant.sku) for key in WATCHED]
        if fresh:
            found = [change for change in found if change.key in ("sku", "price")]
        if fresh or any(change.old != change.new for change in found):
            variant.save()
        changes += found
    return changes


@within_unit_of_work
def index(*, product: Product, now: datetime) -> None:
    """Write the words by which a product is found: its name on the first line, then everything else."""
    variants = [(variant.sku, variant.name, variant.options) for variant in product.variants.all()]
    product.search_key = words_of(name=product.name, description=product.description, variants=variants)
    product.updated_at = now
    product.save(update_fields=["search_key", "updated_at"])


def words_of(*, name: str, description: str, variants: Iterable[tuple[str, str, Options]]) -> str:
    """Return the words by which a product is found; of each variant its SKU, its name and its options."""
    words = [description]
    for sku, variant, options in variants:
        words += [sku, variant, *(option["value"] for option in options)]
    return f"{name_key(name)}\n{search_key(' '.join(words))}"


def name_key(name: str) -> str:
    """Return the first line of those words, by which names are compared and sorted."""
    return search_key(name)[:MAX_NAME_KEY]


def _fill(variant: Variant, *, sheet: VariantSheet, place: int) -> None:
    if sheet.barcode is not None:
        variant.barcode = sheet.barcode
    variant.sku, variant.name, variant.is_active = sheet.sku, sheet.name, sheet.is_active
    variant.price, variant.options = money(sheet.price), [dict(option) for option in sheet.options]
    variant.position = place if sheet.position is None else sheet.position


def _check_unit(*, sheet: VariantSheet, variant: Variant, kind: str, fresh: bool) -> None:
    """Refuse another unit than a variant was written down with, and time by weight. Raises Malformed."""
    unit, price_per = sheet.unit or variant.unit, sheet.price_per or variant.price_per
    if not fresh and (unit, price_per) != (variant.unit, variant.price_per):
        told = _("Its stock is counted in what it was written down with. Write a new variant down instead.")
        raise Malformed(errors=[FieldError("/unit", "fixed", told)])
    if kind == Product.Kind.SERVICE and unit != Unit.PIECE:
        raise Malformed(errors=[FieldError("/unit", "invalid_choice", _("Time is not sold by weight."))])


def _with_skus(*, product: Product, given: Sequence[VariantSheet], kept: Mapping[int, Variant]) -> list[VariantSheet]:
    """Return the sheets with a SKU each: those without keep their variant's, or get one made from the names."""
    taken = {sheet.sku for sheet in given}
    full = []
    for sheet in given:
        old = kept.get(sheet.pk) if sheet.pk is not None else None
        sku = sheet.sku or (old.sku if old else _free_sku(names=(product.name, sheet.name), taken=taken))
        taken.add(sku)
        full.append(replace(sheet, sku=sku))
    return full


def _free_sku(*, names: Sequence[str], taken: set[str]) -> str:
    """Return a SKU made from the names; numbered where that one is taken."""
    root = sku_root(names=names)
    held = taken | set(Variant.objects.filter(sku__startswith=root).values_list("sku", flat=True))
    return first_free(root=root, held=held)[0]


def _check_skus(*, given: Sequence[VariantSheet]) -> None:
    """Refuse a SKU that is twice on the list, or another variant's. Raises SkuTaken."""
    wanted = [sheet.sku for sheet in given]
    for sku in wanted:
        if wanted.count(sku) > 1:
            raise SkuTaken(sku=sku)
    holders = dict(Variant.objects.filter(sku__in=wanted).values_list("sku", "pk"))
    for sheet in given:
        holder = holders.get(sheet.sku)
        if holder is not None and holder != sheet.pk:
            raise SkuTaken(sku=sheet.sku)


def _check_barcodes(*, given: Sequence[VariantSheet]) -> None:
    """Refuse a barcode that is twice on the list, or another variant's. Raises BarcodeTaken."""
    wanted = [sheet.barcode for sheet in given if sheet.barcode]
    holders = dict(Variant.objects.filter(barcode__in=wanted).values_list("barcode", "pk")) if wanted else {}
    for sheet in given:
        if sheet.barcode and (wanted.count(sheet.barcode) > 1 or holders.get(sheet.barcode, sheet.pk) != sheet.pk):
            raise BarcodeTaken(barcode=sheet.barcode)
