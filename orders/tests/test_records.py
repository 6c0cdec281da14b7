"""Whoever orders or books is under the shop's record of them, known by account, mailbox, phone or document."""

from typing import Any

import pytest

from accounts.models import Customer
from accounts.tests import factories as people
from accounts.tests.doors import get, ok
from catalog.models import Product
from common.errors import Forbidden
from common.testing import race
from customers import services as customers
from customers.models import CustomerRecord
from customers.tests.factories import CLERK, NOW, record
from orders import services as orders
from orders.models import OrderContact
from orders.tasks import know_customers
from orders.tests.factories import MONDAY, cart_with, ordered, place, stocked
from scheduling.models import Appointment
from scheduling.tests.factories import at, booked, held, salon, set_policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(db: None) -> Product | Any:
    return stocked(sku="PAO", units=50, price="1.00")


def order(**contact: Any) -> OrderContact:
    """Place an order of a guest and say who it was."""
    account: Customer | None = contact.pop("account", None)
    placed = ordered(units={"PAO": 1})
    placed.customer = account
    placed.save(update_fields=["customer"])
    written = {"name": "Ana Lima", "email": "", "phone": "", "document": ""} | contact
    OrderContact.objects.filter(order=placed).update(**written)
    return OrderContact.objects.get(order=placed)


def root_of(row: OrderContact | Appointment) -> CustomerRecord | None:
    row.refresh_from_db()
    return row.record and (row.record.merged_into or row.record)


def test_a_guest_gets_a_record_once(shelf: Any) -> None:
    first = order(email="ana@exemplo.com", phone="+5511987654321", document="52998224725")
    orders.know_buyers(now=NOW)
    again = [order(email="ANA+loja@exemplo.com".lower()), order(phone="+5511987654321"), order(document="52998224725")]
    orders.know_buyers(now=NOW)
    ana = CustomerRecord.objects.get()
    assert (ana.name, ana.email, ana.phone) == ("Ana Lima", "ana@exemplo.com", "+5511987654321")
    assert (ana.document, ana.account, ana.created_at) == ("52998224725", None, MONDAY)
    assert [root_of(one) for one in (first, *again)] == [ana] * 4
    step = ana.steps.get()
    assert (step.action, step.actor_kind) == ("added", "system")


def test_two_orders_of_one_stranger_in_one_sweep_make_one_record(shelf: Any) -> None:
    both = [order(phone="+5511987654321"), order(phone="+5511987654321", email="ana@exemplo.com")]
    assert orders.know_buyers(now=NOW) == 2
    assert root_of(both[0]) == root_of(both[1]) == CustomerRecord.objects.get()
    assert orders.know_buyers(now=NOW) == 0


def test_whoever_the_team_wrote_down_is_known_again(shelf: Any) -> None:
    mother, child = record(name="Maria", phone="11987654321"), record(name="José Lima", phone="11987654321")
    assert orders.know_buyers(now=NOW) == 0
    by_name, by_nobody = order(name="JOSE  lima", phone=child.phone), order(name="Vó", phone=child.phone)
    orders.know_buyers(now=NOW)
    assert (root_of(by_name), root_of(by_nobody)) == (child, mother)


def test_a_merged_record_still_knows_its_people(shelf: Any) -> None:
    stays, goes = record(name="Ana"), record(name="Aninha", phone="11987654321")
    customers.merge_customers(stays=stays, goes=goes, actor=CLERK, now=NOW)
    later = order(phone="+5511987654321")
    orders.know_buyers(now=NOW)
    assert root_of(later) == stays


def test_nobody_is_known_by_a_name_alone(shelf: Any) -> None:
    nameless = order(name="Ana")
    assert orders.know_buyers(now=NOW) == 0
    assert root_of(nameless) is None
    assert not CustomerRecord.objects.exists()


def test_a_proved_account_is_put_beside_the_record_of_its_mailbox(shelf: Any) -> None:
    ana = record(name="Ana", email="ana@exemplo.com")
    account = people.customer(email="ana@exemplo.com")
    by_account = order(account=account, email="outra@exemplo.com")
    customers.take_in_accounts(now=NOW)
    orders.know_buyers(now=NOW)
    ana.refresh_from_db()
    assert ana.account == account
    assert root_of(by_account) == ana
    assert [step.fields for step in ana.steps.all()] == [[], ["account"]]
    assert customers.take_in_accounts(now=NOW) == 0


