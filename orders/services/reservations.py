"""What an order keeps for its customer, goods and time together: taken, given back, and refused by name.

A line knows only an opaque claim; whether it stands for units or for somebody's hour is its kind.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from cart import services as carts
from cart.pricing import Line
from common.actors import Actor
from common.transactions import one_at_a_time, within_unit_of_work
from inventory import services as inventory
from inventory.services import Need
from orders.models import Order, OrderContact, OrderLine
from scheduling import services as scheduling
from scheduling.services import Booker, Lost
from shop.policy import Policy

Keeping = Line | OrderLine
"""A line of a cart or of an order: both carry the claim."""


def one_pickup_at_a_time(*, policy: Policy) -> None:
    """Let nobody else promise a pickup until this unit of work ends, where the shop bounds how many a window takes."""
    if policy.max_pickups_per_window:
        one_at_a_time(names=["pickups"])


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
    return [service.price for service in line.visit.services] if line.visit else []


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
    carts.raise_if_lost(lines=lines, short=short, lost=lost, policy=policy, now=now)


@within_unit_of_work
def give_back(*, lines: Sequence[Keeping], actor: Actor, reason: str, now: datetime, expired: bool = False) -> None:
    """Free the units and the time that lines keep; safe to repeat."""
    inventory.release(claims=[need.claim for need in needs_of(lines=lines)])
    claims = visit_claims_of(lines=lines)
    if claims:
        scheduling.release(claims=claims, actor=actor, reason=reason, now=now, expired=expired)
