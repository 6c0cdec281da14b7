"""What the desk accepts when somebody types, and how it shows things."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django import forms
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from common.errors import Conflict, FieldError, Malformed
from desk.pages import (
    BrlField,
    LineField,
    OnceForm,
    UnitsField,
    day_bounds,
    explained,
    shown_instant,
    shown_phone,
    shown_window,
)


class Held(Conflict):
    code = "below_reserved"
    title = gettext_lazy("Fewer units than are reserved")


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


def test_a_refusal_is_a_sentence_with_its_figures() -> None:
    with translation.override("en"):
        assert explained(Held(reserved=3)).startswith("3 units are promised")
        assert explained(Held()) == "Fewer units than are reserved"
        assert explained(Held("Not today.")) == "Not today."
        assert explained(Malformed(errors=[FieldError(pointer="/a", code="x", detail="Wrong.")])) == "Wrong."


def test_instants_and_windows_are_shown_in_the_shops_zone() -> None:
    starts_at, ends_at = datetime(2026, 3, 7, 17, tzinfo=UTC), datetime(2026, 3, 7, 18, tzinfo=UTC)
    with timezone.override("America/Sao_Paulo"), translation.override("pt-br"):
        assert shown_instant(starts_at) == "07/03/2026 14:00"
        assert shown_window(starts_at, ends_at) == "Sab 07/03 · 14:00–15:00"
        assert (shown_instant(None), shown_window(None, None)) == ("-", "-")
    with timezone.override("America/Sao_Paulo"), translation.override("en"):
        assert shown_window(starts_at, ends_at) == "Sat 7 Mar · 14:00–15:00"


def test_a_day_begins_at_midnight_of_its_zone() -> None:
    now = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)  # still the first of March in São Paulo
    with timezone.override("America/Sao_Paulo"):
        assert day_bounds(now) == (datetime(2026, 3, 1, 3, tzinfo=UTC), datetime(2026, 3, 2, 3, tzinfo=UTC))
        assert day_bounds(now, days=1)[0] == datetime(2026, 3, 2, 3, tzinfo=UTC)


def test_phones_are_shown_with_spaces() -> None:
    assert shown_phone("+5511987654321") == "+55 11 98765-4321"
    assert shown_phone("no phone") == "no phone"
