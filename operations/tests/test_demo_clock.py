"""The demonstration begins right at every hour of a year, in a zone whose clock stands still and in one that jumps."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings

from operations.demo import agenda, counter, people, sales, shelves, takings
from operations.demo.content import ORDERS, PROFESSIONALS, SERVICES
from operations.demo.seeding import ACTOR
from operations.demo.takings import DemoDay
from operations.demo.visits import AHEAD, PAST, DemoVisit, plan
from operations.integrity import findings
from operations.tests.scenarios import held_open
from orders.models import Order
from scheduling.models import Appointment, AppointmentEvent
from shop import services as shop
from shop.tests.factories import close_on
from till import services as till
from till.models import TillClose, TillSession

SAO_PAULO, NEW_YORK = ZoneInfo("America/Sao_Paulo"), ZoneInfo("America/New_York")
STEP = timedelta(hours=13)
"""Has no divisor in common with a week of 168 hours, so that every hour of every weekday comes round."""


def hours_of(year: int) -> Iterator[datetime]:
    now = datetime(year, 1, 1, tzinfo=UTC)
    while now.year == year:
        yield now
        now += STEP


def length(visit: DemoVisit) -> timedelta:
    return timedelta(minutes=sum(SERVICES[sku].minutes for sku in visit.services))


def wrong(*, visit: DemoVisit, now: datetime, zone: ZoneInfo) -> bool:
    """Whether something about one planned visit cannot be."""
    starts_at = visit.starts_at.astimezone(zone)
    person = next(person for person in PROFESSIONALS if person.key == visit.professional)
    opens = starts_at.hour * 60 + starts_at.minute
    within = any(
        starts_at.weekday() in shift.weekdays
        and shift.opens * 60 <= opens
        and opens + length(visit) / timedelta(minutes=1) <= shift.closes * 60
        for shift in person.shifts
    )
    ahead = visit.starts_at + timedelta(hours=1) > now
    fates = {"", "cancelled"} if ahead else {"completed", "no_show", "cancelled"}
    happened = visit.ended_at is None or visit.booked_at < visit.ended_at <= now
    if visit.fate in {"completed", "no_show"}:
        happened = happened and visit.ended_at is not None and visit.ended_at >= visit.starts_at
    if visit.asked:
        happened = happened and now - visit.booked_at < timedelta(hours=1) and visit.starts_at > now + timedelta(days=1)
    return not (
        within
        and happened
        and visit.fate in fates
        and visit.booked_at < min(now, visit.starts_at)
        and now - timedelta(days=PAST + 1) < visit.starts_at < now + timedelta(days=AHEAD + 1)
    )


@pytest.mark.parametrize(("year", "zone"), [(2026, SAO_PAULO), (2028, SAO_PAULO), (2027, NEW_YORK)])
def test_the_plan_holds_at_every_hour_of_a_year(year: int, zone: ZoneInfo) -> None:
    for now in hours_of(year):
        visits = plan(now=now, zone=zone)
        assert [visit for visit in visits if wrong(visit=visit, now=now, zone=zone)] == [], now
        assert len(visits) > 80, now
        assert any(visit.asked for visit in visits), now
        for person in PROFESSIONALS:
            own = [visit for visit in visits if visit.professional == person.key]
            for before, after in pairwise(own):
                same = before.starts_at == after.starts_at and "DEGUSTACAO" in after.services
                assert same or before.starts_at + length(before) <= after.starts_at, now


def test_the_same_instant_plans_the_same_visits() -> None:
    now = datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert plan(now=now, zone=SAO_PAULO) == plan(now=now, zone=SAO_PAULO)


def odd(*, day: DemoDay, now: datetime) -> bool:
    """Whether something about one planned day of the counter cannot be."""
    until = day.closes_at or now
    begun = [(sale.professional, sale.at) for sale in day.sales if sale.services]
    return not (
        all(day.opens_at < sale.at <= until for sale in day.sales)
        and (day.closes_at is None or day.closes_at + takings.AFTER <= now)
        and len(set(begun)) == len(begun)
        and all(bool(sale.goods or sale.services) != bool(sale.visit) for sale in day.sales)
    )


@pytest.mark.parametrize(("year", "zone"), [(2026, SAO_PAULO), (2027, NEW_YORK)])
def test_the_counter_holds_at_every_hour_of_a_year(year: int, zone: ZoneInfo) -> None:
    for now in hours_of(year):
        days = takings.plan(now=now, zone=zone)
        assert [day for day in days if odd(day=day, now=now)] == [], now
        for before, after in pairwise(days):
            assert before.closes_at is not None, now
            assert before.closes_at + takings.AFTER < after.opens_at, now
        keys = [sale.key for day in days for sale in day.sales]
        assert len(keys) == len(set(keys)) > 40, now
        assert {sale.ways for day in days for sale in day.sales} == set(takings.WAYS), now
        assert takings.plan(now=now, zone=zone) == days


@pytest.fixture(scope="module")
def shelved(django_db_setup: Any, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is not dated is made once: settings, logins, goods and their stock."""
    opened = datetime(2026, 1, 1, tzinfo=UTC)
    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with django_db_blocker.unblock(), media, held_open():
        people.make_settings(actor=ACTOR, now=opened)
        people.make_logins(now=opened)
        shelves.make_categories()
        shelves.make_products(actor=ACTOR, now=opened)
        shelves.make_stock(actor=ACTOR, now=opened)
        agenda.make_setup(now=opened)
        yield


