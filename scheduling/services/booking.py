"""Booking directly: a visit without a cart, paid at the counter."""

from datetime import datetime

from common import idempotency, locks
from common.actors import Actor
from common.errors import Forbidden, Refusal
from common.idempotency import Answer, IdempotencyKey
from common.transactions import run_unit_of_work, unit_of_work
from scheduling.documents import appointment_document
from scheduling.errors import DepositRequired
from scheduling.models import Appointment
from scheduling.selectors import Visit
from scheduling.services import history
from scheduling.services.taking import Booker, Candidate, Wish, past_reason, take, with_professional
from shop.deadlines import request_deadline


class _NothingKept(Exception):  # noqa: N818 - only rolls back
    """The key has not been used."""


def book(
    *,
    wish: Wish,
    booker: Booker,
    actor: Actor,
    now: datetime,
    once: IdempotencyKey | None = None,
    force: str = "",
    reason: str = "",
) -> Answer:
    """Book the visit and answer 201 with it, or change nothing.

    Services that the shop confirms make it a request, which occupies the time until the shop answers or
    `request_hours` have passed. `force`: the reason for which the team books time that is not free; only staff may.
    `reason`: why the team books a time that has passed.

    Raises UnknownSku, NotForSale, SlotTaken (with alternatives), SlotUnavailable, DepositRequired, Busy, Forbidden, and
    what `idempotency.claim` raises.
    """
    if force and actor.kind != "staff":
        raise Forbidden()

    def attempt(candidate: Candidate) -> Answer:
        with locks.lease(candidate.keys):
            return run_unit_of_work(
                lambda: _book(
                    candidate=candidate,
                    booker=booker,
                    actor=actor,
                    now=now,
                    once=once,
                    force=force,
                    past=past_reason(actor=actor, reason=reason),
                )
            )

    try:
        return with_professional(wish=wish, actor=actor, now=now, attempt=attempt)
    except Refusal:
        kept = _kept(once=once, now=now)
        if kept is None:
            raise
        return kept


def booked_state(*, visit: Visit, desk: bool) -> str:
    """Return the state a new booking is in: the desk's own needs nobody's answer."""
    if visit.requires_confirmation and not desk:
        return Appointment.State.REQUESTED.value
    return Appointment.State.CONFIRMED.value


def _refuse_unpaid(*, candidate: Candidate) -> None:
    """Refuse a customer's visit that asks a deposit: a cart can be ordered with it, a direct booking cannot."""
    deposit = candidate.deposit
    if deposit > 0 and not candidate.desk:
        methods = [method for method in candidate.policy.payment_methods if method != "on_site"]
        raise DepositRequired(amount=str(deposit), methods=methods)


def _book(
    *,
    candidate: Candidate,
    booker: Booker,
    actor: Actor,
    now: datetime,
    once: IdempotencyKey | None,
    force: str,
    past: str,
) -> Answer:
    kept = idempotency.claim(once=once, now=now)
    if kept is not None:
        return kept
    _refuse_unpaid(candidate=candidate)
    state = booked_state(visit=candidate.visit, desk=candidate.desk)
    requested = state == Appointment.State.REQUESTED
    policy = candidate.policy
    appointment = take(
        candidate=candidate,
        booker=booker,
        state=state,
        expires_at=request_deadline(policy=policy, first=candidate.starts_at, now=now) if requested else None,
        claim=None,
        actor=actor,
        now=now,
        force=force,
        past=past,
    )
    name = "appointment.requested" if requested else "appointment.booked"
    history.announce(name=name, appointment=appointment, now=now)
    body = appointment_document(
        appointment=appointment,
        professional=candidate.performer,
        services=[
            (part.sku, part.name, price, part.duration)
            for part, price in zip(candidate.visit.parts, candidate.performer.prices, strict=True)
        ],
        policy=policy,
        with_token=True,
        now=now,
    )
    answer = Answer(status=201, body=body)
    idempotency.keep(once=once, answer=answer)
    return answer


def _kept(*, once: IdempotencyKey | None, now: datetime) -> Answer | None:
    """Return the answer kept for a repeated request, whatever has become of the time since."""
    try:
        with unit_of_work():
            kept = idempotency.claim(once=once, now=now)
            if kept is None:
                raise _NothingKept
            return kept
    except _NothingKept:
        return None
