"""`make bench`: our shop, and django-oscar where its packages are, on one cluster, in turn, in one run.

    python -m tools.bench [SECONDS] [ROUNDS]

BENCH_OSCAR names the Python of an environment with django-oscar and django-oscar-api; without it our shop is measured
alone. A web process's memory and start stand beside those of a project as `startproject` makes it, both with the
packages of production alone: what the processes and their parent hold, shared pages counted once, divided by the
number of processes that serve, after all that was measured. Every server is
started for the run and is gone afterwards. Five minutes with the seconds and rounds it takes by itself.
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psycopg
from psycopg.conninfo import make_conninfo

from devstack import binaries, ports, processes, shop, state, throwaway
from devstack.servers import PostgresServer, ValkeyServer
from tools.bench.driver import Flow, Measure, memory_mb, repeat, resident_mb, rush
from tools.bench.flows import Balcao, Oscar
from tools.bench.installed import production

CLIENTS, BUYERS, GOODS, HOT = 8, 300, 60, 100
PAYING = ("web", "postgres", "workers")
Case = tuple[Flow, int, Mapping[str, Sequence[int]]]
"""How buyers buy, the port at which, and the processes of each part of the shop, whose CPU is counted."""

SEED = f"""
import django
django.setup()
from catalog.models import Product
from common import clock
from inventory.tests.factories import stocked
for number in range({GOODS}):
    stocked(sku=f"BENCH-{{number}}", units=1_000_000, price="19.90", now=clock.now())
stocked(sku="BENCH-HOT", units={HOT}, price="19.90", now=clock.now())
"""
HERE = Path(__file__).parent


@dataclass
class Ours:
    """Our shop under way."""

    port: int
    environment: dict[str, str]
    web: int
    var: Path
    start: float


@dataclass
class Weight:
    """What a web process takes: seconds until it answers, megabytes once it has worked.

    `memory`: its share of what all of them hold; `resident`: what it sees, others' pages included.
    """

    start: float
    memory: float
    resident: float


@contextmanager
def running(
    command: Sequence[str | Path], environment: dict[str, str], log: Path, directory: Path = state.ROOT
) -> Iterator[int]:
    """Run a process for the length of a block, and give its pid."""
    with log.open("ab") as output:
        process = processes.spawn(
            [str(word) for word in command], environment=environment, directory=directory, output=output
        )
        try:
            yield process.pid
        finally:
            processes.end(process, politely=None, seconds=5)


def environment(place: shop.Place, *, database_url: str, redis_url: str, var: Path) -> dict[str, str]:
    """Return the environment of our shop's processes: no limits for who asks, and no word about each request."""
    made = shop.environment(os.environ, database_url=database_url, redis_url=redis_url, place=place, var=var)
    made |= {f"{name}_THROTTLE": "" for name in ("ANON", "USER", "CHECKOUT")} | {"LOG_LEVEL": "WARNING"}
    made["POSTGRES_BIN"] = str(binaries.postgres_directory())  # not among the packages of production
    return made


@contextmanager
def our_shop(python: Path, database: PostgresServer, memory: ValkeyServer, var: Path) -> Iterator[Ours]:
    """Run the web processes of our shop, with goods on its shelves and no limits for who asks."""
    place = shop.Place(ports.LOOPBACK, ports.free_port())
    made = environment(place, database_url=database.url, redis_url=memory.url, var=var)
    for words in (["manage.py", "migrate", "--verbosity", "0"], ["-c", SEED]):
        subprocess.run([sys.executable, *words], cwd=state.ROOT, env=made, check=True)
    _python, *words = (str(word) for word in shop.services(environment=made, place=place, var=var)[0].command)
    began = time.perf_counter()
    with running([python, *words], made, var / "web.log") as pid:
        if not processes.wait_until(lambda: shop.is_ready(place), seconds=60):
            raise SystemExit((var / "web.log").read_text())
        start = time.perf_counter() - began
        yield Ours(port=place.port, environment=made, web=pid, var=var, start=start)


