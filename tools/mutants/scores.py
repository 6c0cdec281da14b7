"""The table of scores, and its place in docs/testing.md."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ENOUGH = 90.0
END = re.compile(r"^\|---.*(\n\|.*)*", re.MULTILINE)
ROW = re.compile(r"^\| (\w+) \|.*\|$", re.MULTILINE)


@dataclass(frozen=True)
class Score:
    """What came of the mutants of a room."""

    room: str
    mutants: int
    drawn: int
    equivalent: int
    noticed: int
    survived: int
    seconds: int

    @property
    def percent(self) -> float:
        """How many of those that can be noticed were."""
        judged = self.noticed + self.survived
        return 100 * self.noticed / judged if judged else 100.0

    def row(self, *, seed: int, day: date) -> str:
        """Return its line of the table."""
        figures = (self.mutants, self.drawn, self.equivalent, self.noticed, self.survived)
        return f"| {self.room} | {' | '.join(map(str, figures))} | {self.percent:.1f} % | {seed} | {day} |"


def table(scores: Sequence[Score]) -> list[str]:
    """Return the scores as lines for people who wait."""
    return [
        f"{score.room:<10} {score.mutants:>5} mutants, {score.drawn} drawn, {score.equivalent} equivalent,"
        f" {score.noticed} noticed, {score.survived} survived: {score.percent:.1f} % ({score.seconds} s)"
        for score in scores
    ]


def write(*, scores: Sequence[Score], seed: int, day: date, root: Path) -> None:
    """Replace the rows of these rooms in docs/testing.md, or add them."""
    path = root / "docs" / "testing.md"
    rows = {score.room: score.row(seed=seed, day=day) for score in scores}
    text = ROW.sub(lambda found: rows.pop(found[1], found[0]), path.read_text())
    path.write_text(END.sub(lambda found: "\n".join([found[0], *rows.values()]), text, count=1))
