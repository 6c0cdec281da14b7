"""Buyers, each a well-behaved program: one key for one wish, and pauses as long as the shop says."""

import http.client
import json
import random
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from ipaddress import IPv4Address
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from devstack.ports import LOOPBACK

BUYERS = 20
PATIENCE = 30.0
"""Seconds after which a buyer's program takes an answer for lost."""

INSISTS = 300.0
"""Seconds after which a buyer goes home without having been answered."""

POLITE = ("busy", "database_unavailable")
REFUSALS = ("out_of_stock", "slot_taken", "slot_unavailable", "total_changed")
"""What a buyer chooses anew for; the total changes where a line that was taken for lost came after all."""


@dataclass(frozen=True)
class Front:
    """Where the shop and its provider of payments are reached, by whom, and who pauses how long before each request."""

    port: int
    trusted: ssl.SSLContext
    skus: Sequence[str]
    professionals: Sequence[str]
    first_day: date
    pays_at: int | None = None
    """Nobody pays by Pix where there is no provider."""

    host: str = LOOPBACK
    name: str = "localhost"
    first_address: str = "127.0.0.2"
    """The first buyer's; every other has the next one."""

    thinks: tuple[float, float] = (0.3, 1.2)


@dataclass(frozen=True)
class Answer:
    """What came back and when, in seconds of the monotonic clock. Status 0: no answer, `what` says why."""

    at: float
    took: float
    status: int
    what: str
    is_trouble: bool
    """Whether it has to be asked again."""
    is_impolite: bool
    """Whether no shop should say that: a 5xx that is no 503 with Retry-After, or a refusal that makes no sense."""


class GoneHomeError(Exception):
    """A buyer was not answered for so long that they gave up."""


@dataclass
class Heard:
    """What all buyers asked for and were told."""

    answers: list[Answer] = field(default_factory=list)
    orders: dict[str, str] = field(default_factory=dict)
    """By the mailbox of whoever wanted it, its number; empty where nobody has acknowledged it."""
    visits: dict[str, str] = field(default_factory=dict)
    paid: set[str] = field(default_factory=set)
    gone_home: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def since(self, at: float) -> list[Answer]:
        """Return what was answered from then on."""
        return [one for one in self.answers if one.at >= at]

    def statuses(self, since: float) -> Counter[int]:
        """Count the answers by status."""
        return Counter(one.status for one in self.since(since))


class Line(http.client.HTTPConnection):
    """A connection to the shop by TLS, from an address of the buyer's own."""

    default_port = http.client.HTTPS_PORT

    def __init__(self, front: Front, *, address: str) -> None:
        super().__init__(front.name, front.port, timeout=PATIENCE)
        self._front, self._address = front, address

    def connect(self) -> None:
        """Connect. Raises OSError."""
        there, mine = (self._front.host, self.port), (self._address, 0)
        plain = socket.create_connection(there, timeout=PATIENCE, source_address=mine)
        self.sock = self._front.trusted.wrap_socket(plain, server_hostname=self._front.name)


