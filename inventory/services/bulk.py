"""Many shelves at once: units added or counted for a table of variants, in a few statements however many rows.

The rules are those of `stock.adjust_stock`, and a test writes the same changes both ways. A count that finds what is
there already is left out: nobody stood at the shelf.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from common import sql
from common.actors import Actor
from common.transactions import within_unit_of_work
from inventory.models import MAX_ON_HAND
from inventory.services import display

_OPEN = (
    "DROP TABLE IF EXISTS stock_sheet",
    """
    CREATE TEMPORARY TABLE stock_sheet (
        number integer PRIMARY KEY, variant_id bigint, operation text NOT NULL, quantity integer NOT NULL
    ) ON COMMIT DROP
    """,
)

_FILL = "INSERT INTO stock_sheet (number, variant_id, operation, quantity) {source}"

_MAKE = """
INSERT INTO inventory_stockitem (variant_id, on_hand, reserved, low_stock_at)
SELECT variant_id, 0, 0, 0 FROM stock_sheet ORDER BY variant_id ON CONFLICT (variant_id) DO NOTHING
"""

_LOCK = f"""
SELECT count(*) FROM (
    SELECT FROM inventory_stockitem WHERE variant_id IN (SELECT variant_id FROM stock_sheet)
    ORDER BY id {sql.FOR_WRITING}
) AS taken
"""  # noqa: S608 - no values

_FREE = """
WITH gone AS (
    DELETE FROM inventory_stockreservation kept USING inventory_stockitem item
    WHERE kept.stock_item_id = item.id AND kept.expires_at <= %(now)s
        AND item.variant_id IN (SELECT variant_id FROM stock_sheet)
    RETURNING kept.stock_item_id, kept.quantity
), freed AS (
    SELECT stock_item_id, sum(quantity) AS quantity FROM gone GROUP BY stock_item_id
)
UPDATE inventory_stockitem item SET reserved = item.reserved - freed.quantity
FROM freed WHERE item.id = freed.stock_item_id
"""

# What ran out counts for nothing, whether or not it was deleted already.
_COMPARE = f"""
CREATE TEMPORARY TABLE stock_verdict ON COMMIT DROP AS
SELECT judged.*, CASE
    WHEN after < reserved THEN 'below_reserved' WHEN after > {MAX_ON_HAND} THEN 'too_many'
END AS problem
FROM (
    SELECT sheet.number, sheet.operation, coalesce(item.on_hand, 0) AS before,
        (CASE sheet.operation WHEN 'add' THEN coalesce(item.on_hand, 0) ELSE 0 END)::bigint + sheet.quantity AS after,
        coalesce(item.reserved, 0) - coalesce((
            SELECT sum(kept.quantity) FROM inventory_stockreservation kept
            WHERE kept.stock_item_id = item.id AND kept.expires_at <= %(now)s
        ), 0) AS reserved
    FROM stock_sheet sheet LEFT JOIN inventory_stockitem item ON item.variant_id = sheet.variant_id
) AS judged
"""  # noqa: S608 - made of constants

_MOVE = """
WITH moved AS (
    UPDATE inventory_stockitem item SET on_hand = verdict.after
    FROM stock_sheet sheet JOIN stock_verdict verdict USING (number)
    WHERE item.variant_id = sheet.variant_id AND verdict.after <> verdict.before
    RETURNING item.id, item.on_hand, sheet.number, sheet.operation, verdict.after - verdict.before AS delta
)
INSERT INTO inventory_stockmovement (
    public_id, stock_item_id, kind, delta, on_hand_after, reason, reference, actor_kind, actor_id, door, at
)
SELECT gen_random_uuid(), id, CASE operation WHEN 'add' THEN 'received' ELSE 'counted' END, delta, on_hand, %(reason)s,
    '', %(kind)s, %(actor)s, %(door)s, %(now)s
FROM moved ORDER BY number
"""

_SKUS = """
SELECT variant.sku FROM catalog_variant variant JOIN stock_sheet sheet ON sheet.variant_id = variant.id
"""


@within_unit_of_work
def fill(*, source: str, parameters: Mapping[str, Any]) -> None:
    """Begin a table with the rows of a query: number, variant or NULL for one to come, add or set, and how many."""
    for statement in _OPEN:
        sql.execute(statement, {})
    sql.execute(_FILL.format(source=source), parameters)
    sql.execute("ANALYZE stock_sheet", {})


@within_unit_of_work
def compare(*, now: datetime, locked: bool = False) -> None:
    """Say of each row what it would change, in the temporary table `stock_verdict`.

    `locked`: and let nobody move those units until this unit of work ends.
    """
    if locked:
        sql.execute(_MAKE, {})
        sql.rows(_LOCK, {})
    sql.execute("DROP TABLE IF EXISTS stock_verdict", {})
    sql.execute(_COMPARE, {"now": now})


@within_unit_of_work
def write(*, reason: str, actor: Actor, now: datetime) -> list[tuple[int, str]]:
    """Move the units of a table that was compared under locks, with a movement each.

    Returns the rows that cannot be, and why; then nothing has moved.
    """
    wrong = sql.rows("SELECT number, problem FROM stock_verdict WHERE problem IS NOT NULL ORDER BY number", {})
    if wrong:
        return [(number, problem) for number, problem in wrong]
    sql.execute(_FREE, {"now": now})
    acted = {"kind": actor.kind, "actor": actor.id, "door": actor.door, "now": now, "reason": reason}
    sql.execute(_MOVE, acted)
    display.forget(skus=[sku for (sku,) in sql.rows(_SKUS, {})])
    return []
