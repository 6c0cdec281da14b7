"""The shop on those machines: what is put where, and how every process is told."""

import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from config.tests.debian_proxy import written_out
from config.tests.pooled_shop import DATABASE, PgBouncer, Roles
from config.tests.test_proxy import nginx
from config.tests.watched_servers import ACQUAINTED_SECONDS, QUORUM, SENTINELS, Follower, Sentinel, WatchedRedis
from devstack import processes, shop, state
from devstack.errors import StackError
from devstack.servers import ValkeyServer, new_password
from devstack.standby import Pair
from tools.bench.driver import cpu_seconds
from tools.machines.network import FIRST_BUYER, NETWORK, Machine
from tools.outages.buyers import Front
from tools.outages.premises import SEED, SESSIONS, SKUS, STARTED, Process

NAME = "shop.example.com"
TLS, PLAIN, WEB = 443, 80, 8000
THINKS = (0.05, 0.2)
"""Seconds between two requests of a buyer; more haste than this the shop refuses to one address."""

PASSED_OVER = ("max_fails=0", "max_fails=2 fail_timeout=5s")
"""As docs/operations/sizes.md lets nginx know units on several machines."""

SILENCE_MS, FAILOVER_MS = 3000, 10_000
"""As docs/operations/redis.md sets the sentinels."""


