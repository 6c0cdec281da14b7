"""The click by which the reader of a letter says that a visit booked by a stranger is theirs."""

from datetime import datetime
from uuid import UUID

from common.actors import Actor
from common.errors import Forbidden, InvalidTransition
from common.use_cases import use_case
from scheduling import selectors
from scheduling.lifecycle import allowed, effective_state
from scheduling.models import Appointment
from scheduling.services import history
from scheduling.services.taking import locked_visit
from shop import services as shop
from shop.deadlines import request_deadline


@use_case()
def confirm_by_click(*, public_id: UUID, token: str, actor: Actor, now: datetime) -> Appointment:
    """Confirm a visit that waits for the click, or put it before the shop where its services want that; return it.

    One that waits for no click any more is returned unchanged. `token`: of the link in its letter.

    Raises NotFound, InvalidTransition (it ran out or was cancelled), Forbidden (somebody the shop has blocked).
    """
    visit = locked_visit(plain=selectors.clicked(public_id=public_id, token=token, now=now), now=now)
    if not visit.awaits_click:
        return visit
    state = effective_state(state=visit.state, expires_at=visit.expires_at, now=now)
    if state != Appointment.State.REQUESTED:
        raise InvalidTransition.of(state, allowed=allowed(state=state))
    blocked, _booked, _here = selectors.standing(
        email=visit.contact_email, phone=visit.contact_phone, address="", since=now
    )
    if blocked:
        raise Forbidden()
    if visit.services.filter(service__requires_confirmation=True).exists():
        until = request_deadline(policy=shop.policy(), first=visit.starts_at, now=now)
        history.change(appointment=visit, actor=actor, reason="", now=now, awaits_click=False, expires_at=until)
        history.announce(name="appointment.requested", appointment=visit, now=now)
    else:
        history.move(
            appointment=visit, target="confirmed", actor=actor, reason="", now=now, awaits_click=False, expires_at=None
        )
        history.announce(name="appointment.booked", appointment=visit, now=now)
    return visit
