"""A day as a table for a spreadsheet: semicolons, a mark at the beginning by which Excel knows the letters.

What begins like a formula is made text, so that nothing that a customer or anybody typed is ever computed.
"""

import csv
from collections.abc import Sequence
from decimal import Decimal
from io import StringIO

from backoffice.day.sheets import Cell, Section

MARK = "\N{BYTE ORDER MARK}"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(*, heading: str, sections: Sequence[Section]) -> str:
    """Return the sections one below the other, each with its title and the names of its columns."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe(heading)])
    for section in sections:
        writer.writerows([[], [safe(section.title)], [safe(name) for name in section.columns]])
        writer.writerows([safe(cell) for cell in row] for row in section.rows)
    return MARK + out.getvalue()


def safe(cell: Cell) -> str:
    """Return a cell as a spreadsheet in Portuguese reads it: amounts with a comma, words never as a formula."""
    if isinstance(cell, Decimal):
        return f"{cell:.2f}".replace(".", ",")
    if isinstance(cell, int):
        return str(cell)
    return f"'{cell}" if cell.startswith(FORMULA) else cell
