"""A table of products beside the catalogue: each row finds the product and the variant it is about, or none yet.

The table lives in the transaction alone. A row is about the variant with its SKU; without one, about the variant of
that name of the product of that name. Rows of one product stand together, and the first of them leads.
However many rows there are, the number of statements is the same.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from catalog import selectors
from catalog.models import Category
from common import sql
from common.text import search_key
from common.transactions import within_unit_of_work

SEPARATOR = " › "

_OPEN = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL work_mem = '64MB'",
    "DROP TABLE IF EXISTS product_sheet, product_group, product_verdict, category_shown",
    """
    CREATE TEMPORARY TABLE product_sheet (
        number integer PRIMARY KEY, sku text NOT NULL, barcode text, name text, name_key text, description text,
        category jsonb, category_id bigint, shown boolean, variant text, price numeric(12, 2), unit text,
        price_per integer, options jsonb, is_active boolean, product_id bigint, variant_id bigint, leader integer,
        problem text
    ) WITH (fillfactor = 60) ON COMMIT DROP
    """,
)

_COLUMNS = (
    "sku, barcode, name, name_key, description, category, shown, variant, price, unit, price_per, options, is_active"
)

_FILL = f"""
INSERT INTO product_sheet (number, {_COLUMNS})
SELECT source.number, {_COLUMNS}
FROM ({{source}}) AS source (number, content), jsonb_to_record(source.content) AS given (
    sku text, barcode text, name text, name_key text, description text, category jsonb, shown boolean, variant text,
    price numeric(12, 2), unit text, price_per integer, options jsonb, is_active boolean
)
"""  # noqa: S608 - made of constants

_FORGET = "UPDATE product_sheet SET product_id = NULL, variant_id = NULL, leader = NULL, problem = NULL"

_BY_SKU = """
UPDATE product_sheet sheet SET variant_id = variant.id, product_id = variant.product_id
FROM catalog_variant variant WHERE sheet.sku <> '' AND variant.sku = sheet.sku
"""

_BY_NAME = """
WITH told AS (
    SELECT name_key, min(product_id) AS product_id, count(DISTINCT product_id) AS number FROM product_sheet
    WHERE product_id IS NOT NULL AND name_key IS NOT NULL GROUP BY name_key
), there AS (
    SELECT split_part(search_key, E'\\n', 1) AS name_key, min(id) AS product_id, count(*) AS number
    FROM catalog_product
    WHERE kind = 'goods' AND status IN ('draft', 'published') AND split_part(search_key, E'\\n', 1) IN (
        SELECT name_key FROM product_sheet WHERE product_id IS NULL
        EXCEPT SELECT name_key FROM told
    )
    GROUP BY 1
)
UPDATE product_sheet sheet SET
    product_id = CASE WHEN named.number = 1 THEN named.product_id END,
    problem = CASE WHEN named.number > 1 THEN 'several_products' END
FROM (TABLE told UNION ALL TABLE there) AS named
WHERE sheet.product_id IS NULL AND sheet.name_key = named.name_key
"""

# A row that names no variation is about the only one there is, or about the one without a name.
_BY_VARIANT = """
WITH there AS (
    SELECT product_id, id, lower(name) AS name, count(*) OVER (PARTITION BY product_id) AS variants
    FROM catalog_variant WHERE product_id IN (SELECT product_id FROM product_sheet WHERE sku = '')
), named AS (
    SELECT sheet.number, min(there.id) AS variant_id, count(*) AS alike
    FROM product_sheet sheet JOIN there ON there.product_id = sheet.product_id
        AND (there.name = lower(coalesce(sheet.variant, '')) OR sheet.variant IS NULL AND there.variants = 1)
    WHERE sheet.sku = '' GROUP BY sheet.number
)
UPDATE product_sheet sheet SET
    variant_id = CASE WHEN named.alike = 1 THEN named.variant_id END,
    problem = CASE
        WHEN named.alike > 1 OR named.number IS NULL AND sheet.variant IS NULL AND EXISTS (
            SELECT FROM there WHERE there.product_id = sheet.product_id
        ) THEN 'several_variants'
    END
