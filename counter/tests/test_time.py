"""Time at the counter: visits that are in the chair, visits of orders with a deposit, and whoever came without one."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from cart import services as carts
from common import outbox
from common.errors import Forbidden, InvalidTransition, Malformed
from common.models import OutboxMessage
from counter import services as counter
from counter.selectors import todays_visits
from counter.services import Discount, SeatedVisit, WalkIn
from counter.tests.factories import STAFF, amounts, cash, clerk, goods, of, sell, selling
from inventory.tests.factories import stocked
from operations.integrity import findings
from orders import services as orders
from orders.models import Order, OrderLine
from orders.tests.factories import ALL, GUEST, ordered, placement_of
from payments import services as payments
from payments.models import Payment
from scheduling import services as scheduling
from scheduling.errors import SlotTaken, SlotUnavailable
from scheduling.models import Appointment, AppointmentEvent, ProfessionalService, Service
from scheduling.tests.factories import MONDAY, Salon, at, book, salon, service, set_policy, wish

pytestmark = pytest.mark.django_db

TEN = at(10)
LATER = at(10, 17) + timedelta(seconds=23)
"""An hour at which a visit of ten has begun, that no slot begins at."""


@pytest.fixture(autouse=True)
def a_shop() -> Salon:
    stocked(sku="POMADA", units=5, price="35.00")
    made = salon(names=["Ana", "Bia"])
    beard = service(sku="BARBA", price="30.00", minutes=20)
    ProfessionalService.objects.bulk_create(
        ProfessionalService(professional=person, service=beard) for person in made.people.values()
    )
    return made


def seated() -> SeatedVisit:
    return SeatedVisit(book(TEN).appointment.public_id)


def with_deposit() -> tuple[SeatedVisit, Order]:
    """A visit ordered on the web, whose deposit is paid."""
    Service.objects.update(deposit_percent=30)
    cart = carts.open_cart(units=[], wishes=[wish(TEN)], customer_id=None, actor=GUEST, now=MONDAY)
    placement = replace(placement_of(cart=cart, payment_method="transfer"), fulfilment=None)
    number = orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=MONDAY).order.number
    payments.confirm_order(number=number, amount=Decimal("15.00"), reference="x", access=ALL, actor=STAFF, now=MONDAY)
    return SeatedVisit(Appointment.objects.get().public_id), Order.objects.get(number=number)


def test_the_visit_in_the_chair_and_what_is_bought_with_it_are_one_order() -> None:
    visit = seated()
    sold = sell(cash("85.00", received="100.00"), visits=(visit,), goods=goods(POMADA=1), now=LATER)
    order = Order.objects.get()
    assert (order.status, order.channel, str(order.total), sold.numbers) == (
        "completed",
        "counter",
        "85.00",
        (order.number,),
    )
    assert [line.kind for line in order.lines.all()] == ["goods", "visit"]
    assert (order.contact.name, order.contact.phone) == ("Maria Souza", "+5511987654321")
    assert Appointment.objects.get().state == "completed"
    assert findings(now=LATER) == []


def test_the_order_speaks_the_language_of_the_visit_it_sells() -> None:
    visit = seated()
    Appointment.objects.update(language="en")
    sell(cash("85.00"), visits=(visit,), goods=goods(POMADA=1), now=LATER)
    sell(cash("35.00"), goods=goods(POMADA=1), now=LATER)
    assert list(Order.objects.order_by("pk").values_list("language", flat=True)) == ["en", "pt-br"]


def test_nobody_writes_to_who_stands_there_nor_to_the_shop(mailoutbox: list[Any]) -> None:
    set_policy(email="loja@example.com")
    visit = seated()
    sell(cash("50.00"), visits=(visit,), now=LATER)
    outbox.relay(now=LATER)
    assert mailoutbox == []
    ordered(units={"POMADA": 1}, now=LATER)
    outbox.relay(now=LATER)
    assert sorted(letter.to[0] for letter in mailoutbox)[1:] == ["loja@example.com"]
    assert not OutboxMessage.objects.filter(dead_at__isnull=False).exists()


def test_what_is_paid_before_it_begins_stays_booked() -> None:
    sell(cash("50.00"), visits=(seated(),), now=at(9, 30))
    assert (Appointment.objects.get().state, Order.objects.get().status) == ("confirmed", "confirmed")
    assert findings(now=at(9, 30)) == []


def test_a_visit_of_an_order_has_its_rest_paid_along() -> None:
    visit, order = with_deposit()
    sale = selling(of("pix", "35.00"), cash("35.00"), visits=(visit,), goods=goods(POMADA=1))
    priced = counter.price_sale(sale=sale, actor=STAFF, now=LATER)
    assert amounts([priced.total, priced.already_paid, priced.due]) == ["85.00", "15.00", "70.00"]
    assert [(line.kind, line.order) for line in priced.lines] == [("goods", ""), ("order", order.number)]
    sold = sell(*sale.payments, visits=sale.visits, goods=sale.goods, expected_total=Decimal("85.00"), now=LATER)
    assert sold.numbers[1:] == (order.number,)
    assert sorted(Order.objects.values_list("status", "channel", "paid")) == [
        ("completed", "counter", Decimal("35.00")),
        ("completed", "web", Decimal("50.00")),
    ]
    assert Appointment.objects.get().state == "completed"
    assert findings(now=LATER) == []


def test_a_part_that_pays_two_orders_is_a_payment_of_each() -> None:
    visit, order = with_deposit()
    sell(of("card", "70.00"), visits=(visit,), goods=goods(POMADA=1), now=LATER)
    assert sorted((one.order.channel, str(one.amount)) for one in Payment.objects.filter(tender="card")) == [
        ("counter", "35.00"),
        ("web", "35.00"),
    ]
    assert order.number


def test_a_visit_of_an_order_alone_makes_no_other_order() -> None:
    visit, order = with_deposit()
    assert sell(cash("35.00"), visits=(visit,), now=LATER).numbers == (order.number,)
    assert Order.objects.get().status == "completed"


def test_who_came_without_an_appointment_has_a_visit_that_began_with_the_minute(a_shop: Salon) -> None:
    walk_in = WalkIn(services=(("CORTE", a_shop.id("Bia")), ("BARBA", a_shop.id("Bia"))))
    sell(cash("80.00"), walk_ins=(walk_in,), name="João", now=LATER)
    visit = Appointment.objects.get()
    assert (visit.state, visit.professional.name, visit.contact_name) == ("completed", "Bia", "João")
    assert (visit.starts_at, visit.ends_at) == (at(10, 17), at(11, 7))
    assert [one.sku for one in visit.services.order_by("position")] == ["CORTE", "BARBA"]
    assert OrderLine.objects.get().line_total == 80
    assert [one.to_state for one in AppointmentEvent.objects.order_by("seq")] == ["confirmed", "completed"]
    assert findings(now=LATER) == []


@pytest.mark.parametrize("now", [at(10), at(10, 7), at(10, 7) + timedelta(seconds=59, microseconds=1)])
def test_one_may_come_at_any_moment_of_the_day(now: datetime) -> None:
    sell(cash("50.00"), walk_ins=(WalkIn(services=(("CORTE", None),)),), now=now)
    assert Appointment.objects.get().state == "completed"


def test_other_services_by_another_professional_are_another_visit(a_shop: Salon) -> None:
    walk_in = WalkIn(services=(("CORTE", None), ("BARBA", a_shop.id("Ana"))))
    sell(cash("80.00"), walk_ins=(walk_in,), now=LATER)
    assert {(one.professional.name, str(one.total)) for one in Appointment.objects.all()} == {
        ("Bia", "50.00"),
        ("Ana", "30.00"),
    }
    assert Order.objects.get().lines.count() == 2
    assert findings(now=LATER) == []


def test_whoever_is_free_is_asked_first(a_shop: Salon) -> None:
    book(TEN, who=a_shop.id("Ana"))
    sell(cash("50.00"), walk_ins=(WalkIn(services=(("CORTE", None),)),), now=LATER)
    assert Appointment.objects.get(state="completed").professional.name == "Bia"


def test_nobody_begins_with_who_is_busy_unless_one_may(a_shop: Salon) -> None:
    book(TEN, who=a_shop.id("Ana"))
    walk_in = WalkIn(services=(("CORTE", a_shop.id("Ana")),))
    with pytest.raises(SlotTaken):
        sell(cash("50.00"), walk_ins=(walk_in,), now=LATER, actor=clerk("owner"))
    forced = replace(walk_in, force="Encaixe")
    with pytest.raises(Forbidden):
        sell(cash("50.00"), walk_ins=(forced,), now=LATER, actor=clerk("counter"))
    assert Order.objects.count() == 0
    sell(cash("50.00"), walk_ins=(forced,), now=LATER, actor=clerk("owner"))
    assert Appointment.objects.filter(forced=True, forced_reason="Encaixe", state="completed").count() == 1
    assert findings(now=LATER) == []


def test_what_somebody_does_not_do_is_refused(a_shop: Salon) -> None:
    ProfessionalService.objects.filter(service__variant__sku="BARBA", professional__name="Ana").delete()
    with pytest.raises(SlotUnavailable):
        sell(cash("30.00"), walk_ins=(WalkIn(services=(("BARBA", a_shop.id("Ana")),)),), now=LATER)


def test_services_that_ask_for_an_answer_need_none_at_the_counter() -> None:
    Service.objects.update(requires_confirmation=True, deposit_percent=50)
    sell(cash("50.00"), walk_ins=(WalkIn(services=(("CORTE", None),)),), now=LATER)
    assert Order.objects.get().status == "completed"
    assert findings(now=LATER) == []


def test_a_visit_that_is_no_more_is_not_sold() -> None:
    visit = seated()
    scheduling.cancel(public_id=visit.appointment, actor=STAFF, now=MONDAY, reason="x")
    with pytest.raises(InvalidTransition):
        sell(cash("50.00"), visits=(visit,), now=LATER)
    with pytest.raises(Malformed):
        sell(cash("50.00"), visits=(SeatedVisit(UUID(int=7)),), now=LATER)


def test_a_visit_is_paid_once() -> None:
    visit = seated()
    sell(cash("50.00"), visits=(visit,), now=LATER)
    priced = counter.price_sale(sale=selling(visits=(visit,)), actor=STAFF, now=LATER)
    assert (str(priced.due), Payment.objects.count()) == ("0.00", 1)
    sell(visits=(visit,), now=LATER)
    assert (Payment.objects.count(), Order.objects.count()) == (1, 1)


def test_only_what_is_not_paid_is_on_todays_list() -> None:
    first = seated()
    book(at(11), who=None)
    book(at(11, day=2))
    sell(cash("50.00"), visits=(first,), now=LATER)
    [left] = todays_visits(now=LATER)
    assert (left.starts_at, str(left.due), left.services, left.name, left.order) == (
        at(11), "50.00", ("Corte",), "Maria Souza", "",
    )  # fmt: skip


def test_the_rest_of_a_deposit_is_on_todays_list() -> None:
    visit, order = with_deposit()
    [due] = todays_visits(now=at(9))
    assert (due.appointment, str(due.total), str(due.due), due.order) == (
        visit.appointment,
        "50.00",
        "35.00",
        order.number,
    )


def test_a_discount_is_taken_off_what_has_begun(a_shop: Salon) -> None:
    coming, here = seated(), SeatedVisit(book(at(12)).appointment.public_id)
    discount = Discount(kind="percent", value=Decimal(10), reason="Aniversário")
    with_both = selling(visits=(coming, here), goods=goods(POMADA=1), discount=discount)
    priced = counter.price_sale(sale=with_both, actor=clerk("owner"), now=LATER)
    assert [(line.kind, str(line.discount), str(line.total)) for line in priced.lines] == [
        ("goods", "3.50", "31.50"),
        ("visit", "5.00", "45.00"),
        ("visit", "0.00", "50.00"),
    ]
    sell(
        cash("126.50"), visits=(coming, here), goods=goods(POMADA=1), discount=discount, actor=clerk("owner"), now=LATER,
        expected_total=priced.total,
    )  # fmt: skip
    assert {(line.sku, str(line.discount)) for line in OrderLine.objects.all()} == {
        ("POMADA", "3.50"), ("CORTE", "5.00"), ("CORTE", "0.00"),
    }  # fmt: skip
    assert findings(now=LATER) == []
