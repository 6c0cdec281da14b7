"""What customers see: plain statements over catalogue, stock and the shop's settings, read and never written.

Each page is one statement, two for a product with its neighbours. A claim that ran out counts for
nothing here, swept or not, just as in `inventory.selectors`; a test holds the two together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from catalog.selectors import CATEGORY_AND_BELOW
from catalog.units import refuse_quantity
from common.errors import NotFound
from common.money import MAX_MONEY
from common.text import literally, search_key
from inventory import selectors as inventory
from inventory.selectors import AVAILABLE
from shop.policy import DEFAULTS
from storefront.spelling import SHORTEST, meant

Row = Mapping[str, Any]

RELATED = 4

_SOLD = "SELECT FROM catalog_variant variant WHERE variant.product_id = product.id AND variant.is_active"

_IN_STOCK = f"""
    (product.kind = 'service' OR EXISTS (
        SELECT FROM catalog_variant variant JOIN inventory_stockitem item ON item.variant_id = variant.id
        WHERE variant.product_id = product.id AND variant.is_active AND {AVAILABLE} > 0
    ))
"""

_PRICE_FROM = """
    (SELECT min(variant.price) FROM catalog_variant variant
     WHERE variant.product_id = product.id AND variant.is_active)
"""

_CHEAPEST = """
    LEFT JOIN LATERAL (
        SELECT variant.unit, variant.price_per FROM catalog_variant variant
        WHERE variant.product_id = product.id AND variant.is_active
        ORDER BY variant.price, variant.position, variant.id LIMIT 1
    ) cheapest ON true
"""

_PRICE_TO = """
    (SELECT max(variant.price) FROM catalog_variant variant
     WHERE variant.product_id = product.id AND variant.is_active)
"""

_CURRENCY = "coalesce((SELECT currency FROM shop_shopsettings WHERE id = 1), %(currency)s)"

_CHOSEN = "coalesce(%(chosen)s::uuid[], (SELECT featured FROM shop_shoplook WHERE id = 1))"
"""The featured products in their order: those that are given, or those of the window."""

_CONDITIONS = {
    "category": "product.category_id IN (SELECT id FROM category_and_below)",
    "kind": "product.kind = %(kind)s",
    "price": f"EXISTS ({_SOLD} AND variant.price BETWEEN %(price_min)s AND %(price_max)s)",
    "featured": f"product.public_id = ANY({_CHOSEN})",
    "beside": "product.category_id = %(beside_category)s AND product.id <> %(beside)s",
}

_BY_NAME = "split_part(product.search_key, E'\\n', 1)"
_ORDERS = {
    "name": (_BY_NAME, "key, id"),
    "-name": (_BY_NAME, "key DESC, id DESC"),
    "price": (_PRICE_FROM, "key, name_key, id"),
    "-price": (_PRICE_FROM, "key DESC, name_key, id"),
    "-created_at": ("product.created_at", "key DESC, id DESC"),
    "featured": (f"array_position({_CHOSEN}, product.public_id)", "key, name_key, id"),
}

_CARDS = """
WITH RECURSIVE category_and_below (id) AS ({below}),
listed AS (
    SELECT product.id, {key} AS key, {name_key} AS name_key
    FROM catalog_product product
    WHERE product.status = 'published' AND EXISTS ({sold}) {conditions}
),
page AS (SELECT * FROM listed ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s)
SELECT
    (SELECT count(*) FROM listed) AS total, product.public_id, product.slug, product.name, product.kind,
    category.slug AS category_slug, category.name AS category_name, {price_from}::text AS price_from,
    {price_to}::text AS price_to, cheapest.unit, cheapest.price_per, {currency} AS currency, {in_stock} AS in_stock,
    image.file, image.alt, image.width, image.height
FROM page
JOIN catalog_product product ON product.id = page.id
JOIN catalog_category category ON category.id = product.category_id
{cheapest}
LEFT JOIN LATERAL (
    SELECT file, alt, width, height FROM catalog_productimage
    WHERE product_id = product.id ORDER BY position, id LIMIT 1
) image ON true
ORDER BY {outer_order}
"""

_PRODUCT = f"""
SELECT
    product.id, product.category_id, product.public_id, product.slug, product.name, product.kind, product.description,
    product.pickup_lead_minutes, category.slug AS category_slug, category.name AS category_name,
    {_PRICE_FROM}::text AS price_from, {_PRICE_TO}::text AS price_to, cheapest.unit, cheapest.price_per,
    {_CURRENCY} AS currency, {_IN_STOCK} AS in_stock,
    (
        SELECT json_agg(json_build_object(
            'sku', variant.sku, 'name', variant.name, 'price', variant.price::text,
            'unit', variant.unit, 'price_per', variant.price_per,
            'available', NULL,
            'options', variant.options
        ) ORDER BY variant.position, variant.id)::text
        FROM catalog_variant variant WHERE variant.product_id = product.id AND variant.is_active
    ) AS variants,
    (
        SELECT coalesce(json_agg(json_build_object(
            'file', image.file, 'alt', image.alt, 'width', image.width, 'height', image.height
        ) ORDER BY image.position, image.id), '[]')::text
        FROM catalog_productimage image WHERE image.product_id = product.id
    ) AS images
