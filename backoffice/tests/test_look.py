"""The window at the desk: dressed on one page, looked at before it is saved, and closed to who may not."""

import io
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import Settings

from backoffice.tests.desk import at_desk, messages_of, text_of
from catalog import services as catalog
from common import clock
from shop import selectors as shop
from shop.models import PolicyChange
from storefront.services import WindowSheet, dress_window
from storefront.tests.shop import OWNER, get, on_sale, variant

pytestmark = pytest.mark.django_db
PAGE = "/admin/vitrine/"


@pytest.fixture(autouse=True)
def _files(settings: Settings, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def picture(name: str = "logo.png", kind: str = "PNG") -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (64, 32), "red").save(file, format=kind)
    return SimpleUploadedFile(name, file.getvalue())


def fields(desk: Client) -> dict[str, Any]:
    """Return what the page's form would send as it stands."""
    form = desk.get(PAGE).context["form"]
    values = {name: form[name].value() for name in form.fields if name not in ("logo", "cover")}
    return {name: value for name, value in values.items() if value is not None and value is not False}


def save(desk: Client, **typed: Any) -> Any:
    return desk.post(PAGE, {**fields(desk), **typed})


def test_the_owner_dresses_the_window_on_one_page() -> None:
    desk = at_desk(role="owner")
    on_sale("Bolo de fubá", variant("BOLO"), stock=1)
    on_sale("Torta", variant("TORTA"))
    catalog.create_category(name="Antes")
    answer = save(
        desk, name="Ateliê", colour="#8a2be2", welcome="Oi", notice="Fechado", notice_until="2030-12-24", about="Nós\r\nsomos",
        featured_1="Torta", featured_3="Bolo de fubá", place_tudo="2", place_antes="1", logo=picture(),
    )  # fmt: skip
    assert answer.status_code == 302, answer.context["form"].errors
    assert messages_of(desk.get(PAGE)) == ["A vitrine foi salva."]
    look = get("/shop/").json()["look"]
    assert (look["colour"], look["welcome"], look["about"]) == ("#8a2be2", "Oi", "Nós\nsomos")
    assert look["notice"] == {"text": "Fechado", "until": "2030-12-24"}
    assert look["logo"]["width"] == 64
    shown = get("/products/?featured=true&ordering=featured").json()["results"]
    assert [one["name"] for one in shown] == ["Torta", "Bolo de fubá"]
    assert [one["slug"] for one in get("/categories/").json()] == ["antes", "tudo"]
    again = fields(desk)
    assert (again["featured_1"], again["featured_2"], again["notice_until"].isoformat()) == (
        "Torta", "Bolo de fubá", "2030-12-24",
    )  # fmt: skip


def test_a_page_saved_as_it_stands_changes_nothing() -> None:
    desk = at_desk(role="owner")
    on_sale("Bolo", stock=1)
    save(desk, colour="#8a2be2", welcome="Oi", featured_1="Bolo", logo=picture())
    kept, changes = shop.look(), PolicyChange.objects.count()
    assert save(desk).status_code == 302
    assert (shop.look(), PolicyChange.objects.count()) == (kept, changes)


