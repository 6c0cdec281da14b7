"""What the shop window can be asked, and what it answers.

Queries are read strictly: only `true` and `false` are booleans, digits are only ASCII digits, and nothing is guessed.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _
from msgspec import UNSET, Meta, UnsetType

from api.answers import Answer, one_of
from api.bodies import Body
from api.kinds import Choice, Pattern, Sought
from catalog.models import Product
from catalog.units import MEASURED_SOLD_AT_ONCE, Unit
from storefront.selectors import Availability, ProductPage, Row

KINDS = tuple(Product.Kind.values)
ORDERINGS = ("name", "-name", "price", "-price", "-created_at", "featured")

Slug = Pattern("[a-zA-Z0-9_-]{1,80}", code="invalid", detail=_("Letters, digits, dashes and underscores."))
Price = Pattern(
    r"(0|[1-9][0-9]{0,7})(\.[0-9]{1,2})?", code="invalid", detail=_("Write an amount such as 59.90."), into=Decimal
)
Units = Pattern(
    "[1-9][0-9]{0,5}",
    code="invalid",
    detail=_("Write a whole number from 1 on."),
    into=int,
    schema={"type": "integer", "minimum": 1, "maximum": MEASURED_SOLD_AT_ONCE},
)
YesOrNo = Pattern(
    "true|false",
    code="invalid",
    detail=_("Write true or false."),
    into=lambda text: text == "true",
    schema={"type": "boolean"},
)


class ProductsQuery(Body, frozen=True, kw_only=True):
    """Which products, in which order."""

    category: Annotated[str, Slug, Meta(description="Slug; what stands below it counts too.")] | UnsetType = UNSET
    search: (
        Annotated[str, Sought(200), Meta(description="Words in any order; accents and case do not matter.")] | UnsetType
    ) = UNSET
    price_min: Annotated[Decimal, Price, Meta(description="Products from this price on.")] | UnsetType = UNSET
    price_max: Annotated[Decimal, Price, Meta(description="Products up to this price.")] | UnsetType = UNSET
    in_stock: Annotated[bool, YesOrNo, Meta(description="Whether it can be bought now.")] | UnsetType = UNSET
    kind: Annotated[str, Choice(*KINDS), Meta(description="Goods or services.")] | UnsetType = UNSET
    featured: Annotated[bool, YesOrNo, Meta(description="Whether the shop put it on its first page.")] | UnsetType = (
        UNSET
    )
    ordering: Annotated[
        str,
        Choice(*ORDERINGS),
        Meta(description="By name without it; `featured`: as the shop put them on its first page."),
    ] = "name"


class AvailabilityQuery(Body, frozen=True, kw_only=True):
    """How many units are wanted."""

    quantity: Annotated[int, Units, Meta(description="1 without it.")] = 1


class CategoryResponse(Answer, frozen=True, kw_only=True):
    """A category with what stands below it; `product_count` counts those too."""

    slug: str
    name: str
    children: "list[CategoryResponse]"
    product_count: int


class CategoryNameResponse(Answer, frozen=True, kw_only=True):
    """A category by name."""

    slug: str
    name: str


class ImageResponse(Answer, frozen=True, kw_only=True):
    """A picture; sides in pixels."""

    url: str
    alt: str
    width: int
    height: int


class ProductCardResponse(Answer, frozen=True, kw_only=True):
    """A product on a list: what its variants cost from and to, the least of it for `price_per` of a `unit`."""

    id: UUID
    slug: str
    name: str
    kind: Annotated[str, one_of(*KINDS)]
    category: CategoryNameResponse
    image: ImageResponse | None
    price_from: str
    price_to: str
    unit: Annotated[str, one_of(*Unit.values)]
    price_per: int
    currency: str
    in_stock: bool


class VariantOptionResponse(Answer, frozen=True, kw_only=True):
    """One property that sets a variant apart."""

    name: str
    value: str


class OptionsResponse(Answer, frozen=True, kw_only=True):
    """A property by which variants differ, and the values there are."""

    name: str
    values: list[str]


class VariantResponse(Answer, frozen=True, kw_only=True):
    """What is bought, at a price for `price_per` units; `available` is null where time is sold and not units."""

    sku: str
    name: str
    price: str
    unit: Annotated[str, one_of(*Unit.values)]
    price_per: int
    available: int | None
    options: list[VariantOptionResponse]


class ProductResponse(ProductCardResponse, frozen=True, kw_only=True):
    """A product with everything there is to know."""

    description: str
    pickup_lead_minutes: int | None
    images: list[ImageResponse]
    options: list[OptionsResponse]
    variants: list[VariantResponse]
    related: list[ProductCardResponse]


class AvailabilityResponse(Answer, frozen=True, kw_only=True):
    """Whether that many units could be had at this moment. Asking keeps nothing."""

    sku: str
    quantity: int
    available: int | None
    sufficient: bool


def category_tree(rows: Iterable[Row]) -> list[CategoryResponse]:
    """Say the tree of rows {id, parent_id, slug, name, products}; each counts what stands below it too."""
    below: dict[int | None, list[Row]] = {}
    for row in rows:
        below.setdefault(row["parent_id"], []).append(row)
    return _below(None, below)


def _below(parent: int | None, below: Mapping[int | None, Sequence[Row]]) -> list[CategoryResponse]:
    found = []
    for row in below.get(parent, ()):
        children = _below(row["id"], below)
        count = row["products"] + sum(child.product_count for child in children)
        found.append(CategoryResponse(slug=row["slug"], name=row["name"], children=children, product_count=count))
    return found


def card_answer(row: Row) -> ProductCardResponse:
    """Say a product as it stands on a list."""
    return ProductCardResponse(**_card(row), image=_image(row, name=row["name"]) if row["file"] else None)


def product_answer(page: ProductPage) -> ProductResponse:
    """Say a product with everything there is to know about it."""
    row = page.row
    images = [_image(image, name=row["name"]) for image in page.images]
    return ProductResponse(
        **_card(row),
        image=images[0] if images else None,
        description=row["description"],
        pickup_lead_minutes=row["pickup_lead_minutes"],
        images=images,
        options=_options(page.variants),
        variants=[
            VariantResponse(
                sku=variant["sku"],
                name=variant["name"],
                price=variant["price"],
                unit=variant["unit"],
                price_per=variant["price_per"],
                available=page.units.get(variant["sku"]),
                options=[VariantOptionResponse(name=one["name"], value=one["value"]) for one in variant["options"]],
            )
            for variant in page.variants
        ],
        related=[card_answer(other) for other in page.related],
    )


def availability_answer(found: Availability) -> AvailabilityResponse:
    """Say whether so many units could be had; of time (`available` None) the agenda tells."""
    return AvailabilityResponse(
        sku=found.sku,
        quantity=found.quantity,
        available=found.available,
        sufficient=found.available is None or found.available >= found.quantity,
    )


def _card(row: Row) -> dict[str, Any]:
    return {
        "id": row["public_id"],
        "slug": row["slug"],
        "name": row["name"],
        "kind": row["kind"],
        "category": CategoryNameResponse(slug=row["category_slug"], name=row["category_name"]),
        "price_from": row["price_from"],
        "price_to": row["price_to"],
        "unit": row["unit"],
        "price_per": row["price_per"],
        "currency": row["currency"],
        "in_stock": row["in_stock"],
    }


def _image(row: Row, *, name: str) -> ImageResponse:
    return ImageResponse(
        url=default_storage.url(row["file"]), alt=row["alt"] or name, width=row["width"], height=row["height"]
    )


def _options(variants: Iterable[Row]) -> list[OptionsResponse]:
    values: dict[str, list[str]] = {}
    for variant in variants:
        for option in variant["options"]:
            known = values.setdefault(option["name"], [])
            if option["value"] not in known:
                known.append(option["value"])
    return [OptionsResponse(name=name, values=found) for name, found in values.items()]
