"""What of a price is asked before anything is promised: nothing, a share of it, an amount, or all of it.

Pure. A product says it of goods and a service of visits; whoever works out what is due now asks here, so that it is
the same to the cent wherever it is shown, asked or kept.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from catalog.units import cost
from common.money import money

NOTHING = Decimal("0.00")
WHOLE = 100

Kind = Literal["none", "share", "amount", "all"]


@dataclass(frozen=True)
class Deposit:
    """How much is asked: `percent` of the price, or `amount` for what the price is for; neither asks nothing."""

    percent: int = 0
    amount: Decimal = NOTHING

    @property
    def kind(self) -> Kind:
        """Which of the four it is."""
        if self.amount > 0:
            return "amount"
        if self.percent == 0:
            return "none"
        return "all" if self.percent == WHOLE else "share"

    def of(self, *, price: Decimal, units: int = 1, price_per: int = 1) -> Decimal:
        """Return what is asked of so many units at a price of `price_per`: half up, never more than they cost."""
        if self.amount > 0:
            return cost(price=min(self.amount, price), quantity=units, price_per=price_per)
        return money(cost(price=price, quantity=units, price_per=price_per) * self.percent / WHOLE)


NO_DEPOSIT = Deposit()


def kept_as(*, kind: str, percent: int | None, amount: Decimal | None) -> Deposit:
    """Return the deposit of a kind, from the one figure that the kind is about."""
    if kind == "all":
        return Deposit(percent=WHOLE)
    if kind == "share":
        return Deposit(percent=percent or 0)
    return Deposit(amount=amount or NOTHING) if kind == "amount" else NO_DEPOSIT
