"""Reads of drawers worth a name."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from common.actors import Actor
from till.models import Till, TillSession


def tills() -> list[Till]:
    """Return the tills in use."""
    return list(Till.objects.filter(active=True))


def all_tills() -> list[Till]:
    """Return every till, those in use first."""
    return list(Till.objects.order_by("-active", "pk"))


def session(*, public_id: UUID) -> TillSession | None:
    """Return a drawer with its till; None where there is none of that name."""
    return TillSession.objects.select_related("till").filter(public_id=public_id).first()


def open_session_of(*, actor: Actor) -> TillSession | None:
    """Return the drawer that a member of the team has open, with its till; None where they have none."""
    mine = TillSession.objects.filter(actor_kind=actor.kind, actor_id=actor.id, closed_at__isnull=True)
    return mine.select_related("till").first()


def open_sessions() -> QuerySet[TillSession]:
    """Return every drawer that is open, the longest open first."""
    return TillSession.objects.filter(closed_at__isnull=True).select_related("till").order_by("opened_at", "pk")


def open_before(*, until: datetime) -> Sequence[TillSession]:
    """Return the drawers that were opened before an instant and are still open."""
    return list(open_sessions().filter(opened_at__lt=until))
