"""The owner erases a customer who never had an account; whoever has one closes it, and two may be one person."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.db.models.functions import Now

from accounts.models import Customer
from accounts.tests import factories as people
from common import outbox
from common.models import OutboxMessage
from customers import services as customers
from customers.errors import Forgotten, HasAccount
from customers.models import CustomerRecord
from customers.tests.factories import CLERK, NOW, record
from operations.integrity import findings
from orders.models import OrderContact
from orders.tests.factories import ordered, stocked
from scheduling.models import Appointment
from scheduling.tests.factories import at, booked, salon

pytestmark = pytest.mark.django_db


def test_name_and_contacts_go_here_and_beside_what_was_sold() -> None:
    stocked(sku="PAO", units=9, price="10.00")
    known, merged = record(name="Ana", phone="+5511987654321"), record(name="Ana L.", email="ana@example.com")
    customers.merge_customers(stays=known, goes=merged, actor=CLERK, now=NOW)
    orders = [ordered(units={"PAO": 1}) for _one in range(3)]
    for order, whose in zip(orders, (known, merged, None), strict=True):
        OrderContact.objects.filter(order=order).update(record=whose)
    total = orders[0].total
    shop = salon()
    visits = [booked(at(hour), who=shop.id("Ana"), name="Ana", note="Prefere manhã") for hour in (10, 11, 12)]
    for visit, whose in zip(visits, (known, merged, None), strict=True):
        Appointment.objects.filter(pk=visit.pk).update(record=whose)
    customers.forget_customer(record=known, actor=CLERK, now=NOW)
    while outbox.relay(now=NOW):
        pass
    for one in CustomerRecord.objects.filter(pk__in=[known.pk, merged.pk]):
        assert (one.name, one.phone, one.email, one.anonymised_at) == ("", "", "", NOW)
        assert one.steps.last().action == "erased"  # type: ignore[union-attr]
    kept = {contact.order_id: contact for contact in OrderContact.objects.all()}
    for order in orders[:2]:
        contact = kept[order.pk]
        assert (contact.name, contact.email, contact.phone, contact.anonymised_at is None) == ("", "", "", False)
    assert kept[orders[2].pk].name
    came = {visit.pk: visit for visit in Appointment.objects.all()}
    for visit in visits[:2]:
        there = came[visit.pk]
        assert (there.contact_name, there.contact_email, there.contact_phone, there.note) == ("", "", "", "")
    assert (came[visits[2].pk].contact_name, came[visits[2].pk].note) == ("Ana", "Prefere manhã")
    orders[0].refresh_from_db()
    assert orders[0].total == total
    assert [line for line in findings(now=NOW) if "people." in line] == []
    with pytest.raises(Forgotten):
        customers.forget_customer(record=known, actor=CLERK, now=NOW)


def test_who_has_an_account_closes_it_themselves() -> None:
    known = record(name="Ana")
    CustomerRecord.objects.filter(pk=known.pk).update(account=people.customer())
    with pytest.raises(HasAccount):
        customers.forget_customer(record=known, actor=CLERK, now=NOW)
    known.refresh_from_db()
    assert known.name == "Ana"


def close(account: Customer) -> None:
    """Close an account, as far as the shop's records go, and let everybody hear of it."""
    Customer.objects.filter(pk=account.pk).update(name="", phone="", document="", is_active=False, anonymised_at=NOW)
    payload = {"customer": str(account.public_id)}
    customers.erase_record(name="account.closed", payload=payload, event_id=account.public_id, now=NOW)
    while outbox.relay(now=NOW):
        pass


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("closed_leads", [True, False])
def test_of_one_person_with_two_accounts_what_could_be_of_the_one_in_use_stays(closed_leads: bool) -> None:
    stocked(sku="PAO", units=9, price="10.00")
    accounts = [people.customer(), people.customer()]
    leads, merged = record(name="Ana"), record(name="Ana L.")
    for account, one in zip(accounts, (leads, merged), strict=True):
        CustomerRecord.objects.filter(pk=one.pk).update(account=account)
    customers.merge_customers(stays=leads, goes=merged, actor=CLERK, now=NOW)
    orders = [ordered(units={"PAO": 1}) for _one in range(2)]
    for order, whose in zip(orders, (leads, merged), strict=True):
        OrderContact.objects.filter(order=order).update(record=whose)

    def named() -> list[bool]:
        return [contact.name != "" for contact in OrderContact.objects.order_by("order")]

    first, last = accounts if closed_leads else reversed(accounts)
    for _twice in range(2):
        close(first)
        assert named() == ([True, True] if closed_leads else [True, False])
        assert [line for line in findings(now=NOW) if "people." in line] == []
    close(last)
    assert named() == [False, False]
    assert [line for line in findings(now=NOW) if "people." in line] == []


@pytest.mark.django_db(transaction=True)
def test_an_update_forgets_what_accounts_left_that_were_closed_before() -> None:
    stocked(sku="PAO", units=9, price="10.00")
    closed, in_use = people.customer(is_active=False, name="", anonymised_at=NOW), people.customer()
    for account in (closed, in_use):
        one = record(name="Ana", email=f"{account.pk}@example.com")
        OrderContact.objects.filter(order=ordered(units={"PAO": 1})).update(record=one)
        CustomerRecord.objects.filter(pk=one.pk).update(account=account)
    CustomerRecord.objects.filter(account=closed).update(name="", email="", anonymised_at=NOW)
    with connection.cursor() as cursor:
        cursor.execute(import_module("customers.migrations.0006_forget_under_records").ONCE_MORE)
    later = Now() + timedelta(hours=23)  # a worker of before would hear it in vain
    assert OutboxMessage.objects.filter(name="account.closed", not_before__gt=later).count() == 1
    assert [line for line in findings(now=NOW) if "people." in line] == []
    OutboxMessage.objects.update(not_before=NOW)
    while outbox.relay(now=NOW):
        pass
    assert [line for line in findings(now=NOW) if "people." in line] == []
    kept = {contact.record: contact.name for contact in OrderContact.objects.select_related("record")}
    assert {one.account: name != "" for one, name in kept.items() if one} == {closed: False, in_use: True}
    assert CustomerRecord.objects.get(account=closed).steps.filter(action="erased").count() == 0
