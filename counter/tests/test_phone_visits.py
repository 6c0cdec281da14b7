"""Orders by telephone with time in them: one order of goods and visits, booked with it, or nothing of either."""

import threading
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from common.errors import TotalChanged
from common.testing import race
from counter import services as counter
from counter.services import Discount, Phoned, Promised, Sale, Tendered
from counter.tests.factories import MONDAY, STAFF, clerk, goods
from inventory import selectors as stock
from inventory.tests.factories import stocked
from operations.integrity import findings
from orders.models import Order
from orders.services import Pickup
from orders.tests.factories import ALL, late_pickup
from payments import services as payments
from scheduling.errors import SlotTaken, SlotUnavailable
from scheduling.models import Appointment, ProfessionalService, Service
from scheduling.services import Wish, taking
from scheduling.slots import Place
from scheduling.tests.factories import Salon, at, book, combination, salon, service, wish

CALLER: dict[str, Any] = {"name": "Ana Lima", "phone": "+5511987654321"}
CALLERS = 4


def furnish() -> Salon:
    stocked(sku="BOLO", units=5, price="20.00")
    made = salon(names=("Ana", "Bia"))
    beard = service(sku="BARBA", price="30.00", minutes=20)
    ProfessionalService.objects.bulk_create(
        ProfessionalService(professional=person, service=beard) for person in made.people.values()
    )
    return made


def call(
    *bookings: Wish, method: str = "transfer", key: UUID | None = None, now: datetime = MONDAY, **sale: Any
) -> Phoned:
    said = Sale(**{**CALLER, **sale})
    return counter.order_by_phone(
        sale=said,
        bookings=bookings,
        fulfilment=Pickup(at=late_pickup(now=now)) if said.goods else None,
        payment_method=method,
        key=key or uuid4(),
        actor=STAFF,
        now=now,
    )


def state() -> list[tuple[str, str]]:
    return list(Appointment.objects.order_by("starts_at", "pk").values_list("state", "professional__name"))


@pytest.mark.django_db
class TestOneOrder:
    """Things and time."""

    @pytest.fixture(autouse=True)
    def shop(self) -> Salon:
        return furnish()

    def test_it_waits_for_its_money_with_the_goods_and_the_time_kept(self, shop: Salon) -> None:
        made = call(wish(at(10), "CORTE", "BARBA", who=shop.id("Bia")), goods=goods(BOLO=2))
        order = Order.objects.get()
        assert (order.channel, order.status, str(order.total), made.total) == (
            "phone", "pending", "120.00", Decimal("120.00"),
        )  # fmt: skip
        assert [line.kind for line in order.lines.all()] == ["goods", "visit"]
        assert made.visits == (Promised(services="Corte + Barba", starts_at=at(10).isoformat(), professional="Bia"),)
        [visit] = Appointment.objects.all()
        assert (visit.state, visit.contact_name, visit.expires_at) == ("held", "Ana Lima", order.expires_at)
        assert stock.available(skus=["BOLO"], now=MONDAY) == {"BOLO": 3}
        assert findings(now=MONDAY) == []

    def test_its_money_confirms_the_visit(self) -> None:
        made = call(wish(at(10)))
        payments.confirm_order(
            number=made.number, amount=made.total, reference="x", access=ALL, actor=STAFF, now=MONDAY
        )
        assert state()[0][0] == "confirmed"
        assert findings(now=MONDAY) == []

    def test_what_is_paid_on_the_spot_is_confirmed_at_once(self) -> None:
        made = call(wish(at(10)), method="on_site")
        assert (made.expires_at, Order.objects.get().status, state()[0][0]) == ("", "confirmed", "confirmed")

    def test_whoever_is_free_takes_each_visit_of_one_moment(self, shop: Salon) -> None:
        call(wish(at(10)), wish(at(10)), method="on_site")
        assert sorted(name for _state, name in state()) == ["Ana", "Bia"]

    def test_what_the_shop_has_to_confirm_is_confirmed_by_taking_the_order(self) -> None:
        Service.objects.update(requires_confirmation=True)
        call(wish(at(10)), method="on_site")
        assert (state()[0][0], Order.objects.get().status) == ("confirmed", "confirmed")

    def test_no_deposit_is_asked_of_the_shop_itself(self) -> None:
        Service.objects.update(deposit_percent=30)
        call(wish(at(10)), method="on_site")
        assert Order.objects.get().status == "confirmed"

    def test_a_combination_costs_what_it_costs_everywhere_and_a_visit_keeps_its_price(self, shop: Salon) -> None:
        combination(shop.services["CORTE"], Service.objects.get(variant__sku="BARBA"), price="70.00")
        wanted = wish(at(10), "CORTE", "BARBA")
        sale = Sale(goods=goods(BOLO=1), discount=Discount(kind="percent", value=Decimal(5), reason="Cliente"))
        priced = counter.price_sale(sale=sale, bookings=[wanted], actor=STAFF, now=MONDAY)
        assert [(line.kind, str(line.total)) for line in priced.lines] == [("goods", "19.00"), ("booking", "70.00")]
        made = call(wanted, goods=sale.goods, discount=sale.discount, expected_total=priced.total, method="on_site")
        assert made.total == Decimal("89.00")

    def test_one_key_orders_once(self) -> None:
        key = uuid4()
        assert call(wish(at(10)), key=key) == call(wish(at(10)), key=key)
        assert (Order.objects.count(), Appointment.objects.count()) == (1, 1)


