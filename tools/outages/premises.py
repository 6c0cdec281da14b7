"""A whole shop of real processes, any of which can be taken away and brought back."""

import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from config.tests.debian_proxy import written_out
from config.tests.pooled_shop import DATABASE, PGBOUNCER, PgBouncer, Roles, pooled
from config.tests.test_proxy import NGINX, OPENSSL, nginx
from devstack import ports, processes, shop, state, throwaway
from devstack import sandbox as play_money
from devstack.errors import StackError
from devstack.servers import PostgresServer, ValkeyServer
from devstack.standby import Pair
from tools.bench.driver import cpu_seconds
from tools.outages.buyers import Front

SKUS = [f"COISA-{number}" for number in range(40)]
UNITS_EACH = 100_000
PROFESSIONALS = 12
SESSIONS = 12
WEB = ("web 1", "web 2")
STARTED = 90.0
DRAIN = 30.0
DISK_MB = 900
COPIES_MB = 96
"""Room for three segments of changes that are received, and for those that are kept, packed."""

MEBIBYTE = bytes(2**20)
SEED = f"""
import django
django.setup()
from common import clock
from inventory.tests.factories import stocked
from scheduling.tests import factories as salon
for sku in {SKUS}:
    stocked(sku=sku, units={UNITS_EACH}, price="19.90", now=clock.now())
found = salon.salon(names=[f"Ana {{number}}" for number in range({PROFESSIONALS})])
salon.set_policy(payment_methods=["on_site", "pix"])
print(*[person.public_id for person in found.people.values()])
"""


class Process:
    """A process of the shop's, and everything it starts. Start it from a main thread."""

    def __init__(self, command: Sequence[str | Path], *, environment: dict[str, str], log: Path) -> None:
        self._command, self._environment, self._log = [str(word) for word in command], environment, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        with self._log.open("ab") as output:
            self._process = processes.spawn(
                self._command, environment=self._environment, directory=state.ROOT, output=output
            )

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End it as an accident would, and all it has started."""
        self._send(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def end(self) -> None:
        """Ask it to end, and wait until what it had begun is done."""
        if self._process is not None:
            processes.end(self._process, politely=signal.SIGTERM, seconds=DRAIN)

    def cpu_seconds(self) -> float:
        """Return what it and all it has started have used so far."""
        return 0.0 if self._process is None else cpu_seconds(self._process.pid)

    def pause(self) -> None:
        """Let it hang."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None:
            for member in processes.family(self._process.pid):
                processes.send(member, number)


class Disk:
    """A small file system of its own, which can be full."""

    def __init__(self, place: Path) -> None:
        self._ballast = place / "ballast"

    def fill(self, *, but: int = 0) -> None:
        """Take every block that is free, `but` so many bytes."""
        with suppress(OSError), self._ballast.open("ab", buffering=0) as file:
            while file.write(MEBIBYTE):
                pass
        os.truncate(self._ballast, self._ballast.stat().st_size - but)

    def make_room(self) -> None:
        """Give them back."""
        self._ballast.unlink(missing_ok=True)


@dataclass
class Premises:
    """The shop, its parts by name, and how it is reached."""

    front: Front
    servers: Pair
    memory: ValkeyServer
    roles: Roles
    pooler: PgBouncer
    parts: dict[str, Process]
    disks: dict[str, Disk]
    environment: dict[str, str]
    letters_taken: Path
    var: Path
    asked_at: int
    """The web unit that says how the shop stands: one that is never taken away."""

    @property
    def server(self) -> PostgresServer:
        """The server that takes writes."""
        return self.servers.primary

    def manage(self, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of the shop's, as the role that serves; `more`: variables that it gets besides."""
        return subprocess.run(
            [sys.executable, "manage.py", *words], cwd=state.ROOT, env=self.environment | more, capture_output=True,
            text=True, timeout=300, check=False,
        )  # fmt: skip

    def asked(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Return the rows of a statement, asked as the server's superuser."""
        url = urlsplit(self.server.url)._replace(path=f"/{DATABASE}").geturl()
        with psycopg.connect(url, autocommit=True) as connection:
            return connection.execute(statement.encode(), values or None).fetchall()


def missing() -> str:
    """Return the packages of Debian's that this machine lacks."""
    wanted = {"nginx": NGINX, "pgbouncer": PGBOUNCER, "openssl": OPENSSL}
    return " ".join(name for name, found in wanted.items() if not found)


@contextmanager
def opened() -> Iterator[Premises]:
    """Run the shop for the length of a block. Raises StackError where something is missing."""
    if lacking := missing():
        raise StackError(f"Not on this machine: {lacking}.", f"apt-get install {lacking}")
    with ExitStack() as stack:
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="balcao-outages-")))
        var.chmod(0o755)
        disks = {}
        servers, memory = Pair(home=var / "database"), throwaway.valkey()
        for name, place, size in (("database", servers.primary.home, DISK_MB), ("copies", var / "copies", COPIES_MB)):
            place.mkdir(parents=True)
            if _mounted(place, megabytes=size):
                stack.callback(subprocess.run, ["umount", "--lazy", str(place)], check=False)
                disks[name] = Disk(place)
        for one in (servers, memory):
            stack.callback(one.destroy)
            one.start()
        yield _opened(stack, var=var, servers=servers, memory=memory, disks=disks)


