"""Sums of past days: whatever happens to the rows, a report from sums is the report from rows, at every moment."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from common.errors import Refusal
from common.testing import statements
from counter import services as counter
from counter.services import WalkIn
from counter.tests.factories import MONDAY, STAFF, cash, goods, of, sell
from inventory.tests.factories import stocked
from orders.models import Order
from orders.tests.factories import ALL, cancel, ordered
from payments import services as payments
from payments.models import Payment
from payments.selectors import drawer_sums
from reports import services as reports
from reports.models import DayMark, KeptDay, KeptSum
from reports.periods import A_DAY, Days
from reports.selectors import Goods, Reading, read, spans_of
from reports.selectors import goods as goods_of
from reports.selectors.kept import wrong_sums
from reports.selectors.reading import readings_of
from reports.selectors.sums import day_sums, with_kept
from scheduling.models import Appointment, Professional
from scheduling.tests.factories import Salon, salon
from shop import services as shop
from shop.models import ShopSettings
from till import services as till
from till.models import TillSession

FIRST = MONDAY.date()
LATER = MONDAY + 3 * A_DAY
ZONES = ("America/Sao_Paulo", "America/Manaus", "Asia/Tokyo")

Told = tuple[list[tuple[object, object, object]], Goods]


def days_until(now: datetime) -> list[Days]:
    """Return stretches that meet, lie apart and lie over each other, today included."""
    today = now.date()
    return [Days(FIRST - 2 * A_DAY, today), Days(today - 2 * A_DAY, today), Days(FIRST - 9 * A_DAY, FIRST + A_DAY)]


def told(readings: list[Reading], limit: int = 10) -> Told:
    return [(one.money, one.sales, one.visits) for one in readings], goods_of(span=readings[0].span, limit=limit)


def from_sums(now: datetime) -> Told:
    return told(read(stretches=days_until(now), policy=shop.policy(), now=now))


def from_rows(now: datetime) -> Told:
    policy = shop.policy()
    spans = spans_of(stretches=days_until(now), timezone=policy.timezone, now=now)
    return told(readings_of(spans=spans, policy=policy))


def kept(now: datetime) -> int:
    """Return how many days a report reads from sums."""
    spans = spans_of(stretches=days_until(now), timezone=shop.policy().timezone, now=now)
    return sum(len(span.kept) for span in with_kept(spans=spans))


def keep(now: datetime) -> int:
    """Sum what is to be summed; a transaction of another database that ends as we look puts it off to the next time."""
    for _try in range(20):
        summed = reports.keep_days(timezone=shop.policy().timezone, now=now)
        if summed or not (KeptDay.objects.filter(kept_at=None).exists() or DayMark.objects.exists()):
            return summed
    return 0


class History:
    """A shop to which one thing after another happens, by chance."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = MONDAY
        stocked(sku="PAO", units=5000, price="0.80")
        stocked(sku="BOLO", units=500, price="33.33")
        self.salon: Salon = salon(names=["Ana", "Bia"])

    def step(self) -> str:
        """Let something happen, some hours later; return what."""
        self.now += timedelta(hours=self.chance.choice((0, 1, 1, 2, 5, 20)), minutes=self.chance.randrange(60))
        happen: Callable[[], object] = self.chance.choice(self.ALL).__get__(self)
        try:
            happen()
        except (Refusal, ObjectDoesNotExist, IntegrityError) as refused:
            return f"{happen.__name__}: {type(refused).__name__}"
        return happen.__name__

    def sale(self) -> None:
        units = self.chance.randint(1, 9)
        cake = self.chance.random() < 0.5
        amount = Decimal("0.80") * units + (Decimal("33.33") if cake else 0)
        pay = cash(str(amount)) if self.chance.random() < 0.5 else of("card", str(amount))
        sell(pay, goods=goods(PAO=units, **({"BOLO": 1} if cake else {})), now=self.now)

    def mixed_sale(self) -> None:
        who = self.salon.id(self.chance.choice(["Ana", "Bia"]))
        sell(
            cash("0.80"),
            of("pix", "50.00"),
            goods=goods(PAO=1),
            walk_ins=(WalkIn(services=(("CORTE", who),)),),
            now=self.now,
        )

    def web_order(self) -> None:
        ordered(units={"PAO": self.chance.randint(1, 5)}, now=self.now)

    def transfer_announced(self) -> None:
        ordered(units={"BOLO": 1}, payment_method="transfer", now=self.now)

    def transfer_comes(self) -> None:
        order = self.some(Order.objects.filter(status__in=["pending", "expired"], payment_method="transfer"))
        payments.confirm_order(
            number=order.number, amount=order.total, reference="TED", access=ALL, actor=STAFF, now=self.now
        )

    def cancelled(self) -> None:
        cancel(order=self.some(Order.objects.filter(status__in=["pending", "confirmed"])), now=self.now)

    def refund(self) -> None:
        payment = self.some(Payment.objects.filter(status="succeeded").select_related("order"))
        payments.refund_order(
            number=payment.order.number, amount=Decimal("0.01") * self.chance.randint(1, 80), handed_back=[],
            restock=False, reason="Troca", access=ALL, actor=STAFF, now=self.now,
        )  # fmt: skip

    def another_performed_it(self) -> None:
        visit = self.some(Appointment.objects.filter(claim__isnull=False))
        other = Professional.objects.exclude(pk=visit.professional_id).get()
        with transaction.atomic():
            Appointment.objects.filter(pk=visit.pk).update(professional=other)

    def drawer_opened(self) -> None:
        till.open_session(till=None, opening_float=Decimal(0), actor=STAFF, now=self.now)

    def day_closed(self) -> None:
        """Close every drawer, and the day in which they were opened, perhaps long before it ends."""
        for session in TillSession.objects.filter(closed_at__isnull=True):
            drawer: Any = {"session": session.public_id, "anybodys": True, "actor": STAFF, "now": self.now}
            [sums] = drawer_sums(sessions=[session])
            count = payments.count_session(counted=sums.expected, **drawer)
            counter.close_drawer(count=count.pk, note="", **drawer)
        day = (self.now - timedelta(hours=3)).date() - A_DAY * self.chance.choice((0, 1))
        counter.close_day(day=day, note="", actor=STAFF, now=self.now)

    def zone_changed(self) -> None:
        ShopSettings.objects.update(timezone=self.chance.choice(ZONES))

    def swept(self) -> None:
        keep(self.now)

    def some(self, rows: QuerySet[Any]) -> Any:
        found = list(rows.order_by("pk"))
        if not found:
            raise ObjectDoesNotExist
        return self.chance.choice(found)

    ALL = (
        sale, sale, sale, mixed_sale, mixed_sale, web_order, web_order, transfer_announced, transfer_comes, cancelled,
        refund, refund, another_performed_it, drawer_opened, day_closed, zone_changed, swept, swept, swept,
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [3, 14, 15, 92])
def test_whatever_happens_a_report_from_sums_is_the_report_from_rows(seed: int) -> None:
    history = History(seed)
    happened, from_kept = [], 0
    for _step in range(45):
        happened.append(history.step())
        assert from_sums(history.now) == from_rows(history.now), happened
        from_kept += kept(history.now)
    keep(history.now)
    assert from_sums(history.now) == from_rows(history.now)
    assert list(wrong_sums()) == []
    assert from_kept > 60, happened
    assert {"sale", "mixed_sale", "refund", "swept"} <= set(happened)