class Buyer:
    """One of them."""

    def __init__(self, front: Front, *, number: int, heard: Heard) -> None:
        self._front, self._heard, self._dice = front, heard, random.Random(number)
        self._line = Line(front, address=str(IPv4Address(front.first_address) + number))

    def live(self) -> None:
        """Shop until it is over; what has begun is insisted on."""
        deeds = [self.buy_on_site, self.book, *([self.buy_by_pix] if self._front.pays_at else [])]
        while not self._heard.is_over.is_set():
            try:
                self.look()
                self._dice.choice(deeds)()
            except GoneHomeError as given_up:
                self._heard.gone_home.append(str(given_up))
            except (LookupError, OSError, TypeError) as odd:  # an answer that is none
                self._heard.gone_home.append(repr(odd))
        self._line.close()

    def look(self) -> None:
        """Read the list and one of its goods."""
        self._insist("GET", "/api/v1/products/?page_size=20")
        self._insist("GET", f"/api/v1/variants/{self._dice.choice(self._front.skus)}/availability/?quantity=1")

    def buy_on_site(self) -> None:
        """Order, to be paid at the counter."""
        self._order("on_site")

    def buy_by_pix(self) -> None:
        """Order, and pay with an app of a bank."""
        order = self._order("pix")
        if order is None:
            return
        access = {"Authorization": f"Order {order['access_token']}"}
        path = f"/api/v1/orders/{order['number']}"
        key = str(uuid4())
        status, payment = self._insist(
            "POST", f"{path}/payments/", {"method": "pix"}, **access, **{"Idempotency-Key": key}
        )
        if status == 201 and self._pay(payment["pix"]["copy_paste"]):
            self._heard.paid.add(order["number"])
            self._insist("GET", f"{path}/", **access)

    def book(self) -> None:
        """Choose a time of somebody, and take it."""
        day = self._front.first_day + timedelta(days=self._dice.randrange(2, 50))
        who = self._dice.choice(self._front.professionals)
        _status, free = self._insist("GET", f"/api/v1/slots/?service=CORTE&from={day}&to={day}&professional={who}")
        if not free.get("slots"):
            return
        mailbox = f"{uuid4().hex}@example.com"
        wish = {
            "services": ["CORTE"], "professional": who, "customer": {"name": "Bia Lima", "email": mailbox},
            "starts_at": self._dice.choice(free["slots"])["starts_at"],
        }  # fmt: skip
        self._heard.visits[mailbox] = ""
        status, visit = self._insist("POST", "/api/v1/appointments/", wish, **{"Idempotency-Key": str(uuid4())})
        self._heard.visits[mailbox] = str(visit["id"]) if status == 201 else ""

    def _order(self, method: str) -> Any:
        """Fill a cart in two steps and order it; None where it was sold out."""
        first, second = self._dice.sample(list(self._front.skus), 2)
        status, cart = self._insist("POST", "/api/v1/carts/", {"lines": [{"sku": first, "quantity": 1}]})
        if status == 201:
            line = {"sku": second, "quantity": 2}
            status, cart = self._insist("POST", f"/api/v1/carts/{cart['id']}/lines/", line)
        if status != 201:
            return None
        mailbox = f"{uuid4().hex}@example.com"
        wish = {
            "cart": cart["id"], "expected_total": cart["total"], "payment_method": method,
            "customer": {"name": "Ana Lima", "email": mailbox}, "fulfilment": {"method": "pickup"},
        }  # fmt: skip
        self._heard.orders[mailbox] = ""
        status, order = self._insist("POST", "/api/v1/orders/", wish, **{"Idempotency-Key": str(uuid4())})
        if status != 201:
            return None
        self._heard.orders[mailbox] = order["number"]
        return order

    def _pay(self, text: str) -> bool:
        """Pay as the app of a bank does; say whether the bank took it."""
        bank = http.client.HTTPConnection(LOOPBACK, self._front.pays_at, timeout=PATIENCE)
        try:
            bank.request("GET", f"/scan/?text={quote(text)}")
            page = bank.getresponse()
            page.read()
            place = page.headers.get("Location", "")
            bank.request("POST", place, "act=pay", {"Content-Type": "application/x-www-form-urlencoded"})
            paid = bank.getresponse()
            paid.read()
            return paid.status == 302
        finally:
            bank.close()

    def _insist(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Ask, with the same key each time, until the answer is one that stays. Raises GoneHomeError."""
        self._pause(self._dice.uniform(*self._front.thinks))
        give_up_at = time.monotonic() + INSISTS
        while True:
            answer, content, retry_after = self._ask(method, path, body, headers)
            if not answer.is_trouble:
                return answer.status, content
            if time.monotonic() > give_up_at:
                raise GoneHomeError(f"{method} {path}: {answer.status} {answer.what}")
            self._pause(retry_after + self._dice.uniform(0, 0.5))

    def _ask(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> tuple[Answer, Any, float]:
        began = time.monotonic()
        try:
            text = None if body is None else json.dumps(body)
            self._line.request(method, path, text, {"Content-Type": "application/json", **headers})
            found = self._line.getresponse()
            status, told, content = found.status, found.headers, json.loads(found.read())
        except (OSError, http.client.HTTPException, ValueError) as lost:
            self._line.close()
            status, told, content = 0, http.client.HTTPMessage(), {"code": type(lost).__name__}
        code = content.get("code", "") if isinstance(content, dict) else ""
        now = time.monotonic()
        answer = Answer(
            at=now, took=now - began, status=status, what=f"{method} {path.partition('?')[0]} {code}",
            is_trouble=status in (0, 429) or status >= 500 or code == "idempotency_in_progress",
            is_impolite=is_impolite(status, code, told),
        )  # fmt: skip
        self._heard.answers.append(answer)
        return answer, content, float(told.get("Retry-After") or 1)

    def _pause(self, seconds: float) -> None:
        threading.Event().wait(seconds)


def is_impolite(status: int, code: str, headers: http.client.HTTPMessage) -> bool:
    """Say whether no shop should answer that: a 5xx that is no 503 with Retry-After, or a refusal without sense."""
    if status == 503:
        return code not in POLITE or not headers.get("Retry-After")
    if status == 429:
        return not headers.get("Retry-After")
    return status >= 400 and code not in (*REFUSALS, "idempotency_in_progress")


@contextmanager
def buying(front: Front, *, buyers: int = BUYERS) -> Iterator[Heard]:
    """Let them shop for the length of a block; at its end everybody has what they wanted, or has gone home."""
    heard = Heard()
    people = [
        threading.Thread(target=Buyer(front, number=number, heard=heard).live, daemon=True) for number in range(buyers)
    ]
    for one in people:
        one.start()
    try:
        yield heard
    finally:
        heard.is_over.set()
    for one in people:  # nobody is waited for where the block ended in an accident
        one.join(timeout=INSISTS + PATIENCE)
