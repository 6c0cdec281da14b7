"""A visit in an order that its customer moves to a dearer or cheaper professional, and what is due or owed then."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from time_machine import Traveller

from accounts.tests.doors import get, ok, post, refused
from common import outbox
from inventory.tests.factories import MONDAY, stocked
from operations.integrity import findings
from orders.models import Order, OrderLine
from orders.tests.doors import place
from payments.models import Refund
from scheduling import services as scheduling
from scheduling.models import Appointment, ProfessionalService
from scheduling.tests import factories as make
from scheduling.tests.factories import at

pytestmark = pytest.mark.django_db(transaction=True)

NOON = at(12, day=6)


@pytest.fixture
def salon(time_machine: Traveller) -> make.Salon:
    """Ana asks 50.00, Bia 80.00, Caio 30.00."""
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=9, price="10.00")
    found = make.salon(names=("Ana", "Bia", "Caio"))
    for name, price in (("Bia", "80.00"), ("Caio", "30.00")):
        ProfessionalService.objects.filter(professional=found.people[name]).update(price=price)
    return found


def ordered(salon: make.Salon, **how: Any) -> dict[str, Any]:
    """Return an order of a cake and a visit to Ana."""
    lines = [
        {"sku": "BOLO", "quantity": 1},
        {"services": ["CORTE"], "professional": str(salon.id("Ana")), "starts_at": NOON.isoformat()},
    ]
    cart = ok(post("/carts/", {"lines": lines}), 201)
    assert cart["total"] == "60.00"
    order = ok(place(cart, **how), 201)
    deliver()
    return order


def move(order: dict[str, Any], who: Any, **wish: Any) -> Any:
    visit = Appointment.objects.get()
    body = {"starts_at": NOON.isoformat(), "professional": str(who), **wish}
    return post(f"/appointments/{visit.public_id}/reschedule/", body, token=order["access_token"])


def deliver() -> None:
    for _round in range(3):
        outbox.relay(now=MONDAY)


def now_of(order: dict[str, Any]) -> dict[str, Any]:
    return ok(get(f"/orders/{order['number']}/", token=order["access_token"]))


def broken() -> list[str]:
    """Return what the shop's own check finds wrong."""
    return findings(now=MONDAY)


@pytest.mark.fault("L16")
def test_a_dearer_professional_is_paid_for(salon: make.Salon) -> None:
    order = ordered(salon)
    for told in ({}, {"expected_total": "50.00"}):
        assert refused(move(order, salon.id("Bia"), **told), 409, "total_changed")["total"] == "80.00"
    assert now_of(order)["total"] == "60.00"
    assert ok(move(order, salon.id("Bia"), expected_total="80.00"))["total"] == "80.00"
    deliver()
    after = now_of(order)
    assert (after["total"], after["subtotal"], after["amount_due"]) == ("90.00", "90.00", "90.00")
    [line] = [line for line in after["lines"] if line["kind"] == "visit"]
    assert (line["unit_price"], line["appointment"]["professional"]["name"]) == ("80.00", "Bia")
    assert [(step["from"], step["to"], step["actor"]) for step in after["history"]][-1] == (
        "confirmed",
        "confirmed",
        "customer",
    )
    assert broken() == []


def test_what_was_paid_too_much_is_owed_back(salon: make.Salon) -> None:
    order = ordered(salon)
    Order.objects.update(paid="60.00")
    ok(move(order, salon.id("Caio"), expected_total="30.00"))
    deliver()
    after = now_of(order)
    assert (after["total"], after["amount_due"]) == ("40.00", "0.00")
    assert [(str(refund.amount), refund.reason) for refund in Refund.objects.all()] == [("20.00", "order.repriced")]
    deliver()
    assert Refund.objects.count() == 1


def test_the_difference_is_due_of_what_was_paid(salon: make.Salon) -> None:
    order = ordered(salon)
    Order.objects.update(paid="60.00")
    ok(move(order, salon.id("Bia"), expected_total="80.00"))
    deliver()
    assert now_of(order)["amount_due"] == "30.00"


def test_the_shops_own_move_keeps_the_price(salon: make.Salon) -> None:
    order = ordered(salon)
    scheduling.reschedule(
        public_id=Appointment.objects.get().public_id,
        starts_at=NOON,
        professional=salon.id("Bia"),
        actor=make.STAFF,
        now=MONDAY,
    )
    deliver()
    after = now_of(order)
    assert (after["total"], Appointment.objects.get().total, Refund.objects.count()) == ("60.00", 50, 0)
    assert broken() == []


def test_moving_in_time_alone_changes_no_price(salon: make.Salon) -> None:
    order = ordered(salon)
    later = (NOON + timedelta(hours=1)).isoformat()
    ok(move(order, salon.id("Ana"), starts_at=later))
    deliver()
    assert now_of(order)["total"] == "60.00"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE orders_order SET total = total + 1, subtotal = subtotal + 1",
        "UPDATE orders_order SET digest = 'x'",
        "UPDATE orders_orderline SET unit_price = 1, line_total = 1",
        "SELECT set_config('orders.repriced', '0', true); UPDATE orders_order SET digest = 'x'",
        "SELECT set_config('orders.repriced', id::text, true) FROM orders_order; UPDATE orders_orderline SET sku = 'X'",
        "SELECT set_config('orders.repriced', id::text, true) FROM orders_order; UPDATE orders_order SET currency = 'USD'",
        "DELETE FROM orders_orderline",
    ],
)
def test_nothing_else_is_rewritten(salon: make.Salon, statement: str) -> None:
    ordered(salon)
    before = list(OrderLine.objects.values())
    with pytest.raises(DatabaseError, match="may not be changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(OrderLine.objects.values()) == before
