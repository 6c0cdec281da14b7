"""Which combinations a visit has, and that their price and length are spread over it without a rest."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.combining import Combined, found_in, lengths_with, prices_with

CUT, BEARD, BROW, WASH = 1, 2, 3, 4


def combined(*services: int, price: str = "70.00", minutes: int = 45, pk: int = 1) -> Combined:
    return Combined(pk=pk, services=frozenset(services), price=Decimal(price), minutes=minutes)


CUT_AND_BEARD = combined(CUT, BEARD)
BEARD_AND_BROW = combined(BEARD, BROW, price="45.00", pk=2)
ALL_THREE = combined(CUT, BEARD, BROW, price="90.00", pk=3)


@pytest.mark.parametrize(
    ("visit", "offered", "expected"),
    [
        ([CUT], [CUT_AND_BEARD], []),
        ([CUT, BROW], [CUT_AND_BEARD], []),
        ([CUT, BEARD], [CUT_AND_BEARD], [(1, (0, 1))]),
        ([BEARD, CUT], [CUT_AND_BEARD], [(1, (0, 1))]),
        ([BROW, BEARD, WASH, CUT], [CUT_AND_BEARD], [(1, (1, 3))]),
        ([CUT, BEARD, BROW], [CUT_AND_BEARD, ALL_THREE], [(3, (0, 1, 2))]),
        ([CUT, BEARD, BROW], [CUT_AND_BEARD, BEARD_AND_BROW], [(2, (1, 2))]),
        ([CUT, BEARD, CUT, BEARD], [CUT_AND_BEARD], [(1, (0, 1)), (1, (2, 3))]),
        ([CUT, BEARD, CUT], [CUT_AND_BEARD], [(1, (0, 1))]),
        ([CUT, BEARD, BROW, BEARD, CUT], [CUT_AND_BEARD, ALL_THREE], [(3, (0, 1, 2)), (1, (3, 4))]),
        ([CUT, BEARD], [combined(CUT, BEARD, pk=8), combined(CUT, BEARD, pk=7)], [(7, (0, 1))]),
    ],
)
def test_the_largest_counts_first_then_the_cheaper_then_the_older(
    visit: list[int], offered: list[Combined], expected: list[tuple[int, tuple[int, ...]]]
) -> None:
    found = found_in(services=visit, combinations=offered)
    assert [(one.combination.pk, one.places) for one in found] == expected


def test_what_is_left_over_counts_for_itself() -> None:
    found = found_in(services=[BROW, CUT, BEARD], combinations=[CUT_AND_BEARD])
    prices = prices_with(prices=[Decimal("20.00"), Decimal("50.00"), Decimal("35.00")], found=found)
    assert [str(price) for price in prices] == ["20.00", "41.18", "28.82"]
    assert lengths_with(lengths=[15, 30, 30], found=found) == (15, 23, 22)


def test_what_costs_nothing_for_itself_bears_its_part_like_the_others() -> None:
    found = found_in(services=[CUT, BEARD], combinations=[CUT_AND_BEARD])
    assert prices_with(prices=[Decimal("0.00"), Decimal("0.00")], found=found) == (Decimal("35.00"), Decimal("35.00"))


SERVICES = st.integers(min_value=1, max_value=8)
CENTS = st.integers(min_value=0, max_value=9_999_999_999).map(lambda cents: Decimal(cents) / 100)


@st.composite
def combinations(draw: st.DrawFn) -> list[Combined]:
    sets = draw(st.lists(st.frozensets(SERVICES, min_size=2, max_size=8), max_size=6, unique=True))
    return [
        Combined(pk=pk, services=one, price=draw(CENTS), minutes=draw(st.integers(min_value=8, max_value=1440)))
        for pk, one in enumerate(sets)
    ]


@given(
    visit=st.lists(st.tuples(SERVICES, CENTS, st.integers(min_value=5, max_value=1440)), min_size=1, max_size=10),
    offered=combinations(),
)
def test_prices_and_lengths_add_up_to_those_of_the_combinations_and_the_rest(
    visit: list[tuple[int, Decimal, int]], offered: list[Combined]
) -> None:
    services, own_prices, own_lengths = (list(column) for column in zip(*visit, strict=True))
    found = found_in(services=services, combinations=offered)
    prices = prices_with(prices=own_prices, found=found)
    lengths = lengths_with(lengths=own_lengths, found=found)
    inside = [place for one in found for place in one.places]
    rest = set(range(len(visit))) - set(inside)
    assert len(inside) == len(set(inside))
    assert all(Counter(services[place] for place in one.places) == Counter(one.combination.services) for one in found)
    assert not [one for one in offered if one.services <= {services[place] for place in rest}]
    assert sum(prices) == sum(one.combination.price for one in found) + sum(own_prices[place] for place in rest)
    assert sum(lengths) == sum(one.combination.minutes for one in found) + sum(own_lengths[place] for place in rest)
    assert all(price >= 0 and price == round(price, 2) for price in prices)
    assert min(lengths) >= 1
    assert all((prices[place], lengths[place]) == (own_prices[place], own_lengths[place]) for place in rest)
