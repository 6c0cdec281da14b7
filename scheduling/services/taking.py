"""Taking time: who could, under which lease, judged again behind the locks, written down.

The order never changes: lease, transaction, professionals by pk, rooms by pk, appointments by pk, judge, write.
What ran out is freed by whoever needs the time, not by a clock.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from common.actors import Actor
from common.errors import Busy, Refusal
from common.transactions import locked, within_unit_of_work
from scheduling import selectors
from scheduling.errors import SlotTaken, SlotUnavailable
from scheduling.lifecycle import EXPIRING
from scheduling.models import Appointment, AppointmentService, Professional, Room
from scheduling.selectors import Performer, Visit
from scheduling.services import history
from scheduling.slots import (
    LEAD_TIME,
    LONGEST,
    OFF_GRID,
    OUTSIDE_HOURS,
    TAKEN,
    Judgement,
    Place,
    moment_of,
    seconds_of,
)
from shop import services as shop
from shop.policy import Policy

T = TypeVar("T")

DESK = ("staff", "system", "gateway")
GONE_BY = (LEAD_TIME, OFF_GRID)
"""What a reason excuses of a time that has passed: that it has, and that it was not one of those offered."""
MAX_DISTANCE = timedelta(days=50 * 365)


@dataclass(frozen=True)
class Wish:
    """A visit somebody wants: services in order, a start, perhaps a professional."""

    services: tuple[str, ...]
    starts_at: datetime
    professional: UUID | None = None


@dataclass(frozen=True)
class Candidate:
    """A wish with somebody who could fulfil it; `keys` are the lease to hold meanwhile."""

    visit: Visit
    performer: Performer
    starts_at: datetime
    policy: Policy
    desk: bool

    @property
    def keys(self) -> list[str]:
        """The names of the lease."""
        return lease_names(professionals=[self.performer.pk], rooms=self.visit.demand.rooms or ())

    @property
    def deposit(self) -> Decimal:
        """What of the price is asked before the visit is promised."""
        deposits = (part.deposit for part in self.visit.parts)
        return selectors.deposit_of(services=zip(self.performer.prices, deposits, strict=True))


@dataclass(frozen=True)
class Booker:
    """Who comes, and on whose behalf the time is taken."""

    name: str = ""
    email: str = ""
    phone: str = ""
    note: str = ""
    language: str = "pt-br"
    customer_id: int | None = None
    record_id: int | None = None
    holder: UUID | None = None
    bearer: UUID | None = None
    address: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        """Return what an appointment remembers of them; whence they first came stays where it is not said again.

        So does under which record of the shop they are: where nobody says it, the worker looks it up.
        """
        whence: dict[str, Any] = {"address": self.address} if self.address else {}
        known = {"record_id": self.record_id} if self.record_id is not None else {}
        return (
            whence
            | known
            | {
                "contact_name": self.name,
                "contact_email": self.email,
                "contact_phone": self.phone,
                "note": self.note,
                "language": self.language,
                "customer_id": self.customer_id,
                "holder": self.holder,
                "bearer": self.bearer,
            }
        )


def lease_names(*, professionals: Iterable[int], rooms: Iterable[int]) -> list[str]:
    """Return the names of the lease over people and rooms."""
    return [*(f"professional:{pk}" for pk in professionals), *(f"room:{pk}" for pk in rooms)]


def lease_of(candidate: Candidate, **_others: Any) -> list[str]:
    """Return the names of the lease over a candidate's time."""
    return candidate.keys


def is_desk(*, actor: Actor) -> bool:
    """Say whether the actor is the shop itself, which notice and horizon do not bind."""
    return actor.kind in DESK


def with_professional(*, wish: Wish, actor: Actor, now: datetime, attempt: Callable[[Candidate], T]) -> T:
    """Run `attempt` for whoever can fulfil the wish, and return what it returns.

    `attempt` is a use case under the lease of the candidate's time (`lease_of`). Without a professional in the wish
    the least busy that day is tried first, then the next, each under a lease and a transaction of their own; with one,
    only that one, free or not.

    Raises UnknownSku, NotForSale, SlotTaken (with the nearest alternatives), SlotUnavailable, Busy, and whatever
    `attempt` raises.
    """
    reject_implausible_start(starts_at=wish.starts_at, now=now)
    policy = shop.policy()
    visit = selectors.visit_of(skus=wish.services, policy=policy)
    desk = is_desk(actor=actor)
    refusals: list[Refusal] = []
    for performer in _performers(visit=visit, wish=wish, policy=policy, desk=desk, now=now):
        candidate = Candidate(visit=visit, performer=performer, starts_at=wish.starts_at, policy=policy, desk=desk)
        try:
            return attempt(candidate)
        except (SlotTaken, SlotUnavailable, Busy) as refusal:
            refusals.append(refusal)
    raise _one_of(refusals=refusals, visit=visit, starts_at=wish.starts_at, policy=policy, desk=desk, now=now)


