"""What lets the window be kept on a phone's first screen, and what it says there without a network.

The worker of the browser keeps one page and its style sheets and nothing else: what the API answers, pages that a token
opens and everything people do always come from the shop. `WINDOW_INSTALLABLE=0` takes it back: browsers that have a
worker are given one that clears up after it and leaves.
"""

import hashlib
from functools import lru_cache
from io import BytesIO
from typing import Any
from unicodedata import normalize

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont

from shop import selectors as shop
from shop.colours import LIGHT, palette
from shop.look import Look
from shop.policy import Policy
from window import wording
from window.built import Assets
from window.frames import colours_of, framed, page

MANIFEST, WORKER, OFFLINE = "/loja.webmanifest", "/sw.js", "/sem-conexao"
SIZES = (180, 192, 512)
"""Of the icon, in pixels; the first is what iPhones ask for."""
HOUSE_COLOUR, PAPER = "#14532d", "#fbfaf7"
SHORT_NAME = 12
SHARE_OF_LOGO, SHARE_OF_LETTER = 0.62, 0.5
"""How much of the icon's side; what lies further out may be cut to a circle."""
DAY = 24 * 3600


@page
def manifest(request: HttpRequest) -> HttpResponse:
    """Tell a browser the name, the colour and the icons by which the shop is kept."""
    policy, look = shop.policy_and_look()
    if not settings.WINDOW_INSTALLABLE:
        return HttpResponse(status=404)
    icons = [
        {"src": f"/icone-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in SIZES[1:]
        for purpose in ("any", "maskable")
    ]
    about = {
        "id": "/",
        "name": policy.name,
        "short_name": short_name(policy.name),
        "lang": get_language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": _colour(look),
        "icons": icons,
        "shortcuts": [
            {"name": _("Book a time"), "url": "/agendar"},
            {"name": _("Cart"), "url": "/carrinho"},
        ],
    }
    answer = JsonResponse(about, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def short_name(name: str) -> str:
    """Return what fits below an icon: whole words where they do."""
    said = ""
    for word in name.split():
        longer = f"{said} {word}".strip()
        if len(longer) > SHORT_NAME:
            break
        said = longer
    return said or name[:SHORT_NAME].strip()


@page
def icon(request: HttpRequest, size: int) -> HttpResponse:
    """Draw the shop's logo, or the first letter of its name, on a square."""
    if size not in SIZES:
        return HttpResponse(status=404)
    policy, look = shop.policy_and_look()
    logo = look.logo.file if look.logo else ""
    answer = HttpResponse(_drawn(size, _letter(policy.name), _colour(look), logo), content_type="image/png")
    answer.headers["Cache-Control"] = f"public, max-age={DAY}"
    return answer


@page
def offline(request: HttpRequest) -> HttpResponse:
    """Say that there is no network, and how the shop is reached without one."""
    policy, look = shop.policy_and_look()
    return _offline(request, policy=policy, look=look)


@page
def worker(request: HttpRequest) -> HttpResponse:
    """Give the browser its worker; another page or style makes another one, which takes the place of the last."""
    policy, look = shop.policy_and_look()
    context: dict[str, Any] = {"leaves": not settings.WINDOW_INSTALLABLE, "page": OFFLINE}
    if settings.WINDOW_INSTALLABLE:
        files = [one for one in (OFFLINE, static("pages/pages.css"), colours_of(look)) if one]
        kept = _offline(request, policy=policy, look=look).content + repr(files).encode()
        context |= {"files": files, "version": hashlib.sha256(kept).hexdigest()[:16]}
    answer = render(request, "window/worker.js", context, content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _offline(request: HttpRequest, *, policy: Policy, look: Look) -> HttpResponse:
    described = wording.of_page(name=_("No connection"), path=OFFLINE, policy=policy)
    context = {"assets": Assets()}
    return framed(request, "offline", described=described, policy=policy, look=look, context=context, is_found=False)


def _colour(look: Look) -> str:
    return look.palettes[0].main if look.palettes else HOUSE_COLOUR


def _letter(name: str) -> str:
    plain = normalize("NFD", name.strip())
    return next((one.upper() for one in plain if one.isascii() and one.isalnum()), "B")


@lru_cache(maxsize=32)
def _drawn(size: int, letter: str, colour: str, logo: str) -> bytes:
    """Return the icon as PNG."""
    square = Image.new("RGB", (size, size), "#ffffff" if logo else colour)
    if logo:
        room = int(size * SHARE_OF_LOGO)
        with default_storage.open(logo) as file, Image.open(file) as opened:
            picture = opened.convert("RGBA")
        picture.thumbnail((room, room))
        square.paste(picture, ((size - picture.width) // 2, (size - picture.height) // 2), picture)
    else:
        ink = palette(colour=colour, mode=LIGHT).ink
        font = ImageFont.load_default(size * SHARE_OF_LETTER)
        ImageDraw.Draw(square).text((size / 2, size / 2), letter, fill=ink, font=font, anchor="mm")
    held = BytesIO()
    square.save(held, format="PNG", optimize=True)
    return held.getvalue()
