"""What people read about their order, in their language."""

from urllib.parse import unquote
from uuid import uuid4

import pytest

from common.mail import Letter
from orders import emails, selectors
from orders.emails import Told
from orders.models import Order, OrderLine
from orders.tests.factories import MONDAY, ordered, stocked
from orders.wording import whatsapp_url
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
        ("pt-br", "paid_too_late", "chegou tarde demais", "chegou depois do prazo"),
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
