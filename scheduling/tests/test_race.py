"""Many people after the same time, with real threads, real PostgreSQL and real Redis.

Each race has a negative control: the same race with the courtesy taken away inside the test, where many believe they
won and the constraint lets one.
"""

import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from common import counters, locks, redis
from common.errors import Refusal
from common.testing import race
from common.transactions import locked, run_unit_of_work, unit_of_work
from devstack.servers import ValkeyServer
from scheduling import services as scheduling
from scheduling.models import Appointment, Professional
from scheduling.services import Booker, Candidate, taking
from scheduling.slots import Place
from scheduling.tests import factories as make
from scheduling.tests.changing import swap as swapped
from scheduling.tests.factories import MONDAY, at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

OVERLAPS = """
SELECT one.id, other.id FROM scheduling_appointment one JOIN scheduling_appointment other
    ON one.id < other.id AND one.session <> other.session AND one.blocked && other.blocked
    AND (one.professional_id = other.professional_id OR one.room_id = other.room_id)
WHERE one.state IN ('held', 'requested', 'confirmed', 'completed') AND NOT one.forced
    AND other.state IN ('held', 'requested', 'confirmed', 'completed') AND NOT other.forced
"""
BROKEN_HISTORIES = """
SELECT a.id FROM scheduling_appointment a LEFT JOIN scheduling_appointmentevent e ON e.appointment_id = a.id
GROUP BY a.id HAVING max(e.seq) IS DISTINCT FROM count(e.id)
    OR (array_agg(e.to_state ORDER BY e.seq DESC))[1] IS DISTINCT FROM a.state
"""


def found(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def deadlocks() -> int:
    """How many deadlocks PostgreSQL has counted in this database."""
    found("SELECT pg_stat_clear_snapshot()")
    return int(found("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")[0][0])


@pytest.fixture(autouse=True)
def healthy_afterwards() -> Iterator[None]:
    """After a race nobody shares time and every history is whole."""
    redis.breaker.reset()
    yield
    redis.breaker.reset()
    assert (found(OVERLAPS), found(BROKEN_HISTORIES)) == ([], [])


def outcomes(results: list[Any]) -> Counter[str]:
    """Count the codes of refusals, and `ok` for everything else; an error that is no refusal is re-raised."""
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, Refusal):
            raise result
    return Counter(result.code if isinstance(result, Refusal) else "ok" for result in results)


def losers(counted: Counter[str]) -> int:
    """Everybody refused politely: the time is taken, or it is too busy to say."""
    return counted["slot_taken"] + counted["busy"]


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Takes every courtesy away: no lease, no row locks. Collects everybody who believed the time was theirs.

    They wait for each other once. Who is judged again, after a deadlock between the inserts, has nobody to wait for.
    """
    believed: list[int] = []
    together = threading.Barrier(8)
    judge = taking.judge_again

    @contextmanager
    def no_lease(_keys: Collection[str]) -> Iterator[None]:
        yield

    def believing(**options: Any) -> tuple[Place, bool]:
        judged = judge(**options)
        found("SELECT set_config('deadlock_timeout', '20ms', true)")
        if threading.get_ident() not in believed:
            believed.append(threading.get_ident())
            together.wait(timeout=20)
        return judged

    monkeypatch.setattr(locks, "lease", no_lease)
    monkeypatch.setattr(taking, "lock_time", lambda **_options: {})
    monkeypatch.setattr(taking, "judge_again", believing)
    return believed


@pytest.fixture(autouse=True)
def strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody who books is somebody else: one person's bookings wait for each other."""
    monkeypatch.setattr(make, "booker", lambda **who: Booker(**{"email": f"{uuid4().hex}@example.com", **who}))