WEEK = {
    "monday night": datetime(2026, 11, 23, 4, 30, tzinfo=UTC),
    "tuesday, leap day": datetime(2028, 2, 29, 15, tzinfo=UTC),
    "wednesday morning": datetime(2026, 11, 25, 11, 45, tzinfo=UTC),
    "thursday, year end": datetime(2027, 1, 1, 2, 30, tzinfo=UTC),
    "friday noon": datetime(2026, 11, 27, 15, tzinfo=UTC),
    "friday late": datetime(2026, 11, 28, 1, 30, tzinfo=UTC),
    "saturday afternoon": datetime(2026, 11, 28, 18, 10, tzinfo=UTC),
    "sunday, month end": datetime(2027, 2, 1, 2, 59, tzinfo=UTC),
}
JUMPS = {
    "an hour skipped": datetime(2027, 3, 14, 6, 59, tzinfo=UTC),
    "an hour twice": datetime(2027, 11, 7, 5, 30, tzinfo=UTC),
}


STATUSES = ["expired", "completed", "confirmed", "cancelled", "confirmed", "confirmed", "confirmed", "pending"]
"""Of the demonstration's orders, on whatever day it begins."""


def begin(*, now: datetime) -> None:
    sales.make_orders(now=now)
    agenda.make_visits(actor=people.counter(), now=now)


COUNTED = ("friday late", "an hour skipped")
"""When the counter begins, too: it takes a while."""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "zone"),
    [
        *(pytest.param(now, SAO_PAULO, id=name) for name, now in WEEK.items()),
        *(pytest.param(now, NEW_YORK, id=name) for name, now in JUMPS.items()),
    ],
)
def test_the_services_take_it_whole(shelved: None, now: datetime, zone: ZoneInfo) -> None:
    shop.set_policy(key="timezone", value=str(zone), actor=ACTOR, now=now)
    begin(now=now)
    assert sales.missing_orders(now=now) == agenda.missing_visits(now=now) == 0
    booked = dict(Appointment.objects.values_list("contact_phone", "state"))
    for visit in plan(now=now, zone=zone):
        assert booked[visit.phone] == (visit.fate or ("requested" if visit.asked else "confirmed"))
    assert list(Order.objects.order_by("pk").values_list("status", flat=True)) == STATUSES
    assert not AppointmentEvent.objects.filter(at__gt=now).exists()
    assert not Order.objects.filter(events__at__gt=now).exists()
    assert not Appointment.objects.filter(state="requested", expires_at__lte=now).exists()
    assert findings(now=now) == []
    before = Appointment.objects.count()
    begin(now=now)
    assert (Appointment.objects.count(), Order.objects.count()) == (before, len(ORDERS))


@pytest.mark.django_db
@pytest.mark.parametrize("name", COUNTED)
def test_the_counter_sells_what_was_planned(shelved: None, name: str) -> None:
    now = (WEEK | JUMPS)[name]
    zone = NEW_YORK if name in JUMPS else SAO_PAULO
    shop.set_policy(key="timezone", value=str(zone), actor=ACTOR, now=now)
    begin(now=now)
    assert counter.missing_sales(now=now) > 40
    counter.make_sales(now=now)
    assert counter.missing_sales(now=now) == 0
    sold = Order.objects.filter(channel="counter")
    assert sold.count() == sum(len(day.sales) for day in takings.plan(now=now, zone=zone))
    assert set(sold.values_list("status", flat=True)) == {"completed"}
    assert not sold.filter(events__at__gt=now).exists()
    assert min(close.difference for close in TillClose.objects.all()) < 0
    assert TillSession.objects.filter(actor_id=people.manager().id, closed_at=None).count() <= 1
    assert findings(now=now) == []
    counter.make_sales(now=now)
    assert Order.objects.filter(channel="counter").count() == sold.count()


@pytest.mark.django_db
def test_a_shop_that_sold_over_its_counter_keeps_its_own(shelved: None) -> None:
    now = WEEK["friday noon"]
    till.open_session(till=None, opening_float=Decimal(0), actor=people.manager(), now=now)
    assert counter.missing_sales(now=now) == 0
    counter.make_sales(now=now)
    assert not Order.objects.filter(channel="counter").exists()


@pytest.mark.django_db
def test_a_shop_with_a_day_off_leaves_out_what_it_has_no_time_for(shelved: None) -> None:
    now = datetime(2026, 11, 23, 15, tzinfo=UTC)
    close_on(days={date(2026, 11, 27): "Descanso"}, now=now)
    closed = [visit for visit in plan(now=now, zone=SAO_PAULO) if visit.starts_at.date() == date(2026, 11, 27)]
    begin(now=now)
    assert agenda.missing_visits(now=now) == len(closed) > 0
    assert not Appointment.objects.filter(starts_at__date=date(2026, 11, 27)).exists()
