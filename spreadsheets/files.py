"""The file of a spreadsheet: bytes become rows of text, whatever program in whatever language has written them.

Pure. CSV is read with semicolon, comma or tab, in UTF-8, UTF-16 or Windows-1252; XLSX cell by cell, its numbers and
days written out as a person here would. Nothing is guessed that could be read in two ways.
"""

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from common.text import search_key
from spreadsheets import cells

Code = Literal[
    "empty", "too_large", "too_many_rows", "too_many_rows_xlsx", "nul", "not_a_table", "old_excel", "encoding",
    "damaged", "cell_too_long", "no_headings", "heading_missing", "heading_twice", "no_rows",
]  # fmt: skip

MAX_BYTES = 24 * 1024 * 1024
MAX_ROWS = 100_000
MAX_ROWS_XLSX = 20_000
MAX_BYTES_UNPACKED = 150 * 1024 * 1024
MAX_COLUMNS = 100
MAX_CELL = 20_000

_DELIMITERS = ";,\t"
_BOM = "\ufeff"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"<!DOCTYPE", b"<html", b"<?xml")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_FORMULA = "f"
_NO_TITLE = re.compile(r"[\[\]:*?/\\]")
_LONGEST_TITLE = 31
_AMOUNT, _DAY = "#,##0.00", "DD/MM/YYYY"
# What damaged or hostile workbooks make the library raise.
_DAMAGED = (
    InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError,
    OSError, EOFError, NotImplementedError, RuntimeError,
)  # fmt: skip

Row = tuple[int, list[str]]
"""The number of a row as a spreadsheet program counts them, and its cells."""


class UnreadableError(ValueError):
    """The file as a whole cannot be taken in; `code` says why, `figures` what the sentence names."""

    def __init__(self, code: Code, **figures: object) -> None:
        self.code, self.figures = code, figures
        super().__init__(code)


@dataclass(frozen=True)
class Grid:
    """A table: its headings, and the rows below, read as they are asked for; empty ones are passed over."""

    headings: list[str]
    rows: Iterator[Row]


def read(content: bytes, *, known: Collection[str]) -> Grid:
    """Return the table of a file; `known` are headings, folded, by which the way it is written is recognised.

    Raises UnreadableError, also while the rows are read.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableError("too_large", megabytes=MAX_BYTES // 1024 // 1024)
    if not content.strip():
        raise UnreadableError("empty")
    if content.startswith(_OLD_EXCEL):
        raise UnreadableError("old_excel")
    if content.startswith(_OTHERS):
        raise UnreadableError("not_a_table")
    if content.startswith(_ZIP):
        rows, most, code = _of_workbook(content), MAX_ROWS_XLSX, "too_many_rows_xlsx"
    else:
        rows, most, code = _of_text(_decoded(content), known=known), MAX_ROWS, "too_many_rows"
    return _grid(rows, most=most, code=code)  # type: ignore[arg-type]


def columns_of(
    headings: Sequence[str], *, known: Mapping[str, str], needed: Mapping[str, str]
) -> tuple[dict[int, str], list[str]]:
    """Return which column stands at which place, and the headings that nobody knows.

    `known`: folded heading -> key of the column; `needed`: key -> what it is called.

    Raises UnreadableError: none is known, one is there twice, a needed one is missing.
    """
    places = {place: known[fold] for place, heading in enumerate(headings) if (fold := search_key(heading)) in known}
    if not places:
        raise UnreadableError("no_headings")
    for key, count in Counter(places.values()).items():
        if count > 1:
            twice = next(headings[place] for place, name in places.items() if name == key)
            raise UnreadableError("heading_twice", heading=twice)
    for key, heading in needed.items():
        if key not in places.values():
            raise UnreadableError("heading_missing", heading=heading)
    return places, [heading for place, heading in enumerate(headings) if heading.strip() and place not in places]


def write_csv(rows: Iterable[Sequence[object]], *, bom: bool = True) -> Iterator[str]:
    """Yield the lines of a CSV that a spreadsheet program in Portuguese opens as a table, formulas made harmless.

    Amounts and days are written so that it reads them as such; text that would be worked out is marked.
    """
    line = io.StringIO()
    writer = csv.writer(line, delimiter=";", lineterminator="\r\n")
    for number, row in enumerate(rows):
        writer.writerow([_written(value) for value in row])
        yield (_BOM if bom and number == 0 else "") + line.getvalue()
        line.seek(0)
        line.truncate()


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook to write: the name of its tab, its rows, and how wide its columns are."""

    title: str
    rows: Iterable[Sequence[object]]
    widths: Sequence[int]


def write_xlsx(rows: Iterable[Sequence[object]], *, widths: Sequence[int]) -> bytes:
    """Return a workbook of one sheet; text stays text, whatever it begins with."""
    return write_workbook([Sheet(title="", rows=rows, widths=widths)])


