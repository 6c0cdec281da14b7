"""Many prices at the desk: chosen, looked at, changed as they were looked at, and put back with one click."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.tests.desk import at_desk, messages_of, text_of
from backoffice.tests.pages import Tab, fields_of
from catalog.models import PriceRun, Product, Variant
from catalog.services.sheets import VariantSheet
from catalog.services.variants import index
from catalog.tests import factories
from catalog.tests.factories import OWNER, change_variant
from common import clock
from common.testing import statements
from common.transactions import run_unit_of_work
from inventory.tests.factories import MONDAY

pytestmark = pytest.mark.django_db
RULE = {"direction": "up", "value": "10", "way": "percent", "ending": ""}


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


@pytest.fixture
def shelf() -> Any:
    bakery = factories.category(name="Padaria", slug="padaria")
    breads = factories.category(name="Pães", slug="paes", parent=bakery)
    for name, sku, price, category in (
        ("Pão francês", "PAO", "0.85", breads), ("Bolo de fubá", "BOLO", "20.00", bakery), ("Sabão", "SABAO", "7.00", None),
    ):  # fmt: skip
        given = {"category": category} if category else {}
        factories.variant(sku=sku, price=Decimal(price), product=factories.product(name=name, **given))
    service = factories.product(name="Corte de bolo", kind="service", category=bakery)
    factories.variant(sku="CORTE", price=Decimal("60.00"), product=service)
    old = factories.product(name="Pão antigo", status="archived", category=breads)
    factories.variant(sku="ANTIGO", price=Decimal("1.00"), product=old)
    for product in Product.objects.all():
        run_unit_of_work(index, product=product, now=MONDAY)
    return bakery


def look(desk: Client, **asked: str) -> Any:
    return desk.get(reverse("prices:page"), {**RULE, **asked})


def send(desk: Client, shown: Any, **typed: Any) -> Any:
    fields = {name: values for name, values in fields_of(shown).items() if name in ("key", "rows", "leave")}
    return desk.post(shown.wsgi_request.get_full_path(), {**fields, **typed})


def shown_rows(answer: Any) -> list[tuple[str, str, str]]:
    return [(row.sku, row.old.replace("\xa0", " "), row.new.replace("\xa0", " ")) for row in answer.context["rows"]]


def now() -> dict[str, str]:
    return {sku: str(price) for sku, price in Variant.objects.values_list("sku", "price")}


def set_price(sku: str, price: str) -> None:
    change_variant(sku=sku, sheet=VariantSheet(sku=sku, price=Decimal(price)), actor=OWNER, now=MONDAY)


def test_a_category_is_looked_at_and_changed_and_put_back(shelf: Any) -> None:
    desk = at_desk(role="owner")
    shown = look(desk, category=str(shelf.pk))
    assert shown_rows(shown) == [
        ("BOLO", "R$ 20,00", "R$ 22,00"), ("CORTE", "R$ 60,00", "R$ 66,00"), ("PAO", "R$ 0,85", "R$ 0,94"),
    ]  # fmt: skip
    assert "Mudar 3 preços" in text_of(shown)
    assert now()["PAO"] == "0.85"

    left = str(Variant.objects.get(sku="CORTE").pk)
    answers = [send(desk, shown, leave=[left]) for _click in range(2)]

    run = PriceRun.objects.get()
    assert [answer.headers["Location"] for answer in answers] == [reverse("prices:run", args=[run.public_id])] * 2
    assert now() == {"ANTIGO": "1.00", "BOLO": "22.00", "CORTE": "60.00", "PAO": "0.94", "SABAO": "7.00"}
    page = desk.get(answers[0].headers["Location"])
    assert "Aumento de 10%" in text_of(page)

    set_price("BOLO", "30.00")
    undone = desk.post(reverse("prices:undo", args=[run.public_id]), follow=True)
    assert messages_of(undone) == [
        "1 preço voltou ao que era.", "Sem mudança, porque alguém os mudou depois: BOLO.",
    ]  # fmt: skip
    assert (now()["BOLO"], now()["PAO"]) == ("30.00", "0.85")
    again = desk.post(reverse("prices:undo", args=[run.public_id]), follow=True)
    assert messages_of(again) == ["Estes preços já voltaram ao que eram."]
    assert "desfeito" in text_of(desk.get(reverse("prices:page")))


def test_prices_are_chosen_by_words_by_ticks_or_all_of_them(shelf: Any) -> None:
    desk = at_desk(role="owner")
    assert [row[0] for row in shown_rows(look(desk, q="pao"))] == ["PAO"]
    assert [row[0] for row in shown_rows(look(desk, category=str(shelf.pk), q="bolo"))] == ["BOLO", "CORTE"]
    assert len(look(desk, category="all").context["rows"]) == 4
    ticked = desk.post(
        reverse("admin:catalog_product_changelist"),
        {"action": "change_prices", "_selected_action": list(Product.objects.filter(name__startswith="P").values_list("pk", flat=True))},
    )  # fmt: skip
    page = desk.get(ticked.headers["Location"])
    assert "Os produtos que você marcou na lista." in text_of(page)
    ids = fields_of(page)["ids"][0]
    assert [row[0] for row in shown_rows(look(desk, ids=ids, ending="05"))] == ["PAO"]


def test_a_price_changed_meanwhile_is_shown_and_nothing_is_overwritten(shelf: Any) -> None:
    desk = at_desk(role="owner")
    shown = look(desk, category=str(shelf.pk))
    left = str(Variant.objects.get(sku="CORTE").pk)
    set_price("PAO", "1.00")
    refused = send(desk, shown, leave=[left])
    assert (refused.status_code, now()["BOLO"], now()["PAO"]) == (409, "20.00", "1.00")
    text = text_of(refused).replace("\xa0", " ")
    assert "Alguém mudou este preço enquanto isso: era R$ 0,85." in text
    assert fields_of(refused)["leave"] == [left]
    assert send(desk, refused).status_code == 302
    assert (now()["BOLO"], now()["PAO"], now()["CORTE"]) == ("22.00", "1.10", "60.00")


def test_a_tab_of_the_product_that_is_older_than_the_change_overwrites_nothing(shelf: Any) -> None:
    desk = at_desk(role="owner")
    product = Product.objects.get(name="Pão francês")
    tab = Tab(desk, reverse("admin:catalog_product_change", args=[product.pk]))
    assert send(desk, look(desk, q="francês")).status_code == 302
    assert tab.type(name="Pão de sal").save().status_code == 409
    assert now()["PAO"] == "0.94"
    assert tab.save().status_code == 302
    assert (now()["PAO"], Product.objects.get(pk=product.pk).name) == ("0.94", "Pão de sal")
    tab = Tab(desk, reverse("admin:catalog_product_change", args=[product.pk]))
    assert send(desk, look(desk, q="sal")).status_code == 302
    refused = tab.type(**{"variants-0-price": "2,00"}).save()
    assert (refused.status_code, now()["PAO"]) == (409, "1.03")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"category": ""}, "Escolha uma categoria ou escreva parte do nome."),
        ({"value": ""}, "Este campo é obrigatório."),
        ({"value": "1.234"}, "Digite um valor como 1.234,56."),
        ({"value": "101", "direction": "down"}, "Mais que nada e no máximo 100."),
        ({"way": "dobro"}, "dobro"),
        ({"category": "999"}, "999"),
        ({"ids": "1;2"}, "Escolha o que muda"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(shelf: Any, asked: dict[str, str], told: str) -> None:
    answer = look(at_desk(role="owner"), **{"category": str(shelf.pk), **asked})
    assert (answer.status_code, "rows" in answer.context) == (400, False)
    assert told in text_of(answer)


def test_a_price_below_nothing_stands_aside_and_bad_rows_change_nothing(shelf: Any) -> None:
    desk = at_desk(role="owner")
    shown = look(desk, category=str(shelf.pk), direction="down", way="amount", value="5,00")
    assert [(row.sku, row.moves) for row in shown.context["rows"]] == [("BOLO", True), ("CORTE", True), ("PAO", False)]
    assert "Este preço ficaria abaixo de zero ou alto demais." in text_of(shown)
    cake = Variant.objects.get(sku="BOLO").pk
    for bad in (
        "", "[]", "[[1]]", '[["x","1.00"]]', "{}", f'[[{cake},"1e999999"]]', f'[[{cake},"NaN"]]', "[[null,null]]",
        '[[1e999,"1.00"]]', f'[[{2**63},"1.00"]]', "[" * 100_000,
    ):  # fmt: skip
        assert send(desk, shown, rows=bad).status_code in (400, 409, 422), bad
    assert (
        send(desk, shown, leave=[str(Variant.objects.get(sku=sku).pk) for sku in ("BOLO", "CORTE")]).status_code == 422
    )
    assert now()["BOLO"] == "20.00"
    assert send(desk, shown).status_code == 302
    assert now() == {"ANTIGO": "1.00", "BOLO": "15.00", "CORTE": "55.00", "PAO": "0.85", "SABAO": "7.00"}


def test_only_who_may_change_a_price_comes_in(shelf: Any) -> None:
    owner, counter = at_desk(role="owner"), at_desk(role="counter")
    send(owner, look(owner, category=str(shelf.pk)))
    run = PriceRun.objects.get().public_id
    assert look(counter, category="all").status_code == 403
    assert counter.get(reverse("prices:run", args=[run])).status_code == 403
    assert counter.post(reverse("prices:undo", args=[run])).status_code == 403
    assert reverse("prices:page") not in text_of(counter.get("/admin/"))
    assert reverse("prices:page") in text_of(owner.get("/admin/"))


def test_many_rows_are_looked_at_in_as_many_statements_as_few(shelf: Any) -> None:
    desk = at_desk(role="owner")
    counts = []
    for batch in range(2):
        with statements() as found:
            look(desk, category=str(shelf.pk))
        counts.append(len(found))
        for number in range(20):
            factories.variant(sku=f"S{batch}-{number}", product=factories.product(category=shelf))
    assert counts[0] == counts[1]
