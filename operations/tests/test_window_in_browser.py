"""The shop window in a real browser, as the production build serves it: from the first page to an order.

The policy of the pages is on. Whoever has no npm packages at hand has no window, and is told so.
"""

from typing import Any

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from time_machine import Traveller

from accounts.tests import factories
from catalog.models import Product
from inventory.models import StockItem, StockReservation
from operations.tests.buyer import PHONE, Buyer, buys_a_cake, cakes_and_haircuts, fills_in
from operations.tests.chromium import Tab
from orders.models import Order
from orders.tests.doors import an_order
from scheduling.models import Appointment, Professional
from scheduling.tests.factories import MONDAY, at, held
from storefront.tests.shop import hold, on_sale, picture, variant
from window import built

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


@pytest.fixture
def buyer(a_window: None, tab: Tab, live_server: LiveServer, settings: Settings, time_machine: Traveller) -> Buyer:
    """It is Monday morning; there are cakes, and Ana and Bia cut hair."""
    time_machine.move_to(MONDAY, tick=True)
    settings.PUBLIC_URL = live_server.url
    cakes_and_haircuts(methods="on_site,transfer")
    on_sale("Torta de limão", variant("P", "1042.00", name="P"), variant("G", "1080.00", name="G"))
    return Buyer(tab, url=live_server.url)


@pytest.mark.parametrize("width", [PHONE, 1440])
def test_a_cake_and_a_haircut_become_one_order(buyer: Buyer, width: int) -> None:
    buyer.width = width
    buyer.open("/")
    buyer.sees(".card", "Bolo de cenoura")
    assert buyer.flaws() == []
    buyer.taps(".card", "Bolo de cenoura")
    buyer.sees("button", "Adicionar ao carrinho")
    assert buyer.flaws() == []
    buyer.taps("button", "Adicionar ao carrinho")
    buyer.sees(".notice", "Está no seu carrinho")
    buyer.taps(".top-link", "Agendar")
    buyer.taps(".pick", "Corte")
    buyer.sees(".times button", "14:00")
    assert buyer.flaws() == []
    buyer.taps(".times button", "14:00")
    buyer.taps("button", "Reservar 14:00")
    buyer.sees(".cart li", "Bolo")
    buyer.sees(".cart li", "Corte")
    assert buyer.flaws() == []
    buyer.taps("a", "Finalizar pedido")
    fills_in(buyer)
    buyer.sees("button", "Confirmar pedido")
    assert buyer.flaws() == []
    buyer.taps("button", "Confirmar pedido")
    buyer.until(lambda said: f"{buyer.url}/pedido/" in said.split()[0])
    order = Order.objects.get()
    assert (order.status, str(order.total)) == ("confirmed", "92.00")
    assert [line.kind for line in order.lines.order_by("pk")] == ["goods", "visit"]
    assert Appointment.objects.get().starts_at == at(14, day=0)
    assert order.contact.email == "ana@cliente.example"
    buyer.until(lambda said: "Pedido confirmado" in said and "Você paga R$ 92,00 na loja" in said.replace("\xa0", " "))
    assert buyer.flaws() == []


def test_an_order_is_called_off_and_ordered_again(buyer: Buyer) -> None:
    buys_a_cake(buyer)
    buyer.taps("a", "Finalizar pedido")
    fills_in(buyer)
    buyer.taps("button", "Confirmar pedido")
    buyer.taps("button", "Cancelar pedido")
    buyer.types("Motivo", "Mudei de ideia")
    assert buyer.flaws() == []
    buyer.taps("button", "Sim, cancelar")
    buyer.until(lambda said: "Pedido cancelado" in said)
    order = Order.objects.get()
    assert (order.status, order.events.order_by("-pk")[0].reason) == ("cancelled", "Mudei de ideia")
    buyer.taps("button", "Pedir de novo")
    buyer.sees(".cart li", "Bolo")


def test_an_order_opens_by_its_link_alone(buyer: Buyer) -> None:
    order = an_order()
    buyer.open(f"/pedido/{order['number']}")
    buyer.until(lambda said: "Abra o link completo que enviamos por e-mail" in said)
    assert buyer.flaws() == []
    buyer.open(f"/pedido/{order['number']}#{order['access_token']}")
    said = buyer.until(lambda said: "Pedido confirmado" in said)
    assert order["access_token"] not in said.split()[0]
    buyer.open(f"/pedido/{order['number']}")
    buyer.until(lambda said: "Pedido confirmado" in said)


