"""Buyers who do not know that anything is exchanged behind the address they ask."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tools.bench.driver import Client, UnexpectedError
from tools.bench.flows import Balcao

BUYERS = 6


@dataclass
class Front:
    """What a proxy does: each request goes to the next of the servers that take part now, with what the proxy says."""

    ports: Sequence[int]
    headers: Mapping[str, str] = field(default_factory=dict)
    _turn: Iterator[int] = field(default_factory=count)

    def port(self) -> int:
        """Return the server whose turn it is."""
        ports = self.ports
        return ports[next(self._turn) % len(ports)]


class Visitor(Client):
    """A buyer's program: each request of a flow meets whichever server takes part."""

    def __init__(self, front: Front, *, heard: "Heard") -> None:
        super().__init__(0)
        self._front, self._heard = front, heard

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, dict[str, str]]:
        """Send a request on a connection of its own."""
        self.close()
        self._port = self._front.port()
        answer = super().ask(method, path, body, **headers, **self._front.headers, Connection="close")
        self._heard.answer(status=answer[0], path=path, body=answer[1])
        return answer


class Heard:
    """What the buyers were told, phase by phase."""

    def __init__(self) -> None:
        self.phase = ""
        self.requests: Counter[str] = Counter()
        self.failures: list[str] = []
        self.orders: list[str] = []
        self._lock = threading.Lock()

    def enter(self, phase: str) -> None:
        """Begin a phase, in which nobody has asked yet."""
        with self._lock:
            self.phase = phase
            self.requests[phase] += 0

    def answer(self, *, status: int, path: str, body: Any) -> None:
        """Note an answer."""
        with self._lock:
            self.requests[self.phase] += 1
            if status == 201 and path.endswith("/orders/"):
                self.orders.append(body["number"])

    def failed(self, problem: Exception) -> None:
        """Note what no buyer should meet."""
        with self._lock:
            self.failures.append(f"{self.phase}: {problem!r}")


@contextmanager
def buyers(*, front: Front, skus: Sequence[str]) -> Iterator[Heard]:
    """Let people look and buy for the length of a block."""
    heard, closed = Heard(), threading.Event()
    shop = Balcao(skus=skus, hot=skus[0])

    def buy() -> None:
        visitor = Visitor(front, heard=heard)
        while not closed.is_set():
            for flow in (shop.browse, shop.at_once):
                visitor.forget()
                try:
                    flow(visitor)
                except (OSError, UnexpectedError, ValueError) as problem:
                    heard.failed(problem)
                    time.sleep(0.2)

    people = [threading.Thread(target=buy, daemon=True) for _number in range(BUYERS)]
    for one in people:
        one.start()
    try:
        yield heard
    finally:
        closed.set()
        for one in people:
            one.join(timeout=60)
