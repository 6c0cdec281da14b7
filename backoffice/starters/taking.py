"""Takes a starter set, and puts away what nobody made their own since.

All of a set is written in one unit of work, by the services that every page uses, dated at the instant at which the set
was taken first: by that its products are known again. History is never deleted here, so an example that goes is
archived, as every product is, and comes back with the next taking. What somebody changed, received, sold or booked
stays, and so do the people.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.first_steps.adding import performing
from backoffice.first_steps.steps import HOURS_SEEN
from backoffice.starters.content import SETS, Example, StarterSet
from cart.models import CartLine
from catalog import services as catalog
from catalog.models import Product, ProductChange, Variant
from common import milestones
from common.actors import Actor
from common.errors import Conflict, NotFound, Refusal
from common.transactions import within_unit_of_work
from common.use_cases import use_case
from inventory.models import StockItem
from orders import services as orders
from orders.models import Order, OrderLine
from scheduling import services as scheduling
from scheduling.models import Appointment, AppointmentService, Service
from shop import services as shop
from shop.policy import DEFAULTS
from shop.services import ShopSheet

CHANGED, SOLD, BOOKED, ARRIVED = "changed", "sold", "booked", "arrived"
REASONS: dict[str, str | Promise] = {
    CHANGED: gettext_lazy("was changed"),
    SOLD: gettext_lazy("was ordered"),
    BOOKED: gettext_lazy("was booked"),
    ARRIVED: gettext_lazy("was in stock"),
}
"""Why an example stays."""


@dataclass(frozen=True)
class Offered:
    """A set and what of it stands in the shop: how many examples, and whether any could be put away."""

    starter: StarterSet
    there: int


@dataclass(frozen=True)
class Removed:
    """What was put away, and what stays with the reason for it."""

    gone: int
    stays: Sequence[tuple[str, str]]


def offered() -> list[Offered]:
    """Return every set; a demonstration is offered none."""
    marks = milestones.reached()
    if milestones.DEMONSTRATION in marks:
        return []
    return [Offered(starter=one, there=_shown(one, taken_at=marks.get(one.milestone)).count()) for one in SETS.values()]


def take(*, key: str, person: str, actor: Actor, now: datetime) -> int:
    """Write a set down, on show at once, and return how many examples there are now; `person` does its services.

    What this shop has under one of its SKUs is left alone. The hours are taken where nobody has chosen any.

    Raises:
        NotFound: there is no such set.
        Conflict: the shop is a demonstration, or the set stands in it already.
    """
    starter = _set(key)
    _write(starter=starter, person=person, actor=actor, now=now)
    put_away = _ours(starter, taken_at=milestones.reached()[starter.milestone]).filter(status=Product.Status.ARCHIVED)
    for pk in put_away.values_list("pk", flat=True):
        catalog.unarchive(product_id=pk, actor=actor, now=now)
        catalog.publish(product_id=pk, actor=actor, now=now)
    return _shown(starter, taken_at=milestones.reached()[starter.milestone]).count()


def remove(*, key: str, actor: Actor, now: datetime) -> Removed:
    """Put away what nobody touched or sold since, and the hours if they are still the set's. Raises NotFound."""
    starter = _set(key)
    taken_at = milestones.reached().get(starter.milestone)
    if taken_at is None:  # never taken: nothing of this shop is the set's
        return Removed(gone=0, stays=())
    stays: list[tuple[str, str]] = []
    gone = 0
    differing = _differing_services(starter)
    for product in _judged(_shown(starter, taken_at=taken_at), taken_at=taken_at):
        product.changed |= product.pk in differing
        why = next((reason for reason in REASONS if getattr(product, reason)), "")
        if why:
            stays.append((product.name, str(REASONS[why])))
        else:
            catalog.archive(product_id=product.pk, actor=actor, now=now)
            gone += 1
    if gone and shop.policy().opening_hours == starter.hours:
        stays += _without_hours(actor=actor, now=now)
    return Removed(gone=gone, stays=stays)