class TestSameTime:
    """One time, many customers."""

    @pytest.mark.fault("B1")
    def test_of_24_one_has_it(self) -> None:
        salon = make.salon()
        before = deadlocks()
        counted = outcomes(race(workers=24, work=lambda _number: make.book(at(10), who=salon.id("Ana"))))
        assert (counted["ok"], losers(counted)) == (1, 23)
        assert Appointment.objects.count() == 1
        assert deadlocks() == before

    @pytest.mark.fault("B1")
    def test_without_the_courtesy_the_constraint_lets_one(self, careless: list[int]) -> None:
        salon = make.salon()
        counted = outcomes(race(workers=8, work=lambda _number: make.book(at(10), who=salon.id("Ana"))))
        assert (len(careless), counted["ok"], losers(counted)) == (8, 1, 7)
        assert Appointment.objects.count() == 1

    @pytest.mark.fault("T22")
    def test_carts_and_the_desk_are_after_the_same_time(self) -> None:
        salon = make.salon()

        def want(number: int) -> Any:
            if number % 2:
                return make.held(at(10), who=salon.id("Ana"))
            return make.book(at(10), who=salon.id("Ana"), actor=make.STAFF)

        counted = outcomes(race(workers=12, work=want))
        assert (counted["ok"], losers(counted)) == (1, 11)

    def test_without_saying_who_everybody_free_is_booked_once(self) -> None:
        make.salon(names=("Ana", "Bia", "Caio"))
        counted = outcomes(race(workers=9, work=lambda _number: make.book(at(10))))
        assert (counted["ok"], losers(counted)) == (3, 6)
        assert Appointment.objects.values("professional").distinct().count() == 3

    @pytest.mark.fault("A10")
    def test_one_key_books_once(self) -> None:
        salon = make.salon()
        answers = race(workers=8, work=lambda _number: make.book_once(at(10), who=salon.id("Ana"), once=make.once()))
        bodies = [answer.body for answer in answers if not isinstance(answer, Refusal)]
        assert len(set(bodies)) == 1
        replayed = Counter(answer.code if isinstance(answer, Refusal) else answer.replayed for answer in answers)
        assert replayed == {True: 7, False: 1}


@pytest.mark.fault("B2")
def test_different_lengths_and_starts_never_overlap() -> None:
    services = [make.service(sku=f"S{minutes}", minutes=minutes) for minutes in (15, 30, 60, 90)]
    make.professional(performs=services)
    wanted = [(at(10, 15 * (number % 6)), f"S{(15, 30, 60, 90)[number % 4]}") for number in range(24)]
    before = deadlocks()
    counted = outcomes(race(workers=24, work=lambda number: make.book(wanted[number][0], wanted[number][1])))
    assert counted["ok"] + losers(counted) == 24
    assert Appointment.objects.count() == counted["ok"] >= 1
    assert deadlocks() == before


@pytest.mark.fault("T25")
def test_two_professionals_never_wait_on_each_other() -> None:
    salon = make.salon(names=("Ana", "Bia"))
    ana = salon.people["Ana"]
    with locks.lease([f"professional:{ana.pk}"]), unit_of_work():
        list(locked(Professional.objects.filter(pk=ana.pk)))
        counted = outcomes(race(workers=1, work=lambda _number: make.book(at(10), who=salon.id("Bia"))))
        assert counted == {"ok": 1}, "whoever waits for Ana is told that it is busy"


@pytest.mark.fault("T2")
def test_a_lease_that_cannot_be_had_is_busy_and_writes_nothing() -> None:
    salon = make.salon()
    with locks.lease([f"professional:{salon.people['Ana'].pk}"], seconds=30):
        counted = outcomes(race(workers=1, work=lambda _number: make.book(at(10), who=salon.id("Ana"))))
    assert counted == {"busy": 1}
    assert Appointment.objects.count() == 0
    assert make.book(at(10), who=salon.id("Ana")).appointment.pk


@pytest.mark.fault("T1")
def test_the_lease_outlives_the_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    salon = make.salon()
    key = f"{locks.PREFIX}professional:{salon.people['Ana'].pk}"
    committed: list[bool] = []
    give_back = locks._give_back

    def watched(*, names: list[str], token: str) -> None:
        rows = race(workers=1, work=lambda _number: Appointment.objects.count())
        committed.append(rows == [1] and redis.client().get(key) is not None)
        give_back(names=names, token=token)

    monkeypatch.setattr(locks, "_give_back", watched)
    make.book(at(10), who=salon.id("Ana"))
    assert committed == [True]
    assert redis.client().get(key) is None


