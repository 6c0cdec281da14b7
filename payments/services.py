"""Every write about money and every rule about it.

Each use case locks the order first, writes its own row, and lets `orders` count it, all in one transaction.
Confirming a transfer accepts less than the total; a person at the counter decided so, and the order stays
partly paid until the rest comes. Money is never turned away: what comes too late to be of use is owed back.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from cart.errors import MethodNotOffered
from common import outbox
from common.actors import Actor
from common.errors import Busy, InvalidTransition, NotFound, TotalChanged
from common.transactions import locked, unit_of_work
from common.use_cases import use_case
from inventory.errors import OutOfStock
from orders import services as orders
from orders.amounts import amount_due, asked_now, current_total
from orders.lifecycle import allowed, effective_status
from orders.models import Order
from orders.selectors import Access
from orders.services import Handover
from payments import selectors
from payments.errors import AmountExceedsDue, RefundExceedsPaid
from payments.models import Payment, Refund
from scheduling import selectors as agenda
from scheduling import services as scheduling
from scheduling.errors import SlotTaken
from scheduling.models import Appointment
from shop import services as shop


def confirm_order(
    *, number: str, amount: Decimal, reference: str, access: Access, actor: Actor, now: datetime
) -> Order:
    """Record that money for a pending order arrived, confirm it, and return the order.

    An order that expired meanwhile is revived if everything is still there. If not, it stays expired: the money is
    written down all the same and owed back, and the order is returned with what it has received.

    Raises NotFound, InvalidTransition, AmountExceedsDue; then nothing has changed.
    """
    try:
        return _confirm(number=number, amount=amount, reference=reference, access=access, actor=actor, now=now)
    except (OutOfStock, SlotTaken):
        return _keep_late_money(number=number, amount=amount, reference=reference, access=access, actor=actor, now=now)


@use_case(lease=orders.lease_of_order)
def _confirm(*, number: str, amount: Decimal, reference: str, access: Access, actor: Actor, now: datetime) -> Order:
    order = orders.locked_order(number=number, access=access)
    due = amount_due(order=order)
    orders.confirm_with_money(order=order, received=amount, actor=actor, reason=reference, now=now)
    if amount > due:  # judged last, so that a closed order says that it is closed
        raise AmountExceedsDue(due=str(due))
    _receive(order=order, method=order.payment_method, amount=amount, reference=reference, actor=actor, now=now)
    outbox.wake()
    return order


@use_case(lease=orders.lease_of_order)
def _keep_late_money(
    *, number: str, amount: Decimal, reference: str, access: Access, actor: Actor, now: datetime
) -> Order:
    """Write down money for an expired order whose goods or time somebody else has, and owe it back at once."""
    order = orders.locked_order(number=number, access=access)
    if effective_status(status=order.status, expires_at=order.expires_at, now=now) != Order.Status.EXPIRED:
        raise Busy()  # somebody moved it in between; who asks again is told how it stands
    due = amount_due(order=order)
    if amount > due:
        raise AmountExceedsDue(due=str(due))
    if order.status == Order.Status.PENDING:
        orders.expire_order(order=order, actor=Actor.system(door=actor.door), now=now)
    orders.record_money(order=order, received=amount)
    payment = _receive(
        order=order, method=order.payment_method, amount=amount, reference=reference, actor=actor, now=now
    )
    _owe(order=order, amount=amount, reason="order.paid_too_late", cause=payment.public_id, now=now)
    outbox.emit(name="order.paid_too_late", payload={"order": order.number}, now=now)
    outbox.wake()
    return order


@use_case()
def take_payment(*, number: str, method: str, access: Access, actor: Actor, now: datetime, tender: str = "") -> Payment:
    """Begin or record a payment of what the order still costs, and return it.

    `on_site`: staff takes the money at the counter, now; `tender` says what was handed over. `transfer`: announces a
    transfer that staff will confirm.

    Raises NotFound, MethodNotOffered, InvalidTransition (nothing is due, or the order is not open).
    """
    order = orders.locked_order(number=number, access=access)
    offered = [order.payment_method] if access.staff or order.payment_method != Order.PaymentMethod.ON_SITE else []
    if access.staff and Order.PaymentMethod.ON_SITE not in offered:
        offered.append(Order.PaymentMethod.ON_SITE.value)
    if method not in offered or method not in (Order.PaymentMethod.ON_SITE, Order.PaymentMethod.TRANSFER):
        raise MethodNotOffered(offered=offered)
    due = amount_due(order=order)
    expected = Order.Status.CONFIRMED if method == Order.PaymentMethod.ON_SITE else Order.Status.PENDING
    _refuse_unless(order=order, status=expected if due > 0 else None, now=now)
    if method == Order.PaymentMethod.ON_SITE:
        return _receive_at_counter(order=order, amount=due, tender=tender, actor=actor, now=now)
    return _announce(order=order, amount=asked_now(order=order), actor=actor, now=now)


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
        _refuse_unless(order=order, status=Order.Status.CONFIRMED, now=now)
        _receive_at_counter(order=order, amount=due, tender=tender, actor=actor, now=now)
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
        _receive_at_counter(order=order, amount=due, tender=tender, actor=actor, now=now)
    orders.complete_if_done(order=order, actor=actor, now=now)
    return order


@use_case()
def refund_order(
    *,
    number: str,
    amount: Decimal | None,
    handed_back: Sequence[Handover],
    restock: bool,
    reason: str,
    access: Access,
    actor: Actor,
    now: datetime,
) -> Refund:
    """Record money given back by hand, and return the refund.

    Without `amount`: the price of the units handed back, or all that can be refunded. `restock` puts the units handed
    back on the shelf again.

    Raises NotFound, RefundExceedsPaid, TooManyUnits, Malformed (an unknown line).
    """
    order = orders.locked_order(number=number, access=access)
    refund = Refund(
        order=order,
        status=Refund.Status.SUCCEEDED,
        currency=order.currency,
        reason=reason,
        actor_kind=actor.kind,
        actor_id=actor.id,
        created_at=now,
        returned_at=now,
    )
    value = orders.take_back(
        order=order, handed_back=handed_back, restock=restock, reference=str(refund.public_id), actor=actor, now=now
    )
    most = selectors.refundable(order=order)
    refund.amount = amount if amount is not None else (min(value, most) if handed_back else most)
    if refund.amount <= 0 or refund.amount > most:
        raise RefundExceedsPaid(refundable=str(most))
    refund.save(force_insert=True)
    orders.record_money(order=order, returned=refund.amount)
    return refund


def owe_refund(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Owe the customer the money of an order that ended, once per event. Called by the outbox.

    An expired order that money has revived before anybody heard of its end owes nothing.
    """
    with unit_of_work():
        order = locked(Order.objects.filter(number=payload["order"])).get()
        if order.status in (Order.Status.CANCELLED, Order.Status.EXPIRED):
            _owe(order=order, amount=selectors.refundable(order=order), reason=name, cause=event_id, now=now)


