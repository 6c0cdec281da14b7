"""Drawers, counted blind and closed: what was counted is written down before anybody is shown what should be there.

The session's row is locked first, so nothing goes through a drawer between adding it up and closing it. Who counts
again does so in another row. Money that moves between a count and the close makes the count worthless.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from common.actors import Actor
from common.transactions import within_unit_of_work
from common.use_cases import use_case
from payments import selectors
from payments.errors import CountAgain, NoteRequired
from till import services as till
from till.models import TillClose, TillCount, TillSession


@use_case()
def count_session(
    *, session: UUID, counted: Mapping[str, Decimal], anybodys: bool, actor: Actor, now: datetime
) -> TillCount:
    """Write down what somebody counted in an open drawer, by tender, and return it beside what should be there.

    `anybodys`: whether the drawer may be another person's. Raises NotFound, SessionClosed.
    """
    row = till.locked_session(session=session, of=None if anybodys else actor)
    [sums] = selectors.drawer_sums(sessions=[row])
    return till.count_drawer(session=row, counted=counted, expected=sums.expected, actor=actor, now=now)


@within_unit_of_work
def close_within(*, session: TillSession, count: int, note: str, actor: Actor, now: datetime) -> TillClose:
    """Close a locked drawer with its last count. Raises CountAgain, NoteRequired."""
    last = TillCount.objects.filter(session=session).last()
    [sums] = selectors.drawer_sums(sessions=[session])
    if last is None or last.pk != count or last.expected != sums.expected:
        raise CountAgain()
    if not last.fits and not note:
        raise NoteRequired()
    return till.close_drawer(session=session, count=last, note=note, actor=actor, now=now)