class TestMoves:
    """Visits on their way."""

    @pytest.mark.fault("B8")
    def test_a_move_and_a_booking_after_the_same_time(self) -> None:
        salon = make.salon()
        visits = [make.booked(at(8 + number, day=7), who=salon.id("Ana")) for number in range(1, 5)]

        def want(number: int) -> Any:
            if number < len(visits):
                return scheduling.reschedule(
                    public_id=visits[number].public_id, starts_at=at(15, day=7), actor=make.GUEST, now=MONDAY
                )
            return make.book(at(15, day=7), who=salon.id("Ana"))

        counted = outcomes(race(workers=12, work=want))
        assert (counted["ok"], losers(counted)) == (1, 11)
        assert Appointment.objects.filter(starts_at=at(15, day=7)).count() == 1

    @pytest.mark.fault("B3")
    def test_swaps_in_both_directions_never_deadlock(self) -> None:
        salon = make.salon(names=("Ana", "Bia"))
        one, other = (make.booked(at(10, day=7), who=salon.id(name)) for name in ("Ana", "Bia"))
        before = deadlocks()

        def swap(number: int) -> Any:
            first, second = (one, other) if number % 2 else (other, one)
            return swapped(first, second)

        counted = outcomes(race(workers=6, work=swap))
        assert counted["ok"] >= 1
        assert set(counted) <= {"ok", "busy", "slot_taken"}
        assert set(Appointment.objects.values_list("professional", flat=True)) == {
            person.pk for person in salon.people.values()
        }
        assert deadlocks() == before

    @pytest.mark.fault("C21")
    def test_a_hold_that_runs_out_while_it_is_confirmed_has_one_owner(self) -> None:
        salon = make.salon()
        for day in range(1, 6):
            visit = make.held(at(10, day=day), who=salon.id("Ana"))
            claim, ends = make.claim_of(visit), MONDAY + timedelta(minutes=10)

            def want(number: int, day: int = day, claim: UUID = claim, ends: datetime = ends) -> Any:
                if number:
                    return make.book(at(10, day=day), who=salon.id("Ana"), now=ends)
                return make.allocate(claim, now=ends - timedelta(microseconds=1))

            confirmed, booked = race(workers=2, work=want)
            visit.refresh_from_db()
            won = not isinstance(confirmed, Refusal) and confirmed == []
            assert won == (visit.state == "confirmed")
            assert won == isinstance(booked, Refusal)
            live = Appointment.objects.filter(starts_at=visit.starts_at, state__in=["held", "confirmed"])
            assert live.count() == 1


class TestSharedThings:
    """Places and rooms."""

    @pytest.mark.fault("T11")
    @pytest.mark.fault("T26")
    def test_the_places_of_a_session_are_given_once_each(self) -> None:
        make.salon(capacity=3)
        counted = outcomes(race(workers=12, work=lambda _number: make.book(at(10))))
        assert (counted["ok"], losers(counted)) == (3, 9)
        assert sorted(Appointment.objects.values_list("lane", flat=True)) == [1, 2, 3]
        assert Appointment.objects.values("session").distinct().count() == 1

    def test_without_the_courtesy_the_constraint_gives_each_place_once(self, careless: list[int]) -> None:
        make.salon(capacity=3)
        counted = outcomes(race(workers=8, work=lambda _number: make.book(at(10))))
        assert (len(careless), counted["ok"] + losers(counted)) == (8, 8)
        assert counted["ok"] in (1, 2, 3), "one, and whoever was judged again after a deadlock"
        lanes = list(Appointment.objects.order_by("lane").values_list("lane", flat=True))
        assert lanes == list(range(1, counted["ok"] + 1))

    @pytest.mark.fault("T15")
    def test_a_room_wanted_by_two_professionals_serves_one(self) -> None:
        salon = make.salon(names=("Ana", "Bia"), rooms=("Sala 1",))
        names = ("Ana", "Bia")
        counted = outcomes(race(workers=8, work=lambda number: make.book(at(10), who=salon.id(names[number % 2]))))
        assert (counted["ok"], losers(counted)) == (1, 7)

    def test_without_the_courtesy_the_constraint_gives_the_room_once(self, careless: list[int]) -> None:
        names = [f"P{number}" for number in range(8)]
        salon = make.salon(names=names, rooms=("Sala 1",))
        counted = outcomes(race(workers=8, work=lambda number: make.book(at(10), who=salon.id(names[number]))))
        assert (len(careless), counted["ok"], losers(counted)) == (8, 1, 7)


