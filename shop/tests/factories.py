"""What tests of the shop's page share."""

from datetime import UTC, datetime, time

from common.actors import Actor
from shop.policy import OpenHours

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OWNER = Actor(kind="staff", id="1", door="admin")


def hours(weekday: int, opens: str, closes: str) -> OpenHours:
    """Return one stretch of opening, times as HH:MM."""
    return OpenHours(weekday=weekday, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))
