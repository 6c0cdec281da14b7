"""What a price becomes when many are changed at once: by a share or an amount, and as a shop likes to write prices."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from common.money import money

Way = Literal["percent", "amount"]
Direction = Literal["up", "down"]

STEPS = {"": Decimal("0.01"), "05": Decimal("0.05"), "10": Decimal("0.10"), "50": Decimal("0.50"), "00": Decimal(1)}
"""Endings that are whole steps: the next 5, 10 or 50 cents, or the next whole real; none is the next cent."""

NINETY = "90"
ENDINGS = (*STEPS, NINETY)
NINETY_CENTS = Decimal("0.90")


@dataclass(frozen=True)
class Repricing:
    """By how much prices go up or down, and how they end."""

    way: Way
    direction: Direction
    value: Decimal
    ending: str = ""


def repriced(*, price: Decimal, rule: Repricing) -> Decimal:
    """Return what a price becomes, rounded once, half up, to the nearest ending.

    Below nothing where the rule leads there: nobody's price is that, so it is for the caller to refuse. A price that is
    worth something never becomes nothing by rounding alone; it is the smallest one of that ending.
    """
    by = rule.value if rule.way == "amount" else price * rule.value / 100
    exact = price + by if rule.direction == "up" else price - by
    if exact <= 0:
        return money(exact)
    if rule.ending == NINETY:
        return money(max(_nearest(exact + 1 - NINETY_CENTS, step=Decimal(1)) - 1 + NINETY_CENTS, NINETY_CENTS))
    step = STEPS[rule.ending]
    return money(max(_nearest(exact, step=step), step))


def _nearest(amount: Decimal, *, step: Decimal) -> Decimal:
    return (amount / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step
