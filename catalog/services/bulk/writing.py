"""Writes a table of products that was compared and has no wrong row: a few statements, however many rows.

Names that nobody gave and the words by which a product is found are made by the functions that make them for one
product; the history says the same as if each product had been saved alone.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import connection

from catalog.services import names
from catalog.services.bulk.verdicts import NEW_OPTIONS, OLD_OPTIONS
from catalog.services.products import MADE_SLUG
from catalog.services.variants import words_of
from common import sql
from common.actors import Actor
from common.transactions import within_unit_of_work

_NAMELESS = """
SELECT sheet.number, coalesce(family.name, product.name), coalesce(sheet.variant, '')
FROM product_sheet sheet JOIN product_group family ON family.leader = sheet.leader
LEFT JOIN catalog_product product ON product.id = family.product_id
WHERE sheet.variant_id IS NULL AND sheet.sku = '' ORDER BY sheet.leader, sheet.number
"""

_SKUS_HELD = """
SELECT sku FROM catalog_variant WHERE sku = ANY(%(roots)s) OR regexp_replace(sku, '-[0-9]+$', '') = ANY(%(roots)s)
UNION SELECT sku FROM product_sheet WHERE sku <> ''
"""

_NAME_SKUS = """
UPDATE product_sheet sheet SET sku = made.sku
FROM unnest(%(numbers)s::integer[], %(names)s::text[]) AS made (number, sku) WHERE made.number = sheet.number
"""

_SLUGS_HELD = """
SELECT slug FROM catalog_product WHERE slug = ANY(%(roots)s) OR regexp_replace(slug, '-[0-9]+$', '') = ANY(%(roots)s)
"""

_NAME_PRODUCTS = """
UPDATE product_group family SET slug = made.slug, search_key = made.words, is_new = true,
    product_id = nextval(pg_get_serial_sequence('catalog_product', 'id'))
FROM unnest(%(leaders)s::integer[], %(slugs)s::text[], %(words)s::text[]) AS made (leader, slug, words)
WHERE made.leader = family.leader
"""

_WORDS_OF_NEW = """
SELECT family.leader, family.name, coalesce(family.description, ''), sheet.sku, coalesce(sheet.variant, ''),
    coalesce(sheet.options, '[]')
FROM product_group family JOIN product_sheet sheet ON sheet.leader = family.leader
WHERE family.product_id IS NULL ORDER BY family.leader, sheet.number
"""

_WORDS_OF_OLD = """
SELECT family.product_id, coalesce(family.name, product.name), coalesce(family.description, product.description),
    variant.sku, variant.name, variant.options
FROM product_group family JOIN catalog_product product ON product.id = family.product_id
JOIN catalog_variant variant ON variant.product_id = family.product_id
WHERE NOT family.is_new AND family.leader IN (
    SELECT sheet.leader FROM product_sheet sheet JOIN product_verdict verdict USING (number)
    WHERE verdict.what IN ('new', 'changed')
)
ORDER BY family.product_id, variant.position, variant.id
"""

_KEEP_WORDS = """
UPDATE product_group family SET search_key = made.words
FROM unnest(%(ids)s::bigint[], %(words)s::text[]) AS made (product_id, words)
WHERE made.product_id = family.product_id
"""

_INSERT_PRODUCTS = """
INSERT INTO catalog_product (
    id, public_id, kind, slug, name, description, category_id, status, search_key, pickup_lead_minutes, deposit_percent,
    deposit_amount, created_at, updated_at
)
SELECT product_id, gen_random_uuid(), 'goods', slug, name, coalesce(description, ''), category_id,
    CASE WHEN coalesce(shown, true) THEN 'published' ELSE 'draft' END, search_key, NULL, 0, 0, %(now)s, %(now)s
FROM product_group WHERE is_new ORDER BY leader
"""

_INSERT_VARIANTS = """
INSERT INTO catalog_variant (sku, barcode, product_id, name, price, unit, price_per, options, position, is_active)
SELECT sheet.sku, coalesce(sheet.barcode, ''), family.product_id, coalesce(sheet.variant, ''), sheet.price,
    coalesce(sheet.unit, 'piece'),
    coalesce(sheet.price_per, 1), coalesce(sheet.options, '[]'),
    row_number() OVER (PARTITION BY family.product_id ORDER BY sheet.number) - 1 + coalesce(kept.number, 0),
    coalesce(sheet.is_active, true)
