"""A poster with the address of the shop as a QR code, as a print shop takes it: one page, everything drawn as lines.

The letters are embedded, the code is squares of black on white with the margin that its standard asks for, and nothing
stands closer to the edge than a printer reaches.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from types import MappingProxyType

import segno
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor, black, white
from reportlab.lib.pagesizes import A4, A5
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from shop.look import Look
from shop.policy import Policy

SIZES: Mapping[str, tuple[float, float]] = MappingProxyType({"a4": A4, "a5": A5})
PLAIN, BOLD = "Vera", "VeraBd"
BELOW = 0.27
"""What address, street and telephone take below the code, and the white at the foot of the page."""
QUIET = 4
"""Modules of white around the code."""


@dataclass(frozen=True)
class _Sheet:
    """The page that is drawn on; lengths of things are shares of its width."""

    canvas: Canvas
    width: float
    height: float

    def lines(self, text: str, *, font: str, size: float, top: float, most: int, shrink: bool = False) -> float:
        """Write a text in the middle below `top`, smaller where it needs more lines; return where it ends."""
        room, points = self.width * 0.84, self.width * size
        shown = _printable(text, font=font)
        while len(found := simpleSplit(shown, font, points, room)) > most or (
            shrink and pdfmetrics.stringWidth(shown, font, points) > room
        ):
            points *= 0.94
            if points < 5:
                break
        self.canvas.setFont(font, points)
        for line in found[:most]:
            top -= points * 1.22
            self.canvas.drawCentredString(self.width / 2, top + points * 0.2, line)
        return top


def poster(*, policy: Policy, look: Look, address: str, size: str) -> bytes:
    """Return the poster of the shop in the language that is spoken, A4 or A5."""
    pdfmetrics.registerFont(TTFont(PLAIN, "Vera.ttf"))
    pdfmetrics.registerFont(TTFont(BOLD, "VeraBd.ttf"))
    width, height = SIZES[size]
    file = BytesIO()
    canvas = Canvas(file, pagesize=(width, height), invariant=1, pageCompression=0)
    canvas.setTitle(_("Poster of %(shop)s") % {"shop": policy.name})
    sheet = _Sheet(canvas=canvas, width=width, height=height)
    top = height - width * 0.08
    if look.logo is not None and default_storage.exists(look.logo.file):
        top = _logo(sheet, file=look.logo.file, ratio=look.logo.width / look.logo.height, top=top)
    painted = look.palettes
    canvas.setFillColor(HexColor(painted[0].main) if painted else black)
    top = sheet.lines(policy.name, font=BOLD, size=0.075, top=top, most=3)
    canvas.setFillColor(black)
    told = _("Point your phone's camera here to order and to book.")
    top = sheet.lines(told, font=PLAIN, size=0.036, top=top - width * 0.02, most=2)
    top -= width * 0.03
    top = _code(sheet, address=address, side=min(width * 0.62, top - width * BELOW), top=top)
    shown = address.removeprefix("https://").removeprefix("http://").rstrip("/")
    top = sheet.lines(shown, font=BOLD, size=0.042, top=top - width * 0.015, most=1, shrink=True)
    for text in (policy.address, policy.whatsapp and f"WhatsApp {policy.whatsapp}"):
        if text:
            top = sheet.lines(text, font=PLAIN, size=0.027, top=top - width * 0.012, most=2)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def _logo(sheet: _Sheet, *, file: str, ratio: float, top: float) -> float:
    height = min(sheet.width * 0.15, sheet.width * 0.6 / ratio)
    with default_storage.open(file) as opened:
        picture = ImageReader(BytesIO(opened.read()))
    left = (sheet.width - height * ratio) / 2
    sheet.canvas.drawImage(picture, left, top - height, width=height * ratio, height=height, mask="auto")
    return top - height - sheet.width * 0.03


def _code(sheet: _Sheet, *, address: str, side: float, top: float) -> float:
    """Draw the code, each run of dark modules as one rectangle; return where it ends."""
    rows = [list(row) for row in segno.make(address, error="q", micro=False).matrix]
    module = side / (len(rows) + 2 * QUIET)
    left, begin = (sheet.width - side) / 2, top
    sheet.canvas.setFillColor(white)
    sheet.canvas.rect(left, top - side, side, side, stroke=0, fill=1)
    sheet.canvas.setFillColor(black)
    for place, row in enumerate(rows):
        y = begin - (QUIET + place + 1) * module
        start = 0
        while start < len(row):
            end = start
            while end < len(row) and row[end]:
                end += 1
            if end > start:
                x = left + (QUIET + start) * module
                sheet.canvas.rect(x, y, (end - start) * module, module, stroke=0, fill=1)
            start = max(end, start + 1)
    return top - side


def _printable(text: str, *, font: str) -> str:
    """Return a text in the letters that the font has."""
    known = pdfmetrics.getFont(font).face.charToGlyph
    return "".join(letter if ord(letter) in known else "" for letter in text.replace("\u00a0", " ")).strip()
