"""A deposit is asked whatever the method: it counts as due now for each, and none that leaves it out is taken."""

import pytest
from time_machine import Traveller

from accounts.tests.doors import ok, post, refused
from cart.tests.factories import a_cart
from inventory.tests.factories import MONDAY
from orders.models import Order
from orders.tests.doors import ANA, place
from scheduling.models import Appointment, Service
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
