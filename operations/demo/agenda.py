"""Who works in the demonstration shop, when, and the visits of the plan, booked through the services everybody uses.

A visit of the demonstration is known by its phone number and a professional by a public id of their own, so a run that
was interrupted is taken up where it stopped, whoever was renamed meanwhile. A visit that this shop has no time for,
because it keeps hours or days off of its own, is left out.
"""

from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Variant
from common.actors import Actor
from common.money import money
from operations.demo.content import COMBINATIONS, PROFESSIONALS, ROOMS, SERVICES, DemoCombination, DemoProfessional
from operations.demo.logins import DEMO_LOGINS
from operations.demo.visits import ENDED, PHONES, DemoVisit, plan
from scheduling import services as scheduling
from scheduling.errors import SlotTaken, SlotUnavailable
from scheduling.models import (
    Appointment,
    AvailabilityRule,
    Combination,
    Professional,
    ProfessionalService,
    Room,
    Service,
)
from scheduling.services import Booker, Wish
from shop import services as shop

GUEST = Actor(kind="guest", id="", door="command")


def missing_setup() -> int:
    """Count the services, combinations and people of the demonstration that the agenda does not know."""
    return len(_new_services()) + len(_new_combinations()) + len(_new_people())


def make_setup(*, now: datetime) -> None:
    """Write rooms, services and people with their hours down."""
    for name in ROOMS:
        if not Room.objects.filter(name=name).exists():
            scheduling.keep_setup(rows=[Room(name=name)], now=now)
    rooms = {room.name: room for room in Room.objects.all()}
    for variant in _new_services():
        content = SERVICES[variant.sku]
        row = Service(
            variant=variant,
            duration_minutes=content.minutes,
            buffer_after_minutes=content.after,
            capacity=content.places,
            requires_confirmation=content.confirm,
            deposit_percent=content.deposit.percent,
            deposit_amount=content.deposit.amount,
        )
        scheduling.keep_setup(rows=[row], rooms=[rooms[name] for name in content.rooms], now=now)
    services = {service.variant.sku: service for service in Service.objects.select_related("variant")}
    for together in _new_combinations():
        scheduling.keep_combination(
            combination=Combination(price=money(together.price), duration_minutes=together.minutes),
            services=[services[sku] for sku in together.services],
        )
    for person in _new_people():
        _hire(person=person, services=services, now=now)


def missing_visits(*, now: datetime) -> int:
    """Count the visits of the demonstration begun at `now` that are not booked, or not yet what they are to be."""
    there = _visits_there()
    return len([visit for visit in _plan(now=now) if _lacks(visit=visit, there=there)])


def make_visits(*, actor: Actor, now: datetime) -> None:
    """Book the visits that are missing, and close those in the past."""
    there = _visits_there()
    for visit in _plan(now=now):
        if _lacks(visit=visit, there=there) and (visit.phone in there or _book(visit=visit, actor=actor)):
            _close(visit=visit, actor=actor)


def person_id(*, key: str) -> UUID:
    """Return the public id of a professional of the demonstration."""
    return uuid5(NAMESPACE_URL, f"balcao:demo:{key}")


def _book(*, visit: DemoVisit, actor: Actor) -> bool:
    try:
        scheduling.book(
            wish=Wish(
                services=visit.services, starts_at=visit.starts_at, professional=person_id(key=visit.professional)
            ),
            booker=Booker(name=visit.name, phone=visit.phone, note=visit.note),
            actor=GUEST if visit.asked else actor,
            now=visit.booked_at,
        )
    except (SlotTaken, SlotUnavailable):
        return False
    return True


def _close(*, visit: DemoVisit, actor: Actor) -> None:
    if visit.ended_at is None:
        return
    public_id = Appointment.objects.values_list("public_id", flat=True).get(contact_phone=visit.phone)
    if visit.fate == "completed":
        scheduling.complete(public_id=public_id, actor=actor, now=visit.ended_at)
    elif visit.fate == "no_show":
        scheduling.mark_no_show(public_id=public_id, actor=actor, now=visit.ended_at)
    else:
        scheduling.cancel(public_id=public_id, reason=_("Changed plans"), actor=actor, now=visit.ended_at)


def _plan(*, now: datetime) -> list[DemoVisit]:
    return plan(now=now, zone=ZoneInfo(shop.policy().timezone))


def _visits_there() -> dict[str, tuple[datetime, str]]:
    """Return start and state of every visit of a demonstration, by its phone number."""
    found = Appointment.objects.filter(contact_phone__startswith=PHONES)
    return {
        phone: (starts_at, state)
        for phone, starts_at, state in found.values_list("contact_phone", "starts_at", "state")
    }


def _lacks(*, visit: DemoVisit, there: dict[str, tuple[datetime, str]]) -> bool:
    """Say whether a visit is not booked, or has not ended as it is to.

    One that ended otherwise, was moved, or is of an earlier demonstration is left alone.
    """
    if visit.phone not in there:
        return True
    starts_at, state = there[visit.phone]
    return visit.fate != "" and starts_at == visit.starts_at and state not in ENDED


def _hire(*, person: DemoProfessional, services: dict[str, Service], now: datetime) -> None:
    login = next((one.email for one in DEMO_LOGINS if one.role == "professional"), None) if person.login else None
    free = User.objects.exclude(pk__in=Professional.objects.filter(user__isnull=False).values("user"))
    row = Professional(
        public_id=person_id(key=person.key),
        name=person.name,
        bio=person.bio,
        position=PROFESSIONALS.index(person),
        user=free.filter(email=login).first() if login else None,
    )
    hours = [
        AvailabilityRule(professional=row, weekday=weekday, opens=shift.opens * 60, closes=shift.closes * 60)
        for shift in person.shifts
        for weekday in shift.weekdays
    ]
    performed = [
        ProfessionalService(professional=row, service=services[sku]) for sku in person.performs if sku in services
    ]
    scheduling.keep_setup(rows=[row, *performed, *hours], now=now)


def _new_services() -> list[Variant]:
    known = Service.objects.values("variant")
    return list(Variant.objects.filter(sku__in=SERVICES).exclude(pk__in=known).order_by("pk"))


def _new_combinations() -> list[DemoCombination]:
    """Return those that are not there, of services that are or can be."""
    skus = {one for together in COMBINATIONS for one in together.services}
    offered = set(Variant.objects.filter(sku__in=skus).values_list("sku", flat=True))
    services = Service.objects.filter(variant__sku__in=skus).values_list("variant__sku", "pk")
    keys = dict(services)
    there = {tuple(one) for one in Combination.objects.values_list("service_set", flat=True)}
    return [
        one
        for one in COMBINATIONS
        if offered.issuperset(one.services)
        and tuple(sorted(keys[sku] for sku in one.services if sku in keys)) not in there
    ]


def _new_people() -> list[DemoProfessional]:
    there = set(Professional.objects.values_list("public_id", flat=True))
    return [person for person in PROFESSIONALS if person_id(key=person.key) not in there]
