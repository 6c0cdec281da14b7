"""Which way a payment, a refund and a case of the money inbox may go: three tables, no database.

The database holds the tables of payments and refunds once more, in triggers, and a test compares them. Money that is
there stays there: nothing leads away from a payment that succeeded, and everything leads to it, because money also
comes by an attempt that had been given up.
"""

from datetime import datetime

PAYMENT_STEPS: dict[str, tuple[str, ...]] = {
    "pending": ("cancelled", "expired", "failed", "succeeded"),
    "failed": ("succeeded",),
    "expired": ("succeeded",),
    "cancelled": ("succeeded",),
    "succeeded": (),
}

REFUND_STEPS: dict[str, tuple[str, ...]] = {
    "due": ("sent", "succeeded"),
    "sent": ("refused", "succeeded"),
    "refused": ("sent", "succeeded"),
    "succeeded": ("refused",),
}
"""`sent`: a gateway was asked, and has not said the last word. A bank may send money back that had been given back, so
a refund that succeeded can still be refused."""

CASE_STEPS: dict[str, tuple[str, ...]] = {"open": ("settled",), "settled": ()}

OWED = ("due", "sent", "refused")
"""A refund in these is still owed to the customer, and cannot be given back a second time."""


def effective_status(*, status: str, expires_at: datetime | None, now: datetime) -> str:
    """Return a payment's status as it is at `now`: one that ran out is expired, whether or not that is written down."""
    return "expired" if status == "pending" and expires_at is not None and expires_at <= now else status
