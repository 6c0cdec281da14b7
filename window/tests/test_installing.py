"""What a phone keeps of the shop: its name, its icon, and one page for when there is no network."""

import json
import re
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from PIL import Image
from pytest_django import Settings

from common import clock
from common.testing import statements
from shop import services as shop
from storefront.tests.shop import OWNER
from window import installing

pytestmark = pytest.mark.django_db


def ask(path: str) -> Any:
    return Client().get(path, headers={"accept-language": "pt-BR"})


def worker() -> str:
    return str(ask("/sw.js").content.decode())


def version() -> str:
    found = re.search(r'CACHE = "(balcao-[0-9a-f]{16})"', worker())
    assert found
    return found[1]


def named(name: str) -> None:
    shop.set_policy(key="name", value=name, actor=OWNER, now=clock.now())


def test_the_manifest_names_the_shop_and_its_icons() -> None:
    named("Padaria e Salão Dois Irmãos")
    answer = ask("/loja.webmanifest")
    assert answer.headers["Content-Type"] == "application/manifest+json"
    about = json.loads(answer.content)
    assert (about["name"], about["short_name"]) == ("Padaria e Salão Dois Irmãos", "Padaria e")
    assert (about["start_url"], about["display"], about["theme_color"]) == ("/", "standalone", "#14532d")
    for one in about["icons"]:
        drawn = ask(one["src"])
        assert drawn.headers["Content-Type"] == "image/png"
        with Image.open(BytesIO(drawn.content)) as picture:
            assert f"{picture.width}x{picture.height}" == one["sizes"]
    assert {one["purpose"] for one in about["icons"]} == {"any", "maskable"}


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Balcão", "Balcão"),
        ("Dois Irmãos", "Dois Irmãos"),
        ("Confeitaria", "Confeitaria"),
        ("Supermercadinho", "Supermercadi"),
    ],
)
def test_a_name_below_an_icon_is_whole_words_where_they_fit(name: str, short: str) -> None:
    assert installing.short_name(name) == short


@pytest.mark.parametrize("name", ["Água de Coco", "  ", "Åsa", "漢字", "100% Pão"])
def test_every_name_has_an_icon(name: str) -> None:
    if name.strip():
        named(name)
    assert ask("/icone-192.png").status_code == 200


def test_no_other_size_is_drawn() -> None:
    assert ask("/icone-4096.png").status_code == 404


def test_the_worker_keeps_one_page_and_its_styles() -> None:
    said = worker()
    assert 'FILES = ["/sem-conexao", "/static/pages/pages.css"]' in said
    assert said.count("addAll") == 1
    assert ".put(" not in said  # nothing that was answered is ever kept
    assert ask("/sw.js").headers["Cache-Control"] == "no-cache"
    assert ask("/sem-conexao").headers["X-Robots-Tag"] == "noindex"


def test_another_offline_page_makes_another_worker() -> None:
    before = version()
    assert version() == before
    named("Outra Padaria")
    assert version() != before


def test_the_offline_page_says_how_the_shop_is_reached() -> None:
    named("Padaria da Ana")
    shop.set_policy(key="whatsapp", value="+5511987654321", actor=OWNER, now=clock.now())
    said = ask("/sem-conexao").content.decode()
    assert "Sem conexão" in said
    assert "https://wa.me/5511987654321" in said
    assert "<script" not in said


def test_a_shop_that_takes_it_back_sends_a_worker_that_leaves(settings: Settings) -> None:
    assert 'rel="manifest"' in ask("/").content.decode()
    settings.WINDOW_INSTALLABLE = False
    assert 'rel="manifest"' not in ask("/").content.decode()
    assert ask("/loja.webmanifest").status_code == 404
    assert "registration.unregister()" in worker()
    assert 'addEventListener("fetch"' not in worker()


def test_it_costs_little() -> None:
    ask("/sw.js")
    with statements() as made:
        ask("/sw.js")
    assert len(made) == 2
