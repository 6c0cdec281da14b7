"""What whoever stands behind the counter says, and what they are told. Plain values, no rules."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True)
class Goods:
    """So many of a SKU, in its unit: pieces, g or ml."""

    sku: str
    quantity: int


@dataclass(frozen=True)
class SeatedVisit:
    """A visit that is in the agenda, booked directly or of an order."""

    appointment: UUID


@dataclass(frozen=True)
class WalkIn:
    """Services done now without an appointment: each SKU with its professional (None: whoever is free).

    The services of one professional become one visit. `force`: the reason for which it begins although their time is
    not free.
    """

    services: tuple[tuple[str, UUID | None], ...]
    force: str = ""


@dataclass(frozen=True)
class Discount:
    """What is taken off, as an amount or in per cent (`kind`), and why."""

    kind: str
    value: Decimal
    reason: str


@dataclass(frozen=True)
class Tendered:
    """A part of the payment. `received`: the cash handed over for it; None: exactly the amount."""

    tender: str
    amount: Decimal
    received: Decimal | None = None

    @property
    def change(self) -> Decimal:
        """What goes back at once."""
        return Decimal("0.00") if self.received is None else self.received - self.amount


@dataclass(frozen=True)
class Tip:
    """What is given beside the price, for one professional, and as what it is handed over."""

    professional: UUID
    tender: str
    amount: Decimal


@dataclass(frozen=True)
class Sale:
    """Everything that is said about a sale. `expected_total`: the total that whoever pays was shown.

    `tips` are given beside the payments, and are in no total.
    """

    goods: tuple[Goods, ...] = ()
    visits: tuple[SeatedVisit, ...] = ()
    walk_ins: tuple[WalkIn, ...] = ()
    discount: Discount | None = None
    customer: UUID | None = None
    name: str = ""
    phone: str = ""
    document: str = ""
    note: str = ""
    expected_total: Decimal | None = None
    payments: tuple[Tendered, ...] = ()
    tips: tuple[Tip, ...] = ()


@dataclass(frozen=True)
class PricedLine:
    """A line of a sale and what it costs.

    `kind`: goods, visit, walk_in, booking for a visit of another time, or order for a visit that is in an order of its
    own, which is paid whole: `order` is its number. `available`: how many can be had of goods, None of time. `prices`:
    of each service of a walk-in or a booking, in the order in which they were named.
    """

    kind: str
    sku: str
    name: str
    options: tuple[tuple[str, str], ...]
    quantity: int
    unit: str
    price_per: int
    unit_price: Decimal
    discount: Decimal
    total: Decimal
    available: int | None = None
    appointment: UUID | None = None
    professional: str = ""
    order: str = ""
    prices: tuple[Decimal, ...] = ()


@dataclass(frozen=True)
class PricedSale:
    """What a sale comes to. `already_paid`: deposits; `discount_limit`: what may be taken off, None: anything."""

    lines: tuple[PricedLine, ...]
    subtotal: Decimal
    discount: Decimal
    total: Decimal
    already_paid: Decimal
    due: Decimal
    discount_limit: Decimal | None


@dataclass(frozen=True)
class Sold:
    """A sale that was made: the orders that were paid by it, the one of the sale itself first."""

    numbers: tuple[str, ...]
    total: Decimal
    paid: Decimal
    change: Decimal
    receipt_url: str
    tips: Decimal = Decimal("0.00")


@dataclass(frozen=True)
class Parked:
    """A sale that waits. `kept_until`: until when it keeps its units; None: it keeps none."""

    public_id: UUID
    label: str
    status: str
    version: int
    sale: Sale
    keep: bool
    kept_until: datetime | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Taking:
    """The parked sale that is paid, and the version of it that whoever takes it has seen."""

    parked: UUID
    version: int
