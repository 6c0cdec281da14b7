"""What the pages that letters link to say of the window's: where to go on to, and nothing where there is none."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts import services as accounts
from accounts.tests import factories as people
from accounts.tests.test_mailboxes import letters
from common import clock
from common.access import access_token
from inventory.tests.factories import MONDAY
from orders.models import Order
from orders.tests.factories import ordered, stocked
from pages.links import PRIVATE
from scheduling.tests import factories as agenda
from window import built
from window.built import Assets

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def window(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Monday, and there is a window."""
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    monkeypatch.setattr(built, "assets", lambda: Assets(script="/static/window/built/main.js"))


def onward(answer: Any) -> str | None:
    """Return where a page leads on to; None where it stays."""
    found = re.search(r'data-to="([^"]*)"', answer.content.decode())
    return found[1] if found else None


def the_order() -> Order:
    stocked(sku="PAO", units=5)
    return ordered(units={"PAO": 1})


def test_an_order_and_a_visit_lead_to_their_pages_with_the_token_behind_the_number_sign(client: Client) -> None:
    order = the_order()
    agenda.salon()
    visit = agenda.booked(agenda.at(14))
    for kind, public_id, path, page in (
        ("order", order.public_id, f"/orders/{order.number}/", f"/pedido/{order.number}"),
        ("appointment", visit.public_id, f"/appointments/{visit.public_id}/", f"/visita/{visit.public_id}"),
    ):
        token = access_token(kind=kind, public_id=public_id)
        answer = client.get(path, {"access_token": token, "language": "en"})
        assert onward(answer) == f"{page}#{token}"
        assert 'data-language="en"' in answer.content.decode()
        assert onward(client.get(path + "cancel/", {"access_token": token})) is None
        assert {name: answer[name] for name in PRIVATE} == PRIVATE


def test_what_opens_nothing_leads_there_without_its_token_and_is_still_not_found(client: Client) -> None:
    order = the_order()
    for number in (order.number, "NADA"):  # whether there is such an order, nobody is told
        answer = client.get(f"/orders/{number}/", {"access_token": "forged"})
        assert (answer.status_code, onward(answer)) == (404, f"/pedido/{number}")
        assert {name: answer[name] for name in PRIVATE} == PRIVATE
        assert "forged" not in answer.content.decode()
    assert client.get("/orders/a b_c/", {"access_token": "forged"}).status_code == 404


def test_letters_about_an_account_lead_to_the_windows_pages_and_the_team_stays(client: Client) -> None:
    accounts.register(email="ana@exemplo.com.br", password=people.PASSWORD, name="Ana", now=clock.now())
    [token] = letters()
    assert onward(client.get(f"/conta/confirmar-email/?token={token}", follow=True)) == escape(
        f"/confirmar-email#{token}"
    )
    for user, leads in ((people.user(), True), (people.user(is_staff=True), False)):
        accounts.ask_for_reset(email=user.email, now=clock.now())
        [token] = letters()
        answer = client.get(f"/conta/nova-senha/?token={token}", follow=True)
        assert onward(answer) == (f"/nova-senha#{token}" if leads else None)
    used = client.get("/conta/nova-senha/?token=used", follow=True)
    assert (used.status_code, onward(used)) == (400, "/nova-senha")


def test_signing_in_leads_to_the_window_but_not_on_the_way_to_a_page_of_its_own(client: Client) -> None:
    page = reverse("account-sign-in")
    assert onward(client.get(page)) == "/entrar"
    assert onward(client.get(page, {"next": reverse("account-security")})) is None
    assert onward(client.post(page, {"username": "ana@exemplo.com.br", "password": "errada"})) is None


def test_where_there_is_no_window_every_page_stays(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built, "assets", Assets)
    order = the_order()
    token = access_token(kind="order", public_id=order.public_id)
    for answer in (
        client.get(f"/orders/{order.number}/", {"access_token": token}),
        client.get(f"/orders/{order.number}/", {"access_token": "forged"}),
        client.get("/conta/confirmar-email/?token=any", follow=True),
    ):
        assert "<script" not in answer.content.decode()
