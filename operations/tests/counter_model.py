"""The counter as a person would keep it on paper: what lies on the shelf, who was promised what, and until when."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

HOLD = timedelta(minutes=15)
CART_LIFE = timedelta(hours=24)
PATIENCE = timedelta(days=2)


@dataclass
class Promise:
    """Some units of a SKU kept until an instant; None: without end."""

    quantity: int
    until: datetime | None

    def live(self, now: datetime) -> bool:
        return self.until is None or self.until > now


@dataclass
class Shelf:
    """The units of one SKU, what they cost and whether they are for sale."""

    on_hand: int
    price: Decimal
    for_sale: bool = True


@dataclass
class PaperCart:
    """What somebody means to buy."""

    until: datetime
    lines: dict[str, Promise] = field(default_factory=dict)
    order: "PaperOrder | None" = None

    def is_open(self, now: datetime) -> bool:
        return self.order is None and self.until > now


@dataclass
class PaperOrder:
    """What somebody was promised. `taken` when the goods have left the shop, `back` when they have come back."""

    status: str
    total: Decimal
    until: datetime | None
    lines: dict[str, Promise]
    paid: bool = False
    taken: bool = False
    back: bool = False

    def state(self, now: datetime) -> str:
        if self.status == "pending" and self.until is not None and self.until <= now:
            return "expired"
        return self.status

    def is_owed(self) -> bool:
        return self.status in ("cancelled", "expired") and self.paid and self.total > 0


@dataclass
class Paper:
    """The whole counter on paper."""

    now: datetime
    shelves: dict[str, Shelf] = field(default_factory=dict)
    carts: dict[str, PaperCart] = field(default_factory=dict)
    orders: dict[str, PaperOrder] = field(default_factory=dict)

    def promised(self, sku: str, *, besides: Promise | None = None) -> int:
        """Units of a SKU that are spoken for at this moment."""
        holders = [cart.lines for cart in self.carts.values() if cart.order is None]
        holders += [order.lines for order in self.orders.values()]
        kept = [lines[sku] for lines in holders if sku in lines]
        return sum(one.quantity for one in kept if one is not besides and one.live(self.now))

    def free(self, sku: str, *, besides: Promise | None = None) -> int:
        """Units of a SKU that can still be had."""
        return self.shelves[sku].on_hand - self.promised(sku, besides=besides)

    def adjust(self, sku: str, *, left: int) -> str:
        """Receive, remove or count, so that `left` units lie there."""
        if left < self.promised(sku):
            return "below_reserved"
        self.shelves[sku].on_hand = left
        return "ok"

    def put(self, cart_id: str, sku: str, quantity: int) -> str:
        """Have exactly `quantity` units of a SKU in a cart."""
        cart = self.carts[cart_id]
        own = cart.lines.get(sku)
        if not cart.is_open(self.now):
            return "cart_closed"
        if not self.shelves[sku].for_sale:
            return "not_for_sale"
        if quantity > self.free(sku, besides=own):
            return "out_of_stock"
        cart.lines[sku] = Promise(quantity, self.now + HOLD)
        cart.until = self.now + CART_LIFE
        return "ok"

    def take_out(self, cart_id: str, skus: list[str]) -> str:
        """Take lines out of a cart."""
        cart = self.carts[cart_id]
        if not cart.is_open(self.now):
            return "cart_closed"
        for sku in skus:
            del cart.lines[sku]
        cart.until = self.now + CART_LIFE
        return "ok"

    def total(self, cart_id: str) -> Decimal:
        """What a cart costs today."""
        lines = self.carts[cart_id].lines
        return sum((self.shelves[sku].price * line.quantity for sku, line in lines.items()), Decimal("0.00"))

    def place(self, cart_id: str, method: str) -> tuple[str, PaperOrder | None]:
        """Order a cart."""
        cart = self.carts[cart_id]
        if not cart.is_open(self.now):
            return "cart_closed", None
        if not cart.lines:
            return "empty_cart", None
        if not all(self.shelves[sku].for_sale for sku in cart.lines):
            return "not_for_sale", None
        if any(line.quantity > self.free(sku, besides=line) for sku, line in cart.lines.items()):
            return "out_of_stock", None
        waits = method == "transfer"
        until = self.now + PATIENCE if waits else None
        lines = {sku: Promise(line.quantity, until) for sku, line in cart.lines.items()}
        cart.order = PaperOrder("pending" if waits else "confirmed", self.total(cart_id), until, lines)
        return "ok", cart.order

    def cancel(self, order: PaperOrder) -> str:
        """Call an order off."""
        state = order.state(self.now)
        if state == "cancelled":
            return "ok"
        if state not in ("pending", "confirmed") or (order.taken and not order.back):
            return "invalid_transition"
        order.status, order.lines = "cancelled", {}
        return "ok"

    def confirm(self, order: PaperOrder) -> str:
        """Receive the money an order waits for, late or not."""
        if order.state(self.now) not in ("pending", "expired"):
            return "invalid_transition"
        if order.paid and order.total > 0:
            return "amount_exceeds_due"
        order.paid = True
        if any(line.quantity > self.free(sku, besides=line) for sku, line in order.lines.items()):
            order.status = "expired"
            return "ok"
        order.status = "confirmed"
        for line in order.lines.values():
            line.until = None
        return "ok"

    def hand_over(self, order: PaperOrder) -> str:
        """Give all goods of an order to its customer."""
        if order.state(self.now) != "confirmed" or order.taken:
            return "refused"
        for sku, line in order.lines.items():
            self.shelves[sku].on_hand -= line.quantity
            line.until = self.now  # nothing is kept any more, though it is known what had been
        order.taken = True
        return "ok"

    def bring_back(self, order: PaperOrder) -> str:
        """Put the goods of an order back on the shelf."""
        if not order.taken or order.back:
            return "refused"
        for sku, line in order.lines.items():
            self.shelves[sku].on_hand += line.quantity
        order.back = True
        return "ok"

    def pay(self, order: PaperOrder) -> str:
        """Take the money at the counter."""
        if order.state(self.now) != "confirmed" or order.paid:
            return "invalid_transition"
        order.paid = True
        return "ok"

    def complete(self, order: PaperOrder) -> str:
        """Close an order."""
        if order.state(self.now) != "confirmed" or not (order.taken and order.paid):
            return "invalid_transition"
        order.status = "completed"
        return "ok"
