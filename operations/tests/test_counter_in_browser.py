"""The counter in a real browser, at the desk and on a phone: typed, scanned and touched; one sale however often one clicks.

The policy that says which scripts may run is on.
"""

import time
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as project
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer
from time_machine import Traveller

from backoffice.tests.desk import member
from catalog.models import Product
from catalog.services.variants import index
from catalog.tests import factories as catalog
from common.transactions import run_unit_of_work
from counter import services as counter
from counter.models import ParkedSale, Receipt
from counter.services import Goods, Sale
from inventory.tests.factories import MONDAY, receive
from operations.tests.chromium import Tab
from operations.tests.clerk import Clerk
from operations.tests.looking import flaws
from orders.models import Order
from orders.tests.factories import STAFF
from payments.models import Payment, Tip
from payments.tests.sandbox_process import running
from scheduling.models import Appointment
from scheduling.tests.factories import at, booked, salon
from shop import services as shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

A_LETTER = 0.2
DESK, PHONE = 1440, 390


@pytest.fixture
def bakery(time_machine: Traveller) -> None:
    """It is Monday morning, and there are breads, cheese by weight, and somebody who cuts hair."""
    time_machine.move_to(MONDAY, tick=True)
    named("Pão francês", sku="PAO", price="0.90", units=200)
    named("Bolo de fubá", sku="BOLO", price="32.00", units=3)
    named("Queijo meia cura", sku="QUEIJO", price="62.90", units=9000, unit="g", price_per=1000)
    salon(names=("Ana", "Bia"), price="60.00")
    for product in Product.objects.all():
        run_unit_of_work(index, product=product, now=MONDAY)
    shop.set_policy(key="pix_key", value="loja@example.com", actor=STAFF, now=MONDAY)


def named(name: str, *, sku: str, price: str, units: int, unit: str = "piece", price_per: int = 1) -> None:
    catalog.variant(product=catalog.product(name=name), sku=sku, price=Decimal(price), unit=unit, price_per=price_per)
    receive(sku=sku, units=units)


def clerk_at(tab: Tab, server: LiveServer, *, width: int = DESK, role: str = "counter", pace: float = 0.0) -> Clerk:
    """Return somebody who is signed in and has the counter before them."""
    browser = Client()
    browser.force_login(member(role=role))
    tab.keep_cookie(
        name=project.SESSION_COOKIE_NAME, value=browser.cookies[project.SESSION_COOKIE_NAME].value, url=server.url
    )
    tab.open(server.url + reverse("counter:page"), width=width)
    clerk = Clerk(tab, pace=pace)
    clerk.until("document.activeElement.id === 'counter-search'", why="the search field")
    return clerk


def stands() -> list[tuple[str, str, str]]:
    return [(order.status, order.channel, str(order.total)) for order in Order.objects.order_by("pk")]


@pytest.mark.usefixtures("bakery")
@pytest.mark.smoke
def test_two_breads_and_a_haircut_in_cash_take_few_clicks_and_seconds(tab: Tab, live_server: LiveServer) -> None:
    clerk = clerk_at(tab, live_server, pace=A_LETTER)
    began = time.monotonic()
    clerk.type("2*pão")
    clerk.press("Enter")
    clerk.type("corte")
    clerk.press("Enter")
    clerk.press("F8")
    clerk.until("document.getElementById('counter-pay').open", why="the money")
    clerk.press("Enter")
    clerk.sees("R$ 61,80 recebidos")
    typed = time.monotonic() - began
    assert clerk.clicks == 0
    time.sleep(0.6)
    clerk.press("Enter")
    clerk.until("document.activeElement.id === 'counter-search'", why="the next sale")

    began = time.monotonic()  # and with the mouse alone, once the shop knows what sells
    for what in ("[data-sku=PAO]", "[data-sku=PAO]", "[data-sku=CORTE]", "[data-pay=cash]", "[data-receive]"):
        clerk.click(what)
        time.sleep(A_LETTER)
    clerk.sees("R$ 61,80 recebidos")
    clicked = time.monotonic() - began
    assert clerk.clicks == 5
    assert stands() == [("completed", "counter", "61.80")] * 2
    print(f"\ntwo breads, a haircut, cash: typed 0 clicks {typed:.1f} s, clicked 5 clicks {clicked:.1f} s")  # noqa: T201 - for whoever runs it with -s


