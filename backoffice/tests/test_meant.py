"""All changes, searched as an owner would: by the number of an order, by SKU, by what people are called."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests import factories as accounts
from audit.models import Entry
from audit.selectors import newest_by
from backoffice import meant
from backoffice.admin import changes
from backoffice.tests.desk import at_desk, text_of
from catalog.services.variants import index
from commissions.tests.factories import rule
from common.actors import Actor
from common.testing import statements
from common.transactions import unit_of_work
from customers.tests.factories import record
from inventory.models import StockItem
from inventory.tests.factories import MONDAY, stocked
from orders.models import Order
from orders.tests.factories import ordered
from scheduling.models import Room
from scheduling.tests import factories as agenda
from scheduling.tests.factories import at, booked
from till import services as till

pytestmark = pytest.mark.django_db

CHANGES = "admin:audit_entry_changelist"


def things(text: str) -> set[str]:
    """Return what a text means beside itself."""
    exactly, *found = meant.subjects_meant(text)
    assert exactly == text.strip()
    return set(found)


@pytest.fixture
def order() -> Order:
    product = stocked(sku="PAO-01", units=9).product
    with unit_of_work():
        index(product=product, now=MONDAY)
    return ordered(units={"PAO-01": 1}, payment_method="transfer")


@pytest.mark.parametrize("typed", ["{number}", " #{number} ", "{email}", "lima, ÁNA"])
def test_an_order_goes_by_its_number_and_its_people(order: Order, typed: str) -> None:
    typed = typed.format(number=order.number, email=order.contact.email)
    assert things(typed) == {f"orders_order:{order.pk}"}


@pytest.mark.parametrize("typed", ["PAO-01", "pao-01"])
def test_goods_go_by_their_code(order: Order, typed: str) -> None:
    item = StockItem.objects.select_related("variant").get()
    assert things(typed) == {f"catalog_product:{item.variant.product_id}", f"inventory_stockitem:{item.pk}"}


def test_people_go_by_name_and_by_mailbox() -> None:
    login = accounts.user(name="Joana Prado", email="joana@example.com")
    account = accounts.customer(user=login, name="Joana Prado", email="joana@example.com")
    kept = record(name="Joana Prado", email="joana@example.com")
    found = {f"accounts_user:{login.pk}", f"accounts_customer:{account.pk}", f"customers_customerrecord:{kept.pk}"}
    assert things("joana prado") == things("joana@example.com") == found


def test_who_works_here_goes_by_name_with_what_they_earn_and_their_drawers() -> None:
    person = agenda.professional(name="Bia Ramos")
    earned = rule(person)
    login = accounts.user(name="Bia Ramos")
    drawer = till.open_session(
        till=None, opening_float=Decimal(0), actor=Actor(kind="staff", id=str(login.pk), door="admin"), now=MONDAY
    )
    assert things("bia") == {
        f"accounts_user:{login.pk}",
        f"scheduling_professional:{person.pk}",
        f"commissions_commissionrule:{earned.pk}",
        f"till_tillsession:{drawer.pk}",
    }
    assert things(drawer.till.name) == {f"till_till:{drawer.till_id}", f"till_tillsession:{drawer.pk}"}


def test_a_visit_goes_by_whose_it_is() -> None:
    agenda.professional(performs=[agenda.service(sku="CORTE")])
    visit = booked(at(11), "CORTE", name="Carla Dias")
    assert f"scheduling_appointment:{visit.pk}" in things("carla dias")


@pytest.mark.parametrize("typed", ["antonio", "ANTÔNIO prado", "toni@example.com", "Antônio Prado"])
def test_who_did_it_goes_by_name_and_by_mailbox(typed: str) -> None:
    accounts.user(name="Bia Ramos")
    login = accounts.user(name="Antônio Prado", email="toni@example.com")
    assert meant.actors_meant(typed) == [typed, f"login:{login.pk}"]


def test_names_of_two_letters_are_names_and_the_team_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    team = accounts.user(name="Jô Lima", is_staff=True)
    others = [accounts.user(name="João Lima", email=f"lima{number}@example.com") for number in range(3)]
    assert meant.actors_meant("jô") == ["jô", f"login:{team.pk}"]
    monkeypatch.setattr(meant, "MOST", 2)
    assert meant.actors_meant("lima") == ["lima", f"login:{team.pk}", f"login:{others[-1].pk}"]


@pytest.mark.parametrize("typed", ["###", "", "  ", "nobody at all", "o'b\"--", "9" * 500])
def test_what_means_nothing_finds_nothing(order: Order, typed: str) -> None:
    assert things(typed) == set()
    assert meant.actors_meant(typed) == [typed.strip()]


def test_it_is_one_statement_and_never_more_than_so_many(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        accounts.user(name="Maria Muitas", email=f"maria{number}@example.com")
    monkeypatch.setattr(meant, "MOST", 2)
    with statements() as found:
        subjects = meant.subjects_meant("maria")
    newest = User.objects.filter(name="Maria Muitas").order_by("-pk")[:2]
    assert len(found) == 1
    assert sorted(subjects[1:]) == sorted(f"accounts_user:{one.pk}" for one in newest)


@pytest.fixture
def desk() -> Client:
    return at_desk(role="owner")


def rows(desk: Client, text: str) -> list[Entry]:
    answer: Any = desk.get(reverse(CHANGES), {"q": text})
    return list(answer.context["cl"].result_list)


def test_the_owner_finds_what_was_changed_of_an_order(desk: Client, order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(status="confirmed", expires_at=None)
    [entry] = rows(desk, order.number)
    assert (entry.subject, entry.after["status"]) == (f"orders_order:{order.pk}", "confirmed")
    assert rows(desk, entry.subject) == [entry]
    assert rows(desk, str(uuid4())) == []
    page = text_of(desk.get(reverse(CHANGES), {"q": order.number}))
    assert f"Pedido {order.number} · Situação" in page
    assert "Pedido, produto, SKU, nome ou e-mail" in page
    assert "orders_order" not in page.split("<tbody")[1].partition("</tbody>")[0]
    one = text_of(desk.get(reverse("admin:audit_entry_change", args=[entry.pk])))
    assert f'?q=orders_order%3A{order.pk}">Pedido {order.number}</a>' in one


def test_the_newest_entries_of_many_things_are_looked_through(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = [Room.objects.create(name=f"Sala {number}") for number in range(4)]
    for room in reversed(rooms):
        Room.objects.filter(pk=room.pk).update(is_active=False)
    monkeypatch.setattr(changes, "MOST", 3)
    assert [(entry.row_id, entry.action) for entry in rows(desk, "sala")] == [(room.pk, "update") for room in rooms[:3]]


def test_the_newest_of_what_many_did_is_found_in_one_statement(desk: Client) -> None:
    room = Room.objects.create(name="Sala")
    for number, actor in enumerate(("login:1", "login:2", "login:3", "login:1")):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('balcao.actor', %s, true), set_config('balcao.door', 'x', true)", [actor])
        Room.objects.filter(pk=room.pk).update(name=f"Sala {number}")
    with statements() as found:
        newest = newest_by(["login:1", "login:2"], most=2)
    assert len(found) == 1
    named = Entry.objects.in_bulk(newest)
    assert [named[pk].after["name"] for pk in newest] == ["Sala 3", "Sala 1"]
    assert newest_by(["login:3"], most=2) == [
        pk for pk, entry in Entry.objects.in_bulk().items() if entry.actor == "login:3"
    ]
