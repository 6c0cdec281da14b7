"""Every route has a call that can be measured, and every call names a route."""

from tools.calls import desk
from tools.calls.every import calls, without_example, without_route


def test_every_operation_of_the_api_has_an_example_and_every_example_its_operation() -> None:
    assert without_example() == []
    assert without_route() == []


def test_what_is_left_out_of_the_desk_or_asked_for_all_day_is_there() -> None:
    pages = {route.pattern.removeprefix(desk.DESK) for route in desk.desk_routes()}
    assert set(desk.LEFT_OUT) - pages == set()
    assert set(desk.HOT) - pages == set()
    assert set(desk.FILES) - pages == set()
    assert (set(desk.QUERIES) | set(desk.SEARCHED)) - pages == set()


def test_no_two_calls_have_one_name() -> None:
    names = [call.name for call in calls()]
    assert sorted(set(names)) == sorted(names)
