"""The page that says who keeps what without paying, frees it, and blocks whoever does."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings
from time_machine import Traveller

from accounts.models import Block
from accounts.tests.doors import a_customer, get, ok, post, refused
from backoffice.tests.desk import at_desk, complaints_of, messages_of, text_of
from cart.tests.factories import a_cart, line_of
from common.testing import statements
from inventory.models import StockItem
from inventory.tests.factories import MONDAY, stocked
from orders.models import Order
from orders.tests.doors import ANA, an_order, place
from scheduling.models import Appointment
from scheduling.tests import factories as make
from scheduling.tests.factories import at

pytestmark = pytest.mark.django_db

PAGE, RELEASE = "/admin/kept/", "/admin/kept/release/"
HOME = "203.0.113.7"


@pytest.fixture(autouse=True)
def shop(time_machine: Traveller, settings: Settings) -> make.Salon:
    settings.TRUSTED_PROXIES = 1
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=9, price="59.90")
    return make.salon()


def free(client: Client, kind: str, key: str) -> Any:
    return client.post(RELEASE, {"kind": kind, "key": key}, follow=True)


def with_visit() -> dict[str, Any]:
    line = {"services": ["CORTE"], "starts_at": at(10).isoformat()}
    return ok(post("/carts/", {"lines": [line]}, X_Forwarded_For=HOME), 201)


def test_the_owner_sees_who_keeps_what_since_when_and_until_when(time_machine: Traveller) -> None:
    ana = a_customer()
    a_cart({"BOLO": 2}, user=ana)
    a_cart({"BOLO": 1}, X_Forwarded_For=HOME)
    with_visit()
    make.book(at(11), email="bia@example.com")
    order = an_order({"BOLO": 1})
    time_machine.move_to(MONDAY + timedelta(minutes=5), tick=False)
    page = at_desk(role="owner").get(PAGE)
    rows = {
        section["title"]: [(row.what, row.email, row.address, age) for row, age in section["rows"]]
        for section in page.context["sections"]
    }
    units, times, orders, visits = rows.values()
    assert {(what.split(" ")[0], email, address, age) for what, email, address, age in units} == {
        ("2", ana.email, "127.0.0.1", "5 minutos"),
        ("1", "", HOME, "5 minutos"),
    }
    assert [(email, address, age) for _what, email, address, age in times] == [("", HOME, "5 minutos")]
    assert [what.split(" ")[0] for what, *_others in orders] == [order["number"]]
    assert [email for _what, email, *_others in visits] == ["bia@example.com"]
    assert dict(page.context["totals"]) == {HOME: 2}


def test_more_rows_cost_no_more_statements() -> None:
    client = at_desk(role="owner")
    a_cart({"BOLO": 1})
    make.book(at(10))
    client.get(PAGE)
    with statements() as few:
        client.get(PAGE)
    for _cart in range(4):
        a_cart({"BOLO": 1})
    for hour in (11, 13, 14):
        make.book(at(hour))
    with statements() as many:
        client.get(PAGE)
    assert len(many) == len(few)


def test_units_are_freed_with_one_click_and_not_taken_again_at_once() -> None:
    client = at_desk(role="owner")
    cart = a_cart({"BOLO": 9}, X_Forwarded_For=HOME)
    line = line_of(cart, "BOLO")
    answer = free(client, "line", line["id"])
    assert messages_of(answer) == ["Está livre de novo."]
    assert StockItem.objects.get(variant__sku="BOLO").reserved == 0
    left = ok(get(f"/carts/{cart['id']}/"))
    assert (line_of(left, "BOLO")["quantity"], line_of(left, "BOLO")["held_until"]) == (9, None)
    again = a_cart({"BOLO": 9}, X_Forwarded_For=HOME)
    assert line_of(again, "BOLO")["held_until"] is None
    assert line_of(a_cart({"BOLO": 9}, X_Forwarded_For="203.0.113.8"), "BOLO")["held_until"] is not None
    free(client, "line", line["id"])


def test_a_time_a_visit_and_an_order_are_freed() -> None:
    client = at_desk(role="owner")
    line = with_visit()["lines"][0]
    free(client, "line", line["id"])
    assert Appointment.objects.get().state == "expired"
    booked = make.book(at(10)).appointment
    free(client, "visit", str(booked.public_id))
    booked.refresh_from_db()
    assert (booked.state, booked.events.last().reason) == ("cancelled", "Liberado pela loja")  # type: ignore[union-attr]
    order = an_order({"BOLO": 9})
    free(client, "order", order["number"])
    assert Order.objects.get().status == "cancelled"
    assert StockItem.objects.get(variant__sku="BOLO").reserved == 0


def test_a_refusal_is_told_and_changes_nothing() -> None:
    client = at_desk(role="owner")
    assert messages_of(free(client, "order", "NOSUCHONE"))
    assert client.post(RELEASE, {"kind": "shop", "key": "1"}).status_code == 404
    assert client.post(RELEASE, {"kind": "line", "key": "abc"}).status_code == 404
    assert client.get(RELEASE).status_code == 405


def test_only_who_may_sees_and_frees() -> None:
    cart = a_cart({"BOLO": 1})
    professional = at_desk(role="professional")
    assert professional.get(PAGE).status_code == 403
    answer = professional.post(RELEASE, {"kind": "line", "key": line_of(cart, "BOLO")["id"]})
    assert (answer.status_code, StockItem.objects.get(variant__sku="BOLO").reserved) == (403, 1)
    counter = at_desk(role="counter")
    assert "/admin/accounts/block/add/" not in text_of(counter.get(PAGE))
    assert counter.get("/admin/accounts/block/add/").status_code == 403
    assert Client().get(PAGE).status_code == 302


def test_a_guest_is_blocked_from_the_page_for_every_door_and_let_in_again() -> None:
    client = at_desk(role="owner")
    make.book(at(10), email="m.aria+1@gmail.com", phone="+5511987654321")
    [row] = [row for section in client.get(PAGE).context["sections"] for row, _age in section["rows"]]
    form = client.get(row.block_link)
    assert 'value="m.aria+1@gmail.com"' in text_of(form)
    answer = client.post(
        "/admin/accounts/block/add/",
        {"email": "m.aria+1@gmail.com", "phone": "(11) 98765-4321", "document": "529.982.247-25", "reason": "x"},
        follow=True,
    )
    assert Block.objects.get().mailbox == "maria@gmail.com", text_of(answer)
    tries = [
        {"email": "maria@googlemail.com"},
        {"email": "o@example.com", "phone": "11 98765-4321"},
        {"email": "o@example.com", "document": "52998224725"},
    ]
    cart = a_cart({"BOLO": 1})
    for who in tries:
        refused(place(cart, customer=ANA | who), 403, "forbidden")
    wish = {"services": ["CORTE"], "starts_at": at(11).isoformat()}
    for who in tries[:2]:
        refused(post("/appointments/", wish | {"customer": ANA | who}, key="k"), 403, "forbidden")
    page = client.get("/admin/accounts/block/")
    assert "m.aria+1@gmail.com" in text_of(page)
    client.post("/admin/accounts/block/", {"action": "lift", "_selected_action": [Block.objects.get().pk]}, follow=True)
    assert not Block.objects.exists()
    ok(place(cart, customer=ANA | tries[0]), 201)


def test_a_block_of_nobody_is_refused_beside_the_field() -> None:
    client = at_desk(role="owner")
    answer = client.post("/admin/accounts/block/add/", {"email": "", "phone": "", "document": "", "reason": ""})
    assert (answer.status_code, Block.objects.exists()) == (400, False)
    assert any("Escreva um e-mail" in text for text in complaints_of(answer))