def a_shop() -> Order:
    """Sell something on two days, and return the order whose bread may be called off."""
    stocked(sku="PAO", units=500, price="0.80")
    sell(cash("8.00"), goods=goods(PAO=10), now=MONDAY)
    sell(of("card", "1.60"), goods=goods(PAO=2), now=MONDAY + A_DAY)
    return ordered(units={"PAO": 5}, now=MONDAY)


def sold(now: datetime = LATER) -> str:
    [reading] = read(stretches=[Days(FIRST, now.date())], policy=shop.policy(), now=now)
    return f"{reading.sales.total.worth:.2f}"


@pytest.mark.django_db
def test_a_past_day_is_read_from_its_sums_and_today_from_its_rows() -> None:
    a_shop()
    assert keep(MONDAY) == 1  # the day before the first order; today is not over
    assert keep(LATER) == 3
    KeptSum.objects.filter(what="sales").update(amount=Decimal("100.00"))
    sell(cash("0.80"), goods=goods(PAO=1), now=LATER - timedelta(hours=1))
    assert sold() == "300.80"  # twice on Monday, by channel, and once on Tuesday
    assert keep(LATER) == 0


@pytest.mark.django_db
def test_a_day_that_was_marked_is_read_from_its_rows_until_it_is_summed_again() -> None:
    order = a_shop()
    keep(LATER)
    assert (sold(), kept(LATER)) == ("13.60", 9)
    cancel(order=order, now=LATER)
    assert [mark.day for mark in DayMark.objects.all()] == [FIRST]
    assert (sold(), kept(LATER)) == ("9.60", 7)
    assert keep(LATER) == 1
    assert (sold(), kept(LATER), DayMark.objects.count()) == ("9.60", 9, 0)


