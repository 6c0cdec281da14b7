"""Receiving, counting and many prices in a real browser, at the desk and on a phone: each done once.

The policy that says which scripts may run is on.
"""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.conf import settings as project
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer
from time_machine import Traveller

from backoffice.tests.desk import member
from catalog.models import Product, Variant
from catalog.services.variants import index
from catalog.tests import factories as catalog
from common.actors import Actor
from common.transactions import run_unit_of_work
from inventory import services as inventory
from inventory.models import CountedLine, StockItem, StockMovement
from inventory.tests.factories import MONDAY, STAFF, receive
from operations.tests.chromium import Tab
from operations.tests.clerk import Clerk
from operations.tests.looking import flaws

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

DESK, PHONE = 1440, 390
ANOTHER = Actor(kind="staff", id="another", door="admin")


@pytest.fixture
def pantry(time_machine: Traveller) -> None:
    """It is Monday morning: flour, sugar and cheese by weight."""
    time_machine.move_to(MONDAY, tick=True)
    shelf = catalog.category(name="Mercearia", slug="mercearia")
    for name, sku, unit in (("Farinha", "FARINHA", "piece"), ("Açúcar", "ACUCAR", "piece"), ("Queijo", "QUEIJO", "g")):
        per = 1 if unit == "piece" else 1000
        product = catalog.product(name=name, category=shelf)
        catalog.variant(product=product, sku=sku, price=Decimal("8.00"), unit=unit, price_per=per)
        receive(sku=sku, units=10)
    for product in Product.objects.all():
        run_unit_of_work(index, product=product, now=MONDAY)


def clerk_at(tab: Tab, server: LiveServer, *, page: str, width: int, role: str = "counter") -> Clerk:
    browser = Client()
    browser.force_login(member(role=role))
    key = browser.cookies[project.SESSION_COOKIE_NAME].value
    tab.keep_cookie(name=project.SESSION_COOKIE_NAME, value=key, url=server.url)
    tab.open(server.url + page, width=width)
    return Clerk(tab)


def typing(clerk: Clerk) -> None:
    clerk.until("document.activeElement.id === 'counter-search'", why="the search field")


def on_hand() -> dict[str, int]:
    return dict(StockItem.objects.values_list("variant__sku", "on_hand"))


@pytest.mark.usefixtures("pantry")
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_a_delivery_is_scanned_kept_over_a_reload_and_received_once(
    tab: Tab, live_server: LiveServer, width: int
) -> None:
    clerk = clerk_at(tab, live_server, page=reverse("admin:index"), width=width)
    clerk.click("[href='/admin/estoque/receber/'].desk-button")
    typing(clerk)
    assert clerk.clicks == 1
    for code in ("FARINHA", "FARINHA", "nada-disso", "ACUCAR"):
        clerk.scan(code)
    clerk.sees("Nada encontrado com “nada-disso”.")
    tab.run("document.activeElement.select()")
    clerk.scan("QUEIJO")
    clerk.until("document.activeElement.matches('.counter-measure')", why="the weight")
    clerk.type("2,350")
    clerk.press("Enter")
    typing(clerk)
    clerk.click("[data-supplier]")
    clerk.type("Moinho")
    assert flaws(tab) == []
    clerk.reload()
    clerk.sees("Queijo")
    assert tab.run("[...document.querySelectorAll('[data-line] input')].map((one) => one.value)") == [
        "2,35 kg", "1", "2",
    ]  # fmt: skip
    tab.run("const go = document.querySelector('[data-send]'); go.click(); go.click(); go.click()")
    clerk.sees("3 produtos recebidos.")
    assert on_hand() == {"FARINHA": 12, "ACUCAR": 11, "QUEIJO": 2360}
    assert set(StockMovement.objects.filter(at__gt=MONDAY).values_list("reason", flat=True)) == {"Moinho"}
    assert tab.run("document.querySelector('[data-supplier]').value") == ""


@pytest.mark.usefixtures("pantry")
@pytest.mark.smoke
def test_a_lost_answer_is_asked_for_again_and_nothing_comes_twice(tab: Tab, live_server: LiveServer) -> None:
    clerk = clerk_at(tab, live_server, page=reverse("shelf:page"), width=PHONE)
    typing(clerk)
    clerk.scan("FARINHA")
    clerk.sees("Farinha")
    tab.run("""
        window.realFetch = window.fetch;
        window.fetch = async (...asked) => { await window.realFetch(...asked); throw new TypeError("lost"); };
        document.querySelector('[data-send]').click();
    """)
    clerk.sees("A loja não respondeu.")
    assert flaws(tab) == []
    assert on_hand()["FARINHA"] == 11
    clerk.reload()
    clerk.sees("1 produto recebido.")
    assert on_hand()["FARINHA"] == 11


