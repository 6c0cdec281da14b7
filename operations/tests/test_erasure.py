"""Whoever closes an account leaves no name beside what they bought; the sale stays."""

from typing import Any

import pytest

from accounts.models import Customer
from accounts.tests.doors import call, get, ok, post, refused, staff_with
from accounts.tests.factories import PASSWORD
from accounts.tests.factories import customer as a_known_customer
from backoffice.tests.desk import at_desk
from cart.tests.factories import a_cart
from common import clock, outbox
from customers.models import CustomerRecord
from operations.integrity import CHECKS, examine
from orders.models import Order, OrderContact
from orders.tasks import know_customers
from orders.tests.doors import place
from orders.tests.factories import MONDAY, stocked
from scheduling.models import Appointment
from scheduling.tests.factories import at, salon

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = [check for check in CHECKS if check.name.startswith("people.") or check.name == "orders.digest"]
KNOWN = ("Ana Lima", "ana@example.com", "98765", "52998224725", "529.982", "Bia", "nozes")


@pytest.fixture(autouse=True)
def shop(settings: Any) -> None:
    settings.SHOP_NOW = MONDAY
    stocked(sku="BOLO", units=5, price="40.00")
    salon()


def an_order_with_everything(user: Any) -> dict[str, Any]:
    lines = [
        {"sku": "BOLO", "quantity": 1},
        {"services": ["CORTE"], "starts_at": at(10, day=2).isoformat()},
    ]
    cart = ok(post("/carts/", {"lines": lines}, user=user), 201)
    customer = {
        "name": "Ana Lima",
        "email": "ana@example.com",
        "phone": "(11) 98765-4321",
        "document": "529.982.247-25",
    }
    fulfilment = {"method": "pickup", "person": "Bia"}
    return ok(place(cart, user=user, customer=customer, fulfilment=fulfilment, note="Sem nozes"), 201)


def deliver() -> None:
    while outbox.relay(now=clock.now()):
        pass


def test_the_sale_stays_and_the_people_go() -> None:
    customer = a_known_customer(email="ana@example.com", name="Ana Lima")
    before = an_order_with_everything(customer.user)
    assert know_customers() == 2
    record = CustomerRecord.objects.get()
    assert (record.account, record.name) == (customer, "Ana Lima")
    refused(call("DELETE", "/me/", {"password": "wrong"}, user=customer.user), 401, "invalid_credentials")
    deliver()
    assert OrderContact.objects.get().name == "Ana Lima"

    assert call("DELETE", "/me/", {"password": PASSWORD}, user=customer.user).status_code == 204
    assert [
        check.name for check in PEOPLE if examine(now=clock.now(), checks=[check]).findings
    ] == []  # it is on its way
    deliver()
    deliver()

    contact, visit = OrderContact.objects.get(), Appointment.objects.get()
    assert contact.anonymised_at is not None
    assert (visit.contact_name, visit.contact_email, visit.contact_phone, visit.note) == ("", "", "", "")
    after = ok(get(f"/orders/{before['number']}/", user=staff_with("orders.view_order", "orders.view_ordercontact")))
    assert not any(word in str(after) for word in KNOWN)
    for kept in ("number", "total", "lines", "status", "paid", "history"):
        assert after[kept] == before[kept]
    assert [check.name for check in PEOPLE if examine(now=clock.now(), checks=[check]).findings] == []
    record.refresh_from_db()
    assert (record.name, record.email, record.anonymised_at is None) == ("", "", False)
    assert know_customers() == 0


def test_nobody_who_left_gets_a_record() -> None:
    customer = a_known_customer(email="ana@example.com", name="Ana Lima")
    an_order_with_everything(customer.user)
    assert call("DELETE", "/me/", {"password": PASSWORD}, user=customer.user).status_code == 204
    know_customers()
    deliver()
    know_customers()
    assert not CustomerRecord.objects.exists()


def test_nobody_is_found_or_named_at_the_desk() -> None:
    customer = a_known_customer(email="ana@example.com", name="Ana Lima")
    number = an_order_with_everything(customer.user)["number"]
    assert call("DELETE", "/me/", {"password": PASSWORD}, user=customer.user).status_code == 204
    deliver()
    desk = at_desk(role="owner")
    order, visit = Order.objects.get(number=number), Appointment.objects.get()
    pages = [
        f"/admin/orders/order/{order.pk}/change/",
        "/admin/orders/order/?q=98765-4321",
        "/admin/orders/order/",
        f"/admin/scheduling/appointment/{visit.pk}/change/",
    ]
    for page in pages:
        text = desk.get(page).content.decode()
        assert not any(word in text for word in ("Ana Lima", "ana@example.com", "52998224725")), page
    assert "Conta encerrada" in desk.get(pages[0]).content.decode()
    assert number not in desk.get(pages[1]).content.decode()


def test_the_orders_of_others_keep_their_people() -> None:
    customer = a_known_customer(email="ana@example.com", name="Ana Lima")
    ok(place(a_cart({"BOLO": 1})), 201)
    assert call("DELETE", "/me/", {"password": PASSWORD}, user=customer.user).status_code == 204
    deliver()
    assert OrderContact.objects.get().anonymised_at is None
    assert Customer.objects.get(pk=customer.pk).anonymised_at is not None
