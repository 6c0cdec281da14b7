"""Time kept under a claim: held by a cart, allocated to an order, released.

The steps run inside the unit of work of whoever conducts them, who has taken the lease of `lease_keys` before. A claim
is an opaque UUID; scheduling never learns whether a cart or an order carries it. A claim that ran out
is taken again, with all the rules judged anew, if its time is still free.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from common.actors import Actor
from common.errors import Busy, InvalidTransition
from common.transactions import within_unit_of_work
from scheduling import selectors
from scheduling.lifecycle import effective_state
from scheduling.models import Appointment, AppointmentService
from scheduling.selectors import Performer, Visit
from scheduling.services import bounds, history
from scheduling.services.taking import (
    Booker,
    Candidate,
    is_desk,
    lease_names,
    lock_time,
    reasons_again,
    snapshot,
    take,
    times,
)
from scheduling.slots import Judgement, seconds_of
from shop import services as shop
from shop.deadlines import request_deadline
from shop.policy import Policy

HELD, REQUESTED, CONFIRMED, COMPLETED = "held", "requested", "confirmed", "completed"


@dataclass(frozen=True)
class Lost:
    """A claim whose time cannot be kept: `reasons` are codes of the slot engine, or not_for_sale, or cancelled."""

    claim: UUID
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Intent:
    """What is to become of claimed time, by whose hand; `prices` are those agreed on, by claim and service."""

    expires_at: datetime | None
    booker: Booker
    policy: Policy
    actor: Actor
    now: datetime
    prices: Mapping[UUID, Sequence[Decimal]] = field(default_factory=dict)


def lease_keys(*, claims: Iterable[UUID]) -> list[str]:
    """Return the names of the lease over the people and rooms of claimed visits; one statement.

    To be taken with `common.locks.lease` before the transaction that allocates or releases them opens.
    """
    rows = Appointment.objects.filter(claim__in=list(claims)).values_list(
        "professional_id", "room_id", "services__service__rooms"
    )
    found: list[Any] = list(rows)
    rooms = {room for _person, own, candidate in found for room in (own, candidate) if room is not None}
    return lease_names(professionals=sorted({row[0] for row in found}), rooms=sorted(rooms))


@within_unit_of_work
def hold(
    *,
    candidate: Candidate,
    claim: UUID,
    booker: Booker,
    actor: Actor,
    now: datetime,
    expires_at: datetime | None = None,
) -> Appointment:
    """Hold the candidate's time under a new claim until `expires_at` (by default the shop's slot_hold_minutes).

    `booker.holder` (a cart's id), `customer_id` and `address` say whose holds are counted; the shop's own are not.

    Raises TooManyHolds, SlotTaken, SlotUnavailable.
    """
    until = expires_at or hold_until(policy=candidate.policy, now=now)
    if not candidate.desk:
        until = min(until, bounds.held_at_most_until(candidate=candidate, booker=booker, now=now))
    return take(
        candidate=candidate,
        booker=booker,
        state=HELD,
        expires_at=_no_later(until, candidate.starts_at, now=now),
        claim=claim,
        actor=actor,
        now=now,
    )


def _no_later(until: datetime, starts_at: datetime, *, now: datetime) -> datetime:
    """Let a hold end when its visit begins, unless that is in the past, as only the desk's own may be."""
    return min(until, starts_at) if starts_at > now else until


def hold_until(*, policy: Policy, now: datetime) -> datetime:
    """Return when time held now comes free by itself."""
    return now + timedelta(minutes=policy.slot_hold_minutes)


@within_unit_of_work
def allocate(
    *,
    claims: Sequence[UUID],
    expires_at: datetime | None,
    booker: Booker,
    actor: Actor,
    now: datetime,
    prices: Mapping[UUID, Sequence[Decimal]] | None = None,
) -> list[Lost]:
    """Give claimed time to an order: until `expires_at` while it waits for money, confirmed with None.

    Visits that the shop confirms become requests instead, and stay so until the shop answers, unless one of the team
    orders. `booker` says who comes;
    its `bearer` is the order's public id, whose token opens the visits too. The first order to have a visit fixes its
    prices, as `prices` names them by claim or else as they are now; they stay so when it is confirmed or taken again.

    Returns the claims whose time is gone; the caller then rolls back.
    """
    policy = shop.policy()
    return _keep(
        claims=claims,
        intent=Intent(expires_at=expires_at, booker=booker, policy=policy, actor=actor, now=now, prices=prices or {}),
    )


def unavailable(*, claims: Sequence[UUID], actor: Actor, now: datetime) -> list[Lost]:
    """Return the claims whose time `allocate` could not keep at this moment; looks without locking, changes nothing."""
    policy = shop.policy()
    rows = {row.claim: row for row in Appointment.objects.filter(claim__in=list(claims)).prefetch_related("services")}
    visits = _visits(appointments=rows.values(), policy=policy)
    lost = []
    for claim in claims:
        row = rows.get(claim)
        reasons = ["cancelled"]
        if row is not None:
            reasons = _refusals(appointment=row, visit=visits[row.pk], policy=policy, actor=actor, now=now)
        if reasons:
            lost.append(Lost(claim=claim, reasons=tuple(reasons)))
    return lost


def _refusals(*, appointment: Appointment, visit: Visit, policy: Policy, actor: Actor, now: datetime) -> list[str]:
    state = effective_state(state=appointment.state, expires_at=appointment.expires_at, now=now)
    if state in (REQUESTED, CONFIRMED, COMPLETED):
        return []
    performer = visit.performer_of(pk=appointment.professional_id)
    if state not in (HELD, "expired"):
        return ["cancelled"]
    if performer is None:
        return [selectors.NOT_PERFORMED]
    if state == HELD:
        return []
    _judgement, reasons = _judged(
        appointment=appointment, visit=visit, performer=performer, policy=policy, actor=actor, now=now
    )
    return reasons


@within_unit_of_work
def put_under_claim(*, public_id: UUID, claim: UUID, now: datetime) -> Appointment:
    """Let an order carry a visit that was booked without one, and return it locked; a claim it has is kept.

    Raises NotFound, InvalidTransition (the visit is neither confirmed nor completed).
    """
    plain = selectors.appointment(public_id=public_id)
    rooms = [] if plain.room_id is None else [plain.room_id]
    rows = lock_time(professionals=[plain.professional_id], rooms=rooms, now=now, appointments=[plain.pk])
    visit = rows[plain.pk]
    state = effective_state(state=visit.state, expires_at=visit.expires_at, now=now)
    if state not in (CONFIRMED, COMPLETED):
        raise InvalidTransition.of(state, allowed=[CONFIRMED, COMPLETED])
    if visit.claim is None:
        visit.claim = claim
        Appointment.objects.filter(pk=visit.pk).update(claim=claim)
    return visit


@within_unit_of_work
def let_go(*, visit: Appointment) -> None:
    """Let a locked visit be in no order any more, as if it had been booked directly."""
    visit.claim = visit.bearer = None
    Appointment.objects.filter(pk=visit.pk).update(claim=None, bearer=None)


@within_unit_of_work
def pass_on(*, claims: Sequence[UUID], holder: UUID, customer_id: int) -> None:
    """Count held time as the customer's from now on, and under `holder`; more than their cap stays held."""
    held = Appointment.objects.filter(claim__in=list(claims), state=HELD)
    held.update(holder=holder, customer=customer_id)


@within_unit_of_work
def give_to(*, claims: Sequence[UUID], customer_id: int) -> None:
    """Let claimed visits belong to a customer's account from now on."""
    Appointment.objects.filter(claim__in=list(claims)).update(customer=customer_id)


@within_unit_of_work
def release(*, claims: Sequence[UUID], actor: Actor, now: datetime, reason: str = "", expired: bool = False) -> None:
    """Free claimed time that is not over yet; `expired` says that it ran out rather than being given up.

    Claims that keep nothing are passed over, so it is safe to repeat.
    """
    plain = list(Appointment.objects.filter(claim__in=list(claims)))
    if not plain:
        return
    rows = lock_time(
        professionals={row.professional_id for row in plain},
        rooms={row.room_id for row in plain if row.room_id is not None},
        now=now,
        appointments=[row.pk for row in plain],
    )
    for row in rows.values():
        _free(appointment=row, actor=actor, now=now, reason=reason, expired=expired)


def _free(*, appointment: Appointment, actor: Actor, now: datetime, reason: str, expired: bool) -> None:
    state = effective_state(state=appointment.state, expires_at=appointment.expires_at, now=now)
    if state == "expired" and appointment.state != "expired":
        history.expire(appointment=appointment, door=actor.door, now=now)
    if state not in (HELD, REQUESTED, CONFIRMED):
        return
    promised = state != HELD or appointment.bearer is not None
    target = "expired" if expired and state != CONFIRMED else "cancelled"
    kept = {"expires_at": now} if state == HELD else {}  # until when it was held counts against whoever held it
    history.move(appointment=appointment, target=target, actor=actor, reason=reason, now=now, **kept)
    if promised:
        history.announce(name=f"appointment.{target}", appointment=appointment, now=now, by_claim=True)


def _keep(*, claims: Sequence[UUID], intent: Intent) -> list[Lost]:
    """Lock the time of every claim, then keep or take again each in turn."""
    plain = {row.pk: row for row in Appointment.objects.filter(claim__in=list(claims)).prefetch_related("services")}
    visits = _visits(appointments=plain.values(), policy=intent.policy)
    professionals = {row.professional_id for row in plain.values()}
    rooms = {row.room_id for row in plain.values() if row.room_id is not None}
    rooms.update(room for visit in visits.values() for room in visit.demand.rooms or ())
    rows = lock_time(professionals=professionals, rooms=rooms, now=intent.now, appointments=list(plain))
    if any(row.professional_id not in professionals for row in rows.values()):
        raise Busy()
    known = {row.claim for row in rows.values()}
    lost = [Lost(claim=claim, reasons=("cancelled",)) for claim in claims if claim not in known]
    for row in rows.values():
        reasons = _keep_one(appointment=row, visit=visits[row.pk], intent=intent)
        if reasons and row.claim is not None:
            lost.append(Lost(claim=row.claim, reasons=tuple(reasons)))
    return lost


def _keep_one(*, appointment: Appointment, visit: Visit, intent: Intent) -> list[str]:
    state = effective_state(state=appointment.state, expires_at=appointment.expires_at, now=intent.now)
    changes: dict[str, Any] = dict(intent.booker.columns)
    if state in (REQUESTED, CONFIRMED, COMPLETED):
        Appointment.objects.filter(pk=appointment.pk).update(**changes)
        return []
    if state not in (HELD, "expired"):
        return ["cancelled"]
    agreed = appointment.bearer is not None
    if agreed and state == HELD:  # an order's own: nothing of it is judged or priced again
        _settle(appointment=appointment, visit=visit, state=state, intent=intent, changes=changes)
        return []
    performer = visit.performer_of(pk=appointment.professional_id)
    if performer is None:
        return [selectors.NOT_PERFORMED]
    if state == "expired":
        judgement, reasons = _judged(
            appointment=appointment,
            visit=visit,
            performer=performer,
            policy=intent.policy,
            actor=intent.actor,
            now=intent.now,
        )
        if judgement is None or reasons:
            return reasons
        place = judgement.place(start=seconds_of(appointment.starts_at))
        changes |= times(visit=visit, starts_at=appointment.starts_at, place=place, own=appointment.public_id)
    if not agreed:
        prices = intent.prices.get(appointment.claim) if appointment.claim else None
        changes["total"] = _fix_prices(
            appointment=appointment, visit=visit, performer=performer, prices=prices or performer.prices
        )
    _settle(appointment=appointment, visit=visit, state=state, intent=intent, changes=changes)
    return []


def _judged(
    *, appointment: Appointment, visit: Visit, performer: Performer, policy: Policy, actor: Actor, now: datetime
) -> tuple[Judgement | None, list[str]]:
    """Return the judgement of time that ran out, and why it can not be had again, as the actor may know it."""
    candidate = Candidate(
        visit=visit,
        performer=performer,
        starts_at=appointment.starts_at,
        policy=policy,
        desk=is_desk(actor=actor),
    )
    judgement, reasons = reasons_again(candidate=candidate, now=now, except_ids=[appointment.pk])
    return judgement, selectors.shown(reasons=reasons, desk=candidate.desk)


def _settle(*, appointment: Appointment, visit: Visit, state: str, intent: Intent, changes: dict[str, Any]) -> None:
    """Take the appointment to where the intent leads, in one step."""
    target, expires_at = HELD, intent.expires_at
    agreed = appointment.bearer is not None and state == HELD
    if visit.requires_confirmation and not agreed and intent.actor.kind != "staff":
        target = REQUESTED
        expires_at = request_deadline(policy=intent.policy, first=appointment.starts_at, now=intent.now)
    elif intent.expires_at is None:
        target = CONFIRMED
    if target == HELD and expires_at is not None:
        expires_at = _no_later(expires_at, appointment.starts_at, now=intent.now)
    if target == HELD and state == HELD:
        Appointment.objects.filter(pk=appointment.pk).update(expires_at=expires_at, **changes)
        return
    history.move(
        appointment=appointment,
        target=target,
        actor=intent.actor,
        reason="",
        now=intent.now,
        expires_at=expires_at,
        **changes,
    )
    if target != HELD:
        name = "appointment.requested" if target == REQUESTED else "appointment.booked"
        history.announce(name=name, appointment=appointment, now=intent.now)


def _fix_prices(*, appointment: Appointment, visit: Visit, performer: Performer, prices: Sequence[Decimal]) -> Decimal:
    """Write prices and today's names into the snapshot while it is still a hold's, and return what the visit costs."""
    held = {row.position: row for row in appointment.services.all()}
    fresh = snapshot(appointment=appointment, visit=visit, performer=performer)
    for row, price in zip(fresh, prices, strict=True):
        old = held[row.position]
        if (old.price, old.name, old.sku) != (price, row.name, row.sku):
            AppointmentService.objects.filter(pk=old.pk).update(price=price, name=row.name, sku=row.sku)
    return sum(prices, Decimal("0.00"))


def _visits(*, appointments: Iterable[Appointment], policy: Policy) -> dict[int, Visit]:
    """Return the visits as they were taken, with today's rules; one statement for all."""
    booked = {row.pk: list(row.services.all()) for row in appointments}
    offered = {
        offer.service_id: offer
        for offer in selectors.offers(services={one.service_id for rows in booked.values() for one in rows}).values()
    }
    return {
        pk: selectors.assemble(
            parts=[offered[one.service_id] for one in rows],
            policy=policy,
            durations=[one.duration_minutes for one in rows],
        )
        for pk, rows in booked.items()
    }
