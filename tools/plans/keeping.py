"""The snapshots: text files beside this one, one for each call, with the statements that no call before it has."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.plans.shapes import Statement

KEPT = Path(__file__).parent / "kept"
TABLES = "tables.txt"
LATER = "later.txt"
SHOWN = 400
"""Signs of a statement that a snapshot shows."""
KNOWN: dict[str, str] = {
    "267e7ce7": "what sold most lately, for the counter's favourites",
    "5ec2efc8": "a report of a year: the sums of a year are nearly all there are",
    "ce41eba2": "rows behind the sales of some days, with the names of their buyers",
    "e270cf3e": "what waits, on the first page",
    "d637e562": "movements by parts of words: how many",
    "85f67116": "movements by parts of words",
    "eca4204c": "carts by parts of a name",
}
"""Statements that read a big table from end to end at 100,000 orders, by their key, and what for: they are told and do
not fail, until somebody mends them."""
_HEAD = re.compile(r"\[([0-9a-f]{8})\] ")


@dataclass(frozen=True)
class Planned:
    """A statement of a call, and the shape of its plan."""

    statement: Statement
    shape: str


def kept(folder: Path = KEPT) -> dict[str, set[str]]:
    """Return the shapes that are kept of each statement, by its key."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in sorted(folder.glob("*.txt")):
        for block in file.read_text().split("\n\n"):
            head, _line, shape = block.strip().partition("\n")
            if match := _HEAD.match(head):
                found[match[1]].add(shape)
    return found


def big_tables(folder: Path = KEPT) -> set[str]:
    """Return the tables that were large where the snapshots were taken."""
    return {line.split()[-1] for line in (folder / TABLES).read_text().splitlines() if not line.startswith("#")}


def write(found: Mapping[str, Iterable[Planned]], *, rows: Mapping[str, int], orders: int, folder: Path = KEPT) -> None:
    """Replace all snapshots by what was found for each call."""
    folder.mkdir(exist_ok=True)
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


def add(missing: Iterable[tuple[str, Planned]], *, orders: int, folder: Path = KEPT) -> None:
    """Keep statements that are new beside what is there, which may have been taken in a larger shop."""
    with (folder / LATER).open("a") as file:
        for name, one in missing:
            file.write(f"\n# {name}, in a shop of {orders:,} orders\n{_block(one)}")


def file_name(name: str) -> str:
    """Return the name of a call's file."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _block(one: Planned) -> str:
    form = one.statement.form
    return f"\n[{one.statement.key}] {form[:SHOWN]}{'…' if len(form) > SHOWN else ''}\n{one.shape}\n"
