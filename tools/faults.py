"""Which faults of docs/faults.md have a test, and which tests name a fault that nobody has described.

    python -m tools.faults [--missing]

Ends with 1 when a number stands on one side alone.
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

from devstack.state import ROOT

DESCRIBED = re.compile(r"^\| ([A-Z]\d+) \| ([^|]+) \|", re.MULTILINE)
MARKED = re.compile(r"""\bfault\("([A-Z]\d+)"\)""")


def described(*, root: Path) -> dict[str, str]:
    """Return what each fault of docs/faults.md is."""
    return dict(DESCRIBED.findall((root / "docs" / "faults.md").read_text()))


def files_by_fault(*, root: Path) -> dict[str, set[str]]:
    """Return, by fault, the test files that name it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in root.glob("*/tests/**/test_*.py"):
        for number in MARKED.findall(path.read_text()):
            found[number].add(str(path.relative_to(root)))
    return dict(found)


def listing(*, root: Path, missing_only: bool = False) -> tuple[list[str], bool]:
    """Return a line per fault and a last one that sums up, and whether both sides agree."""
    texts, covered = described(root=root), files_by_fault(root=root)
    lines = [
        f"{number:<4} {text.strip()}: {', '.join(sorted(covered.get(number, ()))) or 'no test'}"
        for number, text in texts.items()
        if not (missing_only and number in covered)
    ]
    untested, unknown = sorted(set(texts) - set(covered)), sorted(set(covered) - set(texts))
    if untested or unknown:
        return [*lines, f"without a test: {untested or 'none'}; without a description: {unknown or 'none'}"], False
    return [*lines, f"{len(texts)} faults, each with a test"], True


if __name__ == "__main__":
    shown, agreed = listing(root=ROOT, missing_only="--missing" in sys.argv[1:])
    print("\n".join(shown))
    sys.exit(0 if agreed else 1)
