"""Until when money and answers are waited for: never longer than what is kept for them is of use. Pure.

A deadline ends a margin before the first visit or pickup, so that the shop still learns in time whether somebody comes.
How long each way to pay may take stands here and nowhere else; what is kept for the money is kept exactly as long.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shop.policy import Policy

LEAST_TIME_TO_PAY = timedelta(minutes=15)
A_MINUTE = timedelta(minutes=1)
A_DAY = timedelta(days=1)
PIX_MARGIN = A_MINUTE
"""A Pix can be paid until so long before the order expires, so that its news arrives while the order still waits."""
SATURDAY = 5


def payment_deadline(*, policy: Policy, method: str, first: datetime | None, now: datetime) -> datetime | None:
    """Return until when money by `method` is waited for, or None where none could be sent and seen in time.

    `first`: when the first visit or pickup begins, if anything does. A method that is paid at the counter waits as long
    as a transfer.
    """
    longest = _longest(policy=policy, method=method, now=now)
    if first is None:
        return longest
    until = min(longest, first - timedelta(minutes=policy.deadline_margin_minutes))
    return until if until >= now + min(longest - now, LEAST_TIME_TO_PAY) else None


def attempt_deadline(*, policy: Policy, method: str, order_until: datetime | None, now: datetime) -> datetime:
    """Return until when one attempt to pay by `method` can be paid: what is kept for it, and for a Pix a little less.

    `order_until`: when the order expires; None for one that waits for nothing and has only a rest to pay.
    """
    until = order_until or _longest(policy=policy, method=method, now=now)
    if method != "pix":
        return until
    return max(until - PIX_MARGIN, now + (until - now) / 2)


def _longest(*, policy: Policy, method: str, now: datetime) -> datetime:
    minutes = {"pix": policy.pix_hold_minutes, "card": policy.card_hold_minutes}
    hold = timedelta(minutes=minutes.get(method, policy.transfer_hold_minutes))
    if method in minutes or hold < A_DAY:
        return now + hold
    return _in_business_time(
        start=now, hold=hold, zone=ZoneInfo(policy.timezone), closed={holiday.day for holiday in policy.holidays}
    )


def _in_business_time(*, start: datetime, hold: timedelta, zone: ZoneInfo, closed: set[date]) -> datetime:
    """Return when `hold` has passed, weekends and holidays not counted, on which no bank moves a transfer."""
    moment = start
    while True:
        day = moment.astimezone(zone).date()
        midnight = datetime.combine(day + A_DAY, time(0), tzinfo=zone).astimezone(UTC)
        if day.weekday() < SATURDAY and day not in closed:
            if moment + hold <= midnight:
                return moment + hold
            hold -= midnight - moment
        moment = midnight


def request_deadline(*, policy: Policy, first: datetime, now: datetime) -> datetime:
    """Return until when a requested visit waits for the shop's answer."""
    return min(now + timedelta(hours=policy.request_hours), last_moment(policy=policy, first=first, now=now))


def click_deadline(*, policy: Policy, first: datetime, now: datetime) -> datetime:
    """Return until when a visit waits for whoever asked for it to follow the link in its letter."""
    until = now + timedelta(minutes=policy.booking_click_minutes)
    return min(until, last_moment(policy=policy, first=first, now=now))


def last_moment(*, policy: Policy, first: datetime, now: datetime) -> datetime:
    """Return the last moment at which money or an answer may still come for what begins at `first`.

    A margin before it, and where less than two margins are left, after half of what is left.
    """
    margin = min(timedelta(minutes=policy.deadline_margin_minutes), (first - now) / 2)
    return max(first - margin, now + A_MINUTE)
