"""Rates: counted by person, on what the settings say, and nobody is turned away because we cannot count."""

import time
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from api.permissions import Public
from api.throttles import Rates, rate_of
from common import counters, redis
from devstack.servers import ValkeyServer


@pytest.fixture(autouse=True)
def rates(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set low rates, and a clock in the middle of a minute."""
    settings.THROTTLES = {"anon": "5/min", "user": "", "login": "2/hour"}
    monkeypatch.setattr(time, "time", lambda: 1_000_000_040.0)
    redis.breaker.reset()
    yield
    redis.breaker.reset()


class Door(APIView):
    """A door with a rate of its own for writing."""

    authentication_classes = []
    permission_classes = [Public]
    throttle_classes = [Rates]
    throttle_scope = "login"

    def get(self, request: Request) -> Response:
        """Answer."""
        return Response({})

    def post(self, request: Request) -> Response:
        """Answer."""
        return Response({})


def statuses(times: int, *, method: str = "get", address: str = "203.0.113.9", **meta: str) -> list[int]:
    """Knock and return the answers."""
    answers = []
    for _time in range(times):
        request = getattr(APIRequestFactory(), method)("/", REMOTE_ADDR=address, **meta)
        answers.append(Door.as_view()(request).status_code)
    return answers


@pytest.mark.parametrize(
    ("text", "rate"),
    [("60/min", (60, 60)), ("1/s", (1, 1)), ("10/hour", (10, 3600)), ("5/day", (5, 86400)), ("", None)],
)
def test_rates_are_read(text: str, rate: tuple[int, int] | None) -> None:
    assert rate_of(text) == rate


@pytest.mark.parametrize("text", ["60", "60/fortnight", "x/min", "-1/min", "/min"])
def test_what_is_no_rate_is_a_mistake(text: str) -> None:
    with pytest.raises(ValueError, match="not a rate"):
        rate_of(text)


def test_one_person_may_ask_so_often_and_another_as_well() -> None:
    assert statuses(7) == [200] * 5 + [429] * 2
    assert statuses(1, address="203.0.113.10") == [200]


@pytest.mark.fault("F7")
def test_a_door_may_have_a_rate_of_its_own() -> None:
    assert statuses(3, method="post") == [200, 200, 429]
    assert statuses(2) == [200, 200]


def test_a_refused_person_is_told_when_to_come_back() -> None:
    statuses(5)
    response = Door.as_view()(APIRequestFactory().get("/", REMOTE_ADDR="203.0.113.9"))
    assert (response.status_code, response["Retry-After"]) == (429, "40")


def test_both_rates_are_counted_in_one_round_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    really = redis.ImpatientPipeline.execute

    def execute(pipeline: Any, raise_on_error: bool = True) -> Any:
        sent.append(len(pipeline))
        return really(pipeline, raise_on_error)

    monkeypatch.setattr(redis.ImpatientPipeline, "execute", execute)
    assert statuses(4, method="post") == [200, 200, 429, 429]
    assert sent == [4] * 4
    assert statuses(2) == [200, 429]  # what its own rate refused was a request all the same


def test_a_new_minute_is_a_new_count(monkeypatch: pytest.MonkeyPatch) -> None:
    statuses(6)
    monkeypatch.setattr(time, "time", lambda: 1_000_000_080.0)
    assert statuses(1) == [200]


def test_without_redis_nobody_is_turned_away(redis_server: ValkeyServer, settings: Settings) -> None:
    settings.REDIS_URL = redis_server.url
    redis_server.kill()
    before = counters.read("throttle_degraded")
    assert statuses(10) == [200] * 10
    assert counters.read("throttle_degraded") == before + 10
