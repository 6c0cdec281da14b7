"""What a table of products would change, and which of its rows cannot be.

The rules are those of the single services, said once more for a whole table; a test writes the same products both ways
and compares. A row is new, changed, the same, or wrong. What is said of the product as a whole stands on the row that
leads.
"""

from collections.abc import Mapping

from catalog.services.bulk.table import SEPARATOR
from common import sql
from common.transactions import within_unit_of_work

MOST_VARIANTS = 10_000
"""Rows of one product in a table; a column that was filled down by mistake says it of all of them."""

PROBLEMS: Mapping[str, str] = {
    "several_products": "name",
    "several_variants": "variant",
    "is_service": "sku",
    "unknown_sku": "sku",
    "price_missing": "price",
    "category_missing": "category",
    "category_unclear": "category",
    "sku_twice": "sku",
    "row_twice": "variant",
    "barcode_twice": "barcode",
    "barcode_taken": "barcode",
    "unit_fixed": "unit",
    "name_differs": "name",
    "description_differs": "description",
    "category_differs": "category",
    "shown_differs": "shown",
    "archived": "shown",
    "nothing_to_sell": "is_active",
    "too_many_variants": "variant",
}
"""Why a row cannot be, and the column it is about."""

_JUDGE = """
WITH placed AS (
    SELECT sheet.*, family.product_id IS NULL AS is_fresh, family.name AS its_name,
        family.description AS its_description, family.category AS its_category, family.category_id AS its_shelf,
        family.shown AS its_shown, family.sells,
        product.kind, product.status, variant.unit AS its_unit, variant.price_per AS its_price_per,
        holder.id AS its_holder,
        row_number() OVER (PARTITION BY sheet.sku ORDER BY sheet.number) AS of_sku,
        row_number() OVER (PARTITION BY sheet.variant_id ORDER BY sheet.number) AS of_variant,
        row_number() OVER (PARTITION BY sheet.barcode ORDER BY sheet.number) AS of_barcode,
        row_number() OVER (PARTITION BY sheet.leader ORDER BY sheet.number) AS of_family,
        row_number() OVER (
            PARTITION BY sheet.leader, sheet.variant_id IS NULL, sheet.sku = '', lower(coalesce(sheet.variant, ''))
            ORDER BY sheet.number
        ) AS of_name
    FROM product_sheet sheet JOIN product_group family ON family.leader = sheet.leader
    LEFT JOIN catalog_product product ON product.id = sheet.product_id
    LEFT JOIN catalog_variant variant ON variant.id = sheet.variant_id
    LEFT JOIN catalog_variant holder ON holder.barcode = sheet.barcode AND holder.barcode <> ''
), judged AS (
    SELECT placed.number, CASE
    WHEN placed.problem IS NOT NULL THEN placed.problem
    WHEN placed.kind = 'service' THEN 'is_service'
    WHEN placed.is_fresh AND placed.its_name IS NULL THEN 'unknown_sku'
    WHEN placed.variant_id IS NULL AND placed.price IS NULL THEN 'price_missing'
    WHEN placed.is_fresh AND placed.its_category IS NULL THEN 'category_missing'
    WHEN placed.its_category = ANY(%(unclear)s::jsonb[]) THEN 'category_unclear'
    WHEN placed.sku <> '' AND placed.of_sku > 1 THEN 'sku_twice'
    WHEN placed.barcode <> '' AND placed.of_barcode > 1 THEN 'barcode_twice'
    WHEN placed.its_holder IS NOT NULL AND placed.its_holder IS DISTINCT FROM placed.variant_id THEN 'barcode_taken'
    WHEN placed.variant_id IS NOT NULL AND placed.of_variant > 1 THEN 'row_twice'
    WHEN placed.variant_id IS NULL AND placed.sku = '' AND placed.of_name > 1 THEN 'row_twice'
    WHEN placed.variant_id IS NOT NULL AND (
        coalesce(placed.unit, placed.its_unit), coalesce(placed.price_per, placed.its_price_per)
    ) <> (placed.its_unit, placed.its_price_per) THEN 'unit_fixed'
    WHEN placed.of_family > %(most)s THEN 'too_many_variants'
    WHEN placed.name <> placed.its_name THEN 'name_differs'
    WHEN placed.description <> placed.its_description THEN 'description_differs'
    WHEN placed.category <> placed.its_category THEN 'category_differs'
    WHEN placed.shown <> placed.its_shown THEN 'shown_differs'
    WHEN placed.status = 'archived' AND placed.its_shown THEN 'archived'
    WHEN placed.number = placed.leader AND NOT placed.sells AND (
        placed.is_fresh AND coalesce(placed.its_shown, true) OR placed.its_shown AND placed.status = 'draft'
    ) AND NOT EXISTS (
        SELECT FROM catalog_variant other WHERE other.product_id = placed.product_id AND other.is_active
            AND NOT EXISTS (SELECT FROM product_sheet named WHERE named.variant_id = other.id)
    ) THEN 'nothing_to_sell'
    END AS problem
    FROM placed
)
UPDATE product_sheet sheet SET problem = judged.problem
FROM judged WHERE judged.number = sheet.number AND judged.problem IS NOT NULL
"""

