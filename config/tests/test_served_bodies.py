"""Bad bodies against a real server: others are answered as before, no connection drops, and no memory is kept."""

import http.client
import statistics
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django import Settings

from config.tests.bodies_at_worst import operations, worst
from devstack import ports, processes, shop, state
from operations.tests import competitors
from shop import services as settings_of_shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race, pytest.mark.timeout(300)]

SIZE = 15 * 1024
TOGETHER = 12
MANY = 1_000
JITTER_SECONDS = 0.1
"""What a machine that does other things adds to any answer."""


@dataclass(frozen=True)
class Web:
    """A running server and its processes."""

    port: int
    workers: list[int]

    def ask(self, path: str, body: bytes | None = None) -> tuple[int, float]:
        """Return the status of a request, and how long its answer took."""
        client = http.client.HTTPConnection(ports.LOOPBACK, self.port, timeout=60)
        began = time.monotonic()
        try:
            client.request(
                "GET" if body is None else "POST",
                path,
                body=body,
                headers={"Host": "localhost", "Content-Type": "application/json", "Idempotency-Key": "k"},
            )
            answer = client.getresponse()
            answer.read()
            return answer.status, time.monotonic() - began
        finally:
            client.close()

    def memory(self) -> int:
        """Return the kilobytes that the processes keep."""
        statuses = [Path(f"/proc/{pid}/status").read_text() for pid in self.workers]
        return sum(int(line.split()[1]) for status in statuses for line in status.splitlines() if "VmRSS" in line)


@pytest.fixture
def web(tmp_path: Path, settings: Settings) -> Iterator[Web]:
    settings_of_shop.open_settings()
    place = shop.Place(ports.LOOPBACK, ports.free_port())
    variables = competitors.environment(redis_url=settings.REDIS_URL, place=place, var=tmp_path)
    service = shop.services(environment=variables, place=place, var=tmp_path)[0]
    process = processes.spawn(service.command, environment=variables, directory=state.ROOT, output=subprocess.DEVNULL)
    try:
        assert processes.wait_until(lambda: shop.is_ready(place), seconds=60)
        workers = [pid for pid in processes.family(process.pid)[1:] if "config.serve" in processes.command_line(pid)]
        yield Web(place.port, workers)
    finally:
        processes.end(process, politely=service.stop_signal, seconds=20)


def bad_cart() -> bytes:
    return b'{"lines":[' + b"{}," * ((SIZE - 15) // 3) + b"{}]}"


def shop_page(web: Web) -> float:
    status, seconds = web.ask("/api/v1/shop/")
    assert status == 200
    return seconds


def test_others_are_answered_as_before_beside_twelve_bad_bodies(web: Web) -> None:
    ordinary = statistics.median(shop_page(web) for _request in range(30))
    beside = []
    with ThreadPoolExecutor(TOGETHER) as pool:
        for _round in range(10):
            sent = [pool.submit(web.ask, "/api/v1/carts/", bad_cart()) for _number in range(TOGETHER)]
            beside.append(shop_page(web))
            assert {one.result()[0] for one in sent} == {400}
    assert statistics.median(beside) <= 2 * ordinary + JITTER_SECONDS, (ordinary, beside)


def test_a_thousand_bad_bodies_leave_nothing_in_memory(web: Web) -> None:
    for _request in range(100):
        web.ask("/api/v1/carts/", bad_cart())
    before = web.memory()
    with ThreadPoolExecutor(TOGETHER) as pool:
        answers = list(pool.map(lambda _number: web.ask("/api/v1/carts/", bad_cart())[0], range(MANY)))
    assert set(answers) == {400}
    assert web.memory() <= before * 1.2, before


def test_no_body_however_deep_drops_a_connection(web: Web) -> None:
    carts = next(one for one in operations() if str(one) == "POST /api/v1/carts/")
    for what, body in worst(carts, {"services": ["CORTE"]}):
        status, _seconds = web.ask("/api/v1/carts/", body)
        assert 200 <= status < 500, (what, status)
    for depth in (33, 1_000, 100_000):
        assert web.ask("/api/v1/carts/", b"[" * depth)[0] == 400
