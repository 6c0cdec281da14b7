"""What the desk writes down about services, people, rooms and hours.

Nothing that is booked is ever moved or cancelled by such a change. A change that would leave visits
without working time is refused with their names, unless whoever makes it has seen them and wants it anyway.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import F, Model

from catalog import services as catalog
from catalog.models import Product
from catalog.services import ProductSheet, VariantSheet
from common.actors import Actor
from common.transactions import run_unit_of_work
from scheduling import selectors
from scheduling.errors import WouldStrand
from scheduling.models import Appointment, Professional, Room, Service
from scheduling.services.absences import named
from shop import services as shop
from shop.policy import Policy
from shop.services import ShopSheet


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

    def change() -> None:
        for row in gone:
            row.delete()
        for row in rows:
            row.save()
        if rooms is not None and isinstance(rows[0], Service):
            rows[0].rooms.set(rooms)

    return _judged(change=change, now=now, anyway=anyway)


def change_shop(*, sheet: ShopSheet, actor: Actor, now: datetime, anyway: bool = False) -> list[Appointment]:
    """Write down what the shop's page changes, all or none, and return the visits newly left without time.

    A day off closes everybody's agenda; another time zone moves all working hours.

    Raises WouldStrand as `keep_setup` does, UnknownPolicy, PolicyOutOfRange, HoursClash.
    """
    return _judged(change=lambda: shop.write(sheet=sheet, actor=actor, now=now), now=now, anyway=anyway)


def _judged(*, change: Callable[[], None], now: datetime, anyway: bool) -> list[Appointment]:
    """Make a change and compare whom the setup covers, before and after, in one transaction."""

    def work() -> list[Appointment]:
        before = {visit.pk for visit in _uncovered(policy=shop.policy(), now=now)}
        change()
        policy = shop.policy()
        left = [visit for visit in _uncovered(policy=policy, now=now) if visit.pk not in before]
        if left and not anyway:
            zone = ZoneInfo(policy.timezone)
            raise WouldStrand(appointments=[named(visit=visit, zone=zone) for visit in left])
        return left

    return run_unit_of_work(work)


def _uncovered(*, policy: Policy, now: datetime) -> list[Appointment]:
    return [*selectors.stranded(policy=policy, now=now), *selectors.crowded(now=now)]


def create_service(
    *,
    product: ProductSheet,
    variant: VariantSheet,
    service: Service,
    rooms: Collection[Room],
    actor: Actor,
    now: datetime,
) -> Service:
    """Write a service down, on show at once: its catalogue side first, then what the agenda needs to know.

    Raises Malformed, NotFound (no such category), SlugTaken, SkuTaken.
    """

    def work() -> Service:
        made = catalog.write_product(
            sheet=product, variants=[variant], kind=Product.Kind.SERVICE, published=True, actor=actor, now=now
        )
        service.variant = made.variants.get()
        service.save()
        service.rooms.set(rooms)
        return service

    return run_unit_of_work(work)


def renew_feed(*, professional_id: int) -> None:
    """Make the old address of a professional's calendar useless."""

    def work() -> None:
        Professional.objects.filter(pk=professional_id).update(feed_version=F("feed_version") + 1)

    run_unit_of_work(work)
