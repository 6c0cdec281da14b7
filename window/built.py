"""What the build of `web/` left: which script and which style sheets a page begins with.

Names of these files hold a digest of what is in them. They are asked for under just those names, because the scripts
ask for each other under them too.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest

PLACE = "window/built/"
MANIFEST = Path(__file__).parent / "static" / PLACE / "manifest.json"
ENTRY = "src/main.tsx"


@dataclass(frozen=True)
class Assets:
    """Addresses of what a page loads; all empty where the window was not built."""

    script: str = ""
    styles: tuple[str, ...] = ()
    preloads: tuple[str, ...] = ()


@cache
def assets() -> Assets:
    """Return what every page begins with; read once in the life of a process."""
    try:
        manifest = json.loads(MANIFEST.read_text())
    except FileNotFoundError:
        return Assets()
    entry = manifest[ENTRY]
    imports = [manifest[name] for name in entry.get("imports", ())]
    styles = [name for one in (*imports, entry) for name in one.get("css", ())]
    return Assets(
        script=_address(entry["file"]),
        styles=tuple(_address(name) for name in styles),
        preloads=tuple(_address(one["file"]) for one in imports),
    )


def in_pages(_request: HttpRequest) -> dict[str, bool]:
    """Tell every page whether there is a window to lead into."""
    return {"window_is_built": bool(assets().script)}


def _address(name: str) -> str:
    return f"/{settings.STATIC_URL.strip('/')}/{PLACE}{name}"
