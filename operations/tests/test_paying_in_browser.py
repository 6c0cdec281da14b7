"""Paying in a real browser on a phone, at a real sandbox: it arrives, is declined, comes late, twice, too much, or never.

The policy of the pages is on, the sandbox is a process of its own and tells the shop over HTTP. This test does what the
worker does: it delivers the outbox.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as project
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from time_machine import Traveller

from backoffice.roles import sync_roles
from common import clock, outbox
from inventory.tests.factories import MONDAY, stocked
from operations.tests.chromium import BrowserError, Tab
from operations.tests.looking import flaws
from operations.tests.test_browser import owner_cookie
from operations.tests.test_signing_in_browser import PRESS
from orders import services as orders
from orders.models import Order
from orders.tests.doors import an_order
from orders.tests.factories import STAFF
from payments.gateways import calls
from payments.models import MoneyCase, Payment, Refund
from payments.tests.sandbox_process import Running, running
from shop import services as shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

WIDTH = 390
PATIENCE = 30.0
AT_ONCE = 2.0
AHEAD = timedelta(minutes=2)  # so that a shop whose time goes on still believes what the sandbox signs
CARD, PIX = "[name=method][value=card]", "[name=method][value=pix]"


def act(name: str) -> str:
    return f"[name=act][value={name}]"


class Payer:
    """A person with a phone, between the shop and the sandbox."""

    def __init__(self, tab: Tab, *, shop_url: str, sandbox: Running) -> None:
        self.tab, self.shop_url, self.sandbox = tab, shop_url, sandbox

    def open(self, address: str) -> None:
        self.tab.open(address, width=WIDTH)

    def press(self, what: str) -> None:
        self.wait(lambda: self._there(what), why=what)
        assert not (problem := self.tab.run(PRESS % repr(what))), problem

    def _there(self, what: str) -> bool:
        return bool(self.tab.run(f"document.readyState === 'complete' && !!document.querySelector({what!r})"))

    def wait(self, done: Callable[[], bool], *, why: str) -> float:
        """Wait while the worker works, and return how many seconds it took."""
        began = time.monotonic()
        while True:
            outbox.relay(now=clock.now())
            try:
                if done():
                    return time.monotonic() - began
            except BrowserError:  # between two pages
                pass
            assert time.monotonic() - began < PATIENCE, f"{why} did not come: {self.said()}"
            time.sleep(0.05)

    def said(self) -> str:
        return str(self.tab.run("location.href + ' ' + (document.body ? document.body.innerText : '')"))

    def hears(self, text: str) -> float:
        """Wait until the shop's page says it, and return how many seconds that took."""
        return self.wait(lambda: (said := self.said()).startswith(self.shop_url) and text in said, why=text)

    def begins(self, body: dict[str, Any], what: str = CARD) -> None:
        """Open the pay page and choose a way."""
        self.open(body["pay_url"])
        self.press(what)

    def flaws(self) -> list[str]:
        return flaws(self.tab)


@pytest.fixture
def payer(
    tab: Tab,
    live_server: LiveServer,
    settings: Settings,
    time_machine: Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Payer]:
    """It is Monday morning, there are cakes, and somebody wants some."""
    time_machine.move_to(MONDAY, tick=True)
    monkeypatch.setattr(calls, "breakers", defaultdict(calls.Breaker))
    stocked(sku="BOLO", units=9, price="59.90")
    with running(begins=MONDAY + AHEAD) as sandbox:
        settings.PUBLIC_URL = live_server.url
        settings.PAYMENT_GATEWAYS = {"pix": "sandbox", "card": "sandbox"}
        settings.PAYMENT_ACCESS = {"sandbox": sandbox.access}
        shop.set_policy(key="payment_methods", value="on_site,pix,card", actor=STAFF, now=MONDAY)
        yield Payer(tab, shop_url=live_server.url, sandbox=sandbox)


def cases() -> list[str]:
    return list(MoneyCase.objects.order_by("pk").values_list("kind", flat=True))


def stands(body: dict[str, Any]) -> tuple[str, str, str]:
    order = Order.objects.get(number=body["number"])
    return order.status, str(order.paid), str(order.refunded)


def test_a_card_and_a_pix_are_paid_and_the_page_says_so_at_once(payer: Payer) -> None:
    card = an_order(payment_method="card")
    payer.begins(card)
    payer.wait(lambda: payer._there(act("pay")), why="the sandbox's page")
    assert payer.flaws() == []
    payer.press(act("pay"))
    seconds = [payer.hears("Pago")]
    assert payer.flaws() == []
    assert stands(card) == ("confirmed", "59.90", "0.00")

    pix = an_order(payment_method="pix")
    payer.begins(pix, PIX)
    payer.hears("Pix copia e cola")
    assert payer.flaws() == []
    text = payer.tab.run("document.getElementById('pix-text').value")
    assert text == Payment.objects.latest("pk").given["pix_text"]
    payer.sandbox.act(Payment.objects.latest("pk").gateway_reference, "pay")  # with another device
    seconds.append(payer.hears("Pago"))
    assert stands(pix) == ("confirmed", "59.90", "0.00")
    assert min(seconds) < AT_ONCE, seconds
    assert cases() == []


