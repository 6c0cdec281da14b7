"""What the desk accepts when somebody types."""

from decimal import Decimal

import pytest
from django import forms
from django.utils import translation

from desk.forms import BrlField, DurationField, LineField, OnceForm, PastedField, SoughtField, UnitsField


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("10,50", "10.50"),
        ("10.50", "10.50"),
        ("1.234,56", "1234.56"),
        ("R$ 1.234,56", "1234.56"),
        ("  59,90 ", "59.90"),
        ("7", "7.00"),
        ("R$\u00a059,90", "59.90"),
        ("\u202aR$ 1.234,56\u202c", "1234.56"),
        ("\u200e10,50\ufeff", "10.50"),
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
    assert UnitsField(least=1, most=50).clean("\u202a12\u202c") == 12
    assert UnitsField(least=0, most=5, required=False).clean("") is None


def test_a_line_is_one_clean_line() -> None:
    assert LineField().clean("  Produção \n do dia ") == "Produção do dia"
    for typed in ("", "   ", "a\u202eb", "a\x00b", "x" * 201):
        with pytest.raises(forms.ValidationError):
            LineField().clean(typed)


def test_a_number_is_read_as_a_keyboard_would_write_it_and_is_as_long_as_that() -> None:
    field = PastedField(max_length=10)
    assert field.clean("\u202a\u00a098765\u20114321\u202c") == "98765-4321"
    assert "maxlength" not in field.widget.attrs
    for typed in ("98765-43210", "\u202a\u202c", "a\x00b"):
        with pytest.raises(forms.ValidationError):
            field.clean(typed)


def test_what_cannot_be_seen_is_not_searched_for() -> None:
    field = SoughtField(max_length=10, required=False)
    assert field.clean("\u202aPão –\x00 1\u202c ") == "Pão – 1"
    assert field.clean("\u200b \u202e") == ""


def test_a_form_carries_a_key_of_its_own() -> None:
    assert OnceForm()["key"].value() != OnceForm()["key"].value()


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("90", 90),
        ("90 min", 90),
        ("1h30", 90),
        ("1 h 30 min", 90),
        ("1 hora e 30 minutos", 90),
        ("2 dias", 2880),
        ("1 dia e 2 horas", 1560),
        ("2 days", 2880),
        ("48h", 2880),
        ("0", 0),
    ],
)
def test_a_length_of_time_is_typed_as_people_say_it(typed: str, minutes: int) -> None:
    field = DurationField(most=10_000)
    assert field.clean(typed) == minutes
    assert not field.has_changed(minutes, typed)
    with translation.override("pt-br"):
        assert field.clean(field.prepare_value(minutes)) == minutes


@pytest.mark.parametrize("typed", ["-5", "abc", "1,5 h", "dias", "10001", "1:30:00", "１２", "2 dias 3 dias"])
def test_what_is_no_length_of_time_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        DurationField(most=10_000).clean(typed)


def test_a_length_counts_in_its_own_unit() -> None:
    days, hours = DurationField(unit=1440, least=1, most=730), DurationField(unit=60, least=1, most=2160)
    with translation.override("pt-br"):
        assert (days.clean("14"), days.clean("14 dias"), days.prepare_value(1)) == (14, 14, "1 dia")
        assert (hours.clean("1 dia"), hours.clean("36h"), hours.prepare_value(36)) == (24, 36, "36 h")
        with pytest.raises(forms.ValidationError, match="De 1 dia em 1 dia"):
            days.clean("36h")
        with pytest.raises(forms.ValidationError, match="Entre 1 dia e 730 dias"):
            days.clean("0")
        with pytest.raises(forms.ValidationError, match="Digite um tempo como 2 dias"):
            days.clean("logo")
    assert DurationField(required=False).clean("") is None
