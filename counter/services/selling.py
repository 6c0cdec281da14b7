"""The sale itself: an order of things and time, its money, the goods handed over and the visits closed, or nothing.

It is made by the services that every other way of ordering uses, in one transaction under the lease of its visits. The
key is kept with the answer, so a double click, a lost answer or a slow line make one sale.
"""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID, uuid4

from common import outbox
from common.actors import Actor
from common.errors import TotalChanged
from common.keys import IdempotencyKey
from common.transactions import within_unit_of_work
from common.use_cases import remembered, use_case
from counter.pricing import NOTHING
from counter.services import parking
from counter.services.awaiting import refuse_awaited
from counter.services.baskets import Basket, basket_of, lease_of_basket
from counter.services.commands import Sale, Sold, Taking
from counter.services.ordering import contact_of, fingerprint, place
from counter.services.paying import pay, sold_of, write_receipt
from orders import services as orders
from orders.amounts import current_total
from orders.models import Order
from orders.selectors import Access
from orders.services import Contact
from scheduling import services as scheduling
from scheduling.models import Appointment
from scheduling.services import Booker

STAFF = Access(staff=True)


def sell(*, sale: Sale, key: UUID, actor: Actor, now: datetime) -> Sold:
    """Make a sale, once for each key, and return what was sold; the same key again returns the same.

    Raises NothingSold, Malformed, NotFound, NotForSale, UnknownSku, Forbidden, DiscountAboveLimit, TotalChanged,
    PaymentsDoNotAddUp, OutOfStock (naming what is there), SlotTaken, SlotUnavailable, InvalidTransition,
    IdempotencyKeyReused, Busy; then nothing has changed.
    """
    return _once(sale=sale, taking=None, key=key, actor=actor, now=now)


def take_parked(*, taking: Taking, sale: Sale, key: UUID, actor: Actor, now: datetime) -> Sold:
    """Sell a parked sale as it is said now, once, and return what was sold; it waits no more.

    Raises what `sell` raises, NotFound, InvalidTransition (it was paid or dropped already), ParkedChanged.
    """
    return _once(sale=sale, taking=taking, key=key, actor=actor, now=now)


def _once(*, sale: Sale, taking: Taking | None, key: UUID, actor: Actor, now: datetime) -> Sold:
    once = IdempotencyKey(
        scope=f"user:{actor.id}:counter",
        key=str(key),
        fingerprint=fingerprint(sale, asdict(taking) if taking else None),
    )
    sell_once = remembered(_sell, lambda sold: sold, kind=Sold, once=once)
    return sell_once(sale=sale, taking=taking, key=key, actor=actor, now=now)


def _sell(*, sale: Sale, taking: Taking | None, key: UUID, actor: Actor, now: datetime) -> Sold:
    basket = basket_of(sale=sale, actor=actor, now=now)
    return _sell_basket(sale=sale, basket=basket, taking=taking, key=key, actor=actor, now=now)


@use_case(lease=lease_of_basket)
def _sell_basket(*, sale: Sale, basket: Basket, taking: Taking | None, key: UUID, actor: Actor, now: datetime) -> Sold:
    """Lock, order, pay, hand over, close, complete."""
    waiting = parking.take(taking=taking, actor=actor, now=now) if taking else None
    ordered = [orders.locked_order(number=number, access=STAFF) for number in sorted(basket.ordered)]
    refuse_awaited(orders=ordered)
    own, begun = place_own(sale=sale, basket=basket, actor=actor, now=now) if basket.is_new else (None, [])
    paid = [*([own] if own else []), *ordered]
    total = sum((current_total(order=order) for order in paid), NOTHING)
    if sale.expected_total is not None and sale.expected_total != total:
        raise TotalChanged(total=str(total))
    pay(orders=paid, parts=sale.payments, tips=sale.tips, actor=actor, now=now)
    if own is not None and basket.goods:
        orders.hand_over(order=own, actor=actor, now=now)
    for visit in [*basket.visits, *begun]:
        if visit.starts_at <= now:
            scheduling.close(plain=visit, target="completed", actor=actor, now=now)
    for order in paid:
        orders.complete_if_done(order=order, actor=actor, now=now)
    write_receipt(orders=paid, parts=sale.payments, tips=sale.tips, key=key, actor=actor, now=now)
    if waiting is not None:
        parking.close(row=waiting, order=paid[0], actor=actor, now=now)
    outbox.wake()
    return sold_of(orders=paid, total=total, parts=sale.payments, tips=sale.tips)


@within_unit_of_work
def place_own(*, sale: Sale, basket: Basket, actor: Actor, now: datetime) -> tuple[Order, list[Appointment]]:
    """Place the order of a sale and return it, locked, with the visits that begin with it."""
    contact = contact_of(sale=sale, basket=basket)
    visits = [
        (scheduling.put_under_claim(public_id=visit.public_id, claim=(claim := uuid4()), now=now), claim)
        for visit in basket.direct
    ]
    begun = [
        (_seat(basket=basket, place=place, contact=contact, actor=actor, now=now))
        for place in range(len(basket.walk_ins))
    ]
    placed = place(
        sale=sale,
        basket=basket,
        visits=[(visit, visit.claim or claim) for visit, claim in visits] + begun,
        contact=contact,
        payment_method=Order.PaymentMethod.ON_SITE.value,
        channel=Order.Channel.COUNTER.value,
        expected=None,
        actor=actor,
        now=now,
    )
    return orders.locked_order(number=placed.order.number, access=STAFF), [visit for visit, _claim in begun]


def _seat(*, basket: Basket, place: int, contact: Contact, actor: Actor, now: datetime) -> tuple[Appointment, UUID]:
    walk_in, claim = basket.walk_ins[place], uuid4()
    booker = Booker(name=contact.name, phone=contact.phone, customer_id=basket.account, record_id=basket.record)
    visit = scheduling.seat(
        candidate=walk_in.candidate, claim=claim, booker=booker, actor=actor, now=now, force=walk_in.force
    )
    return visit, claim
