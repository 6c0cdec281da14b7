"""How a visit ends: it took place, or nobody came; and, the same day, neither after all.

Whoever may close a visit may undo it until the shop's day is over; both stay in the history. A visit that nobody came
to has given its time back, so undoing that takes the time again if nobody else has it by now, in another room if need
be.
"""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from common.actors import Actor
from common.errors import InvalidTransition
from common.transactions import within_unit_of_work
from common.use_cases import use_case
from scheduling import selectors
from scheduling.errors import SlotTaken
from scheduling.lifecycle import CLOSED, allowed, effective_state
from scheduling.models import Appointment
from scheduling.selectors import Access
from scheduling.services import history
from scheduling.services.taking import locked_visit
from shop.policy import Policy


@use_case()
def complete(*, public_id: UUID, actor: Actor, now: datetime, access: Access | None = None) -> Appointment:
    """Write down that the visit took place, and return it.

    Raises NotFound, InvalidTransition (also too early).
    """
    plain = selectors.appointment(public_id=public_id, access=access)
    return close(plain=plain, target="completed", actor=actor, now=now)


@use_case()
def mark_no_show(*, public_id: UUID, actor: Actor, now: datetime, access: Access | None = None) -> Appointment:
    """Write down that nobody came, give the rest of the time back, and return the visit.

    Raises NotFound, InvalidTransition (also before the visit begins).
    """
    plain = selectors.appointment(public_id=public_id, access=access)
    return close(plain=plain, target="no_show", actor=actor, now=now)


@within_unit_of_work
def close(*, plain: Appointment, target: str, actor: Actor, now: datetime) -> Appointment:
    """Lock a visit read before, take it to how it ended, and return it; one that ended so already stays as it is.

    Raises InvalidTransition, Busy.
    """
    visit = locked_visit(plain=plain, now=now)
    if visit.state == target:
        return visit
    if visit.starts_at > now:
        raise InvalidTransition.of(visit.state, allowed=["cancelled"], detail=_("The visit has not begun."))
    history.move(appointment=visit, target=target, actor=actor, reason="", now=now)
    history.announce(name=f"appointment.{target}", appointment=visit, now=now)
    return visit


@within_unit_of_work
def reopen(*, plain: Appointment, policy: Policy, actor: Actor, now: datetime) -> Appointment:
    """Lock a visit that was closed today, let it be confirmed again, and return it.

    The caller holds the lease of its time. Raises InvalidTransition (not closed, or not today), SlotTaken (somebody
    else has the time that was given back), Busy.
    """
    visit = locked_visit(plain=plain, now=now)
    if visit.state not in CLOSED:
        state = effective_state(state=visit.state, expires_at=visit.expires_at, now=now)
        raise InvalidTransition.of(state, allowed=allowed(state=state))
    if not selectors.closed_today(visit=visit, policy=policy, now=now):
        detail = _("Only what was closed today can be undone.")
        raise InvalidTransition.of(visit.state, allowed=[], detail=detail)
    room = visit.room_id
    if visit.state == Appointment.State.NO_SHOW and not visit.forced:
        if room is not None:
            room = selectors.room_to_return_to(visit=visit, room=room)
        if selectors.time_given_away(visit=visit) or (room is None and visit.room_id is not None):
            raise SlotTaken(_("Somebody else has that time by now."))
    history.move(appointment=visit, target="confirmed", actor=actor, reason="", now=now, room_id=room)
    history.announce(name="appointment.reopened", appointment=visit, now=now)
    return visit
