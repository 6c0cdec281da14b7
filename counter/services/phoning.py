"""An order by telephone: goods to be collected and visits to be booked, paid from afar or on the spot.

The time of its visits is held by the very step that holds it for a cart, and given to the order by the one that every
way of ordering uses, all in one transaction under the lease of that time: everything, or nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import FieldError, Malformed, Refusal
from common.keys import IdempotencyKey
from common.money import format_amount
from common.text import chat_url
from common.transactions import within_unit_of_work
from common.use_cases import remembered, use_case
from counter.services.baskets import Basket, basket_of, lease_of_basket
from counter.services.commands import Sale
from counter.services.ordering import contact_of, fingerprint, place
from orders.access import token_of
from orders.models import Order
from orders.services import Contact, Pickup
from orders.wording import page_path, pay_url
from scheduling import services as scheduling
from scheduling.errors import SlotTaken, SlotUnavailable
from scheduling.models import Appointment
from scheduling.services import Booker, Candidate, Wish
from scheduling.wording import REASONS


@dataclass(frozen=True)
class Promised:
    """A visit that was booked: its services, when it begins and with whom."""

    services: str
    starts_at: str
    professional: str


@dataclass(frozen=True)
class Phoned:
    """An order by telephone. `pay_url`: where it is paid online, where it is; `chat_url`: WhatsApp with its link."""

    number: str
    total: Decimal
    expires_at: str
    pay_url: str
    chat_url: str
    visits: tuple[Promised, ...] = ()


class _LostError(Exception):
    """The time of a visit could not be had, the `place`-th of those wanted; rolls back whatever was done."""

    def __init__(self, *, place: int, refusal: Refusal) -> None:
        self.place, self.refusal = place, refusal
        super().__init__(place)


def order_by_phone(
    *,
    sale: Sale,
    fulfilment: Pickup | None,
    payment_method: str,
    key: UUID,
    actor: Actor,
    now: datetime,
    bookings: Sequence[Wish] = (),
) -> Phoned:
    """Order goods and visits for somebody on the telephone, once for each key, and return what to send them.

    `fulfilment`: when the goods are collected; None without goods. `bookings`: the visits, each with somebody or with
    whoever is free.

    Raises Malformed (no name or phone, time, payments, a line that cannot be sold), DiscountAboveLimit, TotalChanged,
    PickupUnavailable, MethodNotOffered, OutOfStock (naming what is there), SlotTaken (with alternatives, and which of
    the visits), SlotUnavailable, UnknownSku, NotForSale, IdempotencyKeyReused, Busy; then nothing has changed.
    """
    _refuse_odd(sale)
    collected = [fulfilment.at, fulfilment.person] if fulfilment else [None, ""]
    said = fingerprint(sale, [*collected, payment_method, *(asdict(one) for one in bookings)])
    once = IdempotencyKey(scope=f"user:{actor.id}:phone", key=str(key), fingerprint=said)
    order_once = remembered(_order, lambda phoned: phoned, kind=Phoned, once=once)
    return order_once(
        sale=sale, bookings=bookings, fulfilment=fulfilment, payment_method=payment_method, actor=actor, now=now
    )


def _order(
    *,
    sale: Sale,
    bookings: Sequence[Wish],
    fulfilment: Pickup | None,
    payment_method: str,
    actor: Actor,
    now: datetime,
) -> Phoned:
    basket = basket_of(sale=sale, bookings=bookings, actor=actor, now=now)
    tried: set[tuple[int, UUID]] = set()
    while True:
        try:
            return _place(
                sale=sale, basket=basket, fulfilment=fulfilment, payment_method=payment_method, actor=actor, now=now
            )
        except _LostError as lost:
            candidate = basket.bookings[lost.place]
            tried.add((lost.place, candidate.performer.public_id))
            other = _somebody_else(lost, wish=bookings[lost.place], tried=tried, actor=actor, now=now)
            if other is None:
                raise _told(lost, candidate=candidate, now=now) from lost
            later = basket.bookings[lost.place + 1 :]
            basket = replace(basket, bookings=[*basket.bookings[: lost.place], other, *later])


def _somebody_else(
    lost: _LostError, *, wish: Wish, tried: Collection[tuple[int, UUID]], actor: Actor, now: datetime
) -> Candidate | None:
    """Return who else could fulfil a wish that names nobody, each tried once; None where nobody is left."""
    if wish.professional is not None or not isinstance(lost.refusal, SlotTaken):
        return None
    besides = {who for place, who in tried if place == lost.place}
    try:
        return scheduling.candidate_of(wish=wish, actor=actor, now=now, besides=besides)
    except SlotUnavailable:
        return None


@use_case(lease=lease_of_basket)
def _place(
    *, sale: Sale, basket: Basket, fulfilment: Pickup | None, payment_method: str, actor: Actor, now: datetime
) -> Phoned:
    """Hold the time, place the order of it and of the goods."""
    contact = contact_of(sale=sale, basket=basket)
    visits = [
        _held(basket=basket, number=number, contact=contact, actor=actor, now=now)
        for number in range(len(basket.bookings))
    ]
    placed = place(
        sale=sale,
        basket=basket,
        visits=visits,
        contact=contact,
        payment_method=payment_method,
        channel=Order.Channel.PHONE.value,
        expected=sale.expected_total,
        actor=actor,
        now=now,
        fulfilment=fulfilment,
    )
    return _phoned(order=placed.order, basket=basket, phone=contact.phone)


@within_unit_of_work
def _held(*, basket: Basket, number: int, contact: Contact, actor: Actor, now: datetime) -> tuple[Appointment, UUID]:
    """Hold the time of a visit under a new claim, as a cart does; the order settles until when. Raises _LostError."""
    claim = uuid4()
    booker = Booker(name=contact.name, phone=contact.phone, customer_id=basket.account, record_id=basket.record)
    try:
        visit = scheduling.hold(candidate=basket.bookings[number], claim=claim, booker=booker, actor=actor, now=now)
    except (SlotTaken, SlotUnavailable) as refusal:
        raise _LostError(place=number, refusal=refusal) from refusal
    return visit, claim


def _told(lost: _LostError, *, candidate: Candidate, now: datetime) -> Refusal:
    """Return the refusal in words, with the nearest free times where somebody else has that one."""
    services = _services_of(candidate)
    if isinstance(lost.refusal, SlotUnavailable):
        reasons: Any = lost.refusal.data["reasons"]
        why = " ".join(str(REASONS[reason]) for reason in reasons if reason in REASONS)
        return SlotUnavailable(f"{services}: {why}" if why else None, reasons=reasons)
    taken = scheduling.taken(
        visit=candidate.visit, policy=candidate.policy, starts_at=candidate.starts_at, desk=candidate.desk, now=now
    )
    told = _("%(services)s: %(who)s is no longer free at that time.")
    line = {"sku": candidate.visit.parts[0].sku, "booking": lost.place}
    return SlotTaken(told % {"services": services, "who": candidate.performer.name}, lines=[line], **taken.data)


def _services_of(candidate: Candidate) -> str:
    return " + ".join(part.name for part in candidate.visit.parts)


def _phoned(*, order: Order, basket: Basket, phone: str) -> Phoned:
    online = pay_url(order=order, status=order.status, offered=basket.policy.payment_methods) or ""
    link = online or settings.PUBLIC_URL + page_path(number=order.number, token=token_of(order=order))
    text = _("%(shop)s: your order %(number)s, %(total)s. See it and pay here: %(link)s") % {
        "shop": basket.policy.name,
        "number": order.number,
        "total": format_amount(order.total, currency=order.currency),
        "link": link,
    }
    return Phoned(
        number=order.number,
        total=order.total,
        expires_at=order.expires_at.isoformat() if order.expires_at else "",
        pay_url=online,
        chat_url=chat_url(phone=phone, text=text),
        visits=tuple(
            Promised(services=_services_of(one), starts_at=one.starts_at.isoformat(), professional=one.performer.name)
            for one in basket.bookings
        ),
    )


def _refuse_odd(sale: Sale) -> None:
    """Refuse what is not ordered by telephone, and an order that nobody could be told of."""
    problems: list[FieldError] = []
    if not sale.customer:
        needed: dict[str, Any] = {"name": sale.name, "phone": sale.phone}
        told = _("Whoever orders by telephone has a name and a number.")
        problems += [FieldError(f"/{name}", "required", told) for name, value in needed.items() if not value]
    if sale.visits or sale.walk_ins:
        told = _("Who orders by telephone is not in the chair: a visit of an order by telephone has a time of its own.")
        problems.append(FieldError("/visits", "not_allowed", told))
    if sale.payments:
        told = _("What is ordered by telephone is paid later.")
        problems.append(FieldError("/payments", "not_allowed", told))
    if problems:
        raise Malformed(errors=problems)
