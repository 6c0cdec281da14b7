"""Whether PostgreSQL still reads a large shop the way it was seen to: by the same indexes, and no big table row by row.

    python -m devstack.isolated --keep DIRECTORY -m tools.plans [--orders N] [--write | --add]

The demonstration and so many orders of a year (1,000,000 by itself) are made by `seed_demo`, once for a directory that
is kept; a run that was interrupted goes on where it stopped. Then every hot call of `tools.calls` is sent within this
process, each statement it ran is explained with the values it had, and the shape of its plan (steps, joins, indexes;
no costs) is compared with the snapshots in tools/plans/kept. Ends with 1 where a big table is read from end to end,
where a plan has another shape, and where a statement has no snapshot. `--write` takes all snapshots anew, `--add` only
those of new statements, which may be done in a smaller shop.
"""

import argparse
import sys

from django.db import connection

from tools.bench.routes import prepared
from tools.calls import Call
from tools.calls.every import calls
from tools.calls.ground import Ground
from tools.plans import keeping
from tools.plans.asking import caught, explaining, plans, rows_of_tables, whole_indexes
from tools.plans.keeping import Planned
from tools.plans.shapes import read_whole, shape

ORDERS = 1_000_000
BIG = 20_000
"""Rows from which on a table is big: a smaller one is read from end to end in a few milliseconds, and rightly so."""


def found_plans(hot: list[Call], *, ground: Ground, big: set[str]) -> tuple[dict[str, list[Planned]], list[str]]:
    """Return the plans of each call's statements, and what reads too much."""
    found: dict[str, list[Planned]] = {}
    whole, complaints = whole_indexes(), []
    for call in hot:
        statements = caught(call, ground)
        with explaining():
            planned = list(plans(statements))
        found[call.name] = [Planned(one, shape(plan)) for one, plan in planned]
        for one, plan in planned:
            if one.key not in keeping.KNOWN:
                complaints += [
                    f"{call.name}: {what}\n  [{one.key}] {one.form[:600]}\n{_indented(shape(plan))}"
                    for what in read_whole(plan, big=big, whole_indexes=whole)
                ]
    return found, complaints


def differences(
    found: dict[str, list[Planned]], kept: dict[str, set[str]]
) -> tuple[list[str], list[tuple[str, Planned]]]:
    """Return what has another shape than it had, in words, and what has none."""
    other, missing, seen = [], [], set()
    for name, planned in found.items():
        for one in planned:
            key = one.statement.key
            if one in seen:
                continue
            seen.add(one)
            if key not in kept:
                missing.append((name, one))
            elif one.shape not in kept[key]:
                before = "\n  or\n".join(_indented(shape) for shape in sorted(kept[key]))
                said = f"{name}: another plan\n  [{key}] {one.statement.form[:600]}"
                other.append(f"{said}\n{_indented(one.shape)}\n  instead of\n{before}")
    return other, missing


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def main() -> int:
    """Fill a shop, explain and compare; return the exit code."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--orders", type=int, default=ORDERS)
    way = asked.add_mutually_exclusive_group()
    way.add_argument("--write", action="store_true", help="take all snapshots anew")
    way.add_argument("--add", action="store_true", help="take snapshots of new statements")
    options = asked.parse_args()
    ground = prepared(options.orders)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    rows = {table: count for table, count in rows_of_tables().items() if count >= BIG}
    hot = [call for call in calls() if call.hot]
    found, complaints = found_plans(hot, ground=ground, big=set(rows))
    count = len({one.statement for planned in found.values() for one in planned})
    print(f"{len(hot)} calls, {count} statements, {len(rows)} big tables; known to read one from end to end:")
    print(*(f"  [{key}] {what}" for key, what in keeping.KNOWN.items()), sep="\n")
    other, missing = differences(found, keeping.kept())
    if options.write:
        keeping.write(found, rows=rows, orders=options.orders)
        other, missing = [], []
    if options.add:
        keeping.add(missing, orders=options.orders)
        missing = []
    new = [f"{name}: no snapshot of [{one.statement.key}] {one.statement.form[:200]}" for name, one in missing]
    print(*complaints, *other, *new, sep="\n")
    print(f"{len(complaints)} read a big table from end to end, {len(other)} have another plan, {len(missing)} are new")
    return 1 if complaints or other or missing else 0


if __name__ == "__main__":
    sys.exit(main())
