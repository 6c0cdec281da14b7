"""What the desk accepts when somebody types."""

from decimal import Decimal

import pytest
from django import forms

from desk.forms import BrlField, LineField, OnceForm, UnitsField


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("10,50", "10.50"),
        ("10.50", "10.50"),
        ("1.234,56", "1234.56"),
        ("R$ 1.234,56", "1234.56"),
        ("  59,90 ", "59.90"),
        ("7", "7.00"),
    ],
)
def test_amounts_are_read_as_brazilians_type_them(typed: str, amount: str) -> None:
    assert BrlField().clean(typed) == Decimal(amount)


@pytest.mark.parametrize("typed", ["1,234.56", "1.234", "0", "0,00", "-5", "NaN", "dez", "1e3", "１２", "100000000,00"])
def test_what_could_mean_two_amounts_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        BrlField().clean(typed)


def test_an_amount_is_shown_as_it_would_be_typed() -> None:
    assert BrlField().prepare_value(Decimal("1234.5")) == "1234,50"
    assert BrlField().prepare_value("abc") == "abc"
    assert BrlField(required=False).clean("") is None


@pytest.mark.fault("A20")
@pytest.mark.parametrize(
    "typed", ["0", "-1", "1000001", "1.5", "1,5", "１２", "1_000", "True", "1e3", "+3", "", "99999999999"]
)
def test_units_are_plain_digits_within_bounds(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        UnitsField(least=1, most=1_000_000).clean(typed)


def test_units_within_bounds() -> None:
    assert UnitsField(least=1, most=1_000_000).clean(" 12 ") == 12
    assert UnitsField(least=0, most=5).clean("0") == 0
    assert UnitsField(least=0, most=5, required=False).clean("") is None


def test_a_line_is_one_clean_line() -> None:
    assert LineField().clean("  Produção \n do dia ") == "Produção do dia"
    for typed in ("", "   ", "a\u202eb", "a\x00b", "x" * 201):
        with pytest.raises(forms.ValidationError):
            LineField().clean(typed)


def test_a_form_carries_a_key_of_its_own() -> None:
    assert OnceForm()["key"].value() != OnceForm()["key"].value()
