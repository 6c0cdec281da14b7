"""Signing in with two factors in a real browser, on a phone: the app, a passkey, a lost device, a locked account, a reset.

The policy that says which scripts may run is on, and a button counts only if a finger would hit it.
"""

import re
import time
from base64 import b32decode

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import SignInAttempt, User
from accounts.tests import factories as people
from accounts.tests import keys
from accounts.tests.factories import PASSWORD
from backoffice.roles import sync_roles
from common import clock, outbox
from operations.tests.chromium import Tab
from window import built

pytestmark = [
    pytest.mark.browser, pytest.mark.real_clock, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300),
]  # fmt: skip

PHONE = 390
PATIENCE = 20.0
PRESS = """
(() => {
  const button = document.querySelector(%s);
  button.scrollIntoView({ block: "center" });
  const { left, top, width, height } = button.getBoundingClientRect();
  const hit = document.elementFromPoint(left + width / 2, top + height / 2);
  if (hit !== button && !button.contains(hit)) return `${hit.outerHTML.slice(0, 120)} lies over it`;
  setTimeout(() => button.click(), 0);
  return "";
})()
"""
SUBMIT = "[data-passkey-form] [type=submit], .desk form [type=submit], .login #page form[method=post] [type=submit]"


class Phone:
    """A person with a phone in front of the shop."""

    def __init__(self, tab: Tab, server: LiveServer) -> None:
        self.tab, self.server = tab, server

    def open(self, path: str) -> None:
        self.tab.open(self.server.url + path, width=PHONE)
        assert self.tab.run("document.documentElement.scrollWidth - innerWidth") <= 0, f"{path} scrolls sideways"

    def type(self, **fields: str) -> None:
        for name, value in fields.items():
            self.tab.run(f"void (document.querySelector('[name={name}]').value = '{value}')")

    def press(self, what: str, *, until: str) -> str:
        """Press a button, wait until the address or the page holds a text, and return what the page says."""
        assert not (problem := self.tab.run(PRESS % repr(what))), problem
        deadline = time.monotonic() + PATIENCE
        while True:
            said = self.said()
            if said and (until in said or until == self.tab.run("location.pathname")):
                return said
            assert time.monotonic() < deadline, f"{until!r} did not come: {said[:500]}"
            time.sleep(0.1)

    def said(self) -> str:
        return str(self.tab.run("document.readyState === 'complete' ? document.body.innerText : ''"))

    def sign_in(self, user: User, *, page: str, until: str, password: str = PASSWORD) -> str:
        self.tab.forget_cookies()
        self.open(page)
        self.type(username=user.email, password=password)
        return self.press(SUBMIT, until=until)

    def link(self, pattern: str) -> str:
        outbox.relay(now=clock.now())
        found = re.search(pattern, str(mail.outbox[-1].body))
        assert found
        return found[1]


@pytest.fixture
def phone(tab: Tab, live_server: LiveServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Phone:
    """There is no window, so that customers sign in on these pages, too."""
    monkeypatch.setattr(built, "assets", built.Assets)
    settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = [live_server.url]
    sync_roles()
    return Phone(tab, live_server)


def code(words: str, *, steps: int = 0) -> str:
    return keys.shown(b32decode(words.replace(" ", "")).hex(), steps=steps)


def set_up_app(phone: Phone, *, place: str) -> tuple[str, list[str]]:
    """Set an authenticator app up, and return its key and the recovery codes."""
    phone.open(reverse(f"{place}-app"))
    phone.type(password=PASSWORD)
    phone.press(SUBMIT, until="Leia esta imagem")
    words = str(phone.tab.run("document.querySelector('.own-words code').innerText"))
    phone.type(code=code(words, steps=-1))
    said = phone.press(SUBMIT, until="Seus códigos de recuperação")
    return words, re.findall(r"\b[A-Z2-9]{4}(?:-[A-Z2-9]{4})+\b", said)


@pytest.mark.parametrize("place", ["desk", "account"])
def test_two_factors_and_a_lost_device(phone: Phone, place: str) -> None:
    user = people.member(role="owner") if place == "desk" else people.user()
    page = reverse("admin:login") if place == "desk" else reverse("account-sign-in")
    home = reverse("admin:index") if place == "desk" else reverse("account-security")
    phone.sign_in(user, page=page, until=home)
    words, codes = set_up_app(phone, place=place)
    assert len(codes) == 10

    phone.tab.call("WebAuthn.enable")
    phone.tab.call(
        "WebAuthn.addVirtualAuthenticator",
        options={
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        },
    )  # fmt: skip
    phone.open(reverse(f"{place}-passkey"))
    phone.type(name="Meu celular")
    phone.press(SUBMIT, until="Agora o aparelho cria")
    phone.press("[data-passkey]", until="A chave de acesso está configurada")

    phone.sign_in(user, page=page, until="Mais uma etapa")
    phone.type(code="000000")
    phone.press(SUBMIT, until="Este código não confere")
    phone.type(code=code(words))
    phone.press(SUBMIT, until=home)

    phone.sign_in(user, page=page, until="Mais uma etapa")
    phone.press("[data-passkey]", until=home)

    phone.sign_in(user, page=page, until="Mais uma etapa")
    phone.type(code=codes[0].lower())
    phone.press(SUBMIT, until=home)
    phone.open(reverse(f"{place}-security"))
    assert "Restam 9 códigos" in phone.said()
    steps = SignInAttempt.objects.filter(user=user, step="factor").order_by("pk").values_list("outcome", flat=True)
    assert list(steps) == ["failed", "succeeded", "succeeded", "succeeded"]


@pytest.mark.smoke
def test_a_locked_account_is_opened_by_letter_and_a_password_is_chosen_anew(phone: Phone, settings: Settings) -> None:
    settings.SIGN_IN_LIMITS = {"account": 2, "address": 0, "codes": 30}
    settings.PUBLIC_URL = phone.server.url
    user, login = people.member(role="counter"), reverse("admin:login")
    for _number in range(2):
        phone.sign_in(user, page=login, password="errada-demais", until="erro")
    phone.sign_in(user, page=login, until="Tentativas demais")
    opens = phone.link(r"(/admin/unlock/\?token=\S+)")
    phone.open(opens)
    phone.press(SUBMIT, until="Sua conta está aberta de novo")
    phone.type(username=user.email, password=PASSWORD)
    phone.press(SUBMIT, until=reverse("admin:index"))
    phone.open(opens)
    assert "Este link não vale mais" in phone.said()

    phone.tab.forget_cookies()
    phone.open(reverse("admin_password_reset"))
    phone.type(email=user.email)
    phone.press(SUBMIT, until="um link já está a caminho")
    phone.open(phone.link(r"(/conta/nova-senha/\?token=\S+)"))
    phone.type(password="Flamengo2024", again="Flamengo2024")
    phone.press(SUBMIT, until="fácil de adivinhar")
    phone.type(password="quindim-de-domingo", again="quindim-de-domingo")
    phone.press(SUBMIT, until="Sua senha foi salva")
    phone.sign_in(user, page=login, password="quindim-de-domingo", until=reverse("admin:index"))
    assert Session.objects.exists()
