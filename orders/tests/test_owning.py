"""A guest's order becomes an account's: by its link, or by a mailbox that is proved to be read."""

import pytest

from accounts.tests import factories as people
from accounts.tests.doors import a_customer, get, ok, post, refused
from common import clock
from common.testing import statements
from orders.models import Order
from orders.tests.doors import ANA, an_order, place
from orders.tests.factories import MONDAY
from scheduling.models import Appointment
from scheduling.tests.factories import at, booked, salon
from storefront.tests.shop import on_sale, variant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    on_sale("Bolo", variant("BOLO", "42.00"), stock=9)


def claim(order: dict[str, str], **how: object) -> object:
    token = how.pop("token", None)
    return post(f"/orders/{order['number']}/claim/" + (f"?access_token={token}" if token else ""), **how)


def test_the_link_of_an_order_makes_it_the_accounts() -> None:
    order, login = an_order(), a_customer()
    assert ok(get("/orders/", user=login))["results"] == []

    claimed = ok(claim(order, token=order["access_token"], user=login))

    assert claimed["number"] == order["number"]
    assert [one["number"] for one in ok(get("/orders/", user=login))["results"]] == [order["number"]]
    assert ok(claim(order, user=login))["number"] == order["number"]


def test_an_order_is_taken_over_once() -> None:
    order, login = an_order(), a_customer()
    ok(claim(order, token=order["access_token"], user=login))

    refused(claim(order, token=order["access_token"], user=a_customer()), 404, "not_found")

    assert Order.objects.get(customer__user=login).number == order["number"]


def test_an_e_mail_alone_takes_nothing_over() -> None:
    email = "ana.lima@example.com"
    order = an_order(customer=ANA | {"email": email})
    unproved = people.user(email=email, email_verified_at=None)
    people.customer(user=unproved, email=email)
    refused(claim(order, user=unproved), 404, "not_found")
    refused(claim(order, user=a_customer()), 404, "not_found")
    refused(claim(order, token="x" * 43, user=a_customer()), 404, "not_found")
    assert Order.objects.get().customer is None


def test_a_verified_mailbox_takes_its_orders_over() -> None:
    email = "ana.lima@example.com"
    order = an_order(customer=ANA | {"email": "Ana.Lima+bolo@example.com"})
    login = people.user(email=email)
    people.customer(user=login, email=email)
    assert ok(claim(order, user=login))["number"] == order["number"]


def test_guests_and_strangers_to_the_shop_claim_nothing() -> None:
    order = an_order()
    refused(claim(order, token=order["access_token"]), 401, "unauthenticated")
    refused(claim({"number": "NADA"}, user=a_customer()), 404, "not_found")
    refused(claim(order, token=order["access_token"], user=people.user(is_staff=True)), 403, "forbidden")


def test_its_visits_come_along_and_stand_among_ones_own() -> None:
    salon(names=("Ana",))
    login = a_customer()
    line = {"services": ["CORTE"], "starts_at": at(14).isoformat()}
    cart = ok(post("/carts/", {"lines": [line]}), 201)
    order = ok(place(cart, fulfilment=None), 201)
    assert ok(get("/appointments/", user=login))["results"] == []

    ok(claim(order, token=order["access_token"], user=login))

    (visit,) = ok(get("/appointments/", user=login))["results"]
    assert visit["id"] == str(Appointment.objects.get().public_id)
    assert (visit["status"], visit["services"][0]["sku"]) == ("confirmed", "CORTE")
    assert ok(get(f"/appointments/{visit['id']}/", user=login))["access_token"] == visit["access_token"]


def test_what_a_cart_holds_is_no_visit_yet_and_guests_list_none() -> None:
    salon(names=("Ana",))
    login = a_customer()
    line = {"services": ["CORTE"], "starts_at": at(14).isoformat()}
    ok(post("/carts/", {"lines": [line]}, user=login), 201)
    assert ok(get("/appointments/", user=login))["results"] == []
    refused(get("/appointments/"), 401, "unauthenticated")


def test_ones_visits_are_read_with_as_many_statements_whatever_there_are() -> None:
    salon(names=("Ana",))
    login = a_customer()
    for hour in (10, 14, 16):
        booked(at(hour), "CORTE", customer_id=login.customer.pk, email=f"{hour}@example.com")
    with statements() as ran:
        seen = ok(get("/appointments/?page_size=2", user=login))
    assert len(ran) == 3  # the policy, the visits, their services
    starts = [one["starts_at"] for one in seen["results"]]
    rest = ok(get(seen["next"].split("/api/v1")[1], user=login))
    starts += [one["starts_at"] for one in rest["results"]]
    assert [start[11:13] for start in starts] == ["16", "14", "10"]
