"""The shop under way while its servers die: Redis costs nothing but speed, PostgreSQL a polite 503, and both heal."""

import itertools
import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from devstack import ports, processes, shop, state
from devstack.servers import PostgresServer, ValkeyServer

STOCK = 100_000
SEED = f"""
import django
django.setup()
from inventory.tests.factories import stocked
for sku in ("BOLO", "PAO"):
    stocked(sku=sku, units={STOCK}, price="2.50")
"""
OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class Answer:
    """What came back, and how long it took."""

    status: int
    body: dict[str, Any]
    headers: Any
    seconds: float


@dataclass
class LiveShop:
    """The shop's web server on private servers."""

    url: str
    environment: dict[str, str]

    def ask(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Answer:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.url}{path}", data=data, method=method)
        request.add_header("Content-Type", "application/json")
        if key is not None:
            request.add_header("Idempotency-Key", key)
        began = time.monotonic()
        try:
            with OPEN.open(request, timeout=30) as answer:
                status, headers, text = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refused:
            status, headers, text = refused.code, refused.headers, refused.read()
        return Answer(status, json.loads(text), headers, time.monotonic() - began)

    def checks(self) -> dict[str, str]:
        found: dict[str, str] = self.ask("GET", "/health/ready/").body["checks"]
        return found

    def sold(self) -> int:
        """Rolls that are spoken for."""
        answer = self.ask("GET", "/api/v1/variants/PAO/availability/?quantity=1")
        return STOCK - int(answer.body["available"])

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words], cwd=state.ROOT, env=self.environment, capture_output=True, text=True, check=False
        )


@pytest.fixture
def counter(postgres_server: PostgresServer, redis_server: ValkeyServer, tmp_path: Path) -> Iterator[LiveShop]:
    place = shop.Place(ports.LOOPBACK, ports.free_port())
    environment = shop.environment(
        shop.bare_environment(),
        database_url=postgres_server.url,
        redis_url=redis_server.url,
        place=place,
        var=tmp_path,
    ) | {"ANON_THROTTLE": "100000/min", "CHECKOUT_THROTTLE": "100000/min", "LOG_LEVEL": "CRITICAL"}
    found = LiveShop(place.url, environment)
    for words in (("manage.py", "migrate", "--verbosity", "0"), ("-c", SEED)):
        done = found.manage(*words)
        assert done.returncode == 0, done.stderr
    web = shop.services(environment=environment, place=place, var=tmp_path)[0]
    process = processes.spawn(web.command, environment=environment, directory=state.ROOT, output=subprocess.DEVNULL)
    try:
        assert processes.wait_until(lambda: shop.is_ready(place), seconds=60)
        yield found
    finally:
        processes.end(process, politely=web.stop_signal, seconds=10)


@dataclass
class Buyers:
    """People who buy until they are told to stop, and repeat what was answered 503 with the same key."""

    counter: LiveShop
    sold_before: int
    stop: threading.Event = field(default_factory=threading.Event)
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    numbers: list[str] = field(default_factory=list)
    impolite: list[Any] = field(default_factory=list)

    def buy(self) -> None:
        while not self.stop.is_set():
            cart = self.insist("POST", "/api/v1/carts/", {"lines": [{"sku": "BOLO", "quantity": 1}]})
            cart = self.insist("POST", f"/api/v1/carts/{cart['id']}/lines/", {"sku": "PAO", "quantity": 2})
            wish = {
                "cart": cart["id"],
                "expected_total": cart["total"],
                "customer": {"name": "Ana", "email": f"{uuid4().hex}@example.com"},
                "payment_method": "on_site",
                "fulfilment": {"method": "pickup"},
            }
            order = self.insist("POST", "/api/v1/orders/", wish, key=str(uuid4()))
            self.numbers.append(order["number"])

    def insist(self, method: str, path: str, body: Any, *, key: str | None = None) -> dict[str, Any]:
        for _attempt in itertools.repeat(None, 400):
            answer = self.counter.ask(method, path, body, key=key)
            self.statuses[answer.status] += 1
            self.slowest = max(self.slowest, answer.seconds)
            if answer.status in (200, 201):
                return answer.body
            polite = (answer.headers["Content-Type"], answer.headers["Retry-After"], answer.body["code"])
            if answer.status != 503 or polite not in {
                ("application/problem+json", "1", "database_unavailable"),
                ("application/problem+json", "1", "busy"),
            }:
                self.impolite.append((answer.status, polite, answer.body))
            self.stop.wait(0.1)
        raise AssertionError(f"{path} never worked")


@contextmanager
def buying(counter: LiveShop) -> Iterator[Buyers]:
    """Four people who buy as long as the block lasts; nobody is told anything but what a polite shop says."""
    buyers = Buyers(counter, sold_before=counter.sold())
    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(buyers.buy) for _buyer in range(4)]
        try:
            yield buyers
        finally:
            buyers.stop.set()
        for one in running:
            one.result(timeout=60)


def as_sold(counter: LiveShop, buyers: Buyers) -> None:
    """Every order is one order, every unit of it is spoken for once, and the shop itself finds nothing wrong."""
    assert len(set(buyers.numbers)) == len(buyers.numbers) > 0
    lost_carts = counter.sold() - buyers.sold_before - 2 * len(buyers.numbers)
    assert 0 <= lost_carts <= 2 * buyers.statuses[503]
    examined = counter.manage("manage.py", "check_integrity", "--json")
    assert examined.returncode == 0, examined.stdout


@pytest.mark.timeout(240)
@pytest.mark.fault("A16")
@pytest.mark.fault("B5")
@pytest.mark.fault("B6")
@pytest.mark.fault("D1")
@pytest.mark.fault("D10")
def test_people_buy_while_redis_and_then_postgres_die_and_come_back(
    counter: LiveShop, postgres_server: PostgresServer, redis_server: ValkeyServer
) -> None:
    without_redis(counter, redis_server)
    without_postgres(counter, postgres_server)


def without_redis(counter: LiveShop, server: ValkeyServer) -> None:
    """Killed, started, frozen and thawed: nobody who buys notices."""
    with buying(counter) as buyers:
        for act in (server.kill, server.start, server.pause, server.resume):
            buyers.stop.wait(1.5)
            act()
        buyers.stop.wait(1.5)
    assert set(buyers.statuses) == {201}, buyers.impolite
    assert buyers.slowest < 5
    back = processes.wait_until(lambda: counter.checks()["redis"] == "ok", seconds=60)
    assert back
    as_sold(counter, buyers)


def without_postgres(counter: LiveShop, server: PostgresServer) -> None:
    """Killed and started: everybody is asked to come back in a second, and whoever does gets one order."""
    with buying(counter) as buyers:
        buyers.stop.wait(2)
        server.kill()
        buyers.stop.wait(1)
        closed = counter.ask("GET", "/api/v1/shop/")
        alive, ready = counter.ask("GET", "/health/live/"), counter.ask("GET", "/health/ready/")
        server.start()
        buyers.stop.wait(4)
    assert (closed.status, closed.body["code"]) == (503, "database_unavailable")
    assert closed.headers["Content-Type"] == "application/problem+json"
    assert closed.headers["Retry-After"] == "1"
    assert (alive.status, ready.status, ready.body["checks"]["database"]) == (200, 503, "unreachable")
    assert buyers.impolite == []
    assert buyers.statuses[503] > 0
    assert counter.checks()["database"] == "ok"
    as_sold(counter, buyers)
