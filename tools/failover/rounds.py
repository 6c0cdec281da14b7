"""The rounds: the primary is killed and its standby promoted while people buy, and the old one follows the new one."""

import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import median

from devstack import processes
from devstack.errors import StackError
from devstack.standby import Pair
from tools.failover.buyers import Heard, Sale

SELLING = 2.0
NOTICED = 1.0
"""Seconds for which people buy before a primary dies, and until somebody promotes the standby."""

WITHIN = 10.0
"""Seconds from the promote within which somebody must have written."""

PATIENCE = 60.0


@dataclass(frozen=True)
class Round:
    """One failover: instants by `time.monotonic`, seconds, and by which program the old primary became the standby."""

    promoted_at: float
    promoting: float
    to_first_write: float
    away: float
    rebuilding: float
    program: str


@dataclass
class Rounds:
    """All of them."""

    made: list[Round] = field(default_factory=list)

    @property
    def too_slow(self) -> list[str]:
        """Say after which failovers nobody wrote for too long."""
        return [
            f"It took {one.to_first_write:.1f} s from promote {number} to the first write, more than {WITHIN:.0f}."
            for number, one in enumerate(self.made, start=1)
            if one.to_first_write > WITHIN
        ]

    def lost_at(self, lost: list[Sale]) -> dict[int, int]:
        """Return by number of the failover how many of the lost orders were the last before it."""
        return dict(Counter(sum(one.promoted_at < sale.at for one in self.made) + 1 for sale in lost))

    def table(self, *, heard: Heard, lost: int, doubled: int, buyers: int, kind: str) -> str:
        """Return the table of docs/performance.md."""
        programs = ", ".join(f"{program} {times}" for program, times in Counter(o.program for o in self.made).items())
        figures = [
            kind, len(self.made), buyers, f"{len(heard.sales):,}", lost, doubled,
            _span([one.to_first_write for one in self.made]), _span([one.away for one in self.made]),
            f"{_span([one.rebuilding for one in self.made])} ({programs})", f"{heard.answers[503]:,}",
        ]  # fmt: skip
        names = (
            "standby", "failovers", "buyers", "orders acknowledged", "lost", "doubled",
            "promote to first write, s", "kill to first write, s", "old one follows, s", "answers 503",
        )  # fmt: skip
        return "\n".join(
            f"| {' | '.join(str(cell) for cell in row)} |" for row in (names, ["---"] * len(names), figures)
        )


def _span(seconds: list[float]) -> str:
    return f"{median(seconds):.1f}, at most {max(seconds):.1f}"


def fail_over(servers: Pair, *, heard: Heard, behind: float = 0) -> Round:
    """Kill the primary, promote its standby, wait for the first write, let the old one follow. Raises StackError.

    `behind`: seconds for which the standby has heard nothing when the primary dies.
    """
    time.sleep(SELLING)
    if behind:
        servers.standby.kill()
        time.sleep(behind)
    killed_at = time.monotonic()
    servers.primary.kill()
    if behind:
        servers.standby.start()
    time.sleep(NOTICED)
    promoted_at = time.monotonic()
    servers.promote()
    promoting = time.monotonic() - promoted_at
    if not processes.wait_until(lambda: heard.first_write_after(promoted_at) is not None, seconds=PATIENCE):
        raise StackError(f"Nobody could write within {PATIENCE:.0f} s of a promote: {heard.odd[:3]}")
    first = heard.first_write_after(promoted_at) or promoted_at
    rebuilt_at = time.monotonic()
    program = servers.rebuild()
    return Round(
        promoted_at=promoted_at, promoting=promoting, to_first_write=first - promoted_at, away=first - killed_at,
        rebuilding=time.monotonic() - rebuilt_at, program=program,
    )  # fmt: skip
