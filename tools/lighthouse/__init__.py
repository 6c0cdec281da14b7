"""Lighthouse over the shop window, and how it is asked. Its packages are npm's, in this folder alone.

    python -m tools.lighthouse [http://127.0.0.1:8000]    performance of a shop that runs, the median of five

Accessibility, best practices and search are a step of `.ci/run` (`tools/tests/by_lighthouse.py`); performance depends
on the machine, and is asked for.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from devstack import browser, node
from devstack.errors import StackError
from devstack.window import alone

FOLDER = Path(__file__).parent
FLOOR = 95
CATEGORIES = ("accessibility", "best-practices", "seo")
CLOSED = {("checkout", "seo")}
"""Pages no search engine keeps are not judged by what search engines like."""
PATIENCE = 600

Found = Mapping[str, Mapping[str, Any]]


def install() -> None:
    """Make the folder's `node_modules` match its lock. Raises StackError where the packages cannot be had."""
    stamp = FOLDER / "node_modules" / ".in-step"
    wanted = (FOLDER / "package-lock.json").read_text()
    with alone():
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        try:
            done = node.npm("ci", "--ignore-scripts", *node.QUICK, seconds=PATIENCE, directory=FOLDER)
        except subprocess.TimeoutExpired:
            raise StackError("npm did not get Lighthouse in time.", "Is there a registry that npm can reach?") from None
        if done.returncode != 0:
            raise StackError(
                f"npm cannot get Lighthouse: {done.stderr.strip()[:200]}", "Is there a registry that npm can reach?"
            )
        stamp.write_text(wanted)


def measured(base: str, *, runs: int, categories: Sequence[str]) -> Found:
    """Return the scores of the pages of a running shop, and what cost points. Raises StackError."""
    program = browser.found()
    if program is None:
        raise StackError("There is no Chromium here.", "apt install chromium")
    install()
    done = node.run("audit.mjs", program, base, str(runs), *categories, seconds=PATIENCE, directory=FOLDER)
    if done.returncode != 0:
        raise StackError(f"Lighthouse could not measure: {done.stderr.strip()[-600:]}", "Does the shop answer?")
    found: Found = json.loads(done.stdout)
    return found


def table(found: Found) -> str:
    """Return the median of each score, and below each page what cost points."""
    lines = []
    for page, about in found.items():
        said = ", ".join(f"{name} {median(scores):.0f}" for name, scores in about["scores"].items())
        lines += [f"{page:9} {said}", *(f"          {one}" for one in about["lost"])]
    return "\n".join(lines)


def below(found: Found, *, floor: int = FLOOR) -> list[str]:
    """Return what is worse than it may be."""
    return [
        f"{page}: {name} {median(scores):.0f}"
        for page, about in found.items()
        for name, scores in about["scores"].items()
        if median(scores) < floor and (page, name) not in CLOSED
    ]
