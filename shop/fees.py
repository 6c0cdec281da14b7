"""What calling something off late, or not coming, costs: the terms of the day, and the fee of one line of an order.

Pure. The terms are kept with every order as they were when it was placed; a shop that asks no fee keeps none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from common.money import money
from shop.policy import Policy

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class LateTerms:
    """What is kept at most of what was paid, and how many minutes before pickup and visit calling off gets late."""

    fee: Decimal
    order_minutes: int
    visit_minutes: int


def terms_shown(*, policy: Policy) -> dict[str, int | str]:
    """Return the shop's terms that an order keeps as they were when it was placed; of a fee only if one is asked."""
    terms: dict[str, int | str] = {
        "cancel_cutoff_minutes": policy.cancel_cutoff_minutes,
        "visit_cutoff_minutes": policy.appointment_cancel_cutoff_minutes,
        "pickup_grace_hours": policy.pickup_grace_hours,
        "timezone": policy.timezone,
    }
    if policy.late_fee != "none":
        terms["late_fee"] = policy.late_fee
    if policy.late_fee == "share":
        terms["late_fee_percent"] = policy.late_fee_percent
    return terms


def late_terms(*, terms: Mapping[str, Any], lines: Iterable[tuple[Decimal, Decimal]]) -> LateTerms | None:
    """Return what calling lines off late costs on these terms, each a total and its deposit; None: nothing."""
    fee = sum((agreed_fee(terms=terms, line_total=total, deposit=deposit) for total, deposit in lines), NOTHING)
    if fee == 0:
        return None
    return LateTerms(fee=fee, order_minutes=terms["cancel_cutoff_minutes"], visit_minutes=terms["visit_cutoff_minutes"])


def agreed_fee(*, terms: Mapping[str, Any], line_total: Decimal, deposit: Decimal) -> Decimal:
    """Return what a line costs if it is called off late or nobody comes: never more than its price."""
    kind = terms.get("late_fee", "none")
    if kind == "share":
        return money(line_total * int(terms["late_fee_percent"]) / 100)
    return min(deposit, line_total) if kind == "deposit" else NOTHING
