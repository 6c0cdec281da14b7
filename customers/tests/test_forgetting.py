"""The owner erases a customer who never had an account."""

import pytest

from accounts.tests import factories as people
from common import outbox
from customers import services as customers
from customers.errors import Forgotten, HasAccount
from customers.models import CustomerRecord
from customers.tests.factories import CLERK, NOW, record
from operations.integrity import findings
from orders.models import OrderContact
from orders.tests.factories import ordered, stocked

pytestmark = pytest.mark.django_db


def test_name_and_contacts_go_here_and_beside_what_was_sold() -> None:
    stocked(sku="PAO", units=9, price="10.00")
    known, merged = record(name="Ana", phone="+5511987654321"), record(name="Ana L.", email="ana@example.com")
    customers.merge_customers(stays=known, goes=merged, actor=CLERK, now=NOW)
    orders = [ordered(units={"PAO": 1}) for _one in range(3)]
    for order, whose in zip(orders, (known, merged, None), strict=True):
        OrderContact.objects.filter(order=order).update(record=whose)
    total = orders[0].total
    customers.forget_customer(record=known, actor=CLERK, now=NOW)
    while outbox.relay(now=NOW):
        pass
    for one in CustomerRecord.objects.filter(pk__in=[known.pk, merged.pk]):
        assert (one.name, one.phone, one.email, one.anonymised_at) == ("", "", "", NOW)
        assert one.steps.last().action == "erased"  # type: ignore[union-attr]
    kept = {contact.order_id: contact for contact in OrderContact.objects.all()}
    for order in orders[:2]:
        contact = kept[order.pk]
        assert (contact.name, contact.email, contact.phone, contact.anonymised_at) == ("", "", "", NOW)
    assert kept[orders[2].pk].name
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
