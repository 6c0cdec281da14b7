"""Which copies stay: the last of each of so many days, weeks and months, and what a point in time needs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

PERIODS = {"daily": "%Y-%m-%d", "weekly": "%G-%V", "monthly": "%Y-%m"}


def kept(moments: Iterable[datetime], *, keep: Mapping[str, int]) -> set[datetime]:
    """Return the moments whose copies stay. The newest always does, whatever `keep` says."""
    newest_first = sorted(moments, reverse=True)
    stay = set(newest_first[:1])
    for period, form in PERIODS.items():
        last_of: dict[str, datetime] = {}
        for moment in newest_first:
            last_of.setdefault(moment.strftime(form), moment)
        stay.update(list(last_of.values())[: keep.get(period, 0)])
    return stay


def kept_for_recovery(moments: Iterable[datetime], *, now: datetime, days: int) -> set[datetime]:
    """Return the moments whose physical copies stay, so that any second of the last days can be reached.

    That takes those within, and the last one before.
    """
    newest_first = sorted(moments, reverse=True)
    horizon = now - timedelta(days=days)
    within = [moment for moment in newest_first if moment > horizon]
    before = [moment for moment in newest_first if moment <= horizon]
    return {*within, *before[:1], *newest_first[:1]}


def needless_segments(names: Iterable[str], *, starts: Sequence[str]) -> list[str]:
    """Return the segments that no recovery begins before, by the names of those at which one would.

    A segment is called after timeline (8 digits) and place (16); places go on from timeline to timeline.
    """
    if not starts:
        return []
    first = min(start[8:24] for start in starts)
    return sorted(name for name in names if len(name.split(".")[0]) == 24 and name[8:24] < first)
