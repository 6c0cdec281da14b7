"""Every route has a call that can be measured, and every call names a route."""

import pytest

from tools.calls import desk
from tools.calls.every import calls, calls_named, without_example, without_route


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


def test_some_are_chosen_by_what_stands_in_their_name() -> None:
    assert len(calls_named("")) == len(list(calls()))
    found = calls_named("GET /carts/")
    assert found
    assert [call.name for call in found if "GET /carts/" not in call.name] == []
    with pytest.raises(LookupError, match="'GET /cards/' stands in the name of no call"):
        calls_named("GET /cards/")
