"""Interval algebra: union, subtract, intersect, fit.

A span is a half-open pair of whole seconds since the epoch. Every function takes spans in any order and returns them
sorted, merged and non-empty, so results compare with `==`. Spans that touch become one, because an
evening shift and the night shift that follows it are one stretch of working time.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

Span = tuple[int, int]
Spans = list[Span]


def union(spans: Iterable[Span]) -> Spans:
    """Return the instants in any of the spans. Empty and reversed spans count for nothing."""
    merged: Spans = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def subtract(spans: Iterable[Span], holes: Iterable[Span]) -> Spans:
    """Return the instants in `spans` that are in none of the holes."""
    left: Spans = []
    gaps = union(holes)
    index = 0
    for start, end in union(spans):
        while index < len(gaps) and gaps[index][1] <= start:
            index += 1
        cursor, at = start, index
        while at < len(gaps) and gaps[at][0] < end:
            if gaps[at][0] > cursor:
                left.append((cursor, gaps[at][0]))
            cursor = max(cursor, gaps[at][1])
            at += 1
        if cursor < end:
            left.append((cursor, end))
    return left


def intersect(first: Iterable[Span], second: Iterable[Span]) -> Spans:
    """Return the instants in both."""
    mine, theirs = union(first), union(second)
    common: Spans = []
    i = j = 0
    while i < len(mine) and j < len(theirs):
        start, end = max(mine[i][0], theirs[j][0]), min(mine[i][1], theirs[j][1])
        if start < end:
            common.append((start, end))
        if mine[i][1] <= theirs[j][1]:
            i += 1
        else:
            j += 1
    return common


def fit(spans: Iterable[Span], length: int) -> Spans:
    """Return the instants at which something `length` seconds long may start and end inside one span."""
    return [(start, end - length + 1) for start, end in union(spans) if end - start >= length]


def collide(spans: Iterable[Span], before: int, after: int) -> Spans:
    """Return the starts s for which [s - before, s + after) overlaps one of the spans."""
    return union((start - after + 1, end + before) for start, end in spans if start < end)


def contains(merged: Sequence[Span], instant: int) -> bool:
    """Say whether the instant lies in one of the spans, which must be sorted and merged."""
    index = bisect_right(merged, instant, key=lambda span: span[0]) - 1
    return index >= 0 and instant < merged[index][1]
