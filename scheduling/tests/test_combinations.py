"""Cut and beard is 45 minutes and R$ 70: in the free times, booked, held, ordered and moved."""

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from common.errors import Malformed, TotalChanged
from common.testing import statements
from scheduling import selectors
from scheduling import services as scheduling
from scheduling.models import Appointment, AppointmentService, Combination, Professional, ProfessionalService, Service
from scheduling.selectors import Visit
from scheduling.tests import factories as make
from scheduling.tests.changing import reschedule
from scheduling.tests.factories import MONDAY, at
from shop import services as shop

pytestmark = pytest.mark.django_db

BOTH = ("CORTE", "BARBA")


@pytest.fixture
def services() -> dict[str, Service]:
    """Three services, each of half an hour for itself, that Ana and Bia perform."""
    made = {
        sku: make.service(sku=sku, price=price)
        for sku, price in (("CORTE", "50.00"), ("BARBA", "35.00"), ("COR", "120.00"))
    }
    for name in ("Ana", "Bia"):
        make.professional(name=name, performs=list(made.values()))
    return made


@pytest.fixture
def together(services: dict[str, Service]) -> Combination:
    """Cut and beard."""
    return make.combination(services["CORTE"], services["BARBA"])


def visit(*skus: str) -> Visit:
    return selectors.visit_of(skus=skus, policy=shop.policy())


def parts_of(appointment: Appointment) -> list[tuple[str, str, int]]:
    rows = AppointmentService.objects.filter(appointment=appointment)
    return [(row.sku, str(row.price), row.duration_minutes) for row in rows]


class TestBooked:
    """What a combination does to visits."""

    @pytest.mark.usefixtures("together")
    def test_it_has_its_own_length_and_price_in_the_free_times_and_in_the_visit(self) -> None:
        wanted = visit(*BOTH)
        policy = shop.policy()
        free = selectors.free_starts(visit=wanted, policy=policy, first=at(0).date(), last=at(0).date(), now=MONDAY)
        assert (wanted.duration, [str(one.price) for one in wanted.performers]) == (45, ["70.00", "70.00"])
        assert (free[0].start, free[-1].start) == (int(at(9).timestamp()), int(at(17, 15).timestamp()))

        booked = make.booked(at(17, 15), *BOTH)
        assert (booked.ends_at, booked.blocked.upper, str(booked.total)) == (at(18), at(18), "70.00")
        assert parts_of(booked) == [("CORTE", "41.18", 23), ("BARBA", "28.82", 22)]

    @pytest.mark.usefixtures("together")
    def test_whatever_is_booked_beside_it_counts_for_itself(self) -> None:
        booked = make.booked(at(10), "COR", "BARBA", "CORTE")
        assert (booked.ends_at, str(booked.total)) == (at(11, 15), "190.00")
        assert parts_of(booked)[0] == ("COR", "120.00", 30)
        assert str(make.booked(at(13), "COR", "BARBA").total) == "155.00"

    def test_it_costs_the_same_with_everybody_and_own_prices_say_how_it_is_spread(
        self, services: dict[str, Service], together: Combination
    ) -> None:
        ana = Professional.objects.get(name="Ana")
        ProfessionalService.objects.filter(professional=ana, service=services["CORTE"]).update(price=Decimal("105.00"))
        booked = make.booked(at(10), *BOTH, who=ana.public_id)
        assert [price for _sku, price, _minutes in parts_of(booked)] == ["52.50", "17.50"]
        assert booked.total == together.price

    def test_one_that_is_switched_off_counts_for_nothing(self, together: Combination) -> None:
        Combination.objects.update(is_active=False)
        assert (visit(*BOTH).duration, visit(*BOTH).performers[0].price) == (60, Decimal("85.00"))

    def test_what_is_booked_keeps_its_price_and_its_length_when_it_is_moved(self, together: Combination) -> None:
        booked = make.booked(at(10, day=7), *BOTH)
        together.price, together.duration_minutes = Decimal("99.00"), 90
        scheduling.keep_combination(combination=together, services=list(together.services.all()))
        assert visit(*BOTH).duration == 90
        moved = reschedule(booked, at(11, day=7))
        assert (moved.starts_at, moved.ends_at, str(moved.total)) == (at(11, day=7), at(11, 45, day=7), "70.00")
        assert [minutes for _sku, _price, minutes in parts_of(booked)] == [23, 22]

    def test_a_customer_who_chooses_another_professional_pays_what_it_costs_today(self, together: Combination) -> None:
        ana, bia = Professional.objects.order_by("name")
        booked = make.booked(at(10, day=7), *BOTH, who=ana.public_id)
        assert str(reschedule(booked, at(11, day=7), professional=bia.public_id).total) == "70.00"
        Combination.objects.update(price=Decimal("80.00"))
        with pytest.raises(TotalChanged) as refusal:
            reschedule(booked, at(11, day=7), professional=ana.public_id)
        assert refusal.value.data == {"total": "80.00"}
        moved = reschedule(booked, at(11, day=7), professional=ana.public_id, expected_total=Decimal("80.00"))
        assert str(moved.total) == "80.00"
        assert sum(Decimal(price) for _sku, price, _minutes in parts_of(booked)) == Decimal("80.00")

    def test_a_hold_costs_what_the_combination_costs_today_until_it_is_ordered(self, together: Combination) -> None:
        held = make.held(at(10), *BOTH)
        Combination.objects.update(price=Decimal("75.00"))
        claim = make.claim_of(held)
        claimed = selectors.claimed_visits(claims=[claim], now=MONDAY)[claim]
        assert (str(claimed.price), [one.duration for one in claimed.services]) == ("75.00", [23, 22])
        assert make.allocate(claim) == []
        held.refresh_from_db()
        assert (str(held.total), held.ends_at) == ("75.00", at(10, 45))
        Combination.objects.update(price=Decimal("1.00"))
        assert str(selectors.claimed_visits(claims=[claim], now=MONDAY)[claim].price) == "75.00"

    @pytest.mark.usefixtures("together")
    def test_a_deposit_is_of_the_price_in_the_combination(self) -> None:
        Service.objects.update(deposit_percent=50)
        held = make.held(at(10), *BOTH)
        claim = make.claim_of(held)
        assert str(selectors.claimed_visits(claims=[claim], now=MONDAY)[claim].deposit) == "35.00"

    def test_free_times_and_booking_cost_as_many_statements_as_without(self, services: dict[str, Service]) -> None:
        def counted(hour: int) -> tuple[int, int]:
            policy = shop.policy()
            with statements() as reading:
                selectors.free_starts(
                    visit=visit(*BOTH), policy=policy, first=at(0).date(), last=at(0).date(), now=MONDAY
                )
            with statements() as booking:
                make.book(at(hour), *BOTH)
            return len(reading), len(booking)

        without = counted(10)
        make.combination(services["CORTE"], services["BARBA"])
        make.combination(services["CORTE"], services["COR"], price="150.00")
        assert counted(13) == without

    def test_any_visit_costs_and_lasts_what_its_free_times_said(self, services: dict[str, Service]) -> None:
        chance = random.Random(10)
        make.combination(*services.values(), price="99.99", minutes=71)
        make.combination(services["CORTE"], services["COR"], price="0.01", minutes=5)
        make.combination(services["BARBA"], services["COR"], price="33.33", minutes=100)
        policy = shop.policy()
        for day in range(1, 13):
            skus = [chance.choice(list(services)) for _service in range(chance.randint(1, 6))]
            wanted = visit(*skus)
            [free] = [
                one
                for one in selectors.free_starts(
                    visit=wanted, policy=policy, first=at(0, day=day).date(), last=at(0, day=day).date(), now=MONDAY
                )
                if one.start == int(at(10, day=day).timestamp())
            ]
            booked = make.booked(at(10, day=day), *skus, email=f"a{day}@example.com", phone=f"+551198765432{day % 10}")
            rows = parts_of(booked)
            assert booked.total == free.performers[0].price == sum(Decimal(price) for _sku, price, _minutes in rows)
            assert booked.ends_at - booked.starts_at == timedelta(minutes=wanted.duration)
            assert wanted.duration == sum(minutes for _sku, _price, minutes in rows)


