"""What becomes of a booked visit before it begins: cancelled, moved, accepted. How it ends stands in `closing`.

Customers may cancel and move until the shop's cut-offs; the team may later, with a reason. Moving is
one UPDATE of the same row, so the new time is taken and the old one freed at the same instant or not at all.
A visit is read once, with everything beside it; the lock then brings it up to date, and it is what is returned.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from common.actors import Actor
from common.errors import FieldError, Forbidden, InvalidTransition, Malformed, Refusal, TotalChanged
from common.transactions import within_unit_of_work
from common.use_cases import use_case
from scheduling import selectors
from scheduling.errors import SlotTaken, SlotUnavailable, TooLateToChange
from scheduling.lifecycle import MOVABLE, TRANSITIONS, allowed, effective_state
from scheduling.models import Appointment, AppointmentService
from scheduling.selectors import Access, FreeStart, Visit
from scheduling.services import history
from scheduling.services.taking import (
    Candidate,
    is_desk,
    judge_again,
    lease_names,
    locked_visit,
    past_reason,
    reject_implausible_start,
    taken,
    times,
)
from shop import services as shop
from shop.deadlines import last_moment
from shop.policy import Policy


@use_case()
def cancel(
    *, public_id: UUID, actor: Actor, now: datetime, reason: str = "", access: Access | None = None
) -> Appointment:
    """Cancel the visit and return it; one that already is cancelled is returned unchanged.

    `access`: what the caller proves to be allowed with; without, the caller is trusted.

    Raises NotFound, Forbidden, TooLateToChange (a customer past the cut-off), Malformed (the team past it, without a
    reason), InvalidTransition.
    """
    plain = selectors.appointment(public_id=public_id, access=access, change=True)
    visit = locked_visit(plain=plain, now=now)
    if _state(appointment=visit, now=now) == Appointment.State.CANCELLED:
        return visit
    _refuse_cancel(appointment=visit, policy=shop.policy(), actor=actor, reason=reason, now=now)
    history.move(appointment=visit, target="cancelled", actor=actor, reason=reason, now=now)
    history.announce(name="appointment.cancelled", appointment=visit, now=now, by_claim=False)
    return visit


@use_case()
def accept(*, public_id: UUID, actor: Actor, now: datetime, access: Access | None = None) -> Appointment:
    """Confirm a requested visit and return it.

    `access`: what the caller proves to be allowed with; without, the caller is trusted.

    Raises NotFound, Forbidden, InvalidTransition (it is not requested, or waits for its customer's click).
    """
    plain = selectors.appointment(public_id=public_id, access=access, change=True)
    visit = locked_visit(plain=plain, now=now)
    _require(appointment=visit, state="requested", now=now)
    if visit.awaits_click:
        raise InvalidTransition.of(visit.state, allowed=["cancelled"])
    history.move(appointment=visit, target="confirmed", actor=actor, reason="", now=now, expires_at=None)
    history.announce(name="appointment.accepted", appointment=visit, now=now)
    return visit


def reschedule(
    *,
    public_id: UUID,
    starts_at: datetime,
    actor: Actor,
    now: datetime,
    professional: UUID | None = None,
    force: str = "",
    reason: str = "",
    expected_total: Decimal | None = None,
    access: Access | None = None,
) -> Appointment:
    """Move the visit to another time, or to another professional, and return it.

    What was agreed stays the price, unless a customer chooses a professional who asks another: they pay that, once
    `expected_total` names it, and an order that carries the visit follows. The shop's own moves change no price.

    `access`: what the caller proves to be allowed with; without, the caller is trusted. `force`: the reason for which
    the team takes time that is not free; only staff may. A time that has passed needs the team's reason.

    To where it is already, nothing changes.

    Raises NotFound, InvalidTransition, TooLateToChange, Malformed, SlotTaken (with alternatives; the old time is
    kept), SlotUnavailable, TotalChanged, Busy, Forbidden.
    """
    if force and actor.kind != "staff":
        raise Forbidden()
    reject_implausible_start(starts_at=starts_at, now=now)
    policy = shop.policy()
    plain = selectors.appointment(public_id=public_id, access=access, change=True)
    candidate = candidate_at(
        appointment=plain, starts_at=starts_at, professional=professional, policy=policy, actor=actor
    )
    if access is not None and access.manages_own and candidate.performer.pk != plain.professional_id:
        raise Forbidden()  # who changes their own agenda alone passes nobody on
    try:
        return _move(
            plain=plain,
            candidate=candidate,
            actor=actor,
            force=force,
            reason=reason,
            expected_total=expected_total,
            now=now,
        )
    except SlotTaken:
        raise taken(
            visit=candidate.visit, policy=policy, starts_at=starts_at, desk=candidate.desk, now=now, moving=plain
        ) from None


def lease_of_move(*, plain: Appointment, candidate: Candidate, **_others: Any) -> list[str]:
    """Return the names of the lease over the time a visit leaves and the time it takes."""
    rooms = [plain.room_id] if plain.room_id is not None else []
    return [*candidate.keys, *lease_names(professionals=[plain.professional_id], rooms=rooms)]


@use_case(lease=lease_of_move)
def _move(
    *,
    plain: Appointment,
    candidate: Candidate,
    actor: Actor,
    force: str,
    reason: str,
    expected_total: Decimal | None,
    now: datetime,
) -> Appointment:
    policy, starts_at = candidate.policy, candidate.starts_at
    appointment = locked_visit(plain=plain, candidates=[candidate], now=now)
    refuse_move(appointment=appointment, policy=policy, actor=actor, reason=reason or force, now=now)
    if (starts_at, candidate.performer.pk) == (appointment.starts_at, appointment.professional_id):
        return appointment
    past = past_reason(actor=actor, reason=reason)
    place, over = judge_again(candidate=candidate, now=now, except_ids=[appointment.pk], force=force, past=past)
    repriced = _repriced(appointment=appointment, candidate=candidate, expected_total=expected_total)
    before = appointment.starts_at
    history.change(
        appointment=appointment,
        actor=actor,
        reason=reason or force,
        now=now,
        professional_id=candidate.performer.pk,
        **repriced,
        forced=over,
        forced_reason=force,
        **deadline_at(appointment=appointment, starts_at=starts_at, policy=policy, now=now),
        **times(visit=candidate.visit, starts_at=starts_at, place=place, own=appointment.public_id),
    )
    history.announce(name="appointment.moved", appointment=appointment, now=now, from_starts_at=before.isoformat())
    return appointment


def candidate_at(
    *, appointment: Appointment, starts_at: datetime, professional: UUID | None, policy: Policy, actor: Actor
) -> Candidate:
    """Return the visit as it was booked, with somebody who performs all of it, at another time."""
    visit = booked_visit(appointment=appointment, policy=policy)
    performer = visit.performer(public_id=professional or appointment.professional.public_id)
    if performer is None:
        raise SlotUnavailable(reasons=[selectors.NOT_PERFORMED])
    return Candidate(visit=visit, performer=performer, starts_at=starts_at, policy=policy, desk=is_desk(actor=actor))


def booked_visit(*, appointment: Appointment, policy: Policy) -> Visit:
    """Return the visit with the durations it was booked with and everything else as it is today."""
    booked = list(appointment.services.all())
    offered = selectors.offers(services=[one.service_id for one in booked])
    by_service = {offer.service_id: offer for offer in offered.values()}
    return selectors.assemble(
        parts=[by_service[one.service_id] for one in booked],
        policy=policy,
        durations=[one.duration_minutes for one in booked],
    )


@within_unit_of_work
def _repriced(*, appointment: Appointment, candidate: Candidate, expected_total: Decimal | None) -> dict[str, Decimal]:
    """Give a visit the prices of the professional whom its customer chooses, and return what it costs then."""
    performer = candidate.performer
    stays = performer.pk == appointment.professional_id or performer.price == appointment.total
    if candidate.desk or stays:
        return {}
    if expected_total != performer.price:
        raise TotalChanged(total=str(performer.price))
    with connection.cursor() as cursor:  # names to the guard of booked services whose prices may change until COMMIT
        cursor.execute("SELECT set_config('scheduling.repriced', %s, true)", [str(appointment.pk)])
    for row, price in zip(appointment.services.all(), performer.prices, strict=True):
        row.price = price
        AppointmentService.objects.filter(pk=row.pk).update(price=price)
    return {"total": performer.price}


def deadline_at(*, appointment: Appointment, starts_at: datetime, policy: Policy, now: datetime) -> dict[str, datetime]:
    """Return a request that moves nearer must be answered earlier; one that moves away not later than was said."""
    if appointment.expires_at is None:
        return {}
    return {"expires_at": min(appointment.expires_at, last_moment(policy=policy, first=starts_at, now=now))}


def refusals(*, appointment: Appointment, policy: Policy, actor: Actor, now: datetime) -> dict[str, Refusal]:
    """Return why the actor could not cancel or move the visit now, by the verb ("cancel", "move").

    What is absent can be done, and is judged again when it is.
    """
    found: dict[str, Refusal] = {}
    for verb, refuse in (("cancel", _refuse_cancel), ("move", refuse_move)):
        try:
            refuse(appointment=appointment, policy=policy, actor=actor, reason="", now=now)
        except Refusal as refusal:
            found[verb] = refusal
    return found


@dataclass(frozen=True)
class Places:
    """Where a visit may move: the visit as it was booked, and the free starts."""

    visit: Visit
    free: list[FreeStart]


def places_to_move(
    *,
    public_id: UUID,
    first: date,
    last: date,
    professional: UUID | None,
    actor: Actor,
    access: Access,
    policy: Policy,
    now: datetime,
) -> Places:
    """Return where a visit may move between two days, with its own professional or another; where it is, it may stay.

    Raises NotFound, Forbidden, TooLateToChange, InvalidTransition, as moving it would.
    """
    appointment = selectors.appointment(public_id=public_id, access=access, change=True)
    refusal = refusals(appointment=appointment, policy=policy, actor=actor, now=now).get("move")
    desk = is_desk(actor=actor)
    if refusal is not None and not (desk and isinstance(refusal, Malformed)):  # the team says its reason when it moves
        raise refusal
    visit = booked_visit(appointment=appointment, policy=policy)
    free = selectors.free_starts(
        visit=visit,
        policy=policy,
        first=first,
        last=last,
        now=now,
        professional=professional or appointment.professional.public_id,
        desk=desk,
        except_ids=[appointment.pk],
    )
    return Places(visit=visit, free=free)


def _refuse_cancel(*, appointment: Appointment, policy: Policy, actor: Actor, reason: str, now: datetime) -> None:
    state = _state(appointment=appointment, now=now)
    if Appointment.State.CANCELLED not in TRANSITIONS[state]:
        raise InvalidTransition.of(state, allowed=allowed(state=state))
    if state == Appointment.State.CONFIRMED:
        minutes = policy.appointment_cancel_cutoff_minutes
        _refuse_late(appointment=appointment, minutes=minutes, actor=actor, reason=reason, now=now)


def refuse_move(*, appointment: Appointment, policy: Policy, actor: Actor, reason: str, now: datetime) -> None:
    """Refuse what cannot be moved. Raises InvalidTransition, TooLateToChange, Malformed (a reason is wanted)."""
    state = _state(appointment=appointment, now=now)
    if state not in MOVABLE:
        raise InvalidTransition.of(state, allowed=allowed(state=state))
    minutes = policy.appointment_reschedule_cutoff_minutes
    _refuse_late(appointment=appointment, minutes=minutes, actor=actor, reason=reason, now=now)


def _refuse_late(*, appointment: Appointment, minutes: int, actor: Actor, reason: str, now: datetime) -> None:
    """Past the cut-off the customer can no longer decide; the team can, and says why."""
    until = appointment.starts_at - timedelta(minutes=minutes)
    if now <= until:
        return
    if not is_desk(actor=actor):
        raise TooLateToChange(until=until.isoformat())
    if actor.kind == "staff" and not reason:
        detail = str(_("Past the cut-off a reason is needed."))
        raise Malformed(errors=[FieldError(pointer="/reason", code="required", detail=detail)])


def _require(*, appointment: Appointment, state: str, now: datetime) -> None:
    current = _state(appointment=appointment, now=now)
    if current != state:
        raise InvalidTransition.of(current, allowed=allowed(state=current))


def _state(*, appointment: Appointment, now: datetime) -> str:
    return effective_state(state=appointment.state, expires_at=appointment.expires_at, now=now)
