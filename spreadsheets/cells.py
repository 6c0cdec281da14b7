"""One cell of a spreadsheet: what a person typed into it, and how it is written so that a program only shows it.

Pure. What could mean two things is refused, never guessed: 1.234 is a thousand to one reader and one and a bit to
another.
"""

import re
from decimal import Decimal
from typing import Literal

from common.money import money, parse_brl
from common.text import plain_marks, search_key

Problem = Literal["formula", "amount", "two_amounts", "negative", "whole", "two_wholes", "yes_no"]

YES = frozenset({"sim", "s", "x", "1", "yes", "y", "true", "verdadeiro", "ativo", "on"})
NO = frozenset({"nao", "n", "0", "no", "false", "falso", "inativo", "off", "-"})

_MARKED = re.compile(r"'*[=+\-@\t\r\n]")
_UNMARKED = re.compile(r"'+[=+\-@\t\r\n]")
_TWO_AMOUNTS = re.compile(r"[0-9]{1,3}[.,][0-9]{3}|[0-9]{1,3}(,[0-9]{3})+\.[0-9]{1,2}|[0-9]{1,3}(,[0-9]{3}){2,}")
_WHOLE = re.compile(r"([0-9]{1,12})(?:[.,]0{1,2})?")
_TWO_WHOLES = re.compile(r"[0-9]{1,3}([.,][0-9]{3})+")


class CellError(ValueError):
    """The cell cannot be read; `code` says why."""

    def __init__(self, code: Problem) -> None:
        self.code = code
        super().__init__(code)


def escaped(text: str) -> str:
    """Return text that a spreadsheet program shows and never works out; `plain` gives it back."""
    return f"'{text}" if _MARKED.match(text) else text


def plain(cell: str) -> str:
    """Return what stands in a cell, without the mark that `escaped` put before it. Raises CellError for a formula."""
    if cell.startswith("="):
        raise CellError("formula")
    return cell[1:] if _UNMARKED.match(cell) else cell


def amount(text: str) -> Decimal:
    """Return an amount as Brazilians type it, or as a program without a language writes it: 1.234,56, 12.50.

    Raises CellError.
    """
    bare = plain_marks(text).strip()
    bare = bare[2:].strip() if bare[:2].upper() == "R$" else bare
    if bare.startswith("-"):
        raise CellError("negative")
    if _TWO_AMOUNTS.fullmatch(bare):
        raise CellError("two_amounts")
    try:
        return parse_brl(bare)
    except ValueError as problem:
        raise CellError("amount") from problem


def whole(text: str) -> int:
    """Return a whole number of units. Raises CellError."""
    bare = plain_marks(text).strip()
    if bare.startswith("-"):
        raise CellError("negative")
    if _TWO_WHOLES.fullmatch(bare):
        raise CellError("two_wholes")
    found = _WHOLE.fullmatch(bare)
    if found is None:
        raise CellError("whole")
    return int(found[1])


def yes_no(text: str) -> bool:
    """Return what a word of agreement or refusal says. Raises CellError."""
    word = search_key(text)
    if word in YES:
        return True
    if word in NO:
        return False
    raise CellError("yes_no")


def shown_amount(value: Decimal) -> str:
    """Return an amount as a spreadsheet in Portuguese reads it as a number: 1234,56."""
    return f"{money(value)}".replace(".", ",")
