"""What an order leaves behind and what it costs: rows, bytes of each table, write-ahead log, CPU, sessions, waits.

    python -m tools.bench.growth [--orders N] [--more N] [--clients N]

On servers of its own that keep their promises about power cuts (fsync, whole pages in the log), `seed_demo` makes so
many orders of a year (20,000 by itself), whose tables are weighed; then so many more (1,000) are placed over HTTP by
some clients (8), with worker and letters, and what PostgreSQL counts meanwhile is divided by them.

    python -m devstack.isolated --keep DIRECTORY -m tools.bench.growth --weigh --orders N

only weighs the tables of a shop of so many orders that is there already.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from devstack import state
from devstack.servers import PostgresServer, ValkeyServer, new_password
from tools.bench.__main__ import GOODS, Ours, our_shop, workers_of
from tools.bench.driver import Client, spent
from tools.bench.flows import Balcao

WEIGHED = 25
SAMPLE_SECONDS = 0.02
SIZES = """
    SELECT c.relname, c.reltuples::bigint, pg_table_size(c.oid), pg_indexes_size(c.oid),
           (SELECT count(*) FROM pg_index i WHERE i.indrelid = c.oid)
    FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.reltuples >= 1
    ORDER BY pg_total_relation_size(c.oid) DESC
"""
COUNTED = """
    SELECT (SELECT sum(wal_bytes) FROM pg_stat_wal), (SELECT sum(wal_records) FROM pg_stat_wal),
           (SELECT sum(wal_fpi) FROM pg_stat_wal), xact_commit, deadlocks
    FROM pg_stat_database WHERE datname = current_database()
"""
WRITTEN = "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables"
WAITING = """
    SELECT count(*), count(*) FILTER (WHERE state <> 'idle'), count(*) FILTER (WHERE wait_event_type = 'Lock')
    FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass
class Watched:
    """What sessions did, looked at fifty times a second."""

    samples: int = 0
    most: int = 0
    active: int = 0
    waiting: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def watch(self, url: str) -> None:
        """Look until it is over."""
        with psycopg.connect(url, autocommit=True) as session:
            while not self.over.wait(SAMPLE_SECONDS):
                row = session.execute(WAITING).fetchone() or (0, 0, 0)
                self.samples += 1
                self.most = max(self.most, row[0])
                self.active += row[1]
                self.waiting += row[2]


@contextmanager
def promising_servers(home: Path) -> Iterator[tuple[PostgresServer, ValkeyServer]]:
    """Run servers as a shop has them."""
    home.chmod(0o755)
    database = PostgresServer(home=home / "postgres", password=new_password())
    memory = ValkeyServer(home=home / "valkey", password=new_password())
    try:
        database.start()
        memory.start()
        yield database, memory
    finally:
        memory.destroy()
        database.destroy()


def counters(url: str) -> tuple[list[int], Counter[str]]:
    """Return what PostgreSQL has counted so far: its log and transactions, and rows written by table and how."""
    with psycopg.connect(url, autocommit=True) as session:
        totals = [int(one) for one in session.execute(COUNTED).fetchone() or ()]
        rows: Counter[str] = Counter()
        for table, *written in session.execute(WRITTEN):
            rows.update({f"{table} {how}": number for how, number in zip(("+", "~", "-"), written, strict=True)})
    return totals, rows


def weigh(url: str, *, orders: int) -> None:
    """Print what each table takes, for a row and for an order."""
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("VACUUM (ANALYZE)")
        found = list(session.execute(SIZES))
    whole = sum(table + indexes for _name, _rows, table, indexes, _count in found)
    print(f"\n{whole / 1e6:,.0f} MB in {len(found)} tables, {whole / orders:,.0f} bytes an order\n")
    print("| table | rows | an order | bytes a row | its indexes | indexes | % of all |")
    print("|---|---|---|---|---|---|---|")
    for name, rows, table, indexes, number in found[:WEIGHED]:
        share = (table + indexes) / whole * 100
        print(
            f"| {name} | {rows:,} | {rows / orders:.2f} | {table / rows:,.0f} | {indexes / rows:,.0f} | {number} "
            f"| {share:.1f} |"
        )


