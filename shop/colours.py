"""Colours of the shop window: whether they can be read, and the nearest that can. Pure.

A colour of the shop is what buttons are filled with and links are written in, so it is judged as text on every surface
of the window: at least 4.5 to 1, as WCAG 2.2 asks of text (AA). The surfaces are those of `web/src/styles.css`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

LIGHT, DARK = "light", "dark"
LEAST_CONTRAST = 4.5
SURFACES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        LIGHT: ("#ffffff", "#fbfaf7", "#f4efe3", "#fdecea"),
        DARK: ("#1d2024", "#131518", "#2a271f", "#3a1b18"),
    }
)
"""What text stands on, by mode; the first is the paper."""
INKS = ("#ffffff", "#0b0f0c")
SOFT_SHARE = {LIGHT: 0.08, DARK: 0.14}
"""How much of the colour a tinted surface has."""

_FORM = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
_STEP = 0.004

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Palette:
    """What a mode is painted with: the colour, what is written on it, and a surface tinted with it."""

    main: str
    ink: str
    soft: str


def normal_colour(text: str) -> str:
    """Return a colour as it is stored, #rrggbb. Raises ValueError."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    digits = found[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def palette(*, colour: str, mode: str) -> Palette:
    """Return what a mode is painted with."""
    ink = max(INKS, key=lambda one: contrast(one, colour))
    share, paper = SOFT_SHARE[mode], _rgb(SURFACES[mode][0])
    soft = [own * share + ground * (1 - share) for own, ground in zip(_rgb(colour), paper, strict=True)]
    return Palette(main=colour, ink=ink, soft=_hex((soft[0], soft[1], soft[2])))


def least_contrast(*, colour: str, mode: str) -> float:
    """Return the contrast of a colour where it is read worst."""
    painted = palette(colour=colour, mode=mode)
    grounds = (*SURFACES[mode], painted.soft)
    return min(*(contrast(colour, ground) for ground in grounds), contrast(painted.ink, colour))


def is_readable(*, colour: str, mode: str) -> bool:
    """Say whether a colour can be read everywhere in the window."""
    return least_contrast(colour=colour, mode=mode) >= LEAST_CONTRAST


def nearest_readable(*, colour: str, mode: str) -> str:
    """Return the colour itself if it can be read, or the same hue as much darker or lighter as it takes."""
    lightness, green_red, blue_yellow = _oklab(colour)
    step, found = (-_STEP if mode == LIGHT else _STEP), colour
    while not is_readable(colour=found, mode=mode):
        lightness = min(max(lightness + step, 0.0), 1.0)
        found = _in_gamut(lightness, green_red, blue_yellow)
    return found


def _in_gamut(lightness: float, green_red: float, blue_yellow: float) -> str:
    """Return the colour, as much paler as a screen needs to show it."""
    for share in range(100, -1, -2):
        rgb = _from_oklab((lightness, green_red * share / 100, blue_yellow * share / 100))
        if all(-0.0005 <= part <= 1.0005 for part in rgb):
            break
    return _hex(rgb)


def _rgb(colour: str) -> Triple:
    number = int(colour[1:], 16)
    return (number >> 16) / 255, (number >> 8 & 255) / 255, (number & 255) / 255


def _hex(rgb: Triple) -> str:
    return "#" + "".join(f"{round(min(max(part, 0.0), 1.0) * 255):02x}" for part in rgb)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _curved(part: float) -> float:
    return part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def _luminance(colour: str) -> float:
    red, green, blue = map(_linear, _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _oklab(colour: str) -> Triple:
    """Return lightness and the two axes of hue as people see them (Ottosson's Oklab)."""
    red, green, blue = map(_linear, _rgb(colour))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _from_oklab(seen: Triple) -> Triple:
    lightness, green_red, blue_yellow = seen
    long = (lightness + 0.3963377774 * green_red + 0.2158037573 * blue_yellow) ** 3
    middle = (lightness - 0.1055613458 * green_red - 0.0638541728 * blue_yellow) ** 3
    short = (lightness - 0.0894841775 * green_red - 1.2914855480 * blue_yellow) ** 3
    return (
        _curved_or_below(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _curved_or_below(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _curved_or_below(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )


def _curved_or_below(part: float) -> float:
    return _curved(part) if part > 0 else part
