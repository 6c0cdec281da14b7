"""Receiving and counting at the desk: who may, what is found, what happens once, and what is said beside a wrong line."""

import json
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.tests.desk import at_desk, text_of
from backoffice.tests.pages import fields_of
from catalog.models import Product
from catalog.services.variants import index
from catalog.tests import factories as catalog
from common import clock
from common.transactions import run_unit_of_work
from inventory import services as inventory
from inventory.models import StockItem, StockMovement
from inventory.services import Arrived
from inventory.tests.factories import MONDAY, STAFF, stocked
from shop import services as shop

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


@pytest.fixture
def pantry() -> None:
    flour = catalog.product(name="Farinha de trigo", status="draft")
    catalog.variant(sku="FAR-1", product=flour, name="1 kg", barcode="7891000100103", price=Decimal("6.00"))
    catalog.variant(sku="FAR-5", product=flour, name="5 kg", price=Decimal("25.00"), position=1)
    cheese = catalog.product(name="Queijo meia cura")
    catalog.variant(sku="00123", product=cheese, unit="g", price_per=1000)
    catalog.variant(sku="CORTE", product=catalog.product(name="Corte de queijo", kind="service"))
    catalog.variant(sku="VELHO", product=catalog.product(name="Queijo velho", status="archived"))
    for product in Product.objects.all():
        run_unit_of_work(index, product=product, now=MONDAY)


def send(desk: Client, *, key: str | None = None, **body: Any) -> Any:
    return desk.post(
        reverse("shelf:receive"),
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": key or str(uuid4())},
    )


def found(desk: Client, text: str) -> list[tuple[str, int | None, bool]]:
    items = desk.get(reverse("shelf:find"), {"q": text}).json()["items"]
    assert {item["stock"] for item in items} <= {""}
    return [(item["sku"], item["quantity"], item["exact"]) for item in items]


@pytest.mark.usefixtures("pantry")
def test_goods_are_found_by_name_code_and_bars_for_sale_or_not() -> None:
    desk = at_desk(role="counter")
    assert found(desk, "farinha") == [("FAR-1", None, False), ("FAR-5", None, False)]
    assert found(desk, "far-5")[0] == ("FAR-5", None, True)
    assert found(desk, "7891000100103") == [("FAR-1", None, False)]
    assert found(desk, "queijo") == [("00123", None, False)]
    assert found(desk, "%") == found(desk, "") == []


@pytest.mark.usefixtures("pantry")
def test_a_label_of_the_scale_says_how_much_arrived() -> None:
    shop.set_policy(key="scale_layout", value="2CCCCC0VVVVVD", actor=STAFF, now=MONDAY)
    shop.set_policy(key="scale_value", value="weight", actor=STAFF, now=MONDAY)
    assert found(at_desk(role="owner"), "2001230023508") == [("00123", 2350, True)]


@pytest.mark.usefixtures("pantry")
def test_a_delivery_is_received_once_however_often_it_is_sent() -> None:
    desk, key = at_desk(role="counter"), str(uuid4())
    lines = [{"sku": "FAR-1", "quantity": 12}, {"sku": "00123", "quantity": 2350}]
    delivery: dict[str, Any] = {"lines": lines, "supplier": "Moinho", "note": "NF 12"}

    first, again = send(desk, key=key, **delivery), send(desk, key=key, **delivery)

    assert first.json() == again.json() == {"told": "2 produtos recebidos.", "skus": ["00123", "FAR-1"]}
    assert again.headers["Idempotent-Replayed"] == "true"
    assert dict(StockItem.objects.values_list("variant__sku", "on_hand")) == {"FAR-1": 12, "00123": 2350}
    assert set(StockMovement.objects.values_list("kind", "reason", "door")) == {("received", "Moinho · NF 12", "admin")}
    assert send(desk, key=key, **{**delivery, "note": "NF 13"}).json()["code"] == "idempotency_key_reused"


