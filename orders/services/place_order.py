"""A cart becomes an order: everything in it, goods and time, or nothing.

Under the lease of its visits, one transaction locks the cart, the stock rows and the agenda, judges, and writes order,
contact, lines, history and outbox in a single statement. Everything that can be worked out before the
stock rows are locked is, because the time they stay locked is what limits how fast a sought-after product sells.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.utils.translation import gettext_lazy as _

from cart import selectors as carts
from cart import services as cart_services
from cart.errors import CartClosed
from cart.models import Cart, CartLine
from cart.pricing import Line
from cart.services import Delivery, Pickup, Terms, Wanted
from common import locks, outbox
from common.actors import Actor
from common.addresses import bounded_address
from common.errors import Forbidden, TotalChanged
from common.identity import mailbox_of
from common.transactions import one_at_a_time, within_unit_of_work
from common.use_cases import use_case
from inventory import services as inventory
from orders import selectors
from orders.errors import TooManyOpenOrders
from orders.models import Order, OrderContact, OrderLine
from orders.seals import digest_of
from orders.selectors import WholeOrder
from orders.services.commands import Contact, Draft, Placement
from orders.services.history import first_event
from orders.services.insert import write
from orders.services.reservations import agreed_prices, booker_of, needs_of, one_pickup_at_a_time
from orders.snapshots import keep_choices, keep_visit
from scheduling import services as scheduling
from shop.fees import terms_shown
from shop.policy import Policy

NUMBER_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
NUMBER_LENGTH = 9
VISIT = CartLine.Kind.VISIT


def lease_of_cart(*, placement: Placement, **_others: Any) -> list[str]:
    """Return the names of the lease over the visits in the cart and their time; none without visits."""
    visits = carts.visit_claims(cart_id=placement.cart)
    return [*scheduling.lease_keys(claims=visits), *_visit_keys(visits)] if visits else []


@use_case(lease=lease_of_cart)
def place_order(*, placement: Placement, customer_id: int | None, actor: Actor, now: datetime) -> WholeOrder:
    """Turn the cart into an order and return it with everything in it, or change nothing.

    Raises NotFound (the cart), CartClosed, EmptyCart, LinesNotForSale, MethodNotOffered, DepositRequired,
    PickupUnavailable, DeliveryUnavailable, Malformed (fulfilment missing or superfluous), TotalChanged,
    TooManyOpenOrders, Forbidden (somebody the shop has blocked), OutOfStock, SlotTaken, Busy.
    """
    cart, lines, policy = cart_to_order(placement=placement, customer_id=customer_id, now=now)
    locks.require(_visit_keys(line.claim for line in lines if line.kind == VISIT))
    return place_within(
        placement=placement, cart=cart, lines=lines, customer_id=customer_id, policy=policy, actor=actor, now=now
    )


@within_unit_of_work
def place_within(
    *,
    placement: Placement,
    cart: Cart,
    lines: Sequence[Line],
    customer_id: int | None,
    policy: Policy,
    actor: Actor,
    now: datetime,
) -> WholeOrder:
    """Turn a locked cart into an order and return it; the step that every way of ordering shares.

    The caller holds the lease over the time of its visits. Raises what `place_order` raises.
    """
    if placement.fulfilment is not None:
        one_pickup_at_a_time(policy=policy)
    draft = _draft(
        placement=placement, cart=cart, lines=lines, customer_id=customer_id, policy=policy, actor=actor, now=now
    )
    _judge_person(cart=cart, contact=placement.contact, customer_id=customer_id, policy=policy, actor=actor, now=now)
    _take(lines=lines, draft=draft, policy=policy, actor=actor, now=now)
    write(draft=draft, now=now)
    outbox.wake()
    return WholeOrder(
        order=draft.order,
        cart=cart.public_id,
        contact=draft.contact,
        lines=draft.lines,
        events=[draft.event],
        fulfilments=[],
        policy=policy,
        with_token=True,
        now=now,
    )


def _visit_keys(claims: Iterable[UUID]) -> list[str]:
    """Return names by which a lease covers visits themselves, so that it shows when a cart has got others."""
    return [f"visit:{claim}" for claim in claims]


def new_number() -> str:
    """Return a number for an order: short enough to say, and telling nothing of how many there are."""
    # Each sign is as likely as any other, for 256 is a multiple of their number.
    return "".join(NUMBER_ALPHABET[byte % len(NUMBER_ALPHABET)] for byte in secrets.token_bytes(NUMBER_LENGTH))


@within_unit_of_work
def cart_to_order(*, placement: Placement, customer_id: int | None, now: datetime) -> tuple[Cart, list[Line], Policy]:
    """Lock the cart and read its lines and the shop's rules; refuse one that is closed."""
    cart, policy = cart_services.lock_for_order(cart_id=placement.cart, customer_id=customer_id)
    if carts.effective_status(cart=cart, now=now) != Cart.Status.OPEN:
        raise CartClosed(order=selectors.number_of_cart(cart=cart))
    return cart, carts.lines_of(cart=cart, timezone=policy.timezone, now=now), policy


