"""Pictures as files: judged by their content, and painted anew.

Whatever came in is decoded and encoded again, so that nothing of the file itself reaches a customer: no metadata, no
place where a photo was taken, no second document hidden behind the first. The name and the content type
of an upload are never looked at. Before its marks are thrown away a photo is drawn as they say: turned upright, its
colours brought from its own profile to sRGB, 16 bits a sample scaled to 8.
"""

import io
import re
import struct
import zlib
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageMath, ImageOps, UnidentifiedImageError

from catalog.errors import UnacceptablePicture

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 40_000_000
LONGEST_SIDE = 1600
QUALITY = 85
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
SEVERAL_JPEGS = "MPO"
"""What Pillow calls a JPEG with further pictures behind the first, as many phones write it."""
DEEP = ("I;16", "I;16L", "I;16B", "I;16N", "I")
STEPS = 257
"""So many of the 65536 greys of a deep picture make one of the 256 that are shown."""
SRGB = ImageCms.createProfile("sRGB")
HEIC = re.compile(rb"....ftyp(hei[cfsx]|hev[cfsx]|mif1|msf1|avi[fs])", re.DOTALL)
# What Pillow raises for files that are damaged, or made to damage.
DAMAGED = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    MemoryError,
    struct.error,
    zlib.error,
)

REASONS = {
    "too_large": _("A picture has at most 5 MB."),
    "too_many_pixels": _("The picture has too many pixels; make it smaller first."),
    "wrong_format": _("A picture is a JPEG, PNG or WebP file."),
    "heic": _(
        "This is a HEIC or AVIF photo, which few browsers show. Send it as JPEG: on an iPhone under Settings, Camera, "
        "Formats, choose Most Compatible."
    ),
    "unreadable": _("The file is damaged and cannot be opened."),
}


@dataclass(frozen=True)
class Picture:
    """A picture painted anew, ready to be stored. Sides in pixels."""

    content: bytes
    extension: str
    width: int
    height: int


def prepare_picture(*, content: bytes) -> Picture:
    """Return the picture of a JPEG, PNG or WebP file, upright, at most 1600 pixels long, without metadata.

    Of a moving picture the first frame is kept. Raises UnacceptablePicture.
    """
    if len(content) > MAX_BYTES:
        raise _refusal("too_large")
    try:
        with Image.open(io.BytesIO(content), formats=tuple(EXTENSIONS)) as opened:
            return _painted(opened)
    except Image.DecompressionBombError as problem:
        raise _refusal("too_many_pixels") from problem
    except UnidentifiedImageError as problem:
        if HEIC.match(content[:12]):
            raise UnacceptablePicture(REASONS["heic"], reason="wrong_format") from problem
        raise _refusal("wrong_format") from problem
    except DAMAGED as problem:
        raise _refusal("unreadable") from problem


def _painted(opened: Image.Image) -> Picture:
    """Judged by its header before a single pixel is decoded."""
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise _refusal("too_many_pixels")
    kind = "JPEG" if opened.format == SEVERAL_JPEGS else str(opened.format)
    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    opened.load()
    picture = _in_usual_colours(ImageOps.exif_transpose(opened), see_through=kind != "JPEG")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    target = io.BytesIO()
    if kind == "PNG":
        bare.save(target, format=kind, optimize=True)
    else:
        bare.save(target, format=kind, quality=QUALITY)
    return Picture(content=target.getvalue(), extension=EXTENSIONS[kind], width=bare.width, height=bare.height)


def _in_usual_colours(picture: Image.Image, *, see_through: bool) -> Image.Image:
    """Return the picture in sRGB, 8 bits a sample, with transparency where it has any and may have."""
    profile = picture.info.get("icc_profile")
    if picture.mode in DEEP:
        picture = _shallow(picture)
    wanted = "RGBA" if see_through and picture.has_transparency_data else "RGB"
    if picture.mode not in ("RGB", "L", "CMYK") or wanted == "RGBA":
        picture = picture.convert(wanted)
    if profile:
        picture = _in_srgb(picture, profile=profile, wanted=wanted)
    return picture.convert(wanted)


def _shallow(picture: Image.Image) -> Image.Image:
    """Return a grey picture of 16 bits a sample in 8, as bright as it was, one grey left out where it says so."""
    deep = picture.convert("I")
    grey: Image.Image = ImageMath.lambda_eval(lambda values: (values["deep"] + STEPS // 2) / STEPS, deep=deep).convert(
        "L"
    )
    hidden = picture.info.get("transparency")
    if isinstance(hidden, int):
        shown = ImageMath.lambda_eval(lambda values: (values["deep"] != hidden) * 255, deep=deep).convert("L")
        grey.putalpha(shown)
    return grey


def _in_srgb(picture: Image.Image, *, profile: bytes, wanted: str) -> Image.Image:
    """Return the colours a screen would show; a profile that is broken or of other colours is passed over."""
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(picture, own, SRGB, outputMode=wanted)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return picture if turned is None else turned


def _refusal(reason: str) -> UnacceptablePicture:
    return UnacceptablePicture(REASONS[reason], reason=reason)
