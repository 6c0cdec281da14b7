"""Products for tests."""

import io
import itertools
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from PIL import Image

from catalog.models import Category, Product, Variant
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


def picture_file(*, kind: str = "JPEG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: Any) -> bytes:
    """Return the bytes of a picture file: its left half red, its right half blue."""
    picture = Image.new(mode, size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    target = io.BytesIO()
    picture.save(target, format=kind, **options)
    return target.getvalue()