def _draft(
    *,
    placement: Placement,
    cart: Cart,
    lines: Sequence[Line],
    customer_id: int | None,
    policy: Policy,
    actor: Actor,
    now: datetime,
) -> Draft:
    """Work the whole order out before any stock row is locked."""
    wanted = Wanted(
        fulfilment=placement.fulfilment,
        payment_method=placement.payment_method,
        settled=True,
        desk=actor.kind == "staff",
        at_counter=placement.channel == Order.Channel.COUNTER,
    )
    terms = cart_services.judge(lines=lines, wanted=wanted, policy=policy, now=now)
    if terms.prices.total != placement.expected_total:
        raise TotalChanged(total=str(terms.prices.total))
    order = _order(
        placement=placement,
        cart=cart,
        customer_id=customer_id,
        terms=terms,
        takes_goods=any(line.kind == CartLine.Kind.GOODS for line in lines),
        policy=policy,
        now=now,
    )
    order_lines = [_order_line(position=position, line=line) for position, line in enumerate(lines, start=1)]
    order.digest = digest_of(order=order, lines=order_lines)
    return Draft(
        order=order,
        contact=_contact(placement=placement),
        lines=order_lines,
        event=first_event(order=order, actor=actor, reason=placement.reason, now=now),
    )


def _order(
    *,
    placement: Placement,
    cart: Cart,
    customer_id: int | None,
    terms: Terms,
    takes_goods: bool,
    policy: Policy,
    now: datetime,
) -> Order:
    prices, window, expires_at = terms.prices, terms.window, terms.expires_at
    return Order(
        public_id=uuid4(),
        number=new_number(),
        cart=cart,
        customer_id=customer_id,
        status=Order.Status.PENDING if expires_at else Order.Status.CONFIRMED,
        payment_method=placement.payment_method,
        currency=policy.currency,
        subtotal=prices.subtotal,
        discount=prices.discount,
        shipping=prices.shipping,
        total=prices.total,
        amount_due_now=prices.amount_due_now,
        cancelled=Decimal("0.00"),
        late_fee=Decimal("0.00"),
        paid=Decimal("0.00"),
        refunded=Decimal("0.00"),
        channel=placement.channel,
        fulfilment_method=Order.FulfilmentMethod.PICKUP if takes_goods else "",
        pickup_starts_at=window.starts_at if window else None,
        pickup_ends_at=window.ends_at if window else None,
        agreed_pickup_starts_at=window.starts_at if window else None,
        agreed_pickup_ends_at=window.ends_at if window else None,
        language=placement.language,
        policy_shown=terms_shown(policy=policy),
        placed_at=now,
        expires_at=expires_at,
    )


def _contact(*, placement: Placement) -> OrderContact:
    chosen = placement.fulfilment
    return OrderContact(
        record_id=placement.contact.record,
        name=placement.contact.name,
        email=placement.contact.email,
        phone=placement.contact.phone,
        document=placement.contact.document,
        pickup_person=chosen.person if isinstance(chosen, Pickup) else "",
        address=chosen.address if isinstance(chosen, Delivery) else None,
        note=placement.note,
    )


def _order_line(*, position: int, line: Line) -> OrderLine:
    return OrderLine(
        position=position,
        kind=line.kind,
        variant_id=line.variant_id,
        sku=line.sku,
        name=line.name,
        options=keep_choices(line.options),
        quantity=line.quantity,
        unit=line.unit,
        price_per=line.price_per,
        unit_price=line.unit_price,
        discount=line.discount,
        line_total=line.line_total - line.discount,
        deposit=line.deposit or Decimal("0.00"),
        claim=line.claim,
        appointment=keep_visit(line.visit),
    )


def _judge_person(
    *, cart: Cart, contact: Contact, customer_id: int | None, policy: Policy, actor: Actor, now: datetime
) -> None:
    """Refuse whom the shop has blocked, and more unpaid orders than one person may have, however many come at once."""
    if actor.kind == "staff":
        return
    most, most_here = policy.max_open_orders_per_email, policy.max_open_orders_per_address
    address = bounded_address(cart.address) if most_here else ""
    known = {
        "mailbox": mailbox_of(contact.email),
        "phone": contact.phone,
        "customer": customer_id,
        "orders": address,
    }
    one_at_a_time(names=[f"{name}:{value}" for name, value in known.items() if value])
    blocked, kept, kept_here = selectors.standing(
        email=contact.email,
        phone=contact.phone,
        document=contact.document,
        customer_id=customer_id,
        address=address,
        now=now,
    )
    if blocked:
        raise Forbidden()
    if most and kept >= most:
        text = _("At most %(max)s orders may wait for their money. Pay for one of them, or cancel it.")
        raise TooManyOpenOrders(text % {"max": most}, max=most)
    if address and kept_here >= most_here:
        text = _("Too many orders from your internet connection wait for their money. Pay for one, or call us.")
        raise TooManyOpenOrders(text, max=most_here)


def _take(*, lines: Sequence[Line], draft: Draft, policy: Policy, actor: Actor, now: datetime) -> None:
    """Give the units and the time to the order, all of them or none."""
    order, contact = draft.order, draft.contact
    visits = [line for line in lines if line.kind == VISIT]
    short = inventory.allocate(needs=needs_of(lines=lines), expires_at=order.expires_at, now=now)
    lost = []
    if visits:
        lost = scheduling.allocate(
            claims=[line.claim for line in visits],
            expires_at=order.expires_at,
            booker=booker_of(order=order, contact=contact),
            actor=actor,
            now=now,
            prices={line.claim: agreed_prices(line=line) for line in visits},
        )
    cart_services.raise_if_lost(lines=lines, short=short, lost=lost, policy=policy, now=now)
