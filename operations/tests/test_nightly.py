"""Once a night the shop looks at its own records, keeps what it found, and tells the owner when that has changed."""

import threading
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core import mail
from django.db import connection
from django.utils import translation

from common import clock, examinations, outbox
from common.models import Examination
from config.settings import tasks as queues
from operations import services as operations
from operations.integrity import CHECKS
from operations.tasks import examine
from operations.tests.scenarios import MONDAY, World, guards_asleep, open_for_business
from shop import services as shop
from shop.models import ShopSettings

pytestmark = pytest.mark.django_db(transaction=True)

ZONE = "America/Sao_Paulo"
BROKEN = "money.paid_is_the_sum_of_payments"


def at(hour: int, *, day: int = 3, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=ZoneInfo(ZONE))


@pytest.fixture
def world() -> World:
    made = open_for_business()
    ShopSettings.objects.update(email="dona@loja.example")
    while outbox.relay(now=MONDAY):
        pass
    mail.outbox.clear()
    return made


def night(now: datetime, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Let the clock's task run at an instant, and deliver what follows."""
    monkeypatch.setattr(clock, "now", lambda: now)
    looked: bool = examine()
    while outbox.relay(now=now):
        pass
    return looked


def corrupt(world: World, *, by: int) -> None:
    with guards_asleep(), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET paid = paid + %s WHERE id = %s", [by, world.orders["transferred"].pk])


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (at(2, minute=59), date(2026, 3, 2)),
        (at(3), date(2026, 3, 3)),
        (at(23), date(2026, 3, 3)),
        (datetime(2026, 3, 3, 5, 59, tzinfo=ZoneInfo("UTC")), date(2026, 3, 2)),
        (datetime(2026, 3, 3, 6, 0, tzinfo=ZoneInfo("UTC")), date(2026, 3, 3)),
    ],
)
def test_a_night_is_due_at_three_on_the_shops_clock(now: datetime, due: date) -> None:
    assert operations.night_of(now=now, timezone=ZONE) == due


def test_looks_once_a_night(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = [night(now, monkeypatch) for now in (at(2), at(2, minute=15), at(3), at(3, minute=15), at(20), at(4, day=4))]
    assert ran == [True, False, True, False, False, True]
    kept = Examination.objects.order_by("began_at")
    assert [row.night for row in kept] == [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)]
    assert {row.checks for row in kept} == {len(CHECKS)}
    assert mail.outbox == []  # nothing was ever wrong


def test_two_workers_do_not_look_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: at(3))
    meet, looked = threading.Barrier(2), []

    def work() -> None:
        meet.wait()
        looked.append(examine())
        connection.close()

    workers = [threading.Thread(target=work) for _one in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(looked) == [False, True]
    assert Examination.objects.count() == 1


def test_the_owner_is_told_when_the_result_changes_and_not_every_night(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert night(at(3), monkeypatch)
    corrupt(world, by=1)
    assert night(at(3, day=4), monkeypatch)
    assert night(at(3, day=5), monkeypatch)
    [letter] = mail.outbox
    assert letter.to == ["dona@loja.example"]
    assert letter.subject.startswith("Registros da loja: ")
    check = next(one for one in CHECKS if one.name == BROKEN)
    with translation.override("pt-br"):
        assert f"{check.promise}" in letter.body
        assert f"{check.remedy}" in letter.body
    assert "4 de março de 2026 às 03:00" in letter.body
    for private in (world.orders["transferred"].number, "@"):
        assert private not in letter.body  # it names no row, hence nobody
    corrupt(world, by=-1)
    assert night(at(3, day=6), monkeypatch)
    assert night(at(3, day=7), monkeypatch)
    assert len(mail.outbox) == 2
    assert "está certo de novo" in mail.outbox[1].body


def test_a_shop_without_an_address_is_told_at_its_desk_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ShopSettings.objects.update(email="")
    assert shop.policy().email == ""
    corrupt(world, by=1)
    assert night(at(3), monkeypatch)
    assert mail.outbox == []
    assert [one.check for one in examinations.state().broken] != []


def test_what_is_kept_names_no_row(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    corrupt(world, by=1)
    assert night(at(3), monkeypatch)
    [found] = [one for one in Examination.objects.get().broken if one["check"] == BROKEN]
    check = next(one for one in CHECKS if one.name == BROKEN)
    with translation.override("en"):
        assert found == {
            "check": BROKEN, "promise": f"{check.promise}", "remedy": f"{check.remedy}", "rows": 1, "more": False,
            "failure": "",
        }  # fmt: skip


def test_a_night_that_does_not_end_is_tried_three_times(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(**arguments: Any) -> Any:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(operations, "look", slow)
    began = []
    for minutes in range(0, 120, 10):
        monkeypatch.setattr(clock, "now", lambda minutes=minutes: at(3) + timedelta(minutes=minutes))
        try:
            examine()
        except SoftTimeLimitExceeded:
            began.append(minutes)
    assert began == [0, 20, 40]  # as soon as the one before cannot be running any more
    row = Examination.objects.get()
    assert (row.tries, row.ended_at) == (3, None)
    assert examinations.state().at is None


def test_the_look_ends_before_its_task_is_ended() -> None:
    limits = queues.LIMITS["operations.tasks.examine"]
    assert queues.ROUTES["operations.tasks.examine"] == {"queue": "heavy"}
    assert operations.SECONDS < limits["soft_time_limit"] < limits["time_limit"]
    assert limits["time_limit"] < examinations.GIVEN_UP_AFTER.total_seconds()


def test_nights_long_past_are_forgotten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for days in (1, 89, 91):
        moment = at(3) - timedelta(days=days)
        Examination.objects.create(night=moment.date(), began_at=moment, ended_at=moment)
    assert night(at(3), monkeypatch)
    assert Examination.objects.count() == 3
