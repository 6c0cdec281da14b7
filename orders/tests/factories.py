"""A shop with goods in it, and people who buy them, made through the services everybody uses."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from api.answers import encode
from cart import services as carts
from cart.pricing import FilledCart, Quote
from cart.services import Units, Wanted
from common.actors import Actor
from common.idempotency import StoredResponse
from common.keys import IdempotencyKey
from common.use_cases import answered
from inventory.tests.factories import MONDAY, STAFF, receive, stocked
from orders import services as orders
from orders.answers import order_answer, placed
from orders.models import Order
from orders.selectors import Access, WholeOrder, read_order
from orders.services import Contact, Handover, Pickup, Placement
from shop import services as shop
from shop.windows import pickup_windows

__all__ = [
    "ALL",
    "GUEST",
    "MONDAY",
    "STAFF",
    "SYSTEM",
    "cancel",
    "cart_with",
    "hand_over",
    "late_pickup",
    "ordered",
    "place",
    "place_once",
    "placement_of",
    "quoted",
    "receive",
    "shown",
    "stocked",
]

GUEST = Actor(kind="guest", id="", door="api")
SYSTEM = Actor(kind="system", id="", door="task")
ALL = Access(staff=True)


def cart_with(*, units: Mapping[str, int], now: datetime = MONDAY, customer_id: int | None = None) -> FilledCart:
    """Return a new cart that claims those units."""
    return carts.open_cart(
        units=[Units(sku=sku, quantity=quantity) for sku, quantity in units.items()], customer_id=customer_id, now=now
    )


def quoted(cart: FilledCart, *, now: datetime = MONDAY, **wanted: Any) -> Quote:
    """Return what ordering a cart would cost a guest."""
    return carts.quote(cart_id=cart.public_id, customer_id=None, wanted=Wanted(**wanted), actor=GUEST, now=now)


def late_pickup(*, now: datetime) -> datetime:
    """Return a pickup so far away that a transfer may take as long as the shop lets it."""
    windows = pickup_windows(policy=shop.policy(), now=now, lead_minutes=3 * 24 * 60)
    return windows[0].starts_at


def placement_of(
    *,
    cart: FilledCart | UUID,
    payment_method: str = "on_site",
    email: str | None = None,
    expected_total: str | None = None,
    pickup_at: datetime | None = None,
) -> Placement:
    """Return the wish to order a cart at the total it shows; a cart known by its id alone is worth 1.00."""
    shown = cart.prices.total if isinstance(cart, FilledCart) else Decimal("1.00")
    return Placement(
        cart=cart.public_id if isinstance(cart, FilledCart) else cart,
        expected_total=Decimal(expected_total) if expected_total else shown,
        contact=Contact(name="Ana Lima", email=email or f"ana-{uuid4().hex[:8]}@example.com"),
        payment_method=payment_method,
        fulfilment=Pickup(at=pickup_at),
    )


def place(
    *,
    cart: FilledCart,
    payment_method: str = "on_site",
    email: str | None = None,
    now: datetime = MONDAY,
    customer_id: int | None = None,
) -> WholeOrder:
    """Order a cart as a guest."""
    far = late_pickup(now=now) if payment_method == "transfer" else None
    placement = placement_of(cart=cart, payment_method=payment_method, email=email, pickup_at=far)
    return orders.place_order(placement=placement, customer_id=customer_id, actor=GUEST, now=now)


def place_once(*, placement: Placement, once: IdempotencyKey, now: datetime = MONDAY) -> StoredResponse:
    """Order a cart as a guest does who names the request."""
    return answered(orders.place_order, placed, once=once)(placement=placement, customer_id=None, actor=GUEST, now=now)


def shown(*, order: Order, now: datetime = MONDAY) -> dict[str, Any]:
    """Return an order as staff reads it."""
    found: dict[str, Any] = json.loads(encode(order_answer(read_order(number=order.number, access=ALL, now=now))))
    return found


def ordered(*, units: Mapping[str, int], payment_method: str = "on_site", now: datetime = MONDAY) -> Order:
    """Return an order of those units."""
    new = place(cart=cart_with(units=units, now=now), payment_method=payment_method, now=now)
    return Order.objects.select_related("contact").get(number=new.order.number)


def hand_over(*, order: Order, verbs: tuple[str, ...] = ("pick", "ready", "deliver"), now: datetime = MONDAY) -> UUID:
    """Hand every unit of an order over, step by step; returns the fulfilment's id."""
    handovers = [Handover(line=line.public_id, quantity=line.quantity) for line in order.lines.all()]
    begun = orders.begin_fulfilment(number=order.number, handovers=handovers, tracking="", access=ALL, now=now)
    fulfilment_id = begun.public_id
    for verb in verbs:
        orders.advance_fulfilment(
            number=order.number, fulfilment_id=fulfilment_id, verb=verb, access=ALL, actor=STAFF, now=now
        )
    return fulfilment_id


def cancel(*, order: Order, access: Access = ALL, now: datetime = MONDAY) -> Order:
    """Cancel an order as staff."""
    return orders.cancel_order(number=order.number, reason="Changed plans", access=access, actor=STAFF, now=now)
