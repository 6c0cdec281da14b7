"""Leases: manners, taken before the transaction, given back after, and never the thing that decides."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from common import counters, redis
from common.errors import Busy
from common.locks import lease
from common.testing import race
from common.transactions import unit_of_work
from devstack.servers import ValkeyServer


@pytest.fixture(autouse=True)
def no_memory_of_failures() -> Iterator[None]:
    """Begin and end with a breaker that remembers nothing."""
    redis.breaker.reset()
    yield
    redis.breaker.reset()


@pytest.mark.django_db
def test_a_lease_inside_a_transaction_is_a_mistake() -> None:
    with unit_of_work(), pytest.raises(RuntimeError, match="lease"), lease(["a"]):
        pass


def test_a_lease_is_held_for_its_block_and_given_back() -> None:
    with lease(["b", "a", "b"]):
        assert set(redis.client().keys("lease:*")) == {b"lease:a", b"lease:b"}
        assert 0 < redis.client().pttl("lease:a") <= 15_000
    assert redis.client().keys("lease:*") == []


def test_a_lease_is_given_back_when_the_block_raises() -> None:
    with pytest.raises(ValueError, match="oops"), lease(["a"]):
        raise ValueError("oops")
    assert redis.client().keys("lease:*") == []


def test_no_keys_need_no_lease() -> None:
    with lease([]):
        assert redis.client().keys("lease:*") == []


def test_what_somebody_holds_is_busy_and_the_block_does_not_run() -> None:
    ran = []
    with lease(["a"]):
        began = time.monotonic()
        with pytest.raises(Busy), lease(["b", "a"], wait=0.1):
            ran.append(1)
        assert 0.1 <= time.monotonic() - began < 3, "it waited longer than it was told to"
        assert redis.client().exists("lease:b") == 0
    assert ran == []


def test_somebody_elses_lease_is_never_given_back() -> None:
    before = counters.read("lock_lost")
    with lease(["a", "b"]):
        redis.client().set("lease:a", "somebody else")
    assert redis.client().get("lease:a") == b"somebody else"
    assert redis.client().exists("lease:b") == 0
    assert counters.read("lock_lost") == before + 1


@pytest.mark.fault("D10")
def test_a_lease_that_was_flushed_is_counted_and_no_error() -> None:
    before = counters.read("lock_lost")
    with lease(["a"]):
        redis.client().flushall()
    assert counters.read("lock_lost") == before + 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("leased", [True, False])
def test_one_at_a_time(leased: bool) -> None:
    """Whoever is inside waits for a second one to come in; without the lease, the negative control, one does."""
    inside: list[int] = []
    most: list[int] = []
    company = threading.Event()

    def work(number: int) -> Any:
        with lease(["till", f"own-{number}"] if leased else [f"own-{number}"], wait=20):
            inside.append(number)
            most.append(len(inside))
            if len(inside) > 1:
                company.set()
            company.wait(timeout=0.05)
            inside.remove(number)
        return "done"

    assert race(workers=12, work=work) == ["done"] * 12
    assert (max(most) == 1) is leased


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_overlapping_sets_in_any_order_never_wait_for_each_other_in_a_circle() -> None:
    def work(number: int) -> Any:
        names = ["a", "b", "c"]
        with lease(names[number % 3 :] + names[: number % 3], wait=20):
            return "done"

    assert race(workers=12, work=work) == ["done"] * 12


def seconds_for(times: int) -> float:
    """Run some leases and return how long they took."""
    ran = []
    began = time.monotonic()
    for _time in range(times):
        with lease(["a"]):
            ran.append(1)
    assert len(ran) == times
    return time.monotonic() - began


@pytest.mark.parametrize("warm", [True, False])
def test_a_redis_that_hangs_costs_a_quarter_of_a_second_once(
    redis_server: ValkeyServer, settings: Settings, warm: bool
) -> None:
    settings.REDIS_URL = redis_server.url
    if warm:
        assert redis.is_up()
    before = counters.read("lock_degraded")
    redis_server.pause()
    try:
        assert seconds_for(times=1) < 2, "it waited as for a lease, three seconds, or without end"
        assert seconds_for(times=20) < 2, "it waited for each of them, a quarter of a second"
    finally:
        redis_server.resume()
    assert counters.read("lock_degraded") == before + 21


def test_a_redis_that_is_gone_costs_nothing_and_is_found_again(
    redis_server: ValkeyServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = redis_server.url
    assert redis.is_up()
    redis_server.kill()
    assert seconds_for(times=5) < 2, "it waited as for a lease"
    assert redis.breaker.is_open()
    redis_server.start()
    settings.REDIS_URL = redis_server.url
    monkeypatch.setattr(redis.breaker, "_open_until", 0.0)
    degraded = counters.read("lock_degraded")
    assert redis.is_up()
    seconds_for(times=1)
    assert counters.read("lock_degraded") == degraded


@pytest.mark.fault("D15")
def test_a_redis_that_is_full_is_a_redis_that_is_gone(redis_server: ValkeyServer, settings: Settings) -> None:
    settings.REDIS_URL = redis_server.url
    redis.client().config_set("maxmemory", "1")
    before = counters.read("lock_degraded")
    seconds_for(times=1)
    assert counters.read("lock_degraded") == before + 1
