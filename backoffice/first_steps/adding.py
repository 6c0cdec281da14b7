"""The first products and services: written by the services that every page uses, and once for each form."""

from datetime import datetime

from django.db.models import Model
from django.utils.translation import gettext as _

from catalog import services as catalog
from catalog.models import Product
from catalog.services import ProductSheet, VariantSheet
from common.actors import Actor
from common.keys import IdempotencyKey
from common.text import search_key
from common.use_cases import only_once, use_case
from inventory import services as inventory
from scheduling import services as scheduling
from scheduling.models import AvailabilityRule, Professional, ProfessionalService, Service
from shop.policy import Policy, minute_of_week


def add_product(
    *, sheet: ProductSheet, variant: VariantSheet, quantity: int, once: IdempotencyKey, actor: Actor, now: datetime
) -> None:
    """Put a product of one variant on show, and receive what there is of it.

    Raises what `create_product` and `adjust_stock` raise.
    """
    only_once(once, _write_product)(sheet=sheet, variant=variant, quantity=quantity, actor=actor, now=now)


def add_service(
    *,
    sheet: ProductSheet,
    variant: VariantSheet,
    minutes: int,
    person: str,
    policy: Policy,
    once: IdempotencyKey,
    actor: Actor,
    now: datetime,
) -> None:
    """Put a service on show together with the person who does it; somebody new works when the shop is open.

    Raises what `create_service` raises.
    """
    service = Service(duration_minutes=minutes)
    performers = performing(person=person, service=service, policy=policy)
    only_once(once, scheduling.create_service)(
        product=sheet, variant=variant, service=service, rooms=[], performers=performers, actor=actor, now=now
    )


@use_case()
def _write_product(*, sheet: ProductSheet, variant: VariantSheet, quantity: int, actor: Actor, now: datetime) -> None:
    """Write a product and its opening stock, both or neither."""
    product = catalog.write_product(
        sheet=sheet, variants=[variant], kind=Product.Kind.GOODS, published=True, actor=actor, now=now
    )
    if quantity:
        inventory.adjust_units(
            sku=product.variants.get().sku,
            operation="add",
            quantity=quantity,
            reason=_("Opening stock"),
            actor=actor,
            now=now,
        )


def performing(*, person: str, service: Service, policy: Policy) -> list[Model]:
    """Return the rows that let a person perform a service, unsaved: a new person, their week, and the service."""
    known = Professional.objects.filter(sort_key=search_key(person), is_active=True).order_by("pk").first()
    who = known or Professional(name=person)
    performed = ProfessionalService(professional=who, service=service)
    if known is not None and AvailabilityRule.objects.filter(professional=known).exists():
        return [performed]
    return [who, *week_of(who=who, policy=policy), performed]


def week_of(*, who: Professional, policy: Policy) -> list[AvailabilityRule]:
    """Return the hours of somebody who works whenever the shop is open."""
    return [
        AvailabilityRule(
            professional=who,
            weekday=row.weekday,
            opens=minute_of_week(weekday=0, at=row.opens),
            closes=minute_of_week(weekday=0, at=row.closes, end=True),
        )
        for row in policy.opening_hours
    ]
