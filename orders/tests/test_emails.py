"""What people read about their order, in their language."""

from uuid import uuid4

import pytest
from django.core import mail

from orders import emails
from orders.models import Order, OrderLine
from orders.tests.factories import ordered, stocked
from shop import services as shop

pytestmark = pytest.mark.django_db


def sent(order: Order, *, name: str, language: str) -> mail.EmailMessage:
    order.language = language
    lines = list(OrderLine.objects.filter(order=order))
    emails.to_customer(name=name, order=order, lines=lines, policy=shop.policy(), event_id=uuid4())
    return mail.outbox[-1]


@pytest.mark.parametrize(
    ("language", "name", "subject", "sentence"),
    [
        ("pt-br", "order.placed", "Recebemos seu pedido", "Faça a transferência de R$ 20,00 até"),
        ("pt-br", "order.confirmed", "Pagamento recebido", "está confirmado"),
        ("pt-br", "order.cancelled", "foi cancelado", "vamos devolver o seu dinheiro"),
        ("pt-br", "order.expired", "expirou", "responda a esta mensagem"),
        ("pt-br", "fulfilment.ready", "está pronto para retirada", "Pode vir buscar!"),
        ("pt-br", "fulfilment.shipped", "está a caminho", "está a caminho"),
        ("en", "order.placed", "We have your order", "Please transfer R$ 20,00 until"),
        ("en", "fulfilment.ready", "is ready for pickup", "Come and collect it!"),
    ],
)
def test_each_message_is_written_in_the_language_of_its_customer(
    language: str, name: str, subject: str, sentence: str
) -> None:
    stocked(sku="PAO", units=5, price="10.00")
    order = ordered(units={"PAO": 2}, payment_method="transfer")
    message = sent(order, name=name, language=language)
    assert subject in message.subject
    assert order.number in message.subject
    assert sentence in message.body
    assert f"2 x {order.lines.get().name} — R$ 20,00" in message.body
    assert message.to == [order.contact.email]


def test_names_are_plain_text_in_plain_text() -> None:
    stocked(sku="PAO", units=5, price="10.00")
    order = ordered(units={"PAO": 2})
    order.contact.name = "D'Ávila & <b>Filhos</b>"
    assert "Olá, D'Ávila & <b>Filhos</b>!" in sent(order, name="order.placed", language="pt-br").body