@pytest.mark.usefixtures("bakery")
def test_a_scanner_reads_one_code_after_the_other(tab: Tab, live_server: LiveServer) -> None:
    clerk = clerk_at(tab, live_server)
    for code in ("PAO", "BOLO", "PAO", "nada-disso", "PAO"):
        clerk.scan(code)
    clerk.due("R$ 34,70")
    clerk.sees("Nada encontrado com “nada-disso”.")
    clerk.tab.run("document.activeElement.blur()")  # a scanner works wherever the focus is
    clerk.scan("BOLO")
    clerk.due("R$ 66,70")


@pytest.mark.usefixtures("bakery")
def test_what_is_still_looked_for_is_paid_too(tab: Tab, live_server: LiveServer) -> None:
    clerk = clerk_at(tab, live_server)
    tab.run(SLOW_LINE)
    clerk.scan("PAO")
    clerk.scan("CORTE")
    clerk.press("F8")
    clerk.until("document.getElementById('counter-pay').open", why="the money")
    clerk.press("Enter")
    clerk.sees("R$ 60,90 recebidos")
    time.sleep(0.6)
    clerk.press("Enter")
    for code in ("BOLO", "nada-disso"):
        clerk.scan(code)
    clerk.press("F8")
    clerk.sees("Nada encontrado com “nada-disso”.")
    assert tab.run("document.getElementById('counter-pay').open") is False
    assert stands() == [("completed", "counter", "60.90")]


@pytest.mark.usefixtures("bakery")
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_goods_by_weight_a_split_and_the_change(tab: Tab, live_server: LiveServer, width: int) -> None:
    clerk = clerk_at(tab, live_server, width=width)
    clerk.scan("QUEIJO")
    clerk.until("document.activeElement.matches('.counter-measure')", why="the weight")
    assert tab.run("document.querySelector('[data-pay=cash]').disabled") is False
    clerk.type("20")
    clerk.press("Enter")
    clerk.sees("Escreva um peso como 0,350 ou 350 g.")
    for _wrong in "20":
        clerk.press("Backspace")
    clerk.type("0,350")
    clerk.press("Enter")
    clerk.due("R$ 22,02")
    clerk.scan("QUEIJO")
    clerk.until("document.activeElement.value === '0,350 + '", why="the weight of the second piece")
    clerk.type("150 g")
    clerk.press("Enter")
    clerk.due("R$ 31,45")
    assert flaws(tab) == []
    clerk.click("[data-pay=card]")
    clerk.until("document.getElementById('counter-pay').open", why="the money")
    tab.run("document.querySelector('[data-tender=card] [name=amount]').select()")
    clerk.click("[data-tender=card] [name=amount]")
    tab.run("document.activeElement.select()")
    clerk.type("11,45")
    clerk.sees("Falta pagar: R$ 20,00")
    clerk.click("[data-more=cash]")
    clerk.click(".counter-notes button:nth-child(1)")
    clerk.sees("Troco: R$ 30,00")
    assert flaws(tab) == []
    clerk.click("[data-receive]")
    clerk.sees("R$ 31,45 recebidos")
    clerk.sees("Troco: R$ 30,00")
    assert flaws(tab) == []
    assert sorted(Payment.objects.values_list("tender", "amount")) == [
        ("card", Decimal("11.45")), ("cash", Decimal("20.00")),
    ]  # fmt: skip
    assert (Receipt.objects.get().received, Receipt.objects.get().change) == (50, 30)


