"""What calling off late costs: the terms an order keeps, and the fee to the cent."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.fees import LateTerms, agreed_fee, late_terms, terms_shown
from shop.policy import DEFAULTS

AMOUNTS = st.integers(min_value=0, max_value=9_999_999_999).map(lambda cents: Decimal(cents) / 100)
TERMS: dict[str, dict[str, Any]] = {
    "none": {},
    "deposit": {"late_fee": "deposit"},
    "share": {"late_fee": "share", "late_fee_percent": 33},
}


@pytest.mark.parametrize("kind", TERMS)
def test_an_order_keeps_only_what_was_asked(kind: str) -> None:
    shown = terms_shown(policy=replace(DEFAULTS, late_fee=kind, late_fee_percent=33))
    assert {name: value for name, value in shown.items() if name.startswith("late_fee")} == TERMS[kind]
    assert (shown["cancel_cutoff_minutes"], shown["visit_cutoff_minutes"]) == (60, 60)


@given(total=AMOUNTS, deposit=AMOUNTS, percent=st.integers(min_value=1, max_value=100))
def test_it_is_whole_cents_and_never_more_than_the_price(total: Decimal, deposit: Decimal, percent: int) -> None:
    share = agreed_fee(terms={"late_fee": "share", "late_fee_percent": percent}, line_total=total, deposit=deposit)
    assert share == (total * percent / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert 0 <= share <= total
    assert share + (total - share) == total
    assert agreed_fee(terms={"late_fee": "deposit"}, line_total=total, deposit=deposit) == min(total, deposit)
    assert agreed_fee(terms={}, line_total=total, deposit=deposit) == 0


@pytest.mark.parametrize(
    ("kind", "fee"), [("none", None), ("deposit", Decimal("12.50")), ("share", Decimal("16.50") + Decimal("0.00"))]
)
def test_the_fees_of_the_lines_add_up(kind: str, fee: Decimal | None) -> None:
    terms = TERMS[kind] | {"cancel_cutoff_minutes": 90, "visit_cutoff_minutes": 30}
    found = late_terms(terms=terms, lines=[(Decimal("50.00"), Decimal("12.50")), (Decimal("0.01"), Decimal("0.00"))])
    assert found == (LateTerms(fee=fee, order_minutes=90, visit_minutes=30) if fee is not None else None)
