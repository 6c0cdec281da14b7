"""The visits of a year that has passed, written at once by COPY, so that the agenda of a large shop is as full as its
till.

They are written in one transaction, before the first visit that anybody has, and only into an agenda that does not
reach back yet: so another seed, or the same one again, puts nobody over anybody. Each professional works in a room of
their own. Whoever came has a name and nothing else to be known by; nobody is told of these visits. Those that took
place were paid at the counter.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Min, Model

from cart.models import Cart, CartLine
from common.transactions import run_unit_of_work, within_unit_of_work
from operations.demo import bulk, paid_visits
from operations.demo.batches import Batch, Row, copy_rows
from operations.demo.content import FIRST_NAMES, LAST_NAMES
from operations.demo.drawers import Drawers
from operations.demo.draws import SELLER, SPREAD
from operations.demo.paid_visits import Performed
from orders.models import Order, OrderContact, OrderEvent, OrderLine
from payments.models import MoneyStep, Payment, Tip
from scheduling import selectors as agenda
from scheduling.models import Appointment, AppointmentEvent, AppointmentService, Professional
from scheduling.seals import chain_of
from scheduling.selectors import Offer
from scheduling.services.history import step_values
from scheduling.slots import Span, Spans, moment_of
from shop import services as shop
from shop.policy import Policy
from till.models import TillSession

GRID = 15 * 60
A_VISIT = 45 * 60
"""Seconds that a visit takes about, with what goes before and after."""
LATELY = timedelta(days=60)
FULLEST = 0.8
SHARE = 4
"""One visit for so many orders, as far as there is time for them."""
TABLES: tuple[type[Model], ...] = (
    Appointment, AppointmentService, AppointmentEvent, Cart, CartLine, Order, OrderContact, OrderLine, OrderEvent,
    TillSession, Payment, MoneyStep, Tip,
)  # fmt: skip
"""In the order in which rows refer to each other."""
FATES = ("completed",) * 17 + ("no_show", "cancelled", "cancelled")


def seat(*, orders: int, seed: int, now: datetime) -> int:
    """Write down the visits of a shop of so many orders a year, and return how many; none where there are some."""
    policy = shop.policy()
    zone = ZoneInfo(policy.timezone)
    first = Appointment.objects.aggregate(first=Min("starts_at"))["first"] or now
    if first < now - LATELY:
        return 0
    last = min(now, first).astimezone(zone).date() - timedelta(days=1)
    begins = now.astimezone(zone).date() - SPREAD
    [there] = agenda.working_time(stretches=[(begins, last)], policy=policy)
    time = sum(ends - starts for spans in there.values() for starts, ends in spans)
    fullness = min(FULLEST, orders / SHARE * A_VISIT / time) if time else 0
    seated = run_unit_of_work(_write, there=there, fullness=fullness, seed=seed, policy=policy)
    paid_visits.earn(since=begins, zone=zone)
    return seated


@dataclass(frozen=True)
class Chair:
    """Who works, and in which room, which is theirs alone."""

    professional: int
    room: int | None


@within_unit_of_work
def _write(*, there: Mapping[int, Spans], fullness: float, seed: int, policy: Policy) -> int:
    batch = Batch(policy=policy, drawers=Drawers(zone=ZoneInfo(policy.timezone)), items={})
    offers = [offer for offer in agenda.offers().values() if offer.capacity == 1]
    rooms: set[int] = set()
    for professional, spans in there.items():
        own = [offer for offer in offers if any(one.pk == professional for one in offer.performers)]
        room = min({room for offer in own for room in offer.rooms or ()} - rooms, default=None)
        own = [offer for offer in own if offer.rooms is None or room in offer.rooms]
        if own:
            rooms |= {room} if room is not None else set()
            chance = random.Random(f"{seed}:{professional}")  # noqa: S311 - the same visits every time are the point
            chair = Chair(professional=professional, room=room)
            for starts, ends in spans:
                _fill(batch=batch, chair=chair, offers=own, span=(starts, ends), fullness=fullness, chance=chance)
    performed = _performed(batch=batch, offers=offers)
    chance = random.Random(f"{seed}:paid")  # noqa: S311 - as above
    paid_visits.sell(batch=batch, performed=performed, numbers=bulk.fresh_numbers(len(performed)), chance=chance)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
    for model in TABLES:
        copy_rows(model=model, rows=batch.rows[model])
    batch.close_drawers()
    return len(batch.rows[Appointment])


def _performed(*, batch: Batch, offers: Sequence[Offer]) -> list[Performed]:
    """Return the visits that took place and cost something."""
    people = Professional.objects.in_bulk()
    by_service = {offer.service_id: offer for offer in offers}
    services = {row.appointment_id: by_service[row.service_id] for row in batch.rows[AppointmentService]}
    return [
        Performed(visit=visit, offer=services[visit.id], professional=people[visit.professional_id])
        for visit in batch.rows[Appointment]
        if visit.state == "completed" and visit.total > 0
    ]


def _fill(
    *, batch: Batch, chair: Chair, offers: Sequence[Offer], span: Span, fullness: float, chance: random.Random
) -> None:
    """Fill a stretch of work with visits, one after the other."""
    at, ends = span
    while True:
        offer = chance.choice(offers)
        begins = -(-(at + offer.before * 60) // GRID) * GRID
        at = begins + (offer.duration + offer.after) * 60
        if at > ends:
            return
        if chance.random() < fullness:
            _add(batch=batch, chair=chair, offer=offer, begins=begins, chance=chance)


def _add(*, batch: Batch, chair: Chair, offer: Offer, begins: int, chance: random.Random) -> None:
    performer = next(one for one in offer.performers if one.pk == chair.professional)
    starts_at, ends_at = moment_of(begins), moment_of(begins + offer.duration * 60)
    blocked = (moment_of(begins - offer.before * 60), moment_of(begins + (offer.duration + offer.after) * 60))
    booked_at = starts_at - timedelta(days=chance.uniform(1, 8))
    fate = chance.choice(FATES)
    price = sum(performer.prices, Decimal("0.00"))
    visit = batch.add(
        Appointment,
        professional_id=chair.professional,
        room_id=chair.room if offer.rooms is not None else None,
        state=fate,
        starts_at=starts_at,
        ends_at=ends_at,
        blocked=DateTimeTZRange(*blocked, "[)"),
        session=None,
        total=price,
        currency=batch.policy.currency,
        contact_name=f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}",
        created_at=booked_at,
        version=2,
    )
    visit.session = visit.public_id
    batch.add(
        AppointmentService,
        appointment_id=visit.id,
        position=1,
        service_id=offer.service_id,
        sku=offer.sku,
        name=offer.name,
        price=price,
        duration_minutes=offer.duration,
    )
    ended_at = booked_at + (starts_at - booked_at) / 2 if fate == "cancelled" else ends_at
    _step(batch=batch, visit=visit, seq=1, states=("", "confirmed"), at=booked_at, previous="")
    first = batch.rows[AppointmentEvent][-1]
    _step(batch=batch, visit=visit, seq=2, states=("confirmed", fate), at=ended_at, previous=first.chain)


def _step(*, batch: Batch, visit: Row, seq: int, states: tuple[str, str], at: datetime, previous: str) -> None:
    event = batch.add(
        AppointmentEvent,
        appointment_id=visit.id,
        seq=seq,
        from_state=states[0],
        to_state=states[1],
        starts_at=visit.starts_at,
        professional_id=visit.professional_id,
        actor_kind=SELLER.kind,
        actor_id=SELLER.id,
        door=SELLER.door,
        at=at,
    )
    event.chain = chain_of(previous=previous, step=step_values(event=cast(AppointmentEvent, event)))
