"""Sessions of drawers: opened by somebody, or by the first money that comes.

Money that goes through a session shares its row until it is written down, and whoever closes it waits for that. The
database judges the same once more, with triggers on payments, refunds and movements.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext

from common.actors import Actor
from common.errors import Busy, NotFound
from common.transactions import locked, within_unit_of_work
from common.use_cases import use_case
from till.errors import SessionClosed, SessionOpen
from till.models import Till, TillSession

_OPEN = """
SELECT * FROM till_tillsession
WHERE actor_kind = %(kind)s AND actor_id = %(id)s AND closed_at IS NULL ORDER BY id DESC LIMIT 1 FOR SHARE
"""
NOBODY = ("system", "")


def whose(*, actor: Actor) -> tuple[str, str]:
    """Return whose drawer an actor's money goes through: a member's own; that of nobody for all who are no person."""
    return (actor.kind, actor.id) if actor.kind == "staff" else NOBODY


@use_case()
def open_session(*, till: int | None, opening_float: Decimal, actor: Actor, now: datetime) -> TillSession:
    """Open a drawer with the cash that lies in it, at the first till if none is named, and return its session.

    Raises NotFound (no such till in use), SessionOpen.
    """
    place = first_till() if till is None else Till.objects.filter(pk=till, active=True).first()
    if place is None:
        raise NotFound()
    kind, identity = whose(actor=actor)
    if TillSession.objects.filter(actor_kind=kind, actor_id=identity, closed_at__isnull=True).exists():
        raise SessionOpen()
    return TillSession.objects.create(
        till=place, actor_kind=kind, actor_id=identity, opening_float=opening_float, opened_at=now
    )


@within_unit_of_work
def session_for(*, actor: Actor, now: datetime) -> TillSession:
    """Return the open session that an actor's money goes through, kept open until this unit of work ends.

    Where there is none, one is opened by itself. Raises Busy where it is closed as soon as it is found.
    """
    found = _shared(actor=actor)
    if found is None:
        kind, identity = whose(actor=actor)
        session = TillSession(
            till=first_till(),
            actor_kind=kind,
            actor_id=identity,
            opening_float=Decimal("0.00"),
            opened_by_itself=True,
            opened_at=now,
        )
        TillSession.objects.bulk_create([session], ignore_conflicts=True)  # somebody else may open it at this moment
        found = _shared(actor=actor)
    if found is None:
        raise Busy()
    return found


@within_unit_of_work
def locked_session(*, session: UUID, of: Actor | None) -> TillSession:
    """Return an open session, locked against whatever would go through it.

    `of`: whose it must be; None: anybody's. Raises NotFound, SessionClosed.
    """
    found = locked(TillSession.objects.filter(public_id=session)).first()
    if found is None or (of is not None and (found.actor_kind, found.actor_id) != whose(actor=of)):
        raise NotFound()
    if found.closed_at is not None:
        raise SessionClosed()
    return found


def _shared(*, actor: Actor) -> TillSession | None:
    kind, identity = whose(actor=actor)
    return next(iter(TillSession.objects.raw(_OPEN, {"kind": kind, "id": identity})), None)


@within_unit_of_work
def first_till() -> Till:
    """Return the first till in use; a shop that has never thought of any gets one."""
    found = Till.objects.order_by("-active", "pk").first()
    if found is None:
        Till.objects.bulk_create([Till(name=gettext("Till 1"))], ignore_conflicts=True)
        found = Till.objects.order_by("-active", "pk").get()
    return found
