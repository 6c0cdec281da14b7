"""What a statement is made of, whichever file it came in: one line for each movement, known by a reference of its own.

The reference is the same in every file of one form that shows the line, so a line is counted once however often it is
read. Banks number lines, but some begin anew with every file or give the same number twice; so the day and the amount
belong to the reference, and where that is still not enough, what the line says and its place among its like.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

MAX_ID, MAX_TEXT = 100, 300
_WORD = re.compile(r"[0-9A-Z]+")
_NOTHING = re.compile(r"0*")


class NotAStatementError(ValueError):
    """The file cannot be read as a statement. `row` counts from 1; `column`, `value`: where and what it is about."""

    def __init__(self, code: str, *, row: int | None = None, column: str = "", value: str = "") -> None:
        self.code, self.row, self.column, self.value = code, row, column[:60], value[:60]
        super().__init__(code)


@dataclass(frozen=True)
class Line:
    """One movement of an account; what left it has an amount below nothing.

    `source`: the form of the file. `id`: the bank's own number, where there is one. `text`: what the bank wrote.
    """

    source: str
    day: date
    amount: Decimal
    text: str
    id: str = ""
    row: int = 0
    reference: str = ""


def known_by_reference(lines: Iterable[Line]) -> list[Line]:
    """Return the lines with their references, those that are there twice once."""
    bare = [replace(line, id="" if _NOTHING.fullmatch(line.id) else line.id[:MAX_ID]) for line in lines]
    said: dict[tuple[date, Decimal, str], set[str]] = defaultdict(set)
    for line in bare:
        said[line.day, line.amount, line.id].add(line.text)
    alike: Counter[str] = Counter()
    found: dict[str, Line] = {}
    for line in bare:
        begin = f"{line.day.isoformat()}:{line.amount}:"
        if line.id and len(said[line.day, line.amount, line.id]) == 1:
            reference = begin + line.id
        else:
            digest = sha256(f"{line.id}|{line.text}".encode()).hexdigest()[:16]
            alike[begin + digest] += 1
            reference = f"{begin}~{digest}:{alike[begin + digest]}"
        found.setdefault(reference, replace(line, reference=reference))
    return list(found.values())


def numbers_in(text: str, *, alphabet: str, length: int) -> list[str]:
    """Return the words of a text that can be the number of an order, in order and each once."""
    words = _WORD.findall(text.upper())
    return list(dict.fromkeys(word for word in words if len(word) == length and set(word) <= set(alphabet)))


def on_one_line(*parts: str | None) -> str:
    """Return what the bank wrote in its several fields as one text; what stands in two of them once."""
    said = dict.fromkeys(" ".join(part.split()) for part in parts if part and part.strip())
    return " ".join(said)[:MAX_TEXT]
