"""Many people at one counter, over real processes: the web server with two workers, and competitors who book by themselves.

The same rules as in the races of threads, where nothing but PostgreSQL and Redis is shared any more: no interpreter, no
breaker, no pool. Each race of competitors has its negative control: the courtesy is taken away in the processes, and the
constraint lets one.
"""

import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from cart.models import Cart
from common import locks, redis
from devstack import ports, processes, shop, state, throwaway
from inventory.models import StockItem, StockReservation
from inventory.tests.factories import stocked
from operations.integrity import findings
from operations.tests import competitors
from operations.tests.competitors import Plan, Stand
from operations.tests.crowds import (
    PATIENCE_SECONDS,
    Web,
    Wish,
    ask_once,
    crowd,
    everybody,
    leave,
    one_has_it,
    purchase,
    visits,
)
from orders.models import Order
from orders.tests.factories import cart_with
from scheduling.models import Appointment
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY, at

GUARDS = {"appointment_professional_time", "appointment_lane_time"}
"""What a second visit of one professional breaks; PostgreSQL chooses which of them speaks first."""

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture(autouse=True)
def healthy_afterwards() -> Iterator[None]:
    """After a race the shop's own integrity check finds nothing."""
    yield
    assert findings(now=MONDAY + timedelta(minutes=5)) == []


@pytest.fixture(scope="module")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The web server, for all tests of this module."""
    place = shop.Place(ports.LOOPBACK, ports.free_port())
    valkey = throwaway.valkey()
    try:
        valkey.start()
        var = tmp_path_factory.mktemp("web")
        variables = competitors.environment(redis_url=valkey.url, place=place, var=var)
        service = shop.services(environment=variables, place=place, var=var)[0]
        process = processes.spawn(
            service.command, environment=variables, directory=state.ROOT, output=subprocess.DEVNULL
        )
        try:
            assert processes.wait_until(lambda: shop.is_ready(place), seconds=PATIENCE_SECONDS)
            workers = [
                pid for pid in processes.family(process.pid)[1:] if "config.serve" in processes.command_line(pid)
            ]
            assert len(workers) == shop.WEB_PROCESSES == 2
            found = Web(place, (workers[0], workers[1]), valkey)
            found.gets_ready()
            yield found
        finally:
            processes.end(process, politely=service.stop_signal, seconds=20)
    finally:
        valkey.destroy()


@pytest.fixture
def web(transactional_db: None, server: Web) -> Web:
    """The web server, whole again if the test before has killed its Valkey."""
    if not server.valkey.is_running():
        server.valkey.start()
        server.gets_ready()
    return server


def booked() -> list[tuple[UUID, datetime, str]]:
    """Return every visit of the agenda."""
    return list(Appointment.objects.order_by("starts_at").values_list("public_id", "starts_at", "state"))


class TestWebProcesses:
    """Two workers of the web server, with a pool, a breaker and an interpreter of their own."""

    @pytest.mark.fault("B1")
    def test_of_200_clients_after_one_time_one_has_it(self, web: Web) -> None:
        salon = make.salon()
        answers = everybody(web.place, visits(at(10), who=salon.id("Ana"), people=200))
        won = one_has_it(answers, refusal="409 slot_taken")
        assert booked() == [(UUID(won.body["id"]), at(10), "confirmed")]
        assert {len(answer.body["alternatives"]) for answer in answers if answer.status == 409} == {3}

    @pytest.mark.fault("A1")
    def test_of_64_carts_that_keep_nothing_one_orders_the_last_unit(self, web: Web) -> None:
        make.set_policy(cart_hold_minutes=0)
        stocked(sku="LAST", units=1)
        carts = [cart_with(units={"LAST": 1}) for _buyer in range(64)]
        won = one_has_it(
            everybody(web.place, [purchase(str(cart.public_id), str(cart.prices.total)) for cart in carts]),
            refusal="409 out_of_stock",
        )
        assert list(Order.objects.values_list("number", "status")) == [(won.body["number"], "confirmed")]
        assert shelf() == [(1, 1, 1)]

    @pytest.mark.fault("A1")
    def test_of_64_buyers_one_has_the_last_unit_in_the_cart_and_orders_it(self, web: Web) -> None:
        stocked(sku="LAST", units=1)
        cart = Wish("/api/v1/carts/", {"lines": [{"sku": "LAST", "quantity": 1}]})
        won = one_has_it(everybody(web.place, [cart] * 64), refusal="409 out_of_stock")
        assert Cart.objects.count() == 1
        [ordered] = everybody(web.place, [purchase(won.body["id"], won.body["total"])])
        assert (ordered.told, Order.objects.get().number) == ("201", ordered.body["number"])
        assert shelf() == [(1, 1, 1)]

    @pytest.mark.fault("B5")
    def test_redis_killed_among_200_clients_doubles_nothing(self, web: Web) -> None:
        """Half of them are after ten o'clock when Redis dies, the other half come for eleven just before it does."""
        salon = make.salon()
        early, late = (visits(at(hour), who=salon.id("Ana"), people=100) for hour in (10, 11))
        with crowd(web.place, early) as at_ten, crowd(web.place, late) as at_eleven:
            at_ten.let_loose()
            assert at_ten.has_heard(20)
            at_eleven.let_loose()
            web.valkey.kill()
            heard = len(at_ten.answers), len(at_eleven.answers)
        assert heard < (100, 100)
        winners = [one_has_it(people.answers, refusal="409 slot_taken") for people in (at_ten, at_eleven)]
        assert booked() == [
            (UUID(won.body["id"]), at(hour), "confirmed") for won, hour in zip(winners, (10, 11), strict=True)
        ]


