"""Writes payments and refunds step by step: each new row, and each change of where one stands, with its history."""

from datetime import datetime
from typing import Any

from common import outbox
from common.actors import Actor
from common.errors import InvalidTransition
from common.transactions import within_unit_of_work
from payments.gateways import registry
from payments.lifecycle import PAYMENT_STEPS, REFUND_STEPS
from payments.models import MoneyStep, Payment, Refund

GIVEN_UP = (Payment.Status.CANCELLED.value, Payment.Status.EXPIRED.value)
THERE = "succeeded"


@within_unit_of_work
def write(*, row: Payment | Refund, actor: Actor, now: datetime, reason: str = "") -> None:
    """Write a new payment or refund with its first step."""
    row.save(force_insert=True)
    _step(row=row, origin="", actor=actor, reason=reason, now=now)
    _tell(row=row, origin="", now=now)


@within_unit_of_work
def move(*, row: Payment | Refund, target: str, actor: Actor, now: datetime, reason: str = "", **changes: Any) -> None:
    """Take a locked payment or refund to `target` with everything that changes along, and write the step down.

    A payment that we give up by ourselves is closed at its gateway, as soon as this commits.

    Raises InvalidTransition where the table does not lead there.
    """
    steps = PAYMENT_STEPS if isinstance(row, Payment) else REFUND_STEPS
    origin = row.status
    if target not in steps[origin]:
        raise InvalidTransition.of(origin, allowed=sorted(steps[origin]))
    row.status = target
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=["status", *changes])
    _step(row=row, origin=origin, actor=actor, reason=reason, now=now)
    _tell(row=row, origin=origin, now=now)
    ours = target in GIVEN_UP and actor.kind != "gateway"
    if ours and isinstance(row, Payment) and registry.is_remote(row.gateway):
        outbox.emit(name="attempt.given_up", payload={"payment": str(row.public_id)}, now=now)
        outbox.wake()


def _step(*, row: Payment | Refund, origin: str, actor: Actor, reason: str, now: datetime) -> None:
    MoneyStep.objects.create(
        payment=row if isinstance(row, Payment) else None,
        refund=row if isinstance(row, Refund) else None,
        from_status=origin,
        to_status=row.status,
        amount=row.amount,
        actor_kind=actor.kind,
        actor_id=actor.id,
        door=actor.door,
        reason=reason[:200],
        at=now,
    )


def _tell(*, row: Payment | Refund, origin: str, now: datetime) -> None:
    """Tell the rest of the shop that money came or went, or that what had gone came back."""
    if isinstance(row, Payment):
        if row.status == THERE:
            outbox.emit(name="money.received", payload={"payment": str(row.public_id)}, now=now)
            outbox.wake()
    elif THERE in (origin, row.status):
        name = "refund.given_back" if row.status == THERE else "refund.came_back"
        outbox.emit(name=name, payload={"refund": str(row.public_id)}, now=now)
        outbox.wake()
