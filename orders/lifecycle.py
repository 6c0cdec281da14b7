"""Which way an order and a fulfilment may go: two tables, no database.

The database holds the order's table once more, in a trigger, and a test compares the two. `expired`
leads back to `confirmed`, because money that arrives late revives an order whose goods are still there.
"""

from datetime import datetime

TRANSITIONS: dict[str, tuple[str, ...]] = {
    "pending": ("cancelled", "confirmed", "expired"),
    "confirmed": ("cancelled", "completed"),
    "expired": ("confirmed",),
    "completed": (),
    "cancelled": (),
}

OPEN_STATUSES = ("pending", "confirmed")

FULFILMENT_VERBS: dict[str, dict[str, dict[str, str]]] = {
    "pickup": {
        "open": {"pick": "picked"},
        "picked": {"ready": "ready"},
        "ready": {"deliver": "delivered"},
        "delivered": {"return": "returned"},
        "returned": {},
        "cancelled": {},
    },
    "delivery": {
        "open": {"pick": "picked"},
        "picked": {"ship": "shipped"},
        "shipped": {"deliver": "delivered", "return": "returned"},
        "delivered": {"return": "returned"},
        "returned": {},
        "cancelled": {},
    },
}

HANDED_OVER = ("delivered", "returned")
"""Units in these have been with the customer, whether or not they came back."""

LEAVES_THE_SHOP = {"pickup": "delivered", "delivery": "shipped"}


def effective_status(*, status: str, expires_at: datetime | None, now: datetime) -> str:
    """Return the order's status as it is at `now`: a pending one past its deadline is expired, swept or not."""
    if status == "pending" and expires_at is not None and expires_at <= now:
        return "expired"
    return status


def allowed(*, status: str) -> list[str]:
    """Return where an order in `status` may go, sorted."""
    return list(TRANSITIONS[status])


def next_fulfilment_status(*, method: str, status: str, verb: str) -> str | None:
    """Return where the verb leads a fulfilment, or None where it leads nowhere."""
    return FULFILMENT_VERBS[method].get(status, {}).get(verb)


def fulfilment_verbs(*, method: str, status: str) -> list[str]:
    """Return the verbs a fulfilment in `status` understands, sorted."""
    return sorted(FULFILMENT_VERBS[method].get(status, {}))
