"""Which faults have a test, which tests name a fault that nobody has described, and which agreed ones are in neither.

    python -m tools.faults [--missing]

Ends with 1 when a number stands on one side alone.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from devstack.state import ROOT

DESCRIBED = re.compile(r"^\| ([A-Z]\d+) \| ([^|]+) \|", re.MULTILINE)
WITHOUT_TEST = "## Agreed, and without a test of ours"
# What was agreed before the shop was built, chapter by chapter: how many faults each has.
AGREED = {"A": 24, "B": 22, "C": 22, "D": 21, "E": 21, "F": 23}
MARKED = re.compile(r"""\bfault\("([A-Z]\d+)"\)""")


def described(*, root: Path) -> tuple[dict[str, str], set[str]]:
    """Return what each fault of docs/faults.md is that a test is to hold, and the numbers that none holds."""
    tested, _heading, others = (root / "docs" / "faults.md").read_text().partition(WITHOUT_TEST)
    return dict(DESCRIBED.findall(tested)), {number for number, _text in DESCRIBED.findall(others)}


def files_by_fault(*, root: Path) -> dict[str, set[str]]:
    """Return, by fault, the test files that name it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in root.glob("*/tests/**/test_*.py"):
        for number in MARKED.findall(path.read_text()):
            found[number].add(str(path.relative_to(root)))
    return dict(found)


def listing(*, root: Path, agreed: Mapping[str, int] = AGREED, missing_only: bool = False) -> tuple[list[str], bool]:
    """Return a line per fault and a last one that sums up, and whether all sides agree."""
    texts, without = described(root=root)
    covered = files_by_fault(root=root)
    lines = [
        f"{number:<4} {text.strip()}: {', '.join(sorted(covered.get(number, ()))) or 'no test'}"
        for number, text in texts.items()
        if not (missing_only and number in covered)
    ]
    everything = {f"{chapter}{number + 1}" for chapter, most in agreed.items() for number in range(most)}
    wrong = {
        "without a test": set(texts) - set(covered),
        "without a description": set(covered) - set(texts),
        "forgotten": everything - set(texts) - without,
    }
    if any(wrong.values()):
        return [*lines, "; ".join(f"{what}: {sorted(numbers)}" for what, numbers in wrong.items() if numbers)], False
    return [*lines, f"{len(texts)} faults, each with a test; {len(without)} without one, for a reason"], True


if __name__ == "__main__":
    shown, agreed = listing(root=ROOT, missing_only="--missing" in sys.argv[1:])
    print("\n".join(shown))
    sys.exit(0 if agreed else 1)
