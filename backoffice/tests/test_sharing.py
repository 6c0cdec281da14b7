"""Links and the poster: what is printed leads to the shop, and what is sent shows what it leads to."""

import re
from typing import Any

import pytest
import zxingcpp
from django.test import Client
from PIL import Image, ImageDraw
from pytest_django import Settings

from backoffice.tests.desk import at_desk, text_of
from common import clock
from common.testing import statements
from scheduling.models import Professional
from scheduling.tests.factories import professional, service
from shop import services as shop
from shop.models import ShopLook
from storefront.tests.shop import OWNER, on_sale, picture, variant

pytestmark = pytest.mark.django_db
LINKS = "/admin/vitrine/links/"
A4, A5 = (595.28, 841.89), (419.53, 595.28)
DOTS = 2
"""Of a side of a point, in which a poster is drawn to be read."""


def drawn(pdf: bytes, *, size: tuple[float, float]) -> Image.Image:
    """Paint the filled rectangles of a page, as a printer does."""
    width, height = size
    page = Image.new("L", (round(width * DOTS), round(height * DOTS)), 255)
    pen, grey = ImageDraw.Draw(page), 0
    operator = r"([-0-9. ]+) rg\b|([-0-9.]+) ([-0-9.]+) ([-0-9.]+) ([-0-9.]+) re f"
    for found in re.finditer(operator, pdf.decode("latin-1")):
        if found[1]:
            grey = round(255 * float(found[1].split()[0]))
            continue
        x, y, wide, high = (float(found[place]) for place in range(2, 6))
        box = (x * DOTS, (height - y - high) * DOTS, (x + wide) * DOTS - 1, (height - y) * DOTS - 1)
        pen.rectangle(tuple(round(side) for side in box), fill=grey)
    return page