@pytest.mark.usefixtures("pantry")
def test_a_wrong_line_says_so_and_the_same_key_serves_for_what_is_put_right() -> None:
    desk, key = at_desk(role="owner"), str(uuid4())
    lines = [{"sku": "FAR-1", "quantity": 1}, {"sku": "NADA", "quantity": 1}]
    refused = send(desk, key=key, lines=lines)
    assert refused.status_code == 400
    assert [(error["pointer"], error["detail"]) for error in refused.json()["errors"]] == [
        ("/lines/1/sku", "Não há mercadoria com este código.")
    ]
    assert not StockMovement.objects.exists()
    assert send(desk, key=key, lines=lines[:1]).status_code == 200
    assert StockMovement.objects.get().reason == "Mercadoria recebida"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"lines": []}, "/lines"),
        ({}, "/lines"),
        ({"lines": [{"sku": "PAO", "quantity": 0}]}, "/lines/0/quantity"),
        ({"lines": [{"sku": "PAO", "quantity": "2"}]}, "/lines/0/quantity"),
        ({"lines": [{"sku": "p ã o", "quantity": 2}]}, "/lines/0/sku"),
        ({"lines": [{"sku": "PAO", "quantity": 1}], "supplier": "x" * 81}, "/supplier"),
        ({"lines": [{"sku": "PAO", "quantity": 1}], "cost": "1.00"}, "/cost"),
    ],
)
def test_what_cannot_be_read_is_named(body: dict[str, Any], pointer: str) -> None:
    stocked(sku="PAO", units=1)
    answer = send(at_desk(role="owner"), **body)
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (400, [pointer])
    assert StockItem.objects.get().on_hand == 1


def test_only_who_may_adjust_the_stock_comes_in() -> None:
    stocked(sku="PAO", units=1)
    professional = at_desk(role="professional")
    body: dict[str, Any] = {"lines": [{"sku": "PAO", "quantity": 1}]}
    assert professional.get(reverse("shelf:page")).status_code == 403
    assert professional.get(reverse("shelf:find"), {"q": "pao"}).status_code == 403
    assert send(professional, **body).status_code == 403
    assert send(Client(), **body).status_code in (401, 403)
    assert StockItem.objects.get().on_hand == 1


def test_the_page_begins_with_what_the_stock_list_sent_there() -> None:
    catalog.variant(sku="NOVO", product=catalog.product(name="<b>Sonho</b>"))
    run_unit_of_work(index, product=Product.objects.get(), now=MONDAY)
    desk = at_desk(role="counter")
    answer = desk.get(reverse("shelf:page"), {"sku": "NOVO"})
    [first] = answer.context["config"]["first"]
    assert (first["sku"], first["name"], first["stock"]) == ("NOVO", "<b>Sonho</b>", "")
    assert "<b>Sonho" not in text_of(answer)
    assert desk.get(reverse("shelf:page"), {"sku": "NADA"}).context["config"]["first"] == []
    assert reverse("shelf:page") in text_of(desk.get("/admin/"))


def begun(desk: Client, **typed: Any) -> str:
    """Begin a count at the desk, and return the address of its page."""
    answer = desk.post(reverse("shelf:counts"), {"key": str(uuid4()), **typed})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def put(desk: Client, page: str, **body: Any) -> Any:
    return desk.put(f"{page}linha/", json.dumps(body), content_type="application/json")


@pytest.mark.usefixtures("pantry")
def test_a_shelf_is_counted_blind_compared_and_corrected() -> None:
    desk = at_desk(role="counter")
    flour = Product.objects.get(name="Farinha de trigo")
    stock = inventory.receive_goods(arrived=[Arrived(sku="FAR-1", quantity=7341)], reason="x", actor=STAFF, now=MONDAY)
    page = begun(desk, category=flour.category_id)

    shown = desk.get(page)
    lines = [(line["sku"], line["quantity"], line["version"]) for line in shown.context["config"]["lines"]]
    assert lines == [("FAR-1", None, 0), ("FAR-5", None, 0)]
    assert "7341" not in text_of(shown)
    assert put(desk, page, sku="FAR-1", quantity=7340, seen=0).json() == {
        "sku": "FAR-1", "quantity": 7340, "version": 1,
    }  # fmt: skip
    assert put(desk, page, sku="00123", quantity=500, seen=0).status_code == 200
    lines = [(line["sku"], line["quantity"], line["version"]) for line in desk.get(page).context["config"]["lines"]]
    assert lines == [("00123", 500, 1), ("FAR-1", 7340, 1), ("FAR-5", None, 0)]
    assert desk.get(f"{page}diferencas/").headers["Location"] == page

    assert desk.post(f"{page}comparar/").headers["Location"] == page
    shown = desk.get(page, follow=True)
    assert [(row.sku, row.counted, row.expected, row.difference) for row, _wrong in shown.context["rows"]] == [
        ("FAR-1", "7340", "7341", "-1"),
        ("00123", "500 g", "0 g", "+500 g"),
    ]
    typed = fields_of(shown)
    for _click in range(2):
        answer = desk.post(f"{page}diferencas/", typed, follow=True)
        assert "2 produtos contados. O estoque foi corrigido." in text_of(answer)
    assert dict(StockItem.objects.values_list("variant__sku", "on_hand")) == {"FAR-1": 7340, "00123": 500}
    assert len(stock) == 1
    assert f"{page}diferencas/" in text_of(desk.get(reverse("shelf:counts")))