class TestRedis:
    """Redis may vanish at any moment; the agenda gets slower and stricter, never wrong."""

    @pytest.mark.fault("B4")
    @pytest.mark.fault("T3")
    def test_who_wakes_up_after_the_lease_ran_out_is_refused(self) -> None:
        salon = make.salon()
        asleep, booked = threading.Event(), threading.Event()
        lost = counters.read("lock_lost")

        def sleeper() -> Any:
            def attempt(candidate: Candidate) -> Any:
                with locks.lease(scheduling.lease_of(candidate)):
                    asleep.set()
                    booked.wait(timeout=30)
                    return run_unit_of_work(
                        lambda: taking.take(
                            candidate=candidate,
                            booker=Booker(),
                            state="confirmed",
                            expires_at=None,
                            claim=None,
                            actor=make.GUEST,
                            now=MONDAY,
                        )
                    )

            return scheduling.with_professional(
                wish=make.wish(at(10), who=salon.id("Ana")), actor=make.GUEST, now=MONDAY, attempt=attempt
            )

        def awake() -> Any:
            asleep.wait(timeout=30)
            redis.client().delete(f"{locks.PREFIX}professional:{salon.people['Ana'].pk}")
            try:
                return make.book(at(10), who=salon.id("Ana"))
            finally:
                booked.set()

        results = race(workers=2, work=lambda number: awake() if number else sleeper())
        assert [getattr(result, "code", "ok") for result in results] == ["slot_taken", "ok"]
        assert counters.read("lock_lost") == lost + 1

    @pytest.mark.fault("B6")
    def test_a_redis_that_hangs_costs_a_quarter_of_a_second_once(
        self, settings: Any, redis_server: ValkeyServer
    ) -> None:
        salon = make.salon()
        make.book(at(9), who=salon.id("Ana"))
        settings.REDIS_URL = redis_server.url
        degraded = counters.read("lock_degraded")
        redis_server.pause()
        begun = time.monotonic()
        assert make.book(at(10), who=salon.id("Ana")).appointment.pk
        assert time.monotonic() - begun < 0.25 + 2
        assert counters.read("lock_degraded") == degraded + 1
        counted = outcomes(race(workers=8, work=lambda _number: make.book(at(11), who=salon.id("Ana"))))
        assert (counted["ok"], losers(counted)) == (1, 7)
        redis_server.resume()

    @pytest.mark.fault("B5")
    def test_a_redis_killed_during_a_storm_doubles_nothing(self, settings: Any, redis_server: ValkeyServer) -> None:
        salon = make.salon()
        settings.REDIS_URL = redis_server.url

        def want(number: int) -> Any:
            if number == 0:
                redis_server.kill()
                return None
            return make.book(at(10), who=salon.id("Ana"))

        counted = outcomes(race(workers=16, work=want))
        assert (counted["ok"], losers(counted)) == (2, 14)
        assert Appointment.objects.count() == 1

    @pytest.mark.fault("B7")
    def test_a_redis_emptied_again_and_again_doubles_nothing(self) -> None:
        salon = make.salon()
        over = threading.Event()

        def want(number: int) -> Any:
            if number == 0:
                while not over.wait(timeout=0.005):
                    redis.client().flushall()
                return None
            try:
                return make.book(at(10), who=salon.id("Ana"))
            finally:
                if number == 1:
                    over.set()

        counted = outcomes(race(workers=16, work=want))
        assert (counted["ok"], losers(counted)) == (2, 14)
        assert Appointment.objects.count() == 1
