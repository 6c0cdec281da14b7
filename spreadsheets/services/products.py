"""Products with their variants, prices and units in stock, from a spreadsheet.

The rules are the catalogue's and the stock's own; this says which cell means what, and joins the two.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import services as catalog
from catalog.services import bulk
from catalog.services.bulk import ProductRow
from common import sql
from common.actors import Actor
from common.errors import Malformed
from common.text import plain_marks, search_key
from common.transactions import within_unit_of_work
from inventory.models import MAX_ON_HAND
from inventory.services import bulk as shelves
from spreadsheets import cells
from spreadsheets.cells import CellError
from spreadsheets.errors import ChangedMeanwhile
from spreadsheets.models import Import
from spreadsheets.services.paths import path_of
from spreadsheets.services.reading import Errors
from spreadsheets.tables import SOLD
from spreadsheets.wording import cell_problem

T = TypeVar("T")

PROBLEMS: Mapping[str, str | Promise] = {
    "several_products": gettext_lazy("There are several products of this name. Write the SKU of the one you mean."),
    "several_variants": gettext_lazy("This product has several variations. Write which one, or its SKU."),
    "is_service": gettext_lazy("This is the SKU of a service, and this is a spreadsheet of products."),
    "unknown_sku": gettext_lazy("There is no such SKU. For a new product, write its name too."),
    "price_missing": gettext_lazy("Something new needs a price."),
    "category_missing": gettext_lazy("A new product needs a category."),
    "category_unclear": gettext_lazy("There are several categories of this name. Write the way to it: Bakery > Bread."),
    "sku_twice": gettext_lazy("This SKU is there twice."),
    "row_twice": gettext_lazy("A row above is about the same thing."),
    "barcode_twice": gettext_lazy("This barcode is there twice."),
    "barcode_taken": gettext_lazy("Another product has this barcode"),
    "unit_fixed": gettext_lazy("It is counted in something else already, and its stock with it. Leave this empty."),
    "name_differs": gettext_lazy("A row above calls the same product something else."),
    "description_differs": gettext_lazy("A row above describes the same product in another way."),
    "category_differs": gettext_lazy("A row above puts the same product into another category."),
    "shown_differs": gettext_lazy("A row above says the opposite for the same product."),
    "archived": gettext_lazy("This product is in the archive. Bring it back first."),
    "nothing_to_sell": gettext_lazy("Customers would see a product of which nothing is for sale."),
    "too_many_variants": gettext_lazy(
        "More than 10,000 rows are about this product. Is its name right in all of them?"
    ),
    "below_reserved": gettext_lazy("More than that are promised to customers."),
    "too_many": gettext_lazy("That is more than a shelf can hold."),
}
"""Why a row cannot be, as the owner reads it."""

COLUMN_OF = {"variant": "variant", "unit": "sold", "price_per": "sold"}
"""What a column of the catalogue is called here, where it is not the same."""

_ROWS = "SELECT number, content FROM spreadsheets_importrow WHERE run_id = %(run)s AND what <> 'wrong'"

_STOCK = """
SELECT sheet.number, sheet.variant_id, way.operation, way.quantity
FROM product_sheet sheet JOIN spreadsheets_importrow line ON line.run_id = %(run)s AND line.number = sheet.number
CROSS JOIN LATERAL (VALUES
    ('add', (line.content ->> 'stock_add')::integer), ('set', (line.content ->> 'stock_set')::integer)
) AS way (operation, quantity)
WHERE way.quantity IS NOT NULL
"""

_JOIN = """
CREATE TEMPORARY TABLE row_verdict ON COMMIT DROP AS
SELECT verdict.number, verdict.variant_id, verdict.product_id, stock.operation, stock.before,
    coalesce(verdict.problem, stock.problem) AS problem,
    CASE
        WHEN coalesce(verdict.problem, stock.problem) IS NOT NULL THEN 'wrong'
        WHEN verdict.what = 'same' AND stock.before <> stock.after THEN 'changed' ELSE verdict.what
    END AS what,
    CASE WHEN verdict.variant_id IS NOT NULL AND stock.before <> stock.after
        THEN verdict.changes || jsonb_build_array(jsonb_build_array(
            'stock_' || stock.operation, stock.before, stock.after
        ))
        ELSE verdict.changes
    END AS changes, verdict.changes AS fields
FROM product_verdict verdict LEFT JOIN stock_verdict stock USING (number)
"""

_TELL = """
UPDATE spreadsheets_importrow line SET what = verdict.what, changes = verdict.changes,
    errors = CASE WHEN verdict.problem IS NULL THEN '[]' ELSE jsonb_build_array(jsonb_build_array(
        coalesce(%(columns)s::jsonb ->> verdict.problem, 'stock_' || verdict.operation), verdict.problem
    )) END