@pytest.mark.usefixtures("pantry")
def test_a_wrong_line_says_so_beside_it_and_nothing_is_received(tab: Tab, live_server: LiveServer) -> None:
    clerk = clerk_at(tab, live_server, page=reverse("shelf:page"), width=PHONE)
    typing(clerk)
    clerk.scan("FARINHA")
    clerk.scan("ACUCAR")
    clerk.sees("Açúcar")
    tab.run("""
        const real = window.fetch;
        window.fetch = (address, options) => real(address, options?.body
            ? { ...options, body: options.body.replace("FARINHA", "SUMIU") } : options);
        document.querySelector('[data-send]').click();
    """)
    clerk.sees("Não há mercadoria com este código.")
    clerk.sees("Nada foi recebido: veja as linhas em vermelho.")
    assert tab.run("document.querySelector('.is-wrong').dataset.line") == "FARINHA"
    assert on_hand() == {"FARINHA": 10, "ACUCAR": 10, "QUEIJO": 10}
    assert flaws(tab) == []


@pytest.mark.usefixtures("pantry")
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_a_shelf_is_counted_parked_continued_and_corrected(tab: Tab, live_server: LiveServer, width: int) -> None:
    clerk = clerk_at(tab, live_server, page=reverse("shelf:counts"), width=width)
    clerk.sees("Começar a contagem")
    assert flaws(tab) == []
    shelf = Product.objects.filter(name="Farinha").values_list("category_id", flat=True)[0]
    tab.run(f"document.querySelector('[name=category]').value = '{shelf}'")
    clerk.click("form [type=submit].is-primary")
    typing(clerk)
    clerk.sees("Queijo")
    assert "10" not in [line.strip() for line in clerk.said().splitlines()]
    for _time in range(3):
        clerk.scan("FARINHA")
    clerk.scan("QUEIJO")
    clerk.until("document.activeElement.matches('.counter-measure')", why="the weight")
    clerk.type("250 g")
    clerk.press("Enter")
    typing(clerk)
    clerk.until(
        "sessionStorage.getItem(Object.keys(sessionStorage).find((one) => one.startsWith('shelf-count'))) === '[]'"
    )
    assert sorted(CountedLine.objects.values_list("quantity", flat=True)) == [3, 250]
    assert flaws(tab) == []
    tab.open(live_server.url + reverse("shelf:counts"), width=width)
    clerk.click(".desk-list a[href*='/contagem/']")
    typing(clerk)
    line = CountedLine.objects.get(quantity=3)
    inventory.count_line(
        count=line.count.public_id, sku="FARINHA", quantity=4, seen=line.version, actor=ANOTHER, now=MONDAY
    )
    clerk.scan("FARINHA")
    clerk.sees("já contou 4.")
    assert flaws(tab) == []
    clerk.click("[data-line=FARINHA] .desk-button:last-of-type")
    clerk.until("!document.querySelector('.is-wrong')", why="what holds")
    clerk.click("[data-compare] button")
    clerk.sees("Deveria haver" if width == DESK else "2 linhas diferentes.")
    assert flaws(tab) == []
    clerk.click("form .is-primary")
    clerk.sees("2 produtos contados. O estoque foi corrigido.")
    assert on_hand() == {"FARINHA": 4, "ACUCAR": 10, "QUEIJO": 250}
    assert flaws(tab) == []


@pytest.mark.usefixtures("pantry")
def test_a_late_answer_leaves_what_is_being_typed_into_another_line(tab: Tab, live_server: LiveServer) -> None:
    which = inventory.open_count(key=uuid4(), label="Mercearia", category="mercearia", actor=STAFF, now=MONDAY)
    clerk = clerk_at(tab, live_server, page=reverse("shelf:count", args=[which.public_id]), width=DESK)
    typing(clerk)
    for code in ("FARINHA", "ACUCAR"):
        clerk.scan(code)
    kept = "sessionStorage.getItem(Object.keys(sessionStorage).find((one) => one.startsWith('shelf-count')))"
    clerk.until(
        f"{kept} === '[]' && document.querySelector('[data-line=ACUCAR] input')?.value === '1'", why="both lines"
    )
    tab.run("""
        window.realFetch = window.fetch;
        window.held = [];
        window.fetch = async (...asked) => {
            const answer = await window.realFetch(...asked);
            await new Promise((go) => window.held.push(go));
            return answer;
        };
        window.late = (done) => {
            const steps = document.querySelectorAll("[data-line=FARINHA] .counter-small");
            [...steps].find((one) => one.getAttribute("aria-label").startsWith("Mais")).click();
            const input = document.querySelector("[data-line=ACUCAR] input");
            input.focus();
            input.select();
            done?.(input);
        };
        window.answers = () => window.held.splice(0).forEach((go) => go());
    """)
    field = "document.querySelector('[data-line=ACUCAR] input')"
    for counted, before in (("8", "null"), ("9", "document.execCommand('delete')")):
        tab.run(f"window.late(() => {before})")
        tab.run(f"window.before = {field}")
        clerk.until("window.held.length === 1", why="the answer on its way")
        tab.run("window.answers()")
        clerk.until(f"{field} !== window.before && document.activeElement === {field}", why="the lines drawn anew")
        clerk.type("7")
        assert tab.run(f"{field}.value") == "7"
        tab.run(f"window.late(() => document.execCommand('insertText', false, '{counted}'))")
        tab.run(f"window.before = {field}")
        clerk.until("window.held.length === 1", why="the answer on its way")
        tab.run("window.answers()")
        clerk.until(f"{field} !== window.before && {field}.value === '{counted}'", why="what is typed after it")
        clerk.click("#counter-search")
        clerk.until("window.held.length === 1", why="the line that was left")
        tab.run("window.answers()")
        clerk.until(f"{kept} === '[]'", why="what was counted")
        assert CountedLine.objects.filter(quantity=counted).count() == 1


