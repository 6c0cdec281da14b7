"""What whoever signs in has to do today."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from backoffice.tests.desk import at_desk, text_of
from catalog.models import Product
from catalog.tests import factories as catalog
from common import outbox
from common.access import access_token
from common.testing import statements
from inventory import services as inventory
from orders import services as orders
from orders.models import Order
from orders.tests.factories import ALL, MONDAY, STAFF, cancel, hand_over, ordered, stocked
from pages.views import VISITOR
from payments import services as payments
from payments.models import Refund
from scheduling import services as scheduling
from scheduling.models import Appointment
from scheduling.tests import factories as make
from scheduling.tests.factories import at
from scheduling.wording import CLICK


@pytest.fixture(autouse=True)
def monday(settings: Any) -> None:
    settings.SHOP_NOW = MONDAY


@pytest.fixture
def desk(db: None) -> Client:
    stocked(sku="PAO", units=100, price="10.00")
    return at_desk(role="owner")


def panels(desk: Client) -> dict[str, Any]:
    found: dict[str, Any] = desk.get("/admin/").context["panels"]
    return found


def numbers(rows: list[dict[str, Any]]) -> list[str]:
    return [row["number"] for row in rows]


def test_what_is_collected_today_is_listed_until_it_is_handed_over(desk: Client) -> None:
    order = ordered(units={"PAO": 3})
    before = panels(desk)
    assert (numbers(before["to_prepare"]), str(before["to_prepare"][0]["stage"])) == ([order.number], "A preparar")
    assert [(row["name"], row["units"]) for row in before["sheet"]] == [(order.lines.get().name, 3)]
    hand_over(order=order, verbs=("pick", "ready"))
    ready = panels(desk)
    assert (str(ready["to_prepare"][0]["stage"]), ready["sheet"]) == ("Pronto", [])
    hand_over_rest(order)
    assert panels(desk)["to_prepare"] == []


def test_what_is_made_as_often_stands_where_portuguese_has_it(desk: Client) -> None:
    for sku, name in (("BOLO", "Bolo"), ("AGUA", "Água")):
        stocked(sku=sku, units=10, price="1.00")
        Product.objects.filter(variants__sku=sku).update(name=name)
    ordered(units={"BOLO": 2, "AGUA": 2})
    assert [row["name"] for row in panels(desk)["sheet"]] == ["Água", "Bolo"]


def hand_over_rest(order: Order) -> None:
    begun = order.fulfilments.get()
    orders.advance_fulfilment(
        number=order.number, fulfilment_id=begun.public_id, verb="deliver", access=ALL, actor=STAFF, now=MONDAY
    )


def test_transfers_wait_until_they_expire(desk: Client, settings: Any) -> None:
    order = ordered(units={"PAO": 3}, payment_method="transfer")
    assert numbers(panels(desk)["waiting"]) == [order.number]
    assert order.expires_at is not None
    settings.SHOP_NOW = order.expires_at
    assert panels(desk)["waiting"] == []


def test_who_did_not_come_is_listed_once_the_grace_is_over(desk: Client, settings: Any) -> None:
    order = ordered(units={"PAO": 3})
    assert panels(desk)["late"] == []
    settings.SHOP_NOW = MONDAY.replace(day=20)
    found = panels(desk)
    assert (numbers(found["late"]), found["to_prepare"]) == ([order.number], [])


def test_money_that_is_owed_back_is_listed(desk: Client) -> None:
    order = ordered(units={"PAO": 3})
    payments.begin_payment(number=order.number, method="on_site", access=ALL, actor=STAFF, now=MONDAY)
    cancel(order=order)
    outbox.relay(now=MONDAY)
    found = panels(desk)
    assert (numbers(found["refunds"]), found["refunds"][0]["amount"]) == ([order.number], "R$ 30,00")


def test_the_number_of_a_figure_is_that_of_the_rows_behind_it(desk: Client) -> None:
    for _number in range(2):
        order = ordered(units={"PAO": 3})
        payments.begin_payment(number=order.number, method="on_site", access=ALL, actor=STAFF, now=MONDAY)
        cancel(order=order)
    outbox.relay(now=MONDAY)
    for status in ("sent", "refused"):
        Refund.objects.filter(pk=Refund.objects.order_by("pk")[0].pk).update(status=status)
    ordered(units={"PAO": 1})
    ordered(units={"PAO": 1}, payment_method="transfer")
    inventory.warn_at(sku="PAO", units=99)
    shop = make.salon(requires_confirmation=True)
    make.book(at(10), who=shop.id("Ana"), name="Rita")
    figures = panels(desk)["figures"]
    assert {str(figure.label): figure.value for figure in figures} == {
        "Pedidos de hoje": "1", "Para entregar hoje": "1", "Aguardando transferência": "1", "Não retirados": "0",
        "Agendamentos de hoje": "0", "Horários a confirmar": "1", "A devolver": "2", "Estoque baixo": "1",
    }  # fmt: skip
    rows = {str(figure.label): desk.get(figure.link).context["cl"].result_count for figure in figures}
    assert rows == {str(figure.label): int(figure.value) for figure in figures}


def test_low_stock_is_listed_at_the_level_of_each_product(desk: Client) -> None:
    assert panels(desk)["low"] == []
    inventory.warn_at(sku="PAO", units=97)
    assert panels(desk)["low"] == []
    ordered(units={"PAO": 3})
    assert [(item.variant.sku, item.available) for item in panels(desk)["low"]] == [("PAO", 97)]


def test_a_long_list_says_that_there_is_more(desk: Client) -> None:
    for _number in range(9):
        ordered(units={"PAO": 1})
    found = panels(desk)
    assert (len(found["to_prepare"]), found["more_to_prepare"]) == (8, True)
    assert [figure.value for figure in found["figures"][:2]] == ["9", "8+"]
    assert found["figures"][0].note == "R$ 90,00"


def test_a_person_without_permissions_sees_no_figures(db: None) -> None:
    stocked(sku="PAO", units=10)
    ordered(units={"PAO": 1})
    answer = at_desk(role="professional").get("/admin/")
    assert answer.status_code == 200
    assert answer.context["panels"]["figures"] == []
    assert "R$" not in text_of(answer)


def test_times_that_wait_for_an_answer_are_listed_until_they_run_out(desk: Client, settings: Any) -> None:
    shop = make.salon(requires_confirmation=True)
    make.book(at(10), who=shop.id("Ana"), name="Rita")
    make.book(at(11), who=shop.id("Ana"), name="Rosa")
    Appointment.objects.filter(contact_name="Rosa").update(state="confirmed", expires_at=None)
    [request] = panels(desk)["requests"]
    assert (request["name"], request["professional"]) == ("Rita", "Ana")
    assert "Horários a confirmar" in text_of(desk.get("/admin/"))
    figures = {str(figure.label): figure.value for figure in panels(desk)["figures"]}
    assert (figures["Horários a confirmar"], figures["Agendamentos de hoje"]) == ("1", "0")

    settings.SHOP_NOW = at(8)
    figures = {str(figure.label): figure.value for figure in panels(desk)["figures"]}
    assert figures["Agendamentos de hoje"] == "1"

    settings.SHOP_NOW = MONDAY + timedelta(hours=24)
    assert panels(desk)["requests"] == []


def test_the_visits_of_today_are_listed_until_they_are_closed(desk: Client, settings: Any) -> None:
    shop = make.salon()
    for hour in (15, 10):
        make.booked(at(hour), who=shop.id("Ana"))
    tomorrow = make.booked(at(10, day=2), who=shop.id("Ana"))
    settings.SHOP_NOW = at(9)
    rows = panels(desk)["coming"]
    assert [(row["when"], row["name"], row["services"], row["professional"]) for row in rows] == [
        ("10:00", "Maria Souza", "Corte", "Ana"), ("15:00", "Maria Souza", "Corte", "Ana"),
    ]  # fmt: skip
    page = text_of(desk.get("/admin/"))
    assert f"{rows[0]['link']}&amp;move" in page
    assert str(tomorrow.public_id) not in page
    Appointment.objects.filter(starts_at=at(10)).update(state="completed")
    assert [row["when"] for row in panels(desk)["coming"]] == ["15:00"]
    settings.SHOP_NOW = at(17, 31)
    assert panels(desk)["coming"] == []


def figures(desk: Client) -> dict[str, Any]:
    return {str(figure.label): figure for figure in panels(desk)["figures"]}


def rows_behind(desk: Client, figure: Any) -> int:
    """Return how many rows stand on the page that a figure leads to."""
    answer = desk.get(figure.link)
    assert answer.status_code == 200
    return len(answer.context["cl"].result_list) + len(answer.context.get("never_received", ()))


def test_the_sales_of_today_count_and_add_up_the_same_orders(desk: Client) -> None:
    ordered(units={"PAO": 1})
    ordered(units={"PAO": 2}, payment_method="transfer")
    cancel(order=ordered(units={"PAO": 4}))
    ordered(units={"PAO": 8}, now=MONDAY - timedelta(days=1))
    found = figures(desk)["Pedidos de hoje"]
    assert (found.value, found.note, rows_behind(desk, found)) == ("1", "R$ 10,00", 1)
    assert "Não entram" in str(found.meaning)


def test_what_is_to_hand_over_leads_to_those_very_orders(desk: Client) -> None:
    hand_over(order=ordered(units={"PAO": 1}))
    cancel(order=ordered(units={"PAO": 1}))
    ordered(units={"PAO": 1})
    found = figures(desk)["Para entregar hoje"]
    assert (found.value, rows_behind(desk, found)) == ("1", 1)


def test_the_visits_of_today_are_still_counted_at_night(desk: Client, settings: Any) -> None:
    shop = make.salon(names=["Ana"])
    states = {10: "completed", 11: "no_show", 12: "confirmed", 13: "cancelled"}
    for hour, state in states.items():
        visit = make.booked(at(hour), who=shop.id("Ana"))
        Appointment.objects.filter(pk=visit.pk).update(state=state)
    settings.SHOP_NOW = at(22, 10)
    found = figures(desk)["Agendamentos de hoje"]
    assert (found.value, rows_behind(desk, found)) == ("3", 3)


def test_a_shelf_without_units_is_never_enough(desk: Client) -> None:
    low = figures(desk)["Estoque baixo"]
    assert (low.value, low.calls, panels(desk)["has_goods"]) == ("0", False, True)
    never = catalog.variant(sku="NOVO", product=catalog.product(name="Óleo"))
    stocked(sku="FIM", units=1, price="1.00")
    inventory.adjust_stock(sku="FIM", operation="remove", quantity=1, reason="x", actor=STAFF, now=MONDAY)
    low = figures(desk)["Estoque baixo"]
    assert (low.value, low.calls, rows_behind(desk, low)) == ("2", True, 2)
    page = text_of(desk.get("/admin/"))
    assert ("Tem o suficiente de tudo" in page, "Sem entrada" in page, "Óleo" in page) == (False, True, True)
    stock = text_of(desk.get("/admin/inventory/stockitem/"))
    assert f"?sku={never.sku}" in stock


def test_an_empty_shop_is_not_told_that_it_has_enough(db: None) -> None:
    page = text_of(at_desk(role="owner").get("/admin/"))
    assert ("Tem o suficiente de tudo" in page, "Ainda não há produtos à venda" in page) == (False, True)


def test_every_figure_says_what_it_counts_and_leads_to_its_rows(desk: Client) -> None:
    figures = panels(desk)["figures"]
    assert len(figures) > 0
    for figure in figures:
        assert str(figure.meaning)
        assert f'title="{figure.meaning}"' in text_of(desk.get("/admin/")).replace("&#x27;", "'")
        assert desk.get(figure.link).status_code == 200


def test_what_waits_for_its_customers_click_is_asked_of_nobody(desk: Client) -> None:
    salon = make.salon(requires_confirmation=True)
    make.set_policy(booking_click_minutes=30)
    waiting = make.booked(at(10), who=salon.id("Ana"))
    page = text_of(desk.get("/admin/"))
    assert "Horários a confirmar" not in page
    shown = text_of(desk.get("/admin/scheduling/appointment/?awaits_click__exact=1"))
    assert "Espera o clique do cliente" in shown
    assert "Espera o clique do cliente" in text_of(desk.get(f"/admin/scheduling/appointment/{waiting.pk}/change/"))
    token = access_token(kind=CLICK, public_id=waiting.public_id)
    scheduling.confirm_by_click(public_id=waiting.public_id, token=token, actor=VISITOR, now=MONDAY)
    assert "Horários a confirmar" in text_of(desk.get("/admin/"))
    listed = text_of(desk.get("/admin/scheduling/appointment/?state__exact=requested&awaits_click__exact=0"))
    assert "Maria Souza" in listed


@pytest.mark.parametrize(("role", "statements_"), [("owner", 15), ("counter", 12), ("professional", 6)])
def test_the_first_page_costs_the_same_whatever_there_is(role: str, statements_: int, db: None) -> None:
    """Two of them are the session and the login, and two of the owner's are the lights of copies and records."""
    stocked(sku="PAO", units=100, price="10.00")
    stocked(sku="FIM", units=1, price="1.00")
    shop = make.salon(requires_confirmation=True)
    someone = at_desk(role=role)
    costs = []
    for hour in (10, 14):
        hand_over(order=ordered(units={"PAO": 1}), verbs=("pick", "ready"))
        ordered(units={"PAO": 1}, payment_method="transfer")
        make.book(at(hour), who=shop.id("Ana"), name="Rita")
        with statements() as ran:
            assert someone.get("/admin/").status_code == 200
        costs.append(len(ran))
    assert costs == [statements_, statements_]
