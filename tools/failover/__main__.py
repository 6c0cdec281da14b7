"""Fail over under load, judge the shop, print the table: `python -m tools.failover [--times N] [--buyers N]`."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from devstack import ports, shop, standby, state, throwaway
from devstack.errors import StackError
from tools.bench.__main__ import GOODS, SEED
from tools.failover.buyers import Heard, buying
from tools.failover.judging import Verdict, judged
from tools.failover.rounds import Rounds, fail_over
from tools.upgrade.releases import Release, Running


def failovers(*, times: int, buyers: int, synchronous: bool = True, behind: float = 0) -> tuple[Rounds, Heard, Verdict]:
    """Fail over so many times and judge the shop; `behind`: see `fail_over`. Raises StackError."""
    rounds, memory = Rounds(), throwaway.valkey()
    with tempfile.TemporaryDirectory(prefix="balcao-failover-") as place:
        try:
            memory.start()
            with standby.pair(synchronous=synchronous) as servers:
                release = _release(servers.url, redis_url=memory.url, var=Path(place))
                release.run("manage.py", "migrate", "--verbosity", "0")
                release.run("manage.py", "sync_roles")
                release.run("-c", SEED)
                servers.wait_for_standby()
                with Running(release) as running:
                    running.serve()
                    running.work()
                    skus = [f"BENCH-{number}" for number in range(GOODS)]
                    with buying(running.place.port, buyers=buyers, skus=skus) as heard:
                        for _number in range(times):
                            rounds.made.append(fail_over(servers, heard=heard, behind=behind))
                    verdict = judged(heard, release=release, shop=running, database_url=servers.primary.url)
        finally:
            memory.destroy()
    return rounds, heard, verdict


def _release(database_url: str, *, redis_url: str, var: Path) -> Release:
    made = shop.environment(
        shop.bare_environment(),
        database_url=database_url,
        redis_url=redis_url,
        place=shop.Place(ports.LOOPBACK, ports.free_port()),
        var=var,
    )
    made |= {f"{name}_THROTTLE": "" for name in ("ANON", "USER", "CHECKOUT")} | {"LOG_LEVEL": "WARNING"}
    return Release("this checkout", state.ROOT, made, var)


def main(words: Sequence[str]) -> int:
    """Fail over, print what was seen and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.failover", description=__doc__)
    parser.add_argument("--times", type=int, default=50, metavar="N", help="failovers; 50")
    parser.add_argument("--buyers", type=int, default=8, metavar="N", help="buyers at a time; 8")
    parser.add_argument("--asynchronous", action="store_true", help="commits do not wait for the standby")
    parser.add_argument(
        "--behind", type=float, default=0, metavar="SECONDS", help="asynchronous: how far the standby is behind"
    )
    asked = parser.parse_args(words)
    if not (asked.times > 0 and 0 < asked.buyers < GOODS):
        parser.error(f"at least one failover, and 1 to {GOODS - 1} buyers")
    if asked.behind and not asked.asynchronous:
        parser.error("a synchronous standby is never behind")
    try:
        rounds, heard, verdict = failovers(
            times=asked.times, buyers=asked.buyers, synchronous=not asked.asynchronous, behind=asked.behind
        )
    except StackError as failure:
        print(failure, file=sys.stderr)
        return 1
    kind = "asynchronous" if asked.asynchronous else "synchronous"
    print(rounds.table(heard=heard, lost=len(verdict.lost), doubled=verdict.doubled, buyers=asked.buyers, kind=kind))
    wrong = verdict.wrong + rounds.too_slow
    if asked.asynchronous:
        print(f"Lost before failover number: {rounds.lost_at(verdict.lost)}; carts lost: {heard.carts_lost}.")
    elif verdict.lost:
        wrong.append(f"{len(verdict.lost)} acknowledged orders are lost: {rounds.lost_at(verdict.lost)}")
    well = "Nothing is there twice" if verdict.lost else "Every acknowledged order is there once"
    print("\n".join(wrong) or f"{well}, and the shop is whole.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
