"""The window as the owner dressed it: saved at once or not at all, written down, and told by the API."""

import io
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.storage import default_storage
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from catalog import services as catalog
from catalog.models import Category
from catalog.services import Picture, prepare_picture
from common import clock
from common.errors import Malformed
from common.testing import statements
from shop import selectors as shop
from shop.errors import LookChanged, UnreadableColour
from shop.models import PolicyChange
from storefront.services import WindowSheet, dress_window
from storefront.tests.shop import OWNER, get, on_sale, slugs, variant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings: Settings, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def dress(*, seen: int | None = None, **given: Any) -> None:
    version = shop.look().version if seen is None else seen
    sheet = {name: given.pop(name) for name in ("pictures", "categories", "name") if name in given}
    dress_window(sheet=WindowSheet(seen=version, values=given, **sheet), actor=OWNER, now=clock.now())


def painted(colour: str = "red") -> Picture:
    file = io.BytesIO()
    Image.new("RGB", (64, 32), colour).save(file, format="PNG")
    return prepare_picture(content=file.getvalue())


def shown() -> Any:
    return get("/shop/").json()["look"]


def test_a_window_nobody_has_dressed() -> None:
    assert shown() == {
        "colour": None, "colour_dark": None, "logo": None, "cover": None, "welcome": None, "about": None,
        "footer": None, "notice": None, "has_featured": False,
    }  # fmt: skip


def test_what_was_chosen_is_told_in_one_statement() -> None:
    product = on_sale("Bolo", stock=1)
    dress(
        colour="#8A2BE2", welcome="  Bem-vindos! ", about="Um.\r\n\r\nDois <b>.", footer="Rua A", featured=[product.public_id],
        pictures={"logo": painted(), "cover": painted("blue")}, cover_alt="A fachada", name="Ateliê Lila",
    )  # fmt: skip
    with statements() as made:
        answer = get("/shop/").json()
    assert len(made) == 1
    look = answer["look"]
    assert answer["name"] == "Ateliê Lila"
    assert (look["colour"], look["colour_dark"]) == ("#8a2be2", "#b47cff")
    assert (look["welcome"], look["about"]) == ("Bem-vindos!", "Um.\n\nDois <b>.")
    assert look["has_featured"] is True
    assert (look["logo"]["alt"], look["logo"]["width"], look["logo"]["height"]) == ("Ateliê Lila", 64, 32)
    assert look["cover"]["alt"] == "A fachada"
    assert look["logo"]["url"].startswith("/media/window/")