class Site:
    """The shop, its servers and its machines. Start everything from a main thread."""

    def __init__(self, machines: dict[str, Machine], *, var: Path) -> None:
        self.machines, self.var = machines, var
        self.servers = Pair(home=var / "database")
        for node, name in ((self.servers.primary, "db1"), (self.servers.standby, "db2")):
            machines[name].put(node)
        self.roles = Roles(self.servers.primary)
        self.memory = machines["db1"].put(ValkeyServer(home=var / "redis", password=new_password(), throwaway=True))
        self.watched: WatchedRedis | None = None
        self.poolers: dict[str, PgBouncer] = {}
        self.parts: dict[str, Process] = {}
        self.professionals: list[str] = []
        self.is_read = False
        """Whether the standby is."""
        self._proxy = "db1"
        self._secret = new_password() * 2

    @property
    def front(self) -> Front:
        """Where buyers find the shop, and from which addresses they come."""
        trusted = ssl.create_default_context(cafile=str(self.var / "nginx" / self._proxy / "fullchain.pem"))
        return Front(
            port=TLS, trusted=trusted, skus=SKUS, professionals=self.professionals,
            first_day=datetime.now(tz=UTC).date(), host=self.machines[self._proxy].address, name=NAME,
            first_address=str(NETWORK[FIRST_BUYER]), thinks=THINKS,
        )  # fmt: skip

    @property
    def redis_url(self) -> str:
        """The Redis that is asked, or those who watch it."""
        return self.watched.url if self.watched else self.memory.url

    def environment(self, *, role: str = "app") -> dict[str, str]:
        """Return the variables of a process of the shop's, as docs/operations/install.md sets them.

        The owner goes past the poolers.
        """
        hosts = ",".join(f"{one.host}:{one.port}" for one in self.poolers.values()) if role == "app" else ""
        database = self.roles.url(role, hosts=hosts)
        made = shop.environment(
            shop.bare_environment(),
            database_url=database,
            redis_url=self.redis_url,
            place=shop.Place(NAME, WEB),
            var=self.var,
        )
        return made | {
            "DJANGO_SETTINGS_MODULE": "config.settings.production", "SECRET_KEY": self._secret, "ALLOWED_HOSTS": NAME,
            "TRUSTED_PROXIES": "1", "EMAIL_URL": "none", "LOG_LEVEL": "INFO",
            "DATABASE_POOLER": "transaction" if hosts else "",
            "DATABASE_REPLICA_URL": database if self.is_read and role == "app" else "",
        }  # fmt: skip

    def open(self) -> None:
        """Start what keeps the data, on one machine, and fill the shelves. Raises StackError."""
        self.servers.primary.start()
        self.memory.start()
        self.roles.apply()
        self.run("manage.py", "migrate", "--verbosity", "0", role="owner")
        self.roles.apply()  # once more, as after every migrate
        self.professionals = self.run("-c", SEED).split()

    def serve(self, *, proxy: str, web: tuple[str, str]) -> None:
        """Let nginx on one machine lead to a web unit on each of two, each with its workers; beat is on the first.

        Raises StackError.
        """
        self.stop()
        self._proxy = proxy
        places = [
            shop.Place(self.machines[name].address, WEB + web[:number].count(name)) for number, name in enumerate(web)
        ]
        for number, (name, place) in enumerate(zip(web, places, strict=True)):
            for service in shop.services(environment=self.environment(), place=place, var=self.var):
                is_there = service.name == "beat" or (service.name != "web" and name == web[0])
                if number == 0 or not is_there:
                    command = [str(word).replace("%h", name) for word in service.command]
                    self._start(f"{service.name} {number + 1}", command, machine=name)
        home = self.var / "nginx" / proxy
        home.mkdir(parents=True, exist_ok=True)
        config = written_out(
            home, tls=TLS, plain=PLAIN, units=[f"{place.host}:{place.port}" for place in places],
            host=self.machines[proxy].address, name=NAME,
        )  # fmt: skip
        if web[0] != web[1]:
            config.write_text(config.read_text().replace(*PASSED_OVER))
        self._start("nginx", nginx(config), machine=proxy)
        for number, place in enumerate(places):
            if not processes.wait_until(partial(shop.is_ready, place, name=NAME), seconds=STARTED, every=0.1):
                said = (self.var / f"web {number + 1}.log").read_text()[-800:]
                raise StackError(f"The web unit on {place.host} does not become ready: {said}")

    def stop(self) -> None:
        """Let whatever serves end what it has begun, and end."""
        for part in reversed(self.parts.values()):
            part.end()
        self.parts = {}

    def pool(self, **leads: str) -> None:
        """Put a PgBouncer on each of the machines, which leads to the server on the one that it is given.

        Nothing serves then. Raises AssertionError with its log.
        """
        self.stop()
        for pooler in self.poolers.values():
            pooler.kill()
        self.poolers = {}
        servers = {server.host: server for server in (self.servers.primary, self.servers.standby)}
        for name, there in leads.items():
            pooler = PgBouncer(
                roles=self.roles, home=self.var / f"pgbouncer-{name}", sessions=SESSIONS,
                server=servers[self.machines[there].address],
            )  # fmt: skip
            self.poolers[name] = self.machines[name].put(pooler)
            pooler.start()

    def watch(self, *, first: str, second: str, third: str) -> None:
        """Start a Redis on each of two machines, and a sentinel on each of three. Raises StackError."""
        password, asked = new_password(), new_password()
        leader, follower = (
            self.machines[name].put(Follower(home=self.var / f"redis-{name}", password=password, throwaway=True))
            for name in (first, second)
        )
        follower.following = leader
        self.watched = WatchedRedis(first=leader, second=follower, sentinels=[])
        for server in (leader, follower):
            server.start()
        if not processes.wait_until(leader.is_followed, seconds=ACQUAINTED_SECONDS, every=0.05):
            raise StackError("The second Redis does not follow the first.")
        for name in (first, second, third):
            sentinel = Sentinel(home=self.var / f"sentinel-{name}", password=asked, throwaway=True)
            sentinel.watched, sentinel.silence_ms, sentinel.failover_ms = leader, SILENCE_MS, FAILOVER_MS
            self.watched.sentinels.append(self.machines[name].put(sentinel))
            sentinel.start()
        for sentinel in self.watched.sentinels:
            if not processes.wait_until(sentinel.is_ready_to_promote, seconds=ACQUAINTED_SECONDS, every=0.1):
                raise StackError(f"{SENTINELS} sentinels of which {QUORUM} must agree do not find each other.")

    def run(self, *words: str, role: str = "app") -> str:
        """Run a program of the shop's beside its machines, and return what it says. Raises StackError."""
        done = subprocess.run(
            [sys.executable, *words], cwd=state.ROOT, env=self.environment(role=role), capture_output=True, text=True,
            timeout=300, check=False,
        )  # fmt: skip
        if done.returncode:
            raise StackError(f"{' '.join(words)[:60]} failed: {done.stdout[-600:]}{done.stderr[-600:]}")
        return done.stdout

    def asked(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Return the rows of a statement, asked of the primary as its superuser. Raises psycopg's errors."""
        url = urlsplit(self.servers.primary.url)._replace(path=f"/{DATABASE}").geturl()
        with psycopg.connect(url, autocommit=True, connect_timeout=3) as connection:
            return connection.execute(statement.encode(), values or None).fetchall()

    def cpu_seconds(self) -> dict[str, float]:
        """Return what the processes that serve have used so far: the web, PostgreSQL, and everything."""
        parts = {name: part.cpu_seconds() for name, part in self.parts.items()}
        web = sum(spent for name, spent in parts.items() if name.startswith("web "))
        databases = [one for one in (self.servers.primary, self.servers.standby) if one.is_running()]
        postgres = sum(cpu_seconds(one.pid) for one in databases)
        others = [one.pid for one in self._memories()] + [one.pid for one in self.poolers.values()]
        everything = sum(parts.values()) + postgres + sum(map(cpu_seconds, others))
        return {"web": web, "PostgreSQL": postgres, "all": everything}

    def _start(self, name: str, command: list[str], *, machine: str) -> None:
        words = [*self.machines[machine].prefix, *command]
        self.parts[name] = Process(words, environment=self.environment(), log=self.var / f"{name}.log")
        self.parts[name].start()

    def close(self) -> None:
        """Kill everything that runs, and take away what it left in memory."""
        for part in reversed(self.parts.values()):
            part.kill()
        for pooler in self.poolers.values():
            pooler.kill()
        for memory in self._memories():
            memory.destroy()
        self.servers.destroy()

    def _memories(self) -> list[ValkeyServer]:
        """Every Redis and sentinel that was started."""
        watched = self.watched
        found = [watched.first, watched.second, *watched.sentinels] if watched else []
        return [one for one in (self.memory, *found) if one.process is not None]


@contextmanager
def opened(machines: dict[str, Machine]) -> Iterator[Site]:
    """Open the shop for the length of a block. Raises StackError."""
    with ExitStack() as stack:
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="balcao-machines-")))
        var.chmod(0o755)
        site = Site(machines, var=var)
        stack.callback(site.close)
        site.open()
        yield site
