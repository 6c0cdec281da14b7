"""What the desk writes down about services, people, rooms and hours.

Nothing that is booked is ever moved or cancelled by such a change. A change that would leave visits
without working time is refused with their names, unless whoever makes it has seen them and wants it anyway.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import F, Model

from catalog import services as catalog
from catalog.models import Product, Variant
from catalog.services import ProductSheet, VariantSheet
from common import security
from common.actors import Actor
from common.security import Event
from common.transactions import within_unit_of_work
from common.use_cases import use_case
from scheduling import selectors
from scheduling.errors import WouldStrand
from scheduling.models import Appointment, Professional, ProfessionalService, Room, Service
from scheduling.services.absences import named
from shop import services as shop


def keep_setup(
    *,
    rows: Sequence[Model],
    gone: Sequence[Model] = (),
    rooms: Collection[Room] | None = None,
    now: datetime,
    anyway: bool = False,
) -> list[Appointment]:
    """Save some rows and delete others, all or none, and return the visits newly left without working time
    or without a place in their session.

    `rows`: a service, a professional or a room first, then what hangs on it. `rooms` are those of the service.

    Raises WouldStrand when there are such visits, unless `anyway`; then nothing has changed.
    """
    with _portrait(row=rows[0]):
        return _keep(rows=rows, gone=gone, rooms=rooms, now=now, anyway=anyway)


@contextmanager
def _portrait(*, row: Model) -> Iterator[None]:
    """Leave no file on the disk that nothing names: the replaced portrait once saved, the new one if it was not."""
    if not isinstance(row, Professional):
        yield
        return
    old = Professional.objects.filter(pk=row.pk).values_list("image", flat=True).first() or ""
    try:
        yield
    except BaseException:
        if row.image and "/" in str(row.image.name) and row.image.name != old:  # in its folder, so it was stored
            catalog.delete_file(str(row.image.name))
        raise
    if old and old != row.image.name:
        catalog.delete_file(str(old))


@use_case()
def _keep(
    *, rows: Sequence[Model], gone: Sequence[Model], rooms: Collection[Room] | None, now: datetime, anyway: bool
) -> list[Appointment]:
    return keep_rows(rows=rows, gone=gone, rooms=rooms, now=now, anyway=anyway)


@within_unit_of_work
def keep_rows(
    *,
    rows: Sequence[Model],
    gone: Sequence[Model] = (),
    rooms: Collection[Room] | None = None,
    now: datetime,
    anyway: bool = False,
) -> list[Appointment]:
    """Do what `keep_setup` does, as a part of the caller's unit of work; no row is a professional. Raises the same."""
    policy = shop.policy()
    before = {visit.pk for visit in selectors.uncovered(policy=policy, now=now)}
    for row in gone:
        row.delete()
    for row in rows:
        row.save()
    if rooms is not None and isinstance(rows[0], Service):
        rows[0].rooms.set(rooms)
    left = [visit for visit in selectors.uncovered(policy=policy, now=now) if visit.pk not in before]
    if left and not anyway:
        zone = ZoneInfo(policy.timezone)
        raise WouldStrand(appointments=[named(visit=visit, zone=zone) for visit in left])
    return left


@use_case()
def create_service(
    *,
    product: ProductSheet,
    variant: VariantSheet,
    service: Service,
    rooms: Collection[Room],
    performers: Sequence[Model] = (),
    actor: Actor,
    now: datetime,
) -> Service:
    """Write a service down, on show at once: its catalogue side first, then what the agenda needs to know.

    `performers`: professionals who are new, each before what hangs on them, and that they perform `service`.

    Raises Malformed, NotFound (no such category), SlugTaken, SkuTaken.
    """
    return write_service(
        product=product, variant=variant, service=service, rooms=rooms, performers=performers, actor=actor, now=now
    )


@within_unit_of_work
def write_service(
    *,
    product: ProductSheet,
    variant: VariantSheet,
    service: Service,
    rooms: Collection[Room] = (),
    performers: Sequence[Model] = (),
    published: bool = True,
    actor: Actor,
    now: datetime,
) -> Service:
    """Do what `create_service` does, as a part of the caller's unit of work; on show or not. Raises the same."""
    made = catalog.write_product(
        sheet=product, variants=[variant], kind=Product.Kind.SERVICE, published=published, actor=actor, now=now
    )
    service.variant = made.variants.get()
    service.save()
    service.rooms.set(rooms)
    for row in performers:
        row.save()
    return service


@use_case()
def change_service(
    *,
    service: Service,
    name: str | None,
    price: Decimal | None,
    rooms: Collection[Room],
    performers: Mapping[int, Decimal | None] | None,
    actor: Actor,
    now: datetime,
    anyway: bool = False,
) -> list[Appointment]:
    """Save a service with its name and price in the catalogue and with who performs it, all of it or nothing.

    `performers`: the price of their own, if any, by the key of each active professional who performs it; whoever else
    is active does not. None leaves them, the name or the price as they are. Returns the visits newly left without
    their place, as `keep_setup` does.

    Raises Malformed, NotFound, WouldStrand (unless `anyway`).
    """
    if name is not None and price is not None:
        catalog.rewrite_product(
            product_id=service.variant.product_id,
            sheet=_renamed(service.variant.product, name=name),
            variants=[_repriced(service.variant, name=name, price=price)],
            actor=actor,
            now=now,
        )
    performed, gone = ([], []) if performers is None else _performed(service, performers=performers)
    return keep_rows(rows=[service, *performed], gone=gone, rooms=rooms, now=now, anyway=anyway)


def _performed(
    service: Service, *, performers: Mapping[int, Decimal | None]
) -> tuple[list[ProfessionalService], list[ProfessionalService]]:
    """Return the rows to write so that these perform it and no other who is active, and those to take away."""
    there = {one.professional_id: one for one in service.performed.filter(professional__is_active=True)}
    fresh = [
        ProfessionalService(professional_id=pk, service=service, price=own)
        for pk, own in performers.items()
        if pk not in there
    ]
    changed = [row for pk, row in there.items() if pk in performers and row.price != performers[pk]]
    for row in changed:
        row.price = performers[row.professional_id]
    return [*fresh, *changed], [row for pk, row in there.items() if pk not in performers]


def _renamed(product: Product, *, name: str) -> ProductSheet:
    return ProductSheet(
        name=name,
        category_id=product.category_id,
        description=product.description,
        pickup_lead_minutes=product.pickup_lead_minutes,
        deposit=product.deposit,
    )


def _repriced(variant: Variant, *, name: str, price: Decimal) -> VariantSheet:
    """Return the variant at another price; one that was called like its product still is."""
    return VariantSheet(
        pk=variant.pk,
        sku=variant.sku,
        price=price,
        name=name if variant.name == variant.product.name else variant.name,
        options=variant.options,
        is_active=variant.is_active,
        position=variant.position,
    )


@use_case()
def renew_feed(*, professional_id: int) -> None:
    """Make the old address of a professional's calendar useless."""
    found = Professional.objects.filter(pk=professional_id)
    found.update(feed_version=F("feed_version") + 1)
    security.note(Event.LINK_REVOKED, kind="calendar", number=str(found.values_list("public_id", flat=True).get()))
