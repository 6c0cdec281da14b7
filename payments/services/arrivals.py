"""Money that is there: one way to write it down, whoever brings the news.

The order's row is locked first, so of a payment, an expiry and a cancel at the same moment exactly one finds the order
open. No money is turned away. In time it confirms the order. After the deadline the order takes its units and times
again if they are free, and otherwise owes the money back. What is more than the order costs is owed back too.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from common import outbox
from common.actors import Actor
from common.errors import Busy, InvalidTransition
from common.transactions import locked, within_unit_of_work
from common.use_cases import use_case
from inventory.errors import OutOfStock
from orders import services as orders
from orders.amounts import amount_due, current_total
from orders.lifecycle import allowed, effective_status
from orders.models import Order
from orders.selectors import Access
from payments import selectors
from payments.gateways import registry
from payments.models import GatewayEvent, MoneyCase, Payment
from payments.services import history
from payments.services.cases import open_case
from payments.services.inbox import close_event
from payments.services.owing import owe
from scheduling.errors import SlotTaken
from till import services as till

COUNTER = "counter"
"""The gateway of money that is handed over in the shop, into the drawer of whoever takes it."""
BY_HAND = {"on_site": COUNTER, "pix": "pix"}
"""Which gateway money belongs to that a person says has come; a transfer otherwise."""
REASONS = {
    MoneyCase.Kind.TOO_LATE.value: "order.paid_too_late",
    MoneyCase.Kind.SECOND.value: "payment.second",
    MoneyCase.Kind.TOO_MUCH.value: "payment.too_much",
}


@dataclass(frozen=True)
class Arrival:
    """Money that is there.

    `reference`: what a statement or a receipt calls it; `gateway_reference`: what the gateway calls it; `attempt`: the
    payment it was asked for by; `event`: what told of it, done with once the money is written down.
    """

    amount: Decimal
    gateway: str
    method: str
    reference: str = ""
    gateway_reference: str = ""
    tender: str = ""
    attempt: UUID | None = None
    event: GatewayEvent | None = None

    @classmethod
    def by_hand(cls, *, method: str, amount: Decimal, reference: str = "", tender: str = "") -> "Arrival":
        """Return money that a person says has come."""
        return cls(
            amount=amount,
            gateway=BY_HAND.get(method, "transfer"),
            method=method,
            reference=reference,
            tender=tender,
        )


def record_arrival(*, number: str, arrival: Arrival, actor: Actor, now: datetime) -> Payment:
    """Write down money that came for an order, do what follows from it, and return its payment.

    The same money again changes nothing. Raises NotFound, Busy.
    """
    try:
        return _record(number=number, arrival=arrival, actor=actor, now=now)
    except (OutOfStock, SlotTaken):
        return _record_too_late(number=number, arrival=arrival, actor=actor, now=now)


def confirm_order(
    *, number: str, amount: Decimal, reference: str, access: Access, actor: Actor, now: datetime
) -> Order:
    """Record that money for a pending order arrived, confirm it, and return the order.

    An order that expired meanwhile is revived if everything is still there. If not, it stays expired: the money is
    written down all the same and owed back, and the order is returned with what it has received.

    Raises NotFound, InvalidTransition; then nothing has changed.
    """
    wanted: Any = {"number": number, "amount": amount, "reference": reference, "access": access, "actor": actor}
    try:
        return _confirm(**wanted, now=now)
    except (OutOfStock, SlotTaken):
        return _keep_late_money(**wanted, now=now)


@within_unit_of_work
def arrive(*, order: Order, arrival: Arrival, actor: Actor, now: datetime) -> Payment:
    """Write down money for a locked order and do what follows from it.

    Raises OutOfStock, SlotTaken where the order had expired and cannot be taken up again; the caller then rolls back.
    """
    row = _row_of(order=order, arrival=arrival)
    if row is None or row.status != Payment.Status.SUCCEEDED:
        status, due = (
            effective_status(status=order.status, expires_at=order.expires_at, now=now),
            amount_due(order=order),
        )
        if status in (Order.Status.PENDING, Order.Status.EXPIRED):
            orders.confirm_with_money(
                order=order, received=arrival.amount, actor=actor, reason=arrival.reference, now=now
            )
        else:
            orders.record_money(order=order, received=arrival.amount)
        row = _write(row=row, order=order, arrival=arrival, actor=actor, now=now)
        if status == Order.Status.EXPIRED:
            _tell(kind=MoneyCase.Kind.REVIVED, payment=row, amount=arrival.amount, arrival=arrival, now=now)
        if arrival.amount > due:
            _owe_beyond(payment=row, status=status, arrival=arrival, now=now)
    close_event(event=arrival.event, payment=row, now=now)
    return row


@use_case(lease=orders.lease_of_order)
def _record(*, number: str, arrival: Arrival, actor: Actor, now: datetime) -> Payment:
    order = orders.locked_order(number=number, access=Access(staff=True))
    return arrive(order=order, arrival=arrival, actor=actor, now=now)


@use_case(lease=orders.lease_of_order)
def _record_too_late(*, number: str, arrival: Arrival, actor: Actor, now: datetime) -> Payment:
    order = orders.locked_order(number=number, access=Access(staff=True))
    return take_in_too_late(order=order, arrival=arrival, actor=actor, now=now)


@use_case(lease=orders.lease_of_order)
def _confirm(*, number: str, amount: Decimal, reference: str, access: Access, actor: Actor, now: datetime) -> Order:
    order = orders.locked_order(number=number, access=access)
    if order.status not in (Order.Status.PENDING, Order.Status.EXPIRED):
        raise InvalidTransition.of(order.status, allowed=allowed(status=order.status))
    arrival = Arrival.by_hand(method=order.payment_method, amount=amount, reference=reference)
    arrive(order=order, arrival=arrival, actor=actor, now=now)
    return order


@use_case(lease=orders.lease_of_order)
def _keep_late_money(
    *, number: str, amount: Decimal, reference: str, access: Access, actor: Actor, now: datetime
) -> Order:
    order = orders.locked_order(number=number, access=access)
    arrival = Arrival.by_hand(method=order.payment_method, amount=amount, reference=reference)
    take_in_too_late(order=order, arrival=arrival, actor=actor, now=now)
    return order


@within_unit_of_work
def receive_only(*, order: Order, arrival: Arrival, actor: Actor, now: datetime) -> Payment:
    """Write down money for a locked order and leave the order as it is; the caller owes it back.

    Raises InvalidTransition where it has been counted already.
    """
    row = _row_of(order=order, arrival=arrival)
    if row is not None and row.status == Payment.Status.SUCCEEDED:
        raise InvalidTransition.of(row.status, allowed=[])
    orders.record_money(order=order, received=arrival.amount)
    return _write(row=row, order=order, arrival=arrival, actor=actor, now=now)


@within_unit_of_work
def take_in_too_late(*, order: Order, arrival: Arrival, actor: Actor, now: datetime) -> Payment:
    """Write down money for an expired order whose goods or time somebody else has, and owe it back at once."""
    row = _row_of(order=order, arrival=arrival)
    if row is None or row.status != Payment.Status.SUCCEEDED:
        if effective_status(status=order.status, expires_at=order.expires_at, now=now) != Order.Status.EXPIRED:
            raise Busy()  # somebody moved it in between; who asks again is told how it stands
        if order.status == Order.Status.PENDING:
            orders.expire_order(order=order, actor=Actor.system(door=actor.door), now=now)
        orders.record_money(order=order, received=arrival.amount)
        row = _write(row=row, order=order, arrival=arrival, actor=actor, now=now)
        _owe_back(payment=row, kind=MoneyCase.Kind.TOO_LATE, amount=arrival.amount, arrival=arrival, now=now)
        outbox.emit(name="order.paid_too_late", payload={"order": order.number}, now=now)
    close_event(event=arrival.event, payment=row, now=now)
    return row


def _row_of(*, order: Order, arrival: Arrival) -> Payment | None:
    """Return, locked, the payment that this money is: the one it is known by, or the attempt it was asked for by.

    Money that a person has seen completes what was announced; what a gateway awaits is only its own to complete.
    """
    rows = list(locked(Payment.objects.filter(order=order)))
    for row in rows:
        row.order = order
        if arrival.gateway_reference and arrival.gateway_reference == row.gateway_reference:
            return row if row.gateway == arrival.gateway else None
    for row in rows:
        if arrival.attempt is not None and row.public_id == arrival.attempt:
            return row if row.gateway_reference in ("", arrival.gateway_reference) else None
    if arrival.gateway_reference or arrival.attempt is not None:
        return None
    waiting = (row for row in rows if row.status == Payment.Status.PENDING and row.method == arrival.method)
    return next((row for row in waiting if not registry.is_remote(row.gateway)), None)


def _write(*, row: Payment | None, order: Order, arrival: Arrival, actor: Actor, now: datetime) -> Payment:
    """Write the row of money that is there; the payment that was begun for it becomes it."""
    there: dict[str, Any] = {
        "amount": arrival.amount,
        "reference": arrival.reference[:100],
        "gateway_reference": arrival.gateway_reference,
        "tender": arrival.tender,
        "session": till.session_for(actor=actor, now=now) if arrival.gateway == COUNTER else None,
        "failure": "",
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "received_at": now,
    }
    if row is not None:
        succeeded = Payment.Status.SUCCEEDED.value
        history.move(row=row, target=succeeded, actor=actor, now=now, reason=arrival.reference, **there)
        return row
    row = Payment(
        order=order,
        gateway=arrival.gateway,
        method=arrival.method,
        status=Payment.Status.SUCCEEDED,
        currency=order.currency,
        created_at=now,
        answered_at=now,
        **there,
    )
    history.write(row=row, actor=actor, now=now, reason=arrival.reference)
    return row


def _owe_beyond(*, payment: Payment, status: str, arrival: Arrival, now: datetime) -> None:
    """Owe back what is more than the order costs; what it owes already counts as gone."""
    order = payment.order
    kept_before = selectors.not_owed_back(order=order) - arrival.amount
    due = max(current_total(order=order) - kept_before, Decimal("0.00"))
    kind = MoneyCase.Kind.TOO_MUCH if due > 0 else MoneyCase.Kind.SECOND
    if status == Order.Status.CANCELLED:
        kind = MoneyCase.Kind.TOO_LATE
    if arrival.amount > due:
        _owe_back(payment=payment, kind=kind, amount=arrival.amount - due, arrival=arrival, now=now)


def _owe_back(*, payment: Payment, kind: str, amount: Decimal, arrival: Arrival, now: datetime) -> None:
    """Owe money of a payment back, and put it into the inbox."""
    reason = REASONS[kind]
    owe(order=payment.order, amount=amount, reason=reason, cause=payment.public_id, payment=payment, now=now)
    _tell(kind=kind, payment=payment, amount=amount, arrival=arrival, now=now)


def _tell(*, kind: str, payment: Payment, amount: Decimal, arrival: Arrival, now: datetime) -> None:
    open_case(
        kind=kind,
        about=f"payment:{payment.public_id}",
        order=payment.order,
        payment=payment,
        event=arrival.event,
        amount=amount,
        now=now,
    )