class TestWrittenDown:
    """What the desk may write down, and what the database refuses by itself."""

    def test_two_services_at_least_and_no_set_twice(self, services: dict[str, Service], together: Combination) -> None:
        for chosen, price, code in (
            ([services["CORTE"]], "10.00", "min_length"),
            ([services["BARBA"], services["CORTE"]], "10.00", "unique"),
        ):
            with pytest.raises(Malformed) as refusal:
                make.combination(*chosen, price=price)
            assert [(one.pointer, one.code) for one in refusal.value.errors] == [("/services", code)]
        assert Combination.objects.count() == 1
        together.duration_minutes = 50
        scheduling.keep_combination(combination=together, services=list(together.services.all()))
        assert Combination.objects.get().duration_minutes == 50

    def test_not_more_services_than_a_visit_may_have_nor_than_minutes(self) -> None:
        many = [make.service(sku=f"S{number}") for number in range(11)]
        for count, minutes, pointer in ((11, 45, "/services"), (6, 5, "/duration_minutes")):
            with pytest.raises(Malformed) as refusal:
                make.combination(*many[:count], minutes=minutes)
            assert [one.pointer for one in refusal.value.errors] == [pointer]
        assert str(make.combination(*many[:10])).count(" + ") == 9

    @pytest.mark.parametrize(
        ("columns", "constraint"),
        [
            ({"service_set": [1]}, "combination_of_several_services"),
            ({"service_set": list(range(11))}, "combination_of_several_services"),
            ({"duration_minutes": 4}, "combination_duration_bounds"),
            ({"duration_minutes": 1441}, "combination_duration_bounds"),
            ({"service_set": list(range(6)), "duration_minutes": 5}, "combination_duration_bounds"),
            ({"price": Decimal("-0.01")}, "combination_price_bounds"),
        ],
    )
    def test_the_database_keeps_their_bounds(self, columns: dict[str, Any], constraint: str) -> None:
        values = {"service_set": [1, 2], "price": Decimal(1), "duration_minutes": 45} | columns
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Combination.objects.create(**values)

    def test_the_database_keeps_the_set_and_has_it_once(
        self, services: dict[str, Service], together: Combination
    ) -> None:
        def judged(change: Callable[[], object]) -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                change()
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

        with pytest.raises(IntegrityError, match="combination_once"), transaction.atomic():
            Combination.objects.create(service_set=together.service_set, price=Decimal(1), duration_minutes=45)
        changes: tuple[Callable[[], object], ...] = (
            lambda: together.services.add(services["COR"]),
            lambda: together.services.remove(services["CORTE"]),
            lambda: Combination.objects.update(service_set=[services["CORTE"].pk, services["COR"].pk]),
        )
        for change in changes:
            with pytest.raises(IntegrityError, match="is not that of its services"):
                judged(change)
        judged(lambda: None)