@pytest.mark.django_db
class TestRefused:
    """Nothing is left behind, and the words help."""

    @pytest.fixture(autouse=True)
    def shop(self) -> Salon:
        return furnish()

    def test_a_lost_time_says_whose_and_when_else_and_keeps_nothing(self, shop: Salon) -> None:
        book(at(11), who=shop.id("Ana"))
        with pytest.raises(SlotTaken) as refusal:
            call(wish(at(9)), wish(at(11), who=shop.id("Ana")), goods=goods(BOLO=1))
        assert str(refusal.value.detail).startswith("Corte: Ana ")
        assert refusal.value.data["lines"] == [{"sku": "CORTE", "booking": 1}]
        others: Any = refusal.value.data["alternatives"]
        assert ("Bia", at(11)) in [(one.professional.name, one.starts_at) for one in others]
        assert (Order.objects.count(), Appointment.objects.count()) == (0, 1)
        assert stock.available(skus=["BOLO"], now=MONDAY) == {"BOLO": 5}

    def test_a_time_that_is_not_offered_says_why(self) -> None:
        with pytest.raises(SlotUnavailable) as refusal:
            call(wish(at(23)))
        assert refusal.value.data["reasons"] == ["outside_hours"]
        assert str(refusal.value.detail).startswith("Corte: ")
        with pytest.raises(SlotUnavailable):
            call(wish(at(10, day=-1)))
        with pytest.raises(SlotUnavailable):
            call(wish(MONDAY.replace(year=2999)))

    def test_another_price_than_was_shown_is_said(self) -> None:
        with pytest.raises(TotalChanged):
            call(wish(at(10)), expected_total=Decimal("49.00"))
        assert Appointment.objects.count() == 0

    def test_what_is_short_lets_the_time_go(self) -> None:
        with pytest.raises(Exception, match="out_of_stock"):
            call(wish(at(10)), goods=goods(BOLO=6))
        assert Appointment.objects.count() == 0

    def test_bookings_are_no_payment(self) -> None:
        with pytest.raises(Exception, match="/payments"):
            call(wish(at(10)), payments=(Tendered(tender="cash", amount=Decimal("50.00")),))


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Several telephones ring."""

    def test_one_time_is_promised_once(self) -> None:
        made = furnish()
        clerk()
        answers = race(workers=CALLERS, work=lambda _number: call(wish(at(10), who=made.id("Ana"))))
        refused = [one for one in answers if isinstance(one, SlotTaken)]
        assert (len(refused), all(one.data["alternatives"] for one in refused)) == (CALLERS - 1, True)
        assert (Order.objects.count(), Appointment.objects.count()) == (1, 1)
        assert findings(now=MONDAY) == []

    def test_without_its_locks_everybody_believes_it_and_the_database_promises_it_once(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The negative control: no lease, no locks; each is judged free, and the constraint lets one write."""
        made = furnish()
        together, judge = threading.Barrier(2), taking.judge_again
        believed: list[int] = []

        def believing(**options: Any) -> tuple[Place, bool]:
            judged = judge(**options)
            if threading.get_ident() not in believed:
                believed.append(threading.get_ident())
                together.wait(timeout=20)
            return judged

        monkeypatch.setattr("common.locks.lease", lambda _names: threading.Lock())
        monkeypatch.setattr(taking, "lock_time", lambda **_options: {})
        monkeypatch.setattr(taking, "judge_again", believing)
        answers = race(workers=2, work=lambda _number: call(wish(at(10), who=made.id("Ana")), goods=goods(BOLO=1)))
        assert len(believed) == 2
        assert sum(isinstance(one, Phoned) for one in answers) == 1
        assert [getattr(one, "code", one) for one in answers if not isinstance(one, Phoned)] == ["slot_taken"]
        assert (Order.objects.count(), Appointment.objects.count()) == (1, 1)
        assert findings(now=MONDAY) == []

    def test_a_double_click_makes_one_order(self) -> None:
        furnish()
        key = uuid4()
        answers = race(workers=CALLERS, work=lambda _number: call(wish(at(10)), goods=goods(BOLO=1), key=key))
        assert len({repr(one) for one in answers}) == 1
        assert (Order.objects.count(), Appointment.objects.count()) == (1, 1)

    def test_two_clicks_of_two_keys_are_two_orders(self) -> None:
        furnish()
        race(workers=2, work=lambda _number: call(wish(at(10)), goods=goods(BOLO=1)))
        assert (Order.objects.count(), Appointment.objects.count()) == (2, 2)
