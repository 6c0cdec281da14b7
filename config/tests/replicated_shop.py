"""A shop on a real primary with a real standby behind it, served by a web process that reads there."""

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devstack import processes, shop, state
from devstack.servers import ValkeyServer
from devstack.standby import Node, Pair

OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({}))
SEED = """
import django
django.setup()
from catalog.tests.factories import category, product, variant
from common import clock
from inventory.tests.factories import receive
from scheduling.tests.factories import salon
bread = product(slug="pao", name="Pao", category=category(slug="padaria", name="Padaria"))
variant(sku="PAO", product=bread, price="2.50")
receive(sku="PAO", units=100, now=clock.now())
salon()
"""


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Any
    text: str

    @property
    def body(self) -> Any:
        """The text as JSON."""
        return json.loads(self.text)


@dataclass
class ReplicatedShop:
    """A web server, or what one needs, on two databases."""

    servers: Pair
    redis: ValkeyServer
    place: shop.Place
    var: Path
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The variables of the shop's processes."""
        made = shop.environment(
            shop.bare_environment(),
            database_url=self.servers.url,
            redis_url=self.redis.url,
            place=self.place,
            var=self.var,
        )
        ours = {"DATABASE_REPLICA_URL": self.servers.url, "LOG_LEVEL": "CRITICAL", "ANON_THROTTLE": ""}
        return (
            made | ours | {"SECRET_KEY": "known-to-every-process-of-these-tests-and-to-nobody-else"} | dict(self.more)
        )

    def run(self, *words: str, code: int | None = 0) -> str:
        """Run a program of the shop's and return what it wrote; `code`: how it is to end, None where that is no matter."""
        done = subprocess.run(
            [sys.executable, *words],
            cwd=state.ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert code in (None, done.returncode), done.stdout + done.stderr
        return done.stdout

    def ask(self, path: str, *, method: str = "GET", body: Any = None, **headers: str) -> Answer:
        """Ask the server; `headers` by their names, with `_` for `-`."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.place.url}{path}", data=data, method=method)
        for name, value in ({"Content-Type": "application/json"} | headers).items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with OPEN.open(request, timeout=60) as answer:
                return Answer(answer.status, answer.headers, answer.read().decode())
        except urllib.error.HTTPError as refused:
            return Answer(refused.code, refused.headers, refused.read().decode())

    def price(self, **headers: str) -> str:
        """Return what the shop says that bread costs."""
        found = self.ask("/api/v1/products/pao/", **headers)
        assert found.status == 200, found.text
        return str(found.body["variants"][0]["price"])

    def doctor(self) -> dict[str, str]:
        """Return how grave what `doctor` finds is, by probe; of several findings the last."""
        report = json.loads(self.run("manage.py", "doctor", "--json", code=None))
        return {one["probe"]: one["level"] for one in report["findings"]}

    def checks(self) -> dict[str, str]:
        """Return what readiness says of each part."""
        found: dict[str, str] = self.ask("/health/ready/").body["checks"]
        return found

    @contextmanager
    def serving(self) -> "Iterator[ReplicatedShop]":
        """Run the web server for the length of a block."""
        words = ["-m", "config.serve", "--port", str(self.place.port), "--processes", "1", "--threads", "4"]
        process = processes.spawn(
            [sys.executable, *words], environment=self.environment, directory=state.ROOT, output=subprocess.DEVNULL
        )
        try:
            assert processes.wait_until(lambda: shop.is_ready(self.place), seconds=60)
            yield self
        finally:
            processes.end(process, politely=signal.SIGTERM, seconds=10)


def reprice(primary: Node, price: str) -> None:
    """Let bread cost something else, at the primary."""
    primary.asked(f"UPDATE catalog_variant SET price = {price} WHERE sku = 'PAO'")


def caught_up(servers: Pair) -> None:
    """Wait until the standby shows all that the primary has written by now."""
    written = servers.primary.asked("SELECT pg_current_wal_lsn()::text")
    assert until(lambda: servers.standby.asked(f"SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn"))


@contextmanager
def held(servers: Pair) -> Iterator[None]:
    """Let the standby show nothing new for the length of a block."""
    caught_up(servers)
    servers.standby.asked("SELECT pg_wal_replay_pause()")
    try:
        assert until(lambda: servers.standby.asked("SELECT pg_get_wal_replay_pause_state()") == "paused")
        yield
    finally:
        servers.standby.asked("SELECT pg_wal_replay_resume()")
        caught_up(servers)


def until(true: Callable[[], Any]) -> bool:
    """Wait for what other processes do."""
    return processes.wait_until(lambda: bool(true()), seconds=60)
