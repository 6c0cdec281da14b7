"""What tests of the catalogue's desk share: products, and what somebody types into their pages."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backoffice.tests.desk import at_desk
from catalog import services as catalog
from catalog.models import Category, Product
from catalog.services import ProductSheet, VariantSheet
from catalog.tests.factories import NOW, OWNER, picture_file

PRODUCTS = "admin:catalog_product_changelist"


@pytest.fixture
def owner(settings: Any, tmp_path: Path) -> Client:
    settings.MEDIA_ROOT = tmp_path / "media"
    return at_desk(role="owner")


def shelf() -> Category:
    return Category.objects.filter(slug="padaria").first() or catalog.create_category(name="Padaria")


def made(name: str = "Bolo", *skus: str, published: bool = True) -> Product:
    variants = [VariantSheet(sku=sku, price=Decimal("10.00")) for sku in skus or (name.upper(),)]
    sheet = ProductSheet(name=name, category_id=shelf().pk)
    return catalog.create_product(sheet=sheet, variants=variants, published=published, actor=OWNER, now=NOW)


def typed(**values: Any) -> dict[str, Any]:
    """What the product's page sends: one variant and no picture, unless told otherwise."""
    page = {
        "name": "Bolo de cenoura",
        "shelf": str(shelf().pk),
        "kind": "goods",
        "description": "Fofo.",
        "pickup_lead_minutes": "",
        "deposit_kind": "none",
        "slug": "",
        "show": "on",
        "variants-TOTAL_FORMS": "1",
        "variants-INITIAL_FORMS": "0",
        "variants-0-sku": "BOLO-M",
        "variants-0-name": "Médio",
        "variants-0-options": "Tamanho: M; Cor: Azul",
        "variants-0-price": "1.234,50",
        "variants-0-is_active": "on",
        "variants-0-position": "",
        "images-TOTAL_FORMS": "0",
        "images-INITIAL_FORMS": "0",
        "_save": "1",
    }
    return page | values


def kept(product: Product, **values: Any) -> dict[str, Any]:
    """What the page of an existing product with one variant sends when nothing is typed."""
    row = product.variants.get()
    return typed(
        **{
            "name": product.name,
            "description": product.description,
            "slug": product.slug,
            "variants-INITIAL_FORMS": "1",
            "variants-0-id": str(row.pk),
            "variants-0-sku": row.sku,
            "variants-0-name": row.name,
            "variants-0-options": "",
            "variants-0-price": "10,00",
            "variants-0-position": "0",
        }
        | values
    )


def change(product: Product) -> str:
    return reverse("admin:catalog_product_change", args=[product.pk])


def upload(content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile("../../x.php", content or picture_file(), content_type="text/html")
