"""What the shop answers to the visits of an order: called off, declined, accepted, and what that means for the rest."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from cart import services as carts
from cart.services import Units
from common import outbox
from common.models import OutboxMessage
from operations.tests.mixed import TEN, confirm, reserved, states, the_order
from orders import services as orders
from orders.models import Order, OrderLineCancellation
from orders.tests.factories import GUEST, MONDAY, STAFF, place, placement_of, shown, stocked
from orders.wording import reason_text
from payments.models import Refund
from scheduling import services as scheduling
from scheduling.models import Appointment
from scheduling.tests.factories import Salon, at, book, salon, set_policy, wish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Salon:
    """A salon with one professional, and two cakes."""
    stocked(sku="BOLO", units=2, price="40.00")
    return salon()


def test_a_visit_called_off_takes_its_line_out_and_owes_its_money(shop: Salon) -> None:
    order = the_order(payment_method="transfer")
    confirm(order, now=MONDAY)
    visit = Appointment.objects.get()
    scheduling.cancel(public_id=visit.public_id, reason="Ana is ill", actor=STAFF, now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    order.refresh_from_db()
    assert order.status == "confirmed"
    assert OrderLineCancellation.objects.get().line.kind == "visit"
    body = shown(order=order)
    assert [line["cancelled_at"] is not None for line in body["lines"]] == [False, True]
    figures = ("total", "cancelled", "paid", "refunded", "amount_due")
    assert [body[name] for name in figures] == ["90.00", "50.00", "90.00", "0.00", "0.00"]
    assert body["payment"]["status"] == "paid"
    assert [str(refund.amount) for refund in Refund.objects.all()] == ["50.00"]
    OutboxMessage.objects.update(done_at=None)
    while outbox.relay(now=MONDAY):
        pass
    assert list(OutboxMessage.objects.exclude(last_error="", done_at__isnull=False)) == []
    assert (OrderLineCancellation.objects.count(), Refund.objects.count()) == (1, 1)


def test_the_last_line_called_off_cancels_the_order(shop: Salon) -> None:
    cart = carts.open_cart(units=[], wishes=[wish(TEN)], customer_id=None, actor=GUEST, now=MONDAY)
    placement = placement_of(cart=cart)
    new = orders.place_order(
        placement=placement.__class__(**{**vars(placement), "fulfilment": None}),
        customer_id=None,
        actor=GUEST,
        now=MONDAY,
    )
    visit = Appointment.objects.get()
    scheduling.cancel(public_id=visit.public_id, reason="Ana is ill", actor=STAFF, now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    order = Order.objects.get(number=new.order.number)
    assert order.status == "cancelled"
    step = order.events.order_by("seq").last()
    assert step is not None
    assert (step.actor_kind, step.actor_id, step.reason) == ("staff", STAFF.id, "Ana is ill")


def test_a_visit_called_off_without_a_reason_is_told_in_words(shop: Salon) -> None:
    the_order()
    scheduling.cancel(public_id=Appointment.objects.get().public_id, actor=STAFF, now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    assert OrderLineCancellation.objects.get().reason == "appointment.cancelled"
    with override("pt-br"):
        assert reason_text(reason="appointment.cancelled") == "Um agendamento dele foi cancelado"


def test_a_visit_the_shop_must_accept_keeps_the_order_waiting(shop: Salon) -> None:
    shop.services["CORTE"].__class__.objects.update(requires_confirmation=True)
    order = the_order()
    assert (order.status, states()) == ("pending", ["requested"])
    scheduling.accept(public_id=Appointment.objects.get().public_id, actor=STAFF, now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    order.refresh_from_db()
    assert (order.status, states(), reserved()) == ("confirmed", ["confirmed"], 1)


def test_what_is_told_late_of_a_time_taken_again_changes_nothing(shop: Salon) -> None:
    set_policy(transfer_hold_minutes=60)
    order = the_order(payment_method="transfer")
    late = MONDAY + timedelta(minutes=61)
    book(at(15), now=late)
    assert states() == ["expired", "confirmed"]
    confirm(order, now=late)
    while outbox.relay(now=late):
        pass
    order.refresh_from_db()
    assert (order.status, states(), reserved()) == ("confirmed", ["confirmed", "confirmed"], 1)
    assert (OrderLineCancellation.objects.count(), Refund.objects.count()) == (0, 0)


def test_the_rest_of_an_order_waits_no_longer_when_the_shop_says_no(shop: Salon) -> None:
    shop.services["CORTE"].__class__.objects.update(requires_confirmation=True)
    cart = carts.open_cart(
        units=[Units(sku="BOLO", quantity=1)],
        wishes=[wish(TEN), wish(at(11))],
        customer_id=None,
        actor=GUEST,
        now=MONDAY,
    )
    order = Order.objects.get(number=place(cart=cart).order.number)
    accepted, refused = Appointment.objects.order_by("starts_at")
    scheduling.accept(public_id=accepted.public_id, actor=STAFF, now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    order.refresh_from_db()
    assert (order.status, states()) == ("pending", ["confirmed", "requested"])
    scheduling.cancel(public_id=refused.public_id, actor=STAFF, reason="Ana is away", now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    order.refresh_from_db()
    assert (order.status, states(), reserved()) == ("confirmed", ["confirmed", "cancelled"], 1)
    later = MONDAY + timedelta(days=2)
    assert (orders.expire_due_orders(now=later), scheduling.release_expired(now=later)) == (0, 0)


def test_an_order_that_waits_for_money_goes_on_waiting_when_the_shop_says_yes(shop: Salon) -> None:
    shop.services["CORTE"].__class__.objects.update(requires_confirmation=True)
    order = the_order(payment_method="transfer")
    scheduling.accept(public_id=Appointment.objects.get().public_id, actor=STAFF, now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    order.refresh_from_db()
    assert (order.status, states(), reserved()) == ("pending", ["confirmed"], 1)


def test_an_order_that_waits_for_money_goes_on_waiting_when_the_shop_says_no(shop: Salon) -> None:
    shop.services["CORTE"].__class__.objects.update(requires_confirmation=True)
    order = the_order(payment_method="transfer")
    scheduling.cancel(public_id=Appointment.objects.get().public_id, actor=STAFF, reason="Ana is away", now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    order.refresh_from_db()
    assert (order.status, states(), reserved()) == ("pending", ["cancelled"], 1)
