"""The plan of the demonstration's agenda: three weeks of visits around the instant at which it began, as plain data.

Everything follows from that instant and the shop's zone, so the same visits are planned whenever the same demonstration
is taken up again, and every hour of a year can be looked at without a database. What has happened to a visit lies
before the instant, never after it.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from operations.demo.content import (
    BUSY,
    FIRST_NAMES,
    LAST_NAMES,
    MENU,
    PROFESSIONALS,
    SERVICES,
    VISIT_NOTES,
    DemoProfessional,
)
from scheduling.slots import instant_of, moment_of

SEED = 7
PAST, AHEAD = 8, 13
NEAR = range(-3, 6)
GRID = 15
PHONES = "+5511980"
HAS_ENDED = timedelta(hours=1)
ENDED = {"completed", "no_show", "cancelled"}


@dataclass(frozen=True)
class DemoVisit:
    """One visit: booked at `booked_at`, asked for by a guest or written down by the desk, and what became of it.

    `fate` is the state it ended in at `ended_at`; empty while it lies ahead.
    """

    number: int
    professional: str
    services: tuple[str, ...]
    starts_at: datetime
    name: str
    note: str
    booked_at: datetime
    asked: bool
    fate: str = ""
    ended_at: datetime | None = None

    @property
    def phone(self) -> str:
        """How the visit is known."""
        return f"{PHONES}{self.number:06d}"


def plan(*, now: datetime, zone: ZoneInfo) -> list[DemoVisit]:
    """Return every visit of a demonstration that begins at `now`."""
    today = now.astimezone(zone).date()
    chance = random.Random(SEED)  # noqa: S311 - the same visits every time are the point
    visits: list[DemoVisit] = []
    for offset in range(-PAST, AHEAD + 1):
        day = today + timedelta(days=offset)
        for person in PROFESSIONALS:
            for minute, services, guests in _day(person=person, day=day, near=offset in NEAR, chance=chance):
                starts_at = moment_of(instant_of(day=day, minute=minute, zone=zone))
                for _guest in range(guests):
                    visits.append(_visit(len(visits) + 1, person.key, services, starts_at, now, chance))
    return visits


def _day(
    *, person: DemoProfessional, day: date, near: bool, chance: random.Random
) -> Iterator[tuple[int, tuple[str, ...], int]]:
    """Give what one person does on one day: minute, services, and how many come at that time."""
    sought = any(SERVICES[sku].confirm for sku in person.performs)  # few and nearly all taken, so that some wait
    fullness = BUSY[day.weekday()] * (1 if sought else 0.5 if near else 0.14)
    for shift in person.shifts:
        minute = shift.opens * 60
        while day.weekday() in shift.weekdays:
            services, guests = _wish(person=person, chance=chance)
            length = sum(SERVICES[sku].minutes for sku in services)
            if minute + length > shift.closes * 60:
                break
            if chance.random() < fullness:
                yield minute, services, guests
            minute += -(-(length + SERVICES[services[-1]].after) // GRID) * GRID


def _wish(*, person: DemoProfessional, chance: random.Random) -> tuple[tuple[str, ...], int]:
    alone = [sku for sku in person.performs if SERVICES[sku].places > 1]
    if alone:
        return (chance.choice(alone),), chance.randint(1, SERVICES[alone[0]].places - 2)
    return tuple(chance.choice([wish for wish in MENU if set(wish) <= set(person.performs)])), 1


def _visit(
    number: int,
    professional: str,
    services: tuple[str, ...],
    starts_at: datetime,
    now: datetime,
    chance: random.Random,
) -> DemoVisit:
    """Book one visit days before it begins; one that the shop must confirm was asked for within the last hour."""
    name = f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"
    note = chance.choice(VISIT_NOTES)
    minutes_ago, days_before, roll = chance.randint(5, 50), chance.uniform(2, 8), chance.random()
    asked = starts_at > now + timedelta(days=1) and any(SERVICES[sku].confirm for sku in services)
    booked_at = now - timedelta(minutes=minutes_ago)
    if not asked:
        booked_at = min(booked_at, starts_at - timedelta(days=days_before))
    fate, ended_at = "", None
    if starts_at + HAS_ENDED <= now:
        fate = "no_show" if roll < 0.05 else "cancelled" if roll < 0.1 else "completed"
        ended_at = starts_at + HAS_ENDED
    elif roll < 0.04 and starts_at > now + timedelta(days=3):
        fate = "cancelled"
    if fate == "cancelled":
        ended_at = booked_at + (min(now, starts_at) - booked_at) / 2
    return DemoVisit(number, professional, services, starts_at, name, note, booked_at, asked, fate, ended_at)
