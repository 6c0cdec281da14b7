"""A new customer with a phone at the shop window: from the first page to a paid cake and haircut, then moved and cancelled.

A field is tapped once and the next is reached with the keyboard; what counts as a tap is a finger on the glass.
"""

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from operations.tests.chromium import BrowserError
from operations.tests.walks.person import A_CLICK, Person, js

PATIENCE = 60.0
A_LOOK = 3.0
FIELD = """
(() => {
  const label = [...document.querySelectorAll("label")].find((one) => one.textContent.startsWith(%(words)s));
  const field = label?.control ?? document.querySelector(`[aria-label="${CSS.escape(%(words)s)}"]`);
  if (!field) return null;
  %(do)s
})()
"""
PLACE = """
  field.scrollIntoView({ block: "center" });
  const { left, top, width, height } = field.getBoundingClientRect();
  return [left + width / 2, top + height / 2];
"""
LAST_TIME = "[...document.querySelectorAll('.times button')].at(-1)?.innerText.trim()"
AT_THE_SERVICE = "a.button[rel=noreferrer]"
_ASK = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Errand:
    """What is bought, by the words on it."""

    cake: str
    cut: str
    name: str = "Ana Souza"
    email: str = "ana@cliente.example"


@dataclass(frozen=True)
class Taken:
    """What a part of the way took: taps, seconds at a person's pace, and seconds that passed."""

    name: str
    taps: int
    seconds: float
    passed: float


class Customer(Person):
    """Who has never been here. `works`: what the shop does meanwhile, where nobody else does it."""

    works: Callable[[], object] = staticmethod(lambda: None)

    def sees_all(self, *texts: str) -> None:
        """Wait until the page says all of that."""
        self._reads(lambda said: all(text in said for text in texts), why=str(texts))

    def sees_one(self, *texts: str) -> str:
        """Wait until the page says one of these, and return which."""
        said = self._reads(lambda said: any(text in said for text in texts), why=str(texts))
        return next(text for text in texts if text in said)

    def _reads(self, done: Callable[[str], bool], *, why: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while True:
            self.works()
            try:
                said = self.said().replace("\xa0", " ")
            except BrowserError:  # between two pages
                said = ""
            if done(said):
                return said
            assert time.monotonic() < deadline, f"{why} did not come: {said[:1500]}"
            time.sleep(0.05)

    def taps_into(self, label: str, text: str) -> None:
        """Tap a field and type."""
        self._hit(*self.until(FIELD % {"words": js(label), "do": PLACE}, why=f"the field {label!r}"))
        self._is_in(label)
        self.type(text)

    def goes_on_to(self, label: str, text: str) -> None:
        """Go to the next field with the keyboard and type."""
        self.press("Tab")
        self._is_in(label)
        self.type(text)

    def _is_in(self, label: str) -> None:
        focused = "return document.activeElement === field;"
        self.until(FIELD % {"words": js(label), "do": focused}, why=f"the focus in {label!r}")

    def pays_at_the_bank(self) -> None:
        """Pay the Pix that is shown with the bank's app, which is another program."""
        address = self.until(f"document.querySelector({AT_THE_SERVICE!r})?.href", why="the Pix")
        try:
            _ASK.open(address, data=urlencode({"act": "pay"}).encode(), timeout=30).close()
        except urllib.error.HTTPError as led:  # it leads back into the shop, which this program need not see
            led.close()


class Purchase:
    """The way of one customer; `done` collects what each part of it took."""

    def __init__(self, customer: Customer, errand: Errand, *, between: Callable[[], object] = lambda: None) -> None:
        self.customer, self.errand, self.between = customer, errand, between
        self.done: list[Taken] = []
        self.again = 0  # taps on what did not work the first time

    def measured(self, name: str, part: Callable[[], None]) -> None:
        """Do a part of the way and note what it took."""
        one, began = self.customer, time.monotonic()
        taps, seconds = one.clicks, one.seconds
        part()
        self.done.append(Taken(name, one.clicks - taps, one.seconds - seconds, time.monotonic() - began))

    def until_it_is_paid(self) -> None:
        """From the first page to the words that say it is paid."""
        for name, part in (
            ("um bolo no carrinho", self._cake),
            ("um corte no mesmo carrinho", self._cut),
            ("quem compra e como paga", self._order),
            ("o Pix copiado e pago", self._pay),
        ):
            self.measured(name, part)

    def _cake(self) -> None:
        one = self.customer
        one.opens("/")
        one.taps_into("Buscar", self.errand.cake)
        one.reads()
        one.touches(".card", self.errand.cake)
        one.presses("Adicionar ao carrinho")
        one.sees_all("Está no seu carrinho")

    def _cut(self) -> None:
        one = self.customer
        one.presses("Agendar")
        one.touches(".pick", self.errand.cut)
        one.touches(".times button", ":")  # the first time there is
        self.between()
        one.touches("button", "Reservar")
        while one.sees_one("Seu carrinho", "Confira sua internet") != "Seu carrinho":
            time.sleep(A_LOOK)  # what was chosen stands there still, and the button beside it
            if "Seu carrinho" not in one.said():
                one.touches("button", "Reservar")
                self.again += 1
        one.sees_all(self.errand.cake, self.errand.cut)

    def _order(self) -> None:
        one = self.customer
        one.presses("Finalizar pedido")
        one.taps_into("Nome completo", self.errand.name)
        one.goes_on_to("E-mail", self.errand.email)
        one.touches(".pick", "Pix")
        one.touches("button", "Confirmar e pagar")
        one.sees_all("Pix copia e cola")

    def _pay(self) -> None:
        one = self.customer
        one.presses("Copiar o código")
        one.pays_at_the_bank()
        one.sees_all("Pago", "Ver o pedido")

    def changes_of_mind(self) -> None:
        """Move the visit, then call everything off and see the money go back."""
        self.measured("o horário mudado", self._move)
        self.measured("tudo cancelado e devolvido", self._cancel)

    def _move(self) -> None:
        one = self.customer
        one.presses("Ver o pedido")
        one.sees_all("Pedido confirmado", "Pagamento recebido")
        one.presses("Ver ou mudar")
        one.presses("Mudar o horário")
        later = str(one.until(LAST_TIME, why="a time to move to"))
        one.touches(".times button", later)
        one.touches("button", "Mudar para")
        one.sees_all("Pronto: mudamos para", later)

    def _cancel(self) -> None:
        one = self.customer
        one.opens(f"/pedido/{self.number()}")
        one.presses("Cancelar pedido")
        one.presses("Sim, cancelar")
        one.sees_all("Pedido cancelado", "Devolvido")

    def number(self) -> str:
        """Return the number of the order, which the browser knows."""
        kept = "Object.keys(localStorage).find((name) => name.startsWith('balcao.order.'))?.split('.')[2]"
        return str(self.customer.until(kept, why="the order"))

    @property
    def taps(self) -> int:
        """How many taps the whole way took."""
        return sum(one.taps for one in self.done)

    @property
    def seconds(self) -> float:
        """How long hands and the shop took together, each after the other."""
        return sum(one.seconds + one.passed for one in self.done)


def table(done: list[Taken]) -> str:
    """Return what each part took, for whoever reads the terminal."""
    rows = [f"{one.taps:5} {one.seconds:7.1f} {one.passed:8.1f}  {one.name}" for one in done]
    return "\n".join(["", "toques    mãos     loja", *rows, f"(um toque: {A_CLICK:.0f} s; cinco letras por segundo)"])
