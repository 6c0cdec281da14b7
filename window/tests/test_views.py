"""The pages of the window: what they say to people without scripts, to previews of links and to search engines."""

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from django.test import Client
from pytest_django import Settings

from catalog import services as catalog
from common import clock
from common.testing import directives, statements
from devstack.state import ROOT
from shop import services as shop
from shop.models import ShopLook
from shop.selectors import look
from storefront.services import WindowSheet, dress_window
from storefront.tests.shop import OWNER, hold, on_sale, picture, variant
from window import built
from window.built import Assets

pytestmark = pytest.mark.django_db

BUILT = Assets(script="/static/window/built/assets/main-A.js", styles=("/static/window/built/assets/main-A.css",))


@pytest.fixture(autouse=True)
def a_window_that_was_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pages begin with a program, whether or not this machine can build one."""
    monkeypatch.setattr("window.frames.assets", lambda: BUILT)


def ask(path: str, **headers: str) -> Any:
    return Client().get(path, headers={"accept-language": "pt-BR", **headers})


def said(answer: Any, name: str) -> str:
    """Return what a page says of itself under a name."""
    found = re.search(rf'<meta (?:name|property)="{re.escape(name)}" content="([^"]*)">', answer.content.decode())
    return found.group(1) if found else ""


def data(answer: Any) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', answer.content.decode(), re.DOTALL)
    assert found
    read: dict[str, Any] = json.loads(found.group(1))
    return read


def set_up(**values: object) -> None:
    for key, value in values.items():
        shop.set_policy(key=key, value=value, actor=OWNER, now=clock.now())


@pytest.mark.parametrize("path", ["/", "/incorporar/agendar", "/finalizar"])
def test_a_page_names_whom_accidents_are_told_and_reaches_nobody_else(path: str, settings: Settings) -> None:
    answer = ask(path)
    assert "data-sentry" not in answer.content.decode()
    assert directives(answer)["connect-src"] == ["'self'"]
    settings.SENTRY_WINDOW_DSN = "https://key@sentry.example.com:8443/of/2"
    answer = ask(path)
    found = re.search(r'data-sentry="([^"]+)"', answer.content.decode())
    assert found
    assert json.loads(unescape(found[1])) == {
        "dsn": "https://key@sentry.example.com:8443/of/2",
        "release": settings.RELEASE,
        "environment": "production",
    }
    assert directives(answer)["connect-src"] == ["'self'", "https://sentry.example.com:8443"]
    assert "sentry" not in ask("/sem-conexao").content.decode()


def test_the_first_page_shows_what_there_is_as_text() -> None:
    set_up(name="Padaria da Ana", address="Rua A, 1", whatsapp="+5511987654321")
    on_sale("Pão francês", variant("PAO", "1.50"), stock=3)
    answer = ask("/")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert '<a href="/produto/pao-frances">Pão francês</a>' in text
    assert "R$ 1,50" in text
    assert '<a href="/categoria/tudo">Tudo</a>' in text
    assert "Rua A, 1" in text
    assert 'href="https://wa.me/5511987654321"' in text
    assert "segunda-feira" in text.lower()
    assert "09:00 – 18:00" in text
    assert data(answer)["name"] == "Padaria da Ana"
    assert data(answer)["openingHoursSpecification"][0] == {
        "@type": "OpeningHoursSpecification", "dayOfWeek": "Monday", "opens": "09:00", "closes": "18:00",
    }  # fmt: skip


def test_every_page_begins_with_the_program_and_nothing_inline() -> None:
    on_sale("Bolo", stock=1)
    for path in (
        "/",
        "/categoria/tudo",
        "/produto/bolo",
        "/agendar",
        "/carrinho",
        "/finalizar",
        "/pedido/A1",
        "/produto/nada",
    ):
        answer = ask(path)
        text = answer.content.decode()
        assert f'<script type="module" src="{BUILT.script}"></script>' in text
        assert f'<link rel="stylesheet" href="{BUILT.styles[0]}">' in text
        assert not re.search(r"<style|style=|<script>|onclick", text), path
        assert "unsafe" not in answer["Content-Security-Policy"], path
        assert answer["Cache-Control"] == "no-cache"


def test_a_window_that_was_not_built_is_a_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("window.frames.assets", Assets)
    set_up(whatsapp="+5511987654321")
    on_sale("Bolo", stock=1)
    text = ask("/produto/bolo").content.decode()
    assert 'type="module"' not in text
    assert "<noscript>" not in text
    assert "chame a gente no WhatsApp" in text


def test_a_link_to_a_product_shows_name_price_and_picture() -> None:
    cake = on_sale("Bolo de cenoura", variant("BOLO", "42.00"), description="Fofo.\nE <molhado>.", stock=2)
    picture(cake, 0, "Fatia")
    answer = ask("/produto/bolo-de-cenoura")
    assert said(answer, "og:title") == "Bolo de cenoura · Balcão"
    assert said(answer, "og:type") == "product"
    assert said(answer, "og:description") == "R$ 42,00 · Fofo. E &lt;molhado&gt;."
    assert said(answer, "og:image") == f"http://testserver/media/products/{cake.pk}-0.jpg"
    assert said(answer, "og:image:width") == "800"
    assert said(answer, "og:url") == "http://testserver/produto/bolo-de-cenoura"
    assert (said(answer, "product:price:amount"), said(answer, "product:price:currency")) == ("42.00", "BRL")
    assert data(answer)["offers"] == [
        {
            "@type": "Offer",
            "sku": "BOLO",
            "name": "Bolo de cenoura",
            "price": "42.00",
            "priceCurrency": "BRL",
            "availability": "https://schema.org/InStock",
            "url": "http://testserver/produto/bolo-de-cenoura",
        }
    ]


def test_a_product_with_several_prices_says_the_least() -> None:
    on_sale("Bolo", variant("P", "30.00", name="P"), variant("G", "50.00", name="G"))
    answer = ask("/produto/bolo")
    assert said(answer, "og:description") == "A partir de R$ 30,00"
    assert "A partir de R$ 30,00" in ask("/").content.decode()
    assert [one["availability"] for one in data(answer)["offers"]] == ["https://schema.org/OutOfStock"] * 2


def test_variants_of_one_price_say_just_that() -> None:
    on_sale("Bolo", variant("C", "30.00", name="Coco"), variant("L", "30.00", name="Limão"))
    assert said(ask("/produto/bolo"), "og:description") == "R$ 30,00"


def test_what_is_weighed_is_previewed_with_what_its_price_is_for() -> None:
    on_sale("Queijo", variant("QUEIJO", "59.90", unit="g", price_per=1000))
    assert said(ask("/produto/queijo"), "og:description") == "R$ 59,90/kg"
    assert "R$ 59,90/kg" in ask("/").content.decode()


def test_what_is_all_kept_by_others_is_sold_out() -> None:
    on_sale("Bolo", variant("BOLO"), stock=1)
    hold("BOLO", 1, until=clock.now() + timedelta(hours=1))
    assert data(ask("/produto/bolo"))["offers"][0]["availability"] == "https://schema.org/OutOfStock"


def dress(**values: object) -> None:
    dress_window(sheet=WindowSheet(seen=look().version, values=values), actor=OWNER, now=clock.now())


def test_the_owner_dresses_every_page() -> None:
    dress(colour="#8a2be2", welcome="Oi <b>", about="Desde 1980", footer="Até logo", notice="Fechado <i>")
    first = ask("/").content.decode()
    for text in ("Oi &lt;b&gt;", "Desde 1980", "Até logo", "Fechado &lt;i&gt;"):
        assert text in first
    assert said(ask("/"), "description").startswith("Oi &lt;b&gt;")
    for path in ("/", "/agendar", "/carrinho", "/produto/nada"):
        answer = ask(path)
        text = answer.content.decode()
        assert '<link rel="stylesheet" href="/cores/8a2be2-b47cff.css">' in text
        assert "Fechado &lt;i&gt;" in text
        assert 'id="unsaved"' not in text
        assert "unsafe" not in answer["Content-Security-Policy"]


def test_the_cover_is_what_a_link_to_the_shop_shows() -> None:
    ShopLook.objects.create(cover="window/capa.jpg", cover_width=1200, cover_height=400, cover_alt="A fachada")
    answer = ask("/")
    assert said(answer, "og:image") == "http://testserver/media/window/capa.jpg"
    assert (said(answer, "og:image:width"), said(answer, "og:image:alt")) == ("1200", "A fachada")
    first = '<link rel="preload" as="image" href="/media/window/capa.jpg" fetchpriority="high">'
    assert first in answer.content.decode()


def test_colours_are_a_style_sheet_that_never_changes() -> None:
    answer = ask("/cores/8a2be2-b47cff.css")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in answer["Cache-Control"]
    text = answer.content.decode()
    assert "--main: #8a2be2;" in text
    assert "--main: #b47cff;" in text.partition("prefers-color-scheme: dark")[2]


@pytest.mark.parametrize("name", ["ffff00-ffff00", "8a2be2-000000", "8a2be2", "8A2BE2-b47cff", "red-red"])
def test_what_nobody_could_read_is_no_style_sheet(name: str) -> None:
    assert ask(f"/cores/{name}.css").status_code == 404


def test_the_booking_page_is_framed_by_the_sites_the_owner_named_and_by_no_other() -> None:
    path = "/incorporar/agendar"
    closed = ask(path)
    assert directives(closed)["frame-ancestors"] == ["'none'"]
    assert closed["X-Frame-Options"] == "DENY"
    dress(frame_sites=["https://www.ana.example", "http://localhost:9000"])
    for path in ("/incorporar/agendar", "/incorporar/carrinho", "/incorporar/finalizar/", "/incorporar/pedido/A1B2"):
        answer = ask(path)
        assert directives(answer)["frame-ancestors"] == ["https://www.ana.example", "http://localhost:9000"]
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer
        assert answer["X-Robots-Tag"] == "noindex"
        assert (
            'data-base="/incorporar" data-sites="https://www.ana.example http://localhost:9000"'
            in answer.content.decode()
        )
        assert not answer.cookies
    for path in ("/", "/agendar", "/carrinho", "/pedido/A1B2", "/entrar"):
        answer = ask(path)
        assert directives(answer)["frame-ancestors"] == ["'none'"], path
        assert answer["X-Frame-Options"] == "DENY"
        assert "data-base" not in answer.content.decode()
    assert ask("/incorporar/entrar").status_code == ask("/incorporar/").status_code == 404
    assert "Disallow: /incorporar/" in ask("/robots.txt").content.decode()


def test_text_of_the_shop_ends_no_script() -> None:
    on_sale("Bolo</script><script>alert(1)</script>", variant("BOLO", "1.00"))
    [path] = [path for path in ask("/sitemap.xml").content.decode().split("</loc>") if "/produto/" in path]
    answer = ask(path.partition("http://testserver")[2])
    assert data(answer)["name"] == "Bolo</script><script>alert(1)</script>"
    assert "<script>" not in answer.content.decode()


def test_what_does_not_exist_is_a_page_for_people() -> None:
    on_sale("Rascunho", published=False)
    for path in ("/produto/nada", "/produto/rascunho", "/categoria/nada"):
        answer = ask(path)
        assert answer.status_code == 404
        assert "Não há nada aqui" in answer.content.decode()
        assert answer["X-Robots-Tag"] == "noindex"


def test_a_category_below_another_is_found() -> None:
    top = catalog.create_category(name="Padaria")
    below = catalog.create_category(name="Pães", parent_id=top.pk)
    on_sale("Pão francês", category=below)
    answer = ask("/categoria/paes")
    assert answer.status_code == 200
    assert said(answer, "description") == "Pão francês"
    assert '<a href="/categoria/paes">Pães</a>' in ask("/categoria/padaria").content.decode()


@pytest.mark.parametrize(
    "path", ["/carrinho", "/entrar", "/finalizar", "/minha-conta", "/minha-conta/visitas", "/pedido/"]
)
def test_what_is_one_visitors_is_not_found_by_others(path: str) -> None:
    answer = ask(f"{path}A1B2" if path.endswith("/") else path)
    assert answer["X-Robots-Tag"] == "noindex"
    assert said(answer, "robots") == "noindex"
    assert f"Disallow: {path}" in ask("/robots.txt").content.decode()
    assert path not in ask("/sitemap.xml").content.decode()


def test_search_engines_are_told_every_page() -> None:
    on_sale("Bolo")
    on_sale("Rascunho", published=False)
    assert "Sitemap: http://testserver/sitemap.xml" in ask("/robots.txt").content.decode()
    tree = ET.fromstring(ask("/sitemap.xml").content)
    assert [one.text for one in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")] == [
        "http://testserver/",
        "http://testserver/agendar",
        "http://testserver/categoria/tudo",
        "http://testserver/produto/bolo",
    ]


@pytest.mark.parametrize(
    ("path", "count"),
    [("/", 4), ("/categoria/tudo", 4), ("/produto/bolo", 5), ("/agendar", 3), ("/carrinho", 2), ("/sitemap.xml", 2)],
)
@pytest.mark.parametrize("products", [1, 9])
def test_a_page_costs_few_statements_however_much_there_is(path: str, count: int, products: int) -> None:
    on_sale("Bolo", stock=1)
    for number in range(1, products):
        on_sale(f"Outro {number}", stock=1)
    with statements() as made:
        assert ask(path).status_code == 200
    assert len(made) == count, made


def test_pages_are_only_read() -> None:
    assert Client().post("/").status_code == 405
    assert Client().head("/").status_code == 200


def test_english_is_spoken_to_who_asks_for_it() -> None:
    on_sale("Bolo", variant("P", "30.00", name="P"), variant("G", "50.00", name="G"))
    answer = ask("/produto/bolo", **{"accept-language": "en"})
    assert said(answer, "og:description") == "From R$ 30,00"
    assert '<html lang="en">' in answer.content.decode()


MANIFEST = {
    "_shared-B.js": {"file": "assets/shared-B.js", "css": ["assets/shared-B.css"]},
    "src/main.tsx": {"file": "assets/main-A.js", "imports": ["_shared-B.js"], "css": ["assets/main-A.css"]},
}


def test_a_page_loads_what_the_build_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(built, "MANIFEST", tmp_path / "manifest.json")
    built.assets.cache_clear()
    assert built.assets() == Assets()
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST))
    built.assets.cache_clear()
    assert built.assets() == Assets(
        script="/static/window/built/assets/main-A.js",
        styles=("/static/window/built/assets/shared-B.css", "/static/window/built/assets/main-A.css"),
        preloads=("/static/window/built/assets/shared-B.js",),
    )
    built.assets.cache_clear()


@pytest.mark.parametrize(
    ("address", "is_immutable"),
    [
        ("/static/window/built/assets/main-zCt6MzjM.js", True),
        ("/static/desk/icon.ed82671d944c.svg", True),
        ("/static/desk/icon.svg", False),
        ("/static/window/built/manifest.json", False),
    ],
)
def test_what_changes_its_name_with_its_content_is_kept_for_ever(
    settings: Settings, address: str, is_immutable: bool
) -> None:
    assert bool(re.search(settings.WHITENOISE_IMMUTABLE_FILE_TEST, address)) is is_immutable


MESSAGES = ROOT / "web" / "src" / "messages"


@pytest.mark.parametrize("language", ["pt-BR", "en"])
def test_every_code_of_the_api_has_a_text_for_people(language: str) -> None:
    told = json.loads((MESSAGES / f"refusals.{language}.json").read_text())
    codes = _codes()
    assert {"out_of_stock", "slot_taken", "total_changed", "throttled"} <= codes
    assert codes - set(told) == set()
    assert set(told) - codes == set()
    assert all(text.strip() for text in told.values())


def _codes() -> set[str]:
    """Return every code with which the API refuses, as its description lists them."""
    operations = [
        one for path in yaml.safe_load((ROOT / "openapi.yaml").read_text())["paths"].values() for one in path.values()
    ]
    refusals = [answer for one in operations for status, answer in one["responses"].items() if status >= "400"]
    return {code for answer in refusals for code in re.findall(r"`([a-z_]+)`", answer["description"])}
