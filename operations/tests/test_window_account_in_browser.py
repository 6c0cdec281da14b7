"""One's own account in a real browser: sessions, an app, visits, addresses, data; on a phone, with axe."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential
from pytest_django import Settings

from accounts import services as accounts
from accounts.models import Address, Customer, RefreshFamily, User
from accounts.tests import factories, keys
from accounts.tests.doors import ok, post
from common import clock
from operations.tests.buyer import Buyer
from operations.tests.test_window_in_browser import buyer
from orders.models import Order
from orders.tests.doors import an_order, place
from scheduling.tests.factories import at, booked

__all__ = ["buyer"]

NOBODY_TOUCHES = "navigator.credentials.create = () => Promise.reject(new DOMException('', 'NotAllowedError')); 0"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


@pytest.fixture
def bia(buyer: Buyer) -> User:
    """Bia has an account and has just signed in."""
    user = factories.user(email="bia@cliente.example", name="Bia Lima")
    factories.customer(user=user)
    signs_in(buyer, user)
    buyer.until(lambda said: "Olá, Bia" in said)
    return user


def signs_in(buyer: Buyer, user: User) -> None:
    buyer.open("/entrar")
    buyer.types("E-mail", user.email)
    buyer.types("Senha", factories.PASSWORD)
    buyer.taps("button[type=submit]", "Entrar")


def elsewhere(user: User) -> None:
    accounts.begin_session(user=user, visitor=factories.VISITOR, now=timezone.now())


def test_other_sessions_are_ended_one_and_all(buyer: Buyer, bia: User) -> None:
    elsewhere(bia)
    elsewhere(bia)
    buyer.taps(".own a", "Segurança")
    buyer.sees("button", "Sair de todos os outros")
    assert buyer.flaws() == []
    buyer.taps("li button", "Sair deste")
    buyer.until(lambda said: said.count("Sair deste") == 1)
    RefreshFamily.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    buyer.taps("button", "Sair de todos os outros")
    buyer.types("Digite sua senha", "errada-e-errada")
    buyer.taps("form.proof button", "Sair de todos os outros")
    buyer.sees(".notice", "Esta não é a sua senha")
    buyer.types("Digite sua senha", factories.PASSWORD)
    buyer.taps("form.proof button", "Sair de todos os outros")
    buyer.until(lambda said: "Sair deste" not in said and "este aparelho" in said)
    assert RefreshFamily.objects.filter(user=bia, revoked_at__isnull=True).count() == 1


def test_an_app_is_set_up_and_asked_for_when_signing_in(buyer: Buyer, bia: User) -> None:
    buyer.open("/minha-conta/seguranca")
    buyer.taps("button", "Ligar o código por aplicativo")
    buyer.sees(".qr")
    assert buyer.flaws() == []
    secret = re.search(r"digite nele: ([A-Z2-7 ]+)", buyer.said())
    assert secret is not None
    app = keys.from_words(secret[1])
    buyer.types("Código que o aplicativo", "000000")
    buyer.taps("button[type=submit]", "Ligar")
    buyer.sees(".wrong", "não confere")
    buyer.types("Código que o aplicativo", keys.shown(app))
    buyer.taps("button[type=submit]", "Ligar")
    buyer.sees(".codes li")
    assert buyer.flaws() == []
    buyer.taps("button", "Já anotei")
    buyer.until(lambda said: "Restam 10 códigos de reserva" in said)
    buyer.open("/minha-conta")
    buyer.taps("button", "Sair")
    signs_in(buyer, bia)
    buyer.sees("h1", "Mais um passo")
    buyer.types("Código", "000000")
    buyer.taps("button[type=submit]", "Entrar")
    buyer.sees(".notice", "não confere")
    buyer.types("Código", keys.shown(app, steps=1))
    buyer.taps("button[type=submit]", "Entrar")
    buyer.until(lambda said: "Olá, Bia" in said)


def test_addresses_visits_and_data_are_ones_own(buyer: Buyer, bia: User) -> None:
    customer = Customer.objects.get(user=bia)
    booked(at(14, day=0), "CORTE", customer_id=customer.pk, email=bia.email)
    buyer.taps(".own a", "Minhas visitas")
    buyer.sees("li", "Corte")
    assert buyer.flaws() == []
    buyer.taps(".own a", "Endereços")
    buyer.taps("button", "Adicionar endereço")
    typed = {"CEP": "01310-100", "Rua": "Avenida Paulista", "Número": "1578", "Bairro": "Bela Vista"}
    for label, text in (typed | {"Cidade": "São Paulo", "Estado": "XX"}).items():
        buyer.types(label, text)
    buyer.taps("button", "Salvar")
    buyer.sees(".wrong")
    assert buyer.flaws() == []
    buyer.types("Estado", "sp")
    buyer.taps("button", "Salvar")
    buyer.sees(".kept", "Avenida Paulista, 1578")
    assert Address.objects.get().state == "SP"
    buyer.taps("button", "Apagar")
    buyer.taps("button.is-danger", "Apagar")
    buyer.until(lambda said: "Você ainda não guardou endereços" in said)
    buyer.taps(".own a", "Meus dados")
    buyer.types("Celular", "11 98765-4321")
    buyer.taps("button", "Salvar")
    buyer.sees(".notice", "Seus dados foram salvos")
    assert buyer.flaws() == []
    buyer.tab.run("URL.createObjectURL = (blob) => { window.kept = blob.text(); return 'blob:' }; 0")
    buyer.taps("button", "Baixar meus dados")
    buyer.until(lambda _said: buyer.tab.run("typeof window.kept") == "object")
    kept = buyer.tab.run("window.kept")
    assert all(text in kept for text in ("bia@cliente.example", "+5511987654321", "CORTE"))
    buyer.taps("button", "Apagar minha conta")
    buyer.types("Digite sua senha", factories.PASSWORD)
    buyer.taps("button.is-danger", "Apagar para sempre")
    buyer.sees("button[type=submit]", "Entrar")
    assert User.objects.get(pk=bia.pk).is_active is False


def test_a_guest_who_registers_afterwards_keeps_the_order(buyer: Buyer) -> None:
    order = an_order()
    buyer.open(f"/pedido/{order['number']}#{order['access_token']}")
    buyer.until(lambda said: "Pedido confirmado" in said)
    buyer.taps("a[aria-label=Entrar]")
    buyer.taps("button", "Criar conta")
    buyer.types("Nome completo", "Ana Souza")
    buyer.types("E-mail", "ana@cliente.example")
    buyer.types("Senha", factories.PASSWORD)
    buyer.taps("button[type=submit]", "Criar conta")
    buyer.sees(".notice", order["number"])
    assert buyer.flaws() == []
    buyer.taps("button", "Guardar na minha conta")
    buyer.taps(".lines a", order["number"])
    buyer.until(lambda said: "Pedido confirmado" in said)
    assert Order.objects.get().customer is not None


def test_a_forgotten_password_is_asked_for_by_address(buyer: Buyer) -> None:
    buyer.open("/entrar")
    buyer.taps("a", "Esqueci a senha")
    buyer.types("E-mail", "bia@")
    buyer.taps("button[type=submit]", "Enviar link")
    buyer.types("E-mail", "bia@cliente.example")
    assert buyer.flaws() == []
    buyer.taps("button[type=submit]", "Enviar link")
    buyer.sees(".notice", "o link está a caminho")


def test_a_passkey_is_made_used_and_taken_away_in_the_window(buyer: Buyer, settings: Settings) -> None:
    settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = [buyer.url]
    user = factories.user(email="bia@cliente.example", name="Bia Lima")
    signs_in(buyer, user)
    buyer.until(lambda said: "Olá, Bia" in said)
    with_an_authenticator(buyer)
    buyer.open("/minha-conta/seguranca")
    RefreshFamily.objects.update(created_at=clock.now() - timedelta(minutes=11))
    buyer.taps("button", "Criar chave de acesso")
    buyer.types("Digite sua senha", factories.PASSWORD)
    buyer.taps("form.proof button", "Criar chave de acesso")
    buyer.types("Nome da chave", "Meu celular")
    assert buyer.flaws() == []
    buyer.tab.run(NOBODY_TOUCHES)
    buyer.taps("form.proof button", "Criar neste aparelho")
    buyer.sees(".notice", "O aparelho não criou a chave")
    buyer.tab.run("delete navigator.credentials.create; 0")
    buyer.taps("form.proof button", "Criar neste aparelho")
    buyer.taps("button", "Já anotei")
    buyer.sees("li", "Meu celular")
    assert buyer.flaws() == []
    assert WebAuthnCredential.objects.get().name == "Meu celular"

    buyer.open("/minha-conta")
    buyer.taps("button", "Sair")
    signs_in(buyer, user)
    buyer.taps("button", "Usar chave de acesso")
    buyer.until(lambda said: "Olá, Bia" in said)
    buyer.open("/minha-conta/seguranca")
    buyer.sees("li", "usada em")
    buyer.taps("button[aria-label='Apagar a chave Meu celular']")
    buyer.until(lambda said: "Meu celular" not in said)
    assert not WebAuthnCredential.objects.exists()


def with_an_authenticator(buyer: Buyer) -> None:
    """Give the browser a device that makes passkeys."""
    buyer.tab.call("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    buyer.tab.call("WebAuthn.addVirtualAuthenticator", options=options)


def test_a_visit_is_reached_from_an_order_of_the_account(buyer: Buyer, bia: User) -> None:
    line = {"services": ["CORTE"], "starts_at": at(14, day=3).isoformat()}
    order = ok(place(ok(post("/carts/", {"lines": [line]}), 201), fulfilment=None), 201)
    buyer.open(f"/pedido/{order['number']}#{order['access_token']}")
    buyer.sees("h1", order["number"])
    buyer.open("/minha-conta")
    buyer.taps("button", "Guardar na minha conta")  # from here on no link opens it, but the account
    buyer.sees(".notice", "o pedido está na sua conta")
    buyer.taps(".lines a", order["number"])
    buyer.taps("a", "Ver ou mudar")
    buyer.sees("h1", "14:00")


def test_whoever_signs_out_leaves_no_way_into_their_orders(buyer: Buyer, bia: User) -> None:
    order = an_order()
    buyer.open(f"/pedido/{order['number']}#{order['access_token']}")
    buyer.sees("h1", order["number"])
    buyer.open("/minha-conta")
    buyer.taps("button", "Sair")
    buyer.sees("h1", "Entrar")
    buyer.open(f"/pedido/{order['number']}")
    buyer.sees("h1", "Não conseguimos abrir o pedido")