def test_a_colour_nobody_could_read_is_refused_and_the_nearest_is_one_click_away() -> None:
    desk = at_desk(role="owner")
    answer = save(desk, colour="#ff9900", welcome="Oi")
    assert answer.status_code == 400
    page = text_of(answer)
    assert "A cor mais próxima que se lê é #9e5d00." in page
    assert '<button class="desk-button" type="submit" name="use_colour" value="#9e5d00">' in page
    assert shop.look().version == 0
    taken = desk.post(PAGE, {**fields(desk), "colour": "#ff9900", "welcome": "Oi", "use_colour": "#9e5d00"})
    form = taken.context["form"]
    assert (taken.status_code, form["colour"].value(), form["welcome"].value()) == (200, "#9e5d00", "Oi")
    assert shop.look().version == 0


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"colour": "verde"}, "colour"),
        ({"featured_2": "Não existe"}, "featured_2"),
        ({"notice": "", "notice_until": "2030-01-01"}, "notice"),
        ({"notice_until": "ontem"}, "notice_until"),
        ({"place_tudo": "x"}, "place_tudo"),
        ({"welcome": "a\u202eb"}, "welcome"),
        ({"logo": SimpleUploadedFile("logo.png", b"no picture")}, "logo"),
        ({"name": ""}, "name"),
        ({"frame_sites": "https://a.example\r\nnada disso"}, "frame_sites"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(typed: dict[str, Any], field: str) -> None:
    desk = at_desk(role="owner")
    on_sale("Bolo")
    answer = save(desk, footer="Fica", **typed)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert answer.context["form"]["footer"].value() == "Fica"
    assert shop.look().version == 0


def test_a_logo_that_was_chosen_survives_a_mistake_elsewhere() -> None:
    desk = at_desk(role="owner")
    answer = save(desk, colour="verde", logo=picture())
    kept = re.search(r'name="logo-kept" value="([^"]+)"', text_of(answer))
    assert kept
    assert save(desk, colour="", **{"logo-kept": kept.group(1)}).status_code == 302
    assert shop.look().logo is not None


def test_somebody_elses_change_is_not_overwritten_unseen() -> None:
    desk = at_desk(role="owner")
    typed = fields(desk)
    dress_window(sheet=WindowSheet(seen=0, values={"footer": "Deles"}), actor=OWNER, now=clock.now())
    answer = desk.post(PAGE, {**typed, "welcome": "Meu"})
    assert answer.status_code == 409
    assert "Alguém alterou a vitrine" in text_of(answer)
    assert (shop.look().welcome, shop.look().footer) == ("", "Deles")
    assert f'name="seen" value="{shop.look().version}"' in text_of(answer)


def choices(answer: Any) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="unsaved">(.*?)</script>', text_of(answer), re.DOTALL)
    assert found
    read: dict[str, Any] = json.loads(found.group(1))
    return read


def test_the_window_is_looked_at_before_it_is_saved() -> None:
    desk = at_desk(role="owner")
    on_sale("Bolo", stock=1)
    on_sale("Torta")
    typed = {**fields(desk), "name": "Ana</script>", "colour": "#8a2be2", "featured_1": "Torta", "logo": picture()}
    answer = desk.post(reverse("look:preview"), typed)
    assert answer.status_code == 200
    seen = choices(answer)
    assert (seen["name"], seen["look"]["colour"], seen["categories"]) == ("Ana</script>", "#8a2be2", ["tudo"])
    assert [one["slug"] for one in seen["featured"]] == ["torta"]
    assert seen["look"]["logo"]["url"].startswith("data:image/png;base64,")
    assert '<link rel="stylesheet" href="/cores/8a2be2-b47cff.css">' in text_of(answer)
    assert "Ana</script>" not in text_of(answer)
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["Cache-Control"].startswith("no-store")
    assert answer["X-Robots-Tag"] == "noindex"
    assert shop.look().version == 0
    assert 'id="unsaved"' not in text_of(Client().get("/"))


def test_a_preview_of_what_is_wrong_says_what() -> None:
    desk = at_desk(role="owner")
    answer = desk.post(reverse("look:preview"), {**fields(desk), "colour": "verde"})
    assert answer.status_code == 400
    assert "Escreva uma cor como #14532d." in text_of(answer)


def test_a_preview_is_for_the_team_alone() -> None:
    assert Client().post(reverse("look:preview"), {}).status_code == 302
    assert at_desk(role="counter").post(reverse("look:preview"), {}).status_code == 403
    assert at_desk(role="owner").get(reverse("look:preview")).status_code == 405


def test_the_manager_dresses_the_window_and_does_not_rename_the_shop() -> None:
    desk = at_desk(role="manager")
    assert save(desk, welcome="Oi", name="Outra").status_code == 302
    assert (shop.look().welcome, shop.policy().name) == ("Oi", "Balcão")


def test_products_called_alike_are_told_apart() -> None:
    desk = at_desk(role="owner")
    first, second = on_sale("Bolo"), on_sale("Bolo")
    answer = save(desk, featured_1=f"Bolo ({second.slug})")
    assert answer.status_code == 302
    assert shop.look().featured == (second.public_id,)
    assert first.slug != second.slug


def test_the_line_for_another_site_stands_where_one_is_named() -> None:
    desk = at_desk(role="owner")
    assert "agenda.js" not in text_of(desk.get(PAGE))
    assert save(desk, frame_sites="www.ana.example\r\n\r\nhttps://b.example/x").status_code == 302
    assert shop.look().frame_sites == ("https://www.ana.example", "https://b.example")
    page = text_of(desk.get(PAGE))
    assert "&lt;script src=&quot;" not in page
    assert 'agenda.js" async&gt;&lt;/script&gt;' in page
    assert 'src="http://testserver/incorporar/agendar"' in page
    kept = shop.look()
    assert save(desk).status_code == 302
    assert shop.look() == kept


def test_changes_are_listed_in_the_owners_words() -> None:
    desk = at_desk(role="owner")
    save(desk, colour="#8a2be2", place_tudo="1")
    page = text_of(desk.get(reverse("admin:shop_policychange_changelist")))
    assert "Vitrine: cor" in page
