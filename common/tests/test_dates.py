"""Days and instants as people say them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from common.dates import weekday_of, when, written_out

MOMENT = datetime(2026, 3, 8, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "zone", "said"),
    [
        ("pt-br", "America/Sao_Paulo", "7 de março de 2026 às 22:30"),
        ("en", "America/Sao_Paulo", "March 7, 2026 at 22:30"),
        ("pt-br", "America/Manaus", "7 de março de 2026 às 21:30"),
        ("en", "Asia/Tokyo", "March 8, 2026 at 10:30"),
    ],
)
def test_an_instant_is_said_in_the_language_and_zone(language: str, zone: str, said: str) -> None:
    with translation.override(language):
        assert when(moment=MOMENT, zone=ZoneInfo(zone)) == said


@pytest.mark.parametrize(("language", "said"), [("pt-br", "Sábado, 7 de março"), ("en", "Saturday, March 7")])
def test_a_day_is_said_with_its_weekday(language: str, said: str) -> None:
    with translation.override(language):
        assert weekday_of(day=date(2026, 3, 7)) == said


@pytest.mark.parametrize(("language", "said"), [("pt-br", "2 de março de 2026"), ("en", "March 2, 2026")])
def test_a_day_is_written_out_with_its_year(language: str, said: str) -> None:
    with translation.override(language):
        assert written_out(day=date(2026, 3, 2)) == said
