"""Counts of things that are no error and still worth knowing, such as a lease done without Redis.

Kept in the process: whatever counts them may be doing so because everything else is down.
"""

import threading
from collections import Counter

_counts: Counter[str] = Counter()
_guard = threading.Lock()


def increment(name: str, by: int = 1) -> None:
    """Add to a count."""
    with _guard:
        _counts[name] += by


def read(name: str) -> int:
    """Return a count since the process started."""
    with _guard:
        return _counts[name]


def snapshot() -> dict[str, int]:
    """Return every count since the process started."""
    with _guard:
        return dict(_counts)
