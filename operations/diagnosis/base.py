"""The types of a probe.

A probe also says what is well, so that a person sees what was looked at.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Level = Literal["ok", "note", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """One thing a probe saw. `remedy` is empty only where nothing needs to be done."""

    level: Level
    what: str
    remedy: str = ""


@dataclass(frozen=True)
class Probe:
    """`look` is given the shop's clock. A probe that `needs_database` is passed over while there is none."""

    name: str
    look: Callable[[datetime], Iterable[Finding]]
    needs_database: bool = True


def age(*, since: datetime, now: datetime) -> str:
    """Return how long ago something was, in the largest unit that says enough."""
    seconds = max(0, round((now - since) / timedelta(seconds=1)))
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