@pytest.mark.usefixtures("pantry")
def test_a_line_that_was_counted_without_a_connection_is_sent_afterwards(tab: Tab, live_server: LiveServer) -> None:
    which = inventory.open_count(key=uuid4(), label="Mercearia", category="mercearia", actor=STAFF, now=MONDAY)
    clerk = clerk_at(tab, live_server, page=reverse("shelf:count", args=[which.public_id]), width=PHONE)
    typing(clerk)
    tab.run("window.realFetch = window.fetch; window.fetch = async (address, options) => {"
            " if (options?.body) throw new TypeError('lost'); return window.realFetch(address, options); }")  # fmt: skip
    clerk.scan("ACUCAR")
    clerk.sees("Ainda não foi salvo.")
    clerk.click("[data-compare] button")
    clerk.sees("Um momento: as últimas linhas estão sendo enviadas.")
    assert not CountedLine.objects.exists()
    clerk.reload()
    clerk.until(
        "!document.querySelector('.is-wrong') && document.querySelector('[data-line=ACUCAR] input').value === '1'"
    )
    clerk.click("[data-compare] button")
    clerk.sees("1 linha diferente.")
    assert CountedLine.objects.get().quantity == 1


@pytest.mark.usefixtures("pantry")
def test_a_line_that_waited_over_a_reload_replaces_nobody_elses(tab: Tab, live_server: LiveServer) -> None:
    which = inventory.open_count(key=uuid4(), label="Mercearia", category="mercearia", actor=STAFF, now=MONDAY)
    clerk = clerk_at(tab, live_server, page=reverse("shelf:count", args=[which.public_id]), width=PHONE)
    typing(clerk)
    tab.run("window.fetch = ((real) => async (address, options) => {"
            " if (options?.body) throw new TypeError('lost'); return real(address, options); })(window.fetch)")  # fmt: skip
    clerk.scan("ACUCAR")
    clerk.sees("Ainda não foi salvo.")
    inventory.count_line(count=which.public_id, sku="ACUCAR", quantity=7, seen=0, actor=STAFF, now=MONDAY)
    clerk.reload()
    clerk.sees("já contou 7.")
    assert CountedLine.objects.get().quantity == 7


@pytest.mark.usefixtures("pantry")
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_prices_are_looked_at_changed_and_put_back(tab: Tab, live_server: LiveServer, width: int) -> None:
    clerk = clerk_at(tab, live_server, page=reverse("prices:page"), width=width, role="owner")
    clerk.sees("Mudar preços")
    assert flaws(tab) == []
    tab.run(
        "document.querySelector('[name=category]').value = 'all'; document.querySelector('[name=ending]').value = '90'"
    )
    clerk.click("[name=value]")
    clerk.type("10")
    clerk.click("form[method=get] [type=submit]")
    clerk.sees("R$ 8,90")
    assert flaws(tab) == []
    clerk.click("[name=leave]")
    clerk.click("form[method=post] [type=submit].is-primary")
    clerk.sees("Aumento de 10%, terminando em ,90")
    prices = dict(Variant.objects.values_list("sku", "price"))
    assert prices == {"ACUCAR": Decimal("8.00"), "FARINHA": Decimal("8.90"), "QUEIJO": Decimal("8.90")}
    assert flaws(tab) == []
    clerk.click(".desk-card form [type=submit]")
    clerk.sees("2 preços voltaram ao que eram.")
    assert set(Variant.objects.values_list("price", flat=True)) == {Decimal("8.00")}