def test_the_answer_is_kept_until_it_changes() -> None:
    etag = get("/shop/")["ETag"]
    assert get("/shop/", **{"If-None-Match": etag}).status_code == 304
    dress(welcome="Oi")
    assert get("/shop/", **{"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize(("key", "typed"), [("colour", "#ff9900"), ("colour_dark", "#14532d")])
def test_a_colour_nobody_could_read_is_refused_with_the_nearest(key: str, typed: str) -> None:
    typed_in: dict[str, Any] = {key: typed, "welcome": "Oi"}
    with pytest.raises(UnreadableColour) as refusal:
        dress(**typed_in)
    assert refusal.value.data["nearest"] == {"colour": "#9e5d00", "colour_dark": "#67a479"}[key]
    assert str(refusal.value.data["nearest"]) in str(refusal.value.detail)
    assert shown()["welcome"] is None
    typed_in[key] = refusal.value.data["nearest"]
    dress(**typed_in)
    assert shown()[key] == refusal.value.data["nearest"]


@pytest.mark.parametrize(
    "values",
    [
        {"colour": "verde"},
        {"welcome": "a" * 201},
        {"notice": "a\u202eb"},
        {"unknown": "x"},
        {"frame_sites": ["https://a.example; script-src *"]},
        {"frame_sites": [f"https://s{n}.example" for n in range(21)]},
        {"featured": [f"00000000-0000-0000-0000-00000000000{n}" for n in range(9)]},
    ],
)
def test_what_cannot_be_kept_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        dress(**values)
    assert shop.look().version == 0


def test_sites_are_kept_as_origins_and_told_to_nobody() -> None:
    dress(frame_sites=["www.Ana.example/agenda?x=1", " https://ana.example:8443/ ", "https://www.ana.example"])
    assert shop.look().frame_sites == ("https://www.ana.example", "https://ana.example:8443")
    assert "frame_sites" not in shown()
    change = PolicyChange.objects.get(key="look.frame_sites")
    assert change.new == "https://www.ana.example, https://ana.example:8443"


def test_a_notice_ends_with_its_day() -> None:
    today = clock.now().astimezone(ZoneInfo("America/Sao_Paulo")).date()
    dress(notice="Fechado na sexta", notice_until=today + timedelta(days=1))
    assert shown()["notice"] == {"text": "Fechado na sexta", "until": (today + timedelta(days=1)).isoformat()}
    dress(notice_until=today - timedelta(days=2))
    assert shown()["notice"] is None
    dress(notice="Voltamos")
    dress(notice="", notice_until=None)
    assert shop.look().notice_until is None


def test_what_stands_first_is_listed_in_its_order_and_only_while_on_show() -> None:
    cake, bread, pie = (on_sale(name, variant(name.upper())) for name in ("Bolo", "Pao", "Torta"))
    dress(featured=[pie.public_id, cake.public_id, bread.public_id])
    wanted = "/products/?featured=true&ordering=featured"
    assert slugs(wanted) == ["torta", "bolo", "pao"]
    catalog.hide(product_id=cake.pk, actor=OWNER, now=clock.now())
    assert slugs(f"{wanted}&page_size=5") == ["torta", "pao"]
    on_sale("Zebra")
    assert slugs("/products/?featured=false") == ["zebra"]
    assert get("/products/?featured=1").status_code == 400


def test_without_any_choice_nothing_stands_first() -> None:
    on_sale("Bolo")
    assert slugs("/products/?featured=true&page_size=7") == []
    assert slugs("/products/?featured=false&page_size=7") == ["bolo"]


def test_shelves_stand_as_the_owner_put_them() -> None:
    for name in ("Um", "Dois", "Tres"):
        catalog.create_category(name=name)
    catalog.create_category(name="Abaixo", parent_id=Category.objects.get(slug="um").pk)
    dress(categories=["tres", "um", "gone"])
    assert [one["slug"] for one in get("/categories/").json()] == ["tres", "um", "dois"]
    change = PolicyChange.objects.get(key="look.categories")
    assert (change.old, change.new) == ("Um, Dois, Tres", "Tres, Um, Dois")


def test_who_changed_what_is_written_down() -> None:
    product = on_sale("Bolo")
    dress(colour="#14532d", featured=[product.public_id], name="Ana")
    dress(colour="#14532d")
    kept = {change.key: (change.old, change.new, change.actor_kind) for change in PolicyChange.objects.all()}
    assert kept == {
        "look.colour": ("", "#14532d", "staff"),
        "look.featured": ("", "Bolo", "staff"),
        "name": ("Balcão", "Ana", "staff"),
    }
    assert shop.look().version == 1


def test_whoever_saves_an_old_page_is_told() -> None:
    dress(welcome="A")
    with pytest.raises(LookChanged):
        dress(seen=0, welcome="B", pictures={"logo": painted()}, name="Outra")
    assert (shown()["welcome"], shop.policy().name) == ("A", "Balcão")
    assert not default_storage.exists("window") or default_storage.listdir("window") == ([], [])


def test_a_replaced_picture_leaves_no_file(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    dress(pictures={"logo": painted()})
    with django_capture_on_commit_callbacks(execute=True):
        dress(pictures={"logo": painted("blue")})
    assert len(default_storage.listdir("window")[1]) == 1
    with django_capture_on_commit_callbacks(execute=True):
        dress(pictures={"logo": None})
    assert default_storage.listdir("window")[1] == []
    assert shown()["logo"] is None
