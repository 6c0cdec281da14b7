"""What the first page reads of a day: what is counted in one statement, and the orders of its panels in another."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Count, DecimalField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import JSONObject
from django.urls import reverse

from catalog.units import counted
from desk.shown import day_bounds, shown_window
from inventory import selectors as inventory
from orders import selectors as orders
from orders.models import Fulfilment, Order, OrderContact, OrderLine
from payments.models import MoneyCase
from scheduling import selectors as agenda
from scheduling.models import Appointment, AppointmentService

MONEY = DecimalField(max_digits=14, decimal_places=2)
NO_MONEY = Value(None, output_field=MONEY)
COUNTED = {
    "sold": "orders.view_order",
    "visits": "scheduling.view_appointment",
    "cases": "payments.view_moneycase",
    "goods": "inventory.view_stockitem",
}
"""What is counted, and who may know."""


@dataclass(frozen=True)
class Counts:
    """Orders sold today and what they cost now, visits of today, open money cases (up to `most`), whether there are
    goods for sale; nothing where whoever looks may not know."""

    sold: int = 0
    worth: Decimal = Decimal("0.00")
    visits: int = 0
    cases: int = 0
    goods: int = 0


def counts(*, may: Callable[[str], bool], now: datetime, most: int) -> Counts:
    """Return what whoever looks may know of today, in one statement."""
    starts_at, ends_at = day_bounds(now)
    cases = MoneyCase.objects.filter(status=MoneyCase.Status.OPEN).order_by()
    found: dict[str, QuerySet[Any]] = {
        "sold": orders.sold(orders=orders.placed_between(starts_at=starts_at, ends_at=ends_at)),
        "visits": agenda.booked_between(starts_at=starts_at, ends_at=ends_at),
        "cases": MoneyCase.objects.filter(pk__in=cases.values("pk")[:most]),
        "goods": inventory.goods_for_sale().filter(pk__in=inventory.goods_for_sale().order_by().values("pk")[:1]),
    }
    worth = {"sold": Sum(orders.costs_now(), output_field=MONEY)}
    parts = [
        found[what]
        .order_by()
        .annotate(what=Value(what, output_field=CharField()))
        .values("what")
        .annotate(count=Count("pk"), worth=worth.get(what, NO_MONEY))
        .values_list("what", "count", "worth")
        for what, permission in COUNTED.items()
        if may(permission)
    ]
    if not parts:
        return Counts()
    rows = {what: (count, worth) for what, count, worth in parts[0].union(*parts[1:], all=True)}
    count, sum_ = rows.get("sold", (0, None))
    others = {what: rows[what][0] for what in ("visits", "cases", "goods") if what in rows}
    return Counts(sold=count, worth=sum_ or Decimal("0.00"), **others)


@dataclass(frozen=True)
class Listed:
    """An order of a panel: as far as the panel shows it, what of goods is in it, and how far they are prepared."""

    order: Order
    items: str
    stage: str


@dataclass(frozen=True)
class Panels:
    """The orders of the first page, the first of each panel first."""

    to_prepare: list[Listed]
    waiting: list[Listed]
    late: list[Listed]


FIELDS = (
    "pk", "number", "status", "total", "cancelled", "late_fee", "expires_at", "pickup_starts_at", "pickup_ends_at",
)  # fmt: skip


def order_panels(*, now: datetime, grace_hours: int, limit: int) -> Panels:
    """Return so many orders to hand over today, waiting for a transfer and not collected, in one statement."""
    _starts, tonight = day_bounds(now)
    transfers = Order.objects.filter(payment_method=Order.PaymentMethod.TRANSFER)
    waiting = orders.with_status(orders=transfers, status=Order.Status.PENDING, now=now)
    parts = [
        _rows("to_prepare", orders.to_hand_over(before=tonight, now=now, grace_hours=grace_hours), limit),
        _rows("waiting", waiting.order_by("expires_at", "pk"), limit),
        _rows("late", orders.uncollected(now=now, grace_hours=grace_hours).select_related(None), limit),
    ]
    found: dict[str, list[Listed]] = {"to_prepare": [], "waiting": [], "late": []}
    for panel, listed in _listed(parts[0].union(*parts[1:], all=True)):
        found[panel].append(listed)
    found["to_prepare"].sort(key=lambda one: (one.order.pickup_starts_at, one.order.pk))
    found["waiting"].sort(key=lambda one: (one.order.expires_at, one.order.pk))
    found["late"].sort(key=lambda one: (one.order.pickup_ends_at, one.order.pk))
    return Panels(**found)


def _rows(panel: str, found: QuerySet[Order], limit: int) -> QuerySet[Any]:
    goods = OrderLine.objects.filter(order=OuterRef("pk"), kind="goods").order_by("position")
    begun = Fulfilment.objects.filter(order=OuterRef("pk")).exclude(status=Fulfilment.Status.CANCELLED)
    rows: QuerySet[Any] = found.annotate(
        panel=Value(panel, output_field=CharField()),
        stage=Subquery(begun.order_by("-pk").values("status")[:1]),
        items=ArraySubquery(goods.values(line=JSONObject(quantity="quantity", unit="unit", name="name"))),
    ).values(*FIELDS, "contact__name", "contact__anonymised_at", "panel", "stage", "items")
    return rows[:limit]


def _listed(rows: QuerySet[Any]) -> Iterator[tuple[str, Listed]]:
    for row in rows:
        order = Order(**{name: row[name] for name in FIELDS})
        order.contact = OrderContact(name=row["contact__name"], anonymised_at=row["contact__anonymised_at"])
        items = ", ".join(counted(**item, sign="×") for item in row["items"])
        yield row["panel"], Listed(order=order, items=items, stage=row["stage"] or "")


LATELY = timedelta(hours=2)
"""For how long after its end a visit of today that nobody has closed stays listed."""
VISIT_FIELDS = ("public_id", "state", "starts_at", "ends_at", "expires_at", "contact_name", "customer_id")


@dataclass(frozen=True)
class ListedVisit:
    """A visit of a panel: as far as the panel shows it, with whom, and what for."""

    visit: Appointment
    professional: str
    services: str


@dataclass(frozen=True)
class VisitPanels:
    """The visits of the first page: those of today that are still to come or to be closed, in order of time, and those
    asked for, the first to run out first."""

    coming: list[ListedVisit]
    asked: list[ListedVisit]


def visit_panels(*, now: datetime, limit: int) -> VisitPanels:
    """Return so many visits of each panel, in one statement."""
    starts_at, ends_at = day_bounds(now)
    confirmed = Appointment.objects.filter(state=Appointment.State.CONFIRMED, ends_at__gt=now - LATELY)
    coming = confirmed.filter(starts_at__gte=starts_at, starts_at__lt=ends_at).order_by("starts_at", "pk")
    asked = Appointment.objects.filter(state=Appointment.State.REQUESTED, awaits_click=False, expires_at__gt=now)
    parts = [_visits("coming", coming, limit), _visits("asked", asked.order_by("expires_at", "pk"), limit)]
    found: dict[str, list[ListedVisit]] = {"coming": [], "asked": []}
    for row in parts[0].union(parts[1], all=True):
        found[row["panel"]].append(_listed_visit(row))
    found["coming"].sort(key=lambda one: (one.visit.starts_at, one.professional))
    found["asked"].sort(key=lambda one: (one.visit.expires_at, one.visit.starts_at))
    return VisitPanels(**found)


def _visits(panel: str, found: QuerySet[Appointment], limit: int) -> QuerySet[Any]:
    services = AppointmentService.objects.filter(appointment=OuterRef("pk")).order_by("pk")
    rows: QuerySet[Any] = found.annotate(
        panel=Value(panel, output_field=CharField()), named=ArraySubquery(services.values("name"))
    ).values(*VISIT_FIELDS, "professional__name", "panel", "named")
    return rows[:limit]


def visits_called(*, text: str, now: datetime, limit: int) -> list[ListedVisit]:
    """Return so many visits to come of whoever goes by a text, the next first, in one statement."""
    return [_listed_visit(row) for row in _visits("called", agenda.coming(text=text, now=now), limit)]


def shown_visit(one: ListedVisit) -> dict[str, Any]:
    """Return a visit as a row of a list shows it, with the way to its card."""
    return {
        "link": f"{reverse('agenda:page')}?visit={one.visit.public_id}",
        "when": shown_window(one.visit.starts_at, one.visit.ends_at),
        "name": one.visit.shown_name,
        "services": one.services,
        "professional": one.professional,
    }


def _listed_visit(row: dict[str, Any]) -> ListedVisit:
    visit = Appointment(**{name: row[name] for name in VISIT_FIELDS})
    return ListedVisit(visit, professional=row["professional__name"], services=", ".join(row["named"]))
