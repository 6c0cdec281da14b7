"""The page on which a person pays: what is due and by when, begun once, and true whatever has become of the order."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client
from time_machine import Traveller

from accounts.tests.doors import get, ok, post, staff_with
from common import outbox
from common.access import access_token
from inventory.tests.factories import MONDAY, stocked
from orders.models import Order, OrderContact
from orders.tests.doors import ALL_RIGHTS, an_order
from orders.tests.factories import STAFF
from pages.links import PRIVATE
from payments import services as payments
from payments.models import Payment
from payments.tests.stand_in import NAME, StandIn, registered
from shop import services as shop

pytestmark = pytest.mark.django_db

KEY = "loja@exemplo.com.br"


@pytest.fixture(autouse=True)
def clock(time_machine: Traveller) -> Traveller:
    """It is Monday morning, there are cakes, and a Pix key."""
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=5, price="59.90")
    shop_takes(payment_methods="on_site,transfer,pix", pix_key=KEY, transfer_instructions="Banco 1, conta 2-3")
    return time_machine


@pytest.fixture
def visitor() -> Client:
    """A browser that keeps to the rules about forged requests."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, settings: Any) -> StandIn:
    """Cards are taken too."""
    found = registered(monkeypatch, settings)
    shop_takes(payment_methods="on_site,transfer,pix,card")
    return found


def shop_takes(**values: str) -> None:
    shop.set_policies(values=values, actor=STAFF, now=MONDAY)


def path_of(body: dict[str, Any], **query: str) -> str:
    rest = "".join(f"&{name}={value}" for name, value in query.items())
    return str(body["pay_url"]).removeprefix(project.PUBLIC_URL) + rest


def begin(visitor: Client, body: dict[str, Any], method: str) -> Any:
    page = visitor.get(path_of(body))
    fields = {
        "csrfmiddlewaretoken": str(page.context["csrf_token"]),
        "access_token": page.context["token"],
        "method": method,
    }
    return visitor.post(f"/orders/{body['number']}/pay/", fields)


def mark_of(visitor: Client, body: dict[str, Any]) -> str:
    answer = visitor.get(path_of(body).replace("/pay/", "/pay/state/"))
    assert answer.headers["Cache-Control"] == "no-store"
    return str(answer.json()["mark"])


def test_pay_url_stands_in_the_order_while_something_can_be_paid_online(clock: Traveller) -> None:
    body = an_order(payment_method="pix")
    assert body["pay_url"].startswith(f"{project.PUBLIC_URL}/orders/{body['number']}/pay/?access_token=")
    assert body["access_token"] not in body["pay_url"]
    assert (body["asked_now"], body["payable_by"]) == ("59.90", ["pix"])
    by_transfer = an_order(payment_method="transfer")
    assert by_transfer["pay_url"]
    assert by_transfer["payable_by"] == ["transfer", "pix"]
    on_site = an_order(payment_method="on_site")
    assert on_site["pay_url"], "the shop takes Pix, whatever was chosen"
    assert on_site["payable_by"] == ["pix"]
    clock.move_to(MONDAY + timedelta(minutes=30), tick=False)
    late = ok(get(f"/orders/{body['number']}/", token=body["access_token"]))
    assert (late["pay_url"], late["payable_by"]) == (None, [])
    shop_takes(payment_methods="on_site,transfer")
    assert an_order(payment_method="on_site")["pay_url"] is None


def test_the_page_opens_with_its_token_alone_and_the_token_opens_nothing_else(visitor: Client) -> None:
    body = an_order(payment_method="pix")
    page = visitor.get(path_of(body))
    assert page.status_code == 200
    assert {name: page.headers[name] for name in PRIVATE} == dict(PRIVATE)
    assert "unsafe-eval" not in page.headers["Content-Security-Policy"]
    assert visitor.get(f"/orders/{body['number']}/pay/").status_code == 404
    other = an_order(payment_method="pix")
    wrong = path_of(body).replace(body["number"], other["number"])
    assert visitor.get(wrong).status_code == 404
    token = body["pay_url"].partition("access_token=")[2]
    assert visitor.get(f"/orders/{body['number']}/?access_token={token}").status_code == 404
    assert get(f"/orders/{body['number']}/", token=token).status_code == 404


def test_what_is_due_by_when_and_in_which_ways(visitor: Client, gateway: StandIn) -> None:
    page = visitor.get(path_of(an_order(payment_method="pix"))).content.decode()
    assert "R$ 59,90" in page
    assert "Pague até" in page
    assert 'datetime="2026-03-02T' in page
    assert "2 de março de 2026 às 09:30" in page
    assert "Como você quer pagar?" in page
    assert 'value="pix"' in page
    assert 'value="card"' in page
    assert "Banco 1" not in page
    transfer = visitor.get(path_of(an_order(payment_method="transfer"))).content.decode()
    assert "Banco 1, conta 2-3" in transfer
    english = visitor.get(path_of(an_order(payment_method="pix"), language="en")).content.decode()
    assert "How do you want to pay?" in english


def test_a_pix_is_begun_once_however_often_it_is_tapped(visitor: Client) -> None:
    body = an_order(payment_method="pix")
    first, again = begin(visitor, body, "pix"), begin(visitor, body, "pix")
    assert (first.status_code, again.status_code) == (303, 303)
    payment = Payment.objects.get()
    assert (payment.method, payment.status, payment.actor_kind) == ("pix", "pending", "guest")
    page = visitor.get(first.headers["Location"]).content.decode()
    assert payment.given["pix_text"] in page
    assert "<svg" in page
    assert "09:29" in page, "the Pix ends before the order does"