@pytest.mark.django_db
def test_in_another_zone_no_day_is_as_it_was_kept() -> None:
    a_shop()
    keep(LATER)
    ShopSettings.objects.update(timezone="Asia/Tokyo")
    assert kept(LATER) == 0
    assert from_sums(LATER) == from_rows(LATER)
    assert keep(LATER) == 4
    assert kept(LATER) > 0
    assert from_sums(LATER) == from_rows(LATER)


@pytest.mark.django_db
def test_a_day_that_changes_while_a_report_is_read_is_read_once_more() -> None:
    order = a_shop()
    keep(LATER)
    spans = spans_of(stretches=[Days(FIRST, LATER.date())], timezone=shop.policy().timezone, now=LATER)
    [span] = with_kept(spans=spans)
    cancel(order=order, now=LATER)
    with statements() as ran:
        [found] = day_sums(spans=[span])
    [expected] = day_sums(spans=spans)
    assert len(ran) == 3
    assert (set(found), len(found)) == (set(expected), len(expected))
    assert goods_of(span=span, limit=5) == goods_of(span=spans[0], limit=5)


@pytest.mark.django_db
def test_what_changes_behind_the_triggers_is_found() -> None:
    order = a_shop()
    keep(LATER)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE orders_order SET cancelled = 1.00 WHERE id = %s", [order.pk])
        cursor.execute("SET session_replication_role = origin")
    assert sold() == "13.60"  # what nobody marked is believed
    assert {(row["day"], row["what"], row["by"]) for row in wrong_sums()} == {
        (FIRST, "sales", "kept"), (FIRST, "sales", "rows"),
    }  # fmt: skip


@contextmanager
def somebody_else() -> Iterator[BaseDatabaseWrapper]:
    """Give another connection to the same database, in a transaction."""
    other = connection.copy()
    other.set_autocommit(False)
    try:
        yield other
    finally:
        other.rollback()
        other.close()


def call_off(other: BaseDatabaseWrapper, order: Order) -> None:
    with other.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET cancelled = 1.00 WHERE id = %s", [order.pk])


@pytest.mark.django_db(transaction=True)
def test_who_may_not_have_seen_a_day_announced_is_waited_for() -> None:
    order = a_shop()
    with somebody_else() as other:
        call_off(other, order)  # no day is there to be marked
        assert keep(LATER) == 0
        assert KeptDay.objects.filter(kept_at__isnull=True).count() == 4
        assert sold() == "13.60"
        other.commit()
    assert sold() == "12.60"
    assert (keep(LATER), sold(), kept(LATER)) == (4, "12.60", 9)


@pytest.mark.django_db(transaction=True)
def test_a_mark_that_a_sum_has_not_seen_outlives_it() -> None:
    order = a_shop()
    keep(LATER)
    with somebody_else() as other:
        call_off(other, order)
        cancel(order=ordered(units={"PAO": 1}, now=MONDAY), now=LATER)  # another mark of the same day
        assert (keep(LATER), sold()) == (1, "13.60")
        other.commit()
    assert (sold(), kept(LATER)) == ("12.60", 7)
    assert (keep(LATER), sold(), kept(LATER)) == (1, "12.60", 9)
