"""What a gateway says of a payment, a refund or a dispute, judged against what we know, and what follows from it.

The news comes by events, by answers, by looking up and by reconciliation, in any order and any number of times. Each
is taken for how things stand, never for an order to do something: what is done already stays done.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from common.actors import Actor
from common.transactions import locked, unit_of_work, within_unit_of_work
from common.use_cases import use_case
from orders.models import Order
from payments.gateways.protocol import DisputeFact, Event, PaymentFact, PaymentGateway, RefundFact
from payments.lifecycle import PAYMENT_STEPS
from payments.models import GatewayEvent, MoneyCase, Payment, Refund
from payments.services import history
from payments.services.arrivals import Arrival, record_arrival
from payments.services.cases import open_case
from payments.services.inbox import close_event
from payments.services.refunds import take_in_refund


def take_in(
    *,
    gateway: PaymentGateway,
    fact: PaymentFact,
    actor: Actor,
    now: datetime,
    attempt: Payment | None = None,
    event: GatewayEvent | None = None,
) -> Payment | None:
    """Do what follows from how a payment stands at its gateway; returns our payment, or None where it was set aside.

    `attempt`: the payment that was asked about, where that is known. Raises Busy.
    """
    wanted: Any = {"gateway": gateway, "fact": fact, "actor": actor, "now": now, "attempt": attempt}
    if not fact.refunds and fact.dispute is None:
        return _take_in_payment(**wanted, event=event)
    payment = _take_in_payment(**wanted, event=None)  # the event is done with once all that it tells is
    if payment is None or payment.status != Payment.Status.SUCCEEDED:
        return _take_in_payment(**wanted, event=event)
    with unit_of_work():
        for back in fact.refunds:
            take_in_refund(payment=payment, fact=back, event=None, actor=actor, now=now)
        if fact.dispute is not None:
            note_dispute(gateway=gateway, payment=payment, fact=fact.dispute, event=event, now=now)
        close_event(event=event, payment=payment, now=now)
    return payment


def _take_in_payment(
    *,
    gateway: PaymentGateway,
    fact: PaymentFact,
    actor: Actor,
    now: datetime,
    attempt: Payment | None,
    event: GatewayEvent | None,
) -> Payment | None:
    payment = attempt or payment_of(gateway=gateway, fact=fact)
    order = payment.order if payment is not None else Order.objects.filter(number=fact.order).first()
    there = fact.status == "succeeded"
    wrong = what_does_not_fit(gateway=gateway, fact=fact, payment=payment, order=order)
    if there and (order is None or wrong):
        set_aside(gateway=gateway, fact=fact, order=order, payment=payment, event=event, detail=wrong, now=now)
        return None
    if there and order is not None:
        arrival = Arrival(
            amount=fact.amount,
            gateway=gateway.name,
            method=payment.method if payment else order.payment_method,
            gateway_reference=fact.reference,
            attempt=payment.public_id if payment else fact.payment,
            event=event,
        )
        return record_arrival(number=order.number, arrival=arrival, actor=actor, now=now)
    if payment is None:
        with unit_of_work():
            close_event(event=event, status=GatewayEvent.Status.IGNORED, note="no payment of ours", now=now)
        return None
    return _note(payment=payment, fact=fact, event=event, actor=actor, now=now)


def payment_of(*, gateway: PaymentGateway, fact: PaymentFact) -> Payment | None:
    """Return the payment that a gateway speaks of, with its order: the one it names, or the one we named to it."""
    known = Payment.objects.select_related("order").filter(gateway=gateway.name)
    if fact.reference:
        found = known.filter(gateway_reference=fact.reference).first()
        if found is not None:
            return found
    return known.filter(public_id=fact.payment).first() if fact.payment else None


def what_does_not_fit(
    *, gateway: PaymentGateway, fact: PaymentFact, payment: Payment | None, order: Order | None
) -> str:
    """Return in which way the money is not what was asked for, in plain words for the inbox; empty where it fits."""
    foreign = whose(gateway=gateway, fact=fact)
    if foreign:
        return foreign
    if order is None:
        return "no order of ours"
    if fact.currency != order.currency:
        return f"currency: {fact.currency} instead of {order.currency}"
    if fact.amount <= 0:
        return f"amount: {fact.amount}"
    own = payment is not None and payment.gateway_reference in ("", fact.reference)
    if payment is not None and own and fact.amount != payment.amount:
        return f"amount: {fact.amount} instead of {payment.amount}"
    return ""


def is_known(*, gateway: PaymentGateway, event: Event) -> bool:
    """Say whether what an event says of a payment, and of what went back of it, stands in the books already."""
    fact = event.payment
    payment = payment_of(gateway=gateway, fact=fact) if fact is not None else None
    if fact is None or payment is None:
        return fact is None or fact.status != "succeeded"
    if fact.status == "succeeded":
        same = payment.status == Payment.Status.SUCCEEDED and payment.gateway_reference == fact.reference
    else:
        same = fact.status == "pending" or payment.status != Payment.Status.PENDING
    back = dict(Refund.objects.filter(payment=payment).values_list("gateway_reference", "status"))
    disputed = fact.dispute is None or MoneyCase.objects.filter(cause=_cause_of(gateway, fact.dispute)).exists()
    return same and disputed and all(back.get(refund.reference) == refund.status for refund in fact.refunds)


def _cause_of(gateway: PaymentGateway, fact: DisputeFact) -> str:
    return f"{MoneyCase.Kind.DISPUTE}:{gateway.name}:{fact.reference}"


def whose(*, gateway: PaymentGateway, fact: PaymentFact | RefundFact) -> str:
    """Return in which way money is not of the shop's own account, in plain words; empty where it is.

    A refund need not say whose it is: its payment does.
    """
    silent = isinstance(fact, RefundFact)
    if fact.live != gateway.live and not (silent and fact.live is None):
        return f"mode: {_mode(fact.live)} instead of {_mode(gateway.live)}"
    if fact.account != gateway.account and not (silent and fact.account is None):
        return "another account of the gateway"
    return ""


def set_aside(
    *,
    gateway: PaymentGateway,
    fact: PaymentFact,
    order: Order | None,
    payment: Payment | None,
    event: GatewayEvent | None,
    detail: str,
    now: datetime,
) -> None:
    """Keep money apart that does not fit, until somebody decides what it is; nothing is paid by it."""
    with unit_of_work():
        open_case(
            kind=MoneyCase.Kind.MISMATCH if order is not None else MoneyCase.Kind.UNKNOWN,
            about=f"{gateway.name}:{fact.reference}",
            order=order,
            payment=payment,
            event=event,
            gateway=gateway.name,
            amount=fact.amount if Decimal(0) < fact.amount < Decimal(10) ** 10 else None,
            currency=fact.currency[:3],
            detail=detail,
            now=now,
        )
        quarantined = GatewayEvent.Status.QUARANTINED
        close_event(event=event, payment=payment, status=quarantined, note=detail, now=now)


@within_unit_of_work
def set_refund_aside(
    *,
    gateway: PaymentGateway,
    fact: RefundFact,
    payment: Payment | None,
    event: GatewayEvent | None,
    detail: str,
    now: datetime,
) -> None:
    """Put a refund that is not of this shop's own account into the inbox; no books move by it."""
    open_case(
        kind=MoneyCase.Kind.MISMATCH,
        about=f"{gateway.name}:{fact.reference}",
        order=payment.order if payment else None,
        payment=payment,
        event=event,
        gateway=gateway.name,
        detail=detail,
        now=now,
    )
    close_event(event=event, payment=payment, status=GatewayEvent.Status.QUARANTINED, note=detail, now=now)


