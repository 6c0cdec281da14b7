"""A visit booked directly becomes an order at the counter, once, and the two follow each other."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from cart.models import Cart
from catalog.models import Variant
from common import clock, outbox
from common.errors import InvalidTransition, NotFound, TotalChanged
from common.testing import race
from common.use_cases import only_once
from operations.integrity import findings
from operations.tests.salons import seated, send
from orders import services as orders
from orders.models import Order, OrderLine
from orders.tests.factories import ALL, cancel, shown
from payments import services as payments
from payments.models import Payment
from scheduling import services as scheduling
from scheduling.models import Appointment, ProfessionalService
from scheduling.tests.factories import MONDAY, STAFF, at, book, once, salon

pytestmark = pytest.mark.django_db(transaction=True)

TEN = at(10)


def a_visit(**options: Any) -> UUID:
    return book(TEN, **options).appointment.public_id


def charge(visit: UUID, *, now: datetime = MONDAY, expected: str = "50.00") -> Appointment:
    return payments.charge_visit(
        appointment=visit, tender="cash", expected=Decimal(expected), access=None, actor=STAFF, now=now
    )


def charged(visit: UUID, **options: Any) -> dict[str, Any]:
    charge(visit, **options)
    line = OrderLine.objects.get(claim=str(claim_of(visit)))
    return shown(order=line.order)


def claim_of(visit: UUID) -> UUID | None:
    return Appointment.objects.get(public_id=visit).claim


def test_the_visit_is_the_one_line_of_a_confirmed_counter_order() -> None:
    salon()
    visit = a_visit()
    body = charged(visit)
    [line] = body["lines"]
    assert (body["status"], body["payment"], body["total"]) == (
        "confirmed",
        {"method": "on_site", "status": "paid"},
        "50.00",
    )
    assert (line["kind"], line["sku"], line["appointment"]["id"]) == ("visit", "CORTE", str(visit))
    assert (body["customer"]["email"], body["fulfilment"]) == ("maria@example.com", None)
    assert Appointment.objects.get().claim == OrderLine.objects.get().claim
    assert Order.objects.get().channel == "counter"
    assert findings(now=MONDAY) == []


def test_one_step_takes_the_money_and_closes_the_visit() -> None:
    salon()
    visit = a_visit()
    assert charge(visit, now=at(10, 30)).state == "completed"
    payment = Payment.objects.get()
    assert (payment.status, payment.amount, payment.gateway, payment.tender) == ("succeeded", 50, "counter", "cash")
    assert (payment.actor_kind, payment.actor_id) == ("staff", "1")
    order = Order.objects.get()
    assert (order.status, order.paid) == ("confirmed", 50)
    assert findings(now=at(10, 30)) == []


def test_before_it_begins_it_is_paid_in_advance_and_stays_booked() -> None:
    salon()
    visit = a_visit()
    assert charge(visit, now=at(9, 59)).state == "confirmed"
    assert scheduling.complete(public_id=visit, actor=STAFF, now=at(10)).state == "completed"
    assert findings(now=at(11)) == []


def test_a_visit_that_was_closed_before_is_still_charged() -> None:
    salon()
    visit = a_visit()
    scheduling.complete(public_id=visit, actor=STAFF, now=at(10, 30))
    assert charge(visit, now=at(10, 40)).state == "completed"
    assert Order.objects.get().paid == 50
    assert findings(now=at(10, 40)) == []


def test_charging_again_charges_nothing_even_at_the_same_moment() -> None:
    salon()
    visit = a_visit()
    answers = race(workers=6, work=lambda _number: charge(visit, now=at(10, 30)))
    assert sorted(str(getattr(answer, "code", "ok")) for answer in answers) == ["ok"] + ["total_changed"] * 5
    assert charge(visit, now=at(10, 30), expected="0.00").state == "completed"
    assert (Payment.objects.count(), Order.objects.get().paid) == (1, 50)
    assert findings(now=at(10, 30)) == []


def test_one_key_charges_once() -> None:
    salon()
    visit = a_visit()
    for _double_click in range(2):
        only_once(once(), payments.charge_visit)(
            appointment=visit, tender="cash", expected=Decimal("50.00"), access=None, actor=STAFF, now=at(10, 30)
        )
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("expected", ["49.99", "0.00", "50.01"])
def test_another_amount_than_was_shown_changes_nothing(expected: str) -> None:
    salon()
    visit = a_visit()
    with pytest.raises(TotalChanged) as refusal:
        charge(visit, now=at(10, 30), expected=expected)
    assert refusal.value.data == {"total": "50.00"}
    assert (Order.objects.count(), Payment.objects.count(), Cart.objects.count()) == (0, 0, 0)
    assert (Appointment.objects.get().state, claim_of(visit)) == ("confirmed", None)


def test_the_price_agreed_on_is_charged_whatever_has_become_of_the_service() -> None:
    shop = salon()
    visit = a_visit()
    Variant.objects.update(price="500.00", is_active=False)
    ProfessionalService.objects.all().delete()
    shop.people["Ana"].is_active = False
    shop.people["Ana"].save()
    assert charge(visit, now=at(10, 30)).state == "completed"
    assert Order.objects.get().paid == 50
    assert findings(now=at(10, 30)) == []


def test_a_deposit_is_no_hindrance_at_the_counter() -> None:
    salon(deposit_percent=30)
    visit = book(TEN, actor=STAFF).appointment.public_id
    assert charge(visit, now=at(10, 30)).state == "completed"
    assert (Order.objects.get().status, Order.objects.get().paid) == ("confirmed", 50)


def test_who_did_not_come_is_not_charged() -> None:
    salon()
    visit = a_visit()
    scheduling.mark_no_show(public_id=visit, actor=STAFF, now=at(10, 30))
    with pytest.raises(InvalidTransition):
        charge(visit, now=at(10, 40))
    assert Order.objects.count() == 0


def test_closing_is_undone_within_the_day_unless_the_order_is_complete() -> None:
    salon()
    visit = a_visit()
    number = charged(visit, now=at(10, 30))["number"]

    def undo() -> Appointment:
        return orders.reopen_visit(appointment=visit, access=None, actor=STAFF, now=at(12))

    assert undo().state == "confirmed"
    assert findings(now=at(12)) == []
    assert charge(visit, now=at(12), expected="0.00").state == "completed"
    assert Order.objects.get().paid == 50
    orders.complete_order(number=number, access=ALL, actor=STAFF, now=at(12))
    with pytest.raises(InvalidTransition):
        undo()
    assert (Appointment.objects.get().state, findings(now=at(12))) == ("completed", [])


def test_a_visit_the_shop_had_to_accept_waits_for_nothing_more() -> None:
    salon(requires_confirmation=True)
    visit = a_visit()
    with pytest.raises(InvalidTransition):
        charge(visit)
    assert (Order.objects.count(), Appointment.objects.get().claim) == (0, None)
    scheduling.accept(public_id=visit, actor=STAFF, now=MONDAY)
    assert charged(visit)["status"] == "confirmed"


def test_an_unknown_visit_is_not_found() -> None:
    with pytest.raises(NotFound):
        charge(uuid4())


def test_what_is_paid_and_kept_is_completed() -> None:
    salon()
    visit = a_visit()
    number = charged(visit)["number"]
    after = at(11)
    with pytest.raises(InvalidTransition):
        orders.complete_order(number=number, access=ALL, actor=STAFF, now=after)
    scheduling.complete(public_id=visit, actor=STAFF, now=after)
    body = shown(order=orders.complete_order(number=number, access=ALL, actor=STAFF, now=after))
    assert (body["status"], body["payment"]["status"]) == ("completed", "paid")


def test_cancelling_either_cancels_both() -> None:
    salon(names=("Ana", "Bia"))
    first, second = a_visit(), a_visit()
    charge(first)
    cancel(order=Order.objects.get())
    assert Appointment.objects.get(public_id=first).state == "cancelled"
    number = charged(second)["number"]
    scheduling.cancel(public_id=second, reason="Ill", actor=STAFF, now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    assert Order.objects.get(number=number).status == "cancelled"


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("counter", 200), ("professional", 403)])
def test_the_agenda_charges_for_those_who_take_money(role: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = salon()
    visit = a_visit()
    monkeypatch.setattr(clock, "now", lambda: at(10, 30))
    desk = seated(role=role, professional=shop.people["Ana"] if role == "professional" else None)
    for _double_click in range(2):
        answer = send(desk, "charge", visit, key="one", tender="pix", amount="50.00")
        assert answer.status_code == status, answer.content
    assert Order.objects.count() == (1 if status == 200 else 0)
    if status == 200:
        assert answer.json()["order"]["number"] == Order.objects.get().number
        assert (answer.json()["state"], answer.json()["due"]["amount"]) == ("completed", "0.00")
        assert (answer.json()["may"]["charge"], answer.json()["may"]["reopen"]) == (False, True)
        assert (Payment.objects.get().tender, Payment.objects.get().amount) == ("pix", 50)


@pytest.mark.parametrize("body", [{}, {"tender": "gold", "amount": "50.00"}, {"tender": "cash", "amount": "50"}])
def test_the_agenda_wants_to_know_how_it_was_paid(body: dict[str, str]) -> None:
    salon()
    visit = a_visit()
    assert send(seated(role="counter"), "charge", visit, **body).status_code == 400
    assert Order.objects.count() == 0


def test_cancelling_the_order_of_somebody_without_an_e_mail_promises_no_letter() -> None:
    salon()
    visit = a_visit(email="", actor=STAFF)
    charge(visit)
    desk = seated(role="owner")
    asked = desk.get(f"/admin/orders/order/{Order.objects.get().pk}/cancel/").content.decode()
    assert "Nenhum aviso é enviado" in asked
    assert "será avisado" not in asked
