"""The search of the first page: visits to come, customers and orders, as far as whoever looks may know."""

from typing import Any

import pytest
from django.test import Client

from backoffice.tests.desk import at_desk, text_of
from common.testing import statements
from orders.models import OrderContact
from orders.tests.factories import MONDAY, ordered, stocked
from scheduling.models import Appointment
from scheduling.tests import factories as make
from scheduling.tests.factories import at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday(settings: Any) -> None:
    settings.SHOP_NOW = MONDAY


def found(desk: Client, text: str) -> dict[str, list[str]]:
    """Return the names of what was found, by kind."""
    lists = desk.get("/admin/procurar/", {"q": text}).context["found"]
    return {kind: [row["name"] for row in rows] for kind, rows in lists.items() if rows}


def test_who_calls_is_found_by_name_and_phone_with_what_is_to_come() -> None:
    shop = make.salon()
    visit = make.booked(at(10), who=shop.id("Ana"), name="Conceição Lima", phone="+5511955554444")
    make.booked(at(11), who=shop.id("Ana"), name="Rita")
    gone = make.booked(at(12), who=shop.id("Ana"), name="Conceição Lima")
    Appointment.objects.filter(pk=gone.pk).update(state="cancelled")
    desk = at_desk(role="counter")
    for text in ("conceicao", "LIMA conc", "95555-4444", "\u202a(11) 95555\u20114444\u202c", "conceicao\u200b"):
        assert found(desk, text)["visits"] == ["Conceição Lima"]
    page = text_of(desk.get("/admin/procurar/", {"q": "conceicao"}))
    assert f"/admin/agenda/?visit={visit.public_id}&amp;move" in page
    assert str(gone.public_id) not in page


def test_an_order_is_found_by_its_number_and_its_name() -> None:
    stocked(sku="PAO", units=10)
    order = ordered(units={"PAO": 1})
    desk = at_desk(role="owner")
    assert found(desk, order.number)["orders"] == [order.contact.shown_name]
    assert found(desk, order.contact.shown_name)["orders"] == [order.contact.shown_name]


def test_who_may_not_know_how_people_are_reached_finds_nobody_by_it() -> None:
    stocked(sku="PAO", units=10)
    order = ordered(units={"PAO": 1})
    OrderContact.objects.filter(order=order).update(name="Rita", email="segredo@example.com")
    assert found(at_desk(role="counter"), "segredo") == {"orders": ["Rita"]}
    viewer = at_desk(role="viewer")
    assert (found(viewer, "segredo"), found(viewer, "rita")) == ({}, {"orders": ["Rita"]})
    assert at_desk(role="professional").get("/admin/procurar/").status_code == 403


@pytest.mark.parametrize("text", ["", "a", "x" * 500, "%", "ninguém"])
def test_what_finds_nothing_says_so_or_waits(text: str) -> None:
    answer = at_desk(role="owner").get("/admin/procurar/", {"q": text})
    assert answer.status_code == 200
    assert not any(answer.context["found"].values())


def test_the_search_costs_the_same_whatever_is_found() -> None:
    """Two of them are the session and the login."""
    stocked(sku="PAO", units=100)
    shop = make.salon()
    desk = at_desk(role="owner")
    costs = []
    for hour in (10, 14):
        make.booked(at(hour), who=shop.id("Ana"), name="Maria")
        ordered(units={"PAO": 1})
        with statements() as ran:
            assert desk.get("/admin/procurar/", {"q": "maria"}).status_code == 200
        costs.append(len(ran))
    assert costs == [8, 8]
