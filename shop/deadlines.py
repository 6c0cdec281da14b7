"""Until when money and answers are waited for: never longer than what is kept for them is of use. Pure.

A deadline ends a margin before the first visit or pickup, so that the shop still learns in time whether somebody comes.
"""

from datetime import datetime, timedelta

from shop.policy import Policy

LEAST_TIME_TO_PAY = timedelta(minutes=15)
A_MINUTE = timedelta(minutes=1)


def payment_deadline(*, policy: Policy, first: datetime | None, now: datetime) -> datetime | None:
    """Return until when a transfer is waited for, or None where none could be made and seen in time.

    `first`: when the first visit or pickup begins, if anything does.
    """
    hold = timedelta(minutes=policy.transfer_hold_minutes)
    if first is None:
        return now + hold
    until = min(now + hold, first - timedelta(minutes=policy.deadline_margin_minutes))
    return until if until >= now + min(hold, LEAST_TIME_TO_PAY) else None


def request_deadline(*, policy: Policy, first: datetime, now: datetime) -> datetime:
    """Return until when a requested visit waits for the shop's answer."""
    return min(now + timedelta(hours=policy.request_hours), last_moment(policy=policy, first=first, now=now))


def last_moment(*, policy: Policy, first: datetime, now: datetime) -> datetime:
    """Return the last moment at which money or an answer may still come for what begins at `first`.

    A margin before it, and where less than two margins are left, after half of what is left.
    """
    margin = min(timedelta(minutes=policy.deadline_margin_minutes), (first - now) / 2)
    return max(first - margin, now + A_MINUTE)