FROM product_sheet sheet JOIN product_group family ON family.leader = sheet.leader
LEFT JOIN (
    SELECT product_id, count(*) AS number FROM catalog_variant
    WHERE product_id IN (SELECT product_id FROM product_group WHERE NOT is_new) GROUP BY product_id
) AS kept ON kept.product_id = family.product_id
WHERE sheet.variant_id IS NULL ORDER BY sheet.number
"""

_KNOW_VARIANTS = """
UPDATE product_sheet sheet SET variant_id = variant.id, product_id = variant.product_id
FROM catalog_variant variant WHERE sheet.variant_id IS NULL AND variant.sku = sheet.sku
"""

# Old and new values are read before anything is changed.
_HISTORY = f"""
INSERT INTO catalog_productchange (product_id, sku, key, old, new, actor_kind, actor_id, door, at)
SELECT product_id, sku, key, old, new, %(kind)s, %(actor)s, %(door)s, %(now)s FROM (
    SELECT family.leader AS number, 0 AS place, family.product_id, '' AS sku, changed.key, changed.old, changed.new
    FROM product_group family LEFT JOIN catalog_product product ON product.id = family.product_id
    LEFT JOIN catalog_category shelf ON shelf.id = product.category_id
    LEFT JOIN catalog_category other ON other.id = family.category_id
    CROSS JOIN LATERAL (VALUES
        ('product', CASE WHEN family.is_new THEN '' END, family.name),
        ('name', product.name, family.name), ('description', product.description, family.description),
        ('category', shelf.slug, other.slug),
        ('status', CASE WHEN family.is_new THEN 'draft' ELSE product.status END, CASE
            WHEN coalesce(family.shown, family.is_new) THEN 'published'
            WHEN product.status = 'published' AND NOT family.shown THEN 'draft'
        END)
    ) AS changed (key, old, new)
    WHERE changed.old <> changed.new
    UNION ALL
    SELECT sheet.number, 1, family.product_id, sheet.sku, changed.key, '', changed.new
    FROM product_sheet sheet JOIN product_group family ON family.leader = sheet.leader
    CROSS JOIN LATERAL (VALUES ('sku', sheet.sku), ('price', sheet.price::text)) AS changed (key, new)
    WHERE sheet.variant_id IS NULL
    UNION ALL
    SELECT sheet.number, 1, variant.product_id, variant.sku, changed.key, changed.old, changed.new
    FROM product_sheet sheet JOIN catalog_variant variant ON variant.id = sheet.variant_id
    CROSS JOIN LATERAL (VALUES
        ('barcode', variant.barcode, sheet.barcode), ('price', variant.price::text, sheet.price::text),
        ('name', variant.name, sheet.variant),
        ('options', CASE WHEN sheet.options <> variant.options THEN {OLD_OPTIONS} END, {NEW_OPTIONS}),
        ('is_active', initcap(variant.is_active::text), initcap(sheet.is_active::text))
    ) AS changed (key, old, new)
    WHERE changed.old <> changed.new
) AS told ORDER BY number, place
"""  # noqa: S608 - made of constants

_CHANGE_VARIANTS = """
UPDATE catalog_variant variant SET
    barcode = coalesce(sheet.barcode, variant.barcode), price = coalesce(sheet.price, variant.price),
    name = coalesce(sheet.variant, variant.name), options = coalesce(sheet.options, variant.options),
    is_active = coalesce(sheet.is_active, variant.is_active)
FROM product_sheet sheet JOIN product_verdict verdict USING (number)
WHERE verdict.what = 'changed' AND sheet.variant_id = variant.id
"""

_CHANGE_PRODUCTS = """
UPDATE catalog_product product SET
    name = coalesce(family.name, product.name), description = coalesce(family.description, product.description),
    category_id = coalesce(family.category_id, product.category_id), search_key = family.search_key,
    status = CASE
        WHEN family.shown THEN 'published' WHEN product.status = 'published' AND NOT family.shown THEN 'draft'
        ELSE product.status
    END,
    updated_at = %(now)s
FROM product_group family
WHERE NOT family.is_new AND family.product_id = product.id AND family.search_key IS NOT NULL
"""


@within_unit_of_work
def write(*, actor: Actor, now: datetime) -> None:
    """Write what the table says; afterwards each of its rows knows its variant. Raises nothing of its own."""
    acted = {"kind": actor.kind, "actor": actor.id, "door": actor.door, "now": now}
    _name_skus()
    _name_products()
    sql.execute("ANALYZE product_group", {})
    sql.execute(_INSERT_PRODUCTS, {"now": now})
    sql.execute(_HISTORY, acted)
    sql.execute(_CHANGE_VARIANTS, {})
    sql.execute(_INSERT_VARIANTS, {})
    sql.execute(_KNOW_VARIANTS, {})
    _keep_words()
    sql.execute(_CHANGE_PRODUCTS, {"now": now})


def _name_skus() -> None:
    rows = sql.rows(_NAMELESS, {})
    if rows:
        roots = [names.sku_root(names=(product, variant)) for _number, product, variant in rows]
        given = _names(held=_SKUS_HELD, roots=roots)
        sql.execute(_NAME_SKUS, {"numbers": [number for number, *_names in rows], "names": given})


def _name_products() -> None:
    """Give each new product its id, its slug and its words."""
    leaders, roots, words = [], [], []
    for leader, name, text in _words(_WORDS_OF_NEW):
        leaders.append(leader)
        roots.append(names.slug_root(name=name, most=MADE_SLUG))
        words.append(text)
    if leaders:
        slugs = _names(held=_SLUGS_HELD, roots=roots)
        sql.execute(_NAME_PRODUCTS, {"leaders": leaders, "slugs": slugs, "words": words})


def _names(*, held: str, roots: Sequence[str]) -> list[str]:
    taken = names.Numbering(held={name for (name,) in sql.rows(held, {"roots": sorted(set(roots))})})
    return [taken.name(root) for root in roots]


def _keep_words() -> None:
    found = [(pk, text) for pk, _name, text in _words(_WORDS_OF_OLD)]
    if found:
        sql.execute(_KEEP_WORDS, {"ids": [pk for pk, _text in found], "words": [text for _pk, text in found]})


def _words(statement: str) -> Iterator[tuple[int, str, str]]:
    """Give the key, the name and the words of each product that a statement reads, a row for each variant."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        for (key, name, description), variants in groupby(_rows(cursor), key=lambda row: row[:3]):
            found = [(sku, variant, json.loads(options)) for *_product, sku, variant, options in variants]
            yield key, name, words_of(name=name, description=description, variants=found)


def _rows(cursor: Any) -> Iterator[tuple[Any, ...]]:
    while batch := cursor.fetchmany(5_000):
        yield from batch