@pytest.mark.parametrize(("name", "size"), [("a4", A4), ("a5", A5)])
def test_the_code_of_the_poster_leads_to_the_shop(settings: Settings, name: str, size: tuple[float, float]) -> None:
    settings.PUBLIC_URL = "https://padaria-da-ana.example"
    shop.set_policies(values={"name": "Padaria São João 🥖", "address": "Rua A, 1"}, actor=OWNER, now=clock.now())
    answer = at_desk(role="owner").get(f"/admin/vitrine/cartaz-{name}.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    pdf = answer.content
    [box] = re.findall(rb"/MediaBox \[ 0 0 ([0-9.]+) ([0-9.]+) \]", pdf)
    assert tuple(round(float(side), 1) for side in box) == tuple(round(side, 1) for side in size)
    assert pdf.count(b"/FontFile2") == 2  # letters are embedded
    [code] = zxingcpp.read_barcodes(drawn(pdf, size=size))
    assert code.text == "https://padaria-da-ana.example/"
    assert code.ec_level == "Q"


def test_whatever_there_is_to_say_stays_on_the_page(settings: Settings, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    values = {"name": "Padaria e Confeitaria " * 5, "address": "Rua das Palmeiras " * 12, "whatsapp": "+5511987654321"}
    shop.set_policies(values=values, actor=OWNER, now=clock.now())
    (tmp_path / "window").mkdir()
    Image.new("RGB", (60, 60), "red").save(tmp_path / "window" / "logo.png")
    ShopLook.objects.create(logo="window/logo.png", logo_width=60, logo_height=60)
    pdf = at_desk(role="owner").get("/admin/vitrine/cartaz-a5.pdf").content
    feet = [float(found) for found in re.findall(rb"1 0 0 1 [-0-9.]+ ([-0-9.]+) Tm", pdf)]
    assert len(feet) >= 5
    assert min(feet) > A5[0] * 0.04
    [code] = zxingcpp.read_barcodes(drawn(pdf, size=A5))
    assert code.text == "http://testserver/"


def test_the_poster_wears_the_logo_and_the_colour(settings: Settings, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    desk = at_desk(role="manager")
    ShopLook.objects.create(colour="#8a2be2", logo="window/logo.png", logo_width=60, logo_height=20)
    assert desk.get("/admin/vitrine/cartaz-a5.pdf").status_code == 200  # its file is gone
    (tmp_path / "window").mkdir()
    Image.new("RGBA", (60, 20), (255, 0, 0, 128)).save(tmp_path / "window" / "logo.png")
    pdf = desk.get("/admin/vitrine/cartaz-a5.pdf").content
    assert b"/Subtype /Image" in pdf
    assert b".541176 .168627 .886275 rg" in pdf


def test_a_poster_of_another_size_is_none() -> None:
    assert at_desk(role="owner").get("/admin/vitrine/cartaz-a3.pdf").status_code == 404


def test_every_thing_and_person_has_a_link() -> None:
    cake = on_sale("Bolo de fubá", variant("BOLO"), stock=1)
    picture(cake)
    ana = professional(performs=[service(sku="CORTE")])
    page = text_of(at_desk(role="owner").get(LINKS))
    for path in ("/", "/produto/bolo-de-fuba", "/agendar?servico=CORTE", f"/agendar?profissional={ana.public_id}"):
        assert f'data-copy="http://testserver{path}"' in page
        assert f'<a href="http://testserver{path}" target="_blank"' in page
    assert f'<img src="/media/products/{cake.pk}-0.jpg"' in page
    assert "https://wa.me/?text=Bolo%20de%20fub%C3%A1%20%C2%B7%20Balc%C3%A3o%0Ahttp" in page


def test_links_are_found_by_a_part_of_the_name() -> None:
    on_sale("Bolo de fubá")
    on_sale("Torta")
    page = text_of(at_desk(role="owner").get(LINKS, {"q": "FUBA"}))
    assert "/produto/bolo-de-fuba" in page
    assert "/produto/torta" not in page


@pytest.mark.parametrize("products", [1, 40])
def test_links_cost_as_many_statements_however_much_there_is(products: int) -> None:
    desk = at_desk(role="owner")
    for number in range(products):
        on_sale(f"Bolo {number}")
    desk.get(LINKS)
    with statements() as made:
        page = text_of(desk.get(LINKS))
    assert len([one for one in made if "catalog_product" in one or "scheduling_" in one]) == 4, made
    assert page.count('data-copy="http://testserver/produto/') == min(products, 30)
    assert ("Há mais: busque pelo nome." in page) is (products > 30)


def said(answer: Any, name: str) -> str:
    found = re.search(rf'<meta (?:name|property)="{re.escape(name)}" content="([^"]*)">', text_of(answer))
    return found.group(1) if found else ""


def test_a_link_to_a_service_shows_its_price_and_its_picture() -> None:
    cut = service(sku="CORTE", price="60.00")
    professional(performs=[cut])
    picture(cut.variant.product)
    answer = Client().get("/agendar?servico=CORTE", headers={"accept-language": "pt-BR"})
    assert "R$ 60,00 · Balcão" in said(answer, "og:title").replace("\u00a0", " ")
    assert said(answer, "og:url") == "http://testserver/agendar?servico=CORTE"
    assert said(answer, "og:image").endswith(f"/media/products/{cut.variant.product_id}-0.jpg")


def test_a_link_to_a_professional_shows_their_portrait() -> None:
    ana = professional(performs=[service(sku="CORTE")])
    Professional.objects.filter(pk=ana.pk).update(image="professionals/ana.jpg")
    answer = Client().get(f"/agendar?profissional={ana.public_id}", headers={"accept-language": "pt-BR"})
    assert said(answer, "og:title") == "Agende com Ana · Balcão"
    assert said(answer, "og:image") == "http://testserver/media/professionals/ana.jpg"
    assert said(answer, "og:image:width") == ""


@pytest.mark.parametrize(
    "query", ["servico=NADA", "profissional=nobody", "servico=%3Cscript%3E", f"profissional={'0' * 36}"]
)
def test_a_link_to_what_is_gone_leads_to_everything(query: str) -> None:
    answer = Client().get(f"/agendar?{query}", headers={"accept-language": "pt-BR"})
    assert answer.status_code == 200
    assert said(answer, "og:url") == "http://testserver/agendar"


def test_links_are_the_owners_and_the_managers() -> None:
    for role, status in (("manager", 200), ("counter", 403), ("viewer", 403)):
        assert at_desk(role=role).get(LINKS).status_code == status
