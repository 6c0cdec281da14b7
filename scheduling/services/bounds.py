"""How much of the shop's time one person keeps without paying: held in carts, or booked directly.

A person is known by cart, account, mailbox and phone; and, unless they prove to read a mailbox, by internet address,
which many honest people may share.
"""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from accounts import selectors as accounts
from common.addresses import bounded_address
from common.errors import Forbidden
from common.identity import mailbox_of
from common.transactions import one_at_a_time, within_unit_of_work
from scheduling import selectors
from scheduling.errors import TooManyHolds
from scheduling.selectors import Holding
from scheduling.services.taking import Booker, Candidate
from shop.policy import Policy

A_DAY = timedelta(days=1)


@within_unit_of_work
def held_at_most_until(*, candidate: Candidate, booker: Booker, now: datetime) -> datetime:
    """Return until when somebody may hold the candidate's time in a cart at most, however many requests come at once.

    The same time of the same professional is held no longer in all than the shop lets it be, whatever the cart; then it
    rests as long. Raises TooManyHolds.
    """
    policy, start = candidate.policy, candidate.starts_at
    person = accounts.person_of(customer_id=booker.customer_id) if booker.customer_id is not None else None
    address = "" if person and person.mailbox else booker.address
    counted = bounded_address(address) if policy.max_holds_per_address else ""
    one_at_a_time(
        names=[person.name if person else f"cart:{booker.holder}", *([f"holds:{counted}"] if counted else [])]
    )
    longest = max(policy.cart_hold_total_minutes, policy.address_hold_total_minutes)
    mine, here = selectors.holdings(
        holder=booker.holder,
        customers=person.customers if person else (),
        address=address,
        professional=candidate.performer.pk,
        starts_at=start,
        ends_at=start + timedelta(minutes=candidate.visit.duration),
        since=now - 2 * timedelta(minutes=longest),
        now=now,
    )
    _refuse_times(times=mine.times, most=policy.max_holds_per_customer)
    _refuse_times(times=here.times if counted else 0, most=policy.max_holds_per_address)
    limits = [_left(holding=mine, minutes=policy.cart_hold_total_minutes, policy=policy)]
    if address and policy.address_hold_total_minutes:
        limits.append(_left(holding=here, minutes=policy.address_hold_total_minutes, policy=policy))
    return now + min(limits)


@within_unit_of_work
def judge_booker(*, candidate: Candidate, booker: Booker, now: datetime) -> None:
    """Refuse whom the shop has blocked, and more visits a day than one person may book, however many come at once.

    Raises Forbidden, TooManyHolds.
    """
    policy = candidate.policy
    address = bounded_address(booker.address) if policy.max_bookings_per_address else ""
    known = {"mailbox": mailbox_of(booker.email), "phone": booker.phone, "bookings": address}
    one_at_a_time(names=[f"{name}:{value}" for name, value in known.items() if value])
    blocked, booked, booked_here = selectors.standing(
        email=booker.email, phone=booker.phone, address=address, since=now - A_DAY
    )
    if blocked:
        raise Forbidden()
    most, most_here = policy.max_bookings_per_day, policy.max_bookings_per_address
    if most and booked >= most:
        text = _("One person books at most %(max)s visits a day without paying. Order them through a cart, or call us.")
        raise TooManyHolds(text % {"max": most}, max=most)
    if address and booked_here >= most_here:
        text = _("Too many visits were booked from your internet connection today. Order through a cart, or call us.")
        raise TooManyHolds(text, max=most_here)


def asks_click(*, candidate: Candidate, booker: Booker) -> bool:
    """Say whether a direct booking waits until the link in its letter is followed.

    It does where the shop wants it so and nobody, the team or a login, proves that the mailbox is theirs.
    """
    if candidate.desk or not candidate.policy.booking_click_minutes:
        return False
    return booker.customer_id is None or not accounts.person_of(customer_id=booker.customer_id).mailbox


def _refuse_times(*, times: int, most: int) -> None:
    if most and times >= most:
        text = _("At most %(max)s times are held at once. Order what is held, or take one of them out of the cart.")
        raise TooManyHolds(text % {"max": most}, max=most)


def _left(*, holding: Holding, minutes: int, policy: Policy) -> timedelta:
    """Return for how much longer a time may be held; what is left must be worth holding."""
    total = timedelta(minutes=minutes)
    left = total - holding.kept
    if left < min(total, timedelta(minutes=policy.slot_hold_minutes)):
        text = _("This time was held for as long as it can be. Book it, choose another one, or come back later.")
        raise TooManyHolds(text, max=minutes)
    return left
