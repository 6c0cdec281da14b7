"""Money: one rounding, parts that add up, and amounts as Brazilians type them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import MAX_MONEY, format_brl, money, parse_brl, split


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1.005", "1.01"), ("1.004", "1.00"), ("2.675", "2.68"), (3, "3.00"), ("-0.005", "-0.01"), (Decimal(0), "0.00")],
)
def test_half_a_cent_is_rounded_up(value: Decimal | int | str, expected: str) -> None:
    assert str(money(value)) == expected


@pytest.mark.parametrize("value", [1.1, 0.1, float("nan")])
def test_a_float_is_never_money(value: float) -> None:
    with pytest.raises(TypeError, match="a float is never money"):
        money(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "abc", ""])
def test_what_is_no_number_is_never_money(value: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        money(value)


@pytest.mark.fault("C20")
@pytest.mark.parametrize(
    ("amount", "weights", "expected"),
    [
        ("10.00", [1, 1, 1], ["3.34", "3.33", "3.33"]),
        ("0.01", [1, 1], ["0.01", "0.00"]),
        ("100.00", [50, 30, 20], ["50.00", "30.00", "20.00"]),
        ("0.05", [3, 1], ["0.04", "0.01"]),
        ("7.00", [0, 0], ["3.50", "3.50"]),
        ("0.00", [1, 2], ["0.00", "0.00"]),
    ],
)
def test_an_amount_is_split_to_the_cent(amount: str, weights: list[int], expected: list[str]) -> None:
    assert [str(part) for part in split(amount=Decimal(amount), weights=weights)] == expected


@pytest.mark.fault("C20")
@given(
    cents=st.integers(min_value=0, max_value=9_999_999_999),
    weights=st.lists(st.integers(min_value=0, max_value=10_000), min_size=1, max_size=50),
)
def test_the_parts_always_add_up_and_stay_within_a_cent_of_their_share(cents: int, weights: list[int]) -> None:
    amount = Decimal(cents) / 100
    parts = split(amount=amount, weights=weights)
    assert sum(parts) == amount
    whole = sum(weights)
    if whole:
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - amount * weight / whole) < Decimal("0.01")


def test_nothing_can_be_split_into_no_parts() -> None:
    with pytest.raises(ValueError, match="no weights"):
        split(amount=Decimal("1.00"), weights=[])


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "R$ 0,00"), ("1234.5", "R$ 1.234,50"), ("1234567.891", "R$ 1.234.567,89"), ("-3", "R$ -3,00")],
)
def test_amounts_are_written_as_brazilians_write_them(amount: str, text: str) -> None:
    assert format_brl(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10,50", "10.50"),
        ("10.50", "10.50"),
        ("10,5", "10.50"),
        ("10.5", "10.50"),
        ("10", "10.00"),
        ("1.234,56", "1234.56"),
        ("R$ 1.234,56", "1234.56"),
        ("R$\u00a01.234,56", "1234.56"),
        (" r$1.234.567,00 ", "1234567.00"),
        ("1.234.567", "1234567.00"),
        ("0,01", "0.01"),
        ("99.999.999,99", str(MAX_MONEY)),
    ],
)
def test_amounts_are_read_as_brazilians_type_them(text: str, expected: str) -> None:
    assert str(parse_brl(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "1,234.56",  # another country's way
        "1.234",  # a thousand, or one and a bit?
        "1,234",
        "12.34,56",
        "1234.567,00",
        "-10,00",
        "10,505",
        "1e3",
        "１０,50",
        "1_000",
        "R$",
        "",
        "NaN",
        "10,50 reais",
        "100.000.000,00",  # more than any amount may be
    ],
)
def test_what_could_mean_two_amounts_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        parse_brl(text)
