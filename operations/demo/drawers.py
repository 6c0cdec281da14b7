"""The drawers of many orders at once: one for each day of sales, closed with what went through it."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from common import sql
from common.transactions import within_unit_of_work
from operations.demo.draws import SELLER
from till.models import TENDERS, Till
from till.services import first_till

NOTHING = Decimal("0.00")
Row = SimpleNamespace

_CLOSE = """
UPDATE till_tillsession SET closed_at = closing.at
FROM unnest(%(sessions)s::bigint[], %(instants)s::timestamptz[]) AS closing(id, at)
WHERE till_tillsession.id = closing.id
"""


@dataclass
class Drawers:
    """The sessions of a batch by day, and what is in each of them."""

    zone: ZoneInfo
    till: Till = field(default_factory=first_till)
    sums: dict[tuple[int, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    last: dict[int, datetime] = field(default_factory=dict)
    by_day: dict[str, Row] = field(default_factory=dict)

    def key_of(self, at: datetime) -> str:
        """Return the day of an instant, in the shop's zone."""
        return at.astimezone(self.zone).date().isoformat()

    def values_for(self, at: datetime) -> dict[str, object]:
        """Return the columns of the session that money of an instant goes through, if it is a new one."""
        return {
            "till_id": self.till.pk,
            "actor_kind": SELLER.kind,
            "actor_id": f"{SELLER.id} {self.key_of(at)}",
            "opening_float": NOTHING,
            "opened_by_itself": True,
            "opened_at": at,
        }

    def take(self, *, session: Row, tender: str, amount: Decimal, at: datetime) -> None:
        """Count money that goes into a session, or out of it where it is negative."""
        self.sums[session.id, tender] += amount
        session.opened_at = min(session.opened_at, at)
        self.last[session.id] = max(self.last.get(session.id, at), at)

    def sums_of(self, session: Row) -> dict[str, object]:
        """Return the columns of a count of a session that fits."""
        sums = {tender: self.sums.get((session.id, tender), NOTHING) for tender in TENDERS}
        amounts = {f"{side}_{tender}": amount for tender, amount in sums.items() for side in ("counted", "expected")}
        who = {"actor_kind": SELLER.kind, "actor_id": SELLER.id, "at": self.last[session.id]}
        return {"session_id": session.id, **amounts, **who}


@within_unit_of_work
def close(drawers: Drawers) -> None:
    """Close every session of a batch at its last money."""
    sessions = [session.id for session in drawers.by_day.values()]
    sql.execute(_CLOSE, {"sessions": sessions, "instants": [drawers.last[session] for session in sessions]})
