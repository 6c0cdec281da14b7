"""The portrait of a professional goes through the one preparation, and leaves no file that nothing names."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.test import Client
from PIL import Image

from backoffice.tests.desk import at_desk
from catalog.tests.factories import picture_file
from scheduling import services as scheduling
from scheduling.models import Professional
from scheduling.tests.factories import MONDAY, professional

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = Path(__file__).parents[2] / "catalog" / "tests" / "pictures" / "portrait_gps.jpg"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.SHOP_NOW = MONDAY
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def desk() -> Client:
    return at_desk(role="owner")


def files(media: Path) -> list[Path]:
    return sorted(path for path in media.rglob("*") if path.is_file())


def send(desk: Client, person: Professional, **changes: Any) -> Any:
    page = f"/admin/scheduling/professional/{person.pk}/change/"
    shown = desk.get(page)
    form: Any = shown.context["adminform"].form
    typed = {name: form[name].value() for name in form.fields if name != "image"}
    for formset in shown.context["inline_admin_formsets"]:
        management = formset.formset.management_form
        typed |= {management[name].html_name: management[name].value() for name in management.fields}
        for row in formset.formset.initial_forms:
            typed |= {row[name].html_name: row[name].value() for name in row.fields}
    clean = {name: value for name, value in (typed | changes).items() if value is not None and value is not False}
    return desk.post(page, clean)


def upload(content: bytes, name: str = "foto.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def test_a_photo_from_a_phone_is_upright_and_tells_no_place(desk: Client, media: Path) -> None:
    person = professional(name="Ana")
    assert send(desk, person, image=upload(PHONE.read_bytes())).status_code == 302
    person.refresh_from_db()
    with Image.open(person.image.path) as shown:
        assert (shown.size, dict(shown.getexif())) == ((600, 800), {})
    assert b"Exif" not in Path(person.image.path).read_bytes()


def test_a_replaced_and_a_cleared_portrait_leave_the_disk(desk: Client, media: Path) -> None:
    person = professional(name="Ana")
    send(desk, person, image=upload(PHONE.read_bytes()))
    [first] = files(media)
    send(desk, person, bio="Corta bem")
    assert files(media) == [first]
    send(desk, person, image=upload(picture_file()))
    [second] = files(media)
    assert second != first
    send(desk, person, **{"image-clear": "on"})
    assert files(media) == []


@pytest.mark.parametrize("kind", ["TIFF", "BMP", "GIF"])
def test_what_is_no_picture_here_is_refused_in_words(desk: Client, media: Path, kind: str) -> None:
    person = professional(name="Ana")
    answer = send(desk, person, image=upload(picture_file(kind=kind)))
    assert answer.status_code == 200
    assert "A foto precisa ser um arquivo JPEG, PNG ou WebP." in answer.content.decode()
    assert files(media) == []


def test_too_many_pixels_are_refused(desk: Client, media: Path) -> None:
    person = professional(name="Ana")
    file = io.BytesIO()
    Image.new("1", (8000, 6000)).save(file, format="PNG")
    answer = send(desk, person, image=upload(file.getvalue(), "48mp.png"))
    assert answer.status_code == 200
    assert files(media) == []


def test_a_refused_change_leaves_no_file(media: Path) -> None:
    person = professional(name="Ana")
    person.image = ContentFile(picture_file(), name="new.jpg")
    person.user_id = 987654321
    with pytest.raises(IntegrityError, match="user_id"):
        scheduling.keep_setup(rows=[person], now=MONDAY)
    assert files(media) == []
