"""Reads of orders worth a name, and who may see which order.

An order that is not the caller's does not exist for them (NotFound), so numbers cannot be probed.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from math import inf
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum

from accounts.selectors import BLOCKED, has_login
from cart.models import Cart
from common import sql
from common.errors import NotFound
from common.identity import mailbox_of
from common.search import matching
from common.text import one_line
from orders.access import Access as Access
from orders.access import find as find
from orders.access import opened as opened
from orders.access import visible as visible
from orders.amounts import AMOUNT_DUE, fee_of, keepable
from orders.emails import Told
from orders.lifecycle import effective_status
from orders.messages import OrderFacts, facts_from
from orders.models import Fulfilment, FulfilmentLine, Order, OrderContact, OrderEvent, OrderLine
from scheduling import selectors as scheduling
from scheduling.selectors import ClaimedVisit
from shop import services as shop
from shop.deadlines import last_moment
from shop.policy import DEFAULTS, Policy
from shop.windows import Window, opening_stretches, pickup_windows

_OPEN = f"""(o.status = 'confirmed' AND o.payment_method = 'on_site' OR o.status = 'pending' AND o.expires_at > %(now)s)
      AND {AMOUNT_DUE} > 0"""
_KNOWN_BY = {
    "mailbox": "contact.mailbox = %(mailbox)s AND contact.mailbox <> ''",
    "phone": "contact.phone = %(phone)s AND contact.phone <> ''",
    "customer": "o.customer_id = %(customer)s::bigint",
}


@cache
def _standing(*known: str) -> str:
    """Return the statement for somebody of whom only `known` is known: what is not asked costs no planning."""
    person = " OR ".join(_KNOWN_BY[name] for name in known if name in _KNOWN_BY) or "false"
    logins = "o.customer_id IS NOT NULL" if "customer" in known else "true"
    here = "cart.address = %(address)s AND cart.address <> '' AND cart.status = 'ordered'"
    return f"""
SELECT {BLOCKED}, (
    SELECT count(*) FROM orders_order o JOIN orders_ordercontact contact ON contact.order_id = o.id
    WHERE ({person}) AND {logins} AND {_OPEN}
), (
    SELECT count(*) FROM cart_cart cart JOIN orders_order o ON o.cart_id = cart.id
    WHERE {here if "address" in known else "false"} AND {_OPEN}
)
"""  # noqa: S608 - expressions of our own, no values


MOST_VISITS = 200

GONE = (Fulfilment.Status.SHIPPED, Fulfilment.Status.DELIVERED)
"""Fulfilments whose goods have left the shop."""


NUMBER_TYPED = re.compile(r"#[2-9A-HJ-NP-Z]{1,9}|(?=.*[0-9])[2-9A-HJ-NP-Z]{3,9}|[A-HJ-NP-Z]{9}")
"""What may be an order's number, or the beginning of it; after a "#" it is nothing else."""


SOLD = (Order.Status.CONFIRMED, Order.Status.COMPLETED)
HANDED_OVER = (Fulfilment.Status.SHIPPED, Fulfilment.Status.DELIVERED)


@dataclass(frozen=True)
class WholeOrder:
    """An order with everything that is shown of it, read or just written, as it stands at `now`.

    `with_token`: whether the reader has brought the proof that the access token is theirs to see.
    """

    order: Order
    cart: UUID
    contact: OrderContact
    lines: Sequence[OrderLine]
    events: Sequence[OrderEvent]
    fulfilments: Sequence[Fulfilment]
    policy: Policy
    with_token: bool
    now: datetime


@dataclass(frozen=True)
class Step:
    """One step of an order's life; `origin` is empty for the first, `pickup_at` is where a pickup was moved to."""

    at: datetime
    origin: str
    target: str
    actor: str
    reason: str
    pickup_at: datetime | None = None


def read_order(*, number: str, access: Access, now: datetime) -> WholeOrder:
    """Return the whole order. Raises NotFound."""
    return whole_order(order=find(number=number, access=access), access=access, now=now)


def read_history(*, number: str, access: Access, now: datetime) -> list[Step]:
    """Return the order's steps, oldest first. Raises NotFound."""
    order = find(number=number, access=access)
    return steps(order=order, events=list(OrderEvent.objects.filter(order=order)), now=now)


def whole_order(*, order: Order, access: Access, now: datetime) -> WholeOrder:
    """Return everything about an order already found with its contact; five statements whatever it holds."""
    return WholeOrder(
        order=order,
        cart=Cart.objects.values_list("public_id", flat=True).get(pk=order.cart_id),
        contact=order.contact,
        lines=list(OrderLine.objects.filter(order=order).select_related("cancellation")),
        events=list(OrderEvent.objects.filter(order=order)),
        fulfilments=list(fulfilments_of(order=order)),
        policy=shop.policy(),
        with_token=access.owns(order=order),
        now=now,
    )


