"""The plan of the demonstration's counter: two weeks of sales and drawers before it began, as plain data.

As the agenda's plan, everything follows from the instant of the beginning and the shop's zone. Each day is drawn by
itself, so that a day that is not over yet is the beginning of the same day.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from operations.demo import visits
from operations.demo.content import BASKETS, HOURS, MENU, PROFESSIONALS, REGULARS, SERVICES, DemoRegular
from scheduling.slots import instant_of, moment_of

SEED = 11
DAYS = 14
"""How many days before the beginning the counter sold first."""
MOST, LEAST = 2, 1
BEFORE, AFTER = timedelta(minutes=10), timedelta(minutes=20)
PAID = timedelta(minutes=3)
"""How long after a visit it is paid."""
ALONE = "DEGUSTACAO"
WAYS = (("cash",),) * 4 + (("card",),) * 3 + (("pix",),) * 2 + (("cash", "card"),)
DIFFERENCES = ("0.00",) * 6 + ("-2.00", "0.50", "-0.10")


@dataclass(frozen=True)
class DemoSale:
    """One sale over the counter: goods, and a walk-in with somebody or the visit of a phone number.

    `ways`: how it is paid; two share it. `less`: whether something is taken off, `tip`: whether something is given.
    """

    key: UUID
    at: datetime
    ways: tuple[str, ...]
    goods: Mapping[str, int] = field(default_factory=dict)
    services: tuple[str, ...] = ()
    professional: str = ""
    visit: str = ""
    buyer: DemoRegular | None = None
    less: bool = False
    tip: bool = False


@dataclass(frozen=True)
class DemoDay:
    """One day of the drawer; `closes_at` is None while it is open. `off`: by how much its cash was counted wrong."""

    day: date
    opens_at: datetime
    closes_at: datetime | None
    sales: list[DemoSale]
    off: str
    to_the_bank: bool


def plan(*, now: datetime, zone: ZoneInfo) -> list[DemoDay]:
    """Return every day of a demonstration that begins at `now`, up to then."""
    today = now.astimezone(zone).date()
    booked = visits.plan(now=now, zone=zone)
    days = (
        _day(day=today + timedelta(days=offset), offset=offset, booked=booked, now=now, zone=zone)
        for offset in range(-DAYS, 1)
    )
    return [day for day in days if day is not None]


def _day(*, day: date, offset: int, booked: list[visits.DemoVisit], now: datetime, zone: ZoneInfo) -> DemoDay | None:
    chance = random.Random(f"{SEED}:{offset}")  # noqa: S311 - the same sales every time are the point
    hours = next((one for one in HOURS if day.weekday() in one.weekdays), None)
    if hours is None:
        return None
    opens, closes = _minute(hours.opens), _minute(hours.closes)
    opens_at = _moment(day, opens, zone)
    drawn = [
        *_goods(day=day, opens=opens, closes=closes, zone=zone, chance=chance),
        *(_walk_ins(day=day, zone=zone, chance=chance) if offset < -visits.PAST else ()),
        *_paid(day=day, booked=booked, zone=zone, chance=chance),
    ]
    sales = sorted((_sale(number, now, **one) for number, one in enumerate(drawn)), key=lambda one: (one.at, one.key))
    off, to_the_bank = chance.choice(DIFFERENCES), chance.random() < 0.3
    closes_at = max([_moment(day, closes, zone), *(one.at for one in sales)]) + AFTER
    if opens_at + BEFORE >= now:
        return None
    return DemoDay(
        day=day,
        opens_at=opens_at,
        closes_at=closes_at if closes_at + AFTER <= now else None,
        sales=[one for one in sales if one.at <= now],
        off=off,
        to_the_bank=to_the_bank,
    )


Drawn = dict[str, object]


def _goods(*, day: date, opens: int, closes: int, zone: ZoneInfo, chance: random.Random) -> Iterator[Drawn]:
    for _sale in range(chance.randint(LEAST, MOST)):
        minute = chance.randint(opens + 15, closes - 15)
        buyer = chance.choice(REGULARS) if chance.random() < 0.4 else None
        yield {
            "at": _moment(day, minute, zone), "goods": chance.choice(BASKETS), "buyer": buyer,
            "less": chance.random() < 0.12, "ways": chance.choice(WAYS),
        }  # fmt: skip


def _walk_ins(*, day: date, zone: ZoneInfo, chance: random.Random) -> Iterator[Drawn]:
    """Somebody without an appointment in most shifts: in the weeks before those that the agenda has visits of."""
    for person in PROFESSIONALS:
        own = [wish for wish in MENU if set(wish) <= set(person.performs)]
        for shift in person.shifts:
            if day.weekday() not in shift.weekdays or not own or chance.random() < 0.35:
                continue
            services = tuple(chance.choice(own))
            length = sum(SERVICES[sku].minutes + SERVICES[sku].after for sku in services)
            yield {
                "at": _moment(day, chance.randint(shift.opens * 60, shift.closes * 60 - length), zone),
                "services": services, "professional": person.key,
                "buyer": chance.choice(REGULARS) if chance.random() < 0.5 else None,
                "goods": {"POMADA-MATTE-80": 1} if chance.random() < 0.1 else {},
                "ways": chance.choice(WAYS), "tip": chance.random() < 0.3,
            }  # fmt: skip


def _paid(*, day: date, booked: list[visits.DemoVisit], zone: ZoneInfo, chance: random.Random) -> Iterator[Drawn]:
    """Every visit that took place is paid when it is over."""
    for visit in booked:
        if visit.starts_at.astimezone(zone).date() != day:
            continue
        ways, tip = chance.choice(WAYS), chance.random() < 0.25
        if visit.fate == "completed" and visit.ended_at is not None:
            yield {
                "at": visit.ended_at + PAID, "visit": visit.phone, "professional": visit.professional, "ways": ways,
                "tip": tip and ALONE not in visit.services,
            }  # fmt: skip


def _sale(number: int, now: datetime, **drawn: object) -> DemoSale:
    key = uuid5(NAMESPACE_URL, f"balcao:demo:sale:{now.isoformat()}:{drawn['at']}:{number}")
    return DemoSale(key=key, **drawn)  # type: ignore[arg-type]  # drawn above, field by field


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return moment_of(instant_of(day=day, minute=minute, zone=zone))
