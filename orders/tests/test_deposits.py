"""A deposit is asked whatever the method: it counts as due now for each, and none that leaves it out is taken."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from time_machine import Traveller

from accounts.tests.doors import get, ok, post, refused
from cart.tests.factories import a_cart
from catalog.models import Product
from inventory.tests.factories import MONDAY, stocked
from orders.models import Order, OrderLine
from orders.tests.doors import ANA, place
from orders.tests.factories import late_pickup
from scheduling.models import Appointment, Professional, ProfessionalService, Service
from scheduling.tests import factories as make
from scheduling.tests.factories import at

pytestmark = pytest.mark.django_db

NOON = at(12, day=6)


@pytest.fixture(autouse=True)
def salon(time_machine: Traveller) -> make.Salon:
    """A cut costs 50.00, of which thirty in a hundred are asked before."""
    time_machine.move_to(MONDAY, tick=False)
    found = make.salon()
    Service.objects.update(deposit_percent=30)
    return found


def with_visit() -> dict[str, object]:
    cart = a_cart()
    line = {"services": ["CORTE"], "starts_at": NOON.isoformat()}
    return ok(post(f"/carts/{cart['id']}/lines/", line), 201)


@pytest.mark.parametrize("method", [None, "transfer"])
def test_a_quote_counts_it_for_every_method(method: str | None) -> None:
    quote = ok(post(f"/carts/{with_visit()['id']}/quote/", {"payment_method": method}))
    assert (quote["total"], quote["amount_due_now"]) == ("50.00", "15.00")


def test_at_the_counter_it_is_asked_for_first() -> None:
    cart = with_visit()
    for answer in (
        post(f"/carts/{cart['id']}/quote/", {"payment_method": "on_site"}),
        place(cart, fulfilment=None),
    ):
        problem = refused(answer, 422, "deposit_required")
        assert (problem["amount"], problem["methods"]) == ("15.00", ["transfer"])
    assert not Order.objects.exists()


def test_an_order_says_what_is_due_now() -> None:
    order = ok(place(with_visit(), payment_method="transfer", fulfilment=None), 201)
    assert (order["status"], order["total"], order["amount_due_now"]) == ("pending", "50.00", "15.00")


def test_booking_directly_leaves_it_out_no_more() -> None:
    wish = {"services": ["CORTE"], "starts_at": NOON.isoformat(), "customer": ANA}
    problem = refused(post("/appointments/", wish, key="k"), 422, "deposit_required")
    assert (problem["amount"], problem["methods"]) == ("15.00", ["transfer"])
    assert not Appointment.objects.exists()


KINDS: dict[str, dict[str, Any]] = {
    "none": {},
    "share": {"deposit_percent": 33},
    "amount": {"deposit_amount": Decimal("4.00")},
    "all": {"deposit_percent": 100},
}


def with_goods(**deposit: Any) -> dict[str, Any]:
    """Return a cart of three cakes for 10.05 each."""
    stocked(sku="BOLO", units=5, price="10.05")
    Product.objects.filter(kind="goods").update(**deposit)
    return a_cart({"BOLO": 3})


@pytest.mark.parametrize(("kind", "due"), [("none", "30.15"), ("share", "9.95"), ("amount", "12.00"), ("all", "30.15")])
def test_goods_ask_theirs_and_the_order_is_what_was_quoted(kind: str, due: str) -> None:
    cart = with_goods(**KINDS[kind])
    far = late_pickup(now=MONDAY).isoformat()
    pickup = {"method": "pickup", "pickup_at": far}
    quote = ok(post(f"/carts/{cart['id']}/quote/", {"payment_method": "transfer", "fulfilment": pickup}))
    order = ok(place(cart, payment_method="transfer", fulfilment=pickup), 201)
    assert (quote["total"], quote["amount_due_now"]) == ("30.15", due)
    assert (order["total"], order["amount_due_now"], order["amount_due"]) == ("30.15", due, "30.15")
    asked = Decimal("0.00") if kind == "none" else Decimal(due)
    assert OrderLine.objects.get().deposit == asked


@pytest.mark.parametrize(("kind", "amount"), [("share", "9.95"), ("amount", "12.00"), ("all", "30.15")])
def test_goods_that_ask_one_are_not_left_for_the_counter(kind: str, amount: str) -> None:
    problem = refused(place(with_goods(**KINDS[kind])), 422, "deposit_required")
    assert (problem["amount"], problem["methods"]) == (amount, ["transfer"])


def test_goods_that_ask_none_are_ordered_at_the_counter() -> None:
    order = ok(place(with_goods()), 201)
    assert (order["status"], order["amount_due_now"]) == ("confirmed", "0.00")


def test_what_was_agreed_stays_whatever_the_owner_asks_later() -> None:
    cart = with_goods(**KINDS["share"])
    pickup = {"method": "pickup", "pickup_at": late_pickup(now=MONDAY).isoformat()}
    order = ok(place(cart, payment_method="transfer", fulfilment=pickup), 201)
    Product.objects.update(deposit_percent=0, deposit_amount=0)
    Product.objects.filter(kind="goods").update(deposit_percent=100)
    again = ok(get(f"/orders/{order['number']}/", token=order["access_token"]))
    assert (again["amount_due_now"], OrderLine.objects.get().deposit) == ("9.95", Decimal("9.95"))
    with pytest.raises(IntegrityError, match="may not be changed"), transaction.atomic():
        OrderLine.objects.update(deposit=1)


def test_each_service_of_a_visit_asks_its_own() -> None:
    Service.objects.update(deposit_percent=0, deposit_amount=Decimal("12.50"))
    beard = make.service(sku="BARBA", price="0.01", deposit_percent=50)
    ProfessionalService.objects.create(professional=Professional.objects.get(), service=beard)
    cart = a_cart()
    line = {"services": ["CORTE", "BARBA"], "starts_at": NOON.isoformat()}
    ok(post(f"/carts/{cart['id']}/lines/", line), 201)
    quote = ok(post(f"/carts/{cart['id']}/quote/", {"payment_method": "transfer"}))
    assert (quote["total"], quote["amount_due_now"]) == ("50.01", "12.51")
