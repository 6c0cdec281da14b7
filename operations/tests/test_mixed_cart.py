"""One cart for things and time: what it holds, for whom, and what becomes of it."""

from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from accounts.models import Customer
from backoffice.tests.desk import member
from cart import services as carts
from common import clock
from common.errors import Refusal
from operations.tests.mixed import TEN, mixed_cart, reserved, states
from orders.tests.factories import GUEST, MONDAY, stocked
from scheduling.errors import SlotTaken
from scheduling.tests.factories import Salon, at, book, salon, set_policy, wish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Salon:
    """A salon with one professional, and two cakes."""
    stocked(sku="BOLO", units=2, price="40.00")
    return salon()


def test_a_cart_holds_units_and_time_and_shows_both(shop: Salon) -> None:
    cart = mixed_cart()
    line = next(line for line in cart.lines if line.kind == "visit")
    assert (cart.prices.total, len(cart.lines)) == (Decimal("90.00"), 2)
    assert (line.sku, line.quantity, line.unit_price) == ("CORTE", 1, Decimal("50.00"))
    assert line.visit is not None
    assert (line.visit.professional_id, line.visit.professional) == (shop.id("Ana"), "Ana")
    assert line.visit.starts_at.isoformat() == "2026-03-03T10:00:00-03:00"
    assert line.held_until is not None
    assert (states(), reserved()) == (["held"], 1)


def test_a_refused_visit_leaves_no_cart_behind(shop: Salon) -> None:
    book(TEN)
    with pytest.raises(SlotTaken) as caught:
        mixed_cart()
    assert len(caught.value.data["alternatives"]) == 3  # type: ignore[arg-type]
    assert reserved() == 0


def test_the_hold_cap_counts_visits_of_one_cart(shop: Salon) -> None:
    set_policy(max_holds_per_customer=1)
    cart = mixed_cart()
    with pytest.raises(Refusal) as caught:
        carts.add_visit(cart_id=cart.public_id, wish=wish(at(11)), customer_id=None, actor=GUEST, now=MONDAY)
    assert caught.value.code == "too_many_holds"


def test_times_held_as_a_guest_count_for_the_customer_who_takes_the_cart_over(shop: Salon) -> None:
    set_policy(max_holds_per_customer=2)
    maria = Customer.objects.create(name="Maria", email="maria@example.com").pk
    kept = mixed_cart().public_id
    for guest in (kept, mixed_cart(starts_at=at(11)).public_id):
        carts.take_over(cart_id=guest, customer_id=maria, now=MONDAY)
    assert states() == ["held", "held"]
    with pytest.raises(Refusal) as caught:
        carts.add_visit(cart_id=kept, wish=wish(at(12)), customer_id=maria, actor=GUEST, now=MONDAY)
    assert (caught.value.code, caught.value.data) == ("too_many_holds", {"max": 2})


@pytest.mark.parametrize(("role", "status"), [("counter", 201), ("professional", 422)])
def test_a_cart_of_the_team_is_the_desks_only_for_those_who_manage_visits(
    shop: Salon, monkeypatch: pytest.MonkeyPatch, role: str, status: int
) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    client = APIClient()
    client.force_authenticate(member(role=role))
    soon = {"services": ["CORTE"], "starts_at": at(9, 30, day=0).isoformat()}
    assert client.post("/api/v1/carts/", {"lines": [soon]}).status_code == status


def test_removing_the_line_frees_the_time(shop: Salon) -> None:
    cart = mixed_cart()
    visit = next(line for line in cart.lines if line.kind == "visit")
    left = carts.remove_line(cart_id=cart.public_id, line_id=visit.public_id, customer_id=None, now=MONDAY)
    assert [line.kind for line in left.lines] == ["goods"]
    assert book(TEN).appointment.pk
