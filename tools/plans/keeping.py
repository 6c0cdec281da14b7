"""The snapshots: for each size of a shop a folder beside this file, named by its orders.

In it is a text file for each call, with the statements that no call before it has and that read a big table.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.plans.shapes import Statement

KEPT = Path(__file__).parent / "kept"
TABLES = "tables.txt"
SHOWN = 400
"""Signs of a statement that a snapshot shows."""
KNOWN: dict[str, str] = {
    "5ec2efc8": "a report of a year: the sums of its days are what it is made of, and there are few others",
}
"""Statements that read a big table from end to end, by their key, and why they must: they are told and do not fail."""
_HEAD = re.compile(r"\[([0-9a-f]{8})\] ")


@dataclass(frozen=True)
class Planned:
    """A statement of a call, and the shape of a plan of it."""

    statement: Statement
    shape: str


def folder_of(*, orders: int) -> Path:
    """Return where the snapshots of a shop of so many orders are."""
    return KEPT / str(orders)


def kept(folder: Path) -> dict[str, set[str]]:
    """Return the shapes that are kept of each statement, by its key."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in sorted(folder.rglob("*.txt")):
        for block in file.read_text().split("\n\n"):
            head, _line, shape = block.strip().partition("\n")
            if match := _HEAD.match(head):
                found[match[1]].add(shape)
    return found


def big_tables(folder: Path) -> set[str]:
    """Return the tables that were large where snapshots were taken."""
    lines = [line for file in folder.rglob(TABLES) for line in file.read_text().splitlines()]
    return {line.split()[-1] for line in lines if not line.startswith("#")}


def write(found: Mapping[str, Iterable[Planned]], *, rows: Mapping[str, int], orders: int, folder: Path) -> None:
    """Replace all snapshots of a folder by what was found for each call."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.txt"):
        file.unlink()
    said = f"# Tables of so many rows in a shop of {orders:,} orders\n"
    counted = sorted(rows.items(), key=lambda row: (-row[1], row[0]))
    (folder / TABLES).write_text(said + "".join(f"{count:>12,} {table}\n" for table, count in counted))
    known: set[Planned] = set()
    for name, planned in found.items():
        new = [one for one in dict.fromkeys(planned) if one not in known]
        known.update(new)
        if new:
            (folder / f"{file_name(name)}.txt").write_text(f"# {name}\n" + "".join(map(_block, new)))


def file_name(name: str) -> str:
    """Return the name of a call's file."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _block(one: Planned) -> str:
    form = one.statement.form
    return f"\n[{one.statement.key}] {form[:SHOWN]}{'…' if len(form) > SHOWN else ''}\n{one.shape}\n"
