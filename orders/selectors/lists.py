"""Lists of orders, and how one is found among them."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import inf
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.db.models.expressions import CombinedExpression

from common.search import matching, naming
from common.text import one_line, plain_marks
from orders.access import Access
from orders.models import Fulfilment, Order, OrderContact, OrderLine
from shop.pickups import without_place
from shop.policy import Policy
from shop.windows import opening_stretches

MOST_VISITS = 200


NUMBER_TYPED = re.compile(r"#[2-9A-HJ-NP-Z]{1,9}|(?=.*[0-9])[2-9A-HJ-NP-Z]{3,9}|[A-HJ-NP-Z]{9}")
"""What may be an order's number, or the beginning of it; after a "#" it is nothing else."""


SOLD = (Order.Status.CONFIRMED, Order.Status.COMPLETED)
HANDED_OVER = (Fulfilment.Status.SHIPPED, Fulfilment.Status.DELIVERED)
"""Fulfilments whose goods have left the shop."""


def list_orders(*, access: Access, filters: Mapping[str, Any], now: datetime) -> QuerySet[Order]:
    """Return the orders the caller may list, newest first: all for staff, else the customer's own.

    `filters`: any of status, email, payment_method, placed_from, placed_to (half-open).
    """
    orders = Order.objects.select_related("contact").order_by("-placed_at", "-pk")
    if not access.staff:
        orders = orders.filter(customer_id=access.customer_id) if access.customer_id else orders.none()
    lookups = {
        "email": "contact__email__iexact",
        "payment_method": "payment_method",
        "placed_from": "placed_at__gte",
        "placed_to": "placed_at__lt",
    }
    orders = orders.filter(**{lookups[name]: filters[name] for name in lookups if name in filters})
    return with_status(orders=orders, status=filters["status"], now=now) if "status" in filters else orders


def costs_now(*, order: str = "") -> CombinedExpression:
    """Return `amounts.current_total` for a queryset whose rows reach their order by the lookup `order`."""
    return F(f"{order}total") - F(f"{order}cancelled") + F(f"{order}late_fee")


def left_to_pay(*, order: str = "") -> CombinedExpression:
    """Return what an order costs now and was not paid, likewise; below nothing where too much was paid."""
    return costs_now(order=order) - F(f"{order}paid") + F(f"{order}refunded")


def sold(*, orders: QuerySet[Order]) -> QuerySet[Order]:
    """Keep the orders that count as sales: confirmed or completed; not those that wait, ran out or were cancelled."""
    return orders.filter(status__in=SOLD)


def placed_between(*, starts_at: datetime, ends_at: datetime) -> QuerySet[Order]:
    """Return the orders placed in a stretch of time, half-open."""
    return Order.objects.filter(placed_at__gte=starts_at, placed_at__lt=ends_at)


def with_status(*, orders: QuerySet[Order], status: str, now: datetime) -> QuerySet[Order]:
    """Keep the orders whose status at `now` is `status`; a pending one past its deadline counts as expired."""
    if status == Order.Status.PENDING:
        return orders.filter(status=status, expires_at__gt=now)
    if status == Order.Status.EXPIRED:
        return orders.filter(Q(status=status) | Q(status=Order.Status.PENDING, expires_at__lte=now))
    return orders.filter(status=status)


def visits_found(*, text: str) -> list[UUID]:
    """Return the claims of the visits in orders that `search` finds, of the newest orders first; 200 at most."""
    lines = OrderLine.objects.filter(search(text=text, order="order__"), kind="visit")
    return list(lines.order_by("-order_id").values_list("claim", flat=True)[:MOST_VISITS])


