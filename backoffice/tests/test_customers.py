"""The desk's pages of customers: found, added in a line, read on one page, merged, blocked."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts.models import Block
from backoffice import customer_desk
from backoffice.tests.desk import at_desk, complaints_of, messages_of, text_of
from backoffice.tests.pages import Tab
from common.testing import statements
from customers import services as customers
from customers.models import CustomerRecord
from customers.tests.factories import CLERK, NOW, record
from orders import services as orders
from orders.models import Order, OrderContact
from orders.tests.factories import MONDAY, ordered, stocked
from scheduling import services as scheduling
from scheduling.models import Appointment
from scheduling.tests.factories import at, booked, salon

pytestmark = pytest.mark.django_db

LIST = "/admin/customers/customerrecord/"


@pytest.fixture(autouse=True)
def shop(settings: Any) -> None:
    settings.SHOP_NOW = MONDAY
    stocked(sku="PAO", units=500, price="10.00")


@pytest.fixture
def desk() -> Client:
    return at_desk(role="counter")


def bought(by: CustomerRecord, *, units: int = 1, paid: str = "0.00", refunded: str = "0.00") -> Order:
    order = ordered(units={"PAO": units})
    OrderContact.objects.filter(order=order).update(record=by)
    Order.objects.filter(pk=order.pk).update(paid=paid, refunded=refunded)
    return order


def page_of(one: CustomerRecord) -> str:
    return f"{LIST}{one.pk}/change/"


def named(answer: Any) -> list[str]:
    return [str(row) for row in answer.context["cl"].result_list]


def test_the_list_is_searched_as_people_search(desk: Client) -> None:
    record(name="João da Conceição", phone="11987654321", document="52998224725")
    record(name="Maria", email="maria@exemplo.com")
    for text in ("joao", "(11) 98765-4321", "529.982.247-25", "conceicao joão"):
        assert named(desk.get(LIST, {"q": text})) == ["João da Conceição"], text
    assert named(desk.get(LIST, {"q": "maria@exemplo"})) == ["Maria"]
    assert named(desk.get(LIST)) == ["João da Conceição", "Maria"]


def test_the_list_is_narrowed_by_tag_birthday_and_block(desk: Client) -> None:
    record(name="Ana", tags=["VIP"], birthday="02/03")  # MONDAY is 2 March
    record(name="Bia", birthday="31/03/1990")
    record(name="Caio", birthday="01/04")
    blocked = record(name="Davi", phone="11987654321")
    customers.block_customer(record=blocked, reason="x", actor=CLERK, now=NOW)
    asked = {
        "tag=VIP": ["Ana"],
        "birthday=today": ["Ana"],
        "birthday=month": ["Ana", "Bia"],
        "birthday=next": ["Caio"],
        "blocked=yes": ["Davi"],
        "blocked=no": ["Ana", "Bia", "Caio"],
    }
    assert {query: named(desk.get(f"{LIST}?{query}")) for query in asked} == asked


def test_a_customer_is_added_in_one_line_and_once(desk: Client) -> None:
    form = desk.get(LIST).context["quick_form"]
    line = {"name": "Dona Lúcia", "phone": "11 98765-4321", "key": str(form["key"].value())}
    answer = desk.post(f"{LIST}quick/", line, follow=True)
    lucia = CustomerRecord.objects.get()
    assert answer.redirect_chain[0][0] == page_of(lucia)
    assert messages_of(answer) == ["Dona Lúcia está na lista."]
    desk.post(f"{LIST}quick/", line)
    assert CustomerRecord.objects.count() == 1


def test_numbers_are_pasted_with_the_marks_that_came_with_them(desk: Client) -> None:
    key = desk.get(LIST).context["quick_form"]["key"].value()
    desk.post(f"{LIST}quick/", {"name": "Lúcia", "phone": "\u202a+55 11 98765\u20114321\u202c", "key": str(key)})
    lucia = CustomerRecord.objects.get()
    assert lucia.phone == "+5511987654321"
    page = desk.get(f"{LIST}{lucia.pk}/edit/").context
    typed = {"document": "\u202a529.982.247\u201125\u202c", "birthday": "\u200e12/03\ufeff"}
    form, seen = page["adminform"].form, {"_seen": page["desk_page"]["seen"]}
    desk.post(f"{LIST}{lucia.pk}/edit/", {name: form[name].value() for name in form.fields} | seen | typed)
    lucia.refresh_from_db()
    assert (lucia.phone, lucia.document, lucia.birthday) == ("+5511987654321", "52998224725", "--03-12")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"name": "", "phone": "11987654321"}, "Este campo é obrigatório"),
        ({"name": "Ana", "phone": "123"}, "Este número de telefone não existe"),
    ],
)
def test_a_line_that_cannot_be_read_loses_nothing(desk: Client, line: dict[str, str], told: str) -> None:
    key = desk.get(LIST).context["quick_form"]["key"].value()
    answer = desk.post(f"{LIST}quick/", line | {"key": str(key)})
    assert answer.status_code in (400, 422)
    assert told in text_of(answer)
    assert f'value="{line["phone"]}"' in text_of(answer)
    assert not CustomerRecord.objects.exists()


def test_the_form_reads_every_writing_and_says_what_is_wrong_beside_it(desk: Client) -> None:
    record(name="Bia", document="52998224725")
    typed = {
        "name": "Ana Lima",
        "phone": "(11) 98765-4321",
        "email": "Ana@Exemplo.com",
        "document": "529.982.247-25",
        "birthday": "12/03",
        "tags": "VIP, alérgica",
        "notes": "Prefere manhã",
    }
    answer = desk.post(f"{LIST}add/", typed)
    assert answer.status_code == 409
    assert complaints_of(answer) == ["CPF ou CNPJ: Bia tem este CPF ou CNPJ."]
    assert "Prefere manhã" in text_of(answer)
    desk.post(f"{LIST}add/", typed | {"document": "111.444.777-35"})
    ana = CustomerRecord.objects.get(name="Ana Lima")
    assert (ana.phone, ana.email, ana.document) == ("+5511987654321", "ana@exemplo.com", "11144477735")
    assert (ana.birthday, ana.tags, ana.notes) == ("--03-12", ["alérgica", "VIP"], "Prefere manhã")


def test_the_form_changes_what_was_typed_anew_alone(desk: Client) -> None:
    ana = record(name="Ana", phone="11987654321", birthday="12/03", tags=["VIP"])
    form = desk.get(f"{LIST}{ana.pk}/edit/")
    shown = {name: form.context["adminform"].form[name].value() for name in form.context["adminform"].form.fields}
    assert (shown["phone"], shown["birthday"], shown["tags"]) == ("+55 11 98765-4321", "12/03", "VIP")
    seen = {"_seen": form.context["desk_page"]["seen"]}
    answer = desk.post(f"{LIST}{ana.pk}/edit/", shown | seen | {"notes": "Prefere manhã"}, follow=True)
    assert answer.redirect_chain[-1][0] == page_of(ana)
    ana.refresh_from_db()
    assert (ana.notes, ana.phone, ana.tags) == ("Prefere manhã", "+5511987654321", ["VIP"])
    assert [step.fields for step in ana.steps.all()] == [[], ["notes"]]


def test_the_page_shows_what_they_bought_and_when_they_came(desk: Client) -> None:
    shop = salon(names=("Ana", "Bruno"))
    lucia = record(name="Dona Lúcia", phone="11987654321", notes="Prefere manhã", tags=["VIP"], birthday="12/03/1950")
    order = bought(lucia, units=2, paid="20.00", refunded="5.00")
    bought(lucia, units=3, paid="30.00")
    bought(lucia)
    bought(record(), paid="10.00")
    done = [booked(at(10), "CORTE", who=shop.id("Bruno")), booked(at(11), "CORTE", who=shop.id("Bruno"))]
    done.append(booked(at(14), "CORTE", who=shop.id("Ana")))
    for visit in done:
        scheduling.complete(public_id=visit.public_id, actor=CLERK, now=visit.ends_at)
    missed = booked(at(16), "CORTE", who=shop.id("Ana"))
    scheduling.mark_no_show(public_id=missed.public_id, actor=CLERK, now=missed.ends_at)
    ahead = booked(at(10, day=3), "CORTE", who=shop.id("Ana"))
    scheduling.know_visitors(now=NOW)
    figures = customer_desk.figures(record=lucia, now=at(18))
    assert (figures.spent, figures.purchases, figures.average) == (Decimal("45.00"), 2, Decimal("22.50"))
    assert (figures.visits, figures.no_shows, figures.favourite) == (3, 1, "Bruno")
    assert (figures.last_visit, figures.next_visit) == (done[2].starts_at, ahead.starts_at)
    text = text_of(desk.get(page_of(lucia)))
    for word in (
        "R$ 45,00",
        "R$ 22,50",
        "Bruno",
        order.number,
        "12/03/1950",
        "VIP",
        "Prefere manhã",
        "wa.me/5511987654321",
    ):
        assert word in text, word
    assert reverse("admin:orders_order_change", args=[order.pk]) in text
    assert f"?visit={ahead.public_id}" in text


def test_the_page_takes_as_many_statements_for_many_orders(desk: Client) -> None:
    salon()
    few, many = record(name="Ana Lima"), record(name="Bia Souza")
    bought(few)
    booked(at(9), "CORTE")
    Appointment.objects.update(record=few)
    for number in range(8):
        bought(many)
        visit = booked(at(10 + number % 7, day=2 + number // 7), "CORTE", actor=CLERK)
        Appointment.objects.filter(pk=visit.pk).update(record=many)

    def taken(one: CustomerRecord) -> int:
        desk.get(page_of(one))
        with statements() as run:
            assert desk.get(page_of(one)).status_code == 200
        return len(run)

    assert taken(few) == taken(many) == STATEMENTS


STATEMENTS = 17


def test_the_timeline_is_leafed_through(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customer_desk, "PAGE", 2)
    ana = record()
    numbers = [bought(ana).number for _time in range(3)]
    first, second = (desk.get(page_of(ana), {"p": page}).context for page in ("1", "2"))
    shown = [entry.title.split()[-1] for page in (first, second) for entry in page["entries"]]
    assert shown == numbers[::-1]
    assert (first["next_page"], second["next_page"]) == (2, None)
    assert desk.get(page_of(ana), {"p": "x" * 9}).context["page_number"] == 1


def test_a_merge_is_asked_about_and_everything_is_on_one_page(desk: Client) -> None:
    stays, goes = record(name="Ana Lima", phone="11987654321"), record(name="Ana Lima", phone="1133334444")
    orders_of_both = [bought(stays, paid="10.00"), bought(goes, paid="10.00")]
    assert text_of(desk.get(f"{LIST}duplicates/")).count("Ana Lima") >= 2
    question = desk.get(f"{LIST}{stays.pk}/merge/{goes.pk}/")
    assert "+55 11 3333-4444" in text_of(question)
    assert CustomerRecord.objects.filter(merged_into=None).count() == 2
    answer = desk.post(f"{LIST}{stays.pk}/merge/{goes.pk}/", follow=True)
    text = text_of(answer)
    assert all(order.number in text for order in orders_of_both)
    assert "R$ 20,00" in text
    assert desk.get(page_of(goes)).headers["Location"] == page_of(stays)
    assert named(desk.get(LIST, {"q": "3333-4444"})) == ["Ana Lima"]
    assert "Nenhum par" in text_of(desk.get(f"{LIST}duplicates/"))
    again = desk.post(f"{LIST}{stays.pk}/merge/{goes.pk}/")
    assert again.status_code == 404


def test_two_people_are_proposed_no_more(desk: Client) -> None:
    one, other = record(name="Maria", phone="11987654321"), record(name="José", phone="11987654321")
    assert "José" in text_of(desk.get(f"{LIST}duplicates/"))
    for _twice in range(2):
        desk.post(f"{LIST}{other.pk}/apart/{one.pk}/")
    assert "José" not in text_of(desk.get(f"{LIST}duplicates/"))
    assert desk.get(page_of(one)).context["alike"] == []


def test_the_owner_blocks_and_lets_in_again() -> None:
    desk = at_desk(role="owner")
    ana = record(name="Ana", phone="11987654321")
    desk.post(f"{LIST}{ana.pk}/block/", {"reason": "Não vem e não avisa"})
    assert Block.objects.get().phone == ana.phone
    assert "Não vem e não avisa" in text_of(desk.get(page_of(ana)))
    desk.post(f"{LIST}{ana.pk}/unblock/")
    assert not Block.objects.exists()
    nameless = record(name="Zé")
    refused = desk.post(f"{LIST}{nameless.pk}/block/", {"reason": "x"})
    assert refused.status_code == 409
    assert "só com o nome" in text_of(refused)


PAGES = {
    "": (200, 200, 403),
    "add/": (200, 200, 403),
    "duplicates/": (200, 200, 403),
    "{pk}/change/": (200, 200, 403),
    "{pk}/edit/": (200, 200, 403),
    "{pk}/merge/{other}/": (200, 200, 403),
    "{pk}/block/": (200, 403, 403),
    "{pk}/unblock/": (200, 403, 403),
    "{pk}/delete/": (403, 403, 403),
}


@pytest.mark.parametrize(("place", "role"), [(0, "owner"), (1, "counter"), (2, "professional")])
def test_who_may_see_and_do_what(place: int, role: str) -> None:
    desk = at_desk(role=role)
    one, other = record(name="Ana Lima"), record(name="Ana Lima Souza")
    found = {page: desk.get(LIST + page.format(pk=one.pk, other=other.pk)).status_code for page in PAGES}
    assert found == {page: codes[place] for page, codes in PAGES.items()}


def test_an_order_leads_to_its_customer(desk: Client) -> None:
    ana = record(name="Ana")
    order = bought(ana)
    assert page_of(ana) in text_of(desk.get(f"/admin/orders/order/{order.pk}/change/"))
    orders.know_buyers(now=NOW)


def test_what_the_desk_notes_tells_no_name_that_would_outlive_its_erasure(desk: Client) -> None:
    line = {"name": "Ana Lima", "phone": "11987654321", "key": str(desk.get(LIST).context["quick_form"]["key"].value())}
    desk.post(f"{LIST}quick/", line)
    one = CustomerRecord.objects.get()
    assert Tab(desk, f"{LIST}{one.pk}/edit/").type(notes="Paga em dia").save().status_code == 302
    notes = LogEntry.objects.values_list("object_repr", "object_id")
    assert list(notes) == [(f"customers.customerrecord {one.pk}", str(one.pk))] * 2
    assert not LogEntry.objects.filter(change_message__contains="Ana").exists()
