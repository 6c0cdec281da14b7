"""Pictures: judged by content, painted anew, kept in order."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from catalog import services as catalog
from catalog.errors import TooManyPictures, UnacceptablePicture
from catalog.models import ProductChange, ProductImage
from catalog.services import Picture, pictures
from catalog.tests import factories
from catalog.tests.factories import NOW, OWNER, picture_file
from common.errors import Busy, Malformed, NotFound, Refusal
from common.testing import no_room_for_more_than

BY: dict[str, Any] = {"actor": OWNER, "now": NOW}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def opened(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.content))


def png_header(width: int, height: int) -> bytes:
    """A PNG file that says to be huge and has no pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 10)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("kind", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_a_picture_is_painted_anew_in_its_format(kind: str, extension: str) -> None:
    content = picture_file(kind=kind)
    picture = catalog.prepare_picture(content=content)
    shown = opened(picture)
    assert (picture.extension, picture.width, picture.height) == (extension, 40, 30)
    assert (shown.format, shown.size, shown.mode) == (kind, (40, 30), "RGB")


def test_a_large_picture_is_made_smaller() -> None:
    picture = catalog.prepare_picture(content=picture_file(size=(4000, 1000)))
    assert (picture.width, picture.height) == (1600, 400) == opened(picture).size


def test_see_through_stays_see_through() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 128)).save(file, format="PNG")
    assert opened(catalog.prepare_picture(content=file.getvalue())).mode == "RGBA"


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_unusual_colours_become_usual(mode: str) -> None:
    file = io.BytesIO()
    Image.new(mode, (4, 4)).save(file, format="JPEG")
    assert opened(catalog.prepare_picture(content=file.getvalue())).mode == "RGB"


@pytest.mark.fault("E17")
def test_nothing_but_the_picture_gets_through() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    exif[0x010E] = "rua das Flores 12"
    exif.get_ifd(0x8825)[2] = (23.0, 33.0, 1.0)
    content = picture_file(exif=exif, comment=b"secret") + b"<?php system($_GET['c']); ?>" + SVG
    picture = catalog.prepare_picture(content=content)
    shown = opened(picture)
    assert (shown.size, len(shown.getexif()), "comment" in shown.info, "exif" in shown.info) == (
        (30, 40),
        0,
        False,
        False,
    )
    for leak in (b"secret", b"Flores", b"php", b"script", b"Exif"):
        assert leak not in picture.content
    red, _green, blue = shown.convert("RGB").getpixel((15, 5))  # type: ignore[misc]
    assert (red > 200, blue < 60) == (True, True)


@pytest.mark.fault("E17")
def test_texts_inside_a_png_do_not_get_through() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "<script>secret</script>")
    picture = catalog.prepare_picture(content=picture_file(kind="PNG", pnginfo=texts))
    assert (b"secret" in picture.content, opened(picture).info) == (False, {})


@pytest.mark.fault("E17")
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "wrong_format"),
        (b"GIF89a" + b"\0" * 40, "wrong_format"),
        (SVG, "wrong_format"),
        (b"<html><script>alert(1)</script></html>", "wrong_format"),
        (b"%PDF-1.7", "wrong_format"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "wrong_format"),
        (png_header(20_000, 20_000), "too_many_pixels"),
        (png_header(10_000, 10_000), "too_many_pixels"),
        (png_header(100, 100), "unreadable"),
        (picture_file(size=(400, 400))[:-200], "unreadable"),
        (picture_file() + b"\0" * pictures.MAX_BYTES, "too_large"),
    ],
    ids=["nothing", "gif", "svg", "html", "pdf", "torn", "400 MP", "100 MP", "no pixels", "cut off", "long"],
)
def test_what_is_no_usable_picture_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(UnacceptablePicture) as caught:
        catalog.prepare_picture(content=content)
    assert (caught.value.data, bool(caught.value.detail)) == ({"reason": reason}, True)


def test_other_formats_of_pillow_are_no_pictures_here() -> None:
    for kind in ("GIF", "BMP", "TIFF", "ICO", "PPM"):
        with pytest.raises(UnacceptablePicture) as caught:
            catalog.prepare_picture(content=picture_file(kind=kind))
        assert caught.value.data == {"reason": "wrong_format"}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "WEBP"]), st.integers(0, 700), st.binary(min_size=1, max_size=8))
