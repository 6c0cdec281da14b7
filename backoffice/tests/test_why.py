"""Why a time is not free, as the agenda itself judges it."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from time_machine import Traveller

from accounts.models import Customer
from accounts.tests.doors import a_customer
from backoffice.tests.desk import at_desk, member, text_of
from cart.tests.factories import a_cart
from catalog.models import Product, Variant
from catalog.services.variants import index
from catalog.tests import factories
from common.actors import Actor
from common.testing import statements
from common.transactions import run_unit_of_work
from counter import services as counter
from counter.services import Discount, Goods, Sale, Tendered
from inventory.models import StockItem
from inventory.tests.factories import receive, stocked
from operations.tests.salons import salon, seated
from orders.models import Order
from orders.tests.doors import an_order
from orders.tests.factories import ALL
from payments import services as payments
from scheduling.models import TimeOff
from scheduling.tests.factories import MONDAY, Salon, at, booked, held

pytestmark = pytest.mark.django_db

PAGE = "/admin/why/"


@pytest.fixture(autouse=True)
def shop(time_machine: Traveller) -> Salon:
    time_machine.move_to(MONDAY, tick=False)
    return salon()


def asked(shop: Salon, *, name: str = "Ana", **more: Any) -> dict[str, Any]:
    return {"service": "CORTE", "professional": str(shop.id(name)), "day": "2026-03-03", **more}


def test_every_time_that_is_not_free_is_told_with_its_reasons_and_who_stands_there(shop: Salon) -> None:
    booked(at(10), who=shop.id("Ana"), name="Maria Souza")
    TimeOff.objects.create(professional=shop.people["Ana"], starts_at=at(15), ends_at=at(16), reason="Dentista")
    page = at_desk(role="counter").get(PAGE, asked(shop))
    told = dict(page.context["rows"])
    assert told["00:00–08:45"] == ["Fora do horário de trabalho, ou a loja não abre nesse dia."]
    assert "Já há outro agendamento nesse horário." in told["09:45–10:15"]
    assert "A pessoa está ausente nesse horário." in told["14:45–15:45"]
    text = text_of(page)
    assert "Maria Souza" in text
    assert "Dentista" in text


def test_a_professional_is_told_of_their_own_day_alone(shop: Salon) -> None:
    booked(at(10), who=shop.id("Bia"), name="Cliente da Bia")
    page = seated(role="professional", professional=shop.people["Ana"]).get(PAGE, asked(shop, name="Bia"))
    assert [one.name for one in page.context["performers"]] == ["Ana"]
    assert "Cliente da Bia" not in text_of(page)


def test_a_time_that_a_cart_keeps_has_a_name_on_their_first_page_too(shop: Salon) -> None:
    held(at(15, day=0), who=shop.id("Ana"))
    page = seated(role="professional", professional=shop.people["Ana"]).get("/admin/")
    assert [row["name"] for row in page.context["panels"]["own"]["visits"]] == ["Num carrinho"]


def test_what_means_nothing_is_not_found(shop: Salon) -> None:
    client = at_desk(role="owner")
    means_nothing: list[dict[str, Any]] = [
        {"day": "x"},
        {"day": "2026-02-31"},
        {"day": "1500-01-01"},
        {"service": "NADA"},
        {"service": []},
    ]
    for odd in means_nothing:
        assert client.get(PAGE, asked(shop, **odd)).status_code == 404
    assert client.get(PAGE, asked(shop, professional="x")).context["person"].name == "Ana"
    assert client.get(PAGE, {"service": "CORTE"}).status_code == 200


def test_the_page_takes_a_fixed_number_of_statements(shop: Salon) -> None:
    client = at_desk(role="owner")
    client.get(PAGE, asked(shop))
    counts = []
    for hours in ((9,), (11, 13, 15)):
        for hour in hours:
            booked(at(hour), who=shop.id("Ana"), phone=f"+55119888877{hour:02}", email=f"{hour}@example.com")
        with statements() as seen:
            client.get(PAGE, asked(shop))
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 24


def test_a_product_says_who_keeps_its_units() -> None:
    stocked(sku="BOLO", units=3, price="59.90")
    item = StockItem.objects.get(variant__sku="BOLO")
    address = f"{PAGE}stock/{item.pk}/"
    client = at_desk(role="counter")
    assert "Está disponível." in client.get(address).context["verdict"]

    ordered = an_order({"BOLO": 2}, customer={"name": "Ana Lima", "email": "ana@example.com"})
    a_cart({"BOLO": 1})
    page = client.get(address)
    assert page.context["verdict"] == "Tudo o que há está guardado para alguém, como se vê abaixo."
    assert [value for _label, value in page.context["figures"]] == ["3", "3", "0"]
    kept = {(one.units, one.who, bool(one.link)) for one in page.context["keepers"]}
    assert kept == {("2", f"Pedido {ordered['number']} · Ana Lima", True), ("1", "Num carrinho", True)}

    Variant.objects.filter(sku="BOLO").update(is_active=False)
    assert client.get(address).context["verdict"].startswith("Não está à venda")
    assert client.get(f"{PAGE}stock/999999/").status_code == 404


def test_who_may_not_see_the_stock_is_not_told(shop: Salon) -> None:
    stocked(sku="BOLO", units=3)
    item = StockItem.objects.get(variant__sku="BOLO")
    assert at_desk(role="professional").get(f"{PAGE}stock/{item.pk}/").status_code == 403
    assert at_desk(role="counter").get(f"/admin/inventory/stockitem/{item.pk}/change/").status_code == 200


def test_who_only_looks_at_the_books_is_not_told_whose_cart_keeps_units() -> None:
    stocked(sku="BOLO", units=3, price="59.90")
    a_cart({"BOLO": 1}, user=a_customer())
    address = f"{PAGE}stock/{StockItem.objects.get(variant__sku='BOLO').pk}/"
    kept = {
        role: [(one.who, bool(one.link)) for one in at_desk(role=role).get(address).context["keepers"]]
        for role in ("counter", "viewer")
    }
    name = Customer.objects.get().name
    assert name
    assert kept == {"counter": [(f"Num carrinho · {name}", True)], "viewer": [("Num carrinho", False)]}


def test_the_stock_page_takes_as_many_statements_for_many_keepers_as_for_few() -> None:
    stocked(sku="BOLO", units=30, price="5.00")
    item = StockItem.objects.get(variant__sku="BOLO")
    client = at_desk(role="counter")
    client.get(f"{PAGE}stock/{item.pk}/")
    counts = []
    for carts in (1, 4):
        for _number in range(carts):
            a_cart({"BOLO": 1})
        with statements() as seen:
            client.get(f"{PAGE}stock/{item.pk}/")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 12


def test_goods_are_found_for_sale_or_not_and_explained_at_once() -> None:
    for sku in ("BOLO-P", "BOLO-G"):
        stocked(sku=sku, units=3, price="59.90")
    stocked(sku="PAO", units=0, price="1.00")
    for product in Product.objects.all():
        run_unit_of_work(index, product=product, now=MONDAY)
    Variant.objects.filter(sku="PAO").update(is_active=False)
    client = at_desk(role="counter")
    assert client.get(f"{PAGE}stock/", {"q": "pao"}).context["verdict"].startswith("Não está à venda")
    assert client.get(f"{PAGE}stock/", {"sku": "BOLO-G"}).context["verdict"].startswith("Está disponível")
    Variant.objects.update(is_active=True)
    never_received = client.get(f"{PAGE}stock/", {"sku": "PAO"}).context
    assert (never_received["verdict"], never_received["back"]) == ("Não há nenhum na loja.", "")
    assert [sku for _name, sku in client.get(f"{PAGE}stock/", {"q": "bolo"}).context["found"]] == ["BOLO-P", "BOLO-G"]
    nothing: list[dict[str, str]] = [{}, {"q": "nada"}, {"sku": "nada"}, {"q": "x" * 500}]
    for odd in nothing:
        assert "Nenhum produto do catálogo" in text_of(client.get(f"{PAGE}stock/", odd))


def total_of(page: Any) -> dict[str, list[tuple[str, str]]]:
    return {str(title): [(step.what, step.amount) for step in steps] for title, steps, _hint in page.context["parts"]}


def test_a_total_is_told_from_what_was_kept_whatever_the_prices_are_now() -> None:
    owner = member(role="owner")
    stocked(sku="PAO", units=100, price="0.90")
    factories.variant(sku="QUEIJO", price=Decimal("59.90"), unit="g", price_per=1000)
    receive(sku="QUEIJO", units=5000)
    by = Actor(kind="staff", id=str(owner.pk), door="admin")
    discount = Discount(kind="amount", value=Decimal("2.00"), reason="Cliente da casa")
    sale: dict[str, Any] = {
        "goods": (Goods(sku="PAO", quantity=10), Goods(sku="QUEIJO", quantity=333)),
        "discount": discount,
    }
    tendered = (Tendered(tender="cash", amount=Decimal("20.00")), Tendered(tender="pix", amount=Decimal("6.95")))
    sold = counter.sell(sale=Sale(payments=tendered, **sale), key=uuid4(), actor=by, now=MONDAY)
    Variant.objects.update(price=Decimal("99.00"))
    desk = Client()
    desk.force_login(owner)
    page = desk.get(f"{PAGE}total/{sold.numbers[0]}/")
    told = total_of(page)
    assert [amount for _what, amount in told["O que foi vendido"]] == ["R$ 9,00", "R$ 19,95"]
    assert told["Quanto custa"] == [
        ("Soma dos itens", "R$ 28,95"), ("Desconto", "- R$ 2,00"), ("Total", "R$ 26,95"),
    ]  # fmt: skip
    assert told["O que foi pago"] == [
        ("Dinheiro", "R$ 20,00"), ("Pix", "R$ 6,95"), ("Ficou", "R$ 26,95"),
    ]  # fmt: skip
    assert told["O que falta"][-1] == ("Falta pagar", "R$ 0,00")
    text = text_of(page)
    for words in ("10 × R$ 0,90 = R$ 9,00", "333 g × R$ 59,90/kg = R$ 19,95", "R$ 19,9467, arredondado", "Cliente da casa", "Dona Ana"):  # fmt: skip
        assert words in text
    assert "99,00" not in text
    order = Order.objects.get(number=sold.numbers[0])
    given: dict[str, Any] = {"number": order.number, "amount": Decimal("5.00"), "handed_back": [], "restock": False}
    payments.refund_order(**given, reason="Amassado", access=ALL, actor=by, now=MONDAY)
    again = total_of(desk.get(f"{PAGE}total/{order.number}/"))["O que foi pago"]
    assert again[-1] == ("Ficou", "R$ 21,95")
    assert ("Devolvido", "- R$ 5,00") in again
    assert f"{PAGE}total/{order.number}/" in text_of(desk.get(f"/admin/orders/order/{order.pk}/change/"))


def test_a_total_that_is_none_is_not_found_and_the_cost_is_flat() -> None:
    stocked(sku="BOLO", units=30, price="5.00")
    client = at_desk(role="viewer")
    assert client.get(f"{PAGE}total/NADA/").status_code == 404
    counts = []
    for units in (1, 7):
        number = an_order({"BOLO": units})["number"]
        client.get(f"{PAGE}total/{number}/")
        with statements() as seen:
            client.get(f"{PAGE}total/{number}/")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 13
