"""What a price becomes: a table of cases, and what holds for every price."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.repricing import ENDINGS, NINETY, STEPS, Repricing, repriced

CASES = [
    ("10.00", "percent", "up", "10", "", "11.00"),
    ("10.00", "percent", "down", "10", "", "9.00"),
    ("0.85", "percent", "up", "5", "", "0.89"),  # 0.8925
    ("0.85", "percent", "up", "10", "", "0.94"),  # 0.935, half up
    ("10.00", "amount", "up", "2.50", "", "12.50"),
    ("10.00", "amount", "down", "2.50", "", "7.50"),
    ("10.00", "percent", "up", "7", "05", "10.70"),
    ("10.02", "amount", "up", "0.01", "05", "10.05"),
    ("10.02", "percent", "up", "0.04", "05", "10.00"),
    ("10.24", "amount", "up", "0.01", "10", "10.30"),  # 10.25, half up
    ("10.25", "amount", "down", "0.01", "10", "10.20"),
    ("10.00", "amount", "up", "0.25", "50", "10.50"),
    ("10.00", "amount", "up", "0.24", "50", "10.00"),
    ("10.00", "amount", "up", "0.50", "00", "11.00"),
    ("10.00", "amount", "up", "0.49", "00", "10.00"),
    ("10.00", "percent", "up", "10", "90", "10.90"),  # 11.00
    ("10.00", "percent", "up", "14", "90", "11.90"),  # 11.40 is as near to both, so up
    ("10.00", "percent", "up", "13.9", "90", "10.90"),
    ("0.30", "percent", "up", "10", "90", "0.90"),
    ("0.30", "percent", "up", "10", "00", "1.00"),
    ("0.30", "percent", "down", "90", "50", "0.50"),
    ("0.01", "percent", "down", "90", "", "0.01"),
    ("10.00", "percent", "down", "100", "90", "0.00"),
    ("10.00", "amount", "down", "10", "", "0.00"),
    ("10.00", "amount", "down", "12", "50", "-2.00"),
    ("0.00", "percent", "up", "10", "90", "0.00"),
]


@pytest.mark.parametrize(("price", "way", "direction", "value", "ending", "expected"), CASES)
def test_a_price_goes_up_or_down_and_ends_as_asked(
    price: str, way: str, direction: str, value: str, ending: str, expected: str
) -> None:
    rule = Repricing(way=way, direction=direction, value=Decimal(value), ending=ending)  # type: ignore[arg-type]
    assert str(repriced(price=Decimal(price), rule=rule)) == expected


prices = st.decimals(min_value="0.01", max_value="99999.99", places=2)


@given(price=prices, value=st.decimals(min_value="0.01", max_value="99.99", places=2), ending=st.sampled_from(ENDINGS))
def test_every_price_ends_as_asked_and_is_the_nearest(price: Decimal, value: Decimal, ending: str) -> None:
    rule = Repricing(way="percent", direction="down", value=value, ending=ending)
    new = repriced(price=price, rule=rule)
    exact = price - price * value / 100
    assert new > 0
    if ending == NINETY:
        assert new % 1 == Decimal("0.90")
        assert abs(new - exact) <= Decimal("0.50") or new == Decimal("0.90")
    else:
        step = STEPS[ending]
        assert new % step == 0
        assert abs(new - exact) <= step / 2 or new == step
