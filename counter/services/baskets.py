"""What a sale is about, looked up in the catalogue and the agenda; nothing is written and nothing locked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from cart import services as carts
from cart.errors import QuantityLimit
from cart.pricing import Line
from cart.services import Units
from catalog import selectors as catalog
from catalog.models import Product
from catalog.selectors import Offer
from catalog.units import most_sold
from common.actors import Actor
from common.errors import FieldError, Forbidden, Malformed, NotFound
from counter.errors import NothingSold
from counter.services.commands import Goods, Sale, WalkIn
from counter.services.people import may
from customers import selectors as customers
from customers.models import CustomerRecord
from orders import selectors as orders
from orders import services as order_services
from scheduling import selectors as agenda
from scheduling import services as scheduling
from scheduling.models import Appointment
from scheduling.services import Candidate, Wish
from shop import services as shop
from shop.policy import Policy

FORCE = "scheduling.force_appointment"


@dataclass(frozen=True)
class Begun:
    """A visit without an appointment, with whoever performs it, and why it may begin although they are not free."""

    candidate: Candidate
    force: str


@dataclass(frozen=True)
class Basket:
    """What a sale is about. `direct`: visits that are in no order yet; `ordered`: the visits that are, by number.

    `bookings`: visits of another time, to be booked with it, with whoever performs them.
    """

    goods: list[Line]
    direct: list[Appointment]
    ordered: dict[str, list[Appointment]]
    walk_ins: list[Begun]
    customer: CustomerRecord | None
    policy: Policy
    bookings: list[Candidate] = field(default_factory=list)

    @property
    def visits(self) -> list[Appointment]:
        """Every visit that was in the agenda before."""
        return [*self.direct, *(visit for visits in self.ordered.values() for visit in visits)]

    @property
    def is_new(self) -> bool:
        """Whether the sale makes an order of its own."""
        return bool(self.goods or self.direct or self.walk_ins or self.bookings)

    @property
    def account(self) -> int | None:
        """The account of the customer, if they have one."""
        return self.customer.account_id if self.customer else None

    @property
    def record(self) -> int | None:
        """The shop's record of the customer, if the sale names one."""
        return self.customer.pk if self.customer else None

    def lease_names(self) -> list[str]:
        """Return the names of the lease over the time of all of it."""
        candidates = [*(begun.candidate for begun in self.walk_ins), *self.bookings]
        names = [name for candidate in candidates for name in candidate.keys]
        names += [name for visit in self.visits for name in order_services.visit_keys(visit=visit)]
        return names + [name for number in self.ordered for name in order_services.lease_of_order(number=number)]


def lease_of_basket(*, basket: Basket, **_others: Any) -> list[str]:
    """Return the names of the lease over everything in a basket."""
    return basket.lease_names()


def basket_of(*, sale: Sale, actor: Actor, now: datetime, bookings: Sequence[Wish] = ()) -> Basket:
    """Return what a sale is about. `bookings`: visits of another time, to be booked with it.

    Raises NothingSold, Malformed (naming each line that cannot be sold), NotFound (a customer), NotForSale,
    UnknownSku, SlotUnavailable (a service), Forbidden (forcing, for who may not).
    """
    if not (sale.goods or sale.visits or sale.walk_ins or bookings):
        raise NothingSold()
    goods = _goods(wanted=sale.goods)
    direct, ordered = _visits(sale=sale)
    return Basket(
        goods=goods,
        direct=direct,
        ordered=ordered,
        walk_ins=_walk_ins(wanted=sale.walk_ins, actor=actor, now=now),
        customer=customers.customer_known_as(public_id=sale.customer) if sale.customer else None,
        policy=shop.policy(),
        bookings=_bookings(wanted=bookings, actor=actor, now=now),
    )