@pytest.mark.smoke
def test_who_signs_in_keeps_the_cart_and_finds_the_order_again(buyer: Buyer) -> None:
    customer = factories.customer(user=factories.user(email="bia@cliente.example", name="Bia Lima"))
    buys_a_cake(buyer)
    buyer.taps("a[aria-label=Entrar]")
    buyer.types("E-mail", customer.email)
    buyer.types("Senha", "errada-e-errada")
    buyer.taps("button[type=submit]", "Entrar")
    buyer.sees(".notice", "E-mail ou senha incorretos")
    assert buyer.flaws() == []
    buyer.types("Senha", factories.PASSWORD)
    buyer.taps("button[type=submit]", "Entrar")
    buyer.until(lambda said: "Olá, Bia" in said)
    assert buyer.flaws() == []
    buyer.open("/finalizar")  # a page that is opened anew signs in by the cookie
    buyer.until(lambda _said: buyer.tab.run("document.querySelector('[type=email]')?.value") == customer.email)
    buyer.taps(".pick", "Na loja")
    buyer.taps("button", "Confirmar pedido")
    buyer.until(lambda said: "Pedido confirmado" in said)
    order = Order.objects.get()
    assert order.customer_id == customer.pk
    assert "balcao_refresh" not in buyer.tab.run("document.cookie")
    buyer.taps("a[aria-label='Minha conta']")
    buyer.taps("a", order.number)
    buyer.until(lambda said: "Pedido confirmado" in said)
    assert customer.email in buyer.tab.run("JSON.stringify(sessionStorage)")
    buyer.open("/minha-conta")
    buyer.taps("button", "Sair")
    buyer.sees("button[type=submit]", "Entrar")
    assert customer.email not in buyer.tab.run("JSON.stringify(sessionStorage)")
    buyer.open("/minha-conta")
    buyer.sees("button[type=submit]", "Entrar")


def test_what_is_searched_is_found_as_one_types(buyer: Buyer) -> None:
    on_sale("Pão francês", variant("PAO", "1.50"), stock=3)
    buyer.open("/")
    buyer.sees(".card", "Pão")
    buyer.tab.run("document.querySelector('[type=search]').focus()")
    buyer.tab.call("Input.insertText", text="pao ")
    buyer.until(lambda said: "Bolo de cenoura" not in said and "Pão francês" in said)
    assert "busca=pao" in buyer.said()
    assert buyer.tab.run("document.querySelector('[type=search]').value") == "pao "
    buyer.tab.call("Input.insertText", text="zzz")
    buyer.until(lambda said: "Não encontramos nada para “pao zzz”" in said)
    assert buyer.flaws() == []


def test_who_searches_from_a_product_goes_on_typing(buyer: Buyer) -> None:
    buyer.open("/produto/bolo-de-cenoura")
    buyer.sees("button", "Adicionar ao carrinho")
    buyer.tab.run("document.querySelector('[type=search]').focus()")
    buyer.tab.call("Input.insertText", text="tor")
    buyer.until(lambda said: "busca=tor" in said.split()[0])
    buyer.sees(".card", "Torta")
    assert buyer.tab.run("document.activeElement.type") == "search"
    buyer.tab.call("Input.insertText", text="ta")
    buyer.until(lambda said: "busca=torta" in said.split()[0])


def test_who_opens_what_was_found_while_typing_stays_there(buyer: Buyer) -> None:
    buyer.open("/")
    buyer.sees(".card", "Torta")
    buyer.tab.run("document.querySelector('[type=search]').focus()")
    buyer.tab.call("Input.insertText", text="torta")
    buyer.tab.run("[...document.querySelectorAll('.card')].find((one) => one.innerText.includes('Torta')).click()")
    buyer.sees("h1", "Torta")
    buyer.tab.run("new Promise((done) => setTimeout(done, 600))")  # longer than the search waits for the next letter
    assert buyer.said().split()[0].endswith("/produto/torta-de-limao")


def test_a_search_keeps_the_filters(buyer: Buyer) -> None:
    buyer.open("/?ordem=-price")
    buyer.sees(".card", "Bolo")
    buyer.tab.run("document.querySelector('[type=search]').focus()")
    buyer.tab.call("Input.insertText", text="torta")
    buyer.until(lambda said: "busca=torta" in said.split()[0])
    assert "ordem=-price" in buyer.said().split()[0]


