"""What a cart costs: one pure function, used to show a cart, to quote it and to place its order.

Because all three call it, the total a customer agreed to is the total the order computes, to the cent.
`amount_due_now` depends on how one pays: at the counter it is no more than the deposits that are asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from catalog.units import cost
from shop.fees import LateTerms

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class VisitService:
    """One service of a visit, as it is sold."""

    sku: str
    name: str
    price: Decimal
    duration_minutes: int


@dataclass(frozen=True)
class Visit:
    """When a visit is, in the shop's zone, with whom, and what is done."""

    appointment: UUID
    starts_at: datetime
    ends_at: datetime
    timezone: str
    professional_id: UUID
    professional: str
    services: tuple[VisitService, ...]


@dataclass(frozen=True)
class Line:
    """A cart line with today's name, options (name and value) and price, which is that of `price_per` units.

    `held_since`: when its units were first kept. `visit` says more where the line is one, `deposit` what of its price
    is asked when ordering (None: nothing is, and whoever pays from afar pays all of it), `needs_acceptance` whether the
    shop has to accept it first, `discount` what the team takes off it.
    """

    public_id: UUID
    kind: str
    variant_id: int
    sku: str
    name: str
    options: tuple[tuple[str, str], ...]
    quantity: int
    unit: str
    price_per: int
    unit_price: Decimal
    price_seen: Decimal
    claim: UUID
    for_sale: bool
    lead_minutes: int | None
    held_since: datetime | None = None
    held_until: datetime | None = None
    visit: Visit | None = None
    deposit: Decimal | None = None
    needs_acceptance: bool = False
    discount: Decimal = NOTHING

    @property
    def due_now(self) -> Decimal:
        """What of its price has to be paid for the confirmation, before discounts."""
        return self.line_total if self.deposit is None else self.deposit

    @property
    def line_total(self) -> Decimal:
        """The price of all its units, before discounts."""
        return cost(price=self.unit_price, quantity=self.quantity, price_per=self.price_per)


@dataclass(frozen=True)
class Prices:
    """Every figure of a cart or an order, two places each."""

    subtotal: Decimal
    discount: Decimal
    shipping: Decimal
    total: Decimal
    amount_due_now: Decimal


def price(*, lines: Sequence[Line], payment_method: str | None = None) -> Prices:
    """Add up the lines. Of those with a deposit only that is due now, and at the counter nothing but deposits is."""
    subtotal = sum((line.line_total for line in lines), NOTHING)
    discount, shipping = sum((line.discount for line in lines), NOTHING), NOTHING
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


@dataclass(frozen=True)
class Notice:
    """A line that a merge could not keep as it was: `quantity_capped` or `not_held`."""

    code: str
    sku: str
    requested: int
    quantity: int


@dataclass(frozen=True)
class FilledCart:
    """A cart with everything in it, as it stands at one moment; `notices` are those of a merge."""

    public_id: UUID
    status: str
    currency: str
    expires_at: datetime
    lines: tuple[Line, ...]
    notices: tuple[Notice, ...] = ()

    @property
    def prices(self) -> Prices:
        """What is in it, added up."""
        return price(lines=self.lines)


@dataclass(frozen=True)
class Quote:
    """What placing the order would cost, when the goods could be picked up (half-open), what calling off late costs."""

    lines: tuple[Line, ...]
    prices: Prices
    currency: str
    windows: tuple[tuple[datetime, datetime], ...]
    late: LateTerms | None = None