@pytest.mark.usefixtures("bakery")
def test_a_discount_beyond_the_limit_is_refused_where_it_was_typed(tab: Tab, live_server: LiveServer) -> None:
    clerk = clerk_at(tab, live_server, width=PHONE)
    clerk.scan("BOLO")
    clerk.due("R$ 32,00")
    clerk.click("[data-discount]")
    clerk.sees("Você pode descontar até R$ 3,20 nesta venda.")
    clerk.type("50")
    clerk.press("Tab")
    clerk.type("Cliente da casa")
    clerk.press("Enter")
    clerk.until("!document.querySelector('#counter-discount [data-refusal]').hidden", why="the refusal")
    assert "R$ 3,20" in clerk.said()
    assert tab.run("document.querySelector('#counter-discount [name=reason]').value") == "Cliente da casa"
    tab.run("document.querySelector('#counter-discount [name=value]').select()")
    clerk.click("#counter-discount [name=value]")
    tab.run("document.activeElement.select()")
    clerk.type("10")
    clerk.press("Enter")
    clerk.due("R$ 28,80")
    assert flaws(tab) == []


@pytest.mark.usefixtures("bakery")
@pytest.mark.smoke
def test_a_double_click_and_a_lost_answer_are_one_sale(tab: Tab, live_server: LiveServer) -> None:
    clerk = clerk_at(tab, live_server)
    tab.run("""
      const sent = window.fetch; let lost = 2;
      window.fetch = async (address, options) => {
        const answer = await sent(address, options);
        if (String(address).includes("/vender/") && lost-- > 0) throw new TypeError("the answer is lost");
        return answer;
      };
    """)
    clerk.scan("BOLO")
    clerk.due("R$ 32,00")
    clerk.press("F8")
    clerk.until("document.getElementById('counter-pay').open", why="the money")
    clerk.press("Enter")
    clerk.press("Enter")
    clerk.sees("R$ 32,00 recebidos")
    assert stands() == [("completed", "counter", "32.00")]
    assert Payment.objects.count() == 1


@pytest.mark.usefixtures("bakery")
def test_a_reload_loses_nothing_and_sells_nothing_twice(tab: Tab, live_server: LiveServer) -> None:
    clerk = clerk_at(tab, live_server)
    clerk.scan("BOLO")
    clerk.due("R$ 32,00")
    clerk.reload()
    clerk.due("R$ 32,00")
    tab.run("""
      const sent = window.fetch;
      window.fetch = (address, options) => {
        const answer = sent(address, options);
        return String(address).includes("/vender/") ? answer.then(() => new Promise(() => {})) : answer;
      };
    """)
    clerk.press("F8")
    clerk.until("document.getElementById('counter-pay').open", why="the money")
    clerk.press("Enter")
    deadline = time.monotonic() + 10
    while not stands() and time.monotonic() < deadline:
        time.sleep(0.05)
    clerk.reload()
    clerk.sees("R$ 32,00 recebidos")
    assert stands() == [("completed", "counter", "32.00")]
    clerk.until("document.querySelectorAll('.counter-line').length === 0", why="an empty ticket")


@pytest.mark.usefixtures("bakery")
def test_a_refusal_stands_at_its_line_and_loses_nothing(tab: Tab, live_server: LiveServer) -> None:
    clerk = clerk_at(tab, live_server)
    clerk.type("4*bolo")
    clerk.press("Enter")
    clerk.due("R$ 128,00")
    clerk.sees("Há 3 em estoque.")
    clerk.press("F8")
    clerk.until("document.getElementById('counter-pay').open", why="the money")
    clerk.press("Enter")
    clerk.until("document.querySelector('.counter-line .counter-fault')", why="the refusal")
    assert stands() == []
    clerk.click(".counter-stepper button:first-child")
    clerk.due("R$ 96,00")
    clerk.press("F8")
    clerk.until("document.getElementById('counter-pay').open", why="the money")
    clerk.press("Enter")
    clerk.sees("R$ 96,00 recebidos")


