"""What people read about their order, in their language."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import unquote
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from common.mail import Letter
from orders import emails, selectors
from orders.emails import Told
from orders.models import Order, OrderLine
from orders.tests.factories import MONDAY, ordered, stocked
from orders.wording import SUBJECTS, pickup, whatsapp_url
from shop import services as shop

pytestmark = pytest.mark.django_db


def letter_of(order: Order, *, cause: str, language: str) -> Letter:
    """Return the message of that cause about an order of goods."""
    order.language = language
    lines = list(OrderLine.objects.filter(order=order).select_related("cancellation"))
    told = Told(order=order, contact=order.contact, lines=lines, visits={}, policy=shop.policy())
    facts = selectors.facts_of(cause=cause, told=told, now=MONDAY)
    return emails.customer_letter(told=told, facts=facts, event_id=uuid4(), gone="2 x Pão")


@pytest.mark.parametrize(
    ("language", "cause", "subject", "sentence"),
    [
        ("pt-br", "placed", "Recebemos seu pedido", "Faça a transferência de R$ 20,00 até 4 de março de 2026 às 09:00"),
        ("pt-br", "confirmed", "está confirmado", "Pedido"),
        ("pt-br", "line_cancelled", "mudou", "foi cancelada: 2 x Pão."),
        ("pt-br", "paid_too_late", "chegou tarde demais", "quando nem tudo o que você pediu estava mais disponível"),
        ("pt-br", "ready", "está pronto para retirada", "Pode vir buscar!"),
        ("pt-br", "shipped", "está a caminho", "está a caminho"),
        ("en", "placed", "We have your order", "Please transfer R$ 20,00 by March 4, 2026 at 09:00"),
        ("en", "ready", "is ready for pickup", "Come and collect it!"),
    ],
)
def test_each_message_is_written_in_the_language_of_its_customer(
    language: str, cause: str, subject: str, sentence: str
) -> None:
    stocked(sku="PAO", units=5, price="10.00")
    order = ordered(units={"PAO": 2}, payment_method="transfer")
    letter = letter_of(order, cause=cause, language=language)
    assert subject in letter.subject
    assert order.number in letter.subject
    assert sentence in letter.body
    assert f"2 x {order.lines.get().name} — R$ 20,00" in letter.body
    assert letter.recipient == order.contact.email


@pytest.mark.parametrize(
    ("language", "window"),
    [
        ("pt-br", "2 de março de 2026, das 14:00 às 15:00"),
        ("en", "March 2, 2026, from 14:00 to 15:00"),
    ],
)
def test_a_pickup_is_said_from_when_to_when(language: str, window: str) -> None:
    order = Order(
        pickup_starts_at=datetime(2026, 3, 2, 17, tzinfo=UTC), pickup_ends_at=datetime(2026, 3, 2, 18, tzinfo=UTC)
    )
    with translation.override(language):
        assert pickup(order=order, zone=ZoneInfo("America/Sao_Paulo")) == window


@pytest.mark.parametrize("language", ["pt-br", "en"])
def test_no_two_things_that_happen_have_the_same_subject(language: str) -> None:
    with translation.override(language):
        said = [str(subject) for subject in SUBJECTS.values()]
    assert sorted(said) == sorted(set(said))


@pytest.mark.parametrize(("paid", "link"), [("0.00", "Pague aqui: http"), ("5.00", "Se preferir, pague antes: http")])
def test_what_may_wait_for_the_counter_is_not_asked_for_now(paid: str, link: str) -> None:
    stocked(sku="PAO", units=5, price="10.00")
    order = ordered(units={"PAO": 2}, payment_method="transfer")
    order.amount_due_now, order.paid = Decimal("5.00"), Decimal(paid)
    policy = replace(shop.policy(), payment_methods=("transfer", "pix"))
    told = Told(order=order, contact=order.contact, lines=list(order.lines.all()), visits={}, policy=policy)
    facts = selectors.facts_of(cause="placed", told=told, now=MONDAY)
    assert link in emails.customer_letter(told=told, facts=facts, event_id=uuid4()).body


@pytest.mark.parametrize(
    ("paid", "said"),
    [("0.00", "Você paga R$ 20,00 na retirada."), ("5.00", "O restante, R$ 15,00, você paga na retirada.")],
)
def test_an_order_that_was_confirmed_without_its_money_says_what_is_to_be_paid(paid: str, said: str) -> None:
    stocked(sku="PAO", units=5, price="10.00")
    order = ordered(units={"PAO": 2}, payment_method="transfer")
    order.status, order.paid = "confirmed", Decimal(paid)
    assert said in letter_of(order, cause="confirmed", language="pt-br").body


def test_the_shop_reads_what_each_figure_of_its_letter_is() -> None:
    stocked(sku="PAO", units=5, price="10.00")
    order = ordered(units={"PAO": 2})
    order.contact.phone, order.contact.note = "+5511912345678", "Sem nozes"
    lines = list(order.lines.all())
    told = Told(order=order, contact=order.contact, lines=lines, visits={}, policy=shop.policy())
    body = emails.shop_letter(told=told, event_id=uuid4()).body
    assert "Telefone: +55 11 91234-5678\nObservação: Sem nozes\n" in body


@pytest.mark.parametrize(("price", "said"), [("10.00", True), ("0.00", False)])
def test_the_shop_reads_how_an_order_is_paid_where_it_costs_something(price: str, said: bool) -> None:
    stocked(sku="PAO", units=5, price=price)
    order = ordered(units={"PAO": 2})
    told = Told(order=order, contact=order.contact, lines=list(order.lines.all()), visits={}, policy=shop.policy())
    assert ("Pagamento: " in emails.shop_letter(told=told, event_id=uuid4()).body) is said


def test_names_are_plain_text_in_plain_text() -> None:
    stocked(sku="PAO", units=5, price="10.00")
    order = ordered(units={"PAO": 2})
    order.contact.name = "D'Ávila & Filhos"
    assert "Olá, D'Ávila & Filhos!" in letter_of(order, cause="placed", language="pt-br").body


@pytest.mark.parametrize("language", ["pt-br", "en"])
def test_a_name_that_is_an_advertisement_is_not_passed_on(language: str) -> None:
    stocked(sku="PAO", units=5, price="10.00")
    order = ordered(units={"PAO": 2})
    order.contact.name = "Ganhe R$500: http://mau.example"
    letter = letter_of(order, cause="placed", language=language)
    assert letter.body.startswith("Olá!" if language == "pt-br" else "Hello!")
    assert "mau.example" not in letter.body + letter.subject


def test_the_chat_with_the_shop_is_opened_in_the_language_of_the_customer_with_what_counts() -> None:
    stocked(sku="PAO", units=5, price="1010.00")
    order = ordered(units={"PAO": 2})
    lines = list(order.lines.all())
    for language, text in (("pt-br", "Pedido"), ("en", "Order")):
        order.language = language
        url = whatsapp_url(number="+5511987654321", order=order, lines=lines)
        assert url is not None
        assert unquote(url) == (
            f"https://wa.me/5511987654321?text={text} {order.number}: 2 x {lines[0].name}. Total R$ 2.020,00"
        )
    assert whatsapp_url(number="", order=order, lines=lines) is None
