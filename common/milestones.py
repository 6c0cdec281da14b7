"""What happened once to this shop, and when, such as the demonstration that was begun."""

from datetime import datetime

from common.models import Milestone


def reach(*, name: str, now: datetime) -> None:
    """Write down that `name` happened at `now`; again means anew."""
    Milestone.objects.update_or_create(name=name, defaults={"at": now})


def reached() -> dict[str, datetime]:
    """Return when each thing happened, in one statement."""
    return dict(Milestone.objects.values_list("name", "at"))
