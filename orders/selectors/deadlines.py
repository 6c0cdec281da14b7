"""Until when an order can be changed, what it costs after that, and when it may be collected."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from orders.amounts import fee_of, keepable
from orders.models import Order, OrderLine
from orders.selectors.lines import living_lines
from orders.selectors.lists import SOLD
from scheduling import selectors as scheduling
from scheduling.selectors import ClaimedVisit
from shop.deadlines import last_moment
from shop.pickups import free_windows
from shop.policy import DEFAULTS, Policy
from shop.windows import Window


def pickup_choices(*, order: Order, desk: bool, policy: Policy, now: datetime) -> list[Window]:
    """Return the windows with a place into which the pickup of an order may be moved; notice does not bind the desk.

    An order that waits for its money or an answer is collected no sooner than that may take.
    """
    if Order.FulfilmentMethod.PICKUP not in policy.fulfilment_methods:
        return []
    goods = OrderLine.objects.filter(order=order, kind="goods", cancellation__isnull=True).order_by()
    leads = goods.values_list("variant__product__pickup_lead_minutes", flat=True)
    lead = 0 if desk else max([policy.pickup_lead_minutes, *(minutes or 0 for minutes in leads)])
    windows = free_windows(policy=policy, now=now, lead_minutes=lead, but=order.number)
    until = order.expires_at if order.status == Order.Status.PENDING else None
    return [
        window
        for window in windows
        if until is None or until <= last_moment(policy=policy, first=window.starts_at, now=now)
    ]


def cancel_minutes(*, order: Order, policy: Policy) -> int:
    """Return how long before the pickup the customer's say ends, as it was when they ordered."""
    minutes: int = order.policy_shown.get("cancel_cutoff_minutes", policy.cancel_cutoff_minutes)
    return minutes


def visit_minutes(*, order: Order, policy: Policy) -> int:
    """Return how long before a visit the customer's say ends, as it was when they ordered."""
    minutes: int = order.policy_shown.get("visit_cutoff_minutes", policy.appointment_cancel_cutoff_minutes)
    return minutes


def cancel_until(*, order: Order, visits: Iterable[ClaimedVisit], policy: Policy) -> datetime | None:
    """Return the customer's last moment: the cut-off before the pickup or the first visit, whichever comes first."""
    starts = [visit.starts_at for visit in visits]
    pickup = [] if order.pickup_starts_at is None else [None]
    moments = [late_from(order=order, starts_at=start, policy=policy) for start in [*starts, *pickup]]
    return min((moment for moment in moments if moment is not None), default=None)


def late_from(*, order: Order, starts_at: datetime | None, policy: Policy) -> datetime | None:
    """Return from when on it is late to call a visit off that starts then, or, without one, the order's goods."""
    if starts_at is not None:
        return starts_at - timedelta(minutes=visit_minutes(order=order, policy=policy))
    if order.pickup_starts_at is None:
        return None
    return order.pickup_starts_at - timedelta(minutes=cancel_minutes(order=order, policy=policy))


def late_fee(*, order: Order, now: datetime) -> Decimal:
    """Return what can be kept if an order is called off at `now` at its customer's wish: of the lines that are late.

    A line is late past its own cut-off, before its visit or before the pickup. Nothing is read where none was agreed;
    an order that agreed one has its cut-offs with it.
    """
    if "late_fee" not in order.policy_shown or keepable(order=order, fee=order.total) == 0:
        return Decimal("0.00")
    lines = living_lines(order=order)
    claims = [line.claim for line in lines if line.kind == "visit"]
    visits = scheduling.claimed_visits(claims=claims, now=now) if claims else {}
    fee = Decimal("0.00")
    for line in lines:
        visit = visits.get(line.claim)
        until = late_from(order=order, starts_at=visit.starts_at if visit else None, policy=DEFAULTS)
        if until is not None and now >= until:
            fee += fee_of(order=order, line=line)
    return keepable(order=order, fee=fee)


def missed_lines(*, policy: Policy, now: datetime, order: Order | None = None) -> list[OrderLine]:
    """Return, each with its order, the lines of visits that nobody came to before the shop's day of `now`.

    Only of orders that agreed a fee for it. Until the day is over the team may undo that nobody came.
    """
    today = now.astimezone(ZoneInfo(policy.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = OrderLine.objects.filter(
        kind="visit", cancellation__isnull=True, order__status__in=SOLD, order__policy_shown__has_key="late_fee",
        claim__in=scheduling.missed_claims(before=today),
    )  # fmt: skip
    if order is not None:
        lines = lines.filter(order=order)
    return list(lines.select_related("order").order_by("pk"))
