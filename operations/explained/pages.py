"""Which pages are written from the code, and by what."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.utils import translation

from operations.explained.dictionary import OURS, app_page, read_me
from operations.explained.figures import watching


def _whole(label: str, text: str) -> str:
    return app_page(label)


PAGES: dict[str, Callable[[str], str]] = {
    "operations/watching.md": watching,
    "database/README.md": read_me,
    **{f"database/{label}.md": partial(_whole, label) for label in OURS},
}
"""By their place below docs/: what a page becomes."""


def stale(*, docs: Path) -> list[str]:
    """Return the pages that say something else than the code."""
    return [place for place in PAGES if _text(docs / place) != fresh(place, text=_text(docs / place))]


def fresh(place: str, *, text: str) -> str:
    """Return what a page that reads so now is to read; always in English."""
    with translation.override("en"):
        return PAGES[place](text)


def write(*, docs: Path) -> list[str]:
    """Write the pages that are stale, and return them."""
    found = stale(docs=docs)
    for place in found:
        path = docs / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(fresh(place, text=_text(path)))
    return found


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""
