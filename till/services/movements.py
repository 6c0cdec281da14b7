"""Cash that is put into a drawer or taken out of it."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from common.actors import Actor
from common.transactions import within_unit_of_work
from common.use_cases import use_case
from till.models import CashMovement, TillSession
from till.services.sessions import locked_session, session_for


@use_case()
def move_cash(
    *, session: UUID, kind: str, amount: Decimal, reason: str, anybodys: bool, actor: Actor, now: datetime
) -> CashMovement:
    """Write down that cash went into an open drawer (`in`) or out of it (`out`), and why.

    `anybodys`: whether the drawer may be another person's. Raises NotFound, SessionClosed.
    """
    place = locked_session(session=session, of=None if anybodys else actor)
    return _write(session=place, kind=kind, amount=amount, reason=reason, actor=actor, now=now)


@within_unit_of_work
def take_out(*, amount: Decimal, reason: str, actor: Actor, now: datetime) -> CashMovement:
    """Write down that cash leaves the drawer of whoever acts, as a part of something else that happens.

    Raises Busy.
    """
    place = session_for(actor=actor, now=now)
    out = CashMovement.Kind.OUT.value
    return _write(session=place, kind=out, amount=amount, reason=reason, actor=actor, now=now)


def _write(
    *, session: TillSession, kind: str, amount: Decimal, reason: str, actor: Actor, now: datetime
) -> CashMovement:
    return CashMovement.objects.create(
        session=session,
        kind=kind,
        amount=amount,
        reason=reason,
        actor_kind=actor.kind,
        actor_id=actor.id,
        door=actor.door,
        at=now,
    )