def search(*, text: str, order: str = "", names_only: bool = False) -> Q:
    """Return the condition on orders that somebody meant with a text: by their people, or by the number's beginning.

    `order`: the path to the order, for lists of what hangs on it. `names_only`: for whoever may not know how people are
    reached, so that a list does not tell whose an e-mail or a phone is.
    """
    people = _of_people(text=text, contact=f"{order}contact__", names_only=names_only)
    typed = one_line(plain_marks(text)).upper()
    if not NUMBER_TYPED.fullmatch(typed):
        return people
    of_people = OrderContact.objects.filter(_of_people(text=text, names_only=names_only)).values("order_id")
    numbered = Order.objects.filter(number__startswith=typed.lstrip("#")).values("pk")
    return Q(**{f"{order}pk__in": numbered.union(of_people)})


def _of_people(*, text: str, names_only: bool, contact: str = "") -> Q:
    found = matching(text=text, column=f"{contact}search_key")
    return found & naming(text=text, name=f"{contact}name") if names_only else found


def uncollected(*, now: datetime, grace_hours: int) -> QuerySet[Order]:
    """Return the confirmed pickups that nobody collected in time, oldest first."""
    limit = now - timedelta(hours=grace_hours)
    waiting = Order.objects.select_related("contact").filter(
        status=Order.Status.CONFIRMED,
        fulfilment_method=Order.FulfilmentMethod.PICKUP,
        pickup_starts_at__lte=limit,  # as every window that has ended, and what the index is of
        pickup_ends_at__lte=limit,
    )
    return waiting.exclude(fulfilments__status=Fulfilment.Status.DELIVERED).order_by("pickup_starts_at", "pk")


def to_hand_over(*, before: datetime, now: datetime, grace_hours: int) -> QuerySet[Order]:
    """Return the confirmed pickups that begin before an instant and are neither handed over nor given up on."""
    waiting = Order.objects.filter(status=Order.Status.CONFIRMED, pickup_starts_at__lt=before)
    waiting = waiting.exclude(fulfilments__status__in=HANDED_OVER)
    return waiting.exclude(pickup_ends_at__lte=now - timedelta(hours=grace_hours)).order_by("pickup_starts_at", "pk")


def stranded_pickups(*, policy: Policy, now: datetime) -> list[Order]:
    """Return the pickups still to come whose window the shop's opening hours no longer hold, or that are too many.

    Of a window with more than its bound, those who ordered last are too many. One statement.
    """
    waiting = list(_coming(now=now).select_related("contact").order_by("pickup_starts_at", "pk"))
    if not waiting:
        return []
    days = (waiting[-1].pickup_starts_at - now).days + 2  # type: ignore[operator]
    hours = [
        (opening.starts_at.timestamp(), opening.ends_at.timestamp())
        for opening in opening_stretches(policy=policy, now=now, days=days)
    ]
    begins = {order.pk: order.pickup_starts_at for order in sorted(waiting, key=lambda order: order.pk)}
    crowded = without_place(begins, policy=policy, now=now)
    return [order for order in waiting if order.pk in crowded or not _within(order=order, hours=hours)]


def promised_pickups(*, now: datetime, but: str) -> dict[datetime, int]:
    """Return how many pickups begin at which instant still to come, but for the order of that number; one statement."""
    counted = _coming(now=now).exclude(number=but).order_by().values_list("pickup_starts_at").annotate(Count("pk"))
    return dict(counted)


def _coming(*, now: datetime) -> QuerySet[Order]:
    """Return the open orders whose pickup is still to come, and whose goods have not left the shop."""
    live = Q(status=Order.Status.CONFIRMED) | Q(status=Order.Status.PENDING, expires_at__gt=now)
    coming = Order.objects.filter(live, pickup_starts_at__gt=now)
    return coming.exclude(fulfilments__status__in=HANDED_OVER)


def _within(*, order: Order, hours: Sequence[tuple[float, float]]) -> bool:
    starts_at, ends_at = order.pickup_starts_at, order.pickup_ends_at
    if starts_at is None or ends_at is None:
        return True
    place = bisect_right(hours, (starts_at.timestamp(), inf)) - 1
    return place >= 0 and ends_at.timestamp() <= hours[place][1]
