"""What stays of a statement and of its plan when values, costs and numbers of rows are left out. Pure."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

Node = Mapping[str, Any]

BY_INDEX = ("Index Scan", "Index Only Scan")
BLOCKING = ("Sort", "Aggregate", "Hash", "WindowAgg")
"""Steps that ask for all that is below them before they yield anything: a limit above them ends nothing below."""
SOON = 0.1
"""The part of a table below which a scan that a limit ended has not read it from end to end."""
_COLUMN = r'"\w+"\."\w+"(?: AS "\w+")?'
_COLUMNS = re.compile(rf"{_COLUMN}(?:, {_COLUMN}){{2,}}")
_NAMES = re.compile(r'"\w+"(?:, "\w+"){2,}')
_PLACES = re.compile(r"(?:%s|%\(\w+\)s)(?:::\w+(?:\[\])?)?(?:, (?:%s|%\(\w+\)s)(?:::\w+(?:\[\])?)?)+")
_ROWS = re.compile(r"\((?:%s|…|DEFAULT|, )+\)(?:, \((?:%s|…|DEFAULT|, )+\))+")
_LIMIT = re.compile(r"\b(LIMIT|OFFSET) \d+")


@dataclass(frozen=True)
class Statement:
    """A statement without its values: `key` names it in snapshots."""

    form: str

    @property
    def key(self) -> str:
        """Return eight signs that stay the same while the statement reads the same tables in the same way."""
        return hashlib.sha256(self.form.encode()).hexdigest()[:8]


def statement(sql: str) -> Statement:
    """Return a statement without values and without lists of columns, so that a column more makes no other."""
    form = " ".join(sql.split())
    for pattern, instead in ((_COLUMNS, "…"), (_NAMES, "…"), (_PLACES, "…"), (_ROWS, "(…)")):
        form = pattern.sub(instead, form)
    return Statement(_LIMIT.sub(r"\1 n", form))


def shape(plan: Node, *, big: AbstractSet[str]) -> str:
    """Return how a plan reaches each big table, a line each: by which index, or all of it; empty where there is none.

    Joins, sorts and small tables are left out: PostgreSQL changes its mind about them with a few rows more or less.
    """
    return "\n".join(sorted(set(_accesses(plan, big=big))))


def _accesses(node: Node, *, big: AbstractSet[str], table: str = "") -> Iterator[str]:
    kind, table = node["Node Type"], node.get("Relation Name", table)
    if table in big and "Index Name" in node:
        yield f"{table} by {node['Index Name']}"
    elif table in big and kind == "Seq Scan":
        yield f"{table} row by row"
    for child in node.get("Plans", ()):
        yield from _accesses(child, big=big, table=table if kind.startswith("Bitmap") else "")


def tables(plan: Node) -> set[str]:
    """Return the tables that a plan reads or writes."""
    return {node["Relation Name"] for node in nodes(plan) if "Relation Name" in node}


def nodes(plan: Node) -> Iterator[Node]:
    """Yield a plan's steps, outer ones first."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def read_whole(
    plan: Node, *, big: AbstractSet[str], whole_indexes: AbstractSet[str], rows: Mapping[str, int] | None = None
) -> list[str]:
    """Return what a plan reads from end to end of the big tables: by sequence, or all of an index that holds every row.

    Under a limit an index or a table may be begun without a condition: that is how the newest rows are found, and how
    they are counted to a thousand. With one, a table may be begun that was left soon: of a plan that was carried out
    (ANALYZE), with the `rows` that each table has. So may an index, which a join leaves when its other side has ended.
    """
    return sorted(set(_whole(plan, big=big, whole_indexes=whole_indexes, rows=rows or {}, limited=False)))


def _whole(
    plan: Node, *, big: AbstractSet[str], whole_indexes: AbstractSet[str], rows: Mapping[str, int], limited: bool
) -> Iterator[str]:
    kind, table = plan["Node Type"], plan.get("Relation Name", "")
    is_left_soon = limited and ("Filter" not in plan or _was_left_soon(plan, of=rows.get(table, 0)))
    if kind == "Seq Scan" and table in big and not is_left_soon:
        yield f"{table} is read row by row"
    is_bounded = limited or "Index Cond" in plan or plan.get("Index Name") not in whole_indexes
    if kind in BY_INDEX and table in big and not is_bounded and not _was_left_soon(plan, of=rows.get(table, 0)):
        yield f"all of {plan['Index Name']} is read"
    for child in plan.get("Plans", ()):
        is_limited = (limited and kind not in BLOCKING) or kind == "Limit"
        yield from _whole(child, big=big, whole_indexes=whole_indexes, rows=rows, limited=is_limited)


def _was_left_soon(plan: Node, *, of: int) -> bool:
    """Tell whether a scan that was carried out has read less than its part of a table with so many rows."""
    if "Actual Rows" not in plan:
        return False
    read = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return bool(read < of * SOON)
