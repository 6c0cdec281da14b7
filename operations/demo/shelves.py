"""Categories, products, pictures and opening stock of the demonstration."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from catalog import services as catalog
from catalog.models import Category, Product, ProductImage
from catalog.services import Picture, ProductSheet, VariantSheet
from common.actors import Actor
from inventory import services as inventory
from inventory.models import StockItem
from operations.demo.content import CATEGORIES, PRODUCTS, DemoProduct, DemoVariant

WIDTH, HEIGHT = 640, 480
"""Of every picture."""


def missing_categories() -> int:
    """Count the categories that are not there."""
    return len({category.slug for category in CATEGORIES} - _slugs_of_categories())


def make_categories() -> None:
    """Put up the categories that are not there, parents first."""
    there = _slugs_of_categories()
    for category in CATEGORIES:
        if category.slug not in there:
            parent = Category.objects.get(slug=category.parent).pk if category.parent else None
            catalog.create_category(name=category.name, slug=category.slug, parent_id=parent)


def missing_products() -> int:
    """Count the products that are not there."""
    return len(_new_products())


def make_products(*, actor: Actor, now: datetime) -> None:
    """Write down and publish the products that are not there."""
    categories = dict(Category.objects.values_list("slug", "pk"))
    for product in _new_products():
        catalog.create_product(
            sheet=ProductSheet(
                name=product.name,
                category_id=categories[product.category],
                description=product.description,
                slug=product.slug,
                pickup_lead_minutes=product.lead,
                deposit=product.deposit,
            ),
            variants=[_sheet(variant) for variant in product.variants],
            kind=product.kind,
            published=True,
            actor=actor,
            now=now,
        )


def missing_pictures() -> int:
    """Count the products of the demonstration without a picture, those to come included."""
    return len(PRODUCTS) - len(_slugs(shown=True))


def make_pictures(*, actor: Actor, now: datetime) -> None:
    """Hang up the picture of every product of the demonstration that has none."""
    bare = dict(Product.objects.filter(slug__in=_slugs() - _slugs(shown=True)).values_list("slug", "pk"))
    for product in PRODUCTS:
        if product.slug in bare:
            drawn = Picture(content=product.picture(), extension="webp", width=WIDTH, height=HEIGHT)
            alt = _("Drawing: %(name)s") % {"name": product.name}
            catalog.add_image(product_id=bare[product.slug], picture=drawn, alt=alt, actor=actor, now=now)


def missing_stock() -> int:
    """Count the SKUs of the demonstration that never had stock."""
    return len(_unstocked())


def make_stock(*, actor: Actor, now: datetime) -> None:
    """Receive the opening stock of every SKU that never had any."""
    for variant in _unstocked():
        inventory.adjust_stock(
            sku=variant.sku, operation="add", quantity=variant.stock, reason=_("Opening stock"), actor=actor, now=now
        )


def _new_products() -> list[DemoProduct]:
    there = _slugs()
    return [product for product in PRODUCTS if product.slug not in there]


def _unstocked() -> list[DemoVariant]:
    there = set(StockItem.objects.values_list("variant__sku", flat=True))
    return [
        variant for product in PRODUCTS for variant in product.variants if variant.stock and variant.sku not in there
    ]


def _slugs_of_categories() -> set[str]:
    return set(Category.objects.values_list("slug", flat=True))


def _slugs(*, shown: bool = False) -> set[str]:
    """Return the slugs of the demonstration's products that exist; `shown`: that have a picture."""
    found = Product.objects.filter(slug__in=[product.slug for product in PRODUCTS])
    if shown:
        found = found.filter(pk__in=ProductImage.objects.values("product"))
    return set(found.values_list("slug", flat=True))


def _sheet(variant: DemoVariant) -> VariantSheet:
    return VariantSheet(
        sku=variant.sku,
        price=Decimal(variant.price),
        name=variant.name,
        unit=variant.unit,
        price_per=variant.price_per,
        options=[{"name": name, "value": value} for name, value in variant.options.items()],
    )
