"""Several services made one visit: each rule of the whole from the rules of its parts."""

from typing import Any

import pytest

from scheduling import selectors
from scheduling.models import Room, Service
from scheduling.selectors import Visit
from scheduling.tests import factories as make
from shop import services as shop

pytestmark = pytest.mark.django_db


def services(first: dict[str, Any], second: dict[str, Any]) -> list[Service]:
    """Two services that Ana performs, of 30 and 45 minutes."""
    made = [make.service(sku="CORTE", **{"minutes": 30, **first}), make.service(sku="COR", **{"minutes": 45, **second})]
    make.professional(performs=made)
    return made


def visit(*skus: str) -> Visit:
    return selectors.visit_of(skus=skus, policy=shop.policy())


def test_its_preparation_is_the_firsts_and_its_cleaning_the_lasts() -> None:
    services(
        {"buffer_before_minutes": 5, "buffer_after_minutes": 10},
        {"buffer_before_minutes": 7, "buffer_after_minutes": 15},
    )
    both, turned = visit("CORTE", "COR").demand, visit("COR", "CORTE").demand
    assert (both.before, both.duration, both.after) == (300, 75 * 60, 900)
    assert (turned.before, turned.duration, turned.after) == (420, 75 * 60, 600)


def test_its_notice_is_the_longest_and_its_horizon_the_nearest() -> None:
    services({"lead_time_minutes": 0, "horizon_days": 30}, {"lead_time_minutes": 240, "horizon_days": 10})
    assert [(one.lead, one.horizon) for one in (visit("CORTE"), visit("COR"), visit("CORTE", "COR"))] == [
        (0, 30),
        (240, 10),
        (240, 10),
    ]


def test_its_starts_are_those_of_its_first_service() -> None:
    services({"granularity_minutes": 20}, {})
    assert (visit("CORTE", "COR").granularity, visit("COR", "CORTE").granularity) == (20, 15)


@pytest.mark.fault("T8")
@pytest.mark.parametrize(
    ("shops", "first", "second", "tolerated"),
    [
        (10, None, None, 10),
        (10, 0, None, 0),
        (10, 5, None, 5),
        (10, None, 20, 10),
        (0, 20, 25, 20),
        (60, None, None, 29),
    ],
)
def test_it_tolerates_what_its_strictest_service_does_and_less_than_its_shortest_lasts(
    shops: int, first: int | None, second: int | None, tolerated: int
) -> None:
    make.set_policy(overlap_tolerance_minutes=shops)
    services({"overlap_tolerance_minutes": first}, {"overlap_tolerance_minutes": second})
    assert visit("CORTE", "COR").demand.tolerance == tolerated * 60


@pytest.mark.fault("T15")
def test_it_takes_place_in_a_room_that_all_its_services_may_use() -> None:
    cut, colour = services({}, {})
    one, two, three = (Room.objects.create(name=f"Sala {number}").pk for number in (1, 2, 3))
    assert visit("CORTE", "COR").demand.rooms is None
    cut.rooms.set([one, two])
    assert visit("CORTE", "COR").demand.rooms == frozenset({one, two})
    colour.rooms.set([two, three])
    assert visit("CORTE", "COR").demand.rooms == frozenset({two})
    colour.rooms.set([three])
    assert visit("CORTE", "COR").demand.rooms == frozenset()


def test_it_waits_for_the_shop_if_any_service_does_and_fills_gaps_if_all_do() -> None:
    services({"requires_confirmation": True, "fit_gaps": True}, {})
    found = [visit("CORTE"), visit("COR"), visit("CORTE", "COR")]
    assert [(one.requires_confirmation, one.demand.fit_gaps) for one in found] == [
        (True, True),
        (False, False),
        (True, False),
    ]


def test_a_place_in_a_group_is_booked_alone() -> None:
    group, _alone = services({"capacity": 4}, {})
    assert (visit("CORTE").demand.capacity, visit("CORTE").demand.group) == (4, str(group.pk))
    assert (visit("CORTE", "COR").demand.capacity, visit("CORTE", "COR").demand.group) == (1, "")