def test_a_gateway_that_takes_its_time_does_not_keep_the_visitor_from_its_page(payer: Payer) -> None:
    payer.sandbox.fails("slow", seconds=4)  # meanwhile the page looks whether anything has changed, and it has
    payer.begins(an_order(payment_method="card"))
    payer.wait(lambda: payer._there(act("pay")), why="the sandbox's page")
    assert payer.said().startswith(payer.sandbox.url)


def test_a_copied_pix_is_opened_in_the_banks_app_and_leads_back(payer: Payer) -> None:
    body = an_order(payment_method="pix")
    payer.begins(body, PIX)
    payer.hears("Pix copia e cola")
    text = payer.tab.run("document.getElementById('pix-text').value")
    payer.open(payer.sandbox.url)
    assert payer.flaws() == []
    payer.tab.run(f"void (document.querySelector('[name=text]').value = {text!r})")
    payer.press("form[action='/scan/'] button")
    payer.press(act("pay"))
    payer.hears("Pago")
    payer.open(body["pay_url"])
    assert "Pago" in payer.said()


def test_a_declined_card_is_said_and_another_way_is_open(payer: Payer) -> None:
    body = an_order(payment_method="card")
    payer.begins(body)
    payer.press(act("decline"))
    payer.hears("não foi aceito")
    assert payer.flaws() == []
    payer.press(PIX)
    payer.hears("Pix copia e cola")
    payer.press("a.button[rel=noreferrer]")
    payer.press(act("pay"))
    payer.hears("Pago")
    assert (stands(body), cases()) == (("confirmed", "59.90", "0.00"), [])


def test_what_came_twice_goes_back_and_stands_in_the_inbox(payer: Payer) -> None:
    body = an_order(payment_method="card")
    payer.begins(body)
    payer.press(act("twice"))
    payer.hears("Pago")
    payer.wait(lambda: Refund.objects.filter(status="succeeded").count() == 1, why="the money back")
    assert (stands(body), cases()) == (("confirmed", "119.80", "59.90"), ["second"])


@pytest.mark.parametrize("what", ["more", "less"])
def test_another_amount_waits_in_the_inbox_and_the_order_is_still_to_pay(payer: Payer, what: str) -> None:
    body = an_order(payment_method="card")
    payer.begins(body)
    payer.press(act(what))
    payer.hears("Fale conosco antes de pagar de novo")
    payer.wait(lambda: cases() == ["mismatch"], why="the case")
    assert stands(body) == ("pending", "0.00", "0.00")


def test_money_after_the_deadline_revives_the_order(payer: Payer, time_machine: Traveller) -> None:
    shop.set_policy(key="card_hold_minutes", value="5", actor=STAFF, now=MONDAY)
    body = an_order(payment_method="card")
    payer.begins(body)
    payer.wait(lambda: payer._there(act("pay")), why="the sandbox's page")
    time_machine.shift(timedelta(minutes=5, seconds=5))
    orders.expire_due_orders(now=clock.now())
    assert stands(body)[0] == "expired"
    payer.press(act("pay"))
    payer.hears("Pago")
    assert (stands(body), cases()) == (("confirmed", "59.90", "0.00"), ["revived"])


def test_nobody_pays_and_the_page_says_when_it_is_over(payer: Payer, time_machine: Traveller) -> None:
    body = an_order(payment_method="card")
    payer.begins(body)
    payer.press(act("leave"))
    payer.hears("Pague até")
    assert stands(body) == ("pending", "0.00", "0.00")
    time_machine.shift(timedelta(minutes=15))
    payer.hears("Expirado")
    assert (Payment.objects.get().status, cases()) == ("expired", [])


def test_money_that_nobody_told_of_is_found_for_who_waits(payer: Payer) -> None:
    body = an_order(payment_method="card")
    payer.begins(body)
    payer.press(act("silent"))
    payer.hears("Pago")
    assert (stands(body)[0], Payment.objects.get().status) == ("confirmed", "succeeded")


def test_it_works_without_any_script(payer: Payer) -> None:
    payer.tab.call("Emulation.setScriptExecutionDisabled", value=True)
    body = an_order(payment_method="card")
    payer.open(body["pay_url"])
    for what in (CARD, act("pay")):
        payer.wait(lambda what=what: payer._there(what), why=what)  # type: ignore[misc]
        payer.tab.run(f"document.querySelector({what!r}).click()")
    payer.wait(lambda: stands(body)[0] == "confirmed", why="the money")
    payer.open(body["pay_url"])
    assert "Pago" in payer.said()


def test_the_desk_asks_the_sandbox_whether_it_is_there(payer: Payer, settings: Settings) -> None:
    sync_roles()
    payer.tab.keep_cookie(name=project.SESSION_COOKIE_NAME, value=owner_cookie(), url=payer.shop_url)
    payer.open(payer.shop_url + reverse("admin:payments_payment_methods"))
    payer.press("button[name=gateway]")
    payer.hears("A conexão está boa")
    payer.sandbox.process.kill()
    payer.sandbox.process.wait()
    payer.press("button[name=gateway]")
    payer.hears("não responde")