def candidate_of(*, wish: Wish, actor: Actor, now: datetime, besides: Collection[UUID] = ()) -> Candidate:
    """Return a wish with whoever could fulfil it: the one it names, else the likeliest who is free.

    `besides`: professionals who are taken already. Whether they are free is judged when the time is taken.

    Raises UnknownSku, NotForSale, SlotUnavailable.
    """
    reject_implausible_start(starts_at=wish.starts_at, now=now)
    policy = shop.policy()
    visit = selectors.visit_of(skus=wish.services, policy=policy)
    desk = is_desk(actor=actor)
    if wish.professional is not None:
        found = visit.performer(public_id=wish.professional)
    else:
        ranked = selectors.ranked(visit=visit, policy=policy, starts_at=wish.starts_at, now=now, desk=desk)
        others = [(one, reasons) for one, reasons in ranked if one.public_id not in besides]
        free = [one for one, reasons in others if set(reasons) <= set(GONE_BY)]
        found = next(iter(free or [one for one, _reasons in others]), None)
    if found is None:
        raise SlotUnavailable(reasons=[selectors.NOT_PERFORMED])
    return Candidate(visit=visit, performer=found, starts_at=wish.starts_at, policy=policy, desk=desk)


def reject_implausible_start(*, starts_at: datetime, now: datetime) -> None:
    """Refuse a start so far away that calendars end before it. Raises SlotUnavailable."""
    if abs(starts_at - now) > MAX_DISTANCE:
        raise SlotUnavailable(reasons=["lead_time" if starts_at < now else "horizon"])


@within_unit_of_work
def take(
    *,
    candidate: Candidate,
    booker: Booker,
    state: str,
    expires_at: datetime | None,
    claim: UUID | None,
    actor: Actor,
    now: datetime,
    force: str = "",
    past: str = "",
    awaits_click: bool = False,
) -> Appointment:
    """Lock the professional's and the rooms' time, judge again, and write the appointment down.

    `force`: the reason for which staff takes time that is not free; `past`: for which it writes down what has begun.

    Raises SlotTaken, SlotUnavailable.
    """
    visit, performer = candidate.visit, candidate.performer
    lock_time(professionals=[performer.pk], rooms=visit.demand.rooms or (), now=now)
    place, over = judge_again(candidate=candidate, now=now, force=force, past=past)
    public_id = uuid4()
    appointment = Appointment(
        public_id=public_id,
        professional_id=performer.pk,
        state=state,
        claim=claim,
        total=performer.price,
        currency=candidate.policy.currency,
        forced=over,
        forced_reason=force,
        created_at=now,
        expires_at=expires_at,
        awaits_click=awaits_click,
        **booker.columns,
        **times(visit=visit, starts_at=candidate.starts_at, place=place, own=public_id),
    )
    appointment.save(force_insert=True)
    AppointmentService.objects.bulk_create(snapshot(appointment=appointment, visit=visit, performer=performer))
    history.begin(appointment=appointment, actor=actor, reason=force or past, now=now)
    return appointment


@within_unit_of_work
def lock_time(
    *,
    professionals: Collection[int],
    rooms: Collection[int],
    now: datetime,
    appointments: Collection[int] = (),
) -> dict[int, Appointment]:
    """Lock people, rooms and appointments in the one order, free what ran out among them, and return the latter.

    The appointments asked for are returned as they are, run out or not.
    """
    list(locked(Professional.objects.filter(pk__in=professionals)))
    if rooms:
        list(locked(Room.objects.filter(pk__in=rooms)))
    ran_out = Q(state__in=EXPIRING, expires_at__lte=now) & (
        Q(professional__in=list(professionals)) | Q(room__in=list(rooms))
    )
    rows = list(locked(Appointment.objects.filter(ran_out | Q(pk__in=list(appointments)))))
    for row in rows:
        if row.pk not in appointments:
            history.expire(appointment=row, door="api", now=now)
    return {row.pk: row for row in rows if row.pk in appointments}


@within_unit_of_work
def locked_visit(*, plain: Appointment, now: datetime, candidates: Sequence[Candidate] = ()) -> Appointment:
    """Lock a visit with its people and rooms and return it up to date, with what was read beside it.

    `candidates`: whose time it may go to. Raises Busy when somebody has moved it to other people in between.
    """
    rooms = {room for candidate in candidates for room in candidate.visit.demand.rooms or ()}
    rows = lock_time(
        professionals={plain.professional_id, *(candidate.performer.pk for candidate in candidates)},
        rooms=rooms if plain.room_id is None else {*rooms, plain.room_id},
        now=now,
        appointments=[plain.pk],
    )
    row = rows[plain.pk]
    if (row.professional_id, row.room_id) != (plain.professional_id, plain.room_id):
        raise Busy()
    for column in row._meta.concrete_fields:
        setattr(plain, column.attname, getattr(row, column.attname))
    return plain


def past_reason(*, actor: Actor, reason: str) -> str:
    """Return the reason for which the team may write down a time that has passed; nobody else may."""
    return reason if actor.kind == "staff" else ""


