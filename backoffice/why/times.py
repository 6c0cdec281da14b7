"""Starts that are not free, put together to stretches of a day with their reasons in words."""

from collections.abc import Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

from scheduling.selectors import RefusedStart
from scheduling.slots import moment_of
from scheduling.wording import refused_because


def stretches(
    refused: Sequence[RefusedStart], *, minutes: int, zone: ZoneInfo, desk: bool
) -> list[tuple[str, list[str]]]:
    """Return the refused starts put together where they follow each other for the same reasons, in words."""
    groups: list[list[RefusedStart]] = [[one] for one in refused[:1]]
    for before, one in pairwise(refused):
        follows = one.start - before.start == minutes * 60 and one.reasons == before.reasons
        if follows:
            groups[-1].append(one)
        else:
            groups.append([one])
    return [
        (
            _span(group[0].start, group[-1].start, zone=zone),
            [refused_because(why, desk=desk) for why in group[0].reasons],
        )
        for group in groups
    ]


def _span(first: int, last: int, *, zone: ZoneInfo) -> str:
    begins, ends = (moment_of(instant).astimezone(zone) for instant in (first, last))
    return f"{begins:%H:%M}" if first == last else f"{begins:%H:%M}–{ends:%H:%M}"
