"""How the shop window looks and what it says, as one frozen value. Pure; `DEFAULTS` is a window nobody has dressed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from shop.colours import DARK, LIGHT, Palette, nearest_readable, palette

MOST_FEATURED = 8
LONGEST: Mapping[str, int] = {"welcome": 200, "about": 3000, "footer": 300, "notice": 300, "cover_alt": 200}
"""How long the owner's texts may be."""
MOST_SITES = 20
LONGEST_SITE = 120
ON_LINES = ("about", "footer", "notice")
"""Those that may have several lines."""


@dataclass(frozen=True)
class StoredPicture:
    """A picture among the shop's files, by its name there; sides in pixels."""

    file: str
    width: int
    height: int


@dataclass(frozen=True)
class Look:
    """What the owner chose; empty is what the house chose. `version` counts the times it was changed."""

    version: int = 0
    colour: str = ""
    colour_dark: str = ""
    welcome: str = ""
    about: str = ""
    footer: str = ""
    notice: str = ""
    notice_until: date | None = None
    featured: tuple[UUID, ...] = ()
    logo: StoredPicture | None = None
    cover: StoredPicture | None = None
    cover_alt: str = ""
    frame_sites: tuple[str, ...] = ()

    @property
    def palettes(self) -> tuple[Palette, Palette] | None:
        """What light and dark pages are painted with; None: as the house paints them.

        Where only one colour was chosen, the other mode gets the nearest to it that can be read there.
        """
        if not self.colour and not self.colour_dark:
            return None
        light = self.colour or nearest_readable(colour=self.colour_dark, mode=LIGHT)
        dark = self.colour_dark or nearest_readable(colour=self.colour, mode=DARK)
        return palette(colour=light, mode=LIGHT), palette(colour=dark, mode=DARK)

    def notice_on(self, *, today: date) -> str:
        """Return what customers shall know on a day; empty when that is over."""
        return self.notice if self.notice_until is None or self.notice_until >= today else ""


_SITE = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")

DEFAULTS = Look()
PLAIN = ("colour", "colour_dark", "welcome", "about", "footer", "notice", "cover_alt")
PICTURES = ("logo", "cover")


def site_of(text: str) -> str:
    """Return the origin of an address as people type it: "www.ana.com.br/agenda" is https://www.ana.com.br.

    What is no address of a site raises ValueError; so does one without https, but for this very computer.
    """
    typed = text.strip().lower()
    parts = urlsplit(typed if "://" in typed else f"https://{typed}")
    host = (parts.hostname or "").encode("idna").decode()
    is_here = host in ("localhost", "127.0.0.1")
    origin = f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")
    if parts.username or not (_SITE.fullmatch(origin) and len(origin) <= LONGEST_SITE):
        raise ValueError(text)
    if not is_here and (parts.scheme != "https" or "." not in host):
        raise ValueError(text)
    return origin


def look_from(*, row: Mapping[str, Any]) -> Look:
    """Build the look from the columns of its row."""
    return Look(
        version=row["version"],
        notice_until=date.fromisoformat(row["notice_until"]) if row["notice_until"] else None,
        featured=tuple(UUID(one) for one in row["featured"]),
        frame_sites=tuple(row["frame_sites"]),
        logo=_picture(row, "logo"),
        cover=_picture(row, "cover"),
        **{key: row[key] for key in PLAIN},
    )


def _picture(row: Mapping[str, Any], name: str) -> StoredPicture | None:
    file = row[name]
    return StoredPicture(file=file, width=row[f"{name}_width"], height=row[f"{name}_height"]) if file else None