def write_workbook(sheets: Sequence[Sheet]) -> bytes:
    """Return a workbook; text stays text, whatever it begins with, numbers are numbers and days are days."""
    book = Workbook(write_only=True)
    for one in sheets:
        sheet = book.create_sheet(title=_NO_TITLE.sub(" ", one.title)[:_LONGEST_TITLE] or None)
        for place, width in enumerate(one.widths):
            sheet.column_dimensions[get_column_letter(place + 1)].width = width
        sheet.freeze_panes = "A2"
        for row in one.rows:
            sheet.append([_in_workbook(sheet, value) for value in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _in_workbook(sheet: Any, value: object) -> object:
    """Return a value as a workbook holds it: days as they are written here, amounts with their cents."""
    if isinstance(value, str):
        return cells.escaped(value)
    form = _AMOUNT if isinstance(value, Decimal) else _DAY if type(value) is date else ""
    if not form:
        return value
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = form
    return cell


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return cells.shown_amount(value)
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return cells.escaped(value) if isinstance(value, str) else str(value)


def _grid(rows: Iterator[Row], *, most: int, code: Code) -> Grid:
    full = (row for row in rows if any(cell.strip() for cell in row[1]))
    headings = next(full, None)
    if headings is None:
        raise UnreadableError("empty")
    if len(headings[1]) > MAX_COLUMNS:
        raise UnreadableError("not_a_table")
    return Grid(headings=[heading.strip() for heading in headings[1]], rows=_bounded(full, most=most, code=code))


def _bounded(rows: Iterator[Row], *, most: int, code: Code) -> Iterator[Row]:
    count = 0
    for number, row in rows:
        count += 1
        if count > most:
            raise UnreadableError(code, most=most)
        yield number, row
    if not count:
        raise UnreadableError("no_rows")


def _decoded(content: bytes) -> str:
    if content.startswith(_UTF16):
        encodings = ["utf-16"]
    elif b"\x00" in content:
        raise UnreadableError("nul")
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise UnreadableError("nul")
        return text.removeprefix(_BOM)
    raise UnreadableError("encoding")


def _of_text(text: str, *, known: Collection[str]) -> Iterator[Row]:
    first, rest = re.match(r"(?i)\s*sep=(.)\r?\n", text), text
    start = 0
    if first is not None:  # a line by which Excel is told the delimiter
        rest, start = text[first.end() :], 1
        delimiter = first[1] if first[1] in _DELIMITERS else _delimiter(rest, known=known)
    else:
        delimiter = _delimiter(rest, known=known)
    reader = csv.reader(io.StringIO(rest, newline=""), delimiter=delimiter)
    number = start
    while True:
        try:
            row = next(reader, None)
        except csv.Error as problem:
            raise UnreadableError("cell_too_long", row=number + 1) from problem
        if row is None:
            return
        number += 1
        if any(len(cell) > MAX_CELL for cell in row):
            raise UnreadableError("cell_too_long", row=number)
        yield number, row


def _delimiter(text: str, *, known: Collection[str]) -> str:
    """Return the delimiter under which the first row has the most known headings, and then the most cells."""

    def fit(delimiter: str) -> tuple[int, int]:
        try:
            rows = csv.reader(io.StringIO(text[:MAX_CELL], newline=""), delimiter=delimiter)
            heads = next((row for row in rows if any(row)), [])
        except csv.Error:
            return 0, 0
        return sum(search_key(head) in known for head in heads), len(heads)

    return max(_DELIMITERS, key=fit)


def _of_workbook(content: bytes) -> Iterator[Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MAX_BYTES_UNPACKED:
                raise UnreadableError("too_large", megabytes=MAX_BYTES // 1024 // 1024)
        book = load_workbook(io.BytesIO(content), read_only=True)
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()
        found = sheet.iter_rows()
    except UnreadableError:
        raise
    except _DAMAGED as problem:
        raise UnreadableError("damaged") from problem
    yield from _sheet_rows(found)


def _sheet_rows(found: Iterator[Sequence[Any]]) -> Iterator[Row]:
    number, empty = 0, 0
    while True:
        try:
            row = next(found, None)
            if row is None:
                return
            texts = [_cell_text(cell) for cell in row]
            while texts and not texts[-1]:
                texts.pop()
        except _DAMAGED as problem:
            raise UnreadableError("damaged") from problem
        number += 1
        if any("\x00" in text for text in texts):
            raise UnreadableError("nul")
        empty = 0 if texts else empty + 1
        if empty > MAX_ROWS_XLSX:  # formatted down to the end of the sheet
            return
        if any(len(text) > MAX_CELL for text in texts):
            raise UnreadableError("cell_too_long", row=number)
        yield number, texts


def _cell_text(cell: Any) -> str:
    """Return a cell as a person would have typed it; a formula begins with its sign, a number has a decimal comma."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        if cell.data_type == _FORMULA:
            return value if value.startswith("=") else f"={value}"
        return f"'{value}" if value.startswith("=") else value
    return next((show(value) for kind, show in _SHOWN if isinstance(value, kind)), str(value))


def _shown_number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(Decimal(repr(value))).replace(".", ",")


_SHOWN: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (bool, lambda value: "1" if value else "0"),
    (int, str),
    (float, _shown_number),
    (datetime, lambda value: f"{value:%d/%m/%Y}" if value.time() == time() else f"{value:%d/%m/%Y %H:%M}"),
    (date, lambda value: f"{value:%d/%m/%Y}"),
)
