"""Pictures as phones write them are drawn as phones draw them, pixel by pixel, or refused in words."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from catalog.errors import UnacceptablePicture
from catalog.services import prepare_picture

SAMPLES = Path(__file__).parent / "pictures"
NEAR = 6
"""How far a colour may stray through JPEG and WebP."""


def drawn(content: bytes) -> Image.Image:
    shown = Image.open(io.BytesIO(prepare_picture(content=content).content))
    shown.load()
    return shown


def written(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, format=kind, **options)
    return file.getvalue()


def near(found: Any, wanted: tuple[int, ...]) -> bool:
    return all(abs(one - other) <= NEAR for one, other in zip(found, wanted, strict=True))


def test_a_portrait_stands_upright_and_tells_no_place() -> None:
    content = (SAMPLES / "portrait_gps.jpg").read_bytes()
    assert Image.open(io.BytesIO(content)).getexif().get_ifd(0x8825)
    shown = drawn(content)
    assert shown.size == (600, 800)
    assert near(shown.getpixel((595, 5)), (254, 0, 0))
    assert near(shown.getpixel((5, 5)), (200, 120, 61))
    assert (dict(shown.getexif()), "exif" in shown.info) == ({}, False)


def test_of_a_jpeg_with_several_pictures_the_first_is_shown() -> None:
    shown = drawn((SAMPLES / "phone_mpf.jpg").read_bytes())
    assert (shown.format, shown.size, getattr(shown, "n_frames", 1)) == ("JPEG", (800, 600), 1)
    assert near(shown.getpixel((10, 10)), (254, 0, 0))
    assert near(shown.getpixel((790, 590)), (0, 0, 254))


def test_sixteen_bits_of_grey_become_eight() -> None:
    shown = drawn((SAMPLES / "grey16.png").read_bytes()).convert("L")
    assert [shown.getpixel((column, 3)) for column in range(256)] == list(range(256))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_is_turned_upright(kind: str, orientation: int) -> None:
    upright = Image.new("RGB", (40, 20), (0, 0, 255))
    upright.paste((255, 0, 0), (0, 0, 20, 10))
    turned = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    kept = upright.transpose(turned[orientation]) if orientation in turned else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    shown = drawn(written(kept, kind, exif=exif)).convert("RGB")
    assert shown.size == (40, 20)
    corners = [(4, 4), (36, 4), (4, 16), (36, 16)]
    assert [shown.getpixel(one)[0] > 127 for one in corners] == [True, False, False, False]  # type: ignore[index]


def grey_with_alpha() -> bytes:
    return written(Image.new("LA", (4, 4), (90, 128)))


def palette() -> bytes:
    return written(Image.new("RGB", (4, 4), (200, 30, 60)).convert("P", palette=Image.Palette.ADAPTIVE))


def palette_with_a_hole() -> bytes:
    picture = Image.new("P", (4, 4), 1)
    picture.putpalette([0, 0, 0, 10, 200, 30])
    return written(picture, transparency=1)


def deep_grey_with_a_hole() -> bytes:
    return written(Image.new("I;16", (4, 4), 30000), transparency=30000)


def deep_grey() -> bytes:
    return written(Image.new("I;16", (4, 4), 100 * 257))


def one_bit() -> bytes:
    return written(Image.new("1", (4, 4), 1))


def cmyk() -> bytes:
    return written(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=95)


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ((255, 0, 0), (0, 255, 0))]
    return written(
        frames[0], kind, save_all=True, append_images=frames[1:], **({"lossless": True} if kind == "WEBP" else {})
    )


@pytest.mark.parametrize(
    ("content", "colour"),
    [
        (grey_with_alpha, (90, 90, 90, 128)),
        (palette, (200, 30, 60, 255)),
        (palette_with_a_hole, None),
        (deep_grey, (100, 100, 100, 255)),
        (deep_grey_with_a_hole, None),
        (one_bit, (255, 255, 255, 255)),
        (cmyk, (255, 0, 0, 255)),
        (lambda: animated("PNG"), (255, 0, 0, 255)),
        (lambda: animated("WEBP"), (255, 0, 0, 255)),
    ],
    ids=["LA", "P", "P, hole", "I;16", "I;16, hole", "1", "CMYK", "moving PNG", "moving WebP"],
)
def test_every_kind_of_pixel_is_drawn(content: Callable[[], bytes], colour: tuple[int, ...] | None) -> None:
    shown = drawn(content())
    assert getattr(shown, "n_frames", 1) == 1
    pixel: Any = shown.convert("RGBA").getpixel((2, 2))
    assert pixel[3] == 0 if colour is None else near(pixel, colour)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_colours_of_another_profile_are_those_it_means(kind: str) -> None:
    """One of them is sRGB with its primaries exchanged: what it calls red is green, and the other way round."""
    usual = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    odd = usual.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    for profile, meant in ((usual, (200, 120, 60)), (odd, (120, 200, 60))):
        shown = drawn(written(Image.new("RGB", (16, 16), (200, 120, 60)), kind, icc_profile=profile))
        assert near(shown.convert("RGB").getpixel((8, 8)), meant)
        assert "icc_profile" not in shown.info
    broken = drawn(written(Image.new("RGB", (16, 16), (200, 120, 60)), kind, icc_profile=b"no profile at all"))
    assert near(broken.convert("RGB").getpixel((8, 8)), (200, 120, 60))


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"avif"])
def test_a_format_that_browsers_do_not_show_is_refused_in_words(brand: bytes) -> None:
    with pytest.raises(UnacceptablePicture) as refusal:
        prepare_picture(content=b"\x00\x00\x00\x18ftyp" + brand + b"\x00" * 64)
    assert refusal.value.data == {"reason": "wrong_format"}
    assert "JPEG" in str(refusal.value.detail)