def test_without_a_network_people_are_told_so(buyer: Buyer) -> None:
    buyer.open("/")
    buyer.sees(".card", "Bolo")
    buyer.tab.call("Network.enable")
    away: dict[str, Any] = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    buyer.tab.call("Network.emulateNetworkConditions", offline=True, **away)
    buyer.tab.run("document.querySelector('[type=search]').focus()")
    buyer.tab.call("Input.insertText", text="torta")
    buyer.sees(".trouble", "Sem conexão com a loja")
    assert buyer.tab.run("document.querySelector('[type=search]').value") == "torta"
    assert buyer.flaws() == []
    buyer.tab.call("Network.emulateNetworkConditions", offline=False, **away)
    buyer.sees(".card", "Torta de limão")


def test_a_time_that_was_chosen_stays_chosen_without_a_network(buyer: Buyer) -> None:
    buyer.open("/agendar?servico=CORTE")
    buyer.taps(".times button", "14:00")
    buyer.sees("button", "Reservar 14:00")
    away: dict[str, Any] = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    buyer.tab.call("Network.emulateNetworkConditions", offline=True, **away)
    buyer.taps("button", "Reservar 14:00")
    buyer.sees(".notice", "Confira sua internet")
    buyer.tab.run("new Promise((done) => setTimeout(done, 3500))")  # longer than the times are asked for again
    buyer.tab.call("Network.emulateNetworkConditions", offline=False, **away)
    buyer.taps("button", "Reservar 14:00")
    buyer.sees(".cart li", "14:00")


