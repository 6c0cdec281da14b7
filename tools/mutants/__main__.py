"""Mutate the rooms named, or all of them; print what survived and the table of scores.

    python -m tools.mutants [ROOM ...] [--seed 7] [--draw 200] [--write]

`--write` puts the rows into docs/testing.md. Ends with 1 where a room is below 90 %.
"""

import argparse
import sys
from collections.abc import Container, Mapping
from datetime import UTC, datetime

import hypothesis
import pytest

from devstack.state import ROOT
from tools.mutants.mutations import Mutant, drawn, mutants_of
from tools.mutants.rooms import ROOMS, equivalent
from tools.mutants.scores import ENOUGH, Score, table, write
from tools.mutants.session import Judge


def _chosen(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"of {', '.join(ROOMS)}; all of them by default")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--draw", type=int, default=200, help="how many of each room that is not tried whole")
    parser.add_argument("--only", default="", metavar="TEXT", help="only mutants whose name holds this")
    parser.add_argument("--write", action="store_true", help="put the scores into docs/testing.md")
    chosen = parser.parse_args(words)
    if unknown := set(chosen.rooms) - set(ROOMS):
        parser.error(f"no such room: {', '.join(sorted(unknown))}")
    return chosen


def main(words: list[str] | None = None) -> int:
    """Run the command; return how it ends."""
    chosen = _chosen(words)
    rooms = {name: ROOMS[name] for name in chosen.rooms or ROOMS}
    everything = {
        name: [mutant for path in room.sources for mutant in mutants_of(path=path, root=ROOT)]
        for name, room in rooms.items()
    }
    draws = {
        name: drawn(mutants=everything[name], seed=chosen.seed, most=None if room.whole else chosen.draw)
        for name, room in rooms.items()
    }
    same = equivalent()
    tried = {
        name: [mutant for mutant in draw if mutant.key not in same and chosen.only in mutant.key]
        for name, draw in draws.items()
    }

    if not any(tried.values()):
        print(f"No mutant that was drawn has {chosen.only!r} in its name.", file=sys.stderr)
        return 2

    hypothesis.settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
    hypothesis.settings.load_profile("mutants")
    judge = Judge(rooms=rooms, mutants=tried, root=ROOT)
    tests = sorted({path for room in rooms.values() for path in room.tests})
    ended = pytest.main(
        ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--disable-warnings", "-m", "not race", *tests],
        plugins=[judge],
    )
    if judge.trouble or set(judge.seconds) != set(rooms):
        print("\n".join(judge.trouble))
        return 2
    scores = _scores(judge=judge, everything=everything, draws=draws, same=same)
    print("\n".join(table(scores)))
    if chosen.write and not chosen.only:
        write(scores=scores, seed=chosen.seed, day=datetime.now(tz=UTC).date(), root=ROOT)
    return int(bool(ended) or any(score.percent < ENOUGH for score in scores))


def _scores(
    *, judge: Judge, everything: Mapping[str, list[Mutant]], draws: Mapping[str, list[Mutant]], same: Container[str]
) -> list[Score]:
    """Return how many mutants of each room were noticed."""
    return [
        Score(
            room=name,
            mutants=len(everything[name]),
            drawn=len(draws[name]),
            equivalent=sum(mutant.key in same for mutant in draws[name]),
            noticed=sum(verdict.noticed for verdict in verdicts),
            survived=sum(not verdict.noticed for verdict in verdicts),
            seconds=round(judge.seconds[name]),
        )
        for name, verdicts in judge.verdicts.items()
    ]


if __name__ == "__main__":
    sys.exit(main())