@pytest.mark.usefixtures("pantry")
def test_a_line_that_cannot_be_corrected_says_so_and_is_left_out() -> None:
    desk = at_desk(role="owner")
    inventory.receive_goods(arrived=[Arrived(sku="FAR-1", quantity=9)], reason="x", actor=STAFF, now=MONDAY)
    page = begun(desk)
    put(desk, page, sku="FAR-1", quantity=4, seen=0)
    put(desk, page, sku="FAR-5", quantity=2, seen=0)
    inventory.adjust_stock(sku="FAR-1", operation="set", quantity=5, reason="x", actor=STAFF, now=MONDAY)
    desk.post(f"{page}comparar/")
    shown = desk.get(page, follow=True)
    refused = desk.post(f"{page}diferencas/", {**fields_of(shown), "reason": "Inventário de março"})
    assert refused.status_code == 400
    assert "Isto foi contado de novo depois." in text_of(refused)
    assert 'value="Inventário de março"' in text_of(refused)
    assert StockMovement.objects.filter(kind="counted").count() == 1
    desk.post(f"{page}deixar/", {"sku": "FAR-1"})
    stale = desk.post(f"{page}diferencas/", {**fields_of(shown)})
    assert (stale.status_code, "Alguém mudou esta contagem." in text_of(stale)) == (409, True)
    assert desk.post(f"{page}diferencas/", fields_of(stale)).status_code == 302
    assert dict(StockItem.objects.values_list("variant__sku", "on_hand")) == {"FAR-1": 5, "FAR-5": 2}


@pytest.mark.usefixtures("pantry")
def test_two_people_count_one_shelf_and_a_count_waits() -> None:
    ana, bia = at_desk(role="owner", name="Dona Ana"), at_desk(role="counter", name="Bia")
    page = begun(ana)
    put(ana, page, sku="FAR-1", quantity=3, seen=0)
    met = put(bia, page, sku="FAR-1", quantity=5, seen=0)
    assert (met.status_code, met.json()["code"], met.json()["quantity"], met.json()["version"]) == (
        409, "counted_meanwhile", 3, 1,
    )  # fmt: skip
    assert met.json()["detail"] == "Dona Ana já contou 3. Some a sua contagem ou troque pela sua."
    assert put(bia, page, sku="FAR-1", quantity=8, seen=1).json()["version"] == 2
    put(bia, page, sku="FAR-5", quantity=1, seen=0)
    gone = bia.delete(f"{page}linha/", json.dumps({"sku": "FAR-5"}), content_type="application/json")
    assert gone.status_code == 204
    lines = [(line["sku"], line["quantity"], line["who"]) for line in ana.get(page).context["config"]["lines"]]
    assert lines == [("FAR-1", 8, "Bia")]
    assert "1 produto contado · Bia" in text_of(ana.get(reverse("shelf:counts")))
    ana.post(f"{page}comparar/")
    late = put(bia, page, sku="FAR-1", quantity=9, seen=2)
    assert late.json()["detail"] == "Esta contagem está sendo comparada. Continue a contagem para contar mais."
    bia.post(f"{page}continuar/")
    assert put(bia, page, sku="FAR-1", quantity=9, seen=2).status_code == 200
    dropped = bia.post(f"{page}descartar/", follow=True)
    assert "A contagem foi descartada; o estoque ficou como estava." in text_of(dropped)


def test_what_is_no_count_is_not_found_and_not_everybody_counts() -> None:
    owner, professional = at_desk(role="owner"), at_desk(role="professional")
    page = begun(owner)
    for address in (reverse("shelf:count", args=[uuid4()]), reverse("shelf:differences", args=[uuid4()])):
        assert owner.get(address).status_code == 404
    assert owner.post(f"{page}voar/").status_code == 404
    assert owner.get(f"{page}comparar/").status_code == 405
    assert "Nada foi contado ainda" in text_of(owner.post(f"{page}comparar/", follow=True))
    for address in (reverse("shelf:counts"), page, f"{page}diferencas/"):
        assert professional.get(address).status_code == 403
    assert professional.post(f"{page}descartar/").status_code == 403
    assert put(professional, page, sku="PAO", quantity=1, seen=0).status_code == 403
    bad = put(owner, page, sku="PAO", quantity=-1, seen=0)
    assert [error["pointer"] for error in bad.json()["errors"]] == ["/quantity"]
    assert put(owner, page, sku="PAO", quantity=1, seen=0).json()["code"] == "unknown_sku"
    assert owner.post(reverse("shelf:counts"), {"key": str(uuid4()), "category": "999999"}).status_code == 400
