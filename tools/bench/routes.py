"""How long every route of the API and every page of the desk takes in a shop of many orders, and what is too long.

    python -m devstack.isolated -m tools.bench.routes [--orders N] [--rounds N] [--limit MS] [--only TEXT]

On servers of its own, with so many orders of a year (100,000 by itself), as `tools.bench.reports` makes them; with
`--keep DIRECTORY` before `-m` they are made once. The web processes serve it as `make run` does; each request of
`tools.calls` is sent some times, one after the other, over a connection that stands, and its whole answer is read (of
files that are sent while they are read: the first part). Statements, and what PostgreSQL took of the time, are those of
the same request within this process. What is above the limit, which 95 of 100 requests must keep, is measured again
when all others are done, twice at most: a neighbour on the same machine disturbs for minutes, a slow route is slow each
time. Ends with 1 when a route is above it three times, when one is answered otherwise than it should be, and when a
route of the API has no example.
"""

import argparse
import http.client
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import django
from django.apps import apps

from devstack import ports, processes, shop

if not apps.ready:  # in a test they are, and what its process starts has other settings
    os.environ.setdefault("PORT", str(ports.free_port()))
    for _name in ("ANON", "USER", "CHECKOUT", "LOGIN", "REGISTER", "LOOKUP", "WEBHOOK"):
        os.environ.setdefault(f"{_name}_THROTTLE", "")
    for _name in ("URL", "KEY", "SECRET"):
        os.environ.setdefault(f"SANDBOX_{_name}", "http://127.0.0.1:9")  # speaks to us alone, and nobody is asked
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    django.setup()

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from reports.services import keep_days
from shop.services import policy
from tools.bench.__main__ import running
from tools.bench.reports import ORDERS, fill
from tools.calls import Call
from tools.calls.every import calls_named, without_example
from tools.calls.ground import HOST, Ask, Ground, RefusedError

ROUNDS = 20
LIMIT_MS = 200.0
TRIES = 3
"""How often a route is measured until it counts as slow."""


@dataclass(frozen=True)
class Figures:
    """What a call took: half of the requests and 95 of 100 are answered within so many ms; statements, ms in SQL."""

    p50: float
    p95: float
    statements: int
    in_sql: float
    wrong: str = ""


def prepared(orders: int) -> Ground:
    """Make a shop of so many orders as it is after a night, and return it."""
    fill(orders)
    print(f"{keep_days(timezone=policy().timezone, now=clock.now())} days summed", flush=True)
    return Ground()


@contextmanager
def served(var: Path) -> Iterator[http.client.HTTPConnection]:
    """Serve the shop of this process's settings, and give a connection to it."""
    place = shop.Place(ports.LOOPBACK, int(os.environ["PORT"]))
    made = shop.environment(
        os.environ, database_url=os.environ["DATABASE_URL"], redis_url=os.environ["REDIS_URL"], place=place, var=var
    )
    made["BALCAO_VAR"] = str(settings.VAR_DIR)  # the same pictures and the same key as here
    [web, *_others] = shop.services(environment=made, place=place, var=var)
    with running(web.command, made, var / "web.log"):
        if not processes.wait_until(lambda: shop.is_ready(place), seconds=60):
            raise SystemExit((var / "web.log").read_text())
        connected = http.client.HTTPConnection(HOST, place.port, timeout=120)
        yield connected
        connected.close()


def took(wire: http.client.HTTPConnection, ask: Ask, *, ground: Ground, is_file: bool) -> tuple[float, int, bytes]:
    """Send a request; return the ms until its answer was there, its status and its first words."""
    headers = {"Accept": "text/html, */*;q=0.8" if ask.desk else "application/json", **ask.headers}
    if ask.desk:
        key = ground.browser.cookies[settings.SESSION_COOKIE_NAME].value
        headers["Cookie"] = f"{settings.SESSION_COOKIE_NAME}={key}"
    if ask.content is not None:
        headers["Content-Type"] = "application/json"
    wire.close()  # the server hangs up on one that is silent while a call is prepared
    wire.connect()
    began = time.perf_counter()
    wire.request(ask.method, ask.path, body=ask.content, headers=headers)
    answer = wire.getresponse()
    first = answer.read(1) if is_file else answer.read()
    ended = time.perf_counter()
    rest = answer.read()
    return (ended - began) * 1000, answer.status, (first + rest)[:300]


def within(ground: Ground, call: Call) -> tuple[int, float]:
    """Return how many statements a request needs, and how many ms PostgreSQL takes for them."""
    ask = call.make(ground)
    with CaptureQueriesContext(connection) as ran:
        answer = ground.send(ask)
        if answer.streaming:
            next(iter(answer.streaming_content), None)
    return len(ran), sum(float(one["time"]) for one in ran) * 1000


def measured(wire: http.client.HTTPConnection, call: Call, *, ground: Ground, rounds: int) -> Figures:
    """Send a call some times, the first one beside the count."""
    times = []
    try:
        for number in range(rounds + 1):
            ask = call.make(ground)
            ms, status, words = took(wire, ask, ground=ground, is_file=call.is_file)
            if status != ask.status:
                return Figures(0, 0, 0, 0, f"{status} instead of {ask.status}: {words.decode(errors='replace')}")
            times += [ms] if number else []
        counted, in_sql = within(ground, call)
    except (RefusedError, LookupError, OSError) as problem:
        return Figures(0, 0, 0, 0, f"{type(problem).__name__} {problem}")
    p95 = sorted(times)[math.ceil(len(times) * 0.95) - 1]
    return Figures(statistics.median(times), p95, counted, in_sql)


def main() -> int:
    """Fill a shop, measure and print; return the exit code."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--orders", type=int, default=ORDERS)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    asked.add_argument("--limit", type=float, default=LIMIT_MS)
    asked.add_argument("--only", default="", help="measure the calls in whose name this stands")
    options = asked.parse_args()
    if missing := without_example():
        print("No example in tools.calls:", *missing, sep="\n  ", file=sys.stderr)
        return 1
    try:
        above = calls_named(options.only)
    except LookupError as problem:
        asked.error(f"--only: {problem.args[0]}")
    ground, wrong = prepared(options.orders), []
    with tempfile.TemporaryDirectory(prefix="balcao-bench-") as folder, served(Path(folder)) as wire:
        for number in range(TRIES):
            title = "ms" if not number else f"\n{len(above)} of them again"
            print(f"{title:<78}{'p50':>7}{'p95':>7}{'statements':>12}{'in SQL':>8}")
            asked_now, above = above, []
            for call in asked_now:
                found = measured(wire, call, ground=ground, rounds=options.rounds)
                if found.wrong:
                    wrong.append(f"{call.name}: {found.wrong}")
                above += [call] if found.p95 > options.limit else []
                print(f"{call.name:<78}{told(found, limit=options.limit)}", flush=True)
            if not above:
                break
    slow = [call.name for call in above]
    for title, names in ((f"above {options.limit:.0f} ms", slow), ("answered otherwise", wrong)):
        if names:
            print(f"\n{len(names)} {title}:", *names, sep="\n  ")
    return 1 if above or wrong else 0


def told(found: Figures, *, limit: float) -> str:
    """Return figures as a row of the table."""
    if found.wrong:
        return f" {found.wrong[:80]}"
    mark = "  above" if found.p95 > limit else ""
    return f"{found.p50:>7.0f}{found.p95:>7.0f}{found.statements:>12}{found.in_sql:>8.0f}{mark}"


if __name__ == "__main__":
    sys.exit(main())
