"""The way through the cart and the checkout with a keyboard alone, and what a screen reader is told on it."""

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from time_machine import Traveller

from operations.tests.buyer import Buyer, buys_a_cake, cakes_and_haircuts
from operations.tests.chromium import Tab
from orders.models import Order
from scheduling.tests.factories import MONDAY

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

KEYS = {"Tab": 9, "Enter": 13, " ": 32}
MOST_STOPS = 40
FOCUSED = """
(() => {
  const one = document.activeElement;
  if (one === document.body) return ["", true];
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  const said = one.closest("label")?.innerText || one.innerText || one.ariaLabel || "";
  return [said.trim(), outlineStyle !== "none" && parseFloat(outlineWidth) >= 2];
})()
"""
USED = {"button", "checkbox", "combobox", "link", "radio", "searchbox", "textbox"}
"""Roles of what people use."""


@pytest.fixture
def typist(a_window: None, tab: Tab, live_server: LiveServer, settings: Settings, time_machine: Traveller) -> "Typist":
    time_machine.move_to(MONDAY, tick=True)
    settings.PUBLIC_URL = live_server.url
    cakes_and_haircuts(methods="on_site,transfer")
    return Typist(tab, url=live_server.url)


class Typist(Buyer):
    """Who uses no pointer."""

    def press(self, key: str) -> None:
        """Press a key."""
        code = "Space" if key == " " else key
        text = {" ": " ", "Enter": "\r"}.get(key)
        which = {"key": key, "code": code, "windowsVirtualKeyCode": KEYS[key]}
        self.tab.call("Input.dispatchKeyEvent", type="keyDown", **which, **({"text": text} if text else {}))
        self.tab.call("Input.dispatchKeyEvent", type="keyUp", **which)

    def reaches(self, words: str) -> None:
        """Go on with Tab until that has the focus; wherever one stands can be seen."""
        met = []
        for _stop in range(MOST_STOPS):
            self.press("Tab")
            said, is_shown = self.tab.run(FOCUSED)
            met.append(said.splitlines()[0] if said else "")
            assert is_shown or not said, f"nobody sees that {said[:80]!r} has the focus"
            if said.startswith(words):
                return
        raise AssertionError(f"{words!r} is not reached: {met}")

    def hears(self) -> list[tuple[str, str]]:
        """Return role and name of what a screen reader offers on the page, in its order."""
        self.tab.call("Accessibility.enable")
        nodes = self.tab.call("Accessibility.getFullAXTree")["nodes"]
        told = [one for one in nodes if not one.get("ignored")]
        return [(one["role"]["value"], one.get("name", {}).get("value", "")) for one in told if "role" in one]


@pytest.mark.smoke
def test_an_order_is_placed_with_a_keyboard_alone(typist: Typist) -> None:
    buys_a_cake(typist)
    typist.sees("a", "Finalizar pedido")
    typist.reaches("Finalizar pedido")
    typist.press("Enter")
    typist.sees("button", "Confirmar pedido")
    assert typist.tab.run("document.activeElement.id") == "main"  # a reader begins with the new page
    for label, text in (("Nome completo", "Ana Souza"), ("E-mail", "ana@cliente.example")):
        typist.reaches(label)
        typist.tab.call("Input.insertText", text=text)
    typist.reaches("Na loja")  # the first of the group; arrows lead to the others
    typist.press(" ")
    typist.reaches("Confirmar pedido")
    typist.press("Enter")
    typist.until(lambda said: "Pedido confirmado" in said)
    order = Order.objects.get()
    assert (order.payment_method, order.contact.email) == ("on_site", "ana@cliente.example")


def test_a_screen_reader_is_told_what_everything_is(typist: Typist) -> None:
    buys_a_cake(typist)
    typist.taps("a", "Finalizar pedido")
    typist.sees("button", "Confirmar pedido")
    told = typist.hears()
    assert [role for role, name in told if role in USED and not name.strip()] == []
    assert ("heading", "Finalizar pedido") in told
    for role, name in (
        ("textbox", "Nome completo"), ("textbox", "E-mail"), ("combobox", "Dia"), ("combobox", "Horário"),
        ("radio", "Na loja"), ("button", "Confirmar pedido"),
    ):  # fmt: skip
        assert any(one == role and said.startswith(name) for one, said in told), (role, name, told)
    groups = [name for role, name in told if role in {"group", "radiogroup"}]
    assert {"Seus dados", "Quando você retira?", "Como você quer pagar?"} <= set(groups)
    places = [role for role, _name in told]
    assert [one for one in ("banner", "navigation", "main", "contentinfo") if one not in places] == []
