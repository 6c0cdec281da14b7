"""A buyer in front of the shop window, in a real browser: taps what can be tapped, types, and says what is wrong."""

import contextlib
import os
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

from django.contrib.staticfiles import finders

from operations.tests.chromium import BrowserError, Tab
from operations.tests.looking import IN_THE_DARK, LOOK, SIDEWAYS, seen_by_axe
from operations.tests.test_signing_in_browser import PRESS
from operations.tests.walks.person import keep
from scheduling.tests.factories import MONDAY, Salon, salon
from shop import services as shop
from storefront.tests.shop import OWNER, on_sale, variant
from window import built

PATIENCE = 20_000
PAGES_ON_THE_WAY = 5
PHONE = 390
LOADED = """
new Promise((done) => {
  const began = Date.now();
  const look = () => {
    const found = [...document.querySelectorAll(%s)].some((one) => !one.disabled && one.textContent.includes(%s));
    if (found || Date.now() - began > %d) done(found); else setTimeout(look, 40);
  };
  look();
})
"""
CUT = """
[...document.querySelectorAll(".price, .card-name, h1")]
  .filter((one) => one.getBoundingClientRect().right > one.closest(".card, main").getBoundingClientRect().right)
  .map((one) => "cut off: " + one.textContent)
"""
MARK = """
(() => {
  const found = [...document.querySelectorAll(%s)].find((one) => !one.disabled && one.textContent.includes(%s));
  document.querySelectorAll("[data-next]").forEach((one) => one.removeAttribute("data-next"));
  found.setAttribute("data-next", "");
})()
"""


class Buyer:
    """A person with a browser."""

    def __init__(self, tab: Tab, *, url: str) -> None:
        self.tab, self.url, self.width = tab, url, PHONE
        wanted = os.environ.get("WINDOW_PICTURES", "")
        self.album = Path(wanted) if wanted else None

    def open(self, path: str) -> None:
        self.tab.open(self.url + path, width=self.width)

    def sees(self, what: str, text: str = "") -> None:
        """Wait for something that can be used and says `text`."""
        found = False
        for _page in range(PAGES_ON_THE_WAY):
            with contextlib.suppress(BrowserError):  # the page that was looked at is left for another
                found = self.tab.run(LOADED % (repr(what), repr(text), PATIENCE))
                break
        assert found, f"no {what} says {text!r}: {self.said()}"

    def taps(self, what: str, text: str = "") -> None:
        self.sees(what, text)
        self.tab.run(MARK % (repr(what), repr(text)))
        assert not (problem := self.tab.run(PRESS % repr("[data-next]"))), problem

    def types(self, label: str, text: str) -> None:
        """Type into the field of that label, as a keyboard does."""
        self.sees("label", label)
        self.tab.run(
            f"[...document.querySelectorAll('label')].find((one) => one.textContent.startsWith({label!r}))"
            ".querySelector('input, textarea').select()"
        )
        self.tab.call("Input.insertText", text=text)

    def said(self) -> str:
        return str(self.tab.run("location.href + ' ' + document.body.innerText"))

    def until(self, done: Callable[[str], bool]) -> str:
        """Wait until the page says what is waited for, and return it."""
        for _ in range(200):
            try:
                if done(said := self.said()):
                    return said
                self.tab.run("new Promise((done) => setTimeout(done, 50))")
            except BrowserError:  # between two pages
                continue
        raise AssertionError(self.said())

    def is_cut_off(self, *, from_: str) -> None:
        """Let nothing of the shop answer whose address holds that, until somebody calls `is_back`."""
        self.tab.run(
            "window.reach ??= fetch; window.missed = 0;"
            " window.fetch = async (...words) => { const url = String(words[0].url ?? words[0]);"
            f" if (!url.includes({from_!r})) return reach(...words); missed++; throw new TypeError('lost'); }}; 0"
        )

    def is_back(self, *, after: int) -> None:
        """Let the shop answer again, once that many questions went unanswered and the page has drawn that."""
        self.until(lambda _said: self.tab.run("missed") >= after)
        self.tab.run("new Promise((done) => setTimeout(done, 300)).then(() => { window.fetch = reach; })")

    def takes(self, name: str) -> None:
        """Take a picture for the pages about the window, where somebody wants pictures."""
        if self.album is not None:
            keep(
                b64decode(self.tab.call("Page.captureScreenshot", format="png")["data"]),
                file=self.album / f"{name}.webp",
            )

    def flaws(self) -> list[str]:
        """Return what keeps somebody from using the page, also on the narrowest phone."""
        found = seen_by_axe(self.tab, LOOK) + self._unreadable_in_the_dark()
        for width in (360, self.width):
            self.tab.call(
                "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
            )
            found += self.tab.run(CUT)
            wide = self.tab.run(SIDEWAYS)
            found += [f"scrolls sideways by {wide} px at {width}"] if wide > 0 else []
        return found

    def _unreadable_in_the_dark(self) -> list[str]:
        """Return what axe says of the colours that a phone in its dark mode shows."""
        for scheme in ("dark", "light"):
            features = [{"name": "prefers-color-scheme", "value": scheme}]
            self.tab.call("Emulation.setEmulatedMedia", features=features)
            if scheme == "dark":
                found = seen_by_axe(self.tab, IN_THE_DARK)
        return found


def cakes_and_haircuts(*, methods: str) -> Salon:
    """Open a shop with cakes, and with Ana and Bia who cut hair; its window is the one that was built."""
    # There may have been no folder of the build before.
    finders.get_finder.cache_clear()  # type: ignore[attr-defined]
    built.assets.cache_clear()
    on_sale("Bolo de cenoura", variant("BOLO", "42.00"), stock=3)
    shop.set_policy(key="payment_methods", value=methods, actor=OWNER, now=MONDAY)
    return salon(names=("Ana", "Bia"))


def buys_a_cake(buyer: Buyer) -> None:
    """Put a cake into the cart and look at that."""
    buyer.open("/produto/bolo-de-cenoura")
    buyer.taps("button", "Adicionar ao carrinho")
    buyer.taps("a", "Ver carrinho")


def books_a_haircut(buyer: Buyer) -> None:
    """Put a haircut at two into the cart, whoever cuts."""
    buyer.taps(".top-link", "Agendar")
    buyer.taps(".pick", "Corte")
    buyer.taps(".times button", "14:00")
    buyer.taps("button", "Reservar 14:00")
    buyer.sees(".cart li", "Corte")


def fills_in(buyer: Buyer, *, method: str = "Na loja") -> None:
    """Say who buys and how it is paid."""
    buyer.types("Nome completo", "Ana Souza")
    buyer.types("E-mail", "ana@cliente.example")
    buyer.taps(".pick", method)
