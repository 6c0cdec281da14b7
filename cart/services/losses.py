"""What a cart or an order can no longer have, said the same way by whoever meets it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from inventory.errors import OutOfStock
from inventory.services import Shortage
from scheduling import selectors as agenda
from scheduling.errors import SlotTaken
from scheduling.selectors import FreePlace
from scheduling.services import Lost
from shop.policy import Policy


class Kept(Protocol):
    """A line of a cart or of an order."""

    @property
    def public_id(self) -> UUID:
        """Name it."""

    @property
    def sku(self) -> str:
        """Name what it is of."""

    @property
    def claim(self) -> UUID:
        """Name what keeps its units or its time."""


def raise_if_lost(
    *, lines: Sequence[Kept], short: Sequence[Shortage], lost: Sequence[Lost], policy: Policy, now: datetime
) -> None:
    """Raise the refusal that names every line that could not be had, with other times for the visits.

    Raises OutOfStock when units are short, else SlotTaken when time is; nothing when nothing was lost.
    """
    gone: Mapping[UUID, Sequence[str]] = {loss.claim: loss.reasons for loss in lost}
    visits = [
        {"line": str(line.public_id), "sku": line.sku, "reasons": list(gone[line.claim])}
        for line in lines
        if line.claim in gone
    ]
    if short:
        units: list[dict[str, Any]] = [
            {"sku": one.sku, "requested": one.requested, "available": one.available} for one in short
        ]
        raise OutOfStock(lines=units + [{**visit, "requested": 1, "available": 0} for visit in visits])
    if visits:
        raise SlotTaken(lines=visits, alternatives=_alternatives(claims=list(gone), policy=policy, now=now))


def _alternatives(*, claims: Sequence[UUID], policy: Policy, now: datetime) -> list[FreePlace]:
    """Return the nearest free times for the first lost visit that can still be booked at all."""
    zone = ZoneInfo(policy.timezone)
    for claimed in agenda.claimed_visits(claims=claims, now=now).values():
        if claimed.for_sale:
            visit = agenda.visit_of(skus=[service.sku for service in claimed.services], policy=policy)
            found = agenda.alternatives(visit=visit, policy=policy, starts_at=claimed.starts_at, now=now)
            return [agenda.free_place(alternative=one, zone=zone) for one in found]
    return []
