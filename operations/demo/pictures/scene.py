"""The paper the motifs are drawn on: a soft background, a table, and a few shapes in tones of one colour."""

import random
from collections.abc import Sequence

from PIL import Image, ImageColor, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]

SCALE = 2
BANDS = 46
BLUR = 8
WHITE: Colour = (255, 255, 255)
INK: Colour = (58, 42, 33)
CREAM: Colour = (253, 246, 233)
WOOD: Colour = (214, 178, 138)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return `first` with so much of `second` in it (0..1)."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


class Scene:
    """One picture in the making; all measures are in pixels of the finished picture."""

    def __init__(self, *, width: int, height: int, colour: str, seed: str) -> None:
        self.width, self.height = width, height
        self.chance = random.Random(seed)  # noqa: S311 - the same drawing every time is the point
        red, green, blue = ImageColor.getrgb(colour)[:3]
        self.base: Colour = (red, green, blue)
        self.light = mix(self.base, WHITE, 0.45)
        self.pale = mix(self.base, WHITE, 0.78)
        self.dark = mix(self.base, INK, 0.38)
        self.deep = mix(self.base, INK, 0.68)
        self.image = self._backdrop()
        self.pen = ImageDraw.Draw(self.image)

    def _backdrop(self) -> Image.Image:
        top, bottom = mix(self.pale, WHITE, 0.55), self.pale
        image = Image.new("RGB", (self.width * SCALE, self.height * SCALE), top)
        pen = ImageDraw.Draw(image)
        band = 460 * SCALE // BANDS
        for step in range(BANDS):
            pen.rectangle((0, step * band, image.width, (step + 1) * band), fill=mix(top, bottom, step / BANDS))
        sun = 210 * SCALE
        middle = (self.width // 2 * SCALE, 270 * SCALE)
        pen.ellipse((middle[0] - sun, middle[1] - sun, middle[0] + sun, middle[1] + sun), fill=mix(top, WHITE, 0.6))
        table = mix(WOOD, self.base, 0.18)
        pen.rectangle((0, 450 * SCALE, self.width * SCALE, self.height * SCALE), fill=table)
        pen.rectangle((0, 450 * SCALE, self.width * SCALE, 458 * SCALE), fill=mix(table, WHITE, 0.35))
        return image

    def shadow(self, x: float, y: float, half_width: float, half_height: float = 18) -> None:
        """Darken the table under something."""
        wide, high = half_width + BLUR * 3, half_height + BLUR * 3
        box = _grown((x - wide, y - high, x + wide, y + high))
        left, top, right, bottom = (round(value) for value in box)
        small = Image.new("L", ((right - left) // 8, (bottom - top) // 8))
        edge = BLUR * 3 * SCALE / 8
        ImageDraw.Draw(small).ellipse((edge, edge, small.width - edge, small.height - edge), fill=110)
        soft = small.filter(ImageFilter.GaussianBlur(BLUR * SCALE / 8))
        mask = soft.resize((right - left, bottom - top), Image.Resampling.BILINEAR)
        self.image.paste(INK, (left, top, right, bottom), mask)

    def ellipse(self, x: float, y: float, half_width: float, half_height: float, fill: Colour) -> None:
        """Draw an ellipse around a middle."""
        self.pen.ellipse(_grown((x - half_width, y - half_height, x + half_width, y + half_height)), fill=fill)

    def slab(self, left: float, top: float, right: float, bottom: float, fill: Colour, radius: float = 12) -> None:
        """Draw a rectangle with round corners."""
        self.pen.rounded_rectangle(_grown((left, top, right, bottom)), radius=radius * SCALE, fill=fill)

    def polygon(self, points: Sequence[Point], fill: Colour) -> None:
        """Draw a filled shape with straight edges."""
        self.pen.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float = 6) -> None:
        """Draw a line with round ends."""
        grown = [(x * SCALE, y * SCALE) for x, y in points]
        self.pen.line(grown, fill=fill, width=round(width * SCALE), joint="curve")
        for x, y in (grown[0], grown[-1]):
            half = width * SCALE / 2
            self.pen.ellipse((x - half, y - half, x + half, y + half), fill=fill)

    def arc(self, box: tuple[float, float, float, float], start: float, end: float, fill: Colour, width: float) -> None:
        """Draw part of an ellipse's edge, degrees clockwise from three o'clock."""
        self.pen.arc(_grown(box), start, end, fill=fill, width=round(width * SCALE))

    def wedge(self, box: tuple[float, float, float, float], start: float, end: float, fill: Colour) -> None:
        """Draw part of a filled ellipse, degrees clockwise from three o'clock."""
        self.pen.pieslice(_grown(box), start, end, fill=fill)

    def crumbs(self, left: float, top: float, right: float, bottom: float, fill: Colour, count: int = 40) -> None:
        """Scatter small dots over a place."""
        for _crumb in range(count):
            x, y = self.chance.uniform(left, right), self.chance.uniform(top, bottom)
            size = self.chance.uniform(2, 4.5)
            self.ellipse(x, y, size, size, fill)

    def steam(self, x: float, y: float) -> None:
        """Let something hot steam."""
        for shift in (-42, 0, 42):
            points = [(x + shift + (12 if step % 2 else -12), y - step * 26) for step in range(4)]
            self.line(points, mix(self.pale, WHITE, 0.7), 9)

    def finished(self) -> Image.Image:
        """Return the picture in its own size."""
        return self.image.reduce(SCALE)


def _grown(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    return left * SCALE, top * SCALE, right * SCALE, bottom * SCALE