_OPTIONS = """(
    SELECT coalesce(string_agg((pair ->> 'name') || ': ' || (pair ->> 'value'), '; ' ORDER BY place), '')
    FROM jsonb_array_elements({options}) WITH ORDINALITY AS option (pair, place)
)"""
OLD_OPTIONS, NEW_OPTIONS = _OPTIONS.format(options="variant.options"), _OPTIONS.format(options="sheet.options")
"""Options as a history and a person read them."""

_COMPARE = f"""
CREATE TEMPORARY TABLE product_verdict ON COMMIT DROP AS
SELECT sheet.number, sheet.variant_id, family.product_id, sheet.problem,
    CASE
        WHEN sheet.problem IS NOT NULL THEN 'wrong' WHEN sheet.variant_id IS NULL THEN 'new'
        WHEN compared.changes = '{{}}' THEN 'same' ELSE 'changed'
    END AS what,
    to_jsonb(compared.changes) AS changes
FROM product_sheet sheet JOIN product_group family ON family.leader = sheet.leader
LEFT JOIN catalog_product product ON product.id = family.product_id
LEFT JOIN category_shown shelf ON shelf.id = product.category_id
LEFT JOIN category_shown other ON other.id = family.category_id
LEFT JOIN catalog_variant variant ON variant.id = sheet.variant_id
CROSS JOIN LATERAL (SELECT array_remove(
    CASE WHEN sheet.number = family.leader AND product.id IS NOT NULL THEN ARRAY[
        CASE WHEN family.name <> product.name THEN jsonb_build_array('name', product.name, family.name) END,
        CASE WHEN family.description <> product.description
            THEN jsonb_build_array('description', product.description, family.description) END,
        CASE WHEN family.category IS NOT NULL AND family.category_id IS DISTINCT FROM product.category_id
            THEN jsonb_build_array('category', shelf.path, coalesce(other.path, (
                SELECT string_agg(name, '{SEPARATOR}' ORDER BY rank)
                FROM jsonb_array_elements_text(family.category) WITH ORDINALITY AS path (name, rank)
            ))) END,
        CASE WHEN family.shown <> (product.status = 'published')
            THEN jsonb_build_array('shown', product.status = 'published', family.shown) END
    ] ELSE '{{}}' END || CASE WHEN variant.id IS NOT NULL THEN ARRAY[
        CASE WHEN sheet.variant <> variant.name THEN jsonb_build_array('variant', variant.name, sheet.variant) END,
        CASE WHEN sheet.barcode <> variant.barcode
            THEN jsonb_build_array('barcode', variant.barcode, sheet.barcode) END,
        CASE WHEN sheet.price <> variant.price
            THEN jsonb_build_array('price', variant.price::text, sheet.price::text) END,
        CASE WHEN sheet.options <> variant.options
            THEN jsonb_build_array('options', {OLD_OPTIONS}, {NEW_OPTIONS}) END,
        CASE WHEN sheet.is_active <> variant.is_active
            THEN jsonb_build_array('is_active', variant.is_active, sheet.is_active) END
    ] ELSE '{{}}' END, NULL) AS changes) AS compared
"""  # noqa: S608 - made of constants


@within_unit_of_work
def compare(*, unclear: list[str]) -> None:
    """Say of each row what it would change; `unclear` are paths of categories, as JSON, that could be several."""
    sql.execute(_JUDGE, {"unclear": unclear, "most": MOST_VARIANTS})
    sql.execute(_COMPARE, {})
    sql.execute("ANALYZE product_verdict", {})
