"""Take the parts of a shop away, one after the other: `python -m tools.outages [--away SECONDS] [PART...]`."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from devstack import processes
from devstack.errors import StackError
from tools.outages import judging
from tools.outages.buyers import BUYERS, Heard, buying
from tools.outages.judging import Readiness
from tools.outages.parts import Part, parts_of
from tools.outages.premises import Premises, opened, wait

BEFORE, AFTER = 4.0, 3.0
"""Seconds in which people buy before a part goes, and in which nobody is in trouble once all is well."""

WHOLE = "200 ok"
STARTS = 60.0
"""Seconds in which workers that were just started show that they live."""

WELL = 280.0
"""Seconds after which nobody waits any longer for all to be well; a worker's claim on letters takes 160."""


HEADS = (
    "part", "away, s", "answers", "of them 503", "no answer", "slowest, s", "`/health/ready/`", "well again, s",
    "all delivered, s", "lost or doubled",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """What came of a part that was away."""

    part: str
    away: float
    statuses: Counter[int]
    slowest: float
    impolite: Counter[str]
    readiness: list[str]
    doctor: dict[str, str]
    well: float
    delivered: float
    doubled: int
    overtaken: int
    wrong: list[str]
    sold: str


def taken_away(premises: Premises, part: Part, *, usual: dict[str, str], buyers: int = BUYERS) -> Row:
    """Take a part away under buyers, bring it back, and judge."""
    doubled, overtaken = judging.letters_doubled(premises), judging.letters_overtaken(premises)
    part.before()
    with judging.watching(premises.asked_at) as readiness:
        processes.wait_until(lambda: readiness.now == WHOLE, seconds=STARTS)
        with buying(premises.front, buyers=buyers) as heard:
            wait(BEFORE)
            left = time.monotonic()
            part.goes()
            wait(1)
            wrong = part.tried()
            found = judging.doctor(premises)
            wait(max(0.0, part.away - (time.monotonic() - left)))
            part.comes_back()
            back = time.monotonic()
            well = _well(heard, readiness, back=back)
        processes.wait_until(lambda: not judging.waiting(premises, heard), seconds=WELL, every=0.5)
        delivered = time.monotonic() - back
        said = readiness.since(left)
    saw = heard.since(left)
    doubled = judging.letters_doubled(premises) - doubled
    wrong += judging.too_many_doubled(doubled)
    wrong += [f"not well again after {well:.0f} s"] if well >= WELL else []
    return Row(
        part=part.name, away=back - left, statuses=heard.statuses(left),
        slowest=max((one.took for one in saw), default=0.0),
        impolite=Counter(f"{one.status} {one.what}" for one in saw if one.is_impolite and one.status),
        readiness=said, doctor={name: what for name, what in found.items() if what != usual.get(name)},
        well=well, delivered=delivered, doubled=doubled,
        overtaken=judging.letters_overtaken(premises) - overtaken,
        wrong=wrong + part.after() + judging.wrong_with(premises, heard),
        sold=f"{_done(heard.orders)} orders, {_done(heard.visits)} visits, {len(heard.paid)} payments",
    )  # fmt: skip


def _well(heard: Heard, readiness: Readiness, *, back: float) -> float:
    """Wait until nobody is in trouble and readiness says ok; return how long after the part's return that was."""

    def trouble() -> float:
        asked = [one.at for one in heard.since(back) if one.is_trouble]
        said = [at for at, what in list(readiness.said) if at >= back and what != WHOLE]
        return max([back, *asked, *said])

    processes.wait_until(
        lambda: readiness.now == WHOLE and time.monotonic() - trouble() > AFTER, seconds=WELL, every=0.2
    )
    return trouble() - back


def _done(wanted: dict[str, str]) -> int:
    return sum(bool(one) for one in wanted.values())


def table(rows: Sequence[Row]) -> str:
    """Return the rows as they stand in docs/operations/outages.md."""
    lines = [f"| {' | '.join(HEADS)} |", "|" + "---|" * len(HEADS)]
    for row in rows:
        odd = "" if not row.impolite else f", impolite: {dict(row.impolite)}"
        lost = "; ".join(row.wrong) or "nothing"
        letters = f"; letters that came twice: {row.doubled}" if row.doubled else ""
        letters += f"; letters overtaken: {row.overtaken}" if row.overtaken else ""
        said = "; ".join(one for one in row.readiness if one != WHOLE) or "ok"
        lines.append(
            f"| {row.part} | {row.away:.0f} | {row.statuses.total()} | {row.statuses[503]}{odd} | {row.statuses[0]}"
            f" | {row.slowest:.1f} | {said} | {row.well:.0f} | {row.delivered:.0f} | {lost}{letters} |"
        )
    return "\n".join(lines)


def main(words: Sequence[str]) -> int:
    """Do what the words say, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.outages", description=__doc__)
    parser.add_argument("--away", type=float, help="seconds that each part stays away")
    parser.add_argument("parts", nargs="*", help="which; all of them where none is named")
    chosen = parser.parse_args(words)
    rows = []
    try:
        with opened() as premises:
            known = parts_of(premises)
            if unknown := set(chosen.parts) - {one.name for one in known}:
                raise StackError(f"Unknown here: {', '.join(unknown)}.", ", ".join(one.name for one in known))
            usual = judging.doctor(premises)
            for part in known:
                if not chosen.parts or part.name in chosen.parts:
                    wanted = replace(part, away=chosen.away) if chosen.away else part
                    rows.append(taken_away(premises, wanted, usual=usual))
                    _tell(rows[-1])
    except StackError as failure:
        print(failure, file=sys.stderr)
        return 1
    print(table(rows))
    return 1 if any(row.wrong or row.impolite for row in rows) else 0


def _tell(row: Row) -> None:
    """Print what was seen, as it comes."""
    print(f"{row.part}: {row.sold}; {dict(row.statuses)}, slowest {row.slowest:.1f} s", flush=True)
    print(f"  well again after {row.well:.1f} s, everything delivered after {row.delivered:.1f} s", flush=True)
    for what in (*row.readiness, *(f"doctor, {name}: {said}" for name, said in row.doctor.items())):
        print(f"  {what}", flush=True)
    print(f"  letters: {row.doubled} came twice, {row.overtaken} overtaken by later ones", flush=True)
    for odd in (*row.impolite, *row.wrong):
        print(f"  WRONG {odd}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
