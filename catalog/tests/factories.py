"""Products for tests."""

import io
import itertools
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from PIL import Image

from catalog import services as catalog
from catalog.deposits import Deposit
from catalog.models import Category, Product, Variant
from catalog.services import ProductSheet, VariantSheet
from common.actors import Actor
from common.text import search_key

_numbers = itertools.count(100_001)  # of one length, so that what is made later comes later in a list by name
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OWNER = Actor(kind="staff", id="1", door="admin")


def category(**values: Any) -> Category:
    """Return a category."""
    number = next(_numbers)
    return Category.objects.create(**{"slug": f"category-{number}", "name": f"Category {number}"} | values)


def product(**values: Any) -> Product:
    """Return a published product without variants."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "slug": f"product-{number}",
        "name": f"Product {number}",
        "status": Product.Status.PUBLISHED,
        "created_at": NOW,
        "updated_at": NOW,
    }
    merged = defaults | values
    if "category" not in merged:
        merged["category"] = category()
    return Product.objects.create(search_key=search_key(merged["name"]), **merged)


def variant(**values: Any) -> Variant:
    """Return a variant for sale, of a product of its own unless one is given."""
    number = next(_numbers)
    merged: dict[str, Any] = {"sku": f"SKU-{number}", "price": Decimal("10.00")} | values
    if "product" not in merged:
        merged["product"] = product()
    return Variant.objects.create(**merged)


def add_variant(*, product_id: int, sheet: VariantSheet, actor: Actor, now: datetime) -> Variant:
    """Write a variant down, as the page of its product does, and return it."""
    rewrite(product=Product.objects.get(pk=product_id), variant=sheet, actor=actor, now=now)
    return Variant.objects.latest("pk")


def change_variant(*, sku: str, sheet: VariantSheet, actor: Actor, now: datetime) -> Variant:
    """Change a variant, as the page of its product does, and return it."""
    changed = Variant.objects.select_related("product").get(sku=sku)
    rewrite(product=changed.product, variant=replace(sheet, pk=changed.pk), actor=actor, now=now)
    return Variant.objects.get(pk=changed.pk)


def rewrite(*, product: Product, variant: VariantSheet, actor: Actor, now: datetime) -> None:
    """Save the page of a product on which one variant was typed anew and nothing else."""
    sheet = ProductSheet(
        name=product.name,
        category_id=product.category_id,
        description=product.description,
        slug=product.slug,
        pickup_lead_minutes=product.pickup_lead_minutes,
        deposit=Deposit(percent=product.deposit_percent, amount=product.deposit_amount),
    )
    catalog.change_product(product_id=product.pk, sheet=sheet, variants=[variant], actor=actor, now=now)


def picture_file(*, kind: str = "JPEG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: Any) -> bytes:
    """Return the bytes of a picture file: its left half red, its right half blue."""
    picture = Image.new(mode, size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    target = io.BytesIO()
    picture.save(target, format=kind, **options)
    return target.getvalue()