def test_an_account_nobody_proved_is_no_proof(shelf: Any) -> None:
    ana = record(name="Ana", email="ana@exemplo.com")
    login = people.user(email="ana@exemplo.com", email_verified_at=None)
    squatter = people.customer(user=login)
    own = order(account=squatter, email="squatter@exemplo.com", name="X")
    assert customers.take_in_accounts(now=NOW) == 0
    orders.know_buyers(now=NOW)
    ana.refresh_from_db()
    assert ana.account is None
    made = root_of(own)
    assert made is not None
    assert made.account == squatter, "its own things are erased with it"


def test_accounts_of_a_family_with_one_phone_stay_apart() -> None:
    mother = people.customer(phone="+5511987654321", name="Maria")
    child = people.customer(phone="+5511987654321", name="José")
    assert customers.take_in_accounts(now=NOW) == 2
    assert {one.account for one in CustomerRecord.objects.filter(merged_into=None)} == {mother, child}


def test_two_accounts_of_one_mailbox_are_one_customer() -> None:
    first = people.customer(user=people.user(email="ana@gmail.com"))
    second = people.customer(user=people.user(email="a.na@gmail.com"))
    assert customers.take_in_accounts(now=NOW) == 2
    root = CustomerRecord.objects.get(merged_into=None)
    assert (root.account, root.merged.get().account) == (first, second)
    assert customers.take_in_accounts(now=NOW) == 0


def test_visits_make_customers_too() -> None:
    salon()
    visit, taken = booked(at(10), "CORTE"), held(at(12), "CORTE")
    Appointment.objects.filter(pk=taken.pk).update(contact_phone="+5511911112222")
    set_policy(booking_click_minutes=30)
    waiting = booked(at(14), "CORTE", phone="+5511933334444", email="x@example.com")
    know_customers()
    maria = CustomerRecord.objects.get()
    assert (maria.name, maria.phone, root_of(visit)) == ("Maria Souza", "+5511987654321", maria)
    assert (root_of(taken), root_of(waiting)) == (None, None)


def test_a_merge_opens_nothing_to_an_account(shelf: Any) -> None:
    account = people.customer(name="Ana", email="ana@exemplo.com")
    own, anothers = order(account=account, email="ana@exemplo.com"), order(name="Bia", phone="+5511987654321")
    customers.take_in_accounts(now=NOW)
    orders.know_buyers(now=NOW)
    stays, goes = root_of(own), root_of(anothers)
    assert stays is not None
    assert goes is not None
    customers.merge_customers(stays=stays, goes=goes, actor=CLERK, now=NOW)
    assert root_of(anothers) == root_of(own)
    seen = str(ok(get("/orders/", user=account.user)))
    assert own.order.number in seen
    assert anothers.order.number not in seen


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_once_make_one_record() -> None:
    stocked(sku="PAO", units=50, price="1.00")
    for number in range(6):
        order(phone="+5511987654321", email=f"ana{number}@exemplo.com")
    assert [found for found in race(workers=3, work=lambda _number: orders.know_buyers(now=NOW)) if found] == [6]
    assert CustomerRecord.objects.count() == 1
    assert OrderContact.objects.filter(record__isnull=True).count() == 0


def test_whom_the_desk_blocks_orders_and_books_nothing(shelf: Any) -> None:
    salon()
    ana = record(name="Ana", phone="11987654321", email="ana@exemplo.com")
    customers.block_customer(record=ana, reason="Nunca aparece", actor=CLERK, now=NOW)
    with pytest.raises(Forbidden):
        place(cart=cart_with(units={"PAO": 1}), email="ANA+x@exemplo.com".lower())
    with pytest.raises(Forbidden):
        booked(at(10), "CORTE", phone=ana.phone, email="outra@exemplo.com")
    customers.unblock_customer(record=ana, actor=CLERK, now=NOW)
    assert place(cart=cart_with(units={"PAO": 1}), email="ana@exemplo.com").order.number
