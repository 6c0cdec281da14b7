"""What a client says when it places an order, and the order as it will be written. Plain values, no rules."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from cart.services import Delivery, Pickup
from orders.models import Order, OrderContact, OrderEvent, OrderLine


@dataclass(frozen=True)
class Contact:
    """Who orders; `record` is the shop's record of them, where the team says which."""

    name: str
    email: str
    phone: str = ""
    document: str = ""
    record: int | None = None


@dataclass(frozen=True)
class Placement:
    """Everything a client says when it places an order; `reason`: why the team takes something off its price."""

    cart: UUID
    expected_total: Decimal
    contact: Contact
    payment_method: str
    fulfilment: Pickup | Delivery | None = None
    note: str = ""
    language: str = "pt-br"
    channel: str = Order.Channel.WEB.value
    reason: str = ""


@dataclass(frozen=True)
class Draft:
    """An order as it will be written, with everything that hangs on it."""

    order: Order
    contact: OrderContact
    lines: list[OrderLine]
    event: OrderEvent
