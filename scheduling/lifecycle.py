"""Which way an appointment may go: one table, no database.

The database holds the same table in a trigger, and a test compares the two. A hold that ran out counts
for nothing from that very second, whatever its row says, and `expired` leads back to life, because a cart whose hold
ran out may take the same time again while it is still free. `completed` and `no_show` lead back to `confirmed`, for
the mistake that is noticed the same day.
"""

from datetime import datetime

TRANSITIONS: dict[str, tuple[str, ...]] = {
    "held": ("cancelled", "confirmed", "expired", "requested"),
    "requested": ("cancelled", "confirmed", "expired"),
    "confirmed": ("cancelled", "completed", "no_show"),
    "expired": ("confirmed", "held", "requested"),
    "completed": ("confirmed",),
    "cancelled": (),
    "no_show": ("confirmed",),
}

OCCUPYING = ("held", "requested", "confirmed", "completed")
"""Who did not show up gives the rest of the time back; what was completed keeps it."""

EXPIRING = ("held", "requested")
MOVABLE = ("requested", "confirmed")
CLOSED = ("completed", "no_show")


def effective_state(*, state: str, expires_at: datetime | None, now: datetime) -> str:
    """Return the state as it is at `now`: a hold or request past its deadline is expired, swept or not."""
    if state in EXPIRING and expires_at is not None and expires_at <= now:
        return "expired"
    return state


def allowed(*, state: str) -> list[str]:
    """Return where an appointment in `state` may go, sorted."""
    return list(TRANSITIONS[state])
