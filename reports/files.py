"""A report as a file that a spreadsheet in Portuguese opens: CSV, its tables one below the other, or XLSX, a sheet for
each; numbers are numbers, days are days, and no word is ever worked out."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from reports.sections import Cell, Section
from spreadsheets.files import Sheet, write_csv, write_workbook

MOST_GOODS = 2_000
SIGNS = {"money": "R$", "share": "%", "hours": "h"}
WIDE, NARROW = 34, 16

Row = Sequence[str | int | Decimal | date | None]


def as_csv(*, heading: str, sections: Sequence[Section]) -> Iterator[str]:
    """Yield the lines of a CSV of the tables, each below its title."""
    rows: list[Row] = [[heading]]
    for section in sections:
        rows += [[], [section.title], *_rows(section)]
    return write_csv(rows)


def as_xlsx(*, heading: str, sections: Sequence[Section]) -> bytes:
    """Return a workbook of the tables; the first sheet says which days they are about."""
    sheets = [
        Sheet(title=section.title, rows=_rows(section), widths=[WIDE, *[NARROW] * (len(section.columns) - 1)])
        for section in sections
    ]
    first = sheets[0]
    sheets[0] = Sheet(title=first.title, rows=[*first.rows, [], [heading]], widths=first.widths)
    return write_workbook(sheets)


def _rows(section: Section) -> list[Row]:
    body = [*section.rows, *([section.total] if section.total else [])]
    if section.is_mixed:
        return [list(section.columns), *([_signed(row[0].text, row[1]), *_values(row[1:])] for row in body)]
    pattern: Sequence[Cell] = body[0] if body else ()
    columns = [_signed(name, cell) for name, cell in zip(section.columns, pattern, strict=False)]
    return [columns or list(section.columns), *(_values(row) for row in body)]


def _signed(name: str, cell: Cell) -> str:
    """Return a name with what its numbers are counted in."""
    return f"{name} ({SIGNS[cell.unit]})" if cell.unit in SIGNS else name


def _values(cells: Sequence[Cell]) -> list[Any]:
    return [cell.value for cell in cells]
