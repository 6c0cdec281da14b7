"""Letters that a mail server took, followed on a phone: the same addresses lead into the window, and work without it."""

import email
import re
from collections.abc import Iterator
from datetime import timedelta
from email import policy

import pytest
from pytest_django import Settings

from accounts import services as accounts
from accounts.models import User
from accounts.tests import factories
from accounts.tests.doors import ok, post
from common import clock, outbox
from common.tests.mail_server import MailServer, mail_server
from operations.tests.buyer import Buyer
from operations.tests.test_window_account_in_browser import signs_in
from operations.tests.test_window_in_browser import buyer
from orders.models import Order
from orders.tests.doors import an_order, place
from scheduling.models import Appointment
from scheduling.tests.factories import at
from window import built

__all__ = ["buyer"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

OTHER = "queijo-com-goiabada-quente"
PLAIN = "location.pathname.startsWith('/orders/') || location.pathname.startsWith('/conta/')"


@pytest.fixture
def post_office(settings: Settings) -> Iterator[MailServer]:
    """Letters go by SMTP to a server that takes them."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = "common.mail.GuardedEmailBackend"
        settings.MAIL_DELIVERY = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        yield server


def link_in(server: MailServer, *, to: str, path: str) -> str:
    """Have what waits sent, and return the address in the last letter to somebody that leads to such a page."""
    while outbox.relay(now=clock.now()):
        pass
    letters = [email.message_from_string(text, policy=policy.default) for text in server.letters]
    parts = [letter.get_body(("plain",)) for letter in letters if to in letter["To"]]
    bodies = [part.get_content() for part in parts if part is not None]
    found = re.search(rf"https?://[^/\s]+({path}\S+)", bodies[-1])
    assert found, bodies[-1]
    return found[1]


def guest_of(order: dict[str, str]) -> str:
    return Order.objects.get(number=order["number"]).contact.email


def opens_afresh(buyer: Buyer, link: str) -> None:
    """Follow a link in a browser that has never been here."""
    buyer.tab.forget_cookies()
    buyer.open("/")
    buyer.tab.run("localStorage.clear(); sessionStorage.clear(); 0")
    buyer.open(link)


def test_a_guest_follows_the_letter_of_an_order_into_the_window_and_calls_it_off(
    buyer: Buyer, post_office: MailServer
) -> None:
    order = an_order()
    link = link_in(post_office, to=guest_of(order), path="/orders/")
    opens_afresh(buyer, link)
    said = buyer.until(lambda said: "Pedido confirmado" in said and "Mudar retirada" in said)
    assert said.split()[0] == f"{buyer.url}/pedido/{order['number']}"
    assert buyer.flaws() == []
    entries = buyer.tab.call("Page.getNavigationHistory")["entries"]
    assert not [one["url"] for one in entries if order["access_token"] in one["url"]]
    buyer.taps("button", "Cancelar pedido")
    buyer.taps("button", "Sim, cancelar")
    buyer.sees(".notice", "Pedido cancelado")
    link = link_in(post_office, to=guest_of(order), path="/orders/")
    opens_afresh(buyer, link)
    buyer.sees(".notice", "Pedido cancelado")


@pytest.mark.smoke
def test_a_guest_follows_the_letter_of_a_visit_and_moves_it_in_the_letters_language(
    buyer: Buyer, post_office: MailServer
) -> None:
    line = {"services": ["CORTE"], "starts_at": at(14, day=3).isoformat()}
    order = ok(place(ok(post("/carts/", {"lines": [line]}), 201), fulfilment=None), 201)
    Order.objects.update(language="en")
    Appointment.objects.update(language="en")
    link = link_in(post_office, to=guest_of(order), path="/orders/")
    opens_afresh(buyer, link)
    buyer.until(lambda said: "Order confirmed" in said)
    buyer.taps("a", "See or move")
    buyer.taps("button", "Move the visit")
    day = at(9, day=4)
    buyer.taps(".days button", str(day.day))
    buyer.taps(".times button", "09:30")
    buyer.taps("button", "Move to")
    buyer.sees(".notice", "Done: moved to")
    assert Appointment.objects.get().starts_at == day + timedelta(minutes=30)
    link = link_in(post_office, to=guest_of(order), path="/appointments/")
    opens_afresh(buyer, link)
    said = buyer.until(lambda said: "Move the visit" in said)
    assert said.split()[0].startswith(f"{buyer.url}/visita/")


def test_without_scripts_and_without_the_window_the_same_address_does_the_same(
    buyer: Buyer, post_office: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = an_order()
    link = link_in(post_office, to=guest_of(order), path="/orders/")
    buyer.tab.call("Emulation.setScriptExecutionDisabled", value=True)
    buyer.open(link)
    buyer.tab.call("Emulation.setScriptExecutionDisabled", value=False)
    assert buyer.tab.run(PLAIN)
    assert "Cancelar o pedido" in buyer.said()
    monkeypatch.setattr(built, "assets", built.Assets)
    buyer.open(link)
    assert buyer.tab.run(PLAIN)
    buyer.taps("a.button", "Cancelar o pedido")
    buyer.taps("button", "Cancelar o pedido")
    buyer.until(lambda said: "Pronto. Agora está assim." in said)
    assert Order.objects.get().status == "cancelled"


def test_a_link_that_opens_nothing_any_more_leads_to_what_this_browser_or_an_account_opens(
    buyer: Buyer, post_office: MailServer
) -> None:
    order = an_order()
    link = link_in(post_office, to=guest_of(order), path="/orders/")
    Order.objects.update(link_version=2)
    opens_afresh(buyer, link)
    buyer.sees("h1", "Não conseguimos abrir o pedido")
    buyer.sees("a", "Entrar")
    Order.objects.update(link_version=1)
    opens_afresh(buyer, link)
    buyer.sees("h1", order["number"])
    buyer.open(f"{link}x")
    buyer.until(lambda said: "Mudar retirada" in said)


def test_a_forgotten_password_is_chosen_in_the_window_and_once(buyer: Buyer, post_office: MailServer) -> None:
    user = factories.user(email="bia@cliente.example", name="Bia Lima")
    buyer.open("/esqueci-a-senha")
    buyer.types("E-mail", user.email)
    buyer.taps("button[type=submit]", "Enviar link")
    buyer.sees(".notice", "o link está a caminho")
    link = link_in(post_office, to=user.email, path="/conta/nova-senha/")
    opens_afresh(buyer, link)
    buyer.types("Nova senha", "12345")
    assert buyer.said().split()[0] == f"{buyer.url}/nova-senha"
    buyer.taps("button", "Salvar a senha")
    buyer.sees(".wrong")
    assert buyer.flaws() == []
    buyer.tab.run("window.stale = true; location.reload()")  # what the letter proved outlives a reload of this tab
    buyer.until(lambda _said: not buyer.tab.run("window.stale ?? false"))
    buyer.types("Nova senha", OTHER)
    buyer.taps("button", "Salvar a senha")
    buyer.sees(".notice", "Sua senha foi salva")
    buyer.taps("a", "Entrar")
    buyer.types("E-mail", user.email)
    buyer.types("Senha", OTHER)
    buyer.taps("button[type=submit]", "Entrar")
    buyer.until(lambda said: "Olá, Bia" in said)
    opens_afresh(buyer, link)
    buyer.sees(".notice", "Este link não vale mais")
    assert buyer.flaws() == []
    buyer.taps("a", "Pedir outro link")
    buyer.sees("button", "Enviar link")


def test_the_letter_that_verifies_is_asked_for_again_and_followed(buyer: Buyer, post_office: MailServer) -> None:
    accounts.register(email="bia@cliente.example", password=factories.PASSWORD, name="Bia Lima", now=clock.now())
    user = User.objects.get()
    signs_in(buyer, user)
    buyer.taps("button", "Enviar o e-mail de novo")
    buyer.until(lambda said: "Enviamos de novo" in said)
    assert buyer.flaws() == []
    link = link_in(post_office, to=user.email, path="/conta/confirmar-email/")
    opens_afresh(buyer, link)
    buyer.sees("button", "Sim, este e-mail é meu")
    assert buyer.said().split()[0] == f"{buyer.url}/confirmar-email"
    assert User.objects.get().email_verified_at is None
    assert buyer.flaws() == []
    buyer.taps("button", "Sim, este e-mail é meu")
    buyer.sees(".notice", "Seu e-mail está confirmado")
    assert User.objects.get().email_verified_at is not None
    opens_afresh(buyer, link)
    buyer.taps("button", "Sim, este e-mail é meu")
    buyer.sees(".notice.is-bad")