FROM product_sheet same LEFT JOIN named ON named.number = same.number
WHERE same.number = sheet.number AND sheet.sku = '' AND sheet.product_id IS NOT NULL
"""

_LEAD = """
UPDATE product_sheet sheet SET leader = placed.leader FROM (
    SELECT number, min(number) OVER (
        PARTITION BY product_id, CASE WHEN product_id IS NULL THEN coalesce(name_key, E'\\n' || number) END
    ) AS leader
    FROM product_sheet
) AS placed WHERE placed.number = sheet.number
"""

_GROUP = """
CREATE TEMPORARY TABLE product_group ON COMMIT DROP AS
SELECT sheet.leader, max(sheet.product_id) AS product_id,
    (array_agg(sheet.name ORDER BY sheet.number) FILTER (WHERE sheet.name IS NOT NULL))[1] AS name,
    (array_agg(sheet.name_key ORDER BY sheet.number) FILTER (WHERE sheet.name_key IS NOT NULL))[1] AS name_key,
    (array_agg(sheet.description ORDER BY sheet.number) FILTER (WHERE sheet.description IS NOT NULL))[1] AS description,
    (array_agg(sheet.category ORDER BY sheet.number) FILTER (WHERE sheet.category IS NOT NULL))[1] AS category,
    NULL::bigint AS category_id,
    (array_agg(sheet.shown ORDER BY sheet.number) FILTER (WHERE sheet.shown IS NOT NULL))[1] AS shown,
    bool_or(coalesce(sheet.is_active, variant.is_active, true)) AS sells,
    NULL::text AS slug, NULL::text AS search_key, false AS is_new
FROM product_sheet sheet LEFT JOIN catalog_variant variant ON variant.id = sheet.variant_id
GROUP BY sheet.leader
"""

_CATEGORIES = "SELECT DISTINCT category FROM product_group WHERE category IS NOT NULL"

_PLACE = """
UPDATE product_group SET category_id = found.id
FROM unnest(%(paths)s::jsonb[], %(ids)s::bigint[]) AS found (path, id) WHERE product_group.category = found.path
"""

_SHOWN = """
CREATE TEMPORARY TABLE category_shown ON COMMIT DROP AS
SELECT * FROM unnest(%(ids)s::bigint[], %(paths)s::text[]) AS shelf (id, path)
"""

_LOCK = f"""
SELECT count(*) FROM (
    SELECT FROM catalog_product WHERE id IN (SELECT product_id FROM product_sheet) ORDER BY id {sql.FOR_WRITING}
) AS taken
"""  # noqa: S608 - no values


@within_unit_of_work
def fill(*, source: str, parameters: Mapping[str, Any]) -> None:
    """Begin a table with the rows of a query: their numbers, and what `rows.judged` made of each."""
    for statement in _OPEN:
        sql.execute(statement, {})
    sql.execute(_FILL.format(source=source), parameters)
    sql.execute("ANALYZE product_sheet", {})


@within_unit_of_work
def find(*, locked: bool) -> None:
    """Let each row find its product and variant; `locked`: and nobody changes those products any more."""
    _look()
    if locked and sql.rows(_LOCK, {}) != [(0,)]:
        sql.execute(_FORGET, {})
        _look()
    sql.execute(_LEAD, {})
    sql.execute("ANALYZE product_sheet (leader, product_id, variant_id)", {})
    sql.execute(_GROUP, {})
    sql.execute("ANALYZE product_group", {})
    paths = selectors.category_paths()
    sql.execute(_SHOWN, {"ids": list(paths), "paths": list(paths.values())})


def _look() -> None:
    for statement in (_BY_SKU, _BY_NAME, _BY_VARIANT):
        sql.execute(statement, {})


@within_unit_of_work
def wanted_categories() -> list[tuple[str, ...]]:
    """Return the paths that the rows name."""
    return [tuple(json.loads(path)) for (path,) in sql.rows(_CATEGORIES, {})]


@within_unit_of_work
def place(*, shelves: Mapping[tuple[str, ...], int]) -> None:
    """Say which shelf is at the end of which path."""
    found = {"paths": [json.dumps(path) for path in shelves], "ids": list(shelves.values())}
    sql.execute(_PLACE, found)


def shelves_there(*, paths: Sequence[tuple[str, ...]]) -> tuple[dict[tuple[str, ...], int], list[tuple[str, ...]]]:
    """Return which shelves there are already, and which paths could be several.

    One name alone is the shelf of that name wherever it stands; two of that name are told apart by their path.
    """
    by_path, by_name = _shelves()
    found, unclear = {}, []
    for path in paths:
        keys = tuple(search_key(name) for name in path)
        alike = [by_path[keys]] if keys in by_path else by_name[keys[0]] if len(keys) == 1 else []
        if len(alike) == 1:
            found[path] = alike[0]
        elif alike:
            unclear.append(path)
    return found, unclear


def _shelves() -> tuple[dict[tuple[str, ...], int], dict[str, list[int]]]:
    shelves = {shelf.pk: shelf for shelf in Category.objects.order_by("pk")}
    by_path: dict[tuple[str, ...], int] = {}
    by_name: dict[str, list[int]] = defaultdict(list)
    for pk, shelf in shelves.items():
        keys: tuple[str, ...] = ()
        above: Category | None = shelf
        while above is not None:
            keys = (search_key(above.name), *keys)
            above = shelves.get(above.parent_id) if above.parent_id else None
        by_path.setdefault(keys, pk)
        by_name[search_key(shelf.name)].append(pk)
    return by_path, by_name
