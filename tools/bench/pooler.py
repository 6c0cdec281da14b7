"""What a pooler costs and saves: `python -m tools.bench.pooler [SECONDS] [ROUNDS]`.

Orders of three lines, straight to PostgreSQL and through PgBouncer in transaction mode, in turn, on the same rows; and
how many sessions of the server each of them took. It makes and drops everything it measures.
"""

import subprocess
import sys
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import psycopg

from config.tests.pooled_shop import PGBOUNCER, Roles, pooled
from devstack import processes, shop, state, throwaway
from tools.bench.__main__ import GOODS, PAYING, SEED, Case, rounds_of, running
from tools.bench.flows import Balcao

SESSIONS = 16


def sessions(roles: Roles) -> int:
    """Return how many sessions the shop has at the server now."""
    with psycopg.connect(roles.server.url) as operator:
        row = operator.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'balcao_app'").fetchone()
    return int(row[0]) if row else 0


def main(*, seconds: float, rounds: int) -> None:
    """Measure and print the table."""
    if PGBOUNCER is None:
        raise SystemExit("There is no pgbouncer on this machine (Debian: apt-get install pgbouncer).")
    with ExitStack() as stack:
        server, memory = stack.enter_context(throwaway.both())
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="balcao-bench-")))
        home.chmod(0o755)
        roles = Roles(server)
        roles.apply()
        for role, words in (("owner", ["manage.py", "migrate", "--verbosity", "0"]), ("app", ["-c", SEED])):
            environment = roles.environment(role, redis_url=memory.url, var=home)
            subprocess.run([sys.executable, *words], cwd=state.ROOT, env=environment, check=True)
        pooler = stack.enter_context(pooled(roles=roles, home=home / "pgbouncer", sessions=SESSIONS))
        cases: dict[str, Case] = {}
        buyer = Balcao(skus=[f"BENCH-{number}" for number in range(GOODS)], hot="BENCH-HOT")
        taken: dict[str, int] = {}
        for name, port in (("straight", None), ("through PgBouncer", pooler.port)):
            before = sessions(roles)
            environment = roles.environment("app", redis_url=memory.url, var=home, port=port)
            place = shop.Place("127.0.0.1", int(environment["PORT"]))
            command = shop.services(environment=environment, place=place, var=home)[0].command
            pid = stack.enter_context(running(command, environment, home / "web.log", state.ROOT))
            if not processes.wait_until(partial(shop.is_ready, place), seconds=90):
                raise SystemExit((home / "web.log").read_text())
            cases[name] = (buyer.at_once, place.port, {"web": [pid], "postgres": [server.pid]})
            rounds_of({name: cases[name]}, seconds=2, rounds=1, databases=[server.url])
            taken[name] = sessions(roles) - before
        print("| orders of three lines | a second | median ms | CPU ms web | PostgreSQL | sessions |")
        print("|---|---|---|---|---|---|")
        for name, one in rounds_of(cases, seconds=seconds, rounds=rounds, databases=[server.url]).items():
            costs = " | ".join(f"{one.cpu_ms[part]:.1f}" for part in PAYING if part in one.cpu_ms)
            print(f"| {name} | {one.rate:.1f} | {one.median_ms:.0f} | {costs} | {taken[name]} |")


if __name__ == "__main__":
    given = sys.argv[1:]
    main(seconds=float(given[0]) if given else 5, rounds=int(given[1]) if len(given) > 1 else 5)
