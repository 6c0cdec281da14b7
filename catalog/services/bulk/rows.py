"""One row of a table of products: what of a product and of one of its variants it says.

What a row does not say stays as it is, or is what a new product begins with. Each value is judged by the very functions
that judge a form of the desk (`sheets.checked_product`, `sheets.checked_variant`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.services import sheets
from catalog.services.sheets import Options, ProductSheet, VariantSheet
from catalog.services.variants import name_key
from common.errors import FieldError, Malformed
from common.text import one_line

HARMLESS_NAME, HARMLESS_PRICE = "-", Decimal("0.00")
"""Judged in the place of what a row does not say."""


@dataclass(frozen=True)
class ProductRow:
    """A row as it was read; None: it does not say. `category` is a path from the first rank down."""

    sku: str = ""
    barcode: str | None = None
    name: str | None = None
    description: str | None = None
    category: Sequence[str] | None = None
    shown: bool | None = None
    variant: str | None = None
    price: Decimal | None = None
    unit: str | None = None
    price_per: int | None = None
    options: Options | None = None
    is_active: bool | None = None


def judged(*, row: ProductRow) -> dict[str, Any]:
    """Return the row as JSON values in their stored form, for `table.fill`. Raises Malformed naming each column."""
    problems: list[FieldError] = []
    product = variant = None
    try:
        product = sheets.checked_product(
            sheet=ProductSheet(
                name=HARMLESS_NAME if row.name is None else row.name, category_id=0, description=row.description or ""
            )
        )
    except Malformed as refusal:
        problems += refusal.errors
    try:
        variant = sheets.checked_variant(
            sheet=VariantSheet(
                sku=row.sku,
                price=HARMLESS_PRICE if row.price is None else row.price,
                name=row.variant or "",
                options=row.options or (),
                unit=row.unit,
                price_per=row.price_per,
                barcode=row.barcode,
            )
        )
    except Malformed as refusal:
        problems += [
            FieldError("/variant", error.code, error.detail) if error.pointer == "/name" else error
            for error in refusal.errors
        ]
    if product is None or variant is None:
        raise Malformed(errors=problems)
    return {
        "sku": variant.sku,
        "barcode": row.barcode,
        "name": None if row.name is None else product.name,
        "name_key": None if row.name is None else name_key(product.name),
        "description": None if row.description is None else product.description,
        "category": None if row.category is None else [one_line(name) for name in row.category],
        "shown": row.shown,
        "variant": None if row.variant is None else variant.name,
        "price": None if row.price is None else str(variant.price),
        "unit": row.unit,
        "price_per": row.price_per,
        "options": None if row.options is None else variant.options,
        "is_active": row.is_active,
    }
