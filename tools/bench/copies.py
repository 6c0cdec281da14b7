"""What copies cost beside PostgreSQL's own programs: `python -m tools.bench.copies [ORDERS] [ROUNDS]`.

A year of orders on a server of its own; each is timed in turn, the best of the rounds counts. Megabytes are those of
the database, the same for all, so that a second less is a second less.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import psycopg
from pyrage import x25519

from devstack import binaries, state, throwaway
from devstack.servers import PostgresServer


def timed(words: Sequence[str | Path], *, environment: Mapping[str, str]) -> tuple[float, float]:
    """Run a program to its end; return its seconds, and those of the processor that it and its children took."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [str(word) for word in words], cwd=state.ROOT, env=dict(environment), check=True, capture_output=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, cpu


def fresh(server: PostgresServer, name: str) -> str:
    """Make an empty database and return its address."""
    with psycopg.connect(server.url, autocommit=True) as operator:
        operator.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        operator.execute(f"CREATE DATABASE {name}".encode())
    return server.url.rpartition("/")[0] + f"/{name}"


def main(*, orders: int, rounds: int) -> None:
    """Measure and print the table."""
    with ExitStack() as stack:
        server, memory = stack.enter_context(throwaway.both())
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="balcao-bench-")))
        key = x25519.Identity.generate()
        (home / "key.txt").write_text(str(key))
        environment = {
            **os.environ, "DATABASE_URL": server.url, "REDIS_URL": memory.url, "BALCAO_VAR": str(home),
            "BACKUP_DIR": str(home / "copies"), "BACKUP_RECIPIENTS": str(key.to_public()),
            "BACKUP_IDENTITY_FILE": str(home / "key.txt"), "SECRET_KEY": "of a bench alone, and known to everybody",
            "DJANGO_SETTINGS_MODULE": "config.settings.dev", "LOG_LEVEL": "ERROR",
        }  # fmt: skip
        manage = [sys.executable, "manage.py"]
        for words in (["migrate", "--verbosity", "0"], ["seed_demo", "--orders", str(orders)]):
            subprocess.run([*manage, *words], cwd=state.ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        with psycopg.connect(server.url) as operator:
            row = operator.execute("SELECT pg_database_size(current_database())").fetchone()
        megabytes = (row[0] if row else 0) / 1e6
        dump, restore = binaries.postgres_binary("pg_dump"), binaries.postgres_binary("pg_restore")
        file = home / "own.dump"
        cases: dict[str, Callable[[], tuple[float, float]]] = {
            "pg_dump -Fc": lambda: timed([dump, "-Fc", "-f", file, server.url], environment=environment),
            "pg_dump -Fc -Z1": lambda: timed(
                [dump, "-Fc", "-Z1", "-f", home / "fast.dump", server.url], environment=environment
            ),
            "backup": lambda: timed([*manage, "backup"], environment=environment),
            "pg_restore": lambda: timed(
                [restore, "--no-owner", "-1", "-d", fresh(server, "own"), file], environment=environment
            ),
            "restore --no-check": lambda: timed(
                [*manage, "restore", "--no-check"], environment={**environment, "DATABASE_URL": fresh(server, "ours")}
            ),
            "verify_backup": lambda: timed([*manage, "verify_backup"], environment=environment),
        }
        print(f"{orders} orders, {megabytes:.0f} MB in the database, the best of {rounds}\n")
        print("| | seconds | MB/s | CPU seconds of its own |\n|---|---|---|---|")
        for name, case in cases.items():
            seconds, cpu = min(case() for _round in range(rounds))
            print(f"| `{name}` | {seconds:.1f} | {megabytes / seconds:.0f} | {cpu:.1f} |", flush=True)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(orders=given[0] if given else 60_000, rounds=given[1] if len(given) > 1 else 3)
