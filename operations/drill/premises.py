"""The shop of a drill: few goods and few people, so that everybody wants the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from catalog import services as catalog
from catalog.models import Variant
from catalog.services import ProductSheet, VariantSheet
from common import clock
from common.actors import Actor
from inventory import services as inventory
from scheduling import services as scheduling
from scheduling.models import AvailabilityRule, Professional, ProfessionalService, Service
from shop import services as shop
from shop.policy import OpenHours

ACTOR = Actor(kind="system", id="race_drill", door="command")
BEGINS = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
"""A Monday. The drill has a clock of its own, which its faults turn on."""

GOODS = {"BOLO": ("59.90", 4), "TORTA": ("84.50", 3), "PAO": ("12.00", 25), "CAFE": ("7.35", 12)}
SERVICE, PEOPLE, HOURS = "CORTE", ("Ana", "Bia"), range(9, 18)
POLICIES: dict[str, object] = {
    "payment_methods": "on_site,transfer,card",
    "transfer_hold_minutes": 45,
    "max_open_orders_per_email": 0,
    "pickup_lead_minutes": 0,
    "cancel_cutoff_minutes": 0,
    "lead_time_minutes": 0,
}


@dataclass(frozen=True)
class Premises:
    """What clients know of the shop."""

    goods: tuple[str, ...]
    people: tuple[UUID, ...]


def open_premises() -> Premises:
    """Fill an empty, migrated database."""
    now = clock.now()
    week = [OpenHours(weekday=day, opens=time(6), closes=time(22)) for day in range(7)]
    shop.set_opening_hours(hours=week, actor=ACTOR, now=now)
    shop.set_policies(values=POLICIES, actor=ACTOR, now=now)
    category = catalog.create_category(name="Drill", slug="drill", parent_id=None)
    for sku, (price, units) in GOODS.items():
        _put_up(sku=sku, price=price, kind="goods", category=category.pk, now=now)
        inventory.adjust_stock(sku=sku, operation="add", quantity=units, reason="", actor=ACTOR, now=now)
    _put_up(sku=SERVICE, price="45.00", kind="service", category=category.pk, now=now)
    service = Service(variant=Variant.objects.get(sku=SERVICE), duration_minutes=60)
    scheduling.keep_setup(rows=[service], rooms=[], now=now)
    people = [_hire(name=name, service=service, now=now) for name in PEOPLE]
    return Premises(goods=tuple(GOODS), people=tuple(people))


@contextmanager
def own_clock() -> Iterator[None]:
    """Let the drill have its own time, until the block ends."""
    before = settings.SHOP_NOW
    settings.SHOP_NOW = BEGINS
    try:
        yield
    finally:
        settings.SHOP_NOW = before


def turn_clock(by: timedelta) -> None:
    """Let time pass."""
    settings.SHOP_NOW = (settings.SHOP_NOW or BEGINS) + by


def _put_up(*, sku: str, price: str, kind: str, category: int, now: datetime) -> None:
    catalog.create_product(
        sheet=ProductSheet(name=sku.title(), category_id=category),
        variants=[VariantSheet(sku=sku, price=Decimal(price))],
        kind=kind,
        published=True,
        actor=ACTOR,
        now=now,
    )


def _hire(*, name: str, service: Service, now: datetime) -> UUID:
    person = Professional(name=name)
    hours = [
        AvailabilityRule(professional=person, weekday=day, opens=HOURS.start * 60, closes=HOURS.stop * 60)
        for day in range(7)
    ]
    rows = [person, ProfessionalService(professional=person, service=service), *hours]
    scheduling.keep_setup(rows=rows, now=now)
    return person.public_id