def _goods(*, wanted: Iterable[Goods]) -> list[Line]:
    """Return a line for each SKU, in the order they were named in."""
    units = [
        Units(sku=one.sku, quantity=one.quantity, pointer=f"/goods/{place}/quantity")
        for place, one in enumerate(wanted)
    ]
    if not units:
        return []
    offers = catalog.offers(skus={one.sku for one in units})
    problems = [problem for place, one in enumerate(units) for problem in _problems(place, one, offers.get(one.sku))]
    if problems:
        raise Malformed(errors=problems)
    return [
        carts.new_line(offer=offers[sku], quantity=_sum(units, offer=offers[sku]))
        for sku in dict.fromkeys(one.sku for one in units)
    ]


def _problems(place: int, one: Units, offer: Offer | None) -> list[FieldError]:
    where = f"/goods/{place}/sku"
    if offer is None:
        return [FieldError(where, "unknown_sku", _("Nothing is sold under %(sku)s.") % {"sku": one.sku})]
    if offer.kind != Product.Kind.GOODS:
        told = _("%(name)s is a service: say who performs it.") % {"name": offer.name}
        return [FieldError(where, "not_for_sale", told)]
    if not offer.for_sale:
        return [FieldError(where, "not_for_sale", _("%(name)s is not for sale now.") % {"name": offer.name})]
    most = most_sold(unit=offer.unit)
    if not 1 <= one.quantity <= most:
        told = _("Write a quantity from 1 to %(max)s.") % {"max": most}
        return [FieldError(one.pointer, "max_value", told)]
    return []


def _sum(units: list[Units], *, offer: Offer) -> int:
    try:
        return carts.summed(units, offer=offer)
    except QuantityLimit as refusal:
        told = _("Of %(name)s at most %(max)s at once.") % {"name": offer.name, "max": refusal.data["max"]}
        raise Malformed(errors=[FieldError("/goods", "max_value", told)]) from refusal


def _visits(*, sale: Sale) -> tuple[list[Appointment], dict[str, list[Appointment]]]:
    """Return the visits in no order yet, and the others by the number of their order."""
    direct: list[Appointment] = []
    ordered: dict[str, list[Appointment]] = {}
    for place, public_id in enumerate(dict.fromkeys(one.appointment for one in sale.visits)):
        try:
            visit = agenda.appointment(public_id=public_id)
        except NotFound as refusal:
            told = _("There is no such visit.")
            raise Malformed(errors=[FieldError(f"/visits/{place}", "unknown", told)]) from refusal
        line = orders.line_of_claim(claim=str(visit.claim)) if visit.claim else None
        if line is None:
            direct.append(visit)
        else:
            ordered.setdefault(line.order.number, []).append(visit)
    return direct, ordered


def _walk_ins(*, wanted: Iterable[WalkIn], actor: Actor, now: datetime) -> list[Begun]:
    """Return a visit for each professional, begun with the minute."""
    starts_at = now.replace(second=0, microsecond=0)
    found: list[Begun] = []
    for one in wanted:
        if one.force and not may(actor=actor, permission=FORCE):
            raise Forbidden(_("Only who may book over others can begin a visit at a time that is not free."))
        people: dict[UUID | None, list[str]] = {}
        for sku, professional in one.services:
            people.setdefault(professional, []).append(sku)
        for professional, skus in sorted(people.items(), key=lambda each: each[0] is None):
            taken = {begun.candidate.performer.public_id for begun in found}
            candidate = scheduling.candidate_of(
                wish=Wish(services=tuple(skus), starts_at=starts_at, professional=professional),
                actor=actor,
                now=now,
                besides=taken,
            )
            found.append(Begun(candidate=candidate, force=one.force))
    return found


def _bookings(*, wanted: Iterable[Wish], actor: Actor, now: datetime) -> list[Candidate]:
    """Return each visit with whoever performs it; nobody has two of them at one moment unless they were named."""
    found: list[Candidate] = []
    for wish in wanted:
        besides = {one.performer.public_id for one in found if _ends_at(one) > wish.starts_at >= one.starts_at}
        found.append(scheduling.candidate_of(wish=wish, actor=actor, now=now, besides=besides))
    return found


def _ends_at(candidate: Candidate) -> datetime:
    return candidate.starts_at + timedelta(minutes=candidate.visit.duration)
