"""Money that is owed back: each debt written down once, and spread over the payments it came by."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.db.models import Sum

from common import outbox
from common.actors import Actor
from common.transactions import locked, unit_of_work, within_unit_of_work
from orders.amounts import current_total
from orders.models import Order
from payments import selectors
from payments.gateways import registry
from payments.models import Payment, Refund
from payments.services import history

SYSTEM = Actor.system(door="task")
CASH = Payment.Tender.CASH.value
"""What nobody said of lies in the drawer."""


def owe_refund(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Owe the customer the money of an order that ended, once per event. Called by the outbox.

    An expired order that money has revived before anybody heard of its end owes nothing.
    """
    with unit_of_work():
        order = locked(Order.objects.filter(number=payload["order"])).get()
        if order.status in (Order.Status.CANCELLED, Order.Status.EXPIRED):
            owe(order=order, amount=selectors.refundable(order=order), reason=name, cause=event_id, now=now)


def owe_for_line(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Owe the customer what they have paid beyond what an order costs now, once per event. Called by the outbox.

    An expired order costs nothing; whoever ended it owes its money.
    """
    with unit_of_work():
        order = locked(Order.objects.filter(number=payload["order"])).get()
        beyond = selectors.not_owed_back(order=order) - current_total(order=order)
        owe(order=order, amount=beyond, reason=name, cause=event_id, now=now)


@within_unit_of_work
def owe(
    *, order: Order, amount: Decimal, reason: str, cause: UUID, now: datetime, payment: Payment | None = None
) -> list[Refund]:
    """Write down that a locked order owes money back, once for each cause; what came by a gateway is sent there.

    `payment`: the payment that it is of; without one it is spread over those there are.
    """
    if amount <= 0 or Refund.objects.filter(cause=cause).exists():
        return []
    shares = [(payment, amount)] if payment else spread(order=order, amount=amount)
    return [
        write_debt(order=order, payment=part, amount=share, reason=reason, cause=_cause(cause, place), now=now)
        for place, (part, share) in enumerate(shares)
    ]


@within_unit_of_work
def write_debt(
    *,
    order: Order,
    payment: Payment | None,
    amount: Decimal,
    reason: str,
    now: datetime,
    cause: UUID | None = None,
    actor: Actor = SYSTEM,
    public_id: UUID | None = None,
) -> Refund:
    """Write down a refund that is still to be made; one through a gateway is begun as soon as this commits."""
    refund = Refund(
        public_id=public_id or uuid4(),
        order=order,
        payment=payment,
        status=Refund.Status.DUE,
        amount=amount,
        currency=order.currency,
        reason=reason,
        cause=cause,
        actor_kind=actor.kind,
        actor_id=actor.id,
        created_at=now,
    )
    history.write(row=refund, actor=actor, now=now, reason=reason)
    if payment is not None and registry.is_remote(payment.gateway):
        outbox.emit(name="refund.due", payload={"refund": str(refund.public_id)}, now=now)
        outbox.wake()
    return refund


@within_unit_of_work
def spread(*, order: Order, amount: Decimal) -> list[tuple[Payment | None, Decimal]]:
    """Return from which payments of a locked order an amount goes back: through gateways first, newest first.

    The rest goes back by hand as it came: in one piece, of the one payment it came by if there is only one, or of each
    payment where it came in several ways, such as part in cash and part by card. Together the shares are the amount.
    """
    came = list(locked(Payment.objects.filter(order=order, status=Payment.Status.SUCCEEDED)))
    gone = dict(
        Refund.objects.filter(order=order, payment__isnull=False)
        .values_list("payment")
        .annotate(sum=Sum("amount"))
        .values_list("payment", "sum")
    )
    shares: list[tuple[Payment | None, Decimal]] = []
    for payment in reversed(came):
        share = min(amount, payment.amount - gone.get(payment.pk, Decimal(0)))
        if share > 0 and registry.is_remote(payment.gateway):
            shares.append((payment, share))
            amount -= share
    by_hand = [payment for payment in came if not registry.is_remote(payment.gateway)]
    if len({(payment.gateway, payment.tender or CASH) for payment in by_hand}) > 1:
        for payment in reversed(by_hand):
            share = min(amount, payment.amount - gone.get(payment.pk, Decimal(0)))
            if share > 0:
                shares.append((payment, share))
                amount -= share
    only = by_hand[0] if len(by_hand) == 1 else None
    return [*shares, (only, amount)] if amount > 0 else shares


def handed_back_as(*, order: Order, payment: Payment | None) -> str:
    """Return as what money of an order goes back over the counter when it is given back by hand: as it came.

    Nothing where none of it came over the counter; then it goes back over the bank.
    """
    came = [payment] if payment else Payment.objects.filter(order=order, status=Payment.Status.SUCCEEDED)
    tenders = {one.tender or CASH for one in came if one.gateway == "counter"}
    return tenders.pop() if len(tenders) == 1 else CASH if tenders else ""


def _cause(cause: UUID, place: int) -> UUID:
    """Return the cause of one share; the first carries the cause itself, by which the debt is known."""
    return uuid5(cause, str(place)) if place else cause
