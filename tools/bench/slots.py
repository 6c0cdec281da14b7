"""Measures the month of a busy salon: free times for 30 days, five professionals and 2,000 appointments.

Everything is made in a transaction and rolled back, so it may run beside a shop's own data. Beside the cost of the
answer stands the cost of fetching the same appointments with plain SQL; compare within one run.

    make manage ARGS='shell -c "from tools.bench.slots import show; show()"'
"""

import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
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
OPENS, CLOSES, MINUTES = 8, 20, 30
SKU = "BENCH-SLOTS"

_FETCH = """
SELECT professional_id, blocked, state, session, lane, expires_at FROM scheduling_appointment
WHERE professional_id = ANY(%s) AND starts_at < %s AND ends_at > %s
"""


def measure(*, rounds: int) -> list[str]:
    """Make the salon, measure, roll back, and return what to print; the median of the rounds counts."""
    with transaction.atomic():
        people = _salon()
        now = clock.now()
        policy = shop.policy()
        visit = selectors.visit_of(skus=[SKU], policy=policy)
        first = now.astimezone(ZoneInfo(policy.timezone)).date()
        last = first + timedelta(days=DAYS - 1)

        def free() -> int:
            return len(selectors.free_starts(visit=visit, policy=policy, first=first, last=last, now=now))

        def fetch() -> int:
            with connection.cursor() as cursor:
                cursor.execute(_FETCH, [people, now + timedelta(days=DAYS + 1), now - timedelta(days=1)])
                return len(cursor.fetchall())

        with CaptureQueriesContext(connection) as captured:
            starts = free()
        rows = fetch()
        pairs = [(_milliseconds(free), _milliseconds(fetch)) for _round in range(rounds)]
        transaction.set_rollback(True)
    answer, plain = (statistics.median(column) for column in zip(*pairs, strict=True))
    return [
        f"{rows} appointments, {PEOPLE} professionals, {DAYS} days: {starts} free starts",
        f"free times: {answer:.1f} ms in {len(captured)} statements (median of {len(pairs)})",
        f"plain SQL for the same rows: {plain:.1f} ms; ratio {answer / plain:.1f}",
    ]


def _salon() -> list[int]:
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
    begins = now.astimezone(ZoneInfo(shop.policy().timezone)).replace(hour=OPENS, minute=0, second=0, microsecond=0)
    Appointment.objects.bulk_create(
        [
            _booked(person=one, starts_at=begins + timedelta(days=day, minutes=45 * place), now=now)
            for one in people
            for day in range(DAYS)
            for place in range(A_DAY)
        ][:2000]
    )
    return [one.pk for one in people]


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


def show(*, rounds: int = 7) -> None:
    """Measure and print."""
    print("\n".join(measure(rounds=rounds)))
