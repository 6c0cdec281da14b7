"""Measures the month of a busy salon: free times for 30 days, five professionals and 2,000 appointments.

Everything is made in a transaction and rolled back, so it may run beside a shop's own data. Beside the cost of the
answer stands the cost of fetching the same appointments with plain SQL; compare within one run. With `past`, the same
is measured again with so many appointments behind them, and what those take.

    make manage ARGS='shell -c "from tools.bench.slots import show; show()"'
    make manage ARGS='shell -c "from tools.bench.slots import show; show(past=100_000)"'
"""

import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test.utils import CaptureQueriesContext

from catalog.models import Category, Product, Variant
from common import clock
from scheduling import selectors
from scheduling.models import Appointment, AvailabilityRule, Professional, ProfessionalService, Service
from shop import services as shop

PEOPLE, DAYS, A_DAY = 5, 30, 14
BATCH = 1_000
OPENS, CLOSES, MINUTES = 8, 20, 30
SKU = "BENCH-SLOTS"

_FETCH = """
SELECT professional_id, blocked, state, session, lane, expires_at FROM scheduling_appointment
WHERE professional_id = ANY(%s) AND starts_at < %s AND ends_at > %s
"""
_BYTES = "SELECT pg_table_size('scheduling_appointment'), pg_indexes_size('scheduling_appointment')"


def measure(*, rounds: int, past: int = 0) -> list[str]:
    """Make the salon, measure, roll back, and return what to print; the median of the rounds counts."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # making rows takes long
        salon = Salon()
        told = salon.figures(rounds=rounds)
        if past:
            told += ["", *salon.weight(past=past), *salon.figures(rounds=rounds)]
        transaction.set_rollback(True)
    return told


class Salon:
    """The salon that is made, and what is asked of it."""

    def __init__(self) -> None:
        self.now, self.policy = clock.now(), shop.policy()
        self.zone = ZoneInfo(self.policy.timezone)
        self.people = _professionals()
        self.opens = self.now.astimezone(self.zone).replace(hour=OPENS, minute=0, second=0, microsecond=0)
        self._book(places=[(day, place) for day in range(DAYS) for place in range(A_DAY)], most=2000)
        self.visit = selectors.visit_of(skus=[SKU], policy=self.policy)

    def figures(self, *, rounds: int) -> list[str]:
        """Measure what is asked all day long."""
        with CaptureQueriesContext(connection) as captured:
            starts = self.free()
        rows = self.fetch()
        asked = (self.free, self.fetch, self.day, self.add)
        answer, plain, day, added = (
            statistics.median(_milliseconds(one) for _round in range(rounds)) for one in asked
        )  # fmt: skip
        return [
            f"{rows} appointments, {PEOPLE} professionals, {DAYS} days: {starts} free starts",
            f"free times: {answer:.1f} ms in {len(captured)} statements (median of {rounds})",
            f"plain SQL for the same rows: {plain:.1f} ms; ratio {answer / plain:.1f}",
            f"the agenda of a day: {day:.1f} ms; one appointment more: {added:.1f} ms",
        ]

    def free(self) -> int:
        """Return how many starts are free."""
        first = self.now.astimezone(self.zone).date()
        last = first + timedelta(days=DAYS - 1)
        found = selectors.free_starts(visit=self.visit, policy=self.policy, first=first, last=last, now=self.now)
        return len(found)

    def fetch(self) -> int:
        """Return how many appointments the answer looks at."""
        with connection.cursor() as cursor:
            span = [self.now + timedelta(days=DAYS + 1), self.now - timedelta(days=1)]
            cursor.execute(_FETCH, [[one.pk for one in self.people], *span])
            return len(cursor.fetchall())

    def day(self) -> int:
        """Return how many appointments the agenda shows of tomorrow."""
        begins = self.opens + timedelta(days=1)
        return len(selectors.agenda(begins=begins, ends=begins + timedelta(days=1), now=self.now))

    def add(self) -> int:
        """Write one appointment more, and take it back."""
        mark = transaction.savepoint()
        _booked(person=self.people[0], starts_at=self.opens + timedelta(days=DAYS + 1), now=self.now).save()
        transaction.savepoint_rollback(mark)
        return 1

    def weight(self, *, past: int) -> list[str]:
        """Put so many appointments behind those ahead, and return what they take."""
        before = self._bytes()
        days = -(-past // (PEOPLE * A_DAY))
        self._book(places=[(-day, place) for day in range(1, days + 1) for place in range(A_DAY)], most=past)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE scheduling_appointment")
        table, indexes = (now - then for now, then in zip(self._bytes(), before, strict=True))
        weighed = f"{table / past:.0f} bytes each, and {indexes / past:.0f} in indexes"
        return [f"{past} appointments of {days} days before: {weighed}"]

    def _book(self, *, places: list[tuple[int, int]], most: int) -> None:
        rows = (
            _booked(person=one, starts_at=self.opens + timedelta(days=day, minutes=45 * place), now=self.now)
            for one in self.people
            for day, place in places
        )
        while batch := list(islice(rows, min(BATCH, most))):
            Appointment.objects.bulk_create(batch)
            most -= len(batch)

    def _bytes(self) -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(_BYTES)
            table, indexes = cursor.fetchone()
        return table, indexes


def _professionals() -> list[Professional]:
    now = clock.now()
    category, _made = Category.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    dates = {"created_at": now, "updated_at": now}
    product = Product.objects.create(
        kind="service", slug="bench-slots", name="Bench", category=category, status="published", **dates
    )
    variant = Variant.objects.create(sku=SKU, product=product, price=Decimal("50.00"))
    service = Service.objects.create(variant=variant, duration_minutes=MINUTES)
    people = [Professional.objects.create(name=f"Bench {number}") for number in range(PEOPLE)]
    ProfessionalService.objects.bulk_create([ProfessionalService(professional=one, service=service) for one in people])
    AvailabilityRule.objects.bulk_create(
        [
            AvailabilityRule(professional=one, weekday=day, opens=OPENS * 60, closes=CLOSES * 60)
            for one in people
            for day in range(7)
        ]
    )
    return people


def _booked(*, person: Professional, starts_at: datetime, now: datetime) -> Appointment:
    ends_at = starts_at + timedelta(minutes=MINUTES)
    public_id = uuid4()
    return Appointment(
        public_id=public_id,
        professional=person,
        state=Appointment.State.CONFIRMED,
        starts_at=starts_at,
        ends_at=ends_at,
        blocked=DateTimeTZRange(starts_at, ends_at, "[)"),
        session=public_id,
        total=Decimal("50.00"),
        currency="BRL",
        created_at=now,
    )


def _milliseconds(work: Callable[[], int]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def show(*, rounds: int = 7, past: int = 0) -> None:
    """Measure and print."""
    print("\n".join(measure(rounds=rounds, past=past)))
