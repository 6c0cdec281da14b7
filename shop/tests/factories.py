"""What tests of the shop's page share."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from common.actors import Actor
from common.transactions import unit_of_work
from shop import services as shop
from shop.policy import OpenHours

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OWNER = Actor(kind="staff", id="1", door="admin")


def hours(weekday: int, opens: str, closes: str) -> OpenHours:
    """Return one stretch of opening, times as HH:MM."""
    return OpenHours(weekday=weekday, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))


def close_on(*, days: Mapping[date, str], actor: Actor = OWNER, now: datetime = NOW) -> None:
    """Replace the shop's days off by these."""
    with unit_of_work():
        shop.write(sheet=shop.ShopSheet(holidays=days), actor=actor, now=now)
