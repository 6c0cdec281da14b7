"""What a cart costs: the sums, to the cent."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from math import floor
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cart.pricing import FilledCart, Line, Prices, price

CENTS = st.integers(min_value=0, max_value=9_999_999_999).map(lambda cents: Decimal(cents) / 100)


def line(
    *, unit_price: Decimal, quantity: int = 1, deposit: Decimal | None = None, unit: str = "piece", price_per: int = 1
) -> Line:
    return Line(
        public_id=uuid4(), kind="goods", variant_id=1, sku="X", name="X", options=(), quantity=quantity,
        unit=unit, price_per=price_per, unit_price=unit_price, price_seen=unit_price, claim=uuid4(), for_sale=True, lead_minutes=None, deposit=deposit,
    )  # fmt: skip


@pytest.mark.fault("C20")
@given(st.lists(st.tuples(CENTS, st.integers(min_value=1, max_value=999)), max_size=50))
def test_the_lines_add_up_to_the_total(wanted: list[tuple[Decimal, int]]) -> None:
    lines = [line(unit_price=unit_price, quantity=quantity) for unit_price, quantity in wanted]
    prices = price(lines=lines)
    cents = sum(int(unit_price * 100) * quantity for unit_price, quantity in wanted)
    assert prices.total * 100 == cents
    assert prices.subtotal - prices.discount + prices.shipping == prices.total
    assert prices.total == sum(one.line_total for one in lines)
    assert prices.amount_due_now == prices.total


@pytest.mark.fault("C20")
@given(CENTS, st.integers(min_value=1, max_value=100_000), st.sampled_from([1, 1000]))
def test_what_is_weighed_is_rounded_once(unit_price: Decimal, grams: int, price_per: int) -> None:
    weighed = line(unit_price=unit_price, quantity=grams, unit="g", price_per=price_per)
    exact = Fraction(unit_price) * grams * 100 / price_per
    assert weighed.line_total * 100 == floor(exact + Fraction(1, 2))
    assert price(lines=[weighed] * 3).total == 3 * weighed.line_total


@pytest.mark.parametrize(
    ("grams", "total"),
    [(350, "20.97"), (1, "0.06"), (8, "0.48"), (1000, "59.90"), (250, "14.98"), (100_000, "5990.00")],
)
def test_what_some_grams_cost_of_59_90_a_kilogram(grams: int, total: str) -> None:
    assert line(unit_price=Decimal("59.90"), quantity=grams, unit="g", price_per=1000).line_total == Decimal(total)


@pytest.mark.parametrize(
    ("method", "due"),
    [(None, "30.00"), ("transfer", "30.00"), ("pix", "30.00"), ("card", "30.00"), ("on_site", "10.00")],
)
def test_what_is_due_now_depends_on_how_one_pays(method: str | None, due: str) -> None:
    lines = [line(unit_price=Decimal("20.00")), line(unit_price=Decimal("50.00"), deposit=Decimal("10.00"))]
    assert price(lines=lines, payment_method=method).amount_due_now == Decimal(due)


def test_nothing_costs_nothing() -> None:
    nothing = Decimal("0.00")
    prices = price(lines=[])
    assert prices == Prices(nothing, nothing, nothing, nothing, nothing)
    assert str(prices.subtotal) == str(prices.amount_due_now) == "0.00"


def test_a_line_that_says_no_more_is_goods_that_are_due_whole() -> None:
    plain = Line(
        public_id=uuid4(), kind="goods", variant_id=1, sku="X", name="X", options=(), quantity=2,
        unit="piece", price_per=1, unit_price=Decimal("2.50"), price_seen=Decimal("2.50"), claim=uuid4(), for_sale=True, lead_minutes=None,
    )  # fmt: skip
    assert (plain.held_since, plain.held_until, plain.visit, plain.deposit) == (None, None, None, None)
    assert plain.needs_acceptance is False
    assert plain.due_now == plain.line_total == Decimal("5.00")


def test_a_cart_shows_what_its_lines_cost() -> None:
    lines = (line(unit_price=Decimal("20.00"), quantity=2), line(unit_price=Decimal("0.90")))
    cart = FilledCart(
        public_id=uuid4(), status="open", currency="BRL", expires_at=datetime(2026, 3, 2, tzinfo=UTC), lines=lines
    )
    assert cart.prices == price(lines=lines)
    assert (cart.prices.total, cart.notices) == (Decimal("40.90"), ())
