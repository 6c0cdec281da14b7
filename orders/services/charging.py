"""A visit and the order it is in: a visit booked directly becomes one when it is charged at the counter.

The visit gets its claim only then, since nobody had to keep it for a cart; from then on the order and
the visit follow each other like any others.
"""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.utils.translation import gettext_lazy as _

from cart import services as carts
from common.actors import Actor
from common.errors import InvalidTransition
from common.transactions import within_unit_of_work
from common.use_cases import use_case
from orders import selectors
from orders.lifecycle import allowed
from orders.models import Order
from orders.selectors import Access
from orders.services.commands import Contact, Placement
from orders.services.place_order import cart_to_order, place_within
from orders.services.states import locked_order
from scheduling import selectors as agenda
from scheduling import services as scheduling
from scheduling.models import Appointment
from shop import services as shop
from shop.policy import Policy

STAFF = Access(staff=True)


def visit_keys(*, visit: Appointment, **_others: Any) -> list[str]:
    """Return the names of the lease over a visit's time."""
    rooms = [visit.room_id] if visit.room_id is not None else []
    return scheduling.lease_names(professionals=[visit.professional_id], rooms=rooms)


@within_unit_of_work
def order_of_visit(*, visit: Appointment, policy: Policy, actor: Actor, now: datetime) -> Order:
    """Return, locked, the order of a confirmed or completed visit, which becomes one if it was booked directly.

    The caller holds the lease of `visit_keys`.

    Raises InvalidTransition (the visit is neither confirmed nor completed), LinesNotForSale, MethodNotOffered.
    """
    line = selectors.line_of_claim(claim=str(visit.claim)) if visit.claim else None
    if line is not None:
        return locked_order(number=line.order.number, access=STAFF)
    fresh = uuid4()
    claimed = scheduling.put_under_claim(public_id=visit.public_id, claim=fresh, now=now)
    line = selectors.line_of_claim(claim=str(claimed.claim))
    if line is not None:
        return locked_order(number=line.order.number, access=STAFF)
    claim = claimed.claim or fresh
    cart = carts.cart_for_visit(visit=claimed, claim=claim, policy=policy, now=now)
    placement = Placement(
        cart=cart.public_id,
        expected_total=claimed.total,
        contact=Contact(name=claimed.contact_name, email=claimed.contact_email, phone=claimed.contact_phone),
        payment_method=Order.PaymentMethod.ON_SITE.value,
        note=claimed.note,
        language=claimed.language,
        channel=Order.Channel.COUNTER.value,
    )
    buyer = claimed.customer_id
    cart, lines, policy = cart_to_order(placement=placement, customer_id=buyer, now=now)
    placed = place_within(
        placement=placement, cart=cart, lines=lines, customer_id=buyer, policy=policy, actor=actor, now=now
    )
    return locked_order(number=placed.order.number, access=STAFF)


def reopen_visit(*, appointment: UUID, access: agenda.Access | None, actor: Actor, now: datetime) -> Appointment:
    """Undo the closing of a visit that was closed today, unless its order is complete, and return the visit.

    Raises NotFound, InvalidTransition, SlotTaken (somebody else has its time by now), Busy.
    """
    return _reopen(visit=agenda.appointment(public_id=appointment, access=access), actor=actor, now=now)


@use_case(lease=visit_keys)
def _reopen(*, visit: Appointment, actor: Actor, now: datetime) -> Appointment:
    line = selectors.line_of_claim(claim=str(visit.claim)) if visit.claim else None
    if line is not None:
        order = locked_order(number=line.order.number, access=STAFF)
        if order.status == Order.Status.COMPLETED:
            detail = _("Its order is complete.")
            raise InvalidTransition.of(order.status, allowed=allowed(status=order.status), detail=detail)
    return scheduling.reopen(plain=visit, policy=shop.policy(), actor=actor, now=now)
