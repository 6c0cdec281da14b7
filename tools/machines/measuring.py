"""What buyers saw in a step, what it cost, and how far the standby was behind."""

import statistics
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from config.tests.pooled_shop import DATABASE
from devstack.standby import STANDBY
from tools.machines.site import Site
from tools.outages.buyers import Answer, Heard

LOOKS_EVERY = 0.1
HEADS = (
    "step", "requests a second", "p95, ms", "slowest, s", "CPU ms a request: web", "PostgreSQL", "all", "503",
    "no answer", "other", "orders and visits", "lost or doubled", "standby behind, ms", "well again, s",
)  # fmt: skip
_BEHIND = "SELECT extract(epoch FROM replay_lag) * 1000 FROM pg_stat_replication WHERE application_name = %s"
_DONE = "SELECT xact_commit FROM pg_stat_database WHERE datname = %(name)s"


@dataclass(frozen=True)
class Row:
    """A step: `lag` in milliseconds, each time that the standby had just followed something.

    `cpu`: milliseconds for each answer, of the web, of PostgreSQL and of everything that serves. `read`: which share
    of PostgreSQL's transactions were the standby's. `well`: seconds after a machine's return in which somebody still
    had to ask twice; None where none was away.
    """

    step: str
    seconds: float
    answers: Sequence[Answer]
    done: int
    wrong: Sequence[str]
    lag: Sequence[float] = ()
    cpu: dict[str, float] = field(default_factory=dict)
    read: float = 0.0
    well: float | None = None

    @property
    def impolite(self) -> list[str]:
        """Which answers no shop should give: no 503 with Retry-After, and no refusal that makes sense."""
        return [f"{one.status} {one.what}" for one in self.answers if one.status and one.is_impolite]

    def cells(self) -> list[str]:
        """Return it as a line of the table."""
        statuses = Counter(one.status for one in self.answers)
        odd = len(self.impolite) + statuses[429]
        took = sorted(one.took for one in self.answers if one.status) or [0.0]
        cpu = [f"{self.cpu[part]:.1f}" if part in self.cpu else "" for part in ("web", "PostgreSQL", "all")]
        return [
            self.step, f"{len(self.answers) / self.seconds:.0f}", f"{took[int(len(took) * 0.95)] * 1000:.0f}",
            f"{max(one.took for one in self.answers):.1f}", *cpu, str(statuses[503]), str(statuses[0]), str(odd),
            str(self.done), str(len(self.wrong)),
            f"{statistics.median(self.lag):.1f}, at most {max(self.lag):.0f}" if self.lag else "",
            "" if self.well is None else f"{self.well:.0f}",
        ]  # fmt: skip


def table(rows: Sequence[Row]) -> str:
    """Return the rows as they stand in docs/scale.md."""
    lines = [HEADS, ["---"] * len(HEADS), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def told(heard: Heard) -> int:
    """Return how many orders and visits were acknowledged."""
    return sum(bool(name) for wanted in (heard.orders, heard.visits) for name in wanted.values())


def transactions(site: Site) -> tuple[int, int]:
    """Return how many transactions the primary and its standby have had so far."""
    both = (site.servers.primary, site.servers.standby)
    primary, standby = (int(node.asked(_DONE, name=DATABASE)) for node in both)
    return primary, standby


@contextmanager
def lagging(site: Site) -> Iterator[list[float]]:
    """Look again and again how far the standby is behind, for the length of a block."""
    found: list[float] = []
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(LOOKS_EVERY):
            try:
                with psycopg.connect(
                    site.servers.primary.url, autocommit=True, connect_timeout=2, tcp_user_timeout=2000
                ) as connection:
                    while not is_over.wait(LOOKS_EVERY):
                        rows = connection.execute(_BEHIND, [STANDBY])
                        found.extend(float(ms) for (ms,) in rows if ms is not None)
            except psycopg.OperationalError:
                continue  # the machine is cut off

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield found
    finally:
        is_over.set()
        watcher.join(5)
