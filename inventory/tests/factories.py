"""Goods on a shelf, made through the services everybody uses."""

from datetime import UTC, datetime
from decimal import Decimal

from catalog.models import Variant
from catalog.tests import factories as catalog
from common.actors import Actor
from inventory import services as inventory
from inventory.models import StockMovement

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""A Monday, nine in the morning in São Paulo: the shop is open."""

STAFF = Actor(kind="staff", id="1", door="api")


def stocked(*, sku: str, units: int, price: str = "10.00", now: datetime = MONDAY) -> Variant:
    """Return a variant for sale with so many units on hand."""
    variant = catalog.variant(sku=sku, price=Decimal(price))
    if units:
        receive(sku=sku, units=units, now=now)
    return variant


def receive(*, sku: str, units: int, now: datetime = MONDAY) -> StockMovement:
    """Put units on the shelf."""
    return inventory.adjust_stock(
        sku=sku, operation="add", quantity=units, reason="Opening stock", actor=STAFF, now=now
    )