def bare(python: Path, var: Path) -> Weight:
    """Start a bare project, let it work a little, and say what it took."""
    port = ports.free_port()
    began = time.perf_counter()
    with running([python, HERE / "bare.py", str(port)], dict(os.environ), var / "bare.log") as pid:
        if not processes.wait_until(lambda: _answers(port), seconds=60):
            raise SystemExit((var / "bare.log").read_text())
        start = time.perf_counter() - began
        for _again in range(100):
            _answers(port)
        return Weight(start=start, memory=memory_mb(pid), resident=resident_mb(pid))


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/admin/login/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def workers_of(ours: Ours) -> Iterator[list[int]]:
    """Run both workers of a shop: the one that sweeps, and the one that writes letters."""
    place = shop.Place(ports.LOOPBACK, ours.port)
    found = shop.services(environment=ours.environment, place=place, var=ours.var)
    with ExitStack() as stack:
        yield [
            stack.enter_context(running(one.command, ours.environment, ours.var / f"{one.name}.log"))
            for one in found
            if one.name in shop.WORKERS
        ]


@contextmanager
def oscar_shop(python: str, database: PostgresServer, var: Path) -> Iterator[tuple[int, int, Oscar]]:
    """Run a shop of django-oscar in the same cluster; give its port, its pid and how its buyers buy."""
    with psycopg.connect(database.url, autocommit=True) as operator:
        operator.execute("CREATE DATABASE oscar")
    port = ports.free_port()
    made = dict(os.environ, OSCAR_DATABASE_URL=database.url, OSCAR_MEDIA=str(var), DJANGO_SETTINGS_MODULE="settings")
    made["PYTHONPATH"] = str(HERE / "oscar")
    migrate = [python, "-m", "django", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=HERE / "oscar", env=made, check=True, capture_output=True)
    seeded = subprocess.run(
        [python, "seed.py"], cwd=HERE / "oscar", env=made, check=True, capture_output=True, text=True
    )
    first, last = map(int, seeded.stdout.split()[-2:])
    web = [
        python, "-m", "granian", "--interface", "wsgi", "--host", ports.LOOPBACK, "--port", str(port), "--workers",
        str(shop.WEB_PROCESSES), "--blocking-threads", str(shop.THREADS_PER_WEB_PROCESS), "--log-level", "error",
        "site_of_oscar:application",
    ]  # fmt: skip
    with running(web, made, var / "oscar.log", HERE / "oscar") as pid:
        if not processes.wait_until(lambda: not ports.is_free(port), seconds=30):
            raise SystemExit((var / "oscar.log").read_text())
        yield port, pid, Oscar(base=f"http://127.0.0.1:{port}", first=first, last=last)


def count_rows(databases: Sequence[str]) -> None:
    """Have PostgreSQL count the rows of each shop, as it does by itself in one that has been open for some minutes.

    Until then its plans are for empty tables.
    """
    for address in databases:
        with psycopg.connect(address, autocommit=True) as operator:
            operator.execute("ANALYZE")


