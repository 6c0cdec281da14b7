"""The interval algebra against sets of whole numbers."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.slots import Span, Spans, collide, contains, fit, intersect, subtract, union

SPAN = st.tuples(st.integers(-40, 40), st.integers(-40, 40))
SPANS = st.lists(SPAN, max_size=8)


def points(spans: list[Span]) -> set[int]:
    return {instant for start, end in spans for instant in range(start, end)}


def tidy(spans: Spans) -> bool:
    return all(start < end for start, end in spans) and all(before[1] < after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize(
    ("given_spans", "expected"),
    [
        ([], []),
        ([(1, 3), (3, 5)], [(1, 5)]),
        ([(4, 6), (1, 2)], [(1, 2), (4, 6)]),
        ([(1, 9), (2, 3)], [(1, 9)]),
        ([(5, 5), (7, 6)], []),
    ],
)
def test_union_of(given_spans: Spans, expected: Spans) -> None:
    assert union(given_spans) == expected


@pytest.mark.parametrize(
    ("spans", "holes", "expected"),
    [
        ([(0, 10)], [(3, 4)], [(0, 3), (4, 10)]),
        ([(0, 10)], [(0, 10)], []),
        ([(0, 10)], [(-5, 2), (8, 20)], [(2, 8)]),
        ([(0, 2), (4, 6)], [(1, 5)], [(0, 1), (5, 6)]),
        ([(0, 10)], [(10, 12)], [(0, 10)]),
    ],
)
def test_subtraction_of(spans: Spans, holes: Spans, expected: Spans) -> None:
    assert subtract(spans, holes) == expected


@pytest.mark.parametrize(
    ("spans", "length", "expected"),
    [
        ([(0, 10)], 10, [(0, 1)]),
        ([(0, 10)], 11, []),
        ([(0, 4), (4, 10)], 6, [(0, 5)]),
        ([(0, 4), (5, 9)], 4, [(0, 1), (5, 6)]),
    ],
)
def test_a_length_fits_only_inside_one_stretch(spans: Spans, length: int, expected: Spans) -> None:
    assert fit(spans, length) == expected


@given(SPANS, SPANS)
def test_algebra_is_that_of_sets(first: Spans, second: Spans) -> None:
    assert points(union(first)) == points(first)
    assert points(subtract(first, second)) == points(first) - points(second)
    assert points(intersect(first, second)) == points(first) & points(second)
    assert all(tidy(spans) for spans in (union(first), subtract(first, second), intersect(first, second)))


@given(SPANS, st.integers(1, 20))
def test_fit_is_every_start_whose_whole_length_lies_inside(spans: Spans, length: int) -> None:
    inside = points(spans)
    assert points(fit(spans, length)) == {s for s in inside if all(s + i in inside for i in range(length))}


@given(SPANS, st.integers(0, 10), st.integers(1, 10))
def test_collide_is_every_start_whose_stretch_meets_a_span(spans: Spans, before: int, after: int) -> None:
    meets = {s for s in range(-60, 61) if points([(s - before, s + after)]) & points(spans)}
    assert points(collide(spans, before, after)) == meets


@given(SPANS, st.integers(-45, 45))
def test_contains_agrees_with_the_points(spans: Spans, instant: int) -> None:
    assert contains(union(spans), instant) == (instant in points(spans))
