"""What is counted in a drawer, and its close. What should be there comes in; nobody here knows how it came."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from common.actors import Actor
from common.transactions import within_unit_of_work
from till.models import TENDERS, TillClose, TillCount, TillSession


@within_unit_of_work
def count_drawer(
    *,
    session: TillSession,
    counted: Mapping[str, Decimal],
    expected: Mapping[str, Decimal],
    actor: Actor,
    now: datetime,
) -> TillCount:
    """Write down what somebody counted in a locked drawer, beside what should be there."""
    amounts: dict[str, Any] = {f"counted_{tender}": counted[tender] for tender in TENDERS}
    amounts |= {f"expected_{tender}": expected[tender] for tender in TENDERS}
    return TillCount.objects.create(session=session, actor_kind=actor.kind, actor_id=actor.id, at=now, **amounts)


@within_unit_of_work
def close_drawer(*, session: TillSession, count: TillCount, note: str, actor: Actor, now: datetime) -> TillClose:
    """Close a locked session with a count of it, signed by whoever closes it."""
    session.closed_at = now
    session.save(update_fields=["closed_at"])
    amounts: dict[str, Any] = {f"counted_{tender}": counted for tender, counted in count.counted.items()}
    amounts |= {f"expected_{tender}": expected for tender, expected in count.expected.items()}
    return TillClose.objects.create(
        session=session, count=count, note=note, actor_kind=actor.kind, actor_id=actor.id, at=now, **amounts
    )
