"""Who works in the demonstration shop, when, and three weeks of visits around today.

Everything goes through the services everybody uses, with a `now` of its own for what lies in the past.
A visit of the demonstration is known by its phone number, so a run that was interrupted is taken up where it stopped.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import User
from catalog.models import Variant
from common.actors import Actor
from operations.demo.logins import DEMO_LOGINS
from scheduling import services as scheduling
from scheduling.models import Appointment, AvailabilityRule, Professional, ProfessionalService, Room, Service
from scheduling.services import Booker, Wish
from scheduling.slots import instant_of, moment_of
from shop import services as shop

SEED = 7
PAST, AHEAD = 8, 13
CHAIRS = ("Cadeira 1", "Cadeira 2", "Cadeira 3")
TABLE = "Mesa do forno"
BUSY = {0: 0.55, 1: 0.7, 2: 0.7, 3: 0.75, 4: 0.85, 5: 0.95, 6: 0.0}
"""How full each weekday is, Monday first."""

FIRST = (
    "Adriano", "Beatriz", "Cauê", "Danilo", "Eduarda", "Felipe", "Guilherme", "Helena", "Igor", "Júlia", "Kauã",
    "Larissa", "Mateus", "Nina", "Otávio", "Paulo", "Rafael", "Sofia", "Thiago", "Vitor",
)  # fmt: skip
LAST = ("Andrade", "Batista", "Campos", "Duarte", "Freitas", "Lopes", "Martins", "Pires", "Ribeiro", "Teixeira")
NOTES = ("", "", "", "", "", "Só nas laterais, por favor.", "Primeira vez aqui.", "Vou com meu filho.")

GUEST = Actor(kind="guest", id="", door="command")


@dataclass(frozen=True)
class DemoService:
    """How long a service of the catalogue takes, and where."""

    minutes: int
    after: int = 0
    places: int = 1
    rooms: tuple[str, ...] = CHAIRS
    confirm: bool = False


@dataclass(frozen=True)
class DemoPerson:
    """Somebody who works: SKUs they perform, and shifts (weekdays, from, until) in hours."""

    name: str
    bio: str
    performs: tuple[str, ...]
    shifts: tuple[tuple[tuple[int, ...], int, int], ...]
    login: bool = False


@dataclass(frozen=True)
class Booking:
    """One visit to make."""

    number: int
    person: str
    services: tuple[str, ...]
    starts_at: datetime
    fate: str
    asked: bool = False

    @property
    def phone(self) -> str:
        """How the visit is known."""
        return f"+5511980{self.number:06d}"


SERVICES = {
    "CORTE-ADULTO": DemoService(minutes=30, after=5),
    "CORTE-INFANTIL": DemoService(minutes=30, after=5),
    "BARBA": DemoService(minutes=30, after=5),
    "CORTE-BARBA": DemoService(minutes=60, after=5),
    "SOBRANCELHA": DemoService(minutes=15),
    "DEGUSTACAO": DemoService(minutes=60, after=15, places=6, rooms=(TABLE,), confirm=True),
}

_CUTS = ("CORTE-ADULTO", "CORTE-INFANTIL", "BARBA", "CORTE-BARBA", "SOBRANCELHA")
PEOPLE = (
    DemoPerson(
        "Ana Prado",
        "Tesoura, navalha e boa conversa há quinze anos.",
        _CUTS,
        (((0, 1, 2, 3, 4), 9, 12), ((0, 1, 2, 3, 4), 13, 18), ((5,), 8, 14)),
        login=True,
    ),
    DemoPerson(
        "Bruno Teixeira",
        "Barba na toalha quente e degradê sem erro.",
        _CUTS,
        (((1, 2, 3, 4), 10, 14), ((1, 2, 3, 4), 15, 20), ((5,), 8, 17)),
    ),
    DemoPerson(
        "Caio Nunes",
        "O preferido das crianças, e de quem tem pressa.",
        ("CORTE-ADULTO", "CORTE-INFANTIL", "SOBRANCELHA"),
        (((0, 2, 4), 9, 17), ((5,), 9, 15)),
    ),
    DemoPerson(
        "João Padeiro",
        "Acorda às quatro e conta a história de cada pão.",
        ("DEGUSTACAO",),
        (((3, 4, 5), 15, 18),),
    ),
)
MENU: tuple[tuple[str, ...], ...] = (
    ("CORTE-ADULTO",), ("CORTE-ADULTO",), ("BARBA",), ("CORTE-BARBA",), ("CORTE-INFANTIL",),
    ("CORTE-ADULTO", "SOBRANCELHA"), ("SOBRANCELHA",),
)  # fmt: skip


def missing_setup() -> int:
    """Count the services and people of the demonstration that the agenda does not know."""
    there = Service.objects.filter(variant__sku__in=SERVICES).count()
    return len(SERVICES) - there + len(_new_people())


def make_setup(*, now: datetime) -> None:
    """Write rooms, services and people with their hours down."""
    for name in (*CHAIRS, TABLE):
        if not Room.objects.filter(name=name).exists():
            scheduling.keep_setup(rows=[Room(name=name)], now=now)
    rooms = {room.name: room for room in Room.objects.filter(name__in=(*CHAIRS, TABLE))}
    known = set(Service.objects.values_list("variant__sku", flat=True))
    for variant in Variant.objects.filter(sku__in=SERVICES.keys() - known):
        plan = SERVICES[variant.sku]
        row = Service(
            variant=variant,
            duration_minutes=plan.minutes,
            buffer_after_minutes=plan.after,
            capacity=plan.places,
            requires_confirmation=plan.confirm,
        )
        scheduling.keep_setup(rows=[row], rooms=[rooms[name] for name in plan.rooms], now=now)
    services = {one.variant.sku: one for one in Service.objects.select_related("variant")}
    for place, person in enumerate(PEOPLE):
        if person in _new_people():
            _hire(plan=person, place=place, services=services, now=now)


def missing_visits(*, now: datetime) -> int:
    """Count the visits of the demonstration that nobody has booked; none once time has passed over them."""
    there = _phones()
    return 0 if there and _is_old(now=now) else len([one for one in bookings(now=now) if one.phone not in there])


def make_visits(*, actor: Actor, now: datetime) -> None:
    """Book the visits that are missing, and close those in the past."""
    people = dict(Professional.objects.values_list("name", "public_id"))
    there = _phones()
    draw = random.Random(SEED)  # noqa: S311 - demonstration
    for one in bookings(now=now):
        name = f"{draw.choice(FIRST)} {draw.choice(LAST)}"
        note = draw.choice(NOTES)
        if one.phone in there:
            continue
        answer = scheduling.book(
            wish=Wish(services=one.services, starts_at=one.starts_at, professional=people[one.person]),
            booker=Booker(name=name, phone=one.phone, note=note),
            actor=GUEST if one.asked else actor,
            now=min(now, one.starts_at - timedelta(days=2)),
        )
        public_id = Appointment.objects.values_list("public_id", flat=True).get(public_id=answer.body["id"])
        later = min(now, one.starts_at + timedelta(hours=1))
        if one.fate == "completed":
            scheduling.complete(public_id=public_id, actor=actor, now=later)
        elif one.fate == "no_show":
            scheduling.mark_no_show(public_id=public_id, actor=actor, now=later)
        elif one.fate == "cancelled":
            scheduling.cancel(public_id=public_id, actor=actor, now=one.starts_at - timedelta(days=1))


def bookings(*, now: datetime) -> Iterator[Booking]:
    """Yield the visits of the demonstration around `now`, the same ones every time on the same day."""
    zone = ZoneInfo(shop.policy().timezone)
    today = now.astimezone(zone).date()
    draw = random.Random(SEED)  # noqa: S311 - demonstration
    number = 0
    for offset in range(-PAST, AHEAD + 1):
        day = today + timedelta(days=offset)
        for plan in PEOPLE:
            for minute, services, times in _day(plan=plan, day=day, draw=draw, near=-3 <= offset <= 5):
                starts_at = moment_of(instant_of(day=day, minute=minute, zone=zone))
                for _time in range(times):
                    number += 1
                    fate = _fate(starts_at=starts_at, now=now, draw=draw)
                    asked = "DEGUSTACAO" in services and starts_at > now + timedelta(days=1)
                    yield Booking(number, plan.name, services, starts_at, fate, asked=asked)


def _day(*, plan: DemoPerson, day: date, draw: random.Random, near: bool) -> Iterator[tuple[int, tuple[str, ...], int]]:
    """Return what one person does on one day: minute, services, and how many come at that time."""
    for weekdays, opens, closes in plan.shifts:
        minute = opens * 60
        while day.weekday() in weekdays:
            services: tuple[str, ...] = plan.performs
            places = 1
            if plan.performs == ("DEGUSTACAO",):
                places = draw.randint(1, 4)
            else:
                services = draw.choice([one for one in MENU if set(one) <= set(plan.performs)])
            length = sum(SERVICES[sku].minutes for sku in services)
            if minute + length > closes * 60:
                break
            if draw.random() < BUSY[day.weekday()] * (0.5 if near else 0.14):
                yield minute, services, places
            minute += -(-(length + SERVICES[services[-1]].after) // 15) * 15


def _fate(*, starts_at: datetime, now: datetime, draw: random.Random) -> str:
    chance = draw.random()
    if starts_at + timedelta(hours=1) > now:
        return "cancelled" if chance < 0.03 and starts_at > now + timedelta(days=3) else "booked"
    return "no_show" if chance < 0.06 else "completed"


def _hire(*, plan: DemoPerson, place: int, services: dict[str, Service], now: datetime) -> None:
    login = next((one.email for one in DEMO_LOGINS if one.role == "professional"), None) if plan.login else None
    user = User.objects.filter(email=login).first() if login else None
    person = Professional(name=plan.name, bio=plan.bio, position=place, user=user)
    hours = [
        AvailabilityRule(professional=person, weekday=weekday, opens=opens * 60, closes=closes * 60)
        for weekdays, opens, closes in plan.shifts
        for weekday in weekdays
    ]
    performed = [ProfessionalService(professional=person, service=services[sku]) for sku in plan.performs]
    scheduling.keep_setup(rows=[person, *performed, *hours], now=now)


def _new_people() -> list[DemoPerson]:
    there = set(Professional.objects.values_list("name", flat=True))
    return [plan for plan in PEOPLE if plan.name not in there]


def _phones() -> set[str]:
    return set(Appointment.objects.filter(contact_phone__startswith="+5511980").values_list("contact_phone", flat=True))


def _is_old(*, now: datetime) -> bool:
    """Whether the visits were made on an earlier day; then they stay as they are."""
    first = Appointment.objects.filter(contact_phone="+5511980000001").values_list("starts_at", flat=True).first()
    if first is None:
        return False
    return first != next(bookings(now=now)).starts_at