@pytest.mark.usefixtures("bakery")
def test_pix_is_shown_and_the_professional_is_chosen(tab: Tab, live_server: LiveServer) -> None:
    clerk = clerk_at(tab, live_server, width=PHONE)
    clerk.scan("CORTE")
    clerk.due("R$ 60,00")
    tab.run("""
      const who = document.querySelector(".counter-who");
      who.selectedIndex = [...who.options].findIndex((one) => one.text === "Bia");
      who.dispatchEvent(new Event("change"));
    """)
    clerk.due("R$ 60,00")
    clerk.click("[data-pay=pix]")
    clerk.until("document.querySelector('.counter-qr img')?.naturalWidth", why="the code")
    assert flaws(tab) == []
    clerk.click("[data-receive]")
    clerk.sees("R$ 60,00 recebidos")
    assert Payment.objects.get().tender == "pix"
    assert (Appointment.objects.get().professional.name, Appointment.objects.get().state) == ("Bia", "completed")


@pytest.mark.usefixtures("bakery")
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_a_tip_is_shared_and_taken_off_the_change(tab: Tab, live_server: LiveServer, width: int) -> None:
    clerk = clerk_at(tab, live_server, width=width)
    clerk.scan("CORTE")
    clerk.due("R$ 60,00")
    clerk.click("[data-pay=cash]")
    clerk.until("document.getElementById('counter-pay').open", why="the money")
    for amount in ("5", "2,50"):
        clerk.click("[data-add-tip]")
        clerk.until("document.activeElement.name === 'tip' && !document.activeElement.value", why="a tip")
        clerk.type(amount)
    clerk.sees("Com a gorjeta: R$ 67,50")
    clerk.click("[name=received]")
    clerk.type("100")
    clerk.sees("Troco: R$ 32,50")
    assert flaws(tab) == []
    clerk.click("[data-receive]")
    clerk.sees("R$ 60,00 recebidos")
    clerk.sees("Gorjeta: R$ 7,50")
    assert [str(one.amount) for one in Tip.objects.order_by("pk")] == ["5.00", "2.50"]
    assert str(Receipt.objects.get().change) == "32.50"


@pytest.mark.usefixtures("bakery")
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_a_pix_of_a_gateway_completes_the_sale_by_itself(
    tab: Tab, live_server: LiveServer, settings: Any, width: int
) -> None:
    with running(begins=MONDAY) as sandbox:
        settings.PAYMENT_GATEWAYS = {"pix": "sandbox", "card": ""}
        settings.PAYMENT_ACCESS = {"sandbox": sandbox.access}
        shop.set_policy(key="payment_methods", value="on_site,pix", actor=STAFF, now=MONDAY)
        clerk = clerk_at(tab, live_server, width=width)
        for code in ("BOLO", "PAO"):
            clerk.scan(code)
        clerk.due("R$ 32,90")
        awaits(clerk)
        assert flaws(tab) == []
        clerk.click("[data-give-up]")
        clerk.sees("O Pix foi cancelado")
        assert Order.objects.get().status == "cancelled"
        awaits(clerk)
        clerk.reload()
        clerk.until("document.querySelector('#counter-await img')?.naturalWidth", why="the code, after a reload")
        sandbox.act(Payment.objects.latest("pk").gateway_reference, "pay")
        clerk.sees("R$ 32,90 recebidos")
    assert [(order.status, str(order.paid)) for order in Order.objects.order_by("pk")] == [
        ("cancelled", "0.00"),
        ("completed", "32.90"),
    ]
    assert Receipt.objects.count() == 1