def _mounted(place: Path, *, megabytes: int) -> bool:
    """Mount a file system of that size, where one may."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    words = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "balcao", str(place)]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def _opened(stack: ExitStack, *, var: Path, servers: Pair, memory: ValkeyServer, disks: dict[str, Disk]) -> Premises:
    tls, plain, post, *units = (ports.free_port() for _port in range(5))
    paying = play_money.choose({}, host=ports.LOOPBACK, port=tls, hostname=ports.LOOPBACK, var=var)
    assert paying is not None
    roles = Roles(servers.primary)
    roles.apply()
    settings = {
        "DJANGO_SETTINGS_MODULE": "tools.outages.settings", "TRUSTED_PROXIES": "1", "LOG_LEVEL": "WARNING",
        "EMAIL_URL": f"smtp://{ports.LOOPBACK}:{post}", "PUBLIC_URL": f"http://localhost:{plain}",
        "BACKUP_DIR": str(var / "copies"), "LANG": "C.UTF-8", "LC_MESSAGES": "en",
    }  # fmt: skip
    settings |= paying.variables
    owner = roles.environment("owner", redis_url=memory.url, var=var) | settings
    _run(["manage.py", "migrate", "--verbosity", "0"], owner)
    roles.apply()  # once more, as after every migrate
    pooler = stack.enter_context(pooled(roles=roles, home=var / "pgbouncer", sessions=SESSIONS))
    environment = roles.environment("app", redis_url=memory.url, var=var, port=pooler.port) | settings
    professionals = _run(["-c", SEED], environment).split()
    (var / "nginx").mkdir()
    config = written_out(var / "nginx", tls=tls, plain=plain, units=[f"{ports.LOOPBACK}:{unit}" for unit in units])
    commands = _commands(environment, var=var, units=units)
    commands["sandbox"] = paying.command(var=var)
    commands["mail server"] = [sys.executable, "-m", "tools.outages.post", str(post), str(var / "letters")]
    commands["nginx"] = nginx(config)
    parts = {}
    for name, command in commands.items():
        parts[name] = Process(command, environment=environment, log=var / f"{name}.log")
        stack.callback(parts[name].kill)
        parts[name].start()
    front = Front(
        port=tls, trusted=ssl.create_default_context(cafile=str(var / "nginx" / "fullchain.pem")),
        pays_at=paying.port, skus=SKUS, professionals=professionals, first_day=datetime.now(tz=UTC).date(),
    )  # fmt: skip
    for place in (shop.Place(ports.LOOPBACK, port) for port in units):
        if not processes.wait_until(partial(shop.is_ready, place), seconds=STARTED):
            raise StackError(f"A web unit does not become ready: {(var / 'web 1.log').read_text()[-800:]}")
    return Premises(
        front, servers, memory, roles, pooler, parts, disks, environment, letters_taken=var / "letters", var=var,
        asked_at=units[1],
    )  # fmt: skip


def _commands(environment: dict[str, str], *, var: Path, units: Sequence[int]) -> dict[str, list[str]]:
    """Return how `make run` starts the shop's own processes, with two web units."""
    commands: dict[str, list[str]] = {}
    for name, port in zip(WEB, units, strict=True):
        made = shop.services(environment=environment, place=shop.Place(ports.LOOPBACK, port), var=var)
        found = {one.name: [str(word) for word in one.command] for one in made}
        commands[name] = found.pop("web")
    return commands | found


def _run(words: Sequence[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, *words], cwd=state.ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise StackError(f"{words[0]} failed: {done.stderr[-800:]}")
    return done.stdout


def wait(seconds: float) -> None:
    """Let time pass."""
    threading.Event().wait(seconds)
