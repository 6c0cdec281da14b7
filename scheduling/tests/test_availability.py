"""Reading free times: constant statements, reasons, and what is offered is bookable."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import pairwise
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils.translation import override

from common.testing import statements
from scheduling import selectors, wording
from scheduling.errors import SlotTaken, SlotUnavailable
from scheduling.models import AvailabilityRule, DateOverride, TimeOff
from scheduling.slots import REASONS, moment_of
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY, at
from shop import services as shop
from shop.models import Holiday

pytestmark = pytest.mark.django_db

TUESDAY = date(2026, 3, 3)


def starts(*skus: str, first: date = TUESDAY, last: date = TUESDAY, **options: object) -> list[str]:
    policy = shop.policy()
    visit = selectors.visit_of(skus=skus or ("CORTE",), policy=policy)
    found = selectors.free_starts(
        visit=visit,
        policy=policy,
        first=first,
        last=last,
        **{"now": MONDAY, **options},  # type: ignore[arg-type]
    )
    zone = ZoneInfo(policy.timezone)
    return [f"{moment_of(one.start).astimezone(zone):%d %H:%M}" for one in found]


def test_a_day_of_quarter_hours() -> None:
    make.salon()
    found = starts()
    assert (found[0], found[1], found[-1], len(found)) == ("03 09:00", "03 09:15", "03 17:30", 35)


@pytest.mark.fault("T7")
def test_a_service_may_have_a_grid_of_its_own() -> None:
    make.salon(granularity_minutes=60)
    assert starts() == [f"03 {hour:02d}:00" for hour in range(9, 18)]


@pytest.mark.fault("T14")
def test_a_long_service_leaves_no_start_inside_it() -> None:
    make.salon(minutes=180)
    make.book(at(9, 30))
    assert starts() == [f"03 {12 + (30 + 15 * n) // 60:02d}:{(30 + 15 * n) % 60:02d}" for n in range(11)]


@pytest.mark.fault("T18")
def test_weekdays_are_the_shops_not_the_servers() -> None:
    salon = make.salon()
    AvailabilityRule.objects.all().delete()
    AvailabilityRule.objects.create(professional=salon.people["Ana"], weekday=1, opens=21 * 60, closes=23 * 60)
    assert {start[:2] for start in starts(first=date(2026, 3, 2), last=date(2026, 3, 8))} == {"03"}


def test_holidays_overrides_and_absences_are_subtracted() -> None:
    shop.open_settings()  # holidays are a shop's; a migration opens it, and tests before may have emptied it
    salon = make.salon()
    ana = salon.people["Ana"]
    Holiday.objects.create(date=date(2026, 3, 4), name="Feriado")
    Holiday.objects.create(date=date(2026, 3, 5), name="Outro feriado")
    DateOverride.objects.create(professional=ana, date=date(2026, 3, 5), opens=600, closes=660)
    TimeOff.objects.create(professional=ana, starts_at=at(0, day=4), ends_at=at(17, 30, day=4))
    assert starts(first=date(2026, 3, 4), last=date(2026, 3, 6)) == ["05 10:00", "05 10:15", "05 10:30", "06 17:30"]


def test_what_ran_out_counts_for_nothing_though_nobody_swept() -> None:
    make.salon()
    make.held(at(9))
    assert starts()[0] == "03 09:30"
    assert starts(now=MONDAY + timedelta(minutes=10))[0] == "03 09:00"


@pytest.mark.fault("T16")
def test_buffers_show_in_what_is_offered_once_each() -> None:
    make.salon(buffer_before_minutes=10, buffer_after_minutes=5)
    make.book(at(10))
    found = starts()
    assert [start for start in ("03 09:15", "03 09:30", "03 10:30", "03 10:45") if start in found] == [
        "03 09:15",
        "03 10:45",
    ]


def test_statements_do_not_grow_with_days_people_or_appointments() -> None:
    salon = make.salon(names=("Ana", "Bia"), rooms=("Sala 1", "Sala 2"))
    make.set_policy(max_bookings_per_day=100)
    counts = []
    for day in (1, 2, 3):
        make.book(at(9, day=day), who=salon.id("Ana"))
        make.book(at(9, day=day), who=salon.id("Bia"))
        with statements() as sql:
            policy = shop.policy()
            visit = selectors.visit_of(skus=["CORTE"], policy=policy)
            selectors.free_starts(
                visit=visit,
                policy=policy,
                first=TUESDAY,
                last=TUESDAY + timedelta(days=10 * day),
                professional=None,
                desk=False,
                now=MONDAY,
            )
        counts.append(len(sql))
    assert counts == [4, 4, 4]


@pytest.mark.fault("T17")
def test_what_is_offered_is_bookable_and_what_is_refused_is_not() -> None:
    salon = make.salon(rooms=("Sala 1",))
    make.set_policy(max_bookings_per_day=100)
    make.book(at(10))
    make.held(at(15))
    policy = shop.policy()
    visit = selectors.visit_of(skus=["CORTE"], policy=policy)
    window: dict[str, Any] = {"visit": visit, "policy": policy, "first": TUESDAY, "last": TUESDAY, "now": MONDAY}
    free = [moment_of(one.start) for one in selectors.free_starts(**window)]
    refused = {
        moment_of(one.start): one.reasons for one in selectors.refused_starts(**window, professional=salon.id("Ana"))
    }
    assert len(free) + len(refused) == 96
    assert refused[at(10)] == ("booked",)
    assert refused[at(15)] == ("held",)
    for moment in list(refused)[::7]:
        with pytest.raises((SlotTaken, SlotUnavailable)):
            make.book(moment)
    for moment in free[::2]:
        assert make.book(moment).appointment.pk


@pytest.mark.fault("T17")
@pytest.mark.parametrize(
    ("now", "first"),
    [
        (at(8, day=0), at(10, day=0)),
        (at(8, day=0) + timedelta(microseconds=1), at(10, 15, day=0)),
        (at(8, day=0) - timedelta(microseconds=1), at(10, day=0)),
    ],
)
def test_notice_is_kept_to_the_instant_offered_and_booked_alike(now: datetime, first: datetime) -> None:
    make.salon()
    policy = shop.policy()
    visit = selectors.visit_of(skus=["CORTE"], policy=policy)
    today = MONDAY.date()
    free = selectors.free_starts(visit=visit, policy=policy, first=today, last=today, now=now)
    assert moment_of(free[0].start) == first
    with pytest.raises(SlotUnavailable) as refusal:
        make.book(first - timedelta(minutes=15), now=now)
    assert refusal.value.data == {"reasons": ["lead_time"]}
    assert make.book(first, now=now).appointment.pk


@pytest.mark.fault("T17")
def test_the_last_day_of_the_horizon_is_offered_and_booked_whole_and_the_next_is_not() -> None:
    make.salon(horizon_days=7)
    policy = shop.policy()
    visit = selectors.visit_of(skus=["CORTE"], policy=policy)
    first, last = MONDAY.date(), MONDAY.date() + timedelta(days=14)
    offered = selectors.free_starts(visit=visit, policy=policy, first=first, last=last, now=MONDAY)
    free = [moment_of(one.start) for one in offered]
    assert free[-1] == at(17, 30, day=7)
    assert make.book(free[-1]).appointment.pk
    with pytest.raises(SlotUnavailable) as refusal:
        make.book(at(9, day=8))
    assert refusal.value.data == {"reasons": ["horizon"]}


@pytest.mark.fault("B11")
@pytest.mark.fault("B12")
@pytest.mark.fault("B13")
@pytest.mark.parametrize(
    ("zone", "day", "starts", "change"),
    [
        ("America/New_York", date(2026, 3, 8), 92, "2026-03-08T03:00:00-04:00"),
        ("America/New_York", date(2026, 11, 1), 100, "2026-11-01T01:00:00-05:00"),
        ("Australia/Lord_Howe", date(2026, 4, 5), 98, "2026-04-05T01:30:00+10:30"),
        ("Australia/Lord_Howe", date(2026, 10, 4), 94, "2026-10-04T02:30:00+11:00"),
        ("America/Santiago", date(2026, 9, 6), 92, "2026-09-06T01:00:00-03:00"),
        ("America/Sao_Paulo", date(2028, 2, 29), 96, "2028-02-29T00:00:00-03:00"),
    ],
)
def test_odd_days_are_offered_whole_and_every_start_is_bookable(zone: str, day: date, starts: int, change: str) -> None:
    salon = make.salon(horizon_days=730, lead_time_minutes=0, minutes=15)
    AvailabilityRule.objects.update(opens=0, closes=1440)
    make.set_policy(timezone=zone, max_bookings_per_day=100)
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2)
    policy = shop.policy()
    visit = selectors.visit_of(skus=["CORTE"], policy=policy)
    window: dict[str, Any] = {"visit": visit, "policy": policy, "first": day, "last": day, "now": now}
    free = [moment_of(one.start) for one in selectors.free_starts(**window)]
    assert (len(free), len(set(free)), selectors.refused_starts(**window, professional=salon.id("Ana"))) == (
        starts,
        starts,
        [],
    )
    assert {later - earlier for earlier, later in pairwise(free)} == {timedelta(minutes=15)}
    turn = free.index(datetime.fromisoformat(change))
    for moment in free[max(turn - 6, 0) : turn + 6]:
        assert make.book(moment, now=now).appointment.pk
    assert len(selectors.free_starts(**window)) == starts - len(free[max(turn - 6, 0) : turn + 6])


@pytest.mark.fault("B14")
def test_an_override_that_crosses_midnight_opens_the_next_morning_too() -> None:
    salon = make.salon()
    AvailabilityRule.objects.all().delete()
    DateOverride.objects.create(
        professional=salon.people["Ana"], date=TUESDAY - timedelta(days=1), opens=23 * 60, closes=25 * 60
    )
    policy = shop.policy()
    visit = selectors.visit_of(skus=["CORTE"], policy=policy)
    free = selectors.free_starts(visit=visit, policy=policy, first=TUESDAY, last=TUESDAY, now=MONDAY)
    assert [moment_of(one.start) for one in free] == [at(0, minute) for minute in (0, 15, 30)]
    assert make.book(at(0, 30)).appointment.pk


def test_an_absence_counts_to_its_last_fraction_of_a_second() -> None:
    salon = make.salon()
    TimeOff.objects.create(
        professional=salon.people["Ana"], starts_at=at(12), ends_at=at(13) + timedelta(microseconds=1)
    )
    with pytest.raises(SlotUnavailable):
        make.book(at(13))
    assert make.book(at(13, 15)).appointment.pk


def test_no_visit_is_longer_than_a_day_and_nobody_can_force_one() -> None:
    services = [make.service(sku=f"DIARIA-{number}", minutes=720) for number in range(3)]
    person = make.professional(performs=services, days=())
    AvailabilityRule.objects.bulk_create(
        [AvailabilityRule(professional=person, weekday=day, opens=0, closes=1440) for day in range(7)]
    )
    policy = shop.policy()

    def starts(*skus: str) -> int:
        visit = selectors.visit_of(skus=skus, policy=policy)
        return len(selectors.free_starts(visit=visit, policy=policy, first=TUESDAY, last=TUESDAY, now=MONDAY))

    assert (starts("DIARIA-0", "DIARIA-1"), starts("DIARIA-0", "DIARIA-1", "DIARIA-2")) == (96, 0)
    for actor, force in ((make.GUEST, ""), (make.STAFF, "Encaixe")):
        with pytest.raises(SlotUnavailable) as refusal:
            make.book(at(0), "DIARIA-0", "DIARIA-1", "DIARIA-2", actor=actor, force=force)
        assert refusal.value.data == {"reasons": ["outside_hours"]}


def test_a_hold_counts_until_the_instant_it_runs_out_and_no_longer() -> None:
    make.salon()
    hold = make.held(at(10))
    assert hold.expires_at is not None
    with pytest.raises(SlotTaken):
        make.book(at(10), now=hold.expires_at - timedelta(microseconds=1))
    assert make.book(at(10), now=hold.expires_at).appointment.pk


def test_the_nearest_times_are_searched_further_and_further_away() -> None:
    salon = make.salon()
    AvailabilityRule.objects.all().delete()
    DateOverride.objects.create(professional=salon.people["Ana"], date=date(2026, 3, 20), opens=600, closes=660)
    policy = shop.policy()
    visit = selectors.visit_of(skus=["CORTE"], policy=policy)
    found = selectors.alternatives(visit=visit, policy=policy, starts_at=at(10), now=MONDAY)
    assert [one.starts_at for one in found] == [at(10, minute, day=18) for minute in (0, 15, 30)]


class TestCommand:
    """why_no_slot."""

    def ask(self, moment: str, *, who: str = "Ana", sku: str = "CORTE") -> str:
        out = StringIO()
        with override_settings(SHOP_NOW=MONDAY):
            call_command("why_no_slot", professional=who, service=[sku], at=moment, stdout=out)
        return out.getvalue()

    def test_it_names_every_reason(self) -> None:
        salon = make.salon()
        make.book(at(10))
        assert self.ask("2026-03-03 10:00").startswith("booked: ")
        assert self.ask("2026-03-03T10:07-03:00", who=str(salon.id("Ana"))).startswith("booked: ")
        assert [line.partition(":")[0] for line in self.ask("2026-03-03 20:05").splitlines()] == [
            "outside_hours",
            "off_grid",
        ]
        assert self.ask("2026-03-03 11:00") == "free\n"

    def test_every_reason_is_said_in_words(self) -> None:
        assert set(wording.REASONS) == {*REASONS, selectors.NOT_PERFORMED}
        with override("pt-br"):
            notice, past = (wording.refused_because("lead_time", desk=desk) for desk in (False, True))
        assert "antecedência" in notice
        assert past == "Esse horário já passou."

    @pytest.mark.parametrize(
        "wrong", [{"who": "Ninguém"}, {"who": str(uuid4())}, {"sku": "NADA"}, {"moment": "amanhã"}]
    )
    def test_it_says_what_it_does_not_understand(self, wrong: dict[str, str]) -> None:
        make.salon()
        with pytest.raises(CommandError):
            self.ask(**{"moment": "2026-03-03 10:00", **wrong})


def test_the_team_reads_the_reasons_and_customers_read_occupied() -> None:
    reasons = list(REASONS)
    assert selectors.shown(reasons=reasons, desk=True) == reasons
    assert selectors.shown(reasons=reasons, desk=False) == [
        "outside_hours",
        "occupied",
        "buffer",
        "lead_time",
        "horizon",
        "room",
        "capacity",
        "off_grid",
    ]
