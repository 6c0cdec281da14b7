"""The suite under another clock: a pytest plugin that moves the time of the whole session where `CLOCK` says.

It is loaded before the servers and before Django, in every process of the run. Time goes on from there. What waits
(timeouts, pauses, the pool) goes by the monotonic clock, which nobody moves. Child processes read `SHOP_NOW`.
"""

import os
import time
from collections.abc import Generator
from datetime import UTC, datetime

import pytest
import time_machine

from devstack.clocks import CLOCKS

VARIABLE = "CLOCK"


_journeys: list[time_machine.travel] = []


def _begin(name: str) -> None:
    clock = CLOCKS.get(name)
    if clock is None:
        raise pytest.UsageError(f"There is no clock {name!r}; there are {', '.join(CLOCKS)}.")
    if clock.zone:
        os.environ["TZ"] = clock.zone
        time.tzset()
    journey = time_machine.travel(clock.begins.astimezone(UTC), tick=True)
    journey.start()
    _journeys.append(journey)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Move the clock."""
    if name := os.environ.get(VARIABLE, ""):
        _begin(name)


def pytest_report_header() -> list[str]:
    """Name the clock, and the command that runs the suite under it again."""
    name = os.environ.get(VARIABLE, "")
    return [f"clock: {CLOCKS[name]} (again: make test CLOCK={name})"] if name in CLOCKS else []


def pytest_runtest_setup() -> None:
    """Tell the processes that a test starts what time it is."""
    if _journeys:
        os.environ["SHOP_NOW"] = datetime.now(tz=UTC).isoformat()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test that asks the servers what time it is run by the clock they have too."""
    name = os.environ.get(VARIABLE, "")
    if not _journeys or item.get_closest_marker("real_clock") is None:
        return (yield)
    _journeys.pop().stop()
    try:
        return (yield)
    finally:
        _begin(name)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Put the clock right again."""
    while _journeys:
        _journeys.pop().stop()
