"""An order that owes nothing more and waits for nobody's answer is confirmed, whatever way to pay was chosen."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail

from cart import services as carts
from cart.services import Units
from common import outbox
from common.models import OutboxMessage
from operations.integrity import findings
from operations.tests.mixed import reserved, states
from orders import services as orders
from orders.messages import sentences
from orders.models import Order
from orders.selectors import facts_of, told_of
from orders.tests.factories import GUEST, MONDAY, STAFF, place, stocked
from scheduling import services as scheduling
from scheduling.models import Appointment, ProfessionalService
from scheduling.tests.factories import Salon, at, professional, salon, service, wish

pytestmark = pytest.mark.django_db(transaction=True)

EVERY_WAY = ["transfer", "on_site"]
MUCH_LATER = MONDAY + timedelta(days=6)


@pytest.fixture
def shop() -> Salon:
    """A cut at 50.00 that the shop confirms, advice at nothing, and cakes that are given away."""
    stocked(sku="BOLO", units=2, price="0.00")
    found = salon(requires_confirmation=True)
    advice = service(sku="CONVERSA", price="0.00")
    ProfessionalService.objects.create(professional=found.people["Ana"], service=advice)
    return found


def the_order(*skus: str, payment_method: str = "transfer") -> Order:
    """Return an order of a cake and of visits, one a day at ten."""
    cart = carts.open_cart(
        units=[Units(sku="BOLO", quantity=1)],
        wishes=[wish(at(10, day=5 + day), sku) for day, sku in enumerate(skus)],
        customer_id=None,
        actor=GUEST,
        now=MONDAY,
    )
    return Order.objects.get(number=place(cart=cart, payment_method=payment_method).order.number)


def the_visit(sku: str) -> Appointment:
    return Appointment.objects.get(services__sku=sku)


def decline(visit: Appointment) -> None:
    scheduling.cancel(public_id=visit.public_id, actor=STAFF, reason="Ana is away", now=MONDAY)


def deliver() -> None:
    for _round in range(4):
        outbox.relay(now=MONDAY)
    assert list(OutboxMessage.objects.exclude(last_error="")) == []


def said(order: Order, cause: str) -> tuple[str, ...]:
    """Return what a letter says of the order now."""
    order.refresh_from_db()
    return sentences(facts=facts_of(cause=cause, told=told_of(order=order, now=MONDAY), now=MONDAY))


def assert_kept_for_good(order: Order) -> None:
    """Neither the order nor a visit of it runs out any more."""
    assert orders.expire_due_orders(now=MUCH_LATER) == 0
    assert scheduling.release_expired(now=MUCH_LATER) == 0
    order.refresh_from_db()
    assert order.status == "confirmed"
    assert findings(now=MONDAY) == []


@pytest.mark.parametrize("payment_method", EVERY_WAY)
def test_it_is_confirmed_once_the_shop_has_declined_all_that_was_to_be_paid(shop: Salon, payment_method: str) -> None:
    order = the_order("CORTE", "CONVERSA", payment_method=payment_method)
    assert order.status == "pending"
    decline(the_visit("CORTE"))
    deliver()
    order.refresh_from_db()
    assert (order.status, states(), reserved()) == ("confirmed", ["cancelled", "confirmed"], 1)
    assert said(order, "line_cancelled") == ("line_cancelled", "nothing_to_pay")
    assert said(order, "confirmed") == ("confirmed", "nothing_to_pay")
    assert f"O pedido {order.number} está confirmado" in [str(letter.subject) for letter in mail.outbox]
    assert_kept_for_good(order)


@pytest.mark.parametrize("payment_method", EVERY_WAY)
def test_two_answers_that_are_heard_of_together_confirm_the_rest(shop: Salon, payment_method: str) -> None:
    order = the_order("CORTE", "CORTE", "CONVERSA", payment_method=payment_method)
    for visit in Appointment.objects.filter(services__sku="CORTE"):
        decline(visit)
    deliver()
    assert states() == ["cancelled", "cancelled", "confirmed"]
    assert_kept_for_good(order)


def test_a_visit_that_costs_nothing_is_confirmed_when_the_shop_accepts_it(shop: Salon) -> None:
    shop.services["CORTE"].variant.price = Decimal("0.00")
    shop.services["CORTE"].variant.save()
    order = the_order("CORTE")
    assert (order.status, states()) == ("pending", ["requested"])
    scheduling.accept(public_id=the_visit("CORTE").public_id, actor=STAFF, now=MONDAY)
    deliver()
    assert said(order, "confirmed") == ("confirmed", "nothing_to_pay")
    assert_kept_for_good(order)


def test_a_visit_that_costs_nothing_and_is_not_answered_expires_without_a_word_of_money(shop: Salon) -> None:
    fitting = service(sku="PROVA", price="0.00", requires_confirmation=True)
    ProfessionalService.objects.create(professional=shop.people["Ana"], service=fitting)
    order = the_order("CORTE", "PROVA")
    decline(the_visit("CORTE"))
    deliver()
    assert said(order, "line_cancelled") == ("line_cancelled", "awaits_shop", "nothing_to_pay")
    assert (order.status, states()) == ("pending", ["cancelled", "requested"])
    orders.expire_due_orders(now=MUCH_LATER)
    assert said(order, "expired") == ("expired_unanswered", "nothing_to_pay")


def test_a_visit_moved_to_where_it_costs_nothing_confirms_its_order(shop: Salon) -> None:
    bia = professional(name="Bia")
    free = ProfessionalService.objects.create(professional=bia, service=shop.services["CORTE"], price=Decimal("0.00"))
    order = the_order("CORTE")
    visit = the_visit("CORTE")
    scheduling.accept(public_id=visit.public_id, actor=STAFF, now=MONDAY)
    deliver()
    order.refresh_from_db()
    assert order.status == "pending"
    scheduling.reschedule(
        public_id=visit.public_id,
        starts_at=visit.starts_at,
        professional=free.professional.public_id,
        expected_total=Decimal("0.00"),
        actor=GUEST,
        now=MONDAY,
    )
    deliver()
    assert said(order, "confirmed") == ("confirmed", "nothing_to_pay")
    assert_kept_for_good(order)


@pytest.mark.parametrize(("paid", "status"), [("30.00", "confirmed"), ("29.99", "pending")])
def test_what_was_paid_before_counts(shop: Salon, paid: str, status: str) -> None:
    comb = service(sku="PENTEADO", price="30.00")
    ProfessionalService.objects.create(professional=shop.people["Ana"], service=comb)
    order = the_order("CORTE", "PENTEADO")
    Order.objects.update(paid=paid)
    decline(the_visit("CORTE"))
    deliver()
    order.refresh_from_db()
    assert order.status == status
