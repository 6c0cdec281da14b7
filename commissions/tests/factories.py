"""Rules, sales and the ledger, made through the services everybody uses."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from commissions import services as commissions
from commissions.models import CommissionEntry, CommissionRule
from common import outbox
from common.actors import Actor
from orders import services as orders
from orders.models import Order
from orders.services import Contact, Placement
from orders.tests.factories import ALL, MONDAY, STAFF, cart_with, placement_of
from payments import services as payments
from payments.services import Arrival
from scheduling.models import Appointment, Professional
from scheduling.tests.factories import claim_of

LATER = MONDAY + timedelta(minutes=5)
BEFORE = MONDAY - timedelta(hours=1)

__all__ = ["ALL", "BEFORE", "LATER", "MONDAY", "STAFF", "Contact", "Placement"]


def rule(professional: Professional, *, now: datetime = BEFORE, **columns: Any) -> CommissionRule:
    """Return a rule; without more, 40% of all services."""
    values: dict[str, Any] = {"scope": "everything", "kind": "visit", "valid_from": now.date()}
    if "amount" not in columns:
        values["percent"] = Decimal(40)
    if any(name in columns for name in ("service", "product", "category")):
        values["scope"] = next(name for name in ("service", "product", "category") if name in columns)
        values["kind"] = ""
    made = CommissionRule(professional=professional, **values | columns)
    return commissions.add_rule(rule=made, actor=STAFF, now=now)


def relay(now: datetime = MONDAY) -> None:
    """Tell everybody everything."""
    while outbox.relay(now=now):
        pass


def charge(visit: Appointment, *, tender: str = "cash", now: datetime = MONDAY) -> Order:
    """Take the money of a visit at the counter and return its order."""
    payments.charge_visit(
        appointment=visit.public_id, tender=tender, expected=visit.total, access=None, actor=STAFF, now=now
    )
    relay(now)
    visit.refresh_from_db()
    return Order.objects.get(lines__claim=claim_of(visit))


def sell(*, units: Mapping[str, int], actor: Actor, now: datetime = MONDAY, paid: bool = True) -> Order:
    """Return an order of goods that a member of the team has placed, paid at the counter."""
    placed = orders.place_order(
        placement=placement_of(cart=cart_with(units=units, now=now)), customer_id=None, actor=actor, now=now
    )
    if paid:
        pay(placed.order, str(placed.order.total), now=now)
    return Order.objects.get(number=placed.order.number)


def pay(order: Order, amount: str, *, tender: str = "cash", now: datetime = MONDAY) -> None:
    """Take money for an order at the counter."""
    arrival = Arrival.by_hand(method="on_site", amount=Decimal(amount), tender=tender)
    payments.record_arrival(number=order.number, arrival=arrival, actor=STAFF, now=now)
    relay(now)


def give_back(order: Order, amount: str | None = None, *, now: datetime = LATER) -> None:
    """Give money of an order back by hand."""
    payments.refund_order(
        number=order.number, amount=Decimal(amount) if amount else None, handed_back=[], restock=False, reason="-",
        access=ALL, actor=STAFF, now=now, by_hand=True,
    )  # fmt: skip
    relay(now)


def ledger() -> list[tuple[str, str, str, str]]:
    """Return every entry: who, why, base and commission."""
    rows = CommissionEntry.objects.order_by("pk").values_list("professional__name", "kind", "base", "amount")
    return [(name, kind, str(base), str(amount)) for name, kind, base, amount in rows]


def sums() -> dict[str, Decimal]:
    """Return what everybody has earned."""
    found: dict[str, Decimal] = {}
    for name, amount in CommissionEntry.objects.values_list("professional__name", "amount"):
        found[name] = found.get(name, Decimal("0.00")) + amount
    return found