def steps(*, order: Order, events: Sequence[OrderEvent], now: datetime) -> list[Step]:
    """Return the order's steps, oldest first; an expiry nobody has written down yet is among them."""
    found = [
        Step(
            at=event.at,
            origin=event.from_status,
            target=event.to_status,
            actor=event.actor_kind,
            reason=event.reason,
            pickup_at=event.pickup_at,
        )
        for event in events
    ]
    if effective_status(status=order.status, expires_at=order.expires_at, now=now) != order.status:
        found.append(Step(at=order.expires_at or now, origin=order.status, target="expired", actor="system", reason=""))
    return found


def fulfilments_of(*, order: Order) -> Iterable[Fulfilment]:
    """Return the order's fulfilments with their lines, in two statements."""
    rows = FulfilmentLine.objects.select_related("line").order_by("pk")
    return Fulfilment.objects.filter(order=order).prefetch_related(Prefetch("lines", queryset=rows))


def number_of_cart(*, cart: Cart) -> str | None:
    """Return the number of the order a cart became, if it became one."""
    return Order.objects.filter(cart=cart).values_list("number", flat=True).first()


def standing(
    *, email: str, phone: str, document: str, customer_id: int | None, address: str, now: datetime
) -> tuple[bool, int, int]:
    """Say whether the shop has blocked whoever orders, and for how many unpaid orders it keeps things.

    Theirs, who are known by mailbox, phone and login; and those from their internet address. Orders that guests placed
    in their name do not count against somebody who signed in. An order that has expired keeps nothing any more.
    """
    person = {"mailbox": mailbox_of(email), "phone": phone, "customer": customer_id, "address": address}
    statement = _standing(*(name for name, value in person.items() if value))
    blocked, kept, kept_here = sql.rows(statement, person | {"document": document, "now": now})[0]
    return bool(blocked), int(kept), int(kept_here)


def asked_from(*, order: Order) -> str:
    """Return the internet address an order was asked for from; empty for one of the shop's own."""
    return Cart.objects.values_list("address", flat=True).get(pk=order.cart_id)


def is_known_reader(*, contact: OrderContact) -> bool:
    """Say whether somebody is known to read the mailbox of an order: a login proved it, or an order came to an end."""
    if has_login(email=contact.email):
        return True
    ended = Q(order__paid__gt=0) | Q(order__status=Order.Status.COMPLETED)
    return OrderContact.objects.filter(ended, mailbox=mailbox_of(contact.email)).exclude(mailbox="").exists()


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


def sold(*, orders: QuerySet[Order]) -> QuerySet[Order]:
    """Keep the orders that count as sales: confirmed or completed; not those that wait, ran out or were cancelled."""
    return orders.filter(status__in=SOLD)


def placed_between(*, starts_at: datetime, ends_at: datetime) -> QuerySet[Order]:
    """Return the orders placed in a stretch of time, half-open."""
    return Order.objects.filter(placed_at__gte=starts_at, placed_at__lt=ends_at)


def sales(*, orders: QuerySet[Order]) -> tuple[int, Decimal]:
    """Return how many of some orders count as sales, and what those very orders cost now."""
    found = sold(orders=orders).aggregate(count=Count("pk"), sum=Sum(F("total") - F("cancelled") + F("late_fee")))
    return found["count"], found["sum"] or Decimal("0.00")


def with_status(*, orders: QuerySet[Order], status: str, now: datetime) -> QuerySet[Order]:
    """Keep the orders whose status at `now` is `status`; a pending one past its deadline counts as expired."""
    if status == Order.Status.PENDING:
        return orders.filter(status=status, expires_at__gt=now)
    if status == Order.Status.EXPIRED:
        return orders.filter(Q(status=status) | Q(status=Order.Status.PENDING, expires_at__lte=now))
    return orders.filter(status=status)


def visits_found(*, text: str) -> QuerySet[Any, Any]:
    """Return the claims of the visits in orders that `search` finds, of the newest orders first; 200 at most."""
    lines = OrderLine.objects.filter(search(text=text, order="order__"), kind="visit")
    return lines.order_by("-order_id").values("claim")[:MOST_VISITS]


def search(*, text: str, order: str = "") -> Q:
    """Return the condition on orders that somebody meant with a text: by their people, or by the number's beginning.

    `order`: the path to the order, for lists of what hangs on it.
    """
    people = matching(text=text, column=f"{order}contact__search_key")
    typed = one_line(text).upper()
    if not NUMBER_TYPED.fullmatch(typed):
        return people
    of_people = OrderContact.objects.filter(matching(text=text, column="search_key")).values("order_id")
    numbered = Order.objects.filter(number__startswith=typed.lstrip("#")).values("pk")
    return Q(**{f"{order}pk__in": numbered.union(of_people)})


