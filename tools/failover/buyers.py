"""Buyers who want each order once: they repeat what was refused, under the same key, until it is acknowledged."""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from tools.bench.driver import Client

PAUSE = 0.2
PATIENCE = 120.0
LINES = 2
REFUSED = 503
LOST_CART = 404


@dataclass(frozen=True)
class Sale:
    """An order that was acknowledged: under which key and body, for what, and when by `time.monotonic`."""

    key: str
    email: str
    number: str
    wish: Mapping[str, Any]
    skus: Sequence[str]
    at: float


class Heard:
    """What the buyers were told.

    `writes`: when each request was sent that wrote something. `odd`: what nobody should hear. `carts_lost`: carts that
    were acknowledged and are not there.
    """

    def __init__(self) -> None:
        self.sales: list[Sale] = []
        self.writes: list[float] = []
        self.answers: Counter[int] = Counter()
        self.odd: list[str] = []
        self.carts_lost = 0
        self._guard = threading.Lock()

    def answered(self, *, status: int, body: Any, headers: Mapping[str, str], sent_at: float) -> None:
        """Note an answer."""
        is_polite = status == 201 or (status == REFUSED and headers.get("retry-after", "").isdigit())
        with self._guard:
            self.answers[status] += 1
            self.writes += [sent_at] if status == 201 else []
            self.odd += [] if is_polite or status == LOST_CART else [f"{status} {body}"]

    def sold(self, sale: Sale) -> None:
        """Note an order that was acknowledged."""
        with self._guard:
            self.sales.append(sale)

    def lost_cart(self) -> None:
        """Note a cart that is not there."""
        with self._guard:
            self.carts_lost += 1

    def failed(self, what: str) -> None:
        """Note what nobody should meet."""
        with self._guard:
            self.odd.append(what)

    def first_write_after(self, moment: float) -> float | None:
        """Return when the first request was sent after `moment` that wrote; None before there is one."""
        with self._guard:
            return min((at for at in self.writes if at > moment), default=None)


class Buyer:
    """One buyer's program."""

    def __init__(self, port: int, *, skus: Sequence[str], heard: Heard, closed: threading.Event) -> None:
        self._client = Client(port)
        self._wanted = cycle(skus)
        self._heard, self._closed = heard, closed

    def run(self) -> None:
        """Buy until the shop closes; an order that was begun is still brought to its end."""
        while not self._closed.wait(PAUSE):
            self._buy([next(self._wanted) for _line in range(LINES)])

    def _buy(self, skus: Sequence[str]) -> None:
        self._client.forget()
        cart = self._insist("/api/v1/carts/", {"lines": [{"sku": sku, "quantity": 1} for sku in skus]})
        if cart is None:
            return
        key = uuid.uuid4().hex
        email = f"{key}@example.com"
        wish = {
            "cart": cart["id"],
            "expected_total": cart["total"],
            "payment_method": "on_site",
            "customer": {"name": "Ana Lima", "email": email},
            "fulfilment": {"method": "pickup"},
        }
        order = self._insist("/api/v1/orders/", wish, **{"Idempotency-Key": key})
        if order is not None:
            at = time.monotonic()
            self._heard.sold(Sale(key=key, email=email, number=order["number"], wish=wish, skus=skus, at=at))

    def _insist(self, path: str, body: Mapping[str, Any], **headers: str) -> Any:
        """Repeat a request until it is accepted; None where that does not help."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            sent_at = time.monotonic()
            try:
                status, answer, found = self._client.ask("POST", path, body, **headers)
            except (OSError, ValueError) as problem:
                self._client.close()
                self._heard.failed(f"{path}: {problem!r}")
                time.sleep(PAUSE)
                continue
            self._heard.answered(status=status, body=answer, headers=found, sent_at=sent_at)
            if status == 201:
                return answer
            if status != REFUSED:
                if status == LOST_CART:
                    self._heard.lost_cart()
                return None
            time.sleep(PAUSE)
        self._heard.failed(f"{path} was refused for {PATIENCE:.0f} s")
        return None


@contextmanager
def buying(port: int, *, buyers: int, skus: Sequence[str]) -> Iterator[Heard]:
    """Let people buy for the length of a block."""
    heard, closed = Heard(), threading.Event()
    people = [
        threading.Thread(target=Buyer(port, skus=skus[number:], heard=heard, closed=closed).run, daemon=True)
        for number in range(buyers)
    ]
    for one in people:
        one.start()
    try:
        yield heard
    finally:
        closed.set()
        for one in people:
            one.join(timeout=PATIENCE)