@pytest.mark.fault("A18")
def test_who_leaves_in_the_middle_finds_all_of_it_or_nothing(web: Web) -> None:
    """Who closes after the request has done it, who breaks off within it has not; the same key tells which."""
    stocked(sku="BOLO", units=9, price="20.00")
    for after, told in ((1.0, (201, "true")), (0.5, (201, None))):
        cart = cart_with(units={"BOLO": 1})
        wish, key = purchase(str(cart.public_id), str(cart.prices.total)), str(uuid4())
        leave(web.place, wish, key=key, after=after)
        assert processes.wait_until(lambda: Order.objects.count() == 1, seconds=PATIENCE_SECONDS)
        assert ask_once(web.place, wish, key=key) == told
    assert Order.objects.count() == 2
    assert shelf() == [(9, 2, 2)]


def shelf() -> list[tuple[int, int, int]]:
    """Return what is on hand, what of it is reserved, and how many units the reservations add up to."""
    kept = sum(StockReservation.objects.values_list("quantity", flat=True))
    return [(*item, kept) for item in StockItem.objects.values_list("on_hand", "reserved")]


@pytest.fixture(scope="module")
def stand(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """The process that competitors are forked from; they share Redis with the test."""
    place, var = shop.Place(ports.LOOPBACK, ports.free_port()), tmp_path_factory.mktemp("competitors")
    with competitors.stand(
        environment=competitors.environment(redis_url=settings.REDIS_URL, place=place, var=var)
    ) as opened:
        yield opened


TEN = at(10).isoformat()


@dataclass(frozen=True)
class Overslept:
    """What became of somebody who was stopped past the end of the lease, and of whoever came meanwhile."""

    sleeper: dict[str, Any]
    other: dict[str, Any]


def overslept(stand: Stand, *, pause: Literal["leased", "judged"], locks_rows: bool) -> Overslept:
    """Stop a process that believes the time is its own until its lease has run out and another has tried."""
    salon = make.salon()
    key = f"{locks.PREFIX}professional:{salon.people['Ana'].pk}"
    sleeper_plan = Plan(TEN, pause=pause, lease_seconds=1, locks_rows=locks_rows)
    other_plan = Plan(TEN, professional=str(salon.id("Ana")), lock_milliseconds=500)
    with stand.competitors(sleeper_plan, other_plan) as (sleeper, other):
        sleeper.go()
        assert sleeper.pauses() == {"paused": pause}
        sleeper.stop()
        sleeper.go()
        assert processes.wait_until(lambda: not redis.client().exists(key), seconds=PATIENCE_SECONDS)
        other.go()
        others = other.outcome()
        assert sleeper.is_silent()
        sleeper.wake()
        return Overslept(sleeper=sleeper.outcome(), other=others)


def outcome(code: str, *constraints: str, leases_lost: int = 0) -> dict[str, Any]:
    """What a competitor tells of itself who was never asked to repeat anything."""
    return {"code": code, "constraints": list(constraints), "leases_lost": leases_lost, "repeated": 0}


class TestStoppedHolder:
    """A process with the lease is stopped and sleeps past the lease's end."""

    @pytest.mark.fault("B4")
    @pytest.mark.fault("T3")
    def test_who_is_stopped_before_the_locks_finds_the_time_taken(self, stand: Stand) -> None:
        told = overslept(stand, pause="leased", locks_rows=True)
        assert told.other == outcome("ok")
        assert told.sleeper == outcome("slot_taken", leases_lost=1)
        assert [(start, status) for _id, start, status in booked()] == [(at(10), "confirmed")]

    @pytest.mark.fault("A4")
    def test_who_is_stopped_behind_the_locks_keeps_the_time(self, stand: Stand) -> None:
        told = overslept(stand, pause="judged", locks_rows=True)
        assert told.other == outcome("busy")
        assert told.sleeper == outcome("ok", leases_lost=1)
        assert [(start, status) for _id, start, status in booked()] == [(at(10), "confirmed")]

    @pytest.mark.fault("B4")
    def test_who_locks_nothing_and_is_stopped_is_refused_by_the_constraint(self, stand: Stand) -> None:
        """Negative control: the time was judged free, and neither lease nor row lock keeps the other one away."""
        told = overslept(stand, pause="judged", locks_rows=False)
        assert told.other == outcome("ok")
        [spoke] = told.sleeper["constraints"]
        assert spoke in GUARDS
        assert told.sleeper == outcome("slot_taken", spoke, leases_lost=1)
        assert [(start, status) for _id, start, status in booked()] == [(at(10), "confirmed")]


class TestProcesses:
    """Many processes after one time."""

    @pytest.mark.fault("B1")
    @pytest.mark.fault("B3")
    def test_of_24_processes_one_has_it_and_nobody_deadlocks(self, stand: Stand) -> None:
        salon = make.salon()
        before = competitors.deadlocks()
        with stand.competitors(*[Plan(TEN, professional=str(salon.id("Ana")))] * 24) as people:
            for person in people:
                person.go()
            told = [person.outcome() for person in people]
        counted = Counter(one["code"] for one in told)
        assert (counted["ok"], counted["slot_taken"] + counted["busy"]) == (1, 23)
        assert sorted({(*one["constraints"], one["repeated"]) for one in told}) == [(0,)]
        assert len(booked()) == 1
        assert competitors.deadlocks() == before

    @pytest.mark.fault("B1")
    def test_without_the_courtesy_the_constraint_lets_one_of_8_processes(self, stand: Stand) -> None:
        """Negative control: no lease, no row locks. All judge the time free before anybody writes."""
        salon = make.salon()
        plan = Plan(TEN, professional=str(salon.id("Ana")), pause="judged", takes_lease=False, locks_rows=False)
        with stand.competitors(*[plan] * 8) as people:
            for person in people:
                person.go()
            believed = [person.pauses() for person in people]
            for person in people:
                person.go()
            told = [person.outcome() for person in people]
        counted = Counter(one["code"] for one in told)
        assert (len(believed), counted["ok"], counted["slot_taken"] + counted["busy"]) == (8, 1, 7)
        stopped = [one for one in told if GUARDS.intersection(one["constraints"]) or one["repeated"]]
        assert len(stopped) >= 7, "nothing but the database told them"
        assert len(booked()) == 1
