"""What people are told about whole orders: true in every sentence, whatever the method, the cause and the money."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail

from cart import services as carts
from cart.services import Units
from common import outbox
from common.access import access_token
from orders import services as orders
from orders.models import Order
from orders.selectors import Access
from orders.tests.factories import ALL, GUEST, MONDAY, STAFF, hand_over, placement_of, stocked
from payments import services as payments
from scheduling import services as scheduling
from scheduling.models import Appointment
from scheduling.tests.factories import at, salon, wish

pytestmark = pytest.mark.django_db


def order_of(
    *, visits: int = 1, units: int = 0, payment_method: str = "on_site", language: str = "en", now: datetime = MONDAY
) -> Order:
    """Return an order of visits from ten o'clock on, and of cakes."""
    cart = carts.open_cart(
        units=[Units(sku="BOLO", quantity=units)] if units else [],
        wishes=[wish(at(10 + place, day=5)) for place in range(visits)],
        customer_id=None,
        actor=GUEST,
        now=now,
    )
    placement = replace(
        placement_of(cart=cart, payment_method=payment_method, email="ana@example.com"), language=language
    )
    if not units:
        placement = replace(placement, fulfilment=None)
    new = orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=now)
    return Order.objects.select_related("contact").get(number=new.order.number)


def letters(*, now: datetime = MONDAY) -> list[str]:
    """Deliver what waits and return the bodies of the letters about orders that went out now."""
    before = len(mail.outbox)
    while outbox.relay(now=now):
        pass
    fresh = mail.outbox[before:]
    return [str(message.body) for message in fresh if "order" in str(message.subject).lower()]


def confirm(order: Order, *, amount: str) -> None:
    payments.confirm_order(
        number=order.number, amount=Decimal(amount), reference="", access=ALL, actor=STAFF, now=MONDAY
    )


@pytest.mark.fault("D21")
def test_a_visit_to_be_confirmed_and_paid_on_the_spot_is_told_of_no_transfer() -> None:
    salon(requires_confirmation=True, price="79.00")
    order = order_of()
    [placed] = letters()
    assert "We still have to confirm the time you asked for" in placed
    assert "You pay R$ 79,00 when you come." in placed
    assert "transfer" not in placed
    scheduling.accept(public_id=Appointment.objects.get().public_id, actor=STAFF, now=MONDAY)
    [confirmed] = letters()
    assert f"Order {order.number} is confirmed.\nYou pay R$ 79,00 when you come.\n" in confirmed
    assert "received" not in confirmed


@pytest.mark.fault("D21")
def test_a_deposit_is_asked_for_first_and_the_rest_is_named() -> None:
    salon(deposit_percent=30, price="99.00")
    order = order_of(payment_method="transfer")
    [placed] = letters()
    assert "Please transfer R$ 29,70 by" in placed
    assert "The rest, R$ 69,30, you pay when you come." in placed
    confirm(order, amount="29.70")
    [confirmed] = letters()
    assert f"We have received R$ 29,70, and order {order.number} is confirmed." in confirmed
    assert "The rest, R$ 69,30, you pay when you come." in confirmed
    assert "Paid: R$ 29,70" in confirmed


def test_what_costs_nothing_is_not_to_be_paid() -> None:
    salon(price="0.00")
    order_of(payment_method="transfer")
    [placed] = letters()
    assert "There is nothing to pay." in placed
    assert "transfer" not in placed


def test_what_was_called_off_is_told_with_the_figures_of_now() -> None:
    stocked(sku="BOLO", units=2, price="1.80")
    salon(price="60.00")
    order = order_of(units=1, payment_method="transfer")
    letters()
    confirm(order, amount="61.80")
    letters()
    scheduling.cancel(public_id=Appointment.objects.get().public_id, actor=STAFF, now=MONDAY)
    [changed] = letters()
    assert f"A part of order {order.number} was called off: Corte." in changed
    assert "We will give you back the R$ 60,00 that you have paid." in changed
    assert "Total: R$ 61,80\nCalled off: R$ 60,00\nTotal now: R$ 1,80\nPaid: R$ 61,80\n" in changed
    assert "Corte — R$ 60,00 (was called off)" in changed


def test_a_moved_visit_stands_in_later_letters_with_its_new_time() -> None:
    salon(price="60.00")
    order = order_of(payment_method="transfer")
    letters()
    confirm(order, amount="60.00")
    scheduling.reschedule(
        public_id=Appointment.objects.get().public_id, starts_at=at(15, day=5), actor=STAFF, now=MONDAY
    )
    [confirmed] = letters()
    assert "Corte (March 7, 2026 at 15:00, with Ana) — R$ 60,00" in confirmed


def test_a_letter_that_a_later_one_has_overtaken_is_not_sent() -> None:
    salon(price="60.00")
    order = order_of(payment_method="transfer")
    confirm(order, amount="60.00")
    [only] = letters()
    assert "We have received R$ 60,00" in only
    assert "Please transfer" not in only


def test_what_was_collected_meanwhile_is_not_said_to_be_ready() -> None:
    stocked(sku="BOLO", units=2, price="1.80")
    order = order_of(visits=0, units=1)
    letters()
    hand_over(order=order, verbs=("pick", "ready", "deliver"))
    assert letters() == []


@pytest.mark.parametrize(("language", "words"), [("pt-br", "Como você pediu"), ("en", "As you asked")])
def test_who_cancelled_is_told_that_it_was_their_wish(language: str, words: str) -> None:
    stocked(sku="BOLO", units=2, price="1.80")
    order = order_of(visits=0, units=1, language=language)
    while outbox.relay(now=MONDAY):
        pass
    customer = Access(token=access_token(kind="order", public_id=order.public_id), now=MONDAY)
    orders.cancel_order(number=order.number, reason="", access=customer, actor=GUEST, now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    assert words in str(mail.outbox[-1].body)
    assert len(mail.outbox) == 2


def test_an_order_that_nobody_answered_is_not_said_to_be_unpaid() -> None:
    salon(requires_confirmation=True, price="79.00")
    order = order_of()
    letters()
    later = MONDAY + timedelta(hours=25)
    orders.expire_due_orders(now=later)
    [expired] = letters(now=later)
    assert f"we did not confirm order {order.number} in time" in expired
    assert "payment" not in expired
    assert "There is nothing to pay." in expired
