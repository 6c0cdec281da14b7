"""A person at the desk, in a real browser: finds what to press by the words on it, types, counts, and looks at pages.

Letters cost a fifth of a second each, a click costs one second: the pace of somebody who knows the page. The pace is
counted and not waited for, so a slow machine measures the same.
"""

import json
import threading
from base64 import b64decode
from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.test import Client
from PIL import Image

from accounts.models import User
from operations.tests.chromium import Tab
from operations.tests.clerk import Clerk
from operations.tests.looking import flaws

A_LETTER, A_CLICK = 0.2, 1.0
READING = 0.7
SAID = r"""
const said = (one) => {
  const copy = one.cloneNode(true);
  copy.querySelectorAll(".material-symbols-outlined, script, style, svg").forEach((icon) => icon.remove());
  return (copy.textContent.trim() || one.value || one.ariaLabel || one.title || "").replace(/\s+/g, " ").trim();
};
const there = (one) => one.getClientRects().length && !one.disabled && getComputedStyle(one).visibility !== "hidden";
const within = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
"""
PRESSED = "a, button, summary, label, input[type=submit], input[type=button], [role=button], [role=option], [role=tab]"
WORDS = """
(() => {
  if (document.readyState !== "complete") return null;
  %(said)s
  const words = %(words)s;
  const all = [...within.querySelectorAll(%(pressed)s)].filter(there);
  const near = %(near)s;
  const close = (one) => !near || [...document.querySelectorAll(near)].some((place) => place.contains(one));
  const fits = (text) => %(partly)s ? text.includes(words) : text === words;
  const found = all.filter(close).find((one) => fits(said(one)));
  if (!found) return null;
  found.scrollIntoView({ block: "center" });
  const box = [...found.getClientRects()].find(({ width, height }) => width && height);
  if (!box) return null;
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const hit = document.elementFromPoint(x, y);
  return hit && (hit === found || found.contains(hit) || hit.contains(found)) ? [x, y] : null;
})()
"""
FIELD = """
(() => {
  %(said)s
  const words = %(words)s;
  const bare = (text) => text.replace(/\\s*\\*$/, "").trim();
  const named = within.querySelectorAll(`[name="${CSS.escape(words)}"]`);
  const label = [...within.querySelectorAll("label, legend")].filter(there).find((one) => bare(said(one)) === words);
  const field = [...named].find(there)
    ?? (label && (label.control ?? label.closest(".field-line, .form-row, div")?.querySelector("input, select, textarea")))
    ?? [...within.querySelectorAll("input, select, textarea")].filter(there).find((one) => (one.ariaLabel || one.placeholder) === words);
  return %(do)s;
})()
"""


def keep(taken: bytes, *, file: Path) -> None:
    """Write a picture down as small as it may be and still be read."""
    with Image.open(BytesIO(taken)) as picture:
        picture.convert("RGB").save(file, format="WEBP", quality=70, method=6)


def js(value: object) -> str:
    """Write a value as JavaScript does."""
    return json.dumps(value)


