"""Whether PostgreSQL still reads a large shop the way it was seen to: by the same indexes, and no big table row by row.

    python -m devstack.isolated --keep DIRECTORY -m tools.plans [--orders N] [--write]

The demonstration and so many orders of a year (1,000,000 by itself) are made by `seed_demo`, once for a directory that
is kept; a run that was interrupted goes on where it stopped. Then every hot call of `tools.calls` is sent within this
process, and each statement it ran is explained with the values it had, after each of three ANALYZE: what they draw by
lot tips the balance between two indexes that serve alike. By which indexes a statement reaches the big tables is
compared with the snapshots of a shop of that size, in tools/plans/kept. What seems to read a big table from end to end
is carried out, and is no fault where its limit ended it within a tenth of the rows. Ends with 1 where a big table is
read from end to end, where none of the three plans is among the snapshots, and where a statement has none. `--write`
takes all snapshots of that size anew.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db import connection

from tools.bench.routes import prepared
from tools.calls.every import calls
from tools.plans import keeping
from tools.plans.asking import Caught, carried_out, caught, explaining, plans, rows_of_tables, whole_indexes
from tools.plans.keeping import Planned
from tools.plans.shapes import Node, Statement, read_whole, shape

ORDERS = 1_000_000
BIG = 20_000
"""Rows from which on a table is big: a smaller one is read from end to end in a few milliseconds, and rightly so."""
SAMPLES = 3
"""So often the tables are analyzed, and plans asked for."""

Found = dict[str, list[Planned]]
"""What was planned for each call, by its name."""


def found_plans(hot: Mapping[str, Caught], *, big: set[str]) -> tuple[Found, list[str]]:
    """Return the plans of each call's statements, and what reads too much."""
    found: Found = defaultdict(list)
    whole, rows, complaints = whole_indexes(), rows_of_tables(), []
    for name, statements in hot.items():
        with explaining():
            planned = [(*of, _judged(statements, *of, big=big, whole=whole, rows=rows)) for of in plans(statements)]
        for one, plan, wholes in planned:
            if reached := shape(plan, big=big):
                found[name].append(Planned(one, reached))
            complaints += [f"{name}: {what}\n  [{one.key}] {one.form[:600]}\n{_indented(reached)}" for what in wholes]
    return found, complaints


def _judged(
    statements: Caught, one: Statement, plan: Node, *, big: set[str], whole: set[str], rows: Mapping[str, int]
) -> list[str]:
    """Return what a statement reads from end to end; what is suspected of it is looked at while it runs."""
    if one.key in keeping.KNOWN or not (suspected := read_whole(plan, big=big, whole_indexes=whole)):
        return []
    seen = carried_out(statements, one)
    return suspected if seen is None else read_whole(seen, big=big, whole_indexes=whole, rows=rows)


def differences(found: Found, kept: Mapping[str, set[str]]) -> tuple[list[str], list[str]]:
    """Return in words what is reached otherwise than it was, however often it was planned, and what has no snapshot."""
    shapes: dict[Statement, set[str]] = defaultdict(set)
    of: dict[Statement, str] = {}
    for name, planned in found.items():
        for plan in planned:
            shapes[plan.statement].add(plan.shape)
            of.setdefault(plan.statement, name)
    other, missing = [], []
    for one, reached in shapes.items():
        said = f"[{one.key}] {one.form[:600]}"
        if one.key not in kept:
            missing.append(f"{of[one]}: no snapshot of {said}")
        elif not reached & kept[one.key]:
            told = f"{of[one]}: another plan\n  {said}\n{_either(reached)}\n  instead of\n{_either(kept[one.key])}"
            other.append(told)
    return other, missing


def _either(shapes: set[str]) -> str:
    return "\n  or\n".join(_indented(shape) for shape in sorted(shapes))


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _sampled(hot: Mapping[str, Caught], *, big: set[str]) -> tuple[Found, list[str]]:
    """Return what is planned after each of some ANALYZE, and what reads too much after any."""
    found: Found = {name: [] for name in hot}
    complaints: dict[str, None] = {}
    for _sample in range(SAMPLES):
        _analyze()
        planned, told = found_plans(hot, big=big)
        complaints |= dict.fromkeys(told)
        for name, more in planned.items():
            found[name] += more
    return found, list(complaints)


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def _options(words: Sequence[str] | None = None) -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--orders", type=int, default=ORDERS)
    asked.add_argument("--write", action="store_true", help="take all snapshots of that size anew")
    return asked.parse_args(words)


def main() -> int:
    """Fill a shop, explain and compare; return the exit code."""
    options = _options()
    folder = keeping.folder_of(orders=options.orders)
    ground = prepared(options.orders)
    _analyze()
    rows = {table: count for table, count in rows_of_tables().items() if count >= BIG}
    big = set(rows) if options.write else keeping.big_tables(folder)
    hot = {call.name: caught(call, ground) for call in calls() if call.hot}
    found, complaints = _sampled(hot, big=big)
    count = len({one.statement for planned in found.values() for one in planned})
    print(f"{len(hot)} calls, {count} statements of {len(big)} big tables; known to read one from end to end:")
    print(*(f"  [{key}] {what}" for key, what in keeping.KNOWN.items()), sep="\n")
    if options.write:
        keeping.write(found, rows=rows, orders=options.orders, folder=folder)
    other, missing = differences(found, keeping.kept(folder))
    print(*complaints, *other, *missing, sep="\n")
    print(f"{len(complaints)} read a big table from end to end, {len(other)} have another plan, {len(missing)} are new")
    return 1 if complaints or other or missing else 0


if __name__ == "__main__":
    sys.exit(main())