@use_case()
def _note(*, payment: Payment, fact: PaymentFact, event: GatewayEvent | None, actor: Actor, now: datetime) -> Payment:
    """Write down how a payment stands that has brought no money: what to pay it with, or that nobody will."""
    order = locked(Order.objects.filter(pk=payment.order_id)).get()
    row = locked(Payment.objects.filter(pk=payment.pk)).get()
    row.order = order
    changes = _news(row=row, fact=fact, now=now)
    if fact.status in PAYMENT_STEPS[row.status]:
        why = fact.failure[:200]
        history.move(row=row, target=fact.status, actor=actor, now=now, reason=why, **changes | {"failure": why})
    elif changes:
        for name, value in changes.items():
            setattr(row, name, value)
        row.save(update_fields=list(changes))
    close_event(event=event, payment=row, now=now)
    return row


def _news(*, row: Payment, fact: PaymentFact, now: datetime) -> dict[str, object]:
    """Return what the gateway's word adds to an attempt; what was known stays."""
    changes: dict[str, object] = {}
    if not row.gateway_reference and fact.reference and row.status == Payment.Status.PENDING:
        changes["gateway_reference"] = fact.reference
    given = {name: value for name, value in vars(fact.given).items() if value}
    if given and given | row.given != row.given:
        changes["given"] = row.given | given
    if fact.failure and row.failure != fact.failure and row.status == Payment.Status.PENDING:
        changes["failure"] = fact.failure[:200]  # declined once, and can still be paid
    if row.answered_at is None:
        changes["answered_at"] = now
    return changes


@within_unit_of_work
def note_dispute(
    *, gateway: PaymentGateway, payment: Payment | None, fact: DisputeFact, event: GatewayEvent | None, now: datetime
) -> None:
    """Put a dispute into the inbox; neither money nor stock moves by it."""
    open_case(
        kind=MoneyCase.Kind.DISPUTE,
        about=f"{gateway.name}:{fact.reference}",
        order=payment.order if payment else None,
        payment=payment,
        event=event,
        gateway=gateway.name,
        amount=fact.amount,
        currency=fact.currency,
        detail=fact.status,
        now=now,
    )
    close_event(event=event, payment=payment, now=now)


def _mode(live: bool | None) -> str:
    return {True: "live", False: "test", None: "none"}[live]