def test_a_letter_is_promised_to_whoever_gets_one(visitor: Client) -> None:
    body = an_order(payment_method="pix")
    leads = begin(visitor, body, "pix").headers["Location"]
    assert "confirmamos aqui e por e-mail" in visitor.get(leads).content.decode()
    OrderContact.objects.update(email="")
    assert "confirmamos aqui. Você pode fechar esta página e voltar depois." in visitor.get(leads).content.decode()


def test_the_state_follows_and_the_page_says_that_it_is_paid(visitor: Client) -> None:
    body = an_order(payment_method="pix")
    begin(visitor, body, "pix")
    before = mark_of(visitor, body)
    assert mark_of(visitor, body) == before
    ok(post(f"/orders/{body['number']}/confirm/", {"amount": "59.90"}, user=staff_with(*ALL_RIGHTS)))
    assert mark_of(visitor, body) != before
    page = visitor.get(path_of(body)).content.decode()
    assert f"O pedido {body['number']} está pago" in page
    assert "Como você quer pagar?" not in page


def test_a_card_is_paid_on_the_gateways_page(visitor: Client, gateway: StandIn) -> None:
    body = an_order(payment_method="card")
    sent_on = begin(visitor, body, "card").headers["Location"]
    payment = Payment.objects.get()
    assert payment.return_url == body["pay_url"]
    assert (
        f'content="0;url=https://gateway.example/{payment.gateway_reference}"' in visitor.get(sent_on).content.decode()
    )
    back = visitor.get(path_of(body)).content.decode()
    assert 'http-equiv="refresh" content="0' not in back
    assert f'href="https://gateway.example/{payment.gateway_reference}"' in back
    told = gateway.event(gateway.pay(payment), now=MONDAY)
    payments.receive_event(gateway=NAME, delivery=told, now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    assert "está pago" in visitor.get(path_of(body)).content.decode()


def test_a_card_that_is_declined_or_not_answered_is_said_and_can_be_tried_again(
    visitor: Client, gateway: StandIn
) -> None:
    body = an_order(payment_method="card")
    gateway.down = ["begin"]
    silent = begin(visitor, body, "card")
    assert silent.status_code == 503
    assert "Tentar de novo" in silent.content.decode()
    gateway.down, gateway.declines = [], ["begin"]
    assert begin(visitor, body, "card").status_code == 303
    declined = visitor.get(path_of(body)).content.decode()
    assert "O pagamento não foi aceito e nada foi cobrado" in declined
    assert 'value="card"' in declined


def test_an_order_that_ended_says_how(visitor: Client, clock: Traveller) -> None:
    gone = an_order(payment_method="pix")
    ok(post(f"/orders/{gone['number']}/cancel/", {"reason": "Mudei de ideia"}, token=gone["access_token"]))
    page = visitor.get(path_of(gone))
    assert f"Seu pedido {gone['number']} foi cancelado" in page.content.decode()
    late = an_order(payment_method="pix")
    form = visitor.get(path_of(late))
    clock.move_to(MONDAY + timedelta(minutes=31), tick=False)
    fields = {"csrfmiddlewaretoken": str(form.context["csrf_token"]), "access_token": form.context["token"]}
    refused = visitor.post(f"/orders/{late['number']}/pay/", {**fields, "method": "pix"})
    assert refused.status_code == 409
    assert f"Seu pedido {late['number']} expirou" in refused.content.decode()
    assert not Payment.objects.exists()


def test_money_that_went_back_is_said(visitor: Client) -> None:
    body = an_order(payment_method="pix")
    staff = staff_with(*ALL_RIGHTS, "payments.refund_payment")
    ok(post(f"/orders/{body['number']}/confirm/", {"amount": "59.90"}, user=staff))
    wish = {"amount": "59.90", "restock": False, "reason": "Desistiu"}
    ok(post(f"/orders/{body['number']}/refunds/", wish, key="r", user=staff), 201)
    ok(post(f"/orders/{body['number']}/cancel/", {"reason": "Desistiu"}, user=staff))
    assert f"O dinheiro do pedido {body['number']} foi devolvido" in visitor.get(path_of(body)).content.decode()


def test_nothing_is_begun_by_a_forged_form_or_in_a_way_that_is_not_offered(visitor: Client) -> None:
    body = an_order(payment_method="pix")
    token = body["pay_url"].partition("access_token=")[2]
    forged = visitor.post(f"/orders/{body['number']}/pay/", {"access_token": token, "method": "pix"})
    assert forged.status_code == 403
    for method in ("on_site", "card", "", "cash\x00"):
        assert begin(visitor, body, method).status_code == 422, method
    assert not Payment.objects.exists()


def test_the_customers_own_token_opens_it_and_leads_back_to_the_order(visitor: Client) -> None:
    body = an_order(payment_method="pix")
    order = Order.objects.get(number=body["number"])
    own = access_token(kind="order", public_id=order.public_id)
    page = visitor.get(f"/orders/{order.number}/?access_token={own}").content.decode()
    assert f'href="/orders/{order.number}/pay/?access_token={own}"' in page
    assert "Ver o pedido" in visitor.get(f"/orders/{order.number}/pay/?access_token={own}").content.decode()
    paid_by_another = visitor.get(path_of(body)).content.decode()
    assert own not in paid_by_another
    assert f'href="/pedido/{order.number}"' in paid_by_another  # which opens in the browser that ordered
