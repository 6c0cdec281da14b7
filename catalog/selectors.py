"""Reads of the catalogue worth a name."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
from django.db import connection

from catalog.barcodes import is_gtin
from catalog.deposits import Deposit
from catalog.errors import NotForSale, UnknownSku
from catalog.models import Category, Product
from common import sql
from common.text import literally, search_key

OFFER_COLUMNS = """
    variant.id, variant.sku, variant.name, variant.price, variant.unit, variant.price_per, variant.options,
    variant.is_active, product.name, product.kind, product.status, product.pickup_lead_minutes,
    product.deposit_percent, product.deposit_amount
"""
"""What an offer is made of; for statements that join `catalog_variant variant` and `catalog_product product`."""

_OFFERS = f"""
SELECT {OFFER_COLUMNS}
FROM catalog_variant variant JOIN catalog_product product ON product.id = variant.product_id
WHERE variant.sku = ANY(%(skus)s)
"""  # noqa: S608 - names of columns, no values

# A term may be part of a name, an option or a SKU; the search key holds all of them without accents and case.
_GOODS = f"""
SELECT {OFFER_COLUMNS}
FROM catalog_variant variant JOIN catalog_product product ON product.id = variant.product_id
WHERE product.kind = 'goods' AND product.status <> 'archived' AND ({{condition}})
ORDER BY (lower(variant.sku) = %(exact)s) DESC, starts_with(product.search_key, %(exact)s) DESC,
    split_part(product.search_key, E'\\n', 1), variant.position, variant.id
LIMIT %(limit)s
"""  # noqa: S608 - names of columns, no values


_CHOSEN = f"""
SELECT {OFFER_COLUMNS}
FROM catalog_variant variant JOIN catalog_product product ON product.id = variant.product_id
WHERE product.status <> 'archived' AND ({{condition}})
ORDER BY split_part(product.search_key, E'\\n', 1), product.id, variant.position, variant.id
LIMIT %(limit)s
"""  # noqa: S608 - names of columns, no values


@dataclass(frozen=True)
class Offer:
    """A variant as it stands in the catalogue now; `options` are names and values."""

    variant_id: int
    sku: str
    name: str
    price: Decimal
    unit: str
    price_per: int
    options: tuple[tuple[str, str], ...]
    kind: str
    for_sale: bool
    lead_minutes: int | None
    deposit: Deposit


def offer_from(*, columns: Sequence[Any]) -> Offer:
    """Return the offer of a row read with `OFFER_COLUMNS`, whatever table it was joined to."""
    variant_id, sku, name, price, unit, price_per, options, is_active, product, kind, status, lead, percent, amount = (
        columns
    )
    return Offer(
        variant_id=variant_id,
        sku=sku,
        name=f"{product} · {name}" if name and name != product else product,
        price=price,
        unit=unit,
        price_per=price_per,
        options=tuple((option["name"], option["value"]) for option in msgspec.json.decode(options)),
        kind=kind,
        for_sale=is_active and status == Product.Status.PUBLISHED,
        lead_minutes=lead,
        deposit=Deposit(percent=percent, amount=amount),
    )


def offers(*, skus: Iterable[str]) -> dict[str, Offer]:
    """Return the offers of the SKUs that exist, in one statement."""
    found = (offer_from(columns=columns) for columns in sql.rows(_OFFERS, {"skus": list(skus)}))
    return {offer.sku: offer for offer in found}


def offers_for_sale(*, skus: Sequence[str]) -> list[Offer]:
    """Return the offers of SKUs that can all be bought now, in their order. Raises UnknownSku, NotForSale."""
    found = offers(skus=skus)
    for sku in skus:
        if sku not in found:
            raise UnknownSku(sku=sku)
        if not found[sku].for_sale:
            raise NotForSale(sku=sku)
    return [found[sku] for sku in skus]


def goods_called(*, text: str, limit: int) -> list[Offer]:
    """Return the goods that somebody means with a text, for sale or not: by barcode, SKU, name or options."""
    code = text.strip()
    words = search_key(text).split()
    if is_gtin(code):
        found = sql.rows(
            _GOODS.format(condition="variant.barcode = %(code)s OR variant.sku = %(code)s"),
            {"code": code, "exact": code, "limit": limit},
        )
        if found:
            return [offer_from(columns=columns) for columns in found]
    if not words:
        return []
    condition = " AND ".join(f"product.search_key LIKE %(word{place})s" for place in range(len(words)))
    wanted = {f"word{place}": f"%{literally(word)}%" for place, word in enumerate(words)}
    rows = sql.rows(_GOODS.format(condition=condition), {**wanted, "exact": " ".join(words), "limit": limit})
    return [offer_from(columns=columns) for columns in rows]


def goods_in(*, category: str, limit: int) -> list[Offer]:
    """Return the goods of a category and of those below it, for sale or not."""
    found = _GOODS.format(condition="product.category_id = ANY(%(categories)s)")
    rows = sql.rows(found, {"categories": category_ids(slug=category), "exact": "", "limit": limit})
    return [offer_from(columns=columns) for columns in rows]


def offers_chosen(*, category: str, text: str, products: Sequence[int], limit: int) -> list[Offer]:
    """Return what is not archived, goods and services: of a category and below, with each word, of some products.

    What is empty chooses nothing out.
    """
    words = search_key(text).split()
    conditions = [f"product.search_key LIKE %(word{place})s" for place in range(len(words))]
    wanted: dict[str, Any] = {f"word{place}": f"%{literally(word)}%" for place, word in enumerate(words)}
    if category:
        conditions.append("product.category_id = ANY(%(categories)s)")
        wanted["categories"] = category_ids(slug=category)
    if products:
        conditions.append("product.id = ANY(%(products)s)")
        wanted["products"] = list(products)
    statement = _CHOSEN.format(condition=" AND ".join(conditions) or "true")
    return [offer_from(columns=columns) for columns in sql.rows(statement, {**wanted, "limit": limit})]


# The category of a slug and every category below it. UNION, not UNION ALL: even a loop would come to an end.
CATEGORY_AND_BELOW = """
    SELECT id FROM catalog_category WHERE slug = %(category)s
    UNION
    SELECT child.id FROM catalog_category child JOIN category_and_below above ON child.parent_id = above.id
"""


def category_ids(*, slug: str) -> list[int]:
    """Return the category of a slug and every category below it, in one statement; nothing for an unknown one."""
    statement = f"WITH RECURSIVE category_and_below (id) AS ({CATEGORY_AND_BELOW}) SELECT id FROM category_and_below"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, {"category": slug})
        return [pk for (pk,) in cursor.fetchall()]


def category_paths() -> dict[int, str]:
    """Return every category by pk, named from the first rank down ("Padaria › Pães"), in the order of the tree."""
    rows = list(Category.objects.values_list("pk", "parent_id", "name"))
    below: dict[int | None, list[tuple[int, str]]] = defaultdict(list)
    for pk, parent_id, name in rows:
        below[parent_id].append((pk, name))
    paths: dict[int, str] = {}

    def walk(parent_id: int | None, prefix: str) -> None:
        for pk, name in below[parent_id]:
            paths[pk] = f"{prefix}{name}"
            walk(pk, f"{prefix}{name} › ")

    walk(None, "")
    return paths