@pytest.mark.usefixtures("bakery")
def test_a_comanda_whose_pix_is_called_off_is_still_there_to_be_paid(
    tab: Tab, live_server: LiveServer, settings: Any
) -> None:
    with running(begins=MONDAY) as sandbox:
        settings.PAYMENT_GATEWAYS = {"pix": "sandbox", "card": ""}
        settings.PAYMENT_ACCESS = {"sandbox": sandbox.access}
        shop.set_policy(key="payment_methods", value="on_site,pix", actor=STAFF, now=MONDAY)
        sale = Sale(goods=(Goods(sku="BOLO", quantity=1),))
        counter.park(sale=sale, label="Mesa 4", keep=False, actor=STAFF, now=MONDAY, key=uuid4())
        clerk = clerk_at(tab, live_server, width=PHONE)
        clerk.click("[data-parked-sale]")
        clerk.due("R$ 32,00")
        tab.run(SLOW_LINE)
        awaits(clerk)
        tab.call("Input.dispatchMouseEvent", type="mousePressed", x=3, y=3, button="left", clickCount=1)
        tab.call("Input.dispatchMouseEvent", type="mouseReleased", x=3, y=3, button="left", clickCount=1)
        for _time in range(3):
            clerk.press("Escape")
        clerk.click("#counter-await [data-give-up]")
        clerk.sees("O Pix foi cancelado")
        sandbox.fails("error", times=20)
        clerk.click("[data-pay=pix]")
        clerk.click("[data-receive].is-pix")
        clerk.until("!document.getElementById('counter').classList.contains('is-locked')", why="the sale once more")
        clerk.click("[data-pay=cash]")
        clerk.click("[data-receive]")
        clerk.sees("R$ 32,00 recebidos")
    assert sorted(status for status, _channel, _total in stands()) == ["cancelled", "cancelled", "completed"]
    assert ParkedSale.objects.get().order == Order.objects.get(status="completed")


# What is asked for comes a second late; what is sent goes at once.
SLOW_LINE = """
(() => {
  const sent = window.fetch;
  window.fetch = async (address, options = {}) => {
    if ((options.method || "GET") === "GET") await new Promise((done) => setTimeout(done, 1000));
    return sent(address, options);
  };
})();
"""


def awaits(clerk: Clerk) -> None:
    """Ask for a Pix, and have its code before one."""
    clerk.click("[data-pay=pix]")
    clerk.click("[data-receive].is-pix")
    clerk.until("document.querySelector('#counter-await img')?.naturalWidth", why="the code")


@pytest.mark.usefixtures("bakery")
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_what_is_parked_at_one_till_is_paid_at_another(tab: Tab, live_server: LiveServer, width: int) -> None:
    clerk = clerk_at(tab, live_server, width=width)
    for code in ("BOLO", "PAO", "CORTE"):
        clerk.scan(code)
    clerk.due("R$ 92,90")
    clerk.click("[data-park]")
    clerk.until("document.activeElement.name === 'label'", why="the label")
    clerk.type("Mesa 4")
    clerk.press("Enter")
    clerk.sees("Mesa 4: guardada.")
    clerk.until("document.querySelectorAll('.counter-line').length === 0", why="an empty ticket")
    clerk.reload(forgetting=True)
    clerk.click("[data-parked-sale]")
    clerk.due("R$ 92,90")
    clerk.sees("Mesa 4")
    assert flaws(tab) == []
    clerk.click("[data-pay=card]")
    clerk.until("document.getElementById('counter-pay').open", why="the money")
    clerk.click("[data-receive]")
    clerk.sees("R$ 92,90 recebidos")
    assert stands() == [("completed", "counter", "92.90")]
    clerk.until("!document.querySelector('[data-parked-sale]')", why="no more parked sales")


@pytest.mark.usefixtures("bakery")
def test_what_is_in_the_chair_is_paid_with_one_click(tab: Tab, live_server: LiveServer) -> None:
    visit = booked(at(9, day=0), name="Maria Souza", actor=STAFF)
    clerk = clerk_at(tab, live_server)
    clerk.click(f"[data-visit='{visit.public_id}']")
    clerk.scan("PAO")
    clerk.due("R$ 60,90")
    clerk.press("F8")
    clerk.until("document.getElementById('counter-pay').open", why="the money")
    clerk.press("Enter")
    clerk.sees("R$ 60,90 recebidos")
    visit.refresh_from_db()
    assert (visit.state, stands()) == ("completed", [("completed", "counter", "60.90")])


