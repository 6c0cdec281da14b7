"""Redis watched by sentinels: the shop finds the server that takes writes, before and after one of them dies."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from common import counters, redis, sentinels
from common.locks import lease
from common.models import Heartbeat
from config.settings.servers import WEB_PATIENCE, broker, broker_options
from config.tests.watched_servers import WatchedRedis, watched
from devstack import ports, processes, shop, state
from operations.diagnosis import servers as diagnosis
from operations.tests import competitors

AGREED_SECONDS = 60
"""By when sentinels have surely found that a server is gone and promoted the other; a quiet machine takes two."""


@pytest.fixture
def both(tmp_path: Path, settings: Any) -> Iterator[WatchedRedis]:
    with watched(tmp_path) as found:
        settings.REDIS_URL = found.url
        redis.breaker.reset()
        assert processes.wait_until(lambda: diagnosed() == 1, seconds=AGREED_SECONDS)
        yield found
        redis.breaker.reset()


def diagnosed() -> int:
    """Return how many servers have the one that takes writes behind them."""
    try:
        return int(redis.client().info("replication")["connected_slaves"])
    except RedisError:
        return 0


def takes_writes() -> bool:
    try:
        return bool(redis.client().set("written", "yes"))
    except RedisError:
        return False


def test_an_address_names_sentinels_a_service_and_a_number() -> None:
    found = sentinels.parse("sentinel://shop:p%40ss@one:26380,two,[::1]:9/balcao/4?sentinel_password=other")
    assert found.sentinels == (("one", 26380), ("two", 26379), ("::1", 9))
    assert (found.service, found.number) == ("balcao", 4)
    assert (found.username, found.password, found.sentinel_password) == ("shop", "p@ss", "other")
    bare = sentinels.parse("sentinel://one/balcao")
    assert (bare.number, bare.username, bare.password, bare.sentinel_password) == (0, None, None, None)


@pytest.mark.parametrize(
    "url",
    [
        "sentinel://one",
        "sentinel://one/",
        "sentinel://one,/balcao/0",
        "sentinel://one:0/balcao/0",
        "sentinel://one:70000/balcao/0",
        "sentinel://one/balcao/x",
        "sentinel://one/balcao/0?password=secret",
        "sentinel://:secret@/balcao/0",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(not|unknown)") as refused:
        sentinels.parse(url)
    assert "secret" not in str(refused.value)


def test_celery_asks_the_same_sentinels_for_the_next_database() -> None:
    url = "sentinel://:p%40ss@one:26380,[::1]/balcao/4?sentinel_password=other"
    assert broker(url) == "sentinel://:p%40ss@one:26380/5;sentinel://:p%40ss@[::1]:26379/5"
    options = broker_options(url, {"socket_timeout": 30, "socket_connect_timeout": 3})
    assert options == {
        "socket_timeout": 30,
        "socket_connect_timeout": 3,
        "master_name": "balcao",
        "sentinel_kwargs": {"socket_timeout": 1, "socket_connect_timeout": 1, "password": "other"},
    }
    assert broker_options("redis://one/0", {"socket_timeout": 30}) == {"socket_timeout": 30}


def test_the_shop_writes_to_the_other_server_once_the_first_is_gone(both: WatchedRedis) -> None:
    assert takes_writes()
    both.first.kill()
    degraded = counters.read("lock_degraded")
    with lease(["somebody"], seconds=5):
        pass
    assert counters.read("lock_degraded") > degraded
    assert processes.wait_until(takes_writes, seconds=AGREED_SECONDS, every=0.1)
    assert writes_to() == both.second.port
    degraded = counters.read("lock_degraded")
    with lease(["somebody"], seconds=5):
        pass
    assert counters.read("lock_degraded") == degraded
    both.first.start()  # it comes back as the one that follows
    assert processes.wait_until(lambda: diagnosed() == 1, seconds=AGREED_SECONDS, every=0.1)
    assert takes_writes()
    assert writes_to() == both.second.port


def test_a_sentinel_may_be_missing(both: WatchedRedis) -> None:
    both.sentinels[0].kill()
    redis._client.cache_clear()
    assert processes.wait_until(takes_writes, seconds=AGREED_SECONDS, every=0.2)


@pytest.fixture
def beats(both: WatchedRedis, tmp_path: Path, settings: Any) -> Iterator[Callable[[], bool]]:
    """Run a worker behind both; asked, it says whether a task that is sent now is run soon."""
    place = shop.Place(ports.LOOPBACK, ports.free_port())
    environment = competitors.environment(redis_url=both.url, place=place, var=tmp_path)
    command = shop.services(environment=environment, place=place, var=tmp_path)[1].command
    log = tmp_path / "worker.log"
    with log.open("wb") as output:
        worker = processes.spawn(command, environment=environment, directory=state.ROOT, output=output)
    web = Celery("web", broker=broker(both.url))
    web.conf.broker_transport_options = broker_options(both.url, WEB_PATIENCE)
    web.conf.update(task_ignore_result=True, task_routes=settings.CELERY_TASK_ROUTES)

    def once() -> bool:
        Heartbeat.objects.all().delete()
        try:
            web.send_task("common.tasks.beat", retry=False, expires=5)
        except (KombuError, RedisError, OSError):
            return False
        return processes.wait_until(Heartbeat.objects.exists, seconds=3, every=0.1)

    def soon() -> bool:
        assert processes.wait_until(once, seconds=120, every=0.5), (both.views(), log.read_text()[-3_000:])
        return True

    try:
        yield soon
    finally:
        processes.end(worker, politely=None, seconds=1)


@pytest.mark.django_db(transaction=True)
def test_the_worker_goes_on_with_the_other_server(both: WatchedRedis, beats: Callable[[], bool], settings: Any) -> None:
    assert beats()
    both.first.kill()
    assert beats()
    assert writes_to() == both.second.port
    settings.CELERY_BROKER_URL = broker(both.url)
    assert [finding.level for finding in diagnosis.queue(None)] == ["ok"]  # type: ignore[arg-type]


@pytest.mark.django_db(transaction=True)
def test_the_worker_goes_on_when_the_servers_change_places(both: WatchedRedis, beats: Callable[[], bool]) -> None:
    assert beats()
    both.sentinels[0].change_places()
    assert processes.wait_until(lambda: writes_to() == both.second.port, seconds=AGREED_SECONDS, every=0.1)
    assert beats()


def writes_to() -> int | None:
    """Return the port of the server that takes writes, as the shop finds it."""
    try:
        return int(redis.client().info("server")["tcp_port"])
    except RedisError:
        return None