def test_a_damaged_file_is_refused_or_painted_and_never_an_accident(kind: str, place: int, damage: bytes) -> None:
    content = bytearray(picture_file(kind=kind))
    place %= len(content)
    content[place : place + len(damage)] = damage
    outcome: Any
    try:
        outcome = catalog.prepare_picture(content=bytes(content))
    except UnacceptablePicture as refusal:
        outcome = refusal.data["reason"]
    if isinstance(outcome, Picture):
        assert opened(outcome).size == (outcome.width, outcome.height)
    else:
        assert outcome in pictures.REASONS


def added(product_id: int, **options: Any) -> ProductImage:
    picture = catalog.prepare_picture(content=picture_file())
    return catalog.add_image(product_id=product_id, picture=picture, **options, **BY)


def files(media: Path) -> list[str]:
    return sorted(path.name for path in (media / "products").glob("*")) if (media / "products").exists() else []


def refused(work: Callable[[], Any], refusal: type[Refusal], media: Path) -> Refusal:
    before = (list(ProductImage.objects.order_by("pk").values()), files(media), ProductChange.objects.count())
    with pytest.raises(refusal) as caught:
        work()
    after = (list(ProductImage.objects.order_by("pk").values()), files(media), ProductChange.objects.count())
    assert after == before
    return caught.value


@pytest.mark.django_db
def test_pictures_are_added_under_names_nobody_guesses(media: Path) -> None:
    product = factories.product()
    first, second = added(product.pk, alt="  Bolo  inteiro "), added(product.pk)
    assert [(image.alt, image.position, image.width, image.height) for image in (first, second)] == [
        ("Bolo inteiro", 0, 40, 30),
        ("", 1, 40, 30),
    ]
    names = [str(image.file.name) for image in (first, second)]
    assert sorted(Path(name).name for name in names) == files(media)
    for name in names:
        folder, file = name.split("/")
        stem, extension = file.split(".")
        assert (folder, extension, len(stem), int(stem, 16) > 0) == ("products", "jpg", 32, True)
    with default_storage.open(names[0]) as stored:
        assert Image.open(stored).size == (40, 30)
    assert ProductChange.objects.first().key == "picture"  # type: ignore[union-attr]


@pytest.mark.fault("D31")
@pytest.mark.django_db
def test_a_disk_without_room_leaves_neither_row_nor_half_a_file(media: Path) -> None:
    product = factories.product()
    added(product.pk)
    with no_room_for_more_than(200):
        refused(lambda: added(product.pk), Busy, media)


@pytest.mark.django_db
def test_refusals_leave_neither_row_nor_file(media: Path) -> None:
    product = factories.product()
    refused(lambda: added(0), NotFound, media)
    refused(lambda: added(product.pk, alt="a\u202eb"), Malformed, media)
    refused(lambda: added(product.pk, alt="a" * 201), Malformed, media)
    refused(lambda: added(product.pk, position=-1), Malformed, media)
    for _number in range(12):
        added(product.pk)
    assert refused(lambda: added(product.pk), TooManyPictures, media).data == {"most": 12}


@pytest.mark.django_db
def test_pictures_are_described_and_put_in_order(media: Path) -> None:
    product = factories.product()
    first, second, third = (added(product.pk) for _number in range(3))
    catalog.change_image(image_id=first.public_id, alt="Fatia", position=7, **BY)
    rows = ProductImage.objects.order_by("position").values_list("public_id", "alt", "position")
    assert list(rows) == [(second.public_id, "", 1), (third.public_id, "", 2), (first.public_id, "Fatia", 7)]
    refused(lambda: catalog.change_image(image_id=uuid4(), alt="", position=0, **BY), NotFound, media)
    refused(lambda: catalog.change_image(image_id=first.public_id, alt="", position=-1, **BY), Malformed, media)


@pytest.mark.django_db(transaction=True)
def test_a_removed_picture_takes_its_file_along(media: Path) -> None:
    product = factories.product()
    kept, gone = added(product.pk), added(product.pk)
    catalog.remove_image(image_id=gone.public_id, **BY)
    assert files(media) == [Path(str(kept.file.name)).name]
    assert list(ProductImage.objects.values_list("pk", flat=True)) == [kept.pk]
    refused(lambda: catalog.remove_image(image_id=gone.public_id, **BY), NotFound, media)


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_gone_already_is_no_accident(media: Path) -> None:
    image = added(factories.product().pk)
    (media / str(image.file.name)).unlink()
    catalog.remove_image(image_id=image.public_id, **BY)
    assert not ProductImage.objects.exists()
