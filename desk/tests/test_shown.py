"""How the desk shows instants, windows, days and phones."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone, translation
from django.utils.formats import date_format

from desk.shown import day_bounds, shown_instant, shown_phone, shown_window


def test_instants_and_windows_are_shown_in_the_shops_zone() -> None:
    starts_at, ends_at = datetime(2026, 3, 7, 17, tzinfo=UTC), datetime(2026, 3, 7, 18, tzinfo=UTC)
    with timezone.override("America/Sao_Paulo"), translation.override("pt-br"):
        assert shown_instant(starts_at) == "07/03/2026 14:00"
        assert shown_window(starts_at, ends_at) == "Sáb 07/03 · 14:00–15:00"
        assert (shown_instant(None), shown_window(None, None)) == ("-", "-")
    with timezone.override("America/Sao_Paulo"), translation.override("en"):
        assert shown_window(starts_at, ends_at) == "Sat 7 Mar · 14:00–15:00"


@pytest.mark.parametrize("month", range(1, 13))
def test_portuguese_writes_its_months_small_wherever_django_writes_a_day(month: int) -> None:
    with translation.override("pt-br"):
        written = date_format(date(2026, month, 7), "DATE_FORMAT")
    assert (written, written[:5]) == (written.lower(), "7 de ")


def test_a_day_begins_at_midnight_of_its_zone() -> None:
    now = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)  # still the first of March in São Paulo
    with timezone.override("America/Sao_Paulo"):
        assert day_bounds(now) == (datetime(2026, 3, 1, 3, tzinfo=UTC), datetime(2026, 3, 2, 3, tzinfo=UTC))
        assert day_bounds(now, days=1)[0] == datetime(2026, 3, 2, 3, tzinfo=UTC)


def test_phones_are_shown_with_spaces() -> None:
    assert shown_phone("+5511987654321") == "+55 11 98765-4321"
    assert shown_phone("no phone") == "no phone"