@pytest.mark.usefixtures("bakery")
def test_an_order_by_telephone_is_taken_on_the_same_page(tab: Tab, live_server: LiveServer) -> None:
    clerk = clerk_at(tab, live_server, width=PHONE)
    clerk.type("10*pão")
    clerk.press("Enter")
    clerk.due("R$ 9,00")
    clerk.click("[data-phone]")
    clerk.until("document.activeElement.name === 'name'", why="the name")
    clerk.type("José da Silva")
    clerk.press("Enter")
    clerk.sees("Quem pede por telefone tem nome e número.")
    clerk.type("11987654321")
    assert flaws(tab) == []
    clerk.click("#counter-phone [type=submit]")
    clerk.sees("Pedido anotado")
    assert flaws(tab) == []
    link = tab.run("document.querySelector('#counter-done [data-links] a').href")
    assert link.startswith("https://wa.me/5511987654321?text=")
    order = Order.objects.get()
    assert (order.channel, str(order.total), order.contact.name) == ("phone", "9.00", "José da Silva")


@pytest.mark.usefixtures("bakery")
def test_a_sale_of_today_is_undone_from_the_list(tab: Tab, live_server: LiveServer) -> None:
    clerk = clerk_at(tab, live_server, width=PHONE, role="owner")
    clerk.scan("BOLO")
    clerk.due("R$ 32,00")
    clerk.click("[data-pay=cash]")
    clerk.until("document.getElementById('counter-pay').open", why="the money")
    clerk.click("[data-receive]")
    clerk.sees("R$ 32,00 recebidos")
    time.sleep(0.6)  # the change is read first
    clerk.click("[data-next]")
    clerk.click("[data-sales]")
    clerk.sees("1 × Bolo de fubá")
    assert flaws(tab) == []
    clerk.click("#counter-sales .is-danger-quiet")
    clerk.until("document.activeElement.name === 'reason'", why="the reason")
    clerk.press("Enter")
    clerk.until("!document.querySelector('#counter-sales [data-refusal]').hidden", why="the refusal")
    clerk.type("Engano")
    clerk.press("Enter")
    clerk.sees("Desfeita")
    assert [str(order.refunded) for order in Order.objects.all()] == ["32.00"]


def test_one_key_leads_to_the_counter_from_everywhere(tab: Tab, live_server: LiveServer, bakery: None) -> None:
    clerk = clerk_at(tab, live_server)
    tab.open(live_server.url + reverse("admin:orders_order_changelist"), width=DESK)
    clerk.press("F2")
    clerk.until(f"location.pathname === {reverse('counter:page')!r}", why="the counter")
    clerk.until("document.activeElement.id === 'counter-search'", why="the search field")


def test_the_key_of_the_counter_loses_no_work_and_opens_no_tab_without_need(
    tab: Tab, live_server: LiveServer, bakery: None
) -> None:
    clerk = clerk_at(tab, live_server, role="owner")
    tab.run("sessionStorage.clear()")
    opened = "window.open = (address) => { window.went = address; }; true"
    tab.open(live_server.url + reverse("admin:catalog_product_add"), width=DESK)
    clerk.until(opened)
    clerk.until("(document.querySelector('[name=name]').focus(), document.activeElement.name === 'name')")
    clerk.type("Broa")
    clerk.press("F2")
    clerk.until(f"window.went?.endsWith({reverse('counter:page')!r})", why="a tab of its own")
    tab.renew()  # the page asks whether to leave what was typed
    tab.open(live_server.url + reverse("agenda:page"), width=DESK)
    clerk.click("#agenda-new")
    clerk.until("(document.querySelector('#agenda-book [name=name]').focus(), true)")
    clerk.type("Maria")
    closed = "(document.querySelector('#agenda-book [data-close]').click(), !document.querySelector('dialog[open]'))"
    clerk.until(closed, why="the agenda")  # what is still being looked up moves the button
    clerk.press("F2")
    clerk.until(f"location.pathname === {reverse('counter:page')!r}", why="the counter, in this tab")
