"""Files as programs write them, and those that are none."""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from spreadsheets import cells, files
from spreadsheets.files import UnreadableError
from spreadsheets.wording import CELLS, FILES, file_problem

KNOWN = {"produto", "preco", "categoria"}
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
CELL = TEXT | st.builds(
    lambda mark, rest: mark + rest, st.sampled_from(["=", "+", "-", "@", "\t", "\r", "'", ";", '"']), TEXT
)


def table(content: bytes) -> tuple[list[str], list[list[str]]]:
    grid = files.read(content, known=KNOWN)
    return grid.headings, [row for _number, row in grid.rows]


def workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_way_a_program_writes_a_table_is_read(delimiter: str, encoding: str, end: str) -> None:
    text = end.join(delimiter.join(row) for row in [["Produto", "Preço"], ["Pão de açúcar", "12.50"]]) + end

    assert table(text.encode(encoding)) == (["Produto", "Preço"], [["Pão de açúcar", "12.50"]])


def test_a_comma_in_a_price_does_not_make_a_comma_the_delimiter() -> None:
    content = "Produto;Preço\r\nBolo, de fubá, da casa;1.234,56\r\n".encode()

    assert table(content) == (["Produto", "Preço"], [["Bolo, de fubá, da casa", "1.234,56"]])


def test_the_line_that_tells_excel_the_delimiter_is_no_row() -> None:
    grid = files.read("sep=;\r\nProduto;Preço\r\nPão;1\r\n".encode(), known=KNOWN)

    assert (grid.headings, list(grid.rows)) == (["Produto", "Preço"], [(3, ["Pão", "1"])])


def test_empty_rows_are_passed_over_and_rows_keep_their_numbers() -> None:
    grid = files.read("Produto;Preço\r\n;;\r\nPão;1\r\n".encode(), known=KNOWN)

    assert list(grid.rows) == [(3, ["Pão", "1"])]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        ("Produto;Preço\r\n".encode(), "no_rows"),
        (b"Produto\x00;1\r\n", "nul"),
        (b"%PDF-1.7", "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old_excel"),
        (b"PK\x03\x04 no archive", "damaged"),
        (b"Produto\x81;1\r\na;b", "encoding"),
        (b"Produto\r\n" + b"a" * 30_000, "cell_too_long"),
        (b'Produto\r\n"' + b"a\r\n" * 60_000, "cell_too_long"),
        (b"Produto\r\n" + b"a\r\n" * 100_001, "too_many_rows"),
        (b"a" * (files.MAX_BYTES + 1), "too_large"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(content: bytes, code: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        table(content)

    assert refused.value.code == code
    assert file_problem(refused.value)


def test_a_workbook_is_read_as_a_person_would_type_it() -> None:
    content = workbook(
        ["Produto", "Preço", "Dia", "À venda"],
        ["Pão", 12.5, date(2026, 12, 31), True],
        ["=not", "'=text", 3, None],
    )

    headings, rows = table(content)

    assert headings == ["Produto", "Preço", "Dia", "À venda"]
    assert rows[0] == ["Pão", "12,5", "31/12/2026", "1"]
    assert cells.amount(rows[0][1]) == Decimal("12.50")
    assert rows[1][0].startswith("=")  # a formula: nobody can tell what it would show
    assert cells.plain(rows[1][1]) == "=text"


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("letter.txt", "hello")
    with pytest.raises(UnreadableError, match="damaged"):
        table(target.getvalue())


def test_a_workbook_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES_UNPACKED", 1000)
    with pytest.raises(UnreadableError, match="too_large"):
        table(workbook(["Produto"], ["Pão"]))


def test_headings_are_recognised_whatever_their_accents_and_order() -> None:
    known = {"produto": "name", "preco": "price", "nome": "name"}

    assert files.columns_of(["PREÇO", "Obs", " produto "], known=known, needed={"name": "Produto"}) == (
        {0: "price", 2: "name"},
        ["Obs"],
    )


@pytest.mark.parametrize(
    ("headings", "code"),
    [(["A", "B"], "no_headings"), (["Produto", "Nome"], "heading_twice"), (["Preço"], "heading_missing")],
)
def test_headings_that_are_wrong_or_there_twice(headings: list[str], code: str) -> None:
    known = {"produto": "name", "preco": "price", "nome": "name"}
    with pytest.raises(UnreadableError) as refused:
        files.columns_of(headings, known=known, needed={"name": "Produto"})

    assert refused.value.code == code
    assert file_problem(refused.value)


@given(st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=5))
def test_what_is_written_is_read_back_unchanged(rows: list[list[str]]) -> None:
    content = "".join(files.write_csv([["Produto", "Preço"], *rows])).encode()
    full = [row for row in rows if any(cell.strip() for cell in map(cells.escaped, row))]
    if not full:
        return

    read = table(content)[1]

    assert [[cells.plain(cell) for cell in row] for row in read] == full


@pytest.mark.fault("E15")
@given(st.lists(CELL, min_size=1, max_size=4))
def test_no_cell_of_an_export_is_worked_out(row: list[str]) -> None:
    [line] = files.write_csv([row], bom=False)

    [cells_read] = csv.reader(io.StringIO(line, newline=""), delimiter=";")
    assert all(cell[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n") for cell in cells_read)


def test_an_export_opens_in_excel_in_portuguese() -> None:
    [heading, line] = files.write_csv([["Produto", "Preço", "Dia"], ["Pão", Decimal("1234.5"), date(2026, 1, 2)]])

    assert heading == "\ufeffProduto;Preço;Dia\r\n"
    assert line == "Pão;1234,50;02/01/2026\r\n"


def test_a_workbook_of_ours_is_read_back_unchanged() -> None:
    content = files.write_xlsx([["Produto", "Preço"], ["=1+1", Decimal("9.90")], ["@casa", 3]], widths=[30, 12])

    _headings, rows = table(content)

    assert [[cells.plain(cell) for cell in row] for row in rows] == [["=1+1", "9,9"], ["@casa", "3"]]


def test_every_reason_has_a_sentence() -> None:
    assert set(FILES) == set(files.Code.__args__)  # type: ignore[attr-defined]
    assert set(CELLS) == set(cells.Problem.__args__)  # type: ignore[attr-defined]