FROM row_verdict verdict
WHERE line.run_id = %(run)s AND line.number = verdict.number
    AND (line.what, line.changes) IS DISTINCT FROM (verdict.what, verdict.changes)
"""

_COUNTED = "SELECT number, before FROM stock_verdict WHERE operation = 'set' ORDER BY number"

# Units that come on top of what is there are not sealed: a sale meanwhile makes no difference to them.
_SEALED = """
SELECT number, what, variant_id, product_id, fields, CASE operation WHEN 'set' THEN before END
FROM row_verdict ORDER BY number
"""


def parsed(given: Mapping[str, str]) -> tuple[dict[str, Any], Errors]:
    """Return what the cells of a row say, as JSON values, and what is wrong with which column."""
    errors: Errors = []

    def read(key: str, how: Callable[[str], T]) -> T | None:
        text = given.get(key, "")
        if not text:
            return None
        try:
            return how(text)
        except CellError as problem:
            errors.append((key, cell_problem(problem)))
        except Malformed as refusal:
            errors.extend((key, error.detail) for error in refusal.errors)
        except LookupError:
            errors.append((key, _("Write piece, kg, g, litre or ml.")))
        return None

    unit, price_per = read("sold", lambda text: SOLD[search_key(text)]) or (None, None)
    row = ProductRow(
        sku=given.get("sku", ""),
        barcode=plain_marks(given.get("barcode", "")).strip() or None,
        name=given.get("name") or None,
        description=given.get("description") or None,
        category=read("category", path_of),
        shown=read("shown", cells.yes_no),
        variant=given.get("variant") or None,
        price=read("price", cells.amount),
        unit=unit,
        price_per=price_per,
        options=read("options", lambda text: catalog.options_from(text=text)),
        is_active=read("is_active", cells.yes_no),
    )
    added, counted = read("stock_add", cells.whole), read("stock_set", cells.whole)
    if added is not None and counted is not None:
        errors.append(("stock_set", _("Write what arrived or what was counted, not both.")))
    for key, units in (("stock_add", added), ("stock_set", counted)):
        if units is not None and units > MAX_ON_HAND:
            errors.append((key, str(PROBLEMS["too_many"])))
    if not row.sku and row.name is None:
        errors.append(("name", _("Write the name of the product or its SKU.")))
    try:
        content = bulk.judged(row=row)
    except Malformed as refusal:
        told = [(_column(error.pointer), error.detail) for error in refusal.errors]
        return {}, errors + [one for one in told if one not in errors]
    return {**content, "stock_add": added or None, "stock_set": counted}, errors


def _column(pointer: str) -> str:
    key = pointer.strip("/").partition("/")[0]
    return COLUMN_OF.get(key, key)


@within_unit_of_work
def compare(*, run: Import, now: datetime) -> str:
    """Write down what becomes of each row, and return the seal of what was found."""
    _find(run=run, locked=False)
    _find_units(run=run, locked=False, now=now)
    columns = json.dumps({**bulk.PROBLEMS, "unit_fixed": "sold"})
    sql.execute(_TELL, {"run": run.pk, "columns": columns})
    return _seal()


@within_unit_of_work
def write(*, run: Import, seal: str, reason: str, actor: Actor, now: datetime) -> None:
    """Write what the preview showed. Raises ChangedMeanwhile."""
    _find(run=run, locked=True)
    _find_units(run=run, locked=False, now=now)
    if _seal() != seal:
        raise ChangedMeanwhile()
    before = sql.rows(_COUNTED, {})
    bulk.write(actor=actor, now=now)
    _find_units(run=run, locked=True, now=now)  # as late as that: whoever sells waits for these rows
    if sql.rows(_COUNTED, {}) != before or shelves.write(reason=reason, actor=actor, now=now):
        raise ChangedMeanwhile()


def _find(*, run: Import, locked: bool) -> None:
    bulk.fill(source=_ROWS, parameters={"run": run.pk})
    bulk.compare(locked=locked)


def _find_units(*, run: Import, locked: bool, now: datetime) -> None:
    shelves.fill(source=_STOCK, parameters={"run": run.pk})
    shelves.compare(now=now, locked=locked)
    if not locked:
        sql.execute("DROP TABLE IF EXISTS row_verdict", {})
        sql.execute(_JOIN, {})


def _seal() -> str:
    found = hashlib.sha256()
    for row in sql.rows(_SEALED, {}):
        found.update(repr(row).encode())
    return found.hexdigest()
