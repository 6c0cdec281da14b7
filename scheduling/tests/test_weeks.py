"""Somebody's ordinary week, written at once."""

from datetime import date
from uuid import uuid4

import pytest

from common import locks
from common.errors import Busy, Malformed, NotFound
from scheduling import selectors
from scheduling import services as scheduling
from scheduling.errors import WeekChanged, WouldStrand
from scheduling.models import AvailabilityRule
from scheduling.selectors import Week
from scheduling.tests.factories import CLOSES, MONDAY, OPENS, Salon, at, booked, salon

pytestmark = pytest.mark.django_db

NINE_TO_SIX = {day: [(OPENS, CLOSES)] for day in range(7)}
WITH_LUNCH = {**NINE_TO_SIX, 1: [(9 * 60, 12 * 60), (13 * 60, 18 * 60)], 6: []}


@pytest.fixture
def shop() -> Salon:
    return salon()


def write(shop: Salon, week: Week, *, seen: Week = NINE_TO_SIX, anyway: bool = False) -> list[str]:
    left = scheduling.write_week(professional=shop.id("Ana"), week=week, seen=seen, now=MONDAY, anyway=anyway)
    return [str(visit.public_id) for visit in left]


def test_a_week_with_a_break_is_written_at_once_and_keeps_the_rows_that_stay(shop: Salon) -> None:
    before = {rule.weekday: rule.pk for rule in AvailabilityRule.objects.all()}
    assert write(shop, WITH_LUNCH) == []
    assert selectors.week_of(professional=shop.people["Ana"]) == WITH_LUNCH
    after = {rule.weekday: rule.pk for rule in AvailabilityRule.objects.order_by("-opens")}
    assert after == {day: pk for day, pk in before.items() if day != 6}


def test_hours_between_two_days_stay_as_they_are(shop: Salon) -> None:
    dated = AvailabilityRule.objects.create(
        professional=shop.people["Ana"], weekday=6, opens=60, closes=120, valid_from=date(2026, 5, 1)
    )
    write(shop, WITH_LUNCH)
    assert AvailabilityRule.objects.filter(pk=dated.pk).exists()
    assert selectors.week_of(professional=shop.people["Ana"])[6] == []


def test_visits_that_would_lose_their_time_are_named_first(shop: Salon) -> None:
    visit = booked(at(12))
    with pytest.raises(WouldStrand) as refused:
        write(shop, WITH_LUNCH)
    assert [one["id"] for one in refused.value.data["appointments"]] == [str(visit.public_id)]  # type: ignore[attr-defined]
    assert selectors.week_of(professional=shop.people["Ana"]) == NINE_TO_SIX

    assert write(shop, WITH_LUNCH, anyway=True) == [str(visit.public_id)]
    assert selectors.week_of(professional=shop.people["Ana"]) == WITH_LUNCH
    assert write(shop, NINE_TO_SIX, seen=WITH_LUNCH) == []


def test_a_stale_page_replaces_nothing(shop: Salon) -> None:
    write(shop, WITH_LUNCH)
    with pytest.raises(WeekChanged):
        write(shop, NINE_TO_SIX)
    assert selectors.week_of(professional=shop.people["Ana"]) == WITH_LUNCH


@pytest.mark.parametrize(
    "stretches",
    [[(600, 600)], [(600, 540)], [(-1, 60)], [(1440, 1500)], [(600, 2881)], [(540, 720), (700, 1080)]],
)
def test_hours_that_are_none_are_refused(shop: Salon, stretches: list[tuple[int, int]]) -> None:
    with pytest.raises(Malformed) as refused:
        write(shop, {**NINE_TO_SIX, 2: stretches})
    assert [error.pointer for error in refused.value.errors] == ["/day_2"]
    assert selectors.week_of(professional=shop.people["Ana"]) == NINE_TO_SIX


def test_it_waits_for_whoever_saves_the_professional_with_the_same_hours(shop: Salon) -> None:
    with locks.lease([locks.page(table="scheduling.professional", pk=shop.people["Ana"].pk)]), pytest.raises(Busy):
        write(shop, WITH_LUNCH)
    assert selectors.week_of(professional=shop.people["Ana"]) == NINE_TO_SIX
    assert write(shop, WITH_LUNCH) == []


def test_nobody_has_no_week(shop: Salon) -> None:
    with pytest.raises(NotFound):
        scheduling.write_week(professional=uuid4(), week=NINE_TO_SIX, seen=NINE_TO_SIX, now=MONDAY)
