"""Numbers, days and words as people type them, and text that no program works out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spreadsheets import cells
from spreadsheets.cells import CellError

ANY_TEXT = st.text(max_size=40)
HARMFUL = st.builds(
    lambda mark, rest: mark + rest, st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", "'", "'="]), ANY_TEXT
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,56", "1234.56"),
        ("1234,56", "1234.56"),
        ("12.50", "12.50"),
        ("12,5", "12.50"),
        ("R$ 10,00", "10.00"),
        ("R$\u00a01.000.000,00", "1000000.00"),
        ("7", "7.00"),
        ("1.234.567", "1234567.00"),
    ],
)
def test_amounts_are_read_as_brazilians_and_programs_write_them(text: str, value: str) -> None:
    assert cells.amount(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1.234", "two_amounts"),
        ("1,234", "two_amounts"),
        ("1,234.56", "two_amounts"),
        ("1,234,567", "two_amounts"),
        ("-5,00", "negative"),
        ("−5,00", "negative"),
        ("12,345.6.7", "amount"),
        ("dez", "amount"),
        ("1e3", "amount"),
        ("999999999999", "amount"),
        ("", "amount"),
    ],
)
def test_what_could_be_two_amounts_is_refused(text: str, code: str) -> None:
    with pytest.raises(CellError) as refused:
        cells.amount(text)
    assert refused.value.code == code


@given(st.decimals(min_value=0, max_value=Decimal("99999999.99"), places=2, allow_nan=False))
def test_an_amount_written_by_the_shop_is_read_as_the_same(value: Decimal) -> None:
    assert cells.amount(cells.shown_amount(value)) == value


@pytest.mark.parametrize(("text", "value"), [("12", 12), ("12,00", 12), ("12.0", 12), (" 0 ", 0), ("1234", 1234)])
def test_whole_numbers(text: str, value: int) -> None:
    assert cells.whole(text) == value


@pytest.mark.parametrize(
    ("text", "code"),
    [("1.234", "two_wholes"), ("1,234", "two_wholes"), ("12,5", "whole"), ("-1", "negative"), ("1 000", "whole")],
)
def test_whole_numbers_that_could_be_two_are_refused(text: str, code: str) -> None:
    with pytest.raises(CellError) as refused:
        cells.whole(text)
    assert refused.value.code == code


@pytest.mark.parametrize(("text", "value"), [("Sim", True), ("não", False), ("NAO", False), ("x", True), ("1", True)])
def test_yes_and_no(text: str, value: bool) -> None:
    assert cells.yes_no(text) is value


@given(ANY_TEXT | HARMFUL)
def test_what_was_marked_is_read_back_unchanged_and_never_worked_out(text: str) -> None:
    cell = cells.escaped(text)

    assert cells.plain(cell) == text
    assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n")


def test_a_formula_is_no_text() -> None:
    with pytest.raises(CellError, match="formula"):
        cells.plain("=SOMA(A1:A3)")
