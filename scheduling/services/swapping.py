"""Two visits that change places. Both are judged without each other, and nothing is free in between.

The rules of time are deferred while the two rows are written, one after the other, and hold again before the end.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from common.actors import Actor
from common.errors import Busy
from common.transactions import within_unit_of_work
from common.use_cases import use_case
from scheduling import selectors
from scheduling.errors import VisitMoved
from scheduling.models import CONSTRAINTS_OF_TIME, Appointment
from scheduling.selectors import Access
from scheduling.services import history
from scheduling.services.changes import candidate_at, deadline_at, lease_of_move, refuse_move
from scheduling.services.taking import Candidate, judge_again, lock_time, times
from shop import services as shop
from shop.policy import Policy


def swap(
    *,
    first: UUID,
    second: UUID,
    starts_at: datetime,
    professional: UUID,
    actor: Actor,
    now: datetime,
    reason: str = "",
    access: Access | None = None,
) -> tuple[Appointment, Appointment]:
    """Let two visits change places, each taking the other's professional and start, and return both.

    `starts_at`, `professional`: where the caller has seen the second one. Where the first stands there already, nothing
    changes, so it is safe to repeat. No price changes. `access`: what the caller proves to be allowed with; without,
    the caller is trusted.

    Raises NotFound, Forbidden, InvalidTransition, Malformed (a reason is wanted), VisitMoved, SlotTaken,
    SlotUnavailable, Busy; then both stay where they were.
    """
    policy = shop.policy()
    one, other = (selectors.appointment(public_id=each, access=access, change=True) for each in (first, second))
    seen = (starts_at, professional)
    if (one.starts_at, one.professional.public_id) == seen:
        return one, other
    if (other.starts_at, other.professional.public_id) != seen:
        raise VisitMoved()
    moves = {
        mine.pk: candidate_at(
            appointment=mine,
            starts_at=theirs.starts_at,
            professional=theirs.professional.public_id,
            policy=policy,
            actor=actor,
        )
        for mine, theirs in ((one, other), (other, one))
    }
    return _swap(one=one, other=other, moves=moves, policy=policy, actor=actor, reason=reason, now=now)


def _lease_of_swap(*, one: Appointment, other: Appointment, moves: dict[int, Candidate], **_others: Any) -> list[str]:
    return [
        *lease_of_move(plain=one, candidate=moves[one.pk]),
        *lease_of_move(plain=other, candidate=moves[other.pk]),
    ]


@use_case(lease=_lease_of_swap)
def _swap(
    *,
    one: Appointment,
    other: Appointment,
    moves: dict[int, Candidate],
    policy: Policy,
    actor: Actor,
    reason: str,
    now: datetime,
) -> tuple[Appointment, Appointment]:
    rows = _both_locked(one=one, other=other, candidates=list(moves.values()), now=now)
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS {', '.join(CONSTRAINTS_OF_TIME)} DEFERRED")
        for pk, candidate in moves.items():
            refuse_move(appointment=rows[pk], policy=policy, actor=actor, reason=reason, now=now)
            place, over = judge_again(candidate=candidate, now=now, except_ids=list(moves))
            before = rows[pk].starts_at
            history.change(
                appointment=rows[pk],
                actor=actor,
                reason=reason,
                now=now,
                professional_id=candidate.performer.pk,
                forced=over,
                forced_reason="",
                **deadline_at(appointment=rows[pk], starts_at=candidate.starts_at, policy=policy, now=now),
                **times(visit=candidate.visit, starts_at=candidate.starts_at, place=place, own=rows[pk].public_id),
            )
            history.announce(name="appointment.moved", appointment=rows[pk], now=now, from_starts_at=before.isoformat())
        cursor.execute(f"SET CONSTRAINTS {', '.join(CONSTRAINTS_OF_TIME)} IMMEDIATE")
    return rows[one.pk], rows[other.pk]


@within_unit_of_work
def _both_locked(
    *, one: Appointment, other: Appointment, candidates: list[Candidate], now: datetime
) -> dict[int, Appointment]:
    """Lock two visits with their people and rooms. Raises Busy when somebody has moved one of them in between."""
    rooms = {row.room_id for row in (one, other) if row.room_id is not None}
    rooms.update(room for candidate in candidates for room in candidate.visit.demand.rooms or ())
    rows = lock_time(
        professionals={one.professional_id, other.professional_id, *(who.performer.pk for who in candidates)},
        rooms=rooms,
        now=now,
        appointments=[one.pk, other.pk],
    )
    for plain in (one, other):
        row = rows[plain.pk]
        if (row.starts_at, row.professional_id, row.room_id) != (plain.starts_at, plain.professional_id, plain.room_id):
            raise Busy()
    return rows
