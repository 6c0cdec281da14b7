"""What letters and pages say of an order."""

from datetime import datetime
from decimal import Decimal

from orders.amounts import fee_of
from orders.emails import Told
from orders.lifecycle import effective_status
from orders.messages import OrderFacts, facts_from
from orders.models import Order, OrderEvent, OrderLine
from orders.selectors.deadlines import cancel_until
from scheduling import selectors as scheduling
from shop import services as shop
from shop.policy import DEFAULTS


def told_of(*, order: Order, now: datetime) -> Told:
    """Return the order, read with its contact, as letters and pages speak of it; four statements at most."""
    lines = list(OrderLine.objects.filter(order=order).select_related("cancellation"))
    claims = [line.claim for line in lines if line.kind == "visit"]
    visits = scheduling.claimed_visits(claims=claims, now=now) if claims else {}
    return Told(order=order, contact=order.contact, lines=lines, visits=visits, policy=shop.policy())


def facts_of(*, cause: str, told: Told, now: datetime) -> OrderFacts:
    """Return everything that decides what is said about the order; one statement."""
    order, visits = told.order, told.living_visits
    last = OrderEvent.objects.filter(order=order).order_by("-seq").first()
    lines = [line for line in told.lines if not line.called_off]
    free_until = cancel_until(order=order, visits=visits, policy=DEFAULTS) if "late_fee" in order.policy_shown else None
    return facts_from(
        cause=cause,
        status=effective_status(status=order.status, expires_at=order.expires_at, now=now),
        order=order,
        kinds=[line.kind for line in lines],
        awaits_shop=any(visit.state == "requested" for visit in visits),
        by_customer=last is not None and last.actor_kind in ("customer", "guest"),
        at_stake=sum((fee_of(order=order, line=line) for line in lines), Decimal("0.00")),
        free_until=free_until,
        is_late=free_until is not None and now >= free_until,
    )


def superseded(*, order: Order, version: int) -> bool:
    """Say whether a later step of the order has a message of its own; only its completion has none."""
    later = OrderEvent.objects.filter(order=order, seq__gt=version)
    return later.exclude(to_status=Order.Status.COMPLETED).exists()
