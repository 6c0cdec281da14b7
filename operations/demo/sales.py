"""What the demonstration has sold: a handful of orders in every state, placed through the services everybody uses.

An order of the demonstration is known by the instant at which it was placed, so a run that was interrupted places the
rest, and takes an order that was placed on to what was to become of it.
"""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from cart import services as carts
from cart.pricing import FilledCart
from cart.services import Units
from common.actors import Actor
from inventory import services as inventory
from inventory.errors import OutOfStock
from operations.demo import people
from operations.demo.content import ORDERS, DemoOrder
from orders import services as orders
from orders.lifecycle import effective_status
from orders.models import Fulfilment, Order
from orders.selectors import Access
from orders.services import Contact, Handover, Pickup, Placement
from payments import services as payments
from shop import services as shop
from shop.policy import Policy
from shop.windows import pickup_windows

STAFF = Access(staff=True)
GUEST = Actor(kind="guest", id="", door="command")
UNTIL_SERVED = timedelta(minutes=10)
AFTER_THE_TRANSFER = timedelta(days=1)
STAGES = ("open", "picked", "ready", "delivered")
VERBS = {"picked": ("pick",), "ready": ("pick", "ready"), "completed": ("pick", "ready", "deliver")}


def missing_orders(*, now: datetime) -> int:
    """Count the orders of the demonstration begun at `now` that are not there, or not yet what they are to be.

    A shop that has sold anything of its own needs none.
    """
    placed = _placed(now=now)
    if not placed and Order.objects.exists():
        return 0
    return len([order for order in ORDERS if _lacks(content=order, order=placed.get(order.minutes_ago), now=now)])


def make_orders(*, now: datetime) -> None:
    """Place the orders that are missing, and let become of each what it is to show."""
    placed = _placed(now=now)
    for content in ORDERS:
        order = placed.get(content.minutes_ago) or _place(content=content, now=now)
        if _lacks(content=content, order=order, now=now):
            _let_become(order=order, fate=content.fate, now=now)


def _placed(*, now: datetime) -> dict[int, Order]:
    instants = {_placed_at(content=content, now=now): content.minutes_ago for content in ORDERS}
    return {instants[order.placed_at]: order for order in Order.objects.filter(placed_at__in=instants)}


def _placed_at(*, content: DemoOrder, now: datetime) -> datetime:
    return now - timedelta(minutes=content.minutes_ago)


def _lacks(*, content: DemoOrder, order: Order | None, now: datetime) -> bool:
    if order is None:
        return True
    if content.fate in ("picked", "ready"):
        return order.status == "confirmed" and not order.fulfilments.filter(status=content.fate).exists()
    if content.fate == "completed":
        return order.status == "confirmed"
    if content.fate == "cancelled":
        return order.status in ("pending", "confirmed")
    due = content.fate == "transferred" or (content.fate == "unpaid" and _has_run_out(order=order, now=now))
    return order.status == "pending" and due


def _has_run_out(*, order: Order, now: datetime) -> bool:
    return effective_status(status=order.status, expires_at=order.expires_at, now=now) == "expired"


def _place(*, content: DemoOrder, now: datetime) -> Order:
    then, policy = _placed_at(content=content, now=now), shop.policy()
    buyer = people.customer() if content.known else None
    cart = _filled_cart(content=content, customer_id=buyer.pk if buyer else None, now=then)
    contact = Contact(
        name=buyer.name if buyer else content.buyer,
        email=buyer.email if buyer else content.email,
        phone=buyer.phone if buyer else "",
    )
    orders.place_order(
        placement=Placement(
            cart=cart.public_id,
            expected_total=cart.prices.total,
            contact=contact,
            payment_method=content.payment_method,
            fulfilment=_pickup(content=content, policy=policy, now=then),
            note=content.note,
        ),
        customer_id=buyer.pk if buyer else None,
        actor=Actor(kind="customer", id=str(buyer.user_id), door="command") if buyer else GUEST,
        now=then,
    )
    return Order.objects.get(cart__public_id=cart.public_id)


def _pickup(*, content: DemoOrder, policy: Policy, now: datetime) -> Pickup:
    """Return the first window; of an order that waits for a transfer, the first after the money must be there."""
    if content.payment_method != "transfer":
        return Pickup()
    paid_by = now + timedelta(minutes=policy.transfer_hold_minutes) + AFTER_THE_TRANSFER
    windows = pickup_windows(policy=policy, now=now, lead_minutes=0)
    return Pickup(at=next((window.starts_at for window in windows if window.starts_at >= paid_by), None))


def _filled_cart(*, content: DemoOrder, customer_id: int | None, now: datetime) -> FilledCart:
    """Return a cart with the order's units; what is sold out is received first."""
    units = [Units(sku=sku, quantity=quantity) for sku, quantity in content.units.items()]
    for _attempt in units:
        try:
            return carts.open_cart(units=units, customer_id=customer_id, now=now)
        except OutOfStock as refusal:
            inventory.adjust_stock(
                sku=str(refusal.data["sku"]),
                operation="add",
                quantity=200,
                reason=_("Received from the supplier"),
                actor=people.counter(),
                now=now,
            )
    return carts.open_cart(units=units, customer_id=customer_id, now=now)


def _let_become(*, order: Order, fate: str, now: datetime) -> None:
    staff, then = people.counter(), order.placed_at + UNTIL_SERVED
    if fate == "cancelled":
        orders.cancel_order(number=order.number, reason=_("Changed plans"), access=STAFF, actor=staff, now=then)
    elif fate == "transferred":
        payments.confirm_order(
            number=order.number, amount=order.total, reference="Pix", access=STAFF, actor=staff, now=then
        )
    elif fate in VERBS:
        _hand_over(order=order, fate=fate, staff=staff, then=then)
        if fate == "completed":
            collected = then + timedelta(minutes=5)
            if order.paid < order.total:
                payments.begin_payment(number=order.number, method="on_site", access=STAFF, actor=staff, now=collected)
            orders.complete_order(number=order.number, access=STAFF, actor=staff, now=collected)
    elif fate == "unpaid" and order.expires_at is not None:
        orders.expire_due_orders(now=order.expires_at)


def _hand_over(*, order: Order, fate: str, staff: Actor, then: datetime) -> None:
    """Take the goods as far as they are to get, from wherever they are."""
    if not order.fulfilments.exists():
        handovers = [Handover(line=line.public_id, quantity=line.quantity) for line in order.lines.all()]
        orders.begin_fulfilment(number=order.number, handovers=handovers, tracking="", access=STAFF, now=then)
    begun = Fulfilment.objects.get(order=order)
    for verb in VERBS[fate][STAGES.index(begun.status) :]:
        orders.advance_fulfilment(
            number=order.number, fulfilment_id=begun.public_id, verb=verb, access=STAFF, actor=staff, now=then
        )
