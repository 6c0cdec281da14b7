"""Cash that is put into a drawer or taken out of it."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from common.actors import Actor
from common.use_cases import use_case
from till.models import CashMovement
from till.services.sessions import locked_session


@use_case()
def move_cash(
    *, session: UUID, kind: str, amount: Decimal, reason: str, anybodys: bool, actor: Actor, now: datetime
) -> CashMovement:
    """Write down that cash went into an open drawer (`in`) or out of it (`out`), and why.

    `anybodys`: whether the drawer may be another person's. Raises NotFound, SessionClosed.
    """
    return CashMovement.objects.create(
        session=locked_session(session=session, of=None if anybodys else actor),
        kind=kind,
        amount=amount,
        reason=reason,
        actor_kind=actor.kind,
        actor_id=actor.id,
        door=actor.door,
        at=now,
    )
