"""Let the shop grow over machines and lose some of them: `python -m tools.machines [--buyers N] [--seconds S]`."""

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from devstack.errors import StackError
from tools.failover.judging import RELAY_WHAT_WAS_TAKEN, WAITING
from tools.machines.doors import left_open
from tools.machines.measuring import Row, table
from tools.machines.network import IP, Machine, clean, machines, milliseconds_between
from tools.machines.site import Site, opened
from tools.machines.steps import gone, steps_of
from tools.outages import premises

SECONDS, BUYERS, MOST_BUYERS, ROUND_TRIP = 20.0, 10, 100, 0.5
AGAIN = 0.05
"""Seconds after which who was interrupted in vain is interrupted again."""


def hindered(*, uid: int, missing: str) -> str:
    """Return in a sentence why this machine cannot make others; nothing where it can."""
    if uid != 0:
        return "Only root may make machines: namespaces and links are the kernel's."
    return f"Not on this machine: {missing} (apt-get install {missing})." if missing else ""


def missing() -> str:
    """Return the packages of Debian's that this machine lacks."""
    return " ".join(filter(None, ("" if IP else "iproute2", premises.missing())))


@contextmanager
def shop_on_machines(*, round_trip: float = ROUND_TRIP) -> Iterator[Site]:
    """Make the machines and open the shop for the length of a block. Raises StackError."""
    if reason := hindered(uid=os.geteuid(), missing=missing()):
        raise StackError(reason)
    with machines(round_trip=round_trip) as (found, is_apart), opened(found) as site:
        print(_apart(found, is_apart=is_apart), flush=True)
        yield site


def lived(site: Site, *, buyers: int, seconds: float) -> tuple[list[Row], list[str]]:
    """Go all the steps; return what was seen, and what is wrong. Raises StackError."""
    rows, wrong = [], []
    for step in steps_of(site):
        row = gone(site, step, buyers=buyers, seconds=seconds)
        rows.append(row)
        print(f"{row.step}: {', '.join(row.wrong[:5]) or 'nothing lost, nothing doubled'}", flush=True)
        wrong += [f"{row.step}: {one}" for one in (*row.wrong, *row.impolite)]
        if step.name == "two web machines":
            wrong += left_open(site)
    return rows, wrong + whole(site)


def whole(site: Site) -> list[str]:
    """Return what is wrong with the shop after all of it, once everything is delivered."""
    site.run("-c", RELAY_WHAT_WAS_TAKEN)
    waiting = site.asked(WAITING)[0][0]
    found = [f"{waiting} messages of the outbox cannot be delivered"] if waiting else []
    try:
        site.run("manage.py", "check_integrity")
    except StackError as failure:
        found.append(str(failure))
    return found


def main(words: Sequence[str]) -> int:
    """Do what the words say, print the table and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.machines", description=__doc__)
    parser.add_argument("--buyers", type=int, default=BUYERS, metavar="N", help=f"at a time; {BUYERS}")
    parser.add_argument("--seconds", type=float, default=SECONDS, metavar="S", help=f"of each step; {SECONDS:.0f}")
    parser.add_argument(
        "--round-trip", type=float, default=ROUND_TRIP, metavar="MS",
        help=f"there and back between two machines, where the kernel can; {ROUND_TRIP}",
    )  # fmt: skip
    parser.add_argument("--clean", action="store_true", help="take away what a run left that was killed")
    asked = parser.parse_args(words)
    if not 0 < asked.buyers <= MOST_BUYERS or asked.seconds <= 0 or asked.round_trip < 0:
        parser.error(f"1 to {MOST_BUYERS} buyers, and time for them")
    end_when_asked()
    try:
        if asked.clean:
            if reason := hindered(uid=os.geteuid(), missing=missing()):
                raise StackError(reason)
            clean()
            return 0
        with shop_on_machines(round_trip=asked.round_trip) as site:
            rows, wrong = lived(site, buyers=asked.buyers, seconds=asked.seconds)
    except StackError as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; nothing is left of it.", file=sys.stderr)
        return 130
    print(table(rows))
    print("\n".join(wrong) or "Every order and visit that was acknowledged is there once, and the shop is whole.")
    return 1 if wrong else 0


def _apart(found: dict[str, Machine], *, is_apart: bool) -> str:
    between = milliseconds_between(found["web1"], asked=found["db1"])
    kept = "as asked" if is_apart else "as near as they are: this kernel delays nothing (netem)"
    return f"Machines are {between:.2f} ms apart, there and back, {kept}."


def end_when_asked() -> None:
    """Raise KeyboardInterrupt when this process is asked to end, once more where it is lost.

    What is raised while a process is forked, by a signal that came meanwhile, is shown and goes nowhere.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    def shown(lost: "sys.UnraisableHookArgs") -> None:
        if lost.exc_type is KeyboardInterrupt:
            signal.setitimer(signal.ITIMER_REAL, AGAIN)
        else:
            sys.__unraisablehook__(lost)

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, interrupt)
    sys.unraisablehook = shown


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