def uncollected(*, now: datetime, grace_hours: int) -> QuerySet[Order]:
    """Return the confirmed pickups that nobody collected in time, oldest first."""
    limit = now - timedelta(hours=grace_hours)
    waiting = Order.objects.select_related("contact").filter(
        status=Order.Status.CONFIRMED,
        fulfilment_method=Order.FulfilmentMethod.PICKUP,
        pickup_ends_at__lte=limit,
    )
    return waiting.exclude(fulfilments__status=Fulfilment.Status.DELIVERED).order_by("pickup_ends_at")


def to_hand_over(*, before: datetime, now: datetime, grace_hours: int) -> QuerySet[Order]:
    """Return the confirmed pickups that begin before an instant and are neither handed over nor given up on."""
    waiting = Order.objects.filter(status=Order.Status.CONFIRMED, pickup_starts_at__lt=before)
    waiting = waiting.exclude(fulfilments__status__in=HANDED_OVER)
    return waiting.exclude(pickup_ends_at__lte=now - timedelta(hours=grace_hours)).order_by("pickup_starts_at", "pk")


def pickup_choices(*, order: Order, desk: bool, policy: Policy, now: datetime) -> list[Window]:
    """Return the windows into which the pickup of an order may be moved; notice does not bind the desk.

    An order that waits for its money or an answer is collected no sooner than that may take.
    """
    if Order.FulfilmentMethod.PICKUP not in policy.fulfilment_methods:
        return []
    goods = OrderLine.objects.filter(order=order, kind="goods", cancellation__isnull=True).order_by()
    leads = goods.values_list("variant__product__pickup_lead_minutes", flat=True)
    lead = 0 if desk else max([policy.pickup_lead_minutes, *(minutes or 0 for minutes in leads)])
    windows = pickup_windows(policy=policy, now=now, lead_minutes=lead)
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


def stranded_pickups(*, policy: Policy, now: datetime) -> list[Order]:
    """Return the pickups still to come whose window the shop's opening hours no longer hold; one statement."""
    live = Q(status=Order.Status.CONFIRMED) | Q(status=Order.Status.PENDING, expires_at__gt=now)
    coming = Order.objects.filter(live, pickup_starts_at__gt=now).select_related("contact")
    waiting = list(coming.exclude(fulfilments__status__in=GONE).order_by("pickup_starts_at", "pk"))
    if not waiting:
        return []
    days = (waiting[-1].pickup_starts_at - now).days + 2  # type: ignore[operator]
    hours = [
        (opening.starts_at.timestamp(), opening.ends_at.timestamp())
        for opening in opening_stretches(policy=policy, now=now, days=days)
    ]
    return [order for order in waiting if not _within(order=order, hours=hours)]


def _within(*, order: Order, hours: Sequence[tuple[float, float]]) -> bool:
    starts_at, ends_at = order.pickup_starts_at, order.pickup_ends_at
    if starts_at is None or ends_at is None:
        return True
    place = bisect_right(hours, (starts_at.timestamp(), inf)) - 1
    return place >= 0 and ends_at.timestamp() <= hours[place][1]


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
    return any(visit.state not in ("completed", "no_show") for visit in visits_of(order=order, now=now))


def line_of_claim(*, claim: str | None) -> OrderLine | None:
    """Return the order line that carries a claim, if an order has it."""
    if claim is None:
        return None
    return OrderLine.objects.select_related("order").filter(claim=UUID(claim)).first()


def find_fulfilment(*, order: Order, fulfilment_id: UUID) -> Fulfilment:
    """Return a fulfilment of the order. Raises NotFound."""
    found = Fulfilment.objects.filter(order=order, public_id=fulfilment_id).first()
    if found is None:
        raise NotFound()
    return found


def told_of(*, order: Order, now: datetime) -> Told:
    """Return the order, read with its contact, as letters and pages speak of it; four statements at most."""
    lines = list(OrderLine.objects.filter(order=order).select_related("cancellation"))
    claims = [line.claim for line in lines if line.kind == "visit"]
    visits = scheduling.claimed_visits(claims=claims, now=now) if claims else {}
    return Told(order=order, contact=order.contact, lines=lines, visits=visits, policy=shop.policy())


def facts_of(*, cause: str, order: Order, visits: Iterable[ClaimedVisit], now: datetime) -> OrderFacts:
    """Return everything that decides what is said about the order; `visits`: those of its lines that still count."""
    last = OrderEvent.objects.filter(order=order).order_by("-seq").first()
    lines = living_lines(order=order)
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