def test_the_shop_is_kept_on_a_phone_and_says_so_without_a_network(buyer: Buyer) -> None:
    buyer.open("/")
    buyer.tab.run("navigator.serviceWorker.ready.then((one) => one.active.state)")
    assert buyer.tab.call("Page.getAppManifest")["errors"] == []
    missing = buyer.tab.call("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [one["errorId"] for one in missing] in ([], ["in-incognito"])  # the profile of a test is thrown away
    buyer.open("/produto/bolo-de-cenoura")
    buyer.sees("button", "Adicionar ao carrinho")
    kept = (
        "caches.keys().then((names) => Promise.all(names.map(async (name) => (await (await caches.open(name)).keys())"
    )
    kept += ".map((one) => new URL(one.url).pathname)))).then((all) => all.flat())"
    assert buyer.tab.run(kept) == ["/sem-conexao", "/static/pages/pages.css"]
    away: dict[str, Any] = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    buyer.tab.call_worker("Network.emulateNetworkConditions", offline=True, **away)
    buyer.open("/agendar")
    buyer.until(lambda said: "Sem conexão" in said and "Tentar de novo" in said)
    assert buyer.flaws() == []
    buyer.tab.call_worker("Network.emulateNetworkConditions", offline=False, **away)
    buyer.taps("a", "Tentar de novo")
    buyer.sees(".pick", "Corte")


def test_the_clock_of_the_shop_says_until_when_a_cart_is_kept(buyer: Buyer) -> None:
    """The browser's own clock is far from Monday here, as that of a phone may be."""
    buys_a_cake(buyer)
    buyer.sees(".notice", "Guardado para você até")


def test_jumping_to_the_content_loses_no_order(buyer: Buyer) -> None:
    order = an_order()
    buyer.open(f"/pedido/{order['number']}#{order['access_token']}")
    buyer.until(lambda said: "Pedido confirmado" in said)
    buyer.tab.run("document.querySelector('.skip').click()")
    assert buyer.tab.run("[location.hash, document.activeElement.id]") == ["", "main"]
    for broken in ("main", "%", order["access_token"][:9]):  # what chats make of links
        buyer.open("/")
        buyer.open(f"/pedido/{order['number']}#{broken}")
        buyer.until(lambda said: "Pedido confirmado" in said)


def test_units_that_went_meanwhile_are_met_with_what_is_left(buyer: Buyer) -> None:
    buys_a_cake(buyer)
    buyer.taps("button[aria-label='Aumentar']")
    buyer.until(lambda said: "R$ 84,00" in said.replace("\xa0", " "))
    buyer.taps("a", "Finalizar pedido")
    fills_in(buyer)
    buyer.sees("button", "Confirmar pedido")
    _let_claims_run_out()
    hold("BOLO", 2, until=at(20, day=0))
    buyer.taps("button", "Confirmar pedido")
    buyer.sees(".notice", "Não temos mais essa quantidade")
    assert buyer.flaws() == []
    buyer.taps("button", "Levar 1")
    buyer.until(lambda said: "Total\nR$ 42,00" in said.replace("\xa0", " "))
    assert buyer.tab.run("document.querySelector('[type=email]').value") == "ana@cliente.example"
    buyer.taps("button", "Confirmar pedido")
    buyer.until(lambda said: f"{buyer.url}/pedido/" in said.split()[0])
    assert str(Order.objects.get().total) == "42.00"


def _let_claims_run_out() -> None:
    StockReservation.objects.update(expires_at=MONDAY)
    assert StockItem.objects.get(variant__sku="BOLO").on_hand == 3


def test_a_time_that_went_meanwhile_is_met_with_others(buyer: Buyer) -> None:
    buyer.open("/agendar?servico=CORTE")
    buyer.sees(".times button", "14:00")
    for who in ("Ana", "Bia"):
        held(at(14, day=0), "CORTE", who=_id(who))
    buyer.taps(".times button", "14:00")
    buyer.taps("button", "Reservar 14:00")
    buyer.sees(".notice", "acabou de ser reservado")
    assert buyer.flaws() == []
    buyer.taps(".notice button", "13:30")
    buyer.sees(".cart li", "13:30")


def _id(name: str) -> Any:
    return Professional.objects.get(name=name).public_id


@pytest.mark.smoke
def test_a_reload_after_an_answer_that_was_lost_finds_the_order(buyer: Buyer) -> None:
    buys_a_cake(buyer)
    buyer.taps("a", "Finalizar pedido")
    fills_in(buyer)
    buyer.sees("button", "Confirmar pedido")
    buyer.tab.run(
        "const send = fetch; window.fetch = async (...words) => { const answer = await send(...words);"
        " if (words[0].url?.endsWith('/orders/')) throw new TypeError('lost'); return answer; }; 0"
    )
    buyer.taps("button", "Confirmar pedido")
    buyer.until(lambda said: "Confira sua internet" in said)  # beside the form, or once the cart is known as an order
    assert Order.objects.count() == 1
    buyer.open("/finalizar")
    buyer.until(lambda said: f"{buyer.url}/pedido/" in said.split()[0])
    assert Order.objects.count() == 1


def test_a_total_that_could_not_be_asked_again_is_kept_and_one_never_had_is_asked_for(buyer: Buyer) -> None:
    buys_a_cake(buyer)
    buyer.taps("a", "Finalizar pedido")
    fills_in(buyer)
    buyer.sees("button", "Confirmar pedido")
    buyer.is_cut_off(from_="/api/")
    buyer.taps("button", "Confirmar pedido")
    buyer.sees(".notice", "Confira sua internet")
    buyer.is_back(after=7)  # the order once; the cart and its quote, three times each
    assert "Total" in buyer.said()
    buyer.is_cut_off(from_="/quote/")
    buyer.taps(".pick", "Transferência")
    buyer.sees(".notice button", "Tentar de novo")
    assert buyer.flaws() == []
    buyer.is_back(after=3)
    buyer.taps(".notice button", "Tentar de novo")
    buyer.taps("button", "Confirmar pedido")
    buyer.until(lambda said: "/pay/" in said.split()[0])
    assert Order.objects.get().payment_method == "transfer"


def test_a_window_that_was_not_built_fits_a_phone(buyer: Buyer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("window.frames.assets", built.Assets)
    picture(Product.objects.get(slug="bolo-de-cenoura"), 0, "Fatia")
    buyer.open("/produto/bolo-de-cenoura")
    assert "R$ 42,00" in buyer.said()
    buyer.tab.run(
        "(async (photo) => { photo.src = `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='800'"
        " height='600'/>`; await photo.decode(); })(document.querySelector('.photo'))"
    )
    assert buyer.flaws() == []


def test_without_scripts_there_is_still_a_catalogue(buyer: Buyer) -> None:
    buyer.tab.call("Emulation.setScriptExecutionDisabled", value=True)
    buyer.open("/")
    buyer.tab.call("Emulation.setScriptExecutionDisabled", value=False)
    said = buyer.said()
    assert "Bolo de cenoura" in said
    assert "R$ 42,00" in said