@use_case(lease=lambda **_given: ["starters"])
def _write(*, starter: StarterSet, person: str, actor: Actor, now: datetime) -> None:
    marks = milestones.reached()
    if milestones.DEMONSTRATION in marks:
        raise Conflict(_("This is the demonstration; an example shop is taken into an empty one."))
    taken_at = marks.get(starter.milestone)
    if _shown(starter, taken_at=taken_at).exists():
        raise Conflict(_("%(name)s is there already.") % {"name": starter.name})
    if taken_at is None:
        taken_at = now
        milestones.reach(name=starter.milestone, now=now)
    _write_hours(starter=starter, marks=marks, actor=actor, now=now)
    known = set(Variant.objects.filter(sku__in=starter.skus).values_list("sku", flat=True))
    by: dict[str, Any] = {"actor": actor, "now": taken_at}
    for example in _missing(starter.goods, known=known):
        catalog.write_product(
            sheet=example.product(), variants=[example.variant()], kind=Product.Kind.GOODS, published=True, **by
        )
    for example in _missing(starter.services, known=known):
        service = Service(duration_minutes=example.minutes)
        performers = performing(person=person, service=service, policy=shop.policy())
        scheduling.write_service(
            product=example.product(),
            variant=example.variant(),
            service=service,
            rooms=[],
            performers=performers,
            **by,
        )


@within_unit_of_work
def _write_hours(*, starter: StarterSet, marks: dict[str, datetime], actor: Actor, now: datetime) -> None:
    """Take the hours where nobody has chosen any, and nobody was promised a time."""
    chosen = HOURS_SEEN in marks or shop.policy().opening_hours != DEFAULTS.opening_hours
    if not chosen and not Order.objects.exists() and not Appointment.objects.exists():
        shop.write(sheet=ShopSheet(opening_hours=starter.hours), actor=actor, now=now)


def _without_hours(*, actor: Actor, now: datetime) -> list[tuple[str, str]]:
    """Return to the hours of a new shop, or say why not."""
    try:
        orders.change_shop(sheet=ShopSheet(opening_hours=DEFAULTS.opening_hours), actor=actor, now=now)
    except Refusal as refusal:
        return [(_("Opening hours"), str(refusal.title))]
    return []


def _missing(examples: Sequence[Example], *, known: set[str]) -> list[Example]:
    return [one for one in examples if one.sku not in known]


def _ours(starter: StarterSet, *, taken_at: datetime | None) -> QuerySet[Product]:
    """Return the products that came with the set."""
    if taken_at is None:
        return Product.objects.none()
    named = Exists(Variant.objects.filter(product=OuterRef("pk"), sku__in=starter.skus))
    return Product.objects.filter(named, created_at=taken_at).order_by("pk")


def _shown(starter: StarterSet, *, taken_at: datetime | None) -> QuerySet[Product]:
    return _ours(starter, taken_at=taken_at).exclude(status=Product.Status.ARCHIVED)


def _differing_services(starter: StarterSet) -> set[int]:
    """Return the products whose side of the agenda is no longer as it was taken."""
    minutes = {one.sku: one.minutes for one in starter.services}
    there = Service.objects.filter(variant__sku__in=minutes).select_related("variant").prefetch_related("rooms")
    return {
        service.variant.product_id
        for service in there
        if service.rooms.all()
        or _agenda_side(service) != _agenda_side(Service(duration_minutes=minutes[service.variant.sku]))
    }


def _agenda_side(service: Service) -> dict[str, object]:
    return {
        field.attname: getattr(service, field.attname)
        for field in Service._meta.concrete_fields
        if field.attname not in ("id", "variant_id")
    }


def _judged(found: QuerySet[Product], *, taken_at: datetime) -> QuerySet[Any]:
    """Return the products, each knowing what became of it since; being hidden or shown is no change of it."""
    of: Callable[[str], Q] = lambda path: Q(**{f"{path}product": OuterRef("pk")})  # noqa: E731
    touched = ProductChange.objects.filter(of(""), at__gt=taken_at).exclude(key="status")
    lines = OrderLine.objects.filter(of("variant__"))
    booked = AppointmentService.objects.filter(of("service__variant__"))
    return found.annotate(
        changed=Exists(touched),
        arrived=Exists(StockItem.objects.filter(of("variant__"))),
        sold=Exists(lines) | Exists(CartLine.objects.filter(of("variant__"))),
        booked=Exists(booked),
    )


def _set(key: str) -> StarterSet:
    starter = SETS.get(key)
    if starter is None:
        raise NotFound()
    return starter
