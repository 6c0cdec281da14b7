"""Money at the counter together with what it is for: a visit that is closed, a pickup that is handed over."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from common.actors import Actor
from common.errors import InvalidTransition, TotalChanged
from common.transactions import within_unit_of_work
from common.use_cases import use_case
from orders import services as orders
from orders.amounts import amount_due
from orders.lifecycle import allowed, effective_status
from orders.models import Order
from orders.selectors import Access
from payments.services.arrivals import Arrival, arrive
from scheduling import selectors as agenda
from scheduling import services as scheduling
from scheduling.models import Appointment
from shop import services as shop


def charge_visit(
    *,
    appointment: UUID,
    tender: str,
    expected: Decimal,
    access: agenda.Access | None,
    actor: Actor,
    now: datetime,
) -> Appointment:
    """Take at the counter what a visit, or the order it is in, still costs; close the visit, and return it.

    A visit booked directly becomes an order first. One that has not begun is paid in advance and stays as it is.
    `expected`: the amount that whoever takes the money was shown.

    Raises NotFound, InvalidTransition (the visit is neither confirmed nor completed, or its order waits for its
    money), TotalChanged (another amount is due), LinesNotForSale, MethodNotOffered, Busy; then nothing has changed.
    """
    visit = agenda.appointment(public_id=appointment, access=access)
    return _charge(visit=visit, tender=tender, expected=expected, actor=actor, now=now)


@use_case(lease=orders.visit_keys)
def _charge(*, visit: Appointment, tender: str, expected: Decimal, actor: Actor, now: datetime) -> Appointment:
    order = orders.order_of_visit(visit=visit, policy=shop.policy(), actor=actor, now=now)
    due = amount_due(order=order)
    if due != expected:
        raise TotalChanged(total=str(due))
    if due > 0:
        receive_at_counter(order=order, amount=due, tender=tender, actor=actor, now=now)
    begun = visit.starts_at <= now
    return scheduling.close(plain=visit, target="completed", actor=actor, now=now) if begun else visit


@use_case()
def hand_over(
    *, number: str, tender: str, expected: Decimal | None, access: Access, actor: Actor, now: datetime
) -> Order:
    """Hand over all that is left of a pickup, take what is due if `tender` says how, and complete what is done.

    `expected`: the amount that whoever takes the money was shown; without `tender` nothing is taken.

    Raises NotFound, InvalidTransition, TotalChanged (another amount is due); then nothing has changed.
    """
    order = orders.locked_order(number=number, access=access)
    orders.hand_over(order=order, actor=actor, now=now)
    due = amount_due(order=order)
    if tender and due != expected:
        raise TotalChanged(total=str(due))
    if tender and due > 0:
        receive_at_counter(order=order, amount=due, tender=tender, actor=actor, now=now)
    orders.complete_if_done(order=order, actor=actor, now=now)
    return order


@within_unit_of_work
def receive_at_counter(*, order: Order, amount: Decimal, tender: str, actor: Actor, now: datetime) -> None:
    """Take money at the counter for a locked order. Raises InvalidTransition unless it is confirmed."""
    status = effective_status(status=order.status, expires_at=order.expires_at, now=now)
    if status != Order.Status.CONFIRMED:
        raise InvalidTransition.of(status, allowed=allowed(status=status))
    arrival = Arrival.by_hand(method=Order.PaymentMethod.ON_SITE.value, amount=amount, tender=tender)
    arrive(order=order, arrival=arrival, actor=actor, now=now)
