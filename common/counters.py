"""Counts of what a process sees: requests, refusals, and things that are no error and still worth knowing.

Counting is an addition in memory and nothing else: whatever counts may be doing so because everything else is down.
`common.tallies` tells the counts of all processes to one place from time to time.
"""

import os
import threading
from collections import Counter
from collections.abc import Mapping

Series = tuple[str, ...]
"""What is counted: the name of a family, and one word for each of its labels.

The words come from closed sets, such as the names of routes. What a visitor sent is never among them: it would let
strangers make series without end.
"""

EVENT = "event"
EVENTS = {
    "after_commit_unreachable": "Redis could not be told what a transaction had changed",
    "awaited_sweep_failed": "an awaited Pix of the counter could not be looked at",
    "constraint_judged": "a constraint of the database refused what the rules had let pass",
    "database_busy": "a deadlock or a lock that could not be had in time",
    "display_cache_unreachable": "figures for display were read without Redis",
    "gateway_break": "a payment gateway failed too often and is left alone for a while",
    "gateway_unreachable": "a payment gateway did not answer",
    "hashing_busy": "more passwords at once than a process hashes",
    "internal_error": "an accident that was answered with 500",
    "letters_held_back": "a letter over one of the bounds",
    "lock_busy": "a lease that could not be had in time",
    "lock_degraded": "a use case went on without its lease, because Redis did not answer",
    "lock_lost": "a lease ran out before its work was done; the constraint judged",
    "lock_release_failed": "a lease could not be given back and ran out by itself",
    "money_sweep_failed": "a payment or refund could not be looked after",
    "outbox_failed": "a message of the outbox could not be delivered and is tried again",
    "outbox_given_up": "a message of the outbox is tried no more; `requeue` brings it back",
    "outbox_wake_failed": "no worker could be woken; the sweep delivers",
    "picture_file_left": "the file of a picture could not be deleted",
    "progress_unreachable": "the progress of an import could not be shown",
    "redis_break": "Redis did not answer and is left alone for a few seconds",
    "replica_break": "the replica did not answer and is left alone for a few seconds",
    "replica_failed": "the replica did not answer a read, which the primary was asked instead",
    "throttle_degraded": "a request passed uncounted, because Redis did not answer",
    "unit_of_work_repeated": "a unit of work was run again after a conflict",
}
"""Every name that `increment` is called with, and what it means."""

_counts: Counter[Series] = Counter()
_told: Counter[Series] = Counter()
_guard = threading.Lock()


def increment(name: str, by: int = 1) -> None:
    """Count an event of EVENTS."""
    count((EVENT, name), by=by)


def count(series: Series, by: int = 1) -> None:
    """Add to one count."""
    with _guard:
        _counts[series] += by


def count_all(amounts: Mapping[Series, int]) -> None:
    """Add to several counts at once."""
    with _guard:
        for series, by in amounts.items():
            _counts[series] += by


def read(name: str) -> int:
    """Return how often an event was counted since the process started."""
    return total((EVENT, name))


def total(series: Series) -> int:
    """Return a count since the process started."""
    with _guard:
        return _counts[series]


def untold() -> dict[Series, int]:
    """Return what was counted since it was last told."""
    with _guard:
        return {series: amount - _told[series] for series, amount in _counts.items() if amount != _told[series]}


def told(amounts: Mapping[Series, int]) -> None:
    """Note that amounts which `untold` has returned are known elsewhere."""
    with _guard:
        for series, amount in amounts.items():
            _told[series] += amount


def begin_anew() -> None:
    """Forget all counts and the lock, as a child does with its parent's: that one tells its own."""
    global _guard  # noqa: PLW0603 - of the parent's lock nobody knows whether a thread that is no more held it
    _guard = threading.Lock()
    _counts.clear()
    _told.clear()


os.register_at_fork(after_in_child=begin_anew)