class Person(Clerk):
    """Who does a job at the desk; `faults` collects what was wrong with the pages on the way."""

    def __init__(self, tab: Tab, *, server: str, width: int, folder: Path, album: Path | None = None) -> None:
        super().__init__(tab)
        self.server, self.width, self.folder, self.album = server, width, folder, album
        self.letters = 0
        self.faults: list[str] = []

    @property
    def phone(self) -> bool:
        """Whether the page is a phone's."""
        return self.width < 700

    @property
    def seconds(self) -> float:
        """How long a person would have had their hands on it."""
        return self.letters * A_LETTER + self.clicks * A_CLICK

    def said(self) -> str:
        """Return what the page says, without its menu."""
        return str(
            self.tab.run(
                "(document.querySelector('dialog[open]') ?? document.getElementById('main') ?? document.body).innerText"
            )
        )

    def becomes(self, user: User) -> None:
        """Sign in as a member of the team."""
        browser = Client()
        browser.force_login(user)
        key = browser.cookies[settings.SESSION_COOKIE_NAME].value
        self.tab.keep_cookie(name=settings.SESSION_COOKIE_NAME, value=key, url=self.server)

    def opens(self, path: str) -> None:
        """Begin at a page."""
        self.tab.open(self.server + path, width=self.width)

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        self.letters += len(text)
        super().type(text)

    def click(self, what: str) -> None:
        """Click what a selector finds, once the page is whole."""
        self.until("document.readyState === 'complete'", why="the whole page")
        super().click(what)

    def presses(self, words: str, *, near: str = "") -> None:
        """Click what these words stand on; `near`, a selector, where they stand more than once."""
        self._press(PRESSED, words=words, near=near, partly=False)

    def touches(self, what: str, words: str) -> None:
        """Click the first thing a selector finds with these words somewhere in it."""
        self._press(what, words=words, near="", partly=True)

    def reads(self) -> None:
        """Read what the page says; a page that shows the change waits for that."""
        threading.Event().wait(READING)

    def picks(self, words: str) -> None:
        """Open the row of a list that has these words, by its link."""
        row = f"[...document.querySelectorAll('#result_list tr')].find((one) => one.innerText.includes({js(words)}))"
        link = self.until(f"{row}?.querySelector('a')?.getAttribute('href')", why=f"a row with {words!r}")
        self.click(f"#result_list a[href={js(link)}]")

    def _press(self, what: str, *, words: str, near: str, partly: bool) -> None:
        holes = {"words": js(words), "pressed": js(what), "near": js(near), "partly": js(partly)}
        place = WORDS % {"said": SAID, **holes}
        before, found = None, self.until(place, why=f"{words!r} to press")
        while found != before:  # nobody hits what is still moving
            threading.Event().wait(0.05)
            before, found = found, self.until(place, why=f"{words!r} to press")
        self._hit(*found)

    def _hit(self, x: float, y: float) -> None:
        self.clicks += 1
        for kind in ("mousePressed", "mouseReleased"):
            self.tab.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def goes_to(self, words: str) -> None:
        """Press an entry of the menu, which a phone keeps behind a button."""
        if self.phone:
            self.click("[x-on\\:click*=sidebarMobileOpen]:not(div)")
        self.presses(words, near="#nav-sidebar")

    def fills(self, **fields: str) -> None:
        """Go to each field with the keyboard and type over what stands there, by the name of the field."""
        for name, text in fields.items():
            self.writes(name, text)

    def writes(self, label: str, text: str) -> None:
        """Go to the field with that label (or name) with the keyboard and type over what stands there."""
        act = "field ? (field.focus(), field.select?.(), document.activeElement === field) : null"
        self.until(FIELD % {"said": SAID, "words": js(label), "do": act}, why=f"the field {label!r}")
        if text:
            self.type(text)
        else:
            self.press("Backspace")

    def chooses(self, label: str, option: str) -> None:
        """Choose in a list of the page: one click, as a list opened and left counts."""
        act = f"""(() => {{
          const one = field && [...field.options].find((each) => each.text.trim() === {js(option)});
          if (!one) return null;
          field.value = one.value;
          field.dispatchEvent(new Event("input", {{ bubbles: true }}));
          field.dispatchEvent(new Event("change", {{ bubbles: true }}));
          return true;
        }})()"""
        self.until(FIELD % {"said": SAID, "words": js(label), "do": act}, why=f"{option!r} in the list {label!r}")
        self.clicks += 1

    def finds(self, label: str, text: str, option: str) -> None:
        """Search in a list that is searched by typing, and take what it finds: two clicks."""
        self.click(f"[name='{label}'] + .select2 .select2-selection")
        self.until("document.activeElement.matches('.select2-search__field')", why="where to search")
        self.type(text)
        self.touches(".select2-results__option", option)

    def sets(self, label: str, value: str) -> None:
        """Type a day or a time into a field that the browser divides into parts; counted by its digits."""
        act = f"""(() => {{
          if (!field) return null;
          field.value = {js(value)};
          field.dispatchEvent(new Event("input", {{ bubbles: true }}));
          field.dispatchEvent(new Event("change", {{ bubbles: true }}));
          return true;
        }})()"""
        self.until(FIELD % {"said": SAID, "words": js(label), "do": act}, why=f"the field {label!r}")
        self.letters += sum(letter.isdigit() for letter in value)

    def holds(self, label: str, value: str) -> None:
        """Wait until the field with that label (or name) holds a value."""
        act = f"field && field.value === {js(value)}"
        self.until(FIELD % {"said": SAID, "words": js(label), "do": act}, why=f"{value!r} in {label!r}")

    def arrives(self, text: str, *, picture: str = "") -> None:
        """Wait until the page says a text, and look at the page: nothing serious, nothing beyond the edge."""
        self.sees(text)
        self.until("document.readyState === 'complete'", why="the whole page")
        if picture:
            self.takes(picture)
        self.looks(text)

    def looks(self, where: str) -> None:
        """Note what keeps somebody from using the page."""
        page = self.tab.run("location.pathname")
        self.faults += [f"{page} ({where}) at {self.width} px: {one}" for one in flaws(self.tab)]

    def takes(self, name: str) -> None:
        """Take a picture for the manual, where somebody wants pictures."""
        if self.album is None:
            return
        self.tab.call("Emulation.setScrollbarsHidden", hidden=True)
        taken = self.tab.call("Page.captureScreenshot", format="png")["data"]
        self.tab.call("Emulation.setScrollbarsHidden", hidden=False)
        keep(b64decode(taken), file=self.album / f"{name}{'-celular' if self.phone else ''}.webp")

    def attaches(self, name: str, file: Path) -> None:
        """Choose a file of the machine in a field: one click."""
        field = f"[...document.querySelectorAll(\"[type=file][name='{name}']\")].at(0)"
        self.until(f"Boolean({field})", why=f"the field {name!r}")
        found = self.tab.call("Runtime.evaluate", expression=field)["result"]["objectId"]
        self.tab.call("DOM.setFileInputFiles", files=[str(file)], objectId=found)
        self.clicks += 1


def sits_down(user: User, *, tab: Tab, server: str, width: int, folder: Path) -> Person:
    """Return somebody who is signed in as a member of the team, and has no page before them yet."""
    person = Person(tab, server=server, width=width, folder=folder)
    person.becomes(user)
    return person
