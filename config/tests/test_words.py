"""Code and its tests speak as Django developers do: some words of our own were given up, and none comes back."""

import re
import subprocess
from pathlib import Path

from devstack.state import ROOT

GIVEN_UP = {
    r"\w's doors?\b": "views, or Celery tasks of an app",
    "grammar": "base, types, tables of common",
    "sitter": "permissions, or who asks",
}
"""Each with what is said instead."""


def test_words_that_need_a_glossary_stay_given_up() -> None:
    expression = re.compile("|".join(GIVEN_UP), re.IGNORECASE)
    listed = subprocess.run(["git", "ls-files", "*/*.py"], cwd=ROOT, check=True, capture_output=True, text=True)
    sources = [ROOT / name for name in listed.stdout.splitlines()]
    assert len(sources) > 1000
    found = [
        f"{source.relative_to(ROOT)}:{number}: {line.strip()}"
        for source in sources
        if source != Path(__file__).resolve()
        for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), start=1)
        if expression.search(line)
    ]
    assert found == []
