"""A small shop to look at, and how it is looked at."""

import itertools
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from rest_framework.test import APIClient

from catalog import services as catalog
from catalog.models import Category, Product, ProductImage, Variant
from catalog.services import ProductSheet, VariantSheet
from common.actors import Actor
from common.transactions import unit_of_work
from inventory import services as inventory
from inventory.models import StockItem
from inventory.services import Need
from inventory.tests.factories import MONDAY, receive

OWNER = Actor(kind="staff", id="1", door="admin")
API = "/api/v1"

_numbers = itertools.count(1)


def get(path: str, **headers: str) -> Any:
    """Return the answer to a GET below /api/v1."""
    return APIClient().get(f"{API}{path}", headers=headers)


def slugs(path: str) -> list[str]:
    """Return the slugs on a page of products."""
    answer = get(path)
    assert answer.status_code == 200, answer.content
    return [row["slug"] for row in answer.json()["results"]]


def variant(sku: str, price: str = "10.00", **values: Any) -> VariantSheet:
    """Return a variant to write down."""
    return VariantSheet(sku=sku, price=Decimal(price), **values)


def on_sale(
    name: str,
    *variants: VariantSheet,
    category: Category | None = None,
    stock: int = 0,
    kind: str = "goods",
    published: bool = True,
    now: datetime = MONDAY,
    description: str = "",
) -> Product:
    """Return a product, on show unless told otherwise, with `stock` units of each variant."""
    shelf = category or Category.objects.filter(slug="tudo").first() or catalog.create_category(name="Tudo")
    given: Sequence[VariantSheet] = variants or [variant(f"SKU-{next(_numbers)}")]
    product = catalog.create_product(
        sheet=ProductSheet(name=name, category_id=shelf.pk, description=description),
        variants=given,
        kind=kind,
        published=published,
        actor=OWNER,
        now=now,
    )
    for sheet in given:
        if stock:
            receive(sku=sheet.sku, units=stock)
    return product


def hold(sku: str, quantity: int, *, until: datetime) -> UUID:
    """Claim units as a cart does."""
    claim = uuid4()
    item = StockItem.objects.get(variant__sku=sku)
    with unit_of_work():
        need = Need(claim=claim, variant_id=item.variant_id, sku=sku, quantity=quantity)
        assert not inventory.hold(needs={need: until}, now=MONDAY)
    return claim


def picture(product: Product, position: int = 0, alt: str = "") -> ProductImage:
    """Return a picture row without a file behind it."""
    return ProductImage.objects.create(
        product=product, file=f"products/{product.pk}-{position}.jpg", width=800, height=600, position=position, alt=alt
    )


def take_off_sale(sku: str) -> None:
    """Make a variant unavailable for good."""
    Variant.objects.filter(sku=sku).update(is_active=False)
