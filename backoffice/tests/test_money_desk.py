"""The money at the desk: the inbox with its decisions, what happened to a payment, and the ways to pay."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from time_machine import Traveller

from backoffice.tests.desk import at_desk, messages_of, text_of
from common.money import format_brl
from inventory.tests.factories import stocked
from orders.models import Order
from orders.tests.factories import ALL, MONDAY, STAFF, hand_over, ordered
from payments import services as payments
from payments.models import MoneyCase, Payment, Refund
from payments.tests.by_card import begin, by_card, relay, tell
from payments.tests.stand_in import NAME, StandIn, registered
from shop import services as shop

pytestmark = pytest.mark.django_db

LIST = "/admin/payments/moneycase/"
METHODS = "/admin/payments/payment/methods/"


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, settings: Any, time_machine: Traveller) -> StandIn:
    """There are cakes, cards are taken, and it is Monday."""
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=5, price="59.90")
    found = registered(monkeypatch, settings)
    shop.set_policy(key="payment_methods", value="on_site,transfer,card", actor=STAFF, now=MONDAY)
    return found


@pytest.fixture
def owner() -> Client:
    return at_desk(role="owner")


def set_aside(gateway: StandIn) -> tuple[Order, MoneyCase]:
    order = by_card()
    tell(gateway, gateway.pay(begin(order), amount=Decimal("50.00")))
    return order, MoneyCase.objects.latest("pk")


def decide(browser: Client, case: MoneyCase, verb: str, **more: str) -> Any:
    return browser.post(f"{LIST}{case.pk}/resolve/", {"verb": verb, **more}, follow=True)


def test_the_inbox_is_on_the_first_page_and_says_what_happened(gateway: StandIn, owner: Client) -> None:
    assert "Dinheiro que não entrou" not in text_of(owner.get("/admin/"))
    order, case = set_aside(gateway)
    assert f'href="{LIST}?status__exact=open"' in text_of(owner.get("/admin/"))
    listed = text_of(owner.get(f"{LIST}?status__exact=open"))
    assert order.number in listed
    assert "R$ 50,00" in listed
    page = text_of(owner.get(f"{LIST}{case.pk}/change/"))
    assert "não confere com o que foi pedido" in page
    assert "Chegaram 50,00 em vez de 59,90" in page
    assert f"Aceitar no pedido {order.number}" in page
    assert order.number in text_of(owner.get(f"{LIST}?q={order.number}"))


def test_one_click_accepts_it(gateway: StandIn, owner: Client) -> None:
    order, case = set_aside(gateway)
    answer = decide(owner, case, "accept")
    assert messages_of(answer) == ["Resolvido."]
    order.refresh_from_db()
    assert (order.status, str(order.paid)) == ("confirmed", "50.00")
    page = text_of(answer)
    assert "Aceito no próprio pedido" in page
    assert "Dona Ana" in page
    again = decide(owner, case, "refund")
    assert again.status_code == 400
    assert "já foi resolvido" in text_of(again)


def test_a_wrong_number_is_said_and_what_was_typed_stays(gateway: StandIn, owner: Client) -> None:
    _order, case = set_aside(gateway)
    wrong = decide(owner, case, "attach", number="nada22222")
    assert wrong.status_code == 400
    assert "Não há pedido com esse número." in text_of(wrong)
    assert 'value="NADA22222"' in text_of(wrong) or 'value="nada22222"' in text_of(wrong)
    other = by_card()
    assert messages_of(decide(owner, case, "attach", number=f"\u202a #{other.number.lower()} \u202c")) == ["Resolvido."]
    other.refresh_from_db()
    assert str(other.paid) == "50.00"


def test_a_note_settles_and_an_empty_one_does_not(gateway: StandIn, owner: Client) -> None:
    _order, case = set_aside(gateway)
    assert decide(owner, case, "settle", note=" ").status_code == 400
    assert decide(owner, case, "dance").status_code == 400
    assert messages_of(decide(owner, case, "settle", note="Devolvido no painel")) == ["Resolvido."]
    case.refresh_from_db()
    assert (case.status, case.resolution) == ("settled", "Devolvido no painel")


def test_the_counter_reads_and_decides_nothing(gateway: StandIn) -> None:
    _order, case = set_aside(gateway)
    counter = at_desk(role="counter")
    assert "Aceitar no pedido" not in text_of(counter.get(f"{LIST}{case.pk}/change/"))
    assert counter.post(f"{LIST}{case.pk}/resolve/", {"verb": "accept"}).status_code == 403
    assert at_desk(role="professional").get(LIST).status_code == 403


def test_a_payment_shows_its_steps_and_what_was_told_of_it(gateway: StandIn, owner: Client) -> None:
    order = by_card()
    tell(gateway, gateway.pay(begin(order)))
    payment = Payment.objects.get()
    page = text_of(owner.get(f"/admin/payments/payment/{payment.pk}/change/"))
    assert "O que aconteceu com ele" in page
    assert "payment.succeeded" in page
    assert payment.gateway_reference in page
    counter = text_of(at_desk(role="counter").get(f"/admin/payments/payment/{payment.pk}/change/"))
    assert "payment.succeeded" not in counter


def test_the_ways_to_pay_say_what_is_missing_and_test_the_connection(gateway: StandIn, owner: Client) -> None:
    page = text_of(owner.get(METHODS))
    assert "Falta a chave Pix." in page
    assert "Faltam os dados bancários." in page
    assert messages_of(owner.post(METHODS, {"gateway": NAME}, follow=True)) == [
        "standin responde. A conexão está boa. (dinheiro de teste)"
    ]
    gateway.down = ["check_connection"]
    assert "não responde" in messages_of(owner.post(METHODS, {"gateway": NAME}, follow=True))[0]
    gateway.down, gateway.declines = [], ["check_connection"]
    assert "recusa os dados de acesso" in messages_of(owner.post(METHODS, {"gateway": NAME}, follow=True))[0]
    assert "Não há esse serviço" in messages_of(owner.post(METHODS, {"gateway": "nada"}, follow=True))[0]
    counter = at_desk(role="counter")
    assert "Testar a conexão" not in text_of(counter.get(METHODS))
    assert counter.post(METHODS, {"gateway": NAME}).status_code == 403


@pytest.mark.parametrize("by_hand", [False, True])
def test_gateway_money_goes_back_by_itself_or_by_hand_but_never_both(
    gateway: StandIn, owner: Client, by_hand: bool
) -> None:
    order = by_card()
    tell(gateway, gateway.pay(begin(order)))
    address = f"/admin/orders/order/{order.pk}/refund/"
    form = owner.get(address)
    assert "volta por ele sozinho" in text_of(form)
    assert "Devolva primeiro" not in text_of(form)
    fields = {"key": form.context["form"]["key"].value(), "amount": "59,90", "reason": "Desistiu"}
    owner.post(address, fields | ({"by_hand": "on"} if by_hand else {}))
    relay(MONDAY)
    refund = Refund.objects.get()
    assert (refund.status, gateway.calls.count("refund")) == ("succeeded", 0 if by_hand else 1)
    order.refresh_from_db()
    assert str(order.refunded) == "59.90"


def test_whoever_cancels_is_told_which_way_the_money_goes_back(gateway: StandIn, owner: Client) -> None:
    order = by_card()
    tell(gateway, gateway.pay(begin(order)))
    by_hand = ordered(units={"BOLO": 1})
    payments.begin_payment(number=by_hand.number, method="on_site", access=ALL, actor=STAFF, now=MONDAY)
    said = {pk: text_of(owner.get(f"/admin/orders/order/{pk}/cancel/")) for pk in (order.pk, by_hand.pk)}
    assert "volta por lá sozinho" in said[order.pk]
    assert "vão aparecer em Devoluções" not in said[order.pk]
    assert "R$ 59,90 já foram pagos e vão aparecer em Devoluções, para você devolver." in said[by_hand.pk]


def test_a_refund_begins_with_all_of_it_and_tells_what_each_line_would_keep(gateway: StandIn, owner: Client) -> None:
    stocked(sku="PAO", units=9, price="0.90")
    order = ordered(units={"BOLO": 1, "PAO": 3})
    payments.begin_payment(number=order.number, method="on_site", access=ALL, actor=STAFF, now=MONDAY)
    order.refresh_from_db()
    address = f"/admin/orders/order/{order.pk}/refund/"
    form = owner.get(address).context["form"]
    assert form["amount"].value() == "62,60"
    told = owner.get(f"{address}effect/", {"amount": "10,00"})
    assert "Voltam R$ 10,00." in text_of(told)
    assert "sai da venda inteira" in text_of(told)
    kept = [(before, after) for _what, before, after in told.context["rows"]]
    went = sum((amount_of(before) - amount_of(after) for before, after in kept), Decimal(0))
    assert went == Decimal("10.00")
    assert sum((amount_of(before) for before, _after in kept), Decimal(0)) == order.paid
    assert "mais do que pode" in text_of(owner.get(f"{address}effect/", {"amount": "9999"}))
    for odd in ("", "x", "-1", "0"):
        assert "Voltam" not in text_of(owner.get(f"{address}effect/", {"amount": odd}))
    assert at_desk(role="counter").get(f"{address}effect/", {"amount": "1"}).status_code == 403


def test_what_came_back_sets_the_amount_unless_one_was_typed(gateway: StandIn, owner: Client) -> None:
    stocked(sku="PAO", units=9, price="0.90")
    order = ordered(units={"PAO": 4})
    payments.begin_payment(number=order.number, method="on_site", access=ALL, actor=STAFF, now=MONDAY)
    hand_over(order=order)
    order.refresh_from_db()
    address = f"/admin/orders/order/{order.pk}/refund/"
    page = owner.get(address)
    begun = {name: page.context["form"][name].value() for name in ("key", "whole")}
    all_of_it = f"{order.paid:.2f}".replace(".", ",")
    one = order.paid / 4
    said = {**begun, "amount": all_of_it, "units_1": "1", "restock": "on", "reason": "Murcho"}
    assert owner.get(f"{address}effect/", said).context["amount"] == format_brl(one)
    assert owner.get(f"{address}effect/", {**said, "whole": ""}).context["amount"] == format_brl(order.paid)
    owner.post(address, said)
    order.refresh_from_db()
    assert order.refunded == one


def amount_of(text: str) -> Decimal:
    return Decimal(text.removeprefix("R$ ").replace(".", "").replace(",", "."))
