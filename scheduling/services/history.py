"""Writes the steps of an appointment's life, each chained to the one before it."""

from datetime import datetime
from typing import Any

from django.db.models import F

from common import outbox
from common.actors import Actor
from common.errors import InvalidTransition
from common.transactions import within_unit_of_work
from scheduling.lifecycle import TRANSITIONS, allowed, effective_state
from scheduling.models import Appointment, AppointmentEvent
from scheduling.seals import chain_of


@within_unit_of_work
def begin(*, appointment: Appointment, actor: Actor, reason: str, now: datetime) -> None:
    """Write down the step that takes the time."""
    _write(appointment=appointment, origin="", actor=actor, reason=reason, now=now)


@within_unit_of_work
def move(*, appointment: Appointment, target: str, actor: Actor, reason: str, now: datetime, **changes: Any) -> None:
    """Take a locked appointment to `target`, with `changes` to its columns, and write the step down.

    A hold or request whose deadline has passed is written down as expired on the way.

    Raises InvalidTransition when the table does not lead there from where the appointment is at `now`.
    """
    state = effective_state(state=appointment.state, expires_at=appointment.expires_at, now=now)
    if target not in TRANSITIONS[state]:
        raise InvalidTransition.of(state, allowed=allowed(state=state))
    if state != appointment.state:
        _step(appointment=appointment, target=state, actor=Actor.system(door=actor.door), reason="", now=now)
    _step(appointment=appointment, target=target, actor=actor, reason=reason, now=now, **changes)


@within_unit_of_work
def expire(*, appointment: Appointment, door: str, now: datetime) -> None:
    """Write down that a locked hold or request ran out; whoever was promised something hears of it.

    A mailbox that nobody has proved is promised nothing, and not written to again.
    """
    requested = appointment.state == Appointment.State.REQUESTED and not appointment.awaits_click
    promised = requested or appointment.bearer is not None
    _step(appointment=appointment, target="expired", actor=Actor.system(door=door), reason="", now=now)
    if promised:
        announce(name="appointment.expired", appointment=appointment, now=now)


@within_unit_of_work
def change(*, appointment: Appointment, actor: Actor, reason: str, now: datetime, **changes: Any) -> None:
    """Change where or when a locked appointment is, without changing its state, and write the step down."""
    _step(appointment=appointment, target=appointment.state, actor=actor, reason=reason, now=now, **changes)


@within_unit_of_work
def announce(*, name: str, appointment: Appointment, now: datetime, **more: Any) -> None:
    """Tell the rest of the shop, once the transaction commits, what became of an appointment."""
    outbox.emit(
        name=name,
        payload={
            "appointment": str(appointment.public_id),
            "claim": str(appointment.claim) if appointment.claim else None,
            "version": appointment.version,
            "starts_at": appointment.starts_at.isoformat(),
            **more,
        },
        now=now,
    )
    outbox.wake()


def _step(*, appointment: Appointment, target: str, actor: Actor, reason: str, now: datetime, **changes: Any) -> None:
    origin = appointment.state
    appointment.state = target
    for name, value in changes.items():
        setattr(appointment, name, value)
    Appointment.objects.filter(pk=appointment.pk).update(state=target, version=F("version") + 1, **changes)
    appointment.version += 1
    _write(appointment=appointment, origin=origin, actor=actor, reason=reason, now=now)


def _write(*, appointment: Appointment, origin: str, actor: Actor, reason: str, now: datetime) -> None:
    last = None
    if origin:
        last = AppointmentEvent.objects.filter(appointment=appointment).order_by("-seq").first()
    event = AppointmentEvent(
        appointment=appointment,
        seq=last.seq + 1 if last else 1,
        from_state=origin,
        to_state=appointment.state,
        starts_at=appointment.starts_at,
        professional_id=appointment.professional_id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        door=actor.door,
        reason=reason,
        at=now,
    )
    event.chain = chain_of(previous=last.chain if last else "", step=step_values(event=event))
    event.save(force_insert=True)


def step_values(*, event: AppointmentEvent) -> dict[str, object]:
    """Return what the seal of a step covers."""
    return {
        "appointment": event.appointment_id,
        "seq": event.seq,
        "from": event.from_state,
        "to": event.to_state,
        "starts_at": event.starts_at.timestamp(),
        "professional": event.professional_id,
        "actor": f"{event.actor_kind}/{event.actor_id}/{event.door}",
        "reason": event.reason,
        "at": event.at.timestamp(),
    }