FROM catalog_product product JOIN catalog_category category ON category.id = product.category_id
{_CHEAPEST}
WHERE product.slug = %(slug)s AND product.status = 'published' AND EXISTS ({_SOLD})
"""  # noqa: S608 - made of constants

_CATEGORIES = f"""
SELECT category.id, category.parent_id, category.slug, category.name, count(product.id) AS products
FROM catalog_category category
LEFT JOIN catalog_product product
    ON product.category_id = category.id AND product.status = 'published' AND EXISTS ({_SOLD})
GROUP BY category.id ORDER BY category.position, category.sort_key, category.id
"""  # noqa: S608 - made of constants

_ADDRESSES = f"""
SELECT
    ARRAY(SELECT slug FROM catalog_category ORDER BY position, sort_key, id) AS categories,
    ARRAY(SELECT slug FROM catalog_product product
          WHERE product.status = 'published' AND EXISTS ({_SOLD}) ORDER BY id) AS products
"""  # noqa: S608 - made of constants

_ON_SHOW = f"""
SELECT product.public_id AS id, product.slug, product.name FROM catalog_product product
WHERE product.status = 'published' AND EXISTS ({_SOLD}) ORDER BY product.search_key, product.id
"""  # noqa: S608 - made of constants

_PICTURE = """
SELECT image.file, image.alt, image.width, image.height
FROM catalog_variant variant JOIN catalog_productimage image ON image.product_id = variant.product_id
WHERE variant.sku = %(sku)s ORDER BY image.position, image.id LIMIT 1
"""

_WORDS = """
SELECT DISTINCT word FROM catalog_product product,
    unnest(string_to_array(split_part(product.search_key, E'\\n', 1), ' ')) AS word
