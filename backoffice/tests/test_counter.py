"""The counter's page and its doors: who may, what is answered, what is refused and where, and with how many statements."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests import factories as people
from backoffice.tests.desk import text_of
from catalog.models import Product
from catalog.services.variants import index
from catalog.tests import factories as catalog
from common import clock
from common.testing import directives, statements
from common.transactions import run_unit_of_work
from counter.models import Receipt
from inventory.tests.factories import receive, stocked
from operations.tests.salons import seated
from orders.models import Order
from payments.models import Payment
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY
from shop import services as shop

pytestmark = pytest.mark.django_db

EVIL = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


@pytest.fixture
def bakery() -> None:
    stocked(sku="PAO", units=100, price="0.85")
    stocked(sku="BOLO", units=2, price="20.00")
    catalog.variant(sku="QUEIJO", price=Decimal("62.90"), unit="g", price_per=1000)
    receive(sku="QUEIJO", units=5000)
    searchable()


def searchable() -> None:
    for product in Product.objects.all():
        run_unit_of_work(index, product=product, now=MONDAY)


def look(desk: Client, door: str, **query: Any) -> Any:
    return desk.get(reverse(f"counter:{door}"), query)


def send(desk: Client, door: str, *, key: str | None = None, **body: Any) -> Any:
    return desk.post(
        reverse(f"counter:{door}"),
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": key or str(uuid4())},
    )


def goods(**units: int) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]


def cash(amount: str, received: str | None = None) -> dict[str, Any]:
    return {"tender": "cash", "amount": amount, "received": received}


@pytest.mark.usefixtures("bakery")
def test_goods_are_found_priced_and_sold_with_their_change() -> None:
    desk = seated(role="counter")
    found = look(desk, "find", q="pao")
    assert (found.status_code, found["Cache-Control"]) == (200, "no-store")
    [bread] = found.json()["items"]
    assert {name: bread[name] for name in ("kind", "sku", "price", "unit", "exact", "quantity")} == {
        "kind": "goods", "sku": "PAO", "price": "0.85", "unit": "piece", "exact": True, "quantity": None,
    }  # fmt: skip
    priced = send(desk, "price", goods=goods(PAO=2, QUEIJO=350)).json()
    assert [(line["sku"], line["quantity"], line["total"]) for line in priced["lines"]] == [
        ("PAO", 2, "1.70"), ("QUEIJO", 350, "22.02"),
    ]  # fmt: skip
    assert (priced["due"], priced["discount_limit"]) == ("23.72", "2.37")
    answer = send(
        desk, "sell", goods=goods(PAO=2, QUEIJO=350), expected_total="23.72", payments=[cash("23.72", "50.00")]
    )
    sold = answer.json()
    assert (answer.status_code, sold["total"], sold["change"]) == (200, "23.72", "26.28")
    order = Order.objects.get()
    assert (order.number, order.status, order.channel) == (sold["number"], "completed", "counter")
    assert Receipt.objects.get().received == 50


def test_what_is_called_so_comes_before_what_is_described_so() -> None:
    for sku, name, description in (
        ("BAGUETE", "Baguete", "Como o pão francês"),
        ("PAO", "Pão francês", "Assado agora"),
    ):
        catalog.variant(product=catalog.product(name=name, description=description), sku=sku)
    searchable()
    desk = seated(role="counter")
    found = look(desk, "find", q="frances").json()["items"]
    assert look(desk, "find", q="\u202afrances\u202c").json()["items"] == found
    assert [one["sku"] for one in found] == ["PAO", "BAGUETE"]


@pytest.mark.usefixtures("bakery")
def test_a_key_sells_once_and_another_sale_is_not_hidden_behind_it() -> None:
    desk, key = seated(role="counter"), str(uuid4())
    answers = [send(desk, "sell", key=key, goods=goods(PAO=1), payments=[cash("0.85")]) for _again in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert (Order.objects.count(), Payment.objects.count()) == (1, 1)
    other = send(desk, "sell", key=key, goods=goods(PAO=2), payments=[cash("1.70")])
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    odd = [
        send(desk, "sell", key="no-uuid", goods=goods(PAO=1)),
        desk.post(reverse("counter:sell"), "{}", "application/json"),
    ]
    assert [answer.json()["code"] for answer in odd] == ["idempotency_key_invalid", "idempotency_key_required"]
    assert Order.objects.count() == 1


@pytest.mark.usefixtures("bakery")
def test_a_refusal_says_which_line_it_is_about_and_in_which_words() -> None:
    desk = seated(role="counter")
    unknown = send(desk, "price", goods=goods(PAO=1, NADA=1)).json()
    assert [error["pointer"] for error in unknown["errors"]] == ["/goods/1/sku"]
    short = send(desk, "price", goods=goods(BOLO=3)).json()
    assert "2" in short["lines"][0]["short"]
    refused = send(desk, "sell", goods=goods(BOLO=3), payments=[cash("60.00")])
    assert (refused.status_code, refused.json()["lines"][0]["sku"]) == (409, "BOLO")
    less = send(desk, "sell", goods=goods(BOLO=1), payments=[cash("20.00", "10.00")]).json()
    assert [error["pointer"] for error in less["errors"]] == ["/payments/0/received"]
    apart = send(desk, "sell", goods=goods(BOLO=1), payments=[cash("19.00")]).json()
    assert (apart["code"], "R$ 20,00" in apart["detail"]) == ("payments_do_not_add_up", True)
    too_much = send(desk, "price", goods=goods(BOLO=1), discount={"kind": "percent", "value": "50.00", "reason": "X"})
    assert (too_much.status_code, "R$ 2,00" in too_much.json()["detail"]) == (422, True)
    moved = send(desk, "sell", goods=goods(BOLO=1), expected_total="19.00", payments=[cash("20.00")]).json()
    assert moved["code"] == "total_changed"
    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"goods": [{"sku": "PAO", "quantity": 0}]}, "/goods/0/quantity"),
        ({"goods": [{"sku": "PAO", "quantity": "1"}]}, "/goods/0/quantity"),
        ({"goods": "PAO"}, "/goods"),
        ({"visits": ["x"]}, "/visits/0"),
        ({"walk_ins": [{"services": []}]}, "/walk_ins/0/services"),
        ({"discount": {"kind": "all", "value": "1.00", "reason": "x"}}, "/discount/kind"),
        ({"payments": [{"tender": "gold", "amount": "1.00"}]}, "/payments/0/tender"),
        ({"payments": [{"tender": "cash", "amount": "1,00"}]}, "/payments/0/amount"),
        ({"phone": "abc"}, "/phone"),
        ({"document": "1"}, "/document"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_what_means_nothing_is_refused_at_its_place(body: dict[str, Any], pointer: str) -> None:
    answer = send(seated(role="counter"), "price", **body)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_a_haircut_is_found_priced_by_professional_and_sold() -> None:
    salon = make.salon(names=("Ana", "Bia"))
    searchable()
    desk = seated(role="counter")
    [cut] = look(desk, "find", q="corte").json()["items"]
    assert (cut["kind"], cut["price"]) == ("service", "50.00")
    walk_in = {"services": [{"sku": "CORTE", "professional": str(salon.id("Bia"))}]}
    priced = send(desk, "price", walk_ins=[walk_in]).json()
    assert [(line["kind"], line["professional"]) for line in priced["lines"]] == [("walk_in", "Bia")]
    sold = send(desk, "sell", walk_ins=[walk_in], payments=[{"tender": "card", "amount": "50.00"}])
    assert sold.status_code == 200
    assert Order.objects.get().status == "completed"


def test_the_visit_in_the_chair_is_offered_and_paid() -> None:
    salon = make.salon(names=("Ana", "Bia"))
    now = make.booked(make.at(9, day=0), who=salon.id("Ana"), name="Maria", actor=make.STAFF)
    later = make.booked(make.at(15, day=0), who=salon.id("Bia"), name="Eva", actor=make.STAFF)
    make.booked(make.at(9), who=salon.id("Ana"), name="Amanhã")
    desk = seated(role="counter")
    visits = look(desk, "today").json()["visits"]
    assert [(one["name"], one["begun"], one["due"], one["starts_at"][11:16]) for one in visits] == [
        ("Maria", True, "50.00", "09:00"), ("Eva", False, "50.00", "15:00"),
    ]  # fmt: skip
    priced = send(desk, "price", visits=[str(now.public_id)]).json()
    assert [(line["kind"], line["appointment"]) for line in priced["lines"]] == [("visit", str(now.public_id))]
    assert send(desk, "sell", visits=[str(now.public_id)], payments=[cash("50.00")]).status_code == 200
    assert [one["id"] for one in look(desk, "today").json()["visits"]] == [str(later.public_id)]


@pytest.mark.usefixtures("bakery")
def test_a_sale_waits_comes_back_as_it_was_and_is_paid_once() -> None:
    salon = make.salon(names=("Ana",))
    visit = make.booked(make.at(9, day=0), name="Maria", actor=make.STAFF)
    desk, key = seated(role="counter"), str(uuid4())
    walk_in = {"services": [{"sku": "CORTE", "professional": str(salon.id("Ana"))}], "force": ""}
    discount = {"kind": "percent", "value": "5.00", "reason": "Bom cliente"}
    sale = {
        "goods": goods(PAO=2, QUEIJO=350), "walk_ins": [walk_in], "visits": [str(visit.public_id)], "name": "José",
        "note": "Mesa do canto", "discount": discount,
    }  # fmt: skip
    for _again in range(2):
        parked = send(desk, "parked", key=key, label="Mesa 4", keep=True, sale=sale)
        assert parked.status_code == 201
    [row] = look(desk, "today").json()["parked"]
    assert (row["id"], row["label"], row["summary"][:7]) == (key, "Mesa 4", "4 itens")
    assert "separado até" in row["summary"]
    held = desk.get(reverse("counter:one-parked", args=[key])).json()
    assert [(line["kind"], line["sku"], line["quantity"]) for line in held["lines"]] == [
        ("goods", "PAO", 2), ("goods", "QUEIJO", 350), ("service", "CORTE", 1), ("visit", "", 1),
    ]  # fmt: skip
    assert held["lines"][3]["under"] == "Maria · Ana"
    assert (held["sale"]["name"], held["sale"]["note"], held["sale"]["discount"]) == ("José", "Mesa do canto", discount)

    other = send(desk, "parked", label="Mesa 4", sale={"goods": goods(PAO=1)})
    assert (other.status_code, other.json()["code"]) == (409, "label_taken")
    changed = _write(desk, "put", key, label="Mesa 5", version=held["version"], sale={"goods": goods(PAO=3)})
    assert (changed.status_code, changed.json()["label"], len(changed.json()["lines"])) == (200, "Mesa 5", 1)
    stale = _write(desk, "put", key, label="Mesa 6", version=held["version"], sale={"goods": goods(PAO=1)})
    assert stale.status_code == 409
    taking = {"id": key, "version": changed.json()["version"]}
    paid = send(desk, "sell", goods=goods(PAO=3), payments=[cash("2.55")], parked=taking)
    assert (paid.status_code, paid.json()["total"]) == (200, "2.55")
    again = send(desk, "sell", goods=goods(PAO=3), payments=[cash("2.55")], parked=taking)
    assert again.status_code == 409
    assert (look(desk, "today").json()["parked"], Order.objects.count()) == ([], 1)


@pytest.mark.usefixtures("bakery")
def test_a_parked_sale_is_thrown_away_with_a_reason() -> None:
    desk = seated(role="counter")
    parked = send(desk, "parked", label="Zé", sale={"goods": goods(PAO=1)}).json()
    refused = _write(desk, "delete", parked["id"], version=parked["version"], reason="")
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/reason"]
    assert _write(desk, "delete", parked["id"], version=parked["version"], reason="Foi embora").status_code == 204
    assert look(desk, "today").json()["parked"] == []
    assert _write(desk, "delete", str(uuid4()), version=1, reason="x").status_code == 404


@pytest.mark.usefixtures("bakery")
def test_the_sales_of_today_are_listed_printed_and_undone_by_who_may() -> None:
    desk, owner = seated(role="counter"), seated(role="owner")
    sold = send(desk, "sell", goods=goods(PAO=2), name="José", payments=[cash("1.70")]).json()
    assert sold["whatsapp"].startswith("https://wa.me/")
    [row] = look(desk, "sales").json()["sales"]
    assert {name: row[name] for name in ("number", "total", "name", "summary", "undone", "may_undo")} == {
        "number": sold["number"], "total": "1.70", "name": "José", "summary": row["summary"], "undone": False,
        "may_undo": False,
    }  # fmt: skip
    assert row["summary"].startswith("2 × ")
    printed = desk.get(row["receipt"])
    assert (printed["Content-Type"], printed.content[:5], row["receipt"]) == (
        "application/pdf", b"%PDF-", sold["receipt"],
    )  # fmt: skip
    assert desk.get(reverse("counter:receipt", args=["NADA"])).status_code == 404
    assert _undo(desk, sold["number"], "Engano").status_code == 403
    assert [error["pointer"] for error in _undo(owner, sold["number"], " ").json()["errors"]] == ["/reason"]
    assert look(owner, "sales").json()["sales"][0]["may_undo"] is True
    undone = _undo(owner, sold["number"], "Engano")
    assert (undone.status_code, undone.json()) == (200, {"number": sold["number"], "amount": "1.70", "tips": "0.00"})
    [row] = look(owner, "sales").json()["sales"]
    assert (row["undone"], row["may_undo"]) == (True, False)
    assert _undo(owner, sold["number"], "Engano").status_code == 409


@pytest.mark.usefixtures("bakery")
def test_an_order_by_telephone_is_taken_once_and_loses_nothing_when_it_is_refused() -> None:
    desk, key = seated(role="counter"), str(uuid4())
    asked = look(desk, "phone").json()
    assert [one["code"] for one in asked["methods"]] == ["on_site", "transfer"]
    assert asked["windows"][0]["starts_at"] > "2026-03-02T09:00"
    order = {
        "goods": goods(PAO=10), "name": "José", "phone": "11987654321", "pickup": asked["windows"][3]["starts_at"],
        "method": "transfer", "expected_total": "8.50",
    }  # fmt: skip
    nobody = send(desk, "phone", **order | {"name": "", "phone": ""}).json()
    assert [error["pointer"] for error in nobody["errors"]] == ["/name", "/phone"]
    soon = send(desk, "phone", **order | {"pickup": "2026-03-02T09:00:00-03:00"})
    assert (soon.status_code, soon.json()["code"]) == (422, "pickup_unavailable")
    odd = send(desk, "phone", **order | {"pickup": "logo", "method": "ouro"}).json()
    assert [error["pointer"] for error in odd["errors"]] == ["/pickup", "/method"]
    assert Order.objects.count() == 0

    taken = [send(desk, "phone", key=key, **order) for _again in range(2)]
    assert [answer.status_code for answer in taken] == [200, 200]
    assert taken[0].json() == taken[1].json()
    assert taken[0].json()["whatsapp"].startswith("https://wa.me/5511987654321?text=")
    placed = Order.objects.get()
    assert (placed.channel, placed.status, placed.payment_method) == ("phone", "pending", "transfer")


@pytest.mark.usefixtures("bakery")
def test_a_visit_is_ordered_by_telephone_with_things_and_a_lost_time_says_what_is_free() -> None:
    ana = make.salon(names=("Ana",)).id("Ana")
    desk = seated(role="counter")
    asked = look(desk, "phone").json()
    assert asked["today"] == "2026-03-02"
    times = look(desk, "times", service="CORTE", day="2026-03-03").json()
    ten = next(one for one in times["times"] if one["clock"] == "10:00")
    assert (ten["professional"]["name"], times["minutes"]) == ("Ana", 30)
    assert look(desk, "times", day="2026-03-03").status_code == 400
    assert look(desk, "times", service="NADA", day="2026-03-03").json()["code"] == "unknown_sku"
    booking = {"services": ["CORTE"], "starts_at": ten["starts_at"], "professional": str(ana)}
    order: dict[str, Any] = {"goods": goods(PAO=10), "bookings": [booking]}
    priced = send(desk, "price", **order).json()
    assert [(line["kind"], line["professional"], line["total"]) for line in priced["lines"]] == [
        ("goods", "", "8.50"), ("booking", "Ana", "50.00"),
    ]  # fmt: skip
    order |= {
        "name": "José", "phone": "11987654321", "pickup": asked["windows"][-1]["starts_at"], "method": "transfer",
        "expected_total": priced["total"],
    }  # fmt: skip
    make.booked(make.at(10), who=ana, actor=make.STAFF)
    lost = send(desk, "phone", **order)
    assert (lost.status_code, lost.json()["code"], lost.json()["lines"][0]["booking"]) == (409, "slot_taken", 0)
    assert lost.json()["detail"] == "Corte: Ana não está mais livre nesse horário."
    [free, *_more] = lost.json()["alternatives"]
    order["bookings"] = [booking | {"starts_at": free["starts_at"]}]
    taken = send(desk, "phone", **order)
    assert taken.status_code == 200, taken.content
    assert taken.json()["visits"][0].startswith("Corte com Ana, ")
    placed = Order.objects.get()
    assert (placed.channel, placed.status, str(placed.total)) == ("phone", "pending", "58.50")
    order |= {
        "goods": [],
        "expected_total": "50.00",
        "bookings": [booking | {"starts_at": times["times"][-1]["starts_at"]}],
    }
    odd = send(desk, "phone", **order).json()
    assert [error["pointer"] for error in odd["errors"]] == ["/fulfilment"]
    alone = send(desk, "phone", **order | {"pickup": None})
    assert (alone.status_code, alone.json()["pickup"]) == (200, "")


def _undo(desk: Client, number: str, reason: str) -> Any:
    return desk.post(reverse("counter:undo", args=[number]), json.dumps({"reason": reason}), "application/json")


def _write(desk: Client, verb: str, key: str, **body: Any) -> Any:
    address = reverse("counter:one-parked", args=[key])
    return getattr(desk, verb)(address, json.dumps(body), content_type="application/json")


def test_a_pix_is_shown_where_the_shop_has_a_key() -> None:
    desk, key = seated(role="counter"), str(uuid4())
    assert look(desk, "pix", amount="12.50", key=key).json() == {"text": None, "image": None, "awaited": False}
    shop.set_policy(key="pix_key", value="loja@example.com", actor=make.STAFF, now=MONDAY)
    shown = look(desk, "pix", amount="12.50", key=key).json()
    assert "540512.50" in shown["text"]
    assert shown["image"].startswith("data:image/svg+xml;base64,")
    assert look(desk, "pix", amount="0.00", key=key).status_code == 400


@pytest.mark.parametrize("who", ["guest", "customer", "professional"])
def test_nobody_else_comes_near(who: str, client: Client) -> None:
    if who == "customer":
        user = people.customer().user
        assert user is not None
        client.force_login(user)
    desk = seated(role="professional") if who == "professional" else client
    status = 401 if who == "guest" else 403
    assert look(desk, "find", q="pao").status_code == status
    assert look(desk, "today").status_code == status
    assert send(desk, "sell").status_code == status
    page = desk.get(reverse("counter:page"))
    assert page.status_code == (403 if who == "professional" else 302)
    assert Order.objects.count() == 0


def test_a_write_wants_the_pages_token() -> None:
    stocked(sku="PAO", units=1)
    refused = send(seated(role="owner", csrf=True), "sell", goods=goods(PAO=1), payments=[cash("10.00")])
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert Order.objects.count() == 0


def test_the_page_and_its_policy_hold_no_inline_script() -> None:
    page = seated(role="counter").get(reverse("counter:page"))
    assert page.status_code == 200
    assert "'unsafe-inline'" not in directives(page)["script-src"]
    own = text_of(page).partition("backoffice/counter/counter.css")[2]
    inline = [tag for tag in re.findall(r"<script[^>]*>", own) if " src=" not in tag]
    assert inline == ['<script id="counter-config" type="application/json">']
    assert "onclick=" not in own


def test_the_menu_and_the_first_page_lead_to_the_counter() -> None:
    for role, there in (("owner", True), ("counter", True), ("professional", False)):
        answer = seated(role=role).get("/admin/")
        links = [item["link"] for group in answer.context["sidebar_navigation"] for item in group["items"]]
        assert (reverse("counter:page") in links) is there
        assert ("Vender no balcão" in text_of(answer)) is there


@pytest.mark.fault("F14")
def test_what_people_type_stays_text() -> None:
    make.salon(names=(EVIL,))
    page = text_of(seated(role="owner").get(reverse("counter:page")))
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_statements_do_not_grow_with_the_catalogue_or_with_what_waits() -> None:
    make.salon()
    desk = seated(role="counter")
    counts = []
    for round_ in range(3):
        for place in range(8):
            stocked(sku=f"PAO-{round_}-{place}", units=9, price="1.00")
            send(desk, "parked", label=f"Mesa {round_}-{place}", sale={"goods": goods(**{f"PAO-{round_}-{place}": 1})})
        make.booked(make.at(10 + round_, day=0), actor=make.STAFF)
        searchable()
        counts.append(_counted(desk))
    assert Product.objects.count() == 25
    assert counts[0] == counts[1] == counts[2]
    assert counts[0] == COUNTS


COUNTS = {"page": 6, "today": 11, "find": 7, "price": 12, "phone": 6, "pix": 6, "sales": 7, "sell": 49}


def _counted(desk: Client) -> dict[str, int]:
    """Return how many statements each door asks, the second time, when nothing is looked up for the first."""
    sale: dict[str, Any] = {"goods": goods(**{"PAO-0-0": 1, "PAO-0-1": 1})}
    found = {}
    for _again in range(2):
        doors: dict[str, Callable[[], Any]] = {
            "page": lambda: look(desk, "page"),
            "today": lambda: look(desk, "today"),
            "find": lambda: look(desk, "find", q="pao"),
            "price": lambda: send(desk, "price", **sale),
            "pix": lambda: look(desk, "pix", amount="1.00", key=str(uuid4())),
            "phone": lambda: look(desk, "phone"),
            "sales": lambda: look(desk, "sales"),
            "sell": lambda: send(desk, "sell", **sale, payments=[cash("2.00")]),
        }
        for door, ask in doors.items():
            with statements() as sql:
                assert ask().status_code == 200
            found[door] = len(sql)
    return found


def test_a_tip_is_taken_beside_the_money_and_given_back_with_the_sale(monkeypatch: pytest.MonkeyPatch) -> None:
    ana = make.salon(names=("Ana",)).id("Ana")
    desk, owner = seated(role="counter"), seated(role="owner")
    sale: dict[str, Any] = {"walk_ins": [{"services": [{"sku": "CORTE", "professional": str(ana)}]}]}
    tips = [{"professional": str(ana), "tender": "cash", "amount": "5.00"}]
    sold = send(desk, "sell", **sale, payments=[cash("50.00", "60.00")], tips=tips)
    assert sold.status_code == 200, sold.content
    answer = sold.json()
    assert (answer["total"], answer["tips"], answer["change"]) == ("50.00", "5.00", "5.00")
    monkeypatch.setattr(clock, "now", lambda: MONDAY + timedelta(minutes=1))
    assert "Gorjetas" in text_of(owner.get(reverse("day:page")))
    wrong = [{"professional": str(uuid4()), "tender": "cash", "amount": "5.00"}]
    assert send(desk, "sell", **sale, payments=[cash("50.00")], tips=wrong).status_code in (400, 409)
    undone = owner.post(
        reverse("counter:undo", args=[answer["number"]]), json.dumps({"reason": "x"}), content_type="application/json"
    )
    assert (undone.json()["amount"], undone.json()["tips"]) == ("50.00", "5.00")


@pytest.mark.usefixtures("bakery")
def test_favourites_are_pinned_in_order_by_who_may() -> None:
    clerk, owner = seated(role="counter"), seated(role="owner")
    for _sale in range(2):
        send(clerk, "sell", goods=goods(PAO=1), payments=[cash("0.85")])

    def pin(desk: Client, *skus: str, seen: list[str] | None = None) -> int:
        stands = [sku for sku, pinned in shown() if pinned]
        body = json.dumps({"skus": skus, "seen": stands if seen is None else seen})
        return desk.put(reverse("counter:pin"), body, content_type="application/json").status_code

    def shown() -> list[tuple[str, bool]]:
        return [(one["sku"], one["pinned"]) for one in look(clerk, "today").json()["favourites"]]

    assert shown() == [("PAO", False)]
    assert pin(owner, "QUEIJO", "BOLO") == 204
    assert shown() == [("QUEIJO", True), ("BOLO", True), ("PAO", False)]
    assert pin(owner, "BOLO", "PAO") == 204
    assert shown() == [("BOLO", True), ("PAO", True)]
    assert [pin(clerk, "PAO"), pin(owner, "NADA"), pin(owner, *(["PAO"] * 25))] == [403, 400, 400]
    assert shown() == [("BOLO", True), ("PAO", True)]
    assert pin(owner, "QUEIJO", "BOLO", seen=["QUEIJO"]) == 409  # an old page takes nothing off that it does not show
    assert shown() == [("BOLO", True), ("PAO", True)]
    assert pin(owner) == 204
    assert shown() == [("PAO", False)]
