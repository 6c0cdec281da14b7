"""Which faults of docs/faults.md have a test, and which tests name a fault that nobody has described."""

import re
from argparse import ArgumentParser
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

DESCRIBED = re.compile(r"^\| ([A-Z]\d+) \| ([^|]+) \|", re.MULTILINE)
MARKED = re.compile(r"""\bfault\("([A-Z]\d+)"\)""")


class Command(BaseCommand):
    """Compares the numbers described with the numbers that tests carry."""

    help = "List the faults of docs/faults.md and the tests that cover them; exit 1 when the two disagree."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read whether every fault is to be listed."""
        parser.add_argument("--missing", action="store_true", help="only what has no test or no description")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line per fault. Raises CommandError when a number stands on one side alone."""
        root = Path(settings.BASE_DIR)
        described = dict(DESCRIBED.findall((root / "docs" / "faults.md").read_text()))
        covered = files_by_fault(root=root)
        for number, text in described.items():
            files = sorted(covered.get(number, ()))
            if not (options["missing"] and files):
                self.stdout.write(f"{number:<4} {text.strip()}: {', '.join(files) or 'no test'}")
        untested = sorted(set(described) - set(covered))
        unknown = sorted(set(covered) - set(described))
        if untested or unknown:
            raise CommandError(f"without a test: {untested or 'none'}; without a description: {unknown or 'none'}")
        self.stdout.write(f"{len(described)} faults, each with a test")


def files_by_fault(*, root: Path) -> dict[str, set[str]]:
    """Return, by fault, the test files that name it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in root.glob("*/tests/**/test_*.py"):
        for number in MARKED.findall(path.read_text()):
            found[number].add(str(path.relative_to(root)))
    return dict(found)
