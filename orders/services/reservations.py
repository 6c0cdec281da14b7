"""What an order keeps for its customer, goods and time together: taken, given back, and refused by name.

A line knows only an opaque claim; whether it stands for units or for somebody's hour is its kind.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from cart.pricing import Line
from common.actors import Actor
from common.transactions import within_unit_of_work
from inventory import services as inventory
from inventory.errors import OutOfStock
from inventory.services import Need, Shortage
from orders.models import Order, OrderContact, OrderLine
from scheduling import selectors as agenda
from scheduling import services as scheduling
from scheduling.errors import SlotTaken
from scheduling.services import Booker, Lost
from shop.policy import Policy

Keeping = Line | OrderLine
"""A line of a cart or of an order: both carry the claim."""


def needs_of(*, lines: Iterable[Keeping]) -> list[Need]:
    """Return the units that the lines of goods need."""
    return [
        Need(claim=line.claim, variant_id=line.variant_id, sku=line.sku, quantity=line.quantity)
        for line in lines
        if line.kind == "goods"
    ]


def visit_claims_of(*, lines: Iterable[Keeping]) -> list[UUID]:
    """Return the claims of the lines that are visits."""
    return [line.claim for line in lines if line.kind == "visit"]


def agreed_prices(*, line: Line) -> list[Decimal]:
    """Return what the services of a cart's visit cost, as its customer saw them."""
    return [service.price for service in line.visit.services] if line.visit is not None else []


def booker_of(*, order: Order, contact: OrderContact) -> Booker:
    """Return who comes to the visits of an order; the order's token opens them too."""
    return Booker(
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        note=contact.note,
        language=order.language,
        customer_id=order.customer_id,
        bearer=order.public_id,
    )


@within_unit_of_work
def keep_without_end(*, order: Order, lines: Sequence[OrderLine], policy: Policy, actor: Actor, now: datetime) -> None:
    """Keep everything for a confirmed order, taking again what ran out.

    Raises OutOfStock, SlotTaken; the caller then rolls back.
    """
    short = inventory.allocate(needs=needs_of(lines=lines), expires_at=None, now=now)
    claims = visit_claims_of(lines=lines)
    lost: list[Lost] = []
    if claims:
        booker = booker_of(order=order, contact=order.contact)
        lost = scheduling.allocate(claims=claims, expires_at=None, booker=booker, actor=actor, now=now)
    raise_if_lost(lines=lines, short=short, lost=lost, policy=policy, now=now)


@within_unit_of_work
def give_back(*, lines: Sequence[Keeping], actor: Actor, reason: str, now: datetime, expired: bool = False) -> None:
    """Free the units and the time that lines keep; safe to repeat."""
    inventory.release(claims=[need.claim for need in needs_of(lines=lines)])
    claims = visit_claims_of(lines=lines)
    if claims:
        scheduling.release(claims=claims, actor=actor, reason=reason, now=now, expired=expired)


def raise_if_lost(
    *,
    lines: Sequence[Keeping],
    short: Sequence[Shortage],
    lost: Sequence[Lost],
    policy: Policy,
    now: datetime,
) -> None:
    """Raise the refusal that names every line that could not be had, with other times for the visits.

    Raises OutOfStock when units are short, else SlotTaken when time is; nothing when nothing was lost.
    """
    gone = {loss.claim: loss.reasons for loss in lost}
    visits = [
        {"line": str(line.public_id), "sku": line.sku, "reasons": list(gone[line.claim])}
        for line in lines
        if line.claim in gone
    ]
    if short:
        units: list[dict[str, Any]] = [
            {"sku": one.sku, "requested": one.requested, "available": one.available} for one in short
        ]
        raise OutOfStock(lines=units + [{**visit, "requested": 1, "available": 0} for visit in visits])
    if visits:
        raise SlotTaken(lines=visits, alternatives=_alternatives(claims=list(gone), policy=policy, now=now))


def _alternatives(*, claims: Sequence[UUID], policy: Policy, now: datetime) -> list[dict[str, Any]]:
    """Return the nearest free times for the first lost visit that can still be booked at all."""
    zone = ZoneInfo(policy.timezone)
    for claimed in agenda.claimed_visits(claims=claims, now=now).values():
        if claimed.for_sale:
            visit = agenda.visit_of(skus=[service.sku for service in claimed.services], policy=policy)
            found = agenda.alternatives(visit=visit, policy=policy, starts_at=claimed.starts_at, now=now)
            return [agenda.place_document(alternative=one, zone=zone) for one in found]
    return []
