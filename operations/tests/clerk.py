"""Somebody behind the counter, in a real browser: real keys, real clicks that hit what lies on top, and both counted."""

import time
from typing import Any

from operations.tests.chromium import BrowserError, Tab

PATIENCE = 20.0
KEYS = {"Enter": 13, "Escape": 27, "Tab": 9, "F2": 113, "F8": 119, "ArrowDown": 40, "Backspace": 8}
PLACE = """
(async () => {
  const place = () => {
    const found = [...document.querySelectorAll(%s)].find((one) => one.getClientRects().length && !one.disabled);
    if (!found) return null;
    found.scrollIntoView({ block: "center" });
    const { left, top, width, height } = found.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    const hit = document.elementFromPoint(x, y);
    return hit && (hit === found || found.contains(hit) || hit.contains(found)) ? [x, y] : null;
  };
  const before = place();
  if (!before) return null;
  await new Promise((done) => setTimeout(done, 20));
  const now = place();
  return now && now[0] === before[0] && now[1] === before[1] ? now : null;
})()
"""


class Clerk:
    """Who sells. `pace`: seconds for each letter typed, none for a scanner."""

    def __init__(self, tab: Tab, *, pace: float = 0.0) -> None:
        self.tab, self.pace = tab, pace
        self.clicks = 0

    def click(self, what: str) -> None:
        """Click what a selector finds, once it is there, stands still and has nothing lying over it."""
        x, y = self.until(PLACE % repr(what), why=what)
        self.clicks += 1
        for kind in ("mousePressed", "mouseReleased"):
            self.tab.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str) -> None:
        """Press a key that writes nothing."""
        text = {"text": "\r"} if key == "Enter" else {}
        which = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        self.tab.call("Input.dispatchKeyEvent", type="keyDown", **which, **text)
        self.tab.call("Input.dispatchKeyEvent", type="keyUp", **which)

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        for letter in text:
            self.tab.call("Input.dispatchKeyEvent", type="keyDown", key=letter, text=letter)
            self.tab.call("Input.dispatchKeyEvent", type="keyUp", key=letter)
            time.sleep(self.pace)

    def scan(self, code: str) -> None:
        """Let a scanner read a code: at once, and then Enter."""
        for letter in code:
            self.tab.call("Input.dispatchKeyEvent", type="keyDown", key=letter, text=letter)
        self.press("Enter")

    def until(self, expression: str, *, why: str = "") -> Any:
        """Wait until an expression on the page is true, and return it."""
        deadline = time.monotonic() + PATIENCE
        while not (found := self._now(expression)):
            assert time.monotonic() < deadline, f"{why or expression} did not come: {self.said()[:1500]}"
            time.sleep(0.03)
        return found

    def _now(self, expression: str) -> Any:
        try:
            return self.tab.run(expression)
        except BrowserError:  # between two pages
            return None

    def reload(self, *, forgetting: bool = False) -> None:
        """Load the page once more; `forgetting` what the tab keeps, as if it were another till."""
        self.tab.run(f"window.stale = true; {'sessionStorage.clear(); ' if forgetting else ''}location.reload()")
        self.until("!window.stale && document.readyState === 'complete'", why="the page once more")

    def sees(self, text: str) -> None:
        """Wait until the page shows a text, in capitals too: a badge has them once its style is there."""
        shown = "document.body.innerText.replaceAll('\\u00a0', ' ')"
        self.until(f"[{text!r}, {text.upper()!r}].some((words) => {shown}.includes(words))", why=text)

    def due(self, amount: str) -> None:
        """Wait until so much is to be paid."""
        settled = "!document.querySelector('.is-pricing')"
        shown = f"document.querySelector('.counter-total strong').textContent === {amount!r}"
        self.until(f"{settled} && {shown}", why=f"{amount} to pay")

    def said(self) -> str:
        """Return what the page says."""
        return str(self.tab.run("document.body ? document.body.innerText : ''"))
