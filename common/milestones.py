"""What happened once to this shop, and when, such as the demonstration that was begun.

How a shop began is such a thing: with the demonstration, or empty, for somebody's own. It never is both, so that nobody
sells beside invented orders, and nobody's own shop is filled with them.
"""

from datetime import datetime

from common.models import BEGINNINGS, DEMONSTRATION, OWN, Milestone
from common.transactions import one_at_a_time, run_unit_of_work, within_unit_of_work

__all__ = ["DEMONSTRATION", "OWN", "OtherBeginningError", "begin", "beginning", "reach", "reached"]


class OtherBeginningError(Exception):
    """The shop began the other way: `str()` is the beginning it has."""


def reach(*, name: str, now: datetime) -> None:
    """Write down that `name` happened at `now`; again means anew."""
    Milestone.objects.update_or_create(name=name, defaults={"at": now})


def reached() -> dict[str, datetime]:
    """Return when each thing happened, in one statement."""
    return dict(Milestone.objects.values_list("name", "at"))


def begin(*, name: str, now: datetime) -> None:
    """Write down that the shop begins so, or began so already: then anew.

    Raises:
        OtherBeginningError: it began the other way.
    """
    run_unit_of_work(_begin, name=name, now=now)


def beginning() -> str:
    """Return how the shop began, `DEMONSTRATION` or `OWN`; empty where nobody has begun it."""
    return Milestone.objects.filter(name__in=BEGINNINGS).values_list("name", flat=True).first() or ""


@within_unit_of_work
def _begin(*, name: str, now: datetime) -> None:
    one_at_a_time(names=["beginning"])
    other = beginning()
    if other not in ("", name):
        raise OtherBeginningError(other)
    reach(name=name, now=now)
