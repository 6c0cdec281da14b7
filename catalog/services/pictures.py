"""Pictures as files: judged by their content, and painted anew.

Whatever came in is decoded and encoded again, so that nothing of the file itself reaches a customer: no metadata, no
place where a photo was taken, no second document hidden behind the first. The name and the content type
of an upload are never looked at, and a photo is turned upright before its orientation mark is thrown away.
"""

import io
import struct
import zlib
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from catalog.errors import UnacceptablePicture

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 40_000_000
LONGEST_SIDE = 1600
QUALITY = 85
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
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
        raise _refusal("wrong_format") from problem
    except DAMAGED as problem:
        raise _refusal("unreadable") from problem


def _painted(opened: Image.Image) -> Picture:
    """Judged by its header before a single pixel is decoded."""
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise _refusal("too_many_pixels")
    kind = str(opened.format)
    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    opened.load()
    picture = ImageOps.exif_transpose(opened)
    see_through = kind != "JPEG" and picture.has_transparency_data
    picture = picture.convert("RGBA" if see_through else "RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    target = io.BytesIO()
    if kind == "PNG":
        bare.save(target, format=kind, optimize=True)
    else:
        bare.save(target, format=kind, quality=QUALITY)
    return Picture(content=target.getvalue(), extension=EXTENSIONS[kind], width=bare.width, height=bare.height)


def _refusal(reason: str) -> UnacceptablePicture:
    return UnacceptablePicture(REASONS[reason], reason=reason)
