"""The pages of spreadsheets in a real browser, at the desk and on a phone: nothing serious, nothing to scroll sideways."""

import pytest
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from catalog.models import Product
from common import clock
from operations.tests.chromium import Tab
from operations.tests.looking import flaws
from operations.tests.test_shelf_in_browser import clerk_at
from orders.tests.factories import STAFF
from spreadsheets import services
from spreadsheets.models import Import

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

HEADINGS = "Produto;Categoria;SKU;Código de barras;Preço;Descrição;Coluna desconhecida"
GOOD = [
    f"Pão de queijo recheado com requeijão número {number};Padaria > Pães;PAO-{number};;2,50;{'Bem quentinho. ' * 9};"
    for number in range(60)
]
BAD = ["Bolo;Padaria;BOLO;7891000100104;1.234;;", "Torta;Padaria;BOLO;;-3;;"]


def begun(*rows: str) -> Import:
    content = "\r\n".join([HEADINGS, *rows]).encode()
    return services.begin(
        kind="products", name="lista.csv", content=content, language="pt-br", actor=STAFF, now=clock.now()
    )


def look(run: Import) -> str:
    return reverse("spreadsheets:look", args=[run.public_id])


@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_on_the_way_of_a_file_is_open_to_everybody(tab: Tab, live_server: LiveServer, width: int) -> None:
    clerk = clerk_at(tab, live_server, page=reverse("spreadsheets:page"), width=width, role="owner")
    clerk.sees("Salvar como planilha")
    tab.run("for (const one of document.querySelectorAll('details')) one.open = true")
    assert flaws(tab) == []

    wrong = services.prepare(public_id=begun(*GOOD[:2], *BAD).public_id, now=clock.now())
    tab.open(live_server.url + look(wrong), width=width)
    clerk.sees("Coluna desconhecida")
    assert flaws(tab) == []

    run = begun(*GOOD)
    tab.open(live_server.url + look(run), width=width)
    clerk.sees("Esta página se atualiza sozinha a cada dois segundos.")
    assert flaws(tab) == []
    services.prepare(public_id=run.public_id, now=clock.now())
    clerk.until("document.querySelector('.desk-stats')", why="the preview, by itself")
    assert flaws(tab) == []

    clerk.click("form[action$='/take/'] button")
    clerk.until("!document.querySelector('.desk-stats') && document.querySelector('.desk-card .is-primary')")
    assert Product.objects.count() == len(GOOD)
    assert flaws(tab) == []

    tab.open(live_server.url + reverse("spreadsheets:page"), width=width)
    assert flaws(tab) == []
