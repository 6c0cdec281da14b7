"""Counts of all processes meet in Redis, each once, whatever becomes of Redis meanwhile."""

import os
import subprocess
import sys
from typing import Any

import pytest

from common import counters, redis, tallies
from devstack.servers import ValkeyServer
from devstack.state import ROOT

SERIES = ("test", "api/v1/orders/<str:number>/", "200")
ANOTHER = """
import django
django.setup()
from common import counters, tallies
counters.count(("test", "api/v1/orders/<str:number>/", "200"), by=4)
assert tallies.tell()
"""


@pytest.fixture(autouse=True)
def nothing_untold() -> None:
    counters.told(counters.untold())


def test_counts_of_several_processes_add_up() -> None:
    counters.count(SERIES, by=3)
    assert tallies.tell()
    subprocess.run([sys.executable, "-c", ANOTHER], cwd=ROOT, check=True, env=_environment())
    assert tallies.totals() == {SERIES: 7}
    assert tallies.tell()  # nothing new
    assert tallies.totals() == {SERIES: 7}


def _environment() -> dict[str, str]:
    return dict(os.environ, DJANGO_SETTINGS_MODULE="config.settings.test")


def test_without_redis_nothing_is_lost_and_nothing_is_told_twice(settings: Any, redis_server: ValkeyServer) -> None:
    settings.REDIS_URL = redis_server.url
    counters.count(SERIES)
    assert tallies.tell()
    redis_server.stop()
    counters.count(SERIES, by=10)
    assert not tallies.tell()
    assert tallies.totals() is None
    redis_server.start()
    redis.breaker.reset()
    assert tallies.tell()
    counted = tallies.totals()
    assert counted is not None
    assert counted[SERIES] in (10, 11)  # a Redis that kept nothing over its stop begins anew
    assert counted["event", "redis_break"] == 1


def test_a_teller_tells_a_last_time_when_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "EVERY_SECONDS", 60.0)
    teller = tallies.Teller()
    teller.start()
    counters.count(SERIES)
    assert tallies.totals() == {}
    teller.end()
    assert not teller.is_alive()
    assert tallies.totals() == {SERIES: 1}


def test_a_teller_tells_every_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(tallies, "EVERY_SECONDS", 0.01)
    monkeypatch.setattr(tallies, "tell", lambda: told.append(1))
    teller = tallies.Teller()
    teller.start()
    while len(told) < 3 and teller.is_alive():
        pass
    teller.end()
    assert len(told) >= 3
