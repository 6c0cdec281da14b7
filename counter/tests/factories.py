"""A shop that sells over its counter, for tests."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from accounts.tests.factories import member
from backoffice import roles
from common.actors import Actor
from counter import services as counter
from counter.services import Goods, Sale, Sold, Tendered
from inventory.tests.factories import MONDAY, STAFF

__all__ = ["MONDAY", "STAFF", "amounts", "cash", "clerk", "goods", "of", "sell", "selling"]


def clerk(role: str = "counter") -> Actor:
    """Return somebody of the team with that role and what it lets them do."""
    roles.sync_roles()
    return Actor(kind="staff", id=str(member(role=role).pk), door="admin")


def goods(**units: int) -> tuple[Goods, ...]:
    """Return so many of each SKU."""
    return tuple(Goods(sku=sku, quantity=quantity) for sku, quantity in units.items())


def cash(amount: str, *, received: str | None = None) -> Tendered:
    """Return a payment in cash."""
    return Tendered(tender="cash", amount=Decimal(amount), received=Decimal(received) if received else None)


def of(tender: str, amount: str) -> Tendered:
    """Return a payment by card or Pix."""
    return Tendered(tender=tender, amount=Decimal(amount))


def selling(*payments: Tendered, **sale: Any) -> Sale:
    """Return a sale paid so."""
    return Sale(payments=payments, **sale)


def sell(
    *payments: Tendered,
    key: UUID | None = None,
    actor: Actor = STAFF,
    now: datetime = MONDAY,
    **sale: Any,
) -> Sold:
    """Sell something over the counter."""
    return counter.sell(sale=selling(*payments, **sale), key=key or uuid4(), actor=actor, now=now)


def amounts(values: Sequence[Decimal]) -> list[str]:
    """Return amounts as text."""
    return [str(value) for value in values]
