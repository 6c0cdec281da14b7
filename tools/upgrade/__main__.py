"""Upgrade a shop under traffic and go back again: `python -m tools.upgrade [REVISION]`."""

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg

from devstack import ports, shop, state, throwaway
from devstack.errors import StackError
from tools.bench.__main__ import GOODS, SEED
from tools.upgrade.releases import Release, Running, before, taken_out
from tools.upgrade.traffic import Front, Heard, buyers

ORDERS = 2_000
PAUSE = 5.0
KNOWN = "SELECT count(*) FROM orders_order WHERE number = ANY(%s)"


def upgrade(*, old: Release, new: Release) -> Heard:
    """Exchange one release for the other and back while people buy. Raises StackError."""
    old.run("manage.py", "migrate", "--verbosity", "0")
    old.run("manage.py", "sync_roles")
    old.run("manage.py", "seed_demo", "--orders", str(ORDERS), "--seed", "7")
    old.run("-c", SEED)
    with Running(old) as served, Running(new) as other, Running(old) as again:
        served.serve()
        served.work()
        front = Front(ports=[served.place.port])
        with buyers(front=front, skus=[f"BENCH-{number}" for number in range(GOODS)]) as heard:
            _pass(heard, f"{old.name} serves")
            heard.enter(f"{old.name} serves, the tables change")
            new.run("manage.py", "migrate", "--verbosity", "0")
            new.run("manage.py", "sync_roles")
            _pass(heard, f"{old.name} serves, the tables are new")
            other.serve()
            front.ports = [served.place.port, other.place.port]
            _pass(heard, "both serve")
            front.ports = [other.place.port]
            _pass(heard, f"{new.name} serves, the worker is old")
            heard.enter(f"{old.name} ends")
            served.end()
            other.work()
            _pass(heard, f"{new.name} serves")
            again.serve()
            front.ports = [again.place.port]
            _pass(heard, f"back: {old.name} serves")
            other.end()
            again.work()
            _pass(heard, f"back: {old.name} alone")
    return heard


def _pass(heard: Heard, phase: str) -> None:
    heard.enter(phase)
    time.sleep(PAUSE)


def judged(heard: Heard, *, new: Release, database_url: str) -> list[str]:
    """Return what is wrong with the shop after it."""
    wrong = [f"failed: {one}" for one in heard.failures[:10]]
    wrong += [f"nobody was served while: {phase}" for phase, requests in heard.requests.items() if not requests]
    with psycopg.connect(database_url, autocommit=True) as connection:
        row = connection.execute(KNOWN, [heard.orders]).fetchone()
        if row is None or row[0] != len(heard.orders):
            wrong.append(f"{len(heard.orders)} orders were acknowledged, {row} are there")
    try:
        new.run("manage.py", "check_integrity")
    except StackError as found:
        wrong.append(str(found))
    return wrong


def gone_through(revision: str) -> tuple[Heard, list[str]]:
    """Upgrade from a revision to this checkout and back, on servers of its own; return what was seen and what is wrong.

    Raises StackError.
    """
    with tempfile.TemporaryDirectory(prefix="balcao-upgrade-") as place, throwaway.both() as (database, memory):
        var = Path(place) / "var"
        var.mkdir()
        made = shop.environment(
            shop.bare_environment(), database_url=database.url, redis_url=memory.url,
            place=shop.Place(ports.LOOPBACK, ports.free_port()), var=var,
        )  # fmt: skip
        made |= {f"{name}_THROTTLE": "" for name in ("ANON", "USER", "CHECKOUT")} | {"LOG_LEVEL": "WARNING"}
        began = time.perf_counter()
        old = Release(revision, taken_out(revision, folder=Path(place) / "old"), made, var)
        new = Release("this checkout", state.ROOT, made, var)
        print(f"{revision} installed in {time.perf_counter() - began:.0f} s", flush=True)
        heard = upgrade(old=old, new=new)
        return heard, judged(heard, new=new, database_url=database.url)


def main(words: Sequence[str]) -> int:
    """Upgrade, print what was seen and return the exit code."""
    try:
        heard, wrong = gone_through(words[0] if words else before())
    except StackError as failure:
        print(failure, file=sys.stderr)
        return 1
    for phase, requests in heard.requests.items():
        print(f"{requests:>7,} requests  {phase}")
    print(f"{len(heard.orders):>7,} orders acknowledged, {len(heard.failures)} requests failed")
    print("\n".join(wrong) or "Every order is there, and the shop is whole.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
