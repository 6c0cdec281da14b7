"""Signs of life of the processes that work by the clock."""

from datetime import datetime

from common.models import Heartbeat


def beat(*, name: str, now: datetime) -> None:
    """Write down that `name` did its work at `now`."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": now})


def last_seen() -> dict[str, datetime]:
    """Return when each name was last seen, in one statement."""
    return dict(Heartbeat.objects.values_list("name", "beat_at"))
