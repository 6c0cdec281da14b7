"""Writes the steps of an order's life, each chained to the one before it."""

from datetime import datetime

from common.actors import Actor
from common.errors import InvalidTransition
from common.transactions import within_unit_of_work
from orders.lifecycle import TRANSITIONS, allowed, effective_status
from orders.models import Order, OrderEvent
from orders.seals import chain_of


def first_event(*, order: Order, actor: Actor, reason: str, now: datetime) -> OrderEvent:
    """Return, unsaved, the step that places the order."""
    event = _event(order=order, seq=1, origin="", target=order.status, actor=actor, reason=reason, now=now)
    event.chain = chain_of(previous="", event=event)
    return event


@within_unit_of_work
def move(*, order: Order, target: str, actor: Actor, reason: str, now: datetime) -> OrderEvent:
    """Take a locked order to `target` and write the step down; saves status and what is called off.

    Raises InvalidTransition when the table does not lead there from where the order is at `now`. A pending order
    whose deadline has passed is written down as expired on the way.
    """
    status = effective_status(status=order.status, expires_at=order.expires_at, now=now)
    if target not in TRANSITIONS[status]:
        raise InvalidTransition.of(status, allowed=allowed(status=status))
    if status != order.status:
        record_expiry(order=order, actor=Actor.system(door=actor.door), now=now)
    return _step(order=order, target=target, actor=actor, reason=reason, now=now)


@within_unit_of_work
def record_expiry(*, order: Order, actor: Actor, now: datetime) -> OrderEvent:
    """Write down that a locked pending order has passed its deadline."""
    return _step(order=order, target=Order.Status.EXPIRED, actor=actor, reason="", now=now)


@within_unit_of_work
def note(*, order: Order, actor: Actor, reason: str, now: datetime) -> OrderEvent:
    """Write down that something of a locked order was agreed anew; its status stays."""
    event, previous = _next(order=order, target=order.status, actor=actor, reason=reason, now=now)
    event.chain = chain_of(previous=previous, event=event)
    event.save(force_insert=True)
    return event


@within_unit_of_work
def note_pickup(*, order: Order, actor: Actor, reason: str, now: datetime) -> OrderEvent:
    """Write down that the pickup of a locked order was moved to where it is now; its status stays."""
    event, previous = _next(order=order, target=order.status, actor=actor, reason=reason, now=now)
    event.pickup_at = order.pickup_starts_at
    event.chain = chain_of(previous=previous, event=event)
    event.save(force_insert=True)
    return event


def _step(*, order: Order, target: str, actor: Actor, reason: str, now: datetime) -> OrderEvent:
    event, previous = _next(order=order, target=target, actor=actor, reason=reason, now=now)
    event.chain = chain_of(previous=previous, event=event)
    event.save(force_insert=True)
    order.status = target
    if target == Order.Status.CANCELLED:
        order.cancelled = order.total  # nothing of it is to be paid any more
    Order.objects.filter(pk=order.pk).update(status=target, cancelled=order.cancelled)
    return event


def _next(*, order: Order, target: str, actor: Actor, reason: str, now: datetime) -> tuple[OrderEvent, str]:
    """Return, unsaved, the step after the last one, and the link it is chained to."""
    last = OrderEvent.objects.filter(order=order).order_by("-seq").first()
    seq = last.seq + 1 if last else 1
    event = _event(order=order, seq=seq, origin=order.status, target=target, actor=actor, reason=reason, now=now)
    return event, last.chain if last else ""


def _event(*, order: Order, seq: int, origin: str, target: str, actor: Actor, reason: str, now: datetime) -> OrderEvent:
    return OrderEvent(
        order=order,
        seq=seq,
        from_status=origin,
        to_status=target,
        actor_kind=actor.kind,
        actor_id=actor.id,
        door=actor.door,
        reason=reason,
        at=now,
    )
