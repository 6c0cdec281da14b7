"""Buying in the shop window until it is paid, at a real sandbox, and two people who want the same.

The window is the production build with its policy on; the sandbox is a process of its own. This test does what the
worker and the beat do: it delivers the outbox and ends what has run out.
"""

import re
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core import mail
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from time_machine import Traveller

from backoffice.roles import sync_roles
from common import clock, outbox
from operations.tests import chromium
from operations.tests.buyer import PHONE, Buyer, books_a_haircut, buys_a_cake, cakes_and_haircuts, fills_in
from operations.tests.chromium import BrowserError, Tab
from operations.tests.test_browser import owner_cookie
from orders import services as orders
from orders.models import Order
from payments.gateways import calls
from payments.models import Payment
from payments.tests.sandbox_process import Running, running
from scheduling.models import Appointment
from scheduling.tests.factories import MONDAY, Salon, at, held

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

DESK = 1440
AHEAD = timedelta(minutes=2)  # so that a shop whose time goes on still believes what the sandbox signs
PATIENCE = 30.0
CARD = "form.card button[value=card]"


class Payer(Buyer):
    """A buyer who pays, while the worker works."""

    def __init__(self, tab: Tab, *, url: str, sandbox: Running, salon: Salon) -> None:
        super().__init__(tab, url=url)
        self.sandbox, self.salon = sandbox, salon

    def hears(self, *texts: str) -> None:
        """Wait until the shop's page says all of that."""
        began = time.monotonic()
        while True:
            outbox.relay(now=clock.now())
            try:
                said = self.said().replace("\xa0", " ")
            except BrowserError:  # between two pages
                continue
            if said.startswith(self.url) and all(text in said for text in texts):
                return
            assert time.monotonic() - began < PATIENCE, f"{texts} did not come: {said}"
            time.sleep(0.05)

    def acts(self, act: str) -> None:
        """Do something at the sandbox's page, which the browser shows."""
        self.taps(f"[name=act][value={act}]")

    def pays_with_a_bank(self) -> None:
        """Pay the Pix that was shown, with another device."""
        self.sandbox.act(Payment.objects.latest("pk").gateway_reference, "pay")


@pytest.fixture
def payer(
    a_window: None,
    tab: Tab,
    live_server: LiveServer,
    settings: Settings,
    time_machine: Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Payer]:
    """It is Monday morning; who comes has never been here."""
    time_machine.move_to(MONDAY, tick=True)
    monkeypatch.setattr(calls, "breakers", defaultdict(calls.Breaker))
    with running(begins=MONDAY + AHEAD) as sandbox:
        settings.PUBLIC_URL = live_server.url
        settings.PAYMENT_GATEWAYS = {"pix": "sandbox", "card": "sandbox"}
        settings.PAYMENT_ACCESS = {"sandbox": sandbox.access}
        salon = cakes_and_haircuts(methods="on_site,pix,card")
        yield Payer(tab, url=live_server.url, sandbox=sandbox, salon=salon)


def stands() -> tuple[str, str, str]:
    order = Order.objects.get()
    return order.status, str(order.paid), str(order.refunded)


def orders_a_cake(payer: Payer, *, method: str) -> None:
    buys_a_cake(payer)
    payer.taps("a", "Finalizar pedido")
    fills_in(payer, method=method)
    payer.taps("button", "Confirmar e pagar")


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_goods_and_a_visit_are_paid_by_pix_and_the_desk_sees_it(payer: Payer, width: int) -> None:
    payer.width = width
    buys_a_cake(payer)
    books_a_haircut(payer)
    payer.taps("a", "Finalizar pedido")
    fills_in(payer, method="Pix")
    payer.taps("button", "Confirmar e pagar")
    payer.hears("Pix copia e cola", "Tempo restante: 2")  # by the shop's clock; the phone's is far off
    assert payer.flaws() == []
    payer.takes(f"window-pay-{width}")
    payer.pays_with_a_bank()
    payer.hears("Pago")
    payer.taps("a", "Ver o pedido")
    payer.hears("Pedido confirmado", "Pagamento recebido", "Bolo de cenoura", "Corte")
    assert payer.flaws() == []
    payer.takes(f"window-order-{width}")
    assert stands() == ("confirmed", "92.00", "0.00")
    assert Appointment.objects.get().state == "confirmed"
    _the_owner_looks(payer)


