"""The lines of an order: what still counts, what was handed over, when its visits are."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Sum

from orders.models import FulfilmentLine, Order, OrderLine
from scheduling import selectors as scheduling
from scheduling.selectors import ClaimedVisit


def units_in_fulfilments(*, order: Order, statuses: Iterable[str]) -> dict[int, int]:
    """Return, by order line pk, the units that stand in fulfilments of those statuses."""
    rows = (
        FulfilmentLine.objects.filter(fulfilment__order=order, fulfilment__status__in=list(statuses))
        .values("line_id")
        .annotate(units=Sum("quantity"))
    )
    return {row["line_id"]: row["units"] for row in rows}


def goods_of(*, order: Order) -> list[OrderLine]:
    """Return the order's lines of goods, in position order."""
    return list(OrderLine.objects.filter(order=order, kind="goods"))


def living_lines(*, order: Order) -> list[OrderLine]:
    """Return the lines that still count, in position order."""
    return list(OrderLine.objects.filter(order=order, cancellation__isnull=True))


def visits_of(*, order: Order, now: datetime) -> list[ClaimedVisit]:
    """Return the visits of the lines that still count, as they stand in the agenda."""
    claims = [line.claim for line in living_lines(order=order) if line.kind == "visit"]
    return list(scheduling.claimed_visits(claims=claims, now=now).values()) if claims else []


def visits_ahead(*, order: Order, now: datetime) -> bool:
    """Say whether a visit of the order has neither been kept nor missed."""
    return any_ahead(visits=visits_of(order=order, now=now))


def any_ahead(*, visits: Iterable[ClaimedVisit]) -> bool:
    """Say whether one of these visits has neither been kept nor missed."""
    return any(visit.state not in ("completed", "no_show") for visit in visits)