def place(ours: Ours, *, number: int, clients: int) -> Counter[str]:
    """Place so many orders of three lines, each line put into the cart by itself; return how they ended."""
    buyer = Balcao(skus=[f"BENCH-{one}" for one in range(GOODS)], hot="BENCH-HOT")
    places, outcomes, guard = count(), Counter[str](), threading.Lock()

    def run(_client: int) -> None:
        client = Client(ours.port)
        while next(places) < number:
            client.forget()
            outcome = buyer.line_by_line(client)
            with guard:
                outcomes[outcome] += 1
        client.close()

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(run, range(clients)))
    return outcomes


def waiting_messages(url: str) -> int:
    """Return how many messages of the outbox are not delivered."""
    with psycopg.connect(url) as session:
        question = "SELECT count(*) FROM common_outboxmessage WHERE done_at IS NULL AND dead_at IS NULL"
        return int((session.execute(question).fetchone() or (0,))[0])


def more(ours: Ours, database: PostgresServer, memory: ValkeyServer, *, number: int, clients: int) -> None:
    """Place orders and print what each cost."""
    with workers_of(ours) as workers:
        place(ours, number=clients * 4, clients=clients)  # warms everything up
        time.sleep(3)
        pids = {"web": [ours.web], "PostgreSQL": [database.pid], "workers": workers, "Redis": [memory.pid]}
        before, cpu = counters(database.url), spent(pids)
        watched = Watched()
        watcher = threading.Thread(target=watched.watch, args=(database.url,))
        watcher.start()
        began = time.perf_counter()
        outcomes = place(ours, number=number, clients=clients)
        seconds = time.perf_counter() - began
        while waiting_messages(database.url):
            time.sleep(0.1)
        told = time.perf_counter() - began
        watched.over.set()
        watcher.join()
        time.sleep(2)  # what sessions count arrives within a second
        after, used = counters(database.url), {name: one - cpu[name] for name, one in spent(pids).items()}
    totals = [(new - old) / number for new, old in zip(after[0], before[0], strict=True)]
    print(f"\n{dict(outcomes)} by {clients} clients in {seconds:.1f} s, {number / seconds:.1f} a second; "
          f"all is told after {told:.1f} s")  # fmt: skip
    print(f"write-ahead log: {totals[0] / 1000:,.1f} kB an order, {totals[1]:.0f} records, {totals[2]:.1f} whole pages")
    print(f"transactions: {totals[3]:.1f} an order; deadlocks: {after[0][4] - before[0][4]}")
    print("CPU ms an order: " + ", ".join(f"{name} {one * 1000 / number:.1f}" for name, one in used.items()))
    print(f"sessions: {watched.most} at most, {watched.active / max(1, watched.samples):.1f} at work, "
          f"{watched.waiting / max(1, watched.active) * 100:.2f} % of those waiting for a row")  # fmt: skip
    rows = {name: (after[1][name] - before[1][name]) / number for name in after[1]}
    print("\n| rows an order (+ new, ~ changed, - deleted) | |\n|---|---|")
    for name, one in sorted(rows.items(), key=lambda row: -row[1]):
        if one >= 0.05:
            print(f"| {name} | {one:.2f} |")
    print(f"| all | {sum(rows.values()):.1f} |")


def seeded(ours: Ours, *, orders: int) -> None:
    """Make the demonstration and so many orders."""
    words: list[Any] = [sys.executable, "manage.py", "seed_demo", "--orders", str(orders), "--seed", "21"]
    subprocess.run(words, cwd=state.ROOT, env=ours.environment, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--orders", type=int, default=20_000)
    asked.add_argument("--more", type=int, default=1_000)
    asked.add_argument("--clients", type=int, default=8)
    asked.add_argument("--weigh", action="store_true", help="weigh what DATABASE_URL has, and place nothing")
    options = asked.parse_args()
    if options.weigh:
        weigh(os.environ["DATABASE_URL"], orders=options.orders)
        return
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="balcao-bench-")))
        database, memory = stack.enter_context(promising_servers(home))
        ours = stack.enter_context(our_shop(Path(sys.executable), database, memory, home))
        seeded(ours, orders=options.orders)
        weigh(database.url, orders=options.orders)
        more(ours, database, memory, number=options.more, clients=options.clients)
        print(f"load: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
