"""What people are written about their orders: once each, in their language, and only while it is true."""

from datetime import timedelta
from email.utils import parseaddr
from smtplib import SMTPServerDisconnected
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from common import outbox
from common.access import access_token, opens
from common.models import OutboxMessage, SentLetter
from orders import services as orders
from orders.models import Order, OrderContact
from orders.tests.factories import ALL, MONDAY, cancel, cart_with, hand_over, ordered, place, stocked
from shop import services as shop
from shop.tests.factories import OWNER

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shelf() -> None:
    stocked(sku="BOLO", units=9, price="59.90")


@pytest.fixture
def shop_reads_mail() -> None:
    shop.set_policy(key="email", value="loja@example.com", actor=OWNER, now=MONDAY)


def relay(now: Any = MONDAY) -> None:
    while outbox.relay(now=now):
        pass


def subjects(recipient: str) -> list[str]:
    return [str(message.subject) for message in mail.outbox if message.to == [recipient]]


def identity(message: mail.EmailMessage) -> str:
    return str(message.extra_headers["Message-ID"])


def test_an_order_is_told_to_the_customer_and_to_the_shop_once_each(shop_reads_mail: None) -> None:
    order = ordered(units={"BOLO": 2})
    for _time in range(3):
        relay()
    assert [message.to for message in mail.outbox] == [[order.contact.email], ["loja@example.com"]]
    to_customer, to_shop = mail.outbox
    assert order.number in str(to_customer.subject)
    assert order.number in str(to_shop.subject)
    assert "119,80" in str(to_customer.body)
    assert to_customer.reply_to == ["loja@example.com"]
    assert len({identity(message) for message in mail.outbox}) == 2
    assert order.contact.name in str(to_shop.body)


def test_the_link_in_the_message_opens_the_order() -> None:
    order = ordered(units={"BOLO": 1})
    relay()
    [message] = mail.outbox
    assert "/api/" not in str(message.body)
    link = next(word for word in str(message.body).split() if word.startswith("http://testserver/orders/"))
    path, _, token = link.partition("?access_token=")
    assert path.endswith(f"/orders/{order.number}/")
    assert opens(token=token, kind="order", public_id=order.public_id)
    assert token == access_token(kind="order", public_id=order.public_id)


def test_a_shop_without_an_address_is_not_written_to() -> None:
    order = ordered(units={"BOLO": 1})
    relay()
    assert [message.to for message in mail.outbox] == [[order.contact.email]]


def test_a_message_sent_again_after_a_crash_is_the_same_message() -> None:
    ordered(units={"BOLO": 1})
    relay()
    OutboxMessage.objects.filter(handler="orders.services.mail_customer").update(done_at=None)
    relay(MONDAY + timedelta(hours=1))
    assert len(mail.outbox) == 2
    assert identity(mail.outbox[0]) == identity(mail.outbox[1])
    name, address = parseaddr(identity(mail.outbox[0]))
    assert UUID(address.partition("@")[0]).version == 5
    assert name == ""


@pytest.mark.fault("D14")
def test_a_mail_server_that_is_away_is_asked_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    order = ordered(units={"BOLO": 1})

    def away(self: EmailBackend, messages: Any) -> int:
        raise SMTPServerDisconnected("gone")

    with monkeypatch.context() as patched:
        patched.setattr(EmailBackend, "send_messages", away)
        relay()
    message = OutboxMessage.objects.get(handler="orders.services.mail_customer")
    assert (message.attempts, message.done_at, message.dead_at) == (0, None, None)
    relay(message.not_before)
    assert subjects(order.contact.email) != []
    order.refresh_from_db()
    assert order.status == "confirmed"


def test_every_step_has_its_message_once() -> None:
    order = ordered(units={"BOLO": 1})
    hand_over(order=order, verbs=("pick", "ready"))
    relay()
    cancel(order=order)
    relay()
    assert len(subjects(order.contact.email)) == 3
    transfer = ordered(units={"BOLO": 1}, payment_method="transfer")
    relay()
    deadline = MONDAY + timedelta(days=2)
    orders.expire_due_orders(now=deadline)
    relay(deadline)
    assert len(subjects(transfer.contact.email)) == 2


def test_what_is_no_longer_true_is_not_sent() -> None:
    order = ordered(units={"BOLO": 1})
    cancel(order=order)
    relay()
    assert len(subjects(order.contact.email)) == 1
    late = ordered(units={"BOLO": 1}, payment_method="transfer")
    relay(MONDAY + timedelta(days=2))  # nobody looked for two days, and nobody has swept
    assert subjects(late.contact.email) == []


def test_who_was_erased_is_not_written_to() -> None:
    email = ordered(units={"BOLO": 1}).contact.email
    OrderContact.objects.update(
        anonymised_at=MONDAY, name="", email="", phone="", document="", pickup_person="", note=""
    )
    relay()
    assert email
    assert subjects(email) == subjects("") == []


def test_everyone_is_written_to_in_their_language() -> None:
    ordered(units={"BOLO": 1})
    Order.objects.update(language="en")
    ordered(units={"BOLO": 1})
    relay()
    english, portuguese = (str(message.body) for message in mail.outbox)
    assert english.startswith("Hello, ")
    assert portuguese.startswith("Olá, ")


@pytest.mark.fault("E13")
@pytest.mark.fault("E16")
def test_a_name_cannot_write_headers_or_markup() -> None:
    cart = cart_with(units={"BOLO": 1})
    place(cart=cart)
    OrderContact.objects.update(name="<b>Ana</b>\r\nBcc: everyone@example.com")
    relay()
    [message] = mail.outbox
    headers = message.message()
    assert "Bcc" not in headers
    assert headers.get_content_type() == "text/plain"
    assert "\n" not in str(message.subject)


def test_a_stranger_does_not_have_somebody_written_to_without_end_and_a_paid_order_is_always_told(
    settings: Any,
) -> None:
    settings.LETTER_LIMITS = {"mailbox": 0, "unknown": 1, "client": 0}
    order = ordered(units={"BOLO": 1}, payment_method="transfer")
    relay()
    assert len(subjects(order.contact.email)) == 1
    cancel(order=order)
    relay()
    assert len(subjects(order.contact.email)) == 1
    assert order.number in SentLetter.objects.get(held_back="unknown").subject
    Order.objects.filter(pk=order.pk).update(paid=order.total)
    orders.renew_link(number=order.number, access=ALL, now=MONDAY)
    relay()
    assert len(subjects(order.contact.email)) == 2