WHERE product.status = 'published' AND length(word) > 2
"""

_UNITS = f"""
SELECT variant.unit, CASE WHEN product.kind = 'goods' THEN coalesce({AVAILABLE}, 0) END AS available
FROM catalog_variant variant
JOIN catalog_product product ON product.id = variant.product_id
LEFT JOIN inventory_stockitem item ON item.variant_id = variant.id
WHERE variant.sku = %(sku)s AND variant.is_active AND product.status = 'published'
"""  # noqa: S608 - made of constants


@dataclass(frozen=True)
class Filters:
    """Which products are asked for; None asks for nothing in particular."""

    category: str | None = None
    search: str = ""
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    in_stock: bool | None = None
    kind: str | None = None
    featured: bool | None = None
    ordering: str = "name"


@dataclass(frozen=True)
class ProductPage:
    """A product on show: its row, its pictures and variants, its neighbours, and the units there are by SKU."""

    row: Row
    images: list[Row]
    variants: list[Row]
    related: list[Row]
    units: Mapping[str, int]


@dataclass(frozen=True)
class Availability:
    """How many units of a SKU are wanted, and how many there are; None where time is sold."""

    sku: str
    quantity: int
    available: int | None


def categories() -> list[Row]:
    """Return the categories with their products on show counted, in the order of the tree; one statement."""
    return _rows(_CATEGORIES, {})


def addresses() -> tuple[list[str], list[str]]:
    """Return the slugs of all categories and of all products on show, in one statement."""
    row = _rows(_ADDRESSES, {})[0]
    return row["categories"], row["products"]


def products(*, filters: Filters, page: int, size: int, now: datetime) -> tuple[int, list[Row]]:
    """Return how many products there are and those of one page, in one statement.

    Where nothing holds what was searched for, a word that is one letter away from words of names stands for those: then
    it is three statements, two where no word is near. Past the last page there is nothing to count: (0, []).
    """
    words = search_key(filters.search).split()
    found = _found(filters=filters, words=[[word] for word in words], page=page, size=size, now=now)
    if found[0] or not words:
        return found
    mended = _mended(words)
    return found if mended is None else _found(filters=filters, words=mended, page=page, size=size, now=now)


def _mended(words: list[str]) -> list[list[str]] | None:
    """Return, for each word that was typed, the words that may be meant; None where there is nothing to mend."""
    if not any(len(word) >= SHORTEST for word in words):
        return None
    known = [row["word"] for row in _rows(_WORDS, {})]
    mended = [[word] if any(word in one for one in known) else meant(typed=word, words=known) for word in words]
    is_mended = all(mended) and mended != [[word] for word in words]
    return mended if is_mended else None


def _found(*, filters: Filters, words: list[list[str]], page: int, size: int, now: datetime) -> tuple[int, list[Row]]:
    """Return how many products hold of each of these lists of words one, and those of one page."""
    wanted: dict[str, Any] = {
        key: value for key in ("category", "kind") if (value := getattr(filters, key)) is not None
    }
    conditions = [_CONDITIONS[key] for key in wanted]
    if filters.price_min is not None or filters.price_max is not None:
        conditions.append(_CONDITIONS["price"])  # one variant for sale that lies between both
        wanted["price_min"] = 0 if filters.price_min is None else filters.price_min
        wanted["price_max"] = MAX_MONEY if filters.price_max is None else filters.price_max
    if filters.in_stock is not None:
        conditions.append(_IN_STOCK if filters.in_stock else f"NOT {_IN_STOCK}")
    if filters.featured is not None:
        conditions.append(f"coalesce({_CONDITIONS['featured']}, false) = %(is_featured)s")
        wanted["is_featured"] = filters.featured
    for place, either in enumerate(words):
        names = [f"word{place}_{number}" for number in range(len(either))]
        conditions.append(f"({' OR '.join(f'product.search_key LIKE %({name})s' for name in names)})")
        wanted |= {name: f"%{literally(word)}%" for name, word in zip(names, either, strict=True)}
    rows = _cards(
        conditions=conditions,
        ordering=filters.ordering,
        parameters={**wanted, "limit": size, "offset": (page - 1) * size, "now": now},
    )
    return (rows[0]["total"] if rows else 0), rows


def chosen(*, ids: Sequence[UUID], now: datetime) -> list[Row]:
    """Return those of these products that are on show, in this order, in one statement."""
    parameters = {"chosen": list(ids), "limit": len(ids), "offset": 0, "now": now}
    return _cards(conditions=[_CONDITIONS["featured"]], ordering="featured", parameters=parameters)


def on_show() -> list[Row]:
    """Return id, slug and name of every product on show, by name; one statement."""
    return _rows(_ON_SHOW, {})


def picture_of_sku(*, sku: str) -> Row | None:
    """Return the main picture of the product that a SKU belongs to, if it has any; one statement."""
    return next(iter(_rows(_PICTURE, {"sku": sku})), None)


def product(*, slug: str, now: datetime) -> ProductPage:
    """Return a product on show with everything about it. Raises NotFound.

    Two statements while Redis knows the units on show, else three. The units may be a moment old; whoever needs them
    exactly asks for the availability of a SKU.
    """
    found = _rows(_PRODUCT, {"slug": slug, "now": now, "currency": DEFAULTS.currency})
    if not found:
        raise NotFound()
    row = found[0]
    beside = {"beside": row["id"], "beside_category": row["category_id"], "limit": RELATED, "offset": 0, "now": now}
    related = _cards(conditions=[_CONDITIONS["beside"]], ordering="name", parameters=beside)
    variants = orjson.loads(row["variants"])
    skus = [variant["sku"] for variant in variants] if row["kind"] == "goods" else []
    return ProductPage(
        row=row,
        images=orjson.loads(row["images"]),
        variants=variants,
        related=related,
        units=inventory.display_available(skus=skus, now=now) if skus else {},
    )


def availability(*, sku: str, quantity: int, now: datetime) -> Availability:
    """Say whether that many units could be had at `now`, in one statement. Raises NotFound, Malformed."""
    found = _rows(_UNITS, {"sku": sku, "now": now})
    if not found:
        raise NotFound()
    refuse_quantity(quantity=quantity, unit=found[0]["unit"])
    return Availability(sku=sku, quantity=quantity, available=found[0]["available"])


def _cards(*, conditions: list[str], ordering: str, parameters: Mapping[str, Any]) -> list[Row]:
    key, order = _ORDERS[ordering]
    statement = _CARDS.format(
        below=CATEGORY_AND_BELOW if "category" in parameters else "SELECT NULL::bigint WHERE false",
        key=key,
        name_key=_BY_NAME,
        sold=_SOLD,
        conditions="".join(f" AND {condition}" for condition in conditions),
        order=order,
        outer_order=", ".join(f"page.{part}" for part in order.split(", ")),
        price_from=_PRICE_FROM,
        price_to=_PRICE_TO,
        cheapest=_CHEAPEST,
        currency=_CURRENCY,
        in_stock=_IN_STOCK,
    )
    return _rows(statement, {"chosen": None, **parameters, "currency": DEFAULTS.currency})


def _rows(statement: str, parameters: Mapping[str, Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