def owe_for_line(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Owe the customer what they have paid beyond the lines an order has left, once per event."""
    with unit_of_work():
        order = locked(Order.objects.filter(number=payload["order"])).get()
        beyond = selectors.refundable(order=order) - current_total(order=order)
        _owe(order=order, amount=beyond, reason=name, cause=event_id, now=now)


def _owe(*, order: Order, amount: Decimal, reason: str, cause: UUID, now: datetime) -> None:
    if amount > 0 and not Refund.objects.filter(cause=cause).exists():
        Refund.objects.create(
            order=order,
            status=Refund.Status.DUE,
            amount=amount,
            currency=order.currency,
            reason=reason,
            cause=cause,
            actor_kind="system",
            created_at=now,
        )


def settle_refund(*, refund_id: UUID, actor: Actor, now: datetime) -> Refund:
    """Record that an owed refund has been given back. Settling it again changes nothing.

    Raises NotFound.
    """
    with unit_of_work():
        owed = Refund.objects.filter(public_id=refund_id).values_list("order", flat=True).first()
        if owed is None:
            raise NotFound()
        order = locked(Order.objects.filter(pk=owed)).get()
        refund = locked(Refund.objects.filter(public_id=refund_id)).get()
        if refund.status == Refund.Status.DUE:
            refund.status, refund.returned_at = Refund.Status.SUCCEEDED, now
            refund.actor_kind, refund.actor_id = actor.kind, actor.id
            refund.save(update_fields=["status", "returned_at", "actor_kind", "actor_id"])
            orders.record_money(order=order, returned=refund.amount)
    return refund


def _refuse_unless(*, order: Order, status: str | None, now: datetime) -> None:
    """Raise InvalidTransition unless the order is in `status`, which None never is."""
    current = effective_status(status=order.status, expires_at=order.expires_at, now=now)
    if current != status:
        raise InvalidTransition.of(current, allowed=allowed(status=current))


def _receive_at_counter(*, order: Order, amount: Decimal, tender: str, actor: Actor, now: datetime) -> Payment:
    orders.record_money(order=order, received=amount)
    on_site = Order.PaymentMethod.ON_SITE.value
    return _receive(order=order, method=on_site, amount=amount, reference="", actor=actor, now=now, tender=tender)


def _announce(*, order: Order, amount: Decimal, actor: Actor, now: datetime) -> Payment:
    waiting = Payment.objects.filter(order=order, method=order.payment_method, status=Payment.Status.PENDING).first()
    return waiting or Payment.objects.create(
        order=order,
        gateway=Payment.Gateway.TRANSFER,
        method=order.payment_method,
        status=Payment.Status.PENDING,
        amount=amount,
        currency=order.currency,
        actor_kind=actor.kind,
        actor_id=actor.id,
        created_at=now,
    )


def _receive(
    *,
    order: Order,
    method: str,
    amount: Decimal,
    reference: str,
    actor: Actor,
    now: datetime,
    tender: str = "",
) -> Payment:
    """Write the row of money that is there; an announced payment becomes it."""
    announced = Payment.objects.filter(order=order, method=method, status=Payment.Status.PENDING).first()
    payment = announced or Payment(
        order=order,
        gateway=Payment.Gateway.COUNTER if method == Order.PaymentMethod.ON_SITE else Payment.Gateway.TRANSFER,
        method=method,
        currency=order.currency,
        created_at=now,
    )
    payment.status = Payment.Status.SUCCEEDED
    payment.amount = amount
    payment.reference = reference
    payment.tender = tender
    payment.actor_kind, payment.actor_id = actor.kind, actor.id
    payment.received_at = now
    payment.save()
    return payment
