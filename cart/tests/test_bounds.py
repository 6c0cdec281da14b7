"""How much the carts of one person keep from others, and for how long, however it is spread and however fast it comes."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings
from time_machine import Traveller

from accounts.models import User
from accounts.tests import factories as people
from accounts.tests.doors import a_customer, delete, ok, patch, post, refused
from cart import services as carts
from cart.models import KeptUnits
from cart.pricing import FilledCart
from cart.services import Units, bounds
from cart.tests.factories import a_cart, line_of
from common import sql
from common.actors import Actor
from common.errors import Refusal
from common.testing import race
from inventory.models import StockReservation
from inventory.tests.factories import MONDAY, stocked
from scheduling import selectors
from scheduling.errors import TooManyHolds
from scheduling.models import Appointment
from scheduling.services import bounds as bounds_of_time
from scheduling.tests import factories as make
from scheduling.tests.factories import at
from shop import services as shop

pytestmark = pytest.mark.django_db

HOME, OTHER = "203.0.113.7", "203.0.113.8"
VISITOR = Actor(kind="guest", id="", door="api", address=HOME)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def shelf(time_machine: Traveller, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=9)


def from_home(address: str = HOME) -> dict[str, Any]:
    return {"X_Forwarded_For": address}


def add(cart: dict[str, Any], quantity: int = 1, **how: Any) -> dict[str, Any]:
    return ok(post(f"/carts/{cart['id']}/lines/", {"sku": "BOLO", "quantity": quantity}, **how), 201)


def held(cart: dict[str, Any]) -> bool:
    return line_of(cart, "BOLO")["held_until"] is not None


def removed(cart: dict[str, Any], **how: Any) -> None:
    ok(delete(f"/carts/{cart['id']}/lines/{line_of(cart, 'BOLO')['id']}/", **how))


def kept_for(keep: Callable[[], dict[str, Any]], time_machine: Traveller, minutes: int) -> int:
    """Return in how many of so many minutes a unit was kept, with `keep` called again every five."""
    kept = 0
    until = MONDAY
    for minute in range(0, minutes, 5):
        now = MONDAY + timedelta(minutes=minute)
        time_machine.move_to(now, tick=False)
        told = line_of(keep(), "BOLO")["held_until"]
        until = datetime.fromisoformat(told) if told else now
        kept += int(min(until, now + timedelta(minutes=5)) > now) * 5
    time_machine.move_to(MONDAY + timedelta(minutes=minutes), tick=False)
    return kept


class TestUnitsOverTime:
    """A claim is not renewed past a total, whatever is done to the line and the cart."""

    def test_changing_the_line(self, time_machine: Traveller) -> None:
        cart = a_cart({"BOLO": 9})
        where = f"/carts/{cart['id']}/lines/{line_of(cart, 'BOLO')['id']}/"
        assert kept_for(lambda: ok(patch(where, {"quantity": 9})), time_machine, 120) == 60

    def test_taking_it_out_and_putting_it_back(self, time_machine: Traveller) -> None:
        cart = a_cart()

        def again() -> dict[str, Any]:
            filled = add(cart, 9)
            removed(filled)
            return filled

        assert kept_for(again, time_machine, 120) == 60

    @pytest.mark.fault("L15")
    def test_a_new_cart(self, time_machine: Traveller) -> None:
        assert kept_for(lambda: a_cart({"BOLO": 1}, **from_home()), time_machine, 60) == 60
        assert not held(a_cart({"BOLO": 1}, **from_home()))
        assert held(a_cart({"BOLO": 1}, **from_home(OTHER)))

    def test_a_total_that_the_shop_shortens_meanwhile(self, time_machine: Traveller) -> None:
        assert kept_for(lambda: a_cart({"BOLO": 1}, **from_home()), time_machine, 20) == 20
        shop.set_policy(key="address_hold_total_minutes", value=10, actor=make.STAFF, now=MONDAY)
        assert [held(a_cart({"BOLO": 1}, **from_home())) for _again in range(3)] == [False, False, False]

    def test_a_new_cart_of_somebody_signed_in_wherever_they_are(self, time_machine: Traveller) -> None:
        ana = a_customer()
        places = iter(f"198.51.100.{number}" for number in range(99))
        assert kept_for(lambda: a_cart({"BOLO": 1}, user=ana, **from_home(next(places))), time_machine, 120) == 60

    def test_what_is_not_kept_is_still_in_the_cart_and_can_be_ordered(self, time_machine: Traveller) -> None:
        kept_for(lambda: a_cart({"BOLO": 1}, **from_home()), time_machine, 60)
        cart = a_cart({"BOLO": 2}, **from_home())
        assert (line_of(cart, "BOLO")["held_until"], line_of(cart, "BOLO")["quantity"]) == (None, 2)
        assert ok(post(f"/carts/{cart['id']}/quote/", {}))["total"] == "20.00"
        refused(post("/carts/", {"lines": [{"sku": "BOLO", "quantity": 10}]}, **from_home()), 409, "out_of_stock")

    def test_who_has_rested_keeps_again_and_nothing_is_remembered(self, time_machine: Traveller) -> None:
        kept_for(lambda: a_cart({"BOLO": 1}, **from_home()), time_machine, 60)
        time_machine.move_to(MONDAY + 2 * HOUR - timedelta(minutes=1), tick=False)
        assert not held(a_cart({"BOLO": 1}, **from_home()))
        time_machine.move_to(MONDAY + 2 * HOUR, tick=False)
        assert held(a_cart({"BOLO": 1}, **from_home()))
        carts.expire_carts(now=MONDAY + 30 * HOUR)
        assert not KeptUnits.objects.exists()

    def test_an_owner_lifts_it_for_addresses(self, time_machine: Traveller) -> None:
        make.set_policy(address_hold_total_minutes=0)
        assert kept_for(lambda: a_cart({"BOLO": 1}, **from_home()), time_machine, 120) == 120

    def test_merging_a_cart_into_another_forgets_nothing(self, time_machine: Traveller) -> None:
        make.set_policy(address_hold_total_minutes=0)
        ana = a_customer()
        guests = a_cart()
        where = f"/carts/{guests['id']}/lines/"
        ok(post(where, {"sku": "BOLO", "quantity": 1}), 201)
        own = a_cart(user=ana)
        time_machine.move_to(MONDAY + timedelta(minutes=14), tick=False)
        cart = ok(post(f"/carts/{guests['id']}/claim/", user=ana))
        assert cart["id"] == own["id"]
        assert KeptUnits.objects.filter(keeper=f"cart:{own['id']}", counted_at=MONDAY).exists()


class TestUnitsAtOnce:
    """How many units are kept at one moment."""

    def test_of_one_cart(self) -> None:
        make.set_policy(max_units_held=3)
        cart = a_cart({"BOLO": 2})
        before = StockReservation.objects.values().get()
        assert (
            refused(post(f"/carts/{cart['id']}/lines/", {"sku": "BOLO", "quantity": 2}), 409, "too_many_holds")["max"]
            == 3
        )
        where = f"/carts/{cart['id']}/lines/{line_of(cart, 'BOLO')['id']}/"
        refused(patch(where, {"quantity": 4}), 409, "too_many_holds")
        assert StockReservation.objects.values().get() == before
        ok(patch(where, {"quantity": 3}))
        ok(patch(where, {"quantity": 1}))

    def test_of_all_carts_of_one_mailbox(self) -> None:
        make.set_policy(max_units_held=3)
        ana = login_of("ana@gmail.com")
        tagged = login_of("a.na+2@gmail.com")
        a_cart({"BOLO": 2}, user=ana)
        refused(open_with(2, user=tagged), 409, "too_many_holds")
        ok(open_with(1, user=tagged), 201)
        unproved = people.user(email="ana+3@gmail.com", email_verified_at=None)
        people.customer(user=unproved)
        ok(open_with(3, user=unproved), 201)

    def test_of_an_address_only_where_the_owner_says_so(self) -> None:
        for _cart in range(4):
            a_cart({"BOLO": 1}, **from_home())
        make.set_policy(max_units_held_per_address=5)
        refused(open_with(2, **from_home()), 409, "too_many_holds")
        ok(open_with(1, **from_home()), 201)
        ok(open_with(2, **from_home(OTHER)), 201)

    def test_an_owner_lifts_it(self) -> None:
        make.set_policy(max_units_held=0)
        a_cart({"BOLO": 9})


class TestTimes:
    """How many times are held, and for how long."""

    def test_of_an_address_across_carts(self) -> None:
        salon = make.salon(names=("Ana", "Bia"))
        make.set_policy(max_holds_per_address=2)
        for hour in (9, 10):
            ok(hold(salon, at(hour), **from_home()), 201)
        assert refused(hold(salon, at(11), **from_home()), 409, "too_many_holds")["max"] == 2
        ok(hold(salon, at(11), **from_home(OTHER)), 201)
        ok(hold(salon, at(12), **from_home("192.168.0.9")), 201)
        ok(hold(salon, at(13), user=a_customer(), **from_home()), 201)
        make.set_policy(max_holds_per_address=0)
        ok(hold(salon, at(14), **from_home()), 201)

    def test_one_time_is_not_held_for_ever(self, time_machine: Traveller) -> None:
        salon = make.salon()
        kept = 0
        for minute in range(0, 120, 10):
            time_machine.move_to(MONDAY + timedelta(minutes=minute), tick=False)
            answer = hold(salon, at(15), **from_home())
            kept += 10 * (answer.status_code == 201)
        assert kept == 60
        refused(hold(salon, at(15), **from_home()), 409, "too_many_holds")
        ok(hold(salon, at(16), **from_home()), 201)
        ok(hold(salon, at(15), **from_home(OTHER)), 201)

    def test_taking_it_out_counts_what_it_was_held(self, time_machine: Traveller) -> None:
        salon = make.salon()
        cart = a_cart()
        for second in range(0, 300, 10):
            time_machine.move_to(MONDAY + timedelta(seconds=second), tick=False)
            filled = ok(post(f"/carts/{cart['id']}/lines/", visit(salon, at(15))), 201)
            ok(delete(f"/carts/{cart['id']}/lines/{filled['lines'][0]['id']}/"))
        time_machine.move_to(MONDAY + timedelta(minutes=6), tick=False)
        ok(post(f"/carts/{cart['id']}/lines/", visit(salon, at(15))), 201)

    def test_many_who_share_an_address_hold_places_of_one_class(self) -> None:
        salon = make.salon(capacity=8)
        for _guest in range(8):
            ok(hold(salon, at(15), **from_home()), 201)

    def test_the_shop_itself_is_not_bounded(self) -> None:
        make.salon()
        make.set_policy(max_holds_per_customer=1)
        cart = uuid4()
        make.held(at(10), holder=cart, actor=make.STAFF)
        make.held(at(11), holder=cart, actor=make.STAFF)


def login_of(email: str) -> User:
    login = people.user(email=email)
    people.customer(user=login, email=email)
    return login


def open_with(units: int, **how: Any) -> Any:
    return post("/carts/", {"lines": [{"sku": "BOLO", "quantity": units}]}, **how)


def visit(salon: make.Salon, starts_at: datetime, who: str = "Ana") -> dict[str, Any]:
    return {"services": ["CORTE"], "professional": str(salon.id(who)), "starts_at": starts_at.isoformat()}


def hold(salon: make.Salon, starts_at: datetime, *, who: str = "Ana", **how: Any) -> Any:
    return post("/carts/", {"lines": [visit(salon, starts_at, who)]}, **how)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestRaces:
    """Many requests of one person at one moment."""

    def units(self, workers: int, customer: int) -> tuple[int, int]:
        """Return how many of as many carts of one customer were opened, and how many were too many."""
        results = race(
            workers=workers,
            work=lambda _number: carts.open_cart(
                units=[Units(sku="BOLO", quantity=1)], customer_id=customer, actor=VISITOR, now=MONDAY
            ),
        )
        return counted(results)

    def times(self, workers: int) -> tuple[int, int]:
        """Return how many of as many carts of one address held a time each, and how many were too many."""
        names = [f"P{number}" for number in range(workers)]
        salon = make.salon(names=names)
        make.set_policy(max_holds_per_address=3)
        results = race(
            workers=workers,
            work=lambda number: carts.open_cart(
                units=[],
                wishes=[make.wish(at(10), who=salon.id(names[number]))],
                customer_id=None,
                actor=VISITOR,
                now=MONDAY,
            ),
        )
        return counted(results)

    def test_units_of_sixty_four_carts_stay_within_the_bound(self) -> None:
        make.set_policy(max_units_held=3)
        done, many = self.units(64, people.customer(user=people.user()).pk)
        assert (done, StockReservation.objects.count(), many > 0) == (3, 3, True)

    def test_without_waiting_for_each_other_they_would_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Negative control: whoever counts before the others have written finds nothing."""
        make.set_policy(max_units_held=3)
        meeting, rows = threading.Barrier(5, timeout=30), sql.rows

        def counted_together(statement: str, parameters: Any) -> Any:
            found = rows(statement, parameters)
            if statement is bounds._OTHERS:
                meeting.wait()
            return found

        monkeypatch.setattr(bounds, "one_at_a_time", lambda **_names: None)
        monkeypatch.setattr(sql, "rows", counted_together)
        assert self.units(5, people.customer(user=people.user()).pk) == (5, 0)

    def test_times_of_sixty_four_carts_stay_within_the_bound(self) -> None:
        done, many = self.times(64)
        assert (done, Appointment.objects.filter(state="held").count(), many > 0) == (3, 3, True)

    def test_times_counted_together_would_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Negative control: whoever counts before the others have written finds nothing."""
        meeting, count = threading.Barrier(5, timeout=30), selectors.holdings

        def counted_together(**whose: Any) -> Any:
            found = count(**whose)
            meeting.wait()
            return found

        monkeypatch.setattr(bounds_of_time, "one_at_a_time", lambda **_names: None)
        monkeypatch.setattr(selectors, "holdings", counted_together)
        assert self.times(5) == (5, 0)


def counted(results: list[Any]) -> tuple[int, int]:
    """Return how many carts there are among results, and how many refusals of too many."""
    assert all(isinstance(result, FilledCart | Refusal) for result in results), results
    done = sum(isinstance(result, FilledCart) for result in results)
    return done, sum(isinstance(result, TooManyHolds) for result in results)
