"""What several answers of the agenda say."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from api.answers import Answer


class PersonResponse(Answer, frozen=True, kw_only=True):
    """A professional by name."""

    id: UUID
    name: str


def wall(moment: datetime, zone: ZoneInfo) -> str:
    """Return an instant as the shop's wall clock, without an offset."""
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M:%S}"
