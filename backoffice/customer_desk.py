"""A customer's page, read: what they bought and when they came, in figures and in order of time.

What belongs to a customer is what points at their record or at one that was merged into it. Reading takes a fixed
number of statements, however much somebody has bought. Each figure is defined here, once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.order_desk import STATUS_COLOURS
from backoffice.own_day import COLOURS as VISIT_COLOURS
from common import sql
from common.money import format_brl
from customers import selectors as customers
from customers.models import CustomerRecord, CustomerStep
from desk.shown import name_actors, shown_instant
from orders.amounts import NET_PAID, shown_total
from orders.lifecycle import effective_status
from orders.models import Order
from scheduling.lifecycle import effective_state
from scheduling.models import Appointment
from scheduling.wording import state_name

PAGE = 30
"""Entries of the timeline that a page shows."""

NAMED = 5
"""Things of one order that the timeline names."""

FIELDS = {
    "name": _("Name"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "document": _("CPF or CNPJ"),
    "birthday": _("Birthday"),
    "tags": _("Tags"),
    "notes": _("Notes"),
    "account": _("Account"),
}

_OF_CUSTOMER = f"""
WITH records AS (
    SELECT id FROM customers_customerrecord WHERE id = %(record)s OR merged_into_id = %(record)s
), bought AS (
    SELECT o.id, o.placed_at, {NET_PAID} AS kept
    FROM orders_ordercontact contact JOIN orders_order o ON o.id = contact.order_id
    WHERE contact.record_id IN (SELECT id FROM records)
), visits AS (
    SELECT id, professional_id, state, starts_at, expires_at FROM scheduling_appointment
    WHERE record_id IN (SELECT id FROM records) AND state <> 'held'
)
"""  # noqa: S608 - an expression of our own, no values
_FIGURES = f"""{_OF_CUSTOMER}
SELECT (SELECT coalesce(sum(kept), 0) FROM bought), (SELECT count(*) FROM bought WHERE kept > 0),
       count(*) FILTER (WHERE state = 'completed'), count(*) FILTER (WHERE state = 'no_show'),
       max(starts_at) FILTER (WHERE state = 'completed'),
       min(starts_at) FILTER (
           WHERE starts_at > %(now)s AND (state = 'confirmed' OR state = 'requested' AND expires_at > %(now)s)
       ),
       (SELECT professional.name FROM visits done
        JOIN scheduling_professional professional ON professional.id = done.professional_id
        WHERE done.state = 'completed' GROUP BY professional.id
        ORDER BY count(*) DESC, max(done.starts_at) DESC LIMIT 1)
FROM visits
"""  # noqa: S608 - a piece of our own, no values
_TIMELINE = f"""{_OF_CUSTOMER}
SELECT kind, id FROM (
    SELECT 'order' AS kind, id, placed_at AS at FROM bought WHERE %(sees_orders)s
    UNION ALL SELECT 'visit', id, starts_at FROM visits WHERE %(sees_visits)s
) entries ORDER BY at DESC, kind, id DESC LIMIT %(limit)s OFFSET %(skipped)s
"""  # noqa: S608 - a piece of our own, no values


@dataclass(frozen=True)
class Figures:
    """A customer in figures.

    `spent`: money that came for their orders, less what went back. `purchases`: orders of which money was kept.
    `visits`: those that took place. `favourite`: who performed most of them, of several the last one.
    """

    spent: Decimal
    purchases: int
    visits: int
    no_shows: int
    last_visit: datetime | None
    next_visit: datetime | None
    favourite: str

    @property
    def average(self) -> Decimal:
        """What a purchase comes to on average."""
        return (self.spent / self.purchases).quantize(Decimal("0.01")) if self.purchases else Decimal("0.00")


@dataclass(frozen=True)
class Entry:
    """One order or visit on the timeline."""

    icon: str
    when: str
    title: str
    detail: str
    state: str | Promise
    colour: str
    amount: str
    link: str


def figures(*, record: CustomerRecord, now: datetime) -> Figures:
    """Return a customer in figures, in one statement."""
    row = sql.rows(_FIGURES, {"record": record.pk, "now": now})[0]
    spent, purchases, visits, no_shows, last_visit, next_visit, favourite = row
    return Figures(
        spent=Decimal(spent),
        purchases=purchases,
        visits=visits,
        no_shows=no_shows,
        last_visit=last_visit,
        next_visit=next_visit,
        favourite=favourite or "",
    )


def timeline(
    *, record: CustomerRecord, page: int, sees_orders: bool, sees_visits: bool, now: datetime
) -> tuple[list[Entry], bool]:
    """Return a page of what somebody bought and when they came, the newest first, and whether there is more."""
    wanted = {
        "record": record.pk,
        "sees_orders": sees_orders,
        "sees_visits": sees_visits,
        "limit": PAGE + 1,
        "skipped": PAGE * (page - 1),
    }
    rows = sql.rows(_TIMELINE, wanted)
    named = rows[:PAGE]
    orders = Order.objects.prefetch_related("lines").in_bulk([pk for kind, pk in named if kind == "order"])
    visits = Appointment.objects.select_related("professional").prefetch_related("services")
    there = visits.in_bulk([pk for kind, pk in named if kind == "visit"])
    entries = [
        _of_order(orders[pk], now=now) if kind == "order" else _of_visit(there[pk], now=now) for kind, pk in named
    ]
    return entries, len(rows) > PAGE


def history(*, records: Sequence[CustomerRecord]) -> list[Any]:
    """Return what was done to the records of one customer, the newest first, each step with its sentence."""
    names = {record.pk: str(record) for record in records}
    steps: list[Any] = list(CustomerStep.objects.filter(record__in=names).order_by("-pk")[:100])
    name_actors(steps)
    for step in steps:
        step.text = step.get_action_display()
        step.about = ", ".join(str(FIELDS.get(field, field)) for field in step.fields)
        if step.action == CustomerStep.Action.MERGED:
            step.about = names[step.record_id]
    return steps


def members(*, record: CustomerRecord) -> list[CustomerRecord]:
    """Return a customer's records with their accounts, the one that stays first."""
    found = customers.records_of(record=record).select_related("account__user")
    return sorted(found, key=lambda one: (one.pk != record.pk, one.pk))


def _of_order(order: Order, *, now: datetime) -> Entry:
    status = effective_status(status=order.status, expires_at=order.expires_at, now=now)
    lines = [line.words for line in order.lines.all()]
    more = [gettext("and more")] if len(lines) > NAMED else []
    return Entry(
        icon="receipt_long",
        when=shown_instant(order.placed_at),
        title=gettext("Order %(number)s") % {"number": order.number},
        detail=", ".join([*lines[:NAMED], *more]),
        state=Order.Status(status).label,
        colour=STATUS_COLOURS[status],
        amount=format_brl(shown_total(order=order)),
        link=reverse("admin:orders_order_change", args=[order.pk]),
    )


def _of_visit(visit: Appointment, *, now: datetime) -> Entry:
    state = effective_state(state=visit.state, expires_at=visit.expires_at, now=now)
    return Entry(
        icon="event",
        when=shown_instant(visit.starts_at),
        title=", ".join(service.name for service in visit.services.all()),
        detail=gettext("with %(professional)s") % {"professional": visit.professional.name},
        state=state_name(appointment=visit, now=now),
        colour=VISIT_COLOURS.get(state, ""),
        amount=format_brl(visit.total),
        link=f"{reverse('agenda:page')}?visit={visit.public_id}",
    )
