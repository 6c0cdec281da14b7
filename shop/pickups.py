"""Which pickup windows still have a place: the bound is the shop's rule, and who keeps the promises counts them."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from shop.policy import Policy
from shop.windows import Window, pickup_windows


class Promised(Protocol):
    """What counts the pickups that were promised."""

    def __call__(self, *, now: datetime, but: str) -> Mapping[datetime, int]:
        """Return how many begin at which instant still to come; the order of the number `but` does not count."""
        ...


_promised: list[Promised] = []


def counted_by(promised: Promised) -> None:
    """Name the function that counts the pickups that were promised."""
    _promised[:] = [promised]


def free_windows(*, policy: Policy, now: datetime, lead_minutes: int, but: str = "") -> list[Window]:
    """Return the windows that start no sooner than `lead_minutes` after `now` and have a place, first to last.

    `but`: the number of an order whose own place counts as free. One statement where the shop sets a bound, else none.
    """
    windows = pickup_windows(policy=policy, now=now, lead_minutes=lead_minutes)
    most = policy.max_pickups_per_window
    if not most:
        return windows
    [promised] = _promised
    taken: Counter[datetime] = Counter()
    for at, count in promised(now=now, but=but).items():
        taken[_beginning(windows, at=at)] += count
    return [window for window in windows if taken[window.starts_at] < most]


def without_place(begins: Mapping[int, datetime | None], *, policy: Policy, now: datetime) -> set[int]:
    """Return the keys of the pickups beyond what their window takes; those that come first in `begins` have a place."""
    most = policy.max_pickups_per_window
    if not most:
        return set()
    windows = pickup_windows(policy=policy, now=now, lead_minutes=0)
    taken: Counter[datetime] = Counter()
    beyond = set()
    for key, at in begins.items():
        if at is None:
            continue
        taken[beginning := _beginning(windows, at=at)] += 1
        if taken[beginning] > most:
            beyond.add(key)
    return beyond


def _beginning(windows: Sequence[Window], *, at: datetime) -> datetime:
    """Return when the window begins that a pickup lies in; outside them all it stands for itself."""
    place = bisect_right(windows, at, key=lambda window: window.starts_at) - 1
    return windows[place].starts_at if place >= 0 and at < windows[place].ends_at else at
