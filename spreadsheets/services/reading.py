"""From a file to rows in a table: each cell read and judged once, written by COPY as it is read."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection

from spreadsheets import cells, files
from spreadsheets.cells import CellError
from spreadsheets.files import Grid
from spreadsheets.models import Import, ImportRow
from spreadsheets.tables import NEEDED, known_headings, title_of
from spreadsheets.wording import cell_problem

Errors = list[tuple[str, str]]
"""Keys of columns, and what is wrong with what stands in them."""

Parse = Callable[[Mapping[str, str]], tuple[dict[str, Any], Errors]]
Tell = Callable[[int], None]

TELL_EVERY = 2_000
NEW, WRONG = ImportRow.What.NEW.value, ImportRow.What.WRONG.value

_COPY = "COPY spreadsheets_importrow (run_id, number, content, what, changes, errors) FROM STDIN"


def opened(*, content: bytes, kind: str) -> tuple[Grid, dict[int, str], list[str]]:
    """Return the table of a file, which column stands where, and the headings nobody knows. Raises UnreadableError."""
    known = known_headings(kind)
    grid = files.read(content, known=known)
    places, ignored = files.columns_of(grid.headings, known=known, needed={})
    for either in NEEDED[kind]:
        if not set(either) & set(places.values()):
            raise files.UnreadableError("heading_missing", heading=title_of(kind, either[-1]))
    return grid, places, ignored


def stage(*, run: Import, grid: Grid, places: Mapping[int, str], parse: Parse, tell: Tell) -> None:
    """Write the rows of a table down, each with what is wrong in it. Raises UnreadableError."""
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for count, (number, row) in enumerate(grid.rows, start=1):
            content, errors = _read(row, places=places, parse=parse)
            what = WRONG if errors else NEW
            copy.write_row((run.pk, number, json.dumps(content), what, "[]", json.dumps(errors)))
            if count % TELL_EVERY == 0:
                tell(count)


def _read(row: list[str], *, places: Mapping[int, str], parse: Parse) -> tuple[dict[str, Any], Errors]:
    given: dict[str, str] = {}
    errors: Errors = []
    for place, key in places.items():
        cell = row[place].strip() if place < len(row) else ""
        try:
            given[key] = cells.plain(cell)
        except CellError as problem:
            errors.append((key, cell_problem(problem)))
    content, found = parse(given)
    told = {key for key, _text in errors}
    return content, errors + [(key, text) for key, text in found if key not in told]
