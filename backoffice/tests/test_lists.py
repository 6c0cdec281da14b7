"""Lists of the desk: what all their rows share is worked out once, and a row is one person's."""

from typing import Any

import pytest
from django.urls import reverse
from unfold.templatetags import unfold_list

from accounts.tests import factories as people
from backoffice.tests.desk import at_desk
from orders.models import OrderContact
from orders.tests.factories import ordered, stocked

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rows", [2, 12])
def test_the_headers_of_a_list_are_worked_out_once_however_many_rows_it_has(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    original = unfold_list.label_for_field

    def label_for_field(name: str, *args: Any, **more: Any) -> Any:
        asked.append(name)
        return original(name, *args, **more)

    monkeypatch.setattr(unfold_list, "label_for_field", label_for_field)
    for number in range(rows):
        people.customer(name=f"Ana {number:02}", email=f"ana{number}@cliente.example")
    desk = at_desk(role="owner")
    for ordering, first in (("1", "Ana 00"), ("-1", f"Ana {rows - 1:02}")):
        asked.clear()
        page = desk.get(reverse("admin:accounts_customer_changelist"), {"o": ordering})
        text = page.content.decode()
        assert len(asked) == len(set(asked)) > 2
        assert min((f"Ana {number:02}" for number in range(rows)), key=text.index) == first


def test_guests_without_an_email_are_no_one_person() -> None:
    """Most sales at the counter name none: together they would be one guest, with the name of the last."""
    stocked(sku="PAO", units=9, price="10.00")
    contacts = [ordered(units={"PAO": 1}).contact for _number in range(3)]
    for contact, (name, email) in zip(
        contacts, (("Jonas", ""), ("Davi", ""), ("Paula", "paula@x.example")), strict=True
    ):
        OrderContact.objects.filter(pk=contact.pk).update(name=name, email=email)
    desk = at_desk(role="owner")
    text = desk.get(reverse("admin:orders_ordercontact_changelist")).content.decode()
    assert [name for name in ("Jonas", "Davi", "Paula") if name in text] == ["Paula"]
    assert desk.get(reverse("admin:orders_ordercontact_change", args=[contacts[1].pk])).status_code != 200
    assert desk.get(reverse("admin:orders_ordercontact_change", args=[contacts[2].pk])).status_code == 200
