"""Whoever closes an account leaves no name beside what they bought; the sale stays."""

from typing import Any

import pytest

from accounts.models import Customer
from accounts.tests.doors import call, get, ok, post, refused, staff_with
from accounts.tests.factories import PASSWORD
from accounts.tests.factories import customer as a_known_customer
from accounts.tests.factories import user as a_login
from backoffice.tests.desk import at_desk
from cart.models import Cart
from cart.tests.factories import a_cart
from common import clock, outbox
from customers.models import CustomerRecord
from operations.integrity import CHECKS, examine
from orders.models import Order, OrderContact
from orders.tasks import know_customers
from orders.tests.doors import place
from orders.tests.factories import MONDAY, stocked
from scheduling.models import Appointment
from scheduling.tests.factories import at, book, salon

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = [check for check in CHECKS if check.name.startswith("people.") or check.name == "orders.digest"]
KNOWN = ("Ana Lima", "ana@example.com", "98765", "52998224725", "529.982", "Bia", "nozes")
AT_DESK = ("Ana Lima", "ana@example.com", "529.982.247-25")


@pytest.fixture(autouse=True)
def shop(settings: Any) -> None:
    settings.SHOP_NOW = MONDAY
    stocked(sku="BOLO", units=5, price="40.00")
    salon()


def an_order_with_everything(user: Any, *, hour: int = 10) -> dict[str, Any]:
    lines = [
        {"sku": "BOLO", "quantity": 1},
        {"services": ["CORTE"], "starts_at": at(hour, day=2).isoformat()},
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


def a_guests_order(**contact: str) -> Order:
    """Return what somebody ordered without signing in, put under a record."""
    written = {"name": "Ana Lima", "email": "ana@example.com"} | contact
    placed = ok(place(a_cart({"BOLO": 1}), customer=written, note="Sem nozes"), 201)
    know_customers()
    return Order.objects.select_related("contact").get(number=placed["number"])


def a_visit_by_phone() -> Appointment:
    """Return a visit that the shop wrote down while it was called, put under a record."""
    visit = book(at(15, day=2), name="Ana Lima", email="", phone="+5511987654321", note="Sem nozes").appointment
    know_customers()
    return Appointment.objects.get(public_id=visit.public_id)


def broken() -> list[tuple[str, list[str]]]:
    """Return the promises about people that do not hold, and what each names."""
    report = examine(now=clock.now(), checks=PEOPLE)
    return [(result.check.name, [row["named"] for row in result.rows]) for result in report.findings]


def test_what_they_ordered_as_a_guest_and_booked_by_phone_goes_too() -> None:
    customer = a_known_customer(email="ana@example.com", name="Ana Lima")
    an_order_with_everything(customer.user)
    know_customers()
    record = CustomerRecord.objects.get()
    order, visit = a_guests_order(document="529.982.247-25"), a_visit_by_phone()
    assert (order.customer, visit.customer) == (None, None)
    assert (order.contact.record, visit.record) == (record, record)

    assert call("DELETE", "/me/", {"password": PASSWORD}, user=customer.user).status_code == 204
    deliver()
    deliver()

    for contact in OrderContact.objects.all():
        assert contact.anonymised_at is not None
        assert (contact.name, contact.email, contact.document, contact.note) == ("", "", "", "")
    for one in Appointment.objects.all():
        assert (one.contact_name, one.contact_email, one.contact_phone, one.note) == ("", "", "", "")
    assert not Cart.objects.exclude(address="").exists()
    kept = Order.objects.get(pk=order.pk)
    assert (kept.status, kept.total) == (order.status, order.total)
    assert Appointment.objects.get(pk=visit.pk).state == "confirmed"
    assert broken() == []
    assert know_customers() == 0


def test_a_name_that_was_left_beside_what_they_ordered_as_a_guest_is_found() -> None:
    customer = a_known_customer(email="ana@example.com", name="Ana Lima")
    an_order_with_everything(customer.user)
    know_customers()
    order, visit = a_guests_order(), a_visit_by_phone()
    assert call("DELETE", "/me/", {"password": PASSWORD}, user=customer.user).status_code == 204
    deliver()
    assert broken() == []
    OrderContact.objects.filter(order=order).update(name="Ana Lima", anonymised_at=None)
    Appointment.objects.filter(pk=visit.pk).update(contact_phone="+5511987654321")
    assert broken() == [("people.forgotten_from_sales", [order.number, str(visit.public_id)])]


def test_what_another_account_ordered_keeps_its_people() -> None:
    customer = a_known_customer(email="ana@example.com", name="Ana Lima")
    an_order_with_everything(customer.user)
    know_customers()
    other = a_known_customer(user=a_login(email_verified_at=None), email="neta@example.com", name="Ana Lima")
    theirs = an_order_with_everything(other.user, hour=12)
    know_customers()
    contact = OrderContact.objects.get(order__number=theirs["number"])
    assert contact.record == CustomerRecord.objects.get()
    assert call("DELETE", "/me/", {"password": PASSWORD}, user=customer.user).status_code == 204
    deliver()
    contact.refresh_from_db()
    assert (contact.name, contact.anonymised_at) == ("Ana Lima", None)
    assert [one.contact_name for one in Appointment.objects.order_by("pk")] == ["", "Ana Lima"]
    assert broken() == []


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
    desk = at_desk(role="owner")
    order, visit = Order.objects.get(number=number), Appointment.objects.get()
    pages = [
        f"/admin/orders/order/{order.pk}/change/",
        "/admin/orders/order/?q=98765-4321",
        "/admin/orders/order/",
        f"/admin/scheduling/appointment/{visit.pk}/change/",
    ]

    def shown() -> list[str]:
        return [desk.get(page).content.decode() for page in pages]

    before = shown()
    assert [[word in text for word in AT_DESK] for text in before] == [
        [True, True, True], [True, True, False], [True, True, False], [True, True, False],
    ]  # fmt: skip
    assert number in before[1]
    assert call("DELETE", "/me/", {"password": PASSWORD}, user=customer.user).status_code == 204
    deliver()
    after = shown()
    assert [word for word in AT_DESK for text in after if word in text] == []
    assert "Conta encerrada" in after[0]
    assert number not in after[1]


def test_the_orders_of_others_keep_their_people() -> None:
    customer = a_known_customer(email="ana@example.com", name="Ana Lima")
    ok(place(a_cart({"BOLO": 1})), 201)
    assert call("DELETE", "/me/", {"password": PASSWORD}, user=customer.user).status_code == 204
    deliver()
    assert OrderContact.objects.get().anonymised_at is None
    assert Customer.objects.get(pk=customer.pk).anonymised_at is not None
