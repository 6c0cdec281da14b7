"""A visit booked directly becomes an order at the counter, once, and the two follow each other."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from common import outbox
from common.errors import InvalidTransition, NotFound
from common.testing import race
from operations.integrity import findings
from operations.tests.salons import seated, send
from orders import services as orders
from orders.models import Order, OrderLine
from orders.tests.factories import ALL, cancel
from payments import services as payments
from scheduling import services as scheduling
from scheduling.models import Appointment
from scheduling.tests.factories import MONDAY, STAFF, at, book, salon

pytestmark = pytest.mark.django_db(transaction=True)

TEN = at(10)


def a_visit(**options: Any) -> UUID:
    return UUID(book(TEN, **options).body["id"])


def charge(visit: UUID) -> dict[str, Any]:
    return orders.charge_visit(appointment=visit, actor=STAFF, now=MONDAY)


def test_the_visit_is_the_one_line_of_a_confirmed_counter_order() -> None:
    salon()
    visit = a_visit()
    body = charge(visit)
    [line] = body["lines"]
    assert (body["status"], body["payment"]["method"], body["total"]) == ("confirmed", "on_site", "50.00")
    assert (line["kind"], line["sku"], line["appointment"]["id"]) == ("visit", "CORTE", str(visit))
    assert (body["customer"]["email"], body["fulfilment"]) == ("maria@example.com", None)
    assert Appointment.objects.get().claim == OrderLine.objects.get().claim
    assert findings(now=MONDAY) == []


def test_charging_again_returns_the_same_order_even_at_the_same_moment() -> None:
    salon()
    visit = a_visit()
    answers = race(workers=6, work=lambda _number: charge(visit))
    assert {answer["number"] for answer in answers} == {Order.objects.get().number}


def test_a_visit_the_shop_had_to_accept_waits_for_nothing_more() -> None:
    salon(requires_confirmation=True)
    visit = a_visit()
    with pytest.raises(InvalidTransition):
        charge(visit)
    assert (Order.objects.count(), Appointment.objects.get().claim) == (0, None)
    scheduling.accept(public_id=visit, actor=STAFF, now=MONDAY)
    assert charge(visit)["status"] == "confirmed"


def test_an_unknown_visit_is_not_found() -> None:
    with pytest.raises(NotFound):
        charge(uuid4())


def test_it_is_paid_kept_and_completed() -> None:
    salon()
    visit = a_visit()
    number = charge(visit)["number"]
    payments.take_payment(number=number, method="on_site", access=ALL, actor=STAFF, now=MONDAY)
    after = at(11)
    with pytest.raises(InvalidTransition):
        orders.complete_order(number=number, access=ALL, actor=STAFF, now=after)
    scheduling.complete(public_id=visit, actor=STAFF, now=after)
    body = orders.complete_order(number=number, access=ALL, actor=STAFF, now=after)
    assert (body["status"], body["payment"]["status"]) == ("completed", "paid")


def test_cancelling_either_cancels_both() -> None:
    salon(names=("Ana", "Bia"))
    first, second = a_visit(), a_visit()
    charge(first)
    cancel(order=Order.objects.get())
    assert Appointment.objects.get(public_id=first).state == "cancelled"
    number = charge(second)["number"]
    scheduling.cancel(public_id=second, reason="Ill", actor=STAFF, now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    assert Order.objects.get(number=number).status == "cancelled"


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("counter", 200), ("professional", 403)])
def test_the_agenda_charges_for_those_who_take_money(role: str, status: int) -> None:
    shop = salon()
    visit = a_visit()
    desk = seated(role=role, professional=shop.people["Ana"] if role == "professional" else None)
    answer = send(desk, "charge", visit)
    assert answer.status_code == status, answer.content
    assert Order.objects.count() == (1 if status == 200 else 0)
    if status == 200:
        assert answer.json()["order"]["number"] == Order.objects.get().number
        assert answer.json()["may"]["charge"] is False