def _the_owner_looks(payer: Payer) -> None:
    sync_roles()
    payer.tab.keep_cookie(name=project.SESSION_COOKIE_NAME, value=owner_cookie(), url=payer.url)
    order = Order.objects.get()
    payer.open(reverse("admin:orders_order_change", args=[order.pk]))
    payer.hears(order.number, "Ana Souza", "Bolo de cenoura", "Corte", "R$ 92,00")
    assert payer.tab.run("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.smoke
def test_a_pix_that_comes_too_late_opens_the_order_again(payer: Payer, time_machine: Traveller) -> None:
    orders_a_cake(payer, method="Pix")
    payer.hears("Pix copia e cola")
    time_machine.shift(timedelta(minutes=31))  # the shop's clock, not the phone's
    orders.expire_due_orders(now=clock.now())
    assert stands() == ("expired", "0.00", "0.00")
    payer.open(f"/pedido/{Order.objects.get().number}")
    payer.hears("O prazo para pagar passou")
    assert payer.flaws() == []
    time_machine.shift(timedelta(minutes=-31))
    payer.pays_with_a_bank()
    payer.open(f"/pedido/{Order.objects.get().number}")
    payer.hears("Pedido confirmado", "Pagamento recebido")
    assert stands() == ("confirmed", "42.00", "0.00")


def test_a_card_is_declined_and_then_pays(payer: Payer) -> None:
    orders_a_cake(payer, method="Cartão")
    payer.acts("decline")
    payer.hears("não foi aceito")
    payer.taps(CARD)
    payer.acts("pay")
    payer.hears("Pago")
    payer.taps("a", "Ver o pedido")
    payer.hears("Pedido confirmado", "Pagamento recebido")
    assert stands() == ("confirmed", "42.00", "0.00")


def test_a_guest_who_registers_afterwards_keeps_the_order(payer: Payer) -> None:
    buys_a_cake(payer)
    payer.taps("a", "Finalizar pedido")
    fills_in(payer)
    payer.taps("button", "Confirmar pedido")
    payer.hears("Pedido confirmado")
    number = Order.objects.get().number
    payer.taps("a[aria-label=Entrar]")
    payer.taps("button", "Criar conta")
    payer.types("Nome completo", "Ana Souza")
    payer.types("E-mail", "ana@cliente.example")
    payer.types("Senha", "bolo-quentinho-da-ana")
    payer.taps("button[type=submit]", "Criar conta")
    payer.hears("Olá, Ana")
    outbox.relay(now=clock.now())
    found = re.search(r"(/conta/\S+)", str(mail.outbox[-1].body))
    assert found
    payer.open(found[1])
    payer.open(f"/pedido/{number}")
    payer.hears("Pedido confirmado", number)
    payer.open("/minha-conta")
    payer.taps("button", "Guardar na minha conta")
    payer.hears("o pedido está na sua conta")
    assert Order.objects.get().customer_id is not None


def test_holds_that_run_out_while_somebody_types_lose_nothing_that_was_typed(
    payer: Payer, time_machine: Traveller
) -> None:
    buys_a_cake(payer)
    books_a_haircut(payer)
    payer.taps("a", "Finalizar pedido")
    payer.types("Nome completo", "Ana Souza")
    time_machine.shift(timedelta(minutes=20))  # cake and time are free again, and somebody takes the time
    for who in payer.salon.people:
        held(at(14, day=0), "CORTE", who=payer.salon.id(who), now=clock.now())
    payer.types("E-mail", "ana@cliente.example")
    payer.taps(".pick", "Na loja")
    payer.sees(".notice", "o horário não está mais livre")
    assert payer.flaws() == []
    payer.taps(".notice button", "13:30")
    payer.sees(".lines li", "13:30")
    assert payer.tab.run("[...document.querySelectorAll('.field input')].map((one) => one.value).slice(0, 2)") == [
        "Ana Souza", "ana@cliente.example",
    ]  # fmt: skip
    payer.taps("button", "Confirmar pedido")
    payer.hears("Pedido confirmado", "13:30")
    assert stands() == ("confirmed", "0.00", "0.00")


@pytest.mark.smoke
def test_two_browsers_and_one_unit_and_one_time(payer: Payer, tmp_path: Path) -> None:
    with chromium.a_tab(program=str(chromium.installed()), profile=tmp_path / "other") as tab:
        other = Buyer(tab, url=payer.url)
        for one in (payer, other):
            one.open("/produto/bolo-de-cenoura")
            one.sees("button", "Adicionar ao carrinho")
        for _ in range(2):
            payer.taps("button[aria-label='Aumentar']")
        payer.taps("button", "Adicionar ao carrinho")
        payer.sees(".notice", "Está no seu carrinho")
        other.taps("button", "Adicionar ao carrinho")
        other.sees(".notice.is-bad")
        for one in (payer, other):
            one.open("/agendar?servico=CORTE&profissional=" + str(payer.salon.id("Ana")))
            one.taps(".times button", "14:00")
        payer.taps("button", "Reservar 14:00")
        payer.sees(".cart li", "14:00")
        other.taps("button", "Reservar 14:00")
        other.sees(".notice", "acabou de ser reservado")
        assert other.tab.run("document.querySelectorAll('.notice button').length") == 3
        other.taps(".notice button", "14:00")
        other.sees(".cart li", "com Bia")
