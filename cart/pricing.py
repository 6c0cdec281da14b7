"""What a cart costs: one pure function, used to show a cart, to quote it and to place its order.

Because all three call it, the total a customer agreed to is the total the order computes, to the cent.
`amount_due_now` depends on how one pays: at the counter it is no more than the deposits that services ask.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Line:
    """A cart line with today's name, options and price.

    `visit` is the visit's document where the line is one, `deposit` what of its price is due when ordering (None: all
    of it), `needs_acceptance` whether the shop has to accept it first.
    """

    public_id: UUID
    kind: str
    variant_id: int
    sku: str
    name: str
    options: list[dict[str, str]]
    quantity: int
    unit_price: Decimal
    price_seen: Decimal
    claim: UUID
    for_sale: bool
    lead_minutes: int | None
    held_until: datetime | None = None
    visit: dict[str, Any] | None = None
    deposit: Decimal | None = None
    needs_acceptance: bool = False

    @property
    def due_now(self) -> Decimal:
        """What of its price has to be paid for the confirmation, before discounts."""
        return self.line_total if self.deposit is None else self.deposit

    @property
    def line_total(self) -> Decimal:
        """The price of all its units, before discounts."""
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class Prices:
    """Every figure of a cart or an order, two places each."""

    subtotal: Decimal
    discount: Decimal
    shipping: Decimal
    total: Decimal
    amount_due_now: Decimal


def price(*, lines: Sequence[Line], payment_method: str | None = None) -> Prices:
    """Add up the lines. Of visits with a deposit only that is due now, and at the counter nothing but deposits is."""
    subtotal = sum((line.line_total for line in lines), NOTHING)
    discount = shipping = NOTHING
    total = subtotal - discount + shipping
    if payment_method == "on_site":
        due = sum((line.deposit or NOTHING for line in lines), NOTHING)
    else:
        due = sum((line.due_now for line in lines), NOTHING) + shipping
    return Prices(
        subtotal=subtotal,
        discount=discount,
        shipping=shipping,
        total=total,
        amount_due_now=min(total, due),
    )