def rounds_of(
    cases: Mapping[str, Case], *, seconds: float, rounds: int, databases: Sequence[str]
) -> dict[str, Measure]:
    """Measure every case in turn, some rounds, and return the round in the middle of each."""
    found: dict[str, list[Measure]] = {name: [] for name in cases}
    for number in range(rounds + 1):  # the first warms everything up
        for name, (flow, port, pids) in cases.items():
            one = repeat(flow, port=port, clients=CLIENTS, seconds=seconds if number else 2, pids=pids)
            found[name] += [one] if number else []
        count_rows(databases)
    return {name: sorted(some, key=lambda one: one.rate)[len(some) // 2] for name, some in found.items()}


def main(*, seconds: float, rounds: int) -> None:
    """Measure and print the table."""
    python = os.environ.get("BENCH_OSCAR", "")
    with ExitStack() as stack:
        database, memory = stack.enter_context(throwaway.both())
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="balcao-bench-")))
        installed = production(var / "production")
        ours = stack.enter_context(our_shop(installed, database, memory, var))
        buyer = Balcao(skus=[f"BENCH-{number}" for number in range(GOODS)], hot="BENCH-HOT")
        pids = {"web": [ours.web], "postgres": [database.pid]}
        cases: dict[str, Case] = {
            "list": (buyer.browse, ours.port, pids),
            "list, known": (buyer.browse_again, ours.port, pids),
            "order, lines at once, no worker": (buyer.at_once, ours.port, pids),
            "order, line by line, no worker": (buyer.line_by_line, ours.port, pids),
        }
        rushes, databases = {"hot": (buyer.hot, ours.port)}, [database.url]
        if python:
            port, pid, oscar = stack.enter_context(oscar_shop(python, database, var))
            theirs = {"web": [pid], "postgres": [database.pid]}
            cases["oscar: list"] = (oscar.browse, port, theirs)
            cases["oscar: order"] = (oscar.line_by_line, port, theirs)
            rushes["oscar: hot"] = (oscar.hot, port)
            databases.append(make_conninfo(database.url, dbname="oscar"))
        found = rounds_of(cases, seconds=seconds, rounds=rounds, databases=databases)
        hot = {name: rush(flow, port=port, buyers=BUYERS) for name, (flow, port) in rushes.items()}
        with workers_of(ours) as workers:
            delivering = {f"order, {name}": (flow, ours.port, pids | {"workers": workers}) for name, flow in (
                ("lines at once", buyer.at_once), ("line by line", buyer.line_by_line))}  # fmt: skip
            found |= rounds_of(delivering, seconds=seconds, rounds=rounds, databases=databases)
        share = memory_mb(ours.web) / shop.WEB_PROCESSES
        weights = {
            "ours": Weight(start=ours.start, memory=share, resident=resident_mb(ours.web)),
            "bare": bare(installed, var),
        }
    report(found=found, hot=hot, weights=weights)


def report(*, found: Mapping[str, Measure], hot: Mapping[str, Measure], weights: Mapping[str, Weight]) -> None:
    """Print the tables: rates, ratios to django-oscar where it ran, CPU; rushes; memory and start."""
    print(
        f"| {CLIENTS} clients | a second | median ms | x django-oscar | x by CPU | CPU ms web | PostgreSQL | workers |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name, one in found.items():
        other = found.get("oscar: list" if "list" in name else "oscar: order")
        ratios = " | "
        if other is not None and other is not one and other.rate:
            spent = sum(one.cpu_ms.values())
            ratios = f"{one.rate / other.rate:.1f} | {sum(other.cpu_ms.values()) / spent if spent else 0:.1f}"
        costs = " | ".join(f"{one.cpu_ms[name]:.1f}" if name in one.cpu_ms else "" for name in PAYING)
        odd = one.outcomes.total() - one.outcomes["ok"]
        print(
            f"| {name}{f' ({odd} failed)' if odd else ''} | {one.rate:.1f} | {one.median_ms:.0f} | {ratios} | {costs} |"
        )
    for name, one in hot.items():
        print(f"\n{name}: {BUYERS} buyers, {HOT} units: {one.outcomes['ok']} sold in {one.seconds:.1f} s")
        print(*(f"  {outcome}: {times}" for outcome, times in one.outcomes.items()), sep="\n", file=sys.stderr)
    mine, plain = weights["ours"], weights["bare"]
    print(f"\nmemory of a web process: {mine.memory:.0f} MB, a bare Django {plain.memory:.0f} MB")
    print(f"resident, with what others share: {mine.resident:.0f} MB, a bare Django {plain.resident:.0f} MB")
    print(f"start: {mine.start:.1f} s, a bare Django {plain.start:.1f} s")
    print(f"load: {median(os.getloadavg()):.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    given = sys.argv[1:]
    main(seconds=float(given[0]) if given else 5, rounds=int(given[1]) if len(given) > 1 else 3)
