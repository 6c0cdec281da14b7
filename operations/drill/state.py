"""What is there when all has come to rest, in plain values: the shop's rows, and the gateway's own books. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class OrderRow:
    """An order. `cost`: what it costs by now."""

    number: str
    email: str
    status: str
    cost: Decimal
    paid: Decimal
    refunded: Decimal


@dataclass(frozen=True)
class PaymentRow:
    """A payment, as the shop has it."""

    id: str
    order: str
    gateway: str
    status: str
    amount: Decimal
    reference: str
    gateway_reference: str


@dataclass(frozen=True)
class RefundRow:
    """A refund, as the shop has it; `charge` is the gateway's word for the payment it is of."""

    id: str
    order: str
    charge: str
    status: str
    amount: Decimal
    reason: str


@dataclass(frozen=True)
class VisitRow:
    """A visit that somebody has: who is taken, which room, from when until when."""

    id: str
    email: str
    state: str
    professional: int
    room: int | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class ShelfRow:
    """One SKU: what is on hand and was moved, what is reserved, and what reservations and orders add up to."""

    sku: str
    on_hand: int
    moved: int
    reserved: int
    kept: int
    ordered: int


@dataclass(frozen=True)
class Charge:
    """Money in the gateway's books: what came, or what went back of it (`of`: the charge, `refund`: our word)."""

    reference: str
    status: str
    amount: Decimal
    order: str = ""
    of: str = ""
    refund: str = ""


@dataclass(frozen=True)
class State:
    """Everything the judge may know beside the history."""

    orders: list[OrderRow] = field(default_factory=list)
    payments: list[PaymentRow] = field(default_factory=list)
    refunds: list[RefundRow] = field(default_factory=list)
    visits: list[VisitRow] = field(default_factory=list)
    shelves: list[ShelfRow] = field(default_factory=list)
    cancellations: list[str] = field(default_factory=list)
    movements: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    set_aside: set[str] = field(default_factory=set)
    came: list[Charge] = field(default_factory=list)
    went: list[Charge] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    deadlocks: int = 0
