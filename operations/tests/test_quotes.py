"""A quote refuses exactly what ordering refuses, in the same words, and writes nothing."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from cart import services as carts
from cart.pricing import FilledCart
from cart.services import Delivery, Pickup, Units, Wanted
from catalog.models import Product, Variant
from common.errors import Refusal
from inventory import services as inventory
from inventory.models import StockReservation
from orders import services as orders
from orders.models import Order
from orders.tests.factories import GUEST, MONDAY, STAFF, place, placement_of, quoted, stocked
from scheduling import services as scheduling
from scheduling.models import Appointment
from scheduling.tests.factories import Salon, at, book, salon, set_policy, wish

pytestmark = pytest.mark.django_db(transaction=True)

DAY_FOUR = at(10, day=4)
LATER = MONDAY + timedelta(minutes=20)
"""When what a cart of MONDAY kept has run out."""


@dataclass(frozen=True)
class Case:
    """What happens after the cart is filled, and how it is to be ordered then."""

    happens: Callable[[Salon], object]
    code: str
    method: str = "on_site"
    fulfilment: Pickup | Delivery | None = dataclasses.field(default_factory=Pickup)
    starts_at: datetime = DAY_FOUR
    now: datetime = MONDAY


def nothing(shop: Salon) -> None:
    """Leave everything as it is."""


def switch_off_the_cake(shop: Salon) -> None:
    Variant.objects.filter(sku="BOLO").update(is_active=False)


def archive_the_haircut(shop: Salon) -> None:
    Product.objects.filter(slug="corte").update(status="archived")


def empty_the_shelf(shop: Salon) -> None:
    inventory.release_expired(now=LATER)
    inventory.adjust_stock(sku="BOLO", operation="set", quantity=0, reason="Sold", actor=STAFF, now=LATER)


def take_the_time(shop: Salon) -> None:
    book(at(10, day=4), now=LATER)


def ask_a_deposit(shop: Salon) -> None:
    shop.services["CORTE"].__class__.objects.update(deposit_percent=30)


def ask_a_deposit_nobody_could_pay_in_time(shop: Salon) -> None:
    ask_a_deposit(shop)
    set_policy(deadline_margin_minutes=7 * 24 * 60)


def stop_transfers(shop: Salon) -> None:
    set_policy(payment_methods="on_site")


CASES = {
    "a variant switched off": Case(switch_off_the_cake, "not_for_sale"),
    "a service archived": Case(archive_the_haircut, "not_for_sale"),
    "units gone": Case(empty_the_shelf, "out_of_stock", now=LATER),
    "time gone": Case(take_the_time, "slot_taken", now=LATER),
    "a method the shop does not take": Case(stop_transfers, "method_not_offered", method="transfer"),
    "a method nothing can complete": Case(nothing, "method_not_offered", method="card"),
    "a transfer for a pickup this morning": Case(
        lambda _shop: set_policy(deadline_margin_minutes=120), "method_not_offered", method="transfer"
    ),
    "a transfer for a visit this noon": Case(
        lambda _shop: set_policy(deadline_margin_minutes=180), "method_not_offered", method="transfer",
        fulfilment=Pickup(at=at(9, day=4)), starts_at=at(12, day=0),
    ),
    "a deposit left out": Case(ask_a_deposit, "deposit_required"),
    "a deposit that comes too late": Case(ask_a_deposit_nobody_could_pay_in_time, "deposit_required"),
    "a pickup at night": Case(nothing, "pickup_unavailable", fulfilment=Pickup(at=at(3, day=1))),
    "a delivery": Case(nothing, "delivery_unavailable", fulfilment=Delivery(address={})),
}  # fmt: skip


@pytest.fixture
def shop() -> Salon:
    stocked(sku="BOLO", units=2, price="40.00")
    return salon()


def a_cart(starts_at: datetime) -> FilledCart:
    return carts.open_cart(
        units=[Units(sku="BOLO", quantity=2)], wishes=[wish(starts_at)], customer_id=None, actor=GUEST, now=MONDAY
    )


def refusal_of(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_quote_refuses_what_ordering_refuses(shop: Salon, case: Case) -> None:
    cart = a_cart(case.starts_at)
    case.happens(shop)
    kept = list(StockReservation.objects.values()), list(Appointment.objects.values())
    wanted = Wanted(fulfilment=case.fulfilment, payment_method=case.method)
    quote = refusal_of(
        lambda: carts.quote(cart_id=cart.public_id, customer_id=None, wanted=wanted, actor=GUEST, now=case.now)
    )
    assert (list(StockReservation.objects.values()), list(Appointment.objects.values())) == kept
    placement = dataclasses.replace(placement_of(cart=cart, payment_method=case.method), fulfilment=case.fulfilment)
    order = refusal_of(lambda: orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=case.now))
    assert (quote.code, quote.data) == (order.code, order.data)
    assert quote.code == case.code


def test_an_ordered_and_an_empty_cart_have_no_quote(shop: Salon) -> None:
    cart = a_cart(at(10, day=4))
    place(cart=cart)
    assert refusal_of(lambda: quoted(cart)).code == "cart_closed"
    empty = carts.open_cart(units=[], customer_id=None, now=MONDAY)
    assert refusal_of(lambda: quoted(empty)).code == "empty_cart"


def test_what_ran_out_and_can_be_had_again_is_quoted(shop: Salon) -> None:
    cart = a_cart(at(10, day=4))
    assert quoted(cart, now=LATER).prices.total == Decimal("130.00")


def test_what_is_offered_instead_can_be_ordered(shop: Salon) -> None:
    cart = a_cart(at(10, day=4))
    refusal = refusal_of(lambda: quoted(cart, payment_method="card"))
    assert refusal.data == {"offered": ["on_site", "transfer"]}
    ask_a_deposit(shop)
    refusal = refusal_of(lambda: quoted(cart, payment_method="on_site"))
    assert refusal.data == {"amount": "15.00", "methods": ["transfer"]}
    assert quoted(cart, payment_method="transfer").prices.amount_due_now == Decimal("95.00")
    assert place(cart=cart, payment_method="transfer").order.status == "pending"


def test_the_shop_itself_is_asked_no_deposit(shop: Salon) -> None:
    ask_a_deposit(shop)
    placement = dataclasses.replace(placement_of(cart=a_cart(at(10, day=4))), fulfilment=Pickup())
    placed = orders.place_order(placement=placement, customer_id=None, actor=STAFF, now=MONDAY).order
    assert (placed.status, placed.amount_due_now) == ("confirmed", Decimal("15.00"))


def test_a_transfer_for_an_early_pickup_is_paid_before_it(shop: Salon) -> None:
    set_policy(timezone="America/Sao_Paulo")
    cart = carts.open_cart(units=[Units(sku="BOLO", quantity=1)], customer_id=None, now=MONDAY)
    pickup_at = at(9, day=1)
    placement = placement_of(cart=cart, payment_method="transfer", pickup_at=pickup_at)
    orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=MONDAY)
    order = Order.objects.get()
    assert (order.pickup_starts_at, order.expires_at) == (pickup_at, pickup_at - timedelta(hours=1))
    assert StockReservation.objects.get().expires_at == order.expires_at


def test_an_order_whose_visit_moves_nearer_waits_no_longer_than_that(shop: Salon) -> None:
    shop.services["CORTE"].__class__.objects.update(requires_confirmation=True)
    cart = a_cart(at(10, day=4))
    placement = placement_of(cart=cart, payment_method="transfer", pickup_at=at(9, day=4))
    orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=MONDAY)
    order, visit = Order.objects.get(), Appointment.objects.get()
    assert order.expires_at == MONDAY + timedelta(days=2)
    scheduling.accept(public_id=visit.public_id, actor=STAFF, now=MONDAY)
    scheduling.reschedule(public_id=visit.public_id, starts_at=at(10, day=1), actor=STAFF, now=MONDAY)
    payload = {"claim": str(visit.claim)}
    for _told_twice in range(2):
        orders.follow_visit(name="appointment.moved", payload=payload, event_id=visit.public_id, now=MONDAY)
    order.refresh_from_db()
    assert order.expires_at == at(9, day=1)
    assert StockReservation.objects.get().expires_at == order.expires_at


def test_a_hold_ends_when_its_visit_begins(shop: Salon) -> None:
    set_policy(lead_time_minutes=0, slot_hold_minutes=60)
    a_cart(at(9, 15, day=0))
    assert Appointment.objects.get().expires_at == at(9, 15, day=0)