@within_unit_of_work
def judge_again(
    *, candidate: Candidate, now: datetime, except_ids: Sequence[int] = (), force: str = "", past: str = ""
) -> tuple[Place, bool]:
    """Return where the visit goes, and whether it is forced over somebody, behind the locks of its time.

    `past`: the reason for which the team writes down a time that has passed; it excuses nothing else.

    Raises SlotTaken when somebody else has the time, SlotUnavailable when it is not offered, or is longer than a day,
    which nobody can force.
    """
    judgement, reasons = reasons_again(candidate=candidate, now=now, except_ids=except_ids)
    if judgement is None:
        raise SlotUnavailable(reasons=[selectors.NOT_PERFORMED])
    if candidate.visit.demand.duration > LONGEST:
        raise SlotUnavailable(reasons=[OUTSIDE_HOURS])
    if past and (LEAD_TIME in reasons or candidate.starts_at <= now):
        reasons = [reason for reason in reasons if reason not in GONE_BY]
    if reasons and not force:
        raise refusal_for(reasons=reasons, desk=candidate.desk)
    place = judgement.place(start=seconds_of(candidate.starts_at))
    return place, bool(TAKEN.intersection(reasons))


def reasons_again(
    *, candidate: Candidate, now: datetime, except_ids: Sequence[int]
) -> tuple[Judgement | None, list[str]]:
    """Return the judgement of the candidate's day, and why the start is not free; no judgement when inactive."""
    judged = selectors.judged_at(
        visit=candidate.visit,
        performers=[candidate.performer],
        policy=candidate.policy,
        starts_at=candidate.starts_at,
        now=now,
        desk=candidate.desk,
        except_ids=except_ids,
    )
    return judged.get(candidate.performer.pk, (None, [selectors.NOT_PERFORMED]))


def refusal_for(*, reasons: Collection[str], desk: bool) -> Refusal:
    """Return the refusal the reasons mean: taken when another time may do, unavailable otherwise."""
    if TAKEN.issuperset(reasons):
        return SlotTaken()
    return SlotUnavailable(reasons=selectors.shown(reasons=reasons, desk=desk))


def times(*, visit: Visit, starts_at: datetime, place: Place, own: UUID) -> dict[str, Any]:
    """Return the columns that say when, where and beside whom a visit takes place."""
    lower, upper = visit.demand.blocked(seconds_of(starts_at))
    return {
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=visit.duration),
        "blocked": DateTimeTZRange(moment_of(lower), moment_of(upper), "[)"),
        "session": place.session or own,
        "lane": place.lane,
        "capacity": max(visit.demand.capacity, place.lane),
        "room_id": place.room,
    }


def snapshot(*, appointment: Appointment, visit: Visit, performer: Performer) -> list[AppointmentService]:
    """Return, unsaved, the services of a visit as they are sold now."""
    return [
        AppointmentService(
            appointment=appointment,
            position=position,
            service_id=part.service_id,
            sku=part.sku,
            name=part.name,
            price=price,
            duration_minutes=minutes,
        )
        for position, (part, price, minutes) in enumerate(
            zip(visit.parts, performer.prices, visit.lengths, strict=True), start=1
        )
    ]


def taken(
    *,
    visit: Visit,
    policy: Policy,
    starts_at: datetime,
    desk: bool,
    now: datetime,
    moving: Appointment | None = None,
) -> SlotTaken:
    """Return the refusal with the nearest free times in it; `moving`: those where that visit could go."""
    found = selectors.alternatives(visit=visit, policy=policy, starts_at=starts_at, now=now, desk=desk, moving=moving)
    zone = ZoneInfo(policy.timezone)
    return SlotTaken(alternatives=[selectors.free_place(alternative=one, zone=zone) for one in found])


def _performers(*, visit: Visit, wish: Wish, policy: Policy, desk: bool, now: datetime) -> Sequence[Performer]:
    """Whom to try, in order. When nobody is free, the likeliest one, so that the refusal is theirs to give."""
    if wish.professional is not None:
        one = visit.performer(public_id=wish.professional)
        return [one] if one else []
    ranked = selectors.ranked(visit=visit, policy=policy, starts_at=wish.starts_at, now=now, desk=desk)
    free = [performer for performer, reasons in ranked if not reasons]
    were_free = [performer for performer, reasons in ranked if LEAD_TIME in reasons and set(reasons) <= set(GONE_BY)]
    return free or were_free or [performer for performer, _reasons in ranked[:1]]


def _one_of(
    *, refusals: Sequence[Refusal], visit: Visit, starts_at: datetime, policy: Policy, desk: bool, now: datetime
) -> Refusal:
    """Return the refusal that helps most: free times elsewhere, then patience, then the reasons."""
    if any(isinstance(refusal, SlotTaken) for refusal in refusals):
        return taken(visit=visit, policy=policy, starts_at=starts_at, desk=desk, now=now)
    for refusal in refusals:
        if isinstance(refusal, Busy):
            return refusal
    return refusals[0] if refusals else SlotUnavailable(reasons=[selectors.NOT_PERFORMED])
