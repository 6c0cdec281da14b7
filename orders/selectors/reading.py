"""One order with everything in it, and what is found by its name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch

from cart.models import Cart
from common.errors import NotFound
from orders.access import Access, find
from orders.lifecycle import effective_status
from orders.models import Fulfilment, FulfilmentLine, Order, OrderContact, OrderEvent, OrderLine
from shop import services as shop
from shop.policy import Policy


@dataclass(frozen=True)
class WholeOrder:
    """An order with everything that is shown of it, read or just written, as it stands at `now`.

    `with_token`: whether the reader has brought the proof that the access token is theirs to see.
    """

    order: Order
    cart: UUID
    contact: OrderContact
    lines: Sequence[OrderLine]
    events: Sequence[OrderEvent]
    fulfilments: Sequence[Fulfilment]
    policy: Policy
    with_token: bool
    now: datetime


@dataclass(frozen=True)
class Step:
    """One step of an order's life; `origin` is empty for the first, `pickup_at` is where a pickup was moved to."""

    at: datetime
    origin: str
    target: str
    actor: str
    reason: str
    pickup_at: datetime | None = None


def read_order(*, number: str, access: Access, now: datetime) -> WholeOrder:
    """Return the whole order. Raises NotFound."""
    return whole_order(order=find(number=number, access=access), access=access, now=now)


def read_history(*, number: str, access: Access, now: datetime) -> list[Step]:
    """Return the order's steps, oldest first. Raises NotFound."""
    order = find(number=number, access=access)
    return steps(order=order, events=list(OrderEvent.objects.filter(order=order)), now=now)


def whole_order(*, order: Order, access: Access, now: datetime) -> WholeOrder:
    """Return everything about an order already found with its contact; five statements whatever it holds."""
    return WholeOrder(
        order=order,
        cart=Cart.objects.values_list("public_id", flat=True).get(pk=order.cart_id),
        contact=order.contact,
        lines=list(OrderLine.objects.filter(order=order).select_related("cancellation")),
        events=list(OrderEvent.objects.filter(order=order)),
        fulfilments=list(fulfilments_of(order=order)),
        policy=shop.policy(),
        with_token=access.owns(order=order),
        now=now,
    )


def steps(*, order: Order, events: Sequence[OrderEvent], now: datetime) -> list[Step]:
    """Return the order's steps, oldest first; an expiry nobody has written down yet is among them."""
    found = [
        Step(
            at=event.at,
            origin=event.from_status,
            target=event.to_status,
            actor=event.actor_kind,
            reason=event.reason,
            pickup_at=event.pickup_at,
        )
        for event in events
    ]
    if effective_status(status=order.status, expires_at=order.expires_at, now=now) != order.status:
        found.append(Step(at=order.expires_at or now, origin=order.status, target="expired", actor="system", reason=""))
    return found


def fulfilments_of(*, order: Order) -> Iterable[Fulfilment]:
    """Return the order's fulfilments with their lines, in two statements."""
    rows = FulfilmentLine.objects.select_related("line").order_by("pk")
    return Fulfilment.objects.filter(order=order).prefetch_related(Prefetch("lines", queryset=rows))


def number_of_cart(*, cart: Cart) -> str | None:
    """Return the number of the order a cart became, if it became one."""
    return Order.objects.filter(cart=cart).values_list("number", flat=True).first()


def line_of_claim(*, claim: str | None) -> OrderLine | None:
    """Return the order line that carries a claim, if an order has it."""
    if claim is None:
        return None
    return OrderLine.objects.select_related("order").filter(claim=UUID(claim)).first()


def find_fulfilment(*, order: Order, fulfilment_id: UUID) -> Fulfilment:
    """Return a fulfilment of the order. Raises NotFound."""
    found = Fulfilment.objects.filter(order=order, public_id=fulfilment_id).first()
    if found is None:
        raise NotFound()
    return found
