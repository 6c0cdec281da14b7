"""What gateways tell: stored first, letter by letter, in a transaction of its own; handled after, as often as it takes.

A gateway hears that it was understood once its word is stored, whatever becomes of it. The outbox has it handled at
once, and the sweep whatever was left. An event is done with in the very transaction that does what follows from it.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from common import outbox, security
from common.actors import Actor
from common.errors import NotFound
from common.transactions import run_unit_of_work, unit_of_work, within_unit_of_work
from payments.errors import InvalidSignature
from payments.gateways import calls, registry
from payments.gateways.protocol import BadSignature, Delivery, Event, PaymentGateway, Sought, Told, Unreachable
from payments.models import GatewayEvent, Payment
from payments.services.facts import note_dispute, set_refund_aside, take_in, whose
from payments.services.inbox import close_event
from payments.services.refunds import take_in_refund


def receive_event(*, gateway: str, delivery: Delivery, now: datetime) -> None:
    """Store what a gateway tells, once for each of its ids, if it is the gateway that tells it.

    Raises NotFound (no such gateway here), InvalidSignature.
    """
    teller = registry.remote(gateway)
    if teller is None:
        raise NotFound()
    try:
        event = teller.verify_event(delivery, now=now)
    except BadSignature as problem:
        security.note(security.Event.SIGNATURE_REFUSED, kind=teller.name)
        raise InvalidSignature() from problem
    run_unit_of_work(store, gateway=teller, event=event, pulled=False, now=now)


@within_unit_of_work
def store(*, gateway: PaymentGateway, event: Event, pulled: bool, now: datetime) -> bool:
    """Store an event unless it is there already, and say whether it is new."""
    row = GatewayEvent(
        gateway=gateway.name,
        event_id=event.id[:200],
        kind=event.kind[:100],
        body=event.body,
        tells=event.told(),
        pulled=pulled,
        received_at=now,
    )
    GatewayEvent.objects.bulk_create([row], ignore_conflicts=True)
    new = GatewayEvent.objects.filter(public_id=row.public_id).exists()
    if new:
        outbox.emit(name="gateway.told", payload={"event": str(row.public_id)}, now=now)
        outbox.wake()
    return new


def hear_gateway(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Handle an event that was stored. Called by the outbox; safe to repeat."""
    handle_event(event_id=UUID(payload["event"]), now=now)


def handle_event(*, event_id: UUID, now: datetime) -> bool:
    """Do what follows from a stored event; returns whether it is done with.

    It is not while its gateway cannot be asked. Raises Busy and whatever else goes wrong; then nothing has changed, and
    the event waits.
    """
    event = GatewayEvent.objects.filter(public_id=event_id, status=GatewayEvent.Status.RECEIVED).first()
    if event is None:
        return True
    GatewayEvent.objects.filter(pk=event.pk).update(looked_at=now)
    gateway = registry.remote(event.gateway)
    if gateway is None:
        return False
    try:
        _follow(gateway=gateway, event=event, told=Told.of(event.tells), now=now)
    except Unreachable:
        return False
    return True


def _follow(*, gateway: PaymentGateway, event: GatewayEvent, told: Told, now: datetime) -> None:
    actor = Actor(kind="gateway", id=gateway.name, door="task")
    fact = told.payment
    if fact is None and told.look_up:
        fact = calls.call(gateway, lambda: gateway.look_up(Sought(reference=told.look_up)))
    if fact is not None:
        take_in(gateway=gateway, fact=fact, event=event, actor=actor, now=now)
        return
    about = told.refund or told.dispute
    payment = _paid(gateway=gateway, reference=about.payment, actor=actor, now=now) if about else None
    with unit_of_work():
        if told.dispute is not None:
            note_dispute(gateway=gateway, payment=payment, fact=told.dispute, event=event, now=now)
        elif told.refund is not None and (foreign := whose(gateway=gateway, fact=told.refund)):
            set_refund_aside(gateway=gateway, fact=told.refund, payment=payment, event=event, detail=foreign, now=now)
        elif told.refund is not None and payment is not None:
            take_in_refund(payment=payment, fact=told.refund, event=event, actor=actor, now=now)
        else:
            close_event(event=event, status=GatewayEvent.Status.IGNORED, note="of no concern to us", now=now)


def _paid(*, gateway: PaymentGateway, reference: str, actor: Actor, now: datetime) -> Payment | None:
    """Return the payment that something else is told of; where its own news has not come yet, it is asked for first."""
    known = _paid_by(gateway=gateway, reference=reference)
    if known is not None and known.status == Payment.Status.SUCCEEDED:
        return known
    fact = calls.call(gateway, lambda: gateway.look_up(Sought(reference=reference))) if reference else None
    if fact is not None:
        take_in(gateway=gateway, fact=replace(fact, refunds=(), dispute=None), actor=actor, now=now)
    return _paid_by(gateway=gateway, reference=reference)


def _paid_by(*, gateway: PaymentGateway, reference: str) -> Payment | None:
    known = Payment.objects.select_related("order").filter(gateway=gateway.name)
    return known.exclude(gateway_reference="").filter(gateway_reference=reference).first()
