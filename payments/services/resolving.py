"""What people decide about the money inbox: money set aside is taken for an order or given back, refunds tried again.

Each decision and the end of its case are one transaction, with the order locked first, so of two decisions at once the
second finds the case settled. A case that only tells of what happened is settled with a note.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from common.actors import Actor
from common.errors import InvalidTransition, NotFound
from common.transactions import locked, within_unit_of_work
from common.use_cases import use_case
from inventory.errors import OutOfStock
from orders import services as orders
from orders.models import Order
from orders.selectors import Access
from payments.lifecycle import CASE_STEPS
from payments.models import MoneyCase, Payment, Refund
from payments.selectors import can_take, reference_of
from payments.services import history
from payments.services.arrivals import Arrival, arrive, receive_only, take_in_too_late
from payments.services.cases import close_case
from payments.services.owing import owe
from payments.services.refunds import settle_refund, try_refund_again
from scheduling.errors import SlotTaken

STAFF = Access(staff=True)


def take_case(*, case_id: UUID, number: str, resolution: str, actor: Actor, now: datetime) -> MoneyCase:
    """Take money that was set aside for the order of that number, do what follows from it, and settle the case.

    Raises NotFound (no such case or order), InvalidTransition (it is settled, or no money that can be taken), Busy.
    """
    try:
        return _take(case_id=case_id, number=number, resolution=resolution, actor=actor, now=now)
    except (OutOfStock, SlotTaken):
        return _take_too_late(case_id=case_id, number=number, resolution=resolution, actor=actor, now=now)


@use_case(lease=orders.lease_of_order)
def _take(*, case_id: UUID, number: str, resolution: str, actor: Actor, now: datetime) -> MoneyCase:
    order, case = _both_locked(case_id=case_id, number=number)
    arrival = _freed(case=case, order=order, actor=actor, now=now)
    payment = arrive(order=order, arrival=arrival, actor=actor, now=now)
    return close_case(case=case, resolution=resolution, payment=payment, actor=actor, now=now)


@use_case(lease=orders.lease_of_order)
def _take_too_late(*, case_id: UUID, number: str, resolution: str, actor: Actor, now: datetime) -> MoneyCase:
    order, case = _both_locked(case_id=case_id, number=number)
    arrival = _freed(case=case, order=order, actor=actor, now=now)
    payment = take_in_too_late(order=order, arrival=arrival, actor=actor, now=now)
    return close_case(case=case, resolution=resolution, payment=payment, actor=actor, now=now)


@use_case()
def give_case_back(*, case_id: UUID, resolution: str, actor: Actor, now: datetime) -> MoneyCase:
    """Write down money that was set aside for the order it names, owe all of it back at once, and settle the case.

    Neither the order's status nor its units change. Raises NotFound, InvalidTransition.
    """
    number = MoneyCase.objects.filter(public_id=case_id).values_list("order__number", flat=True).first()
    order, case = _both_locked(case_id=case_id, number=number or "")
    arrival = _freed(case=case, order=order, actor=actor, now=now)
    payment = receive_only(order=order, arrival=arrival, actor=actor, now=now)
    owe(order=order, amount=arrival.amount, reason="payment.set_aside", cause=case.public_id, payment=payment, now=now)
    return close_case(case=case, resolution=resolution, payment=payment, actor=actor, now=now)


def settle_refused(*, case_id: UUID, by_hand: bool, resolution: str, actor: Actor, now: datetime) -> MoneyCase:
    """See to a refund that was refused, by hand or once more through its gateway, and settle its case.

    Raises NotFound, InvalidTransition (it is settled, of no refund, or the refund is in no such state).
    """
    case = MoneyCase.objects.filter(public_id=case_id).first()
    if case is None:
        raise NotFound()
    if case.refund is None or case.status != MoneyCase.Status.OPEN:
        raise InvalidTransition.of(case.status, allowed=list(CASE_STEPS[case.status]))
    if case.refund.status == Refund.Status.REFUSED:  # not where an earlier click was cut off in between
        see_to = settle_refund if by_hand else try_refund_again
        see_to(refund_id=case.refund.public_id, actor=actor, now=now)
    return _settled(case_id=case_id, resolution=resolution, actor=actor, now=now)


@use_case()
def _settled(*, case_id: UUID, resolution: str, actor: Actor, now: datetime) -> MoneyCase:
    case = locked(MoneyCase.objects.filter(public_id=case_id)).get()
    return close_case(case=case, resolution=resolution, actor=actor, now=now)


@within_unit_of_work
def _both_locked(*, case_id: UUID, number: str) -> tuple[Order, MoneyCase]:
    """Return the order and the open case of money that can be taken for it, both locked, the order first.

    The order that the money was asked for is locked as well, in the order of their keys.
    """
    own = MoneyCase.objects.filter(public_id=case_id).values_list("order", flat=True).first()
    list(locked(Order.objects.filter(Q(pk=own) | Q(number=number))).order_by("pk"))
    order = orders.locked_order(number=number, access=STAFF)
    case = locked(MoneyCase.objects.filter(public_id=case_id)).first()
    if case is None:
        raise NotFound()
    if case.status != MoneyCase.Status.OPEN or not can_take(case=case, currency=order.currency):
        raise InvalidTransition.of(case.status, allowed=list(CASE_STEPS[case.status]))
    return order, case


@within_unit_of_work
def _freed(*, case: MoneyCase, order: Order, actor: Actor, now: datetime) -> Arrival:
    """Return the money of a case as it arrives for a locked order; an attempt of another order lets go of it."""
    reference = reference_of(case=case)
    asked = locked(Payment.objects.filter(pk=case.payment_id)).first() if case.payment_id else None
    if asked is not None and asked.order_id != order.pk:
        if asked.gateway_reference == reference and asked.status != Payment.Status.SUCCEEDED:
            _let_go(asked=asked, actor=actor, now=now)
        asked = None
    return Arrival(
        amount=case.amount or Decimal(0),
        gateway=case.gateway,
        method=asked.method if asked else order.payment_method,
        gateway_reference=reference,
        attempt=asked.public_id if asked else None,
    )


@within_unit_of_work
def _let_go(*, asked: Payment, actor: Actor, now: datetime) -> None:
    asked.gateway_reference = ""
    if asked.status == Payment.Status.PENDING:
        cancelled = Payment.Status.CANCELLED.value
        history.move(row=asked, target=cancelled, actor=actor, now=now, gateway_reference="", reason="attached")
    else:
        asked.save(update_fields=["gateway_reference"])
