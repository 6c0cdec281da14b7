"""The drill's gateway, and the line by which a worker in another process reaches it."""

import random
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

from payments.gateways import protocol
from payments.gateways.in_memory import InMemoryGateway
from payments.gateways.protocol import (
    Asked,
    Declined,
    GatewayError,
    PaymentFact,
    RefundFact,
    Returning,
    Sought,
    Unreachable,
)

NAME = "drill"
ASKED = ("begin", "look_up", "close", "refund", "list_events")


class DrillGateway(InMemoryGateway):
    """Loses answers, declines now and then, and is away for a while when it is told to be."""

    methods = ("card",)

    def __init__(self, *, seed: int, troubled: bool) -> None:
        super().__init__(name=NAME, secret=f"secret-of-drill-{seed}")
        self.is_away = False
        self.troubled = troubled
        self._dice = random.Random(f"gateway {seed}")  # noqa: S311

    def called(self, name: str) -> None:
        """Be away, or decline."""
        if self.is_away or self._happens(0.02):
            raise Unreachable("connection refused")
        if name == "begin" and self._happens(0.02):
            raise Declined("card_declined")

    def answered(self, name: str) -> None:
        """Lose the answer to what was done."""
        if self._happens(0.04):
            raise Unreachable("timed out")

    def _happens(self, chance: float) -> bool:
        with self._guard:
            return self.troubled and self._dice.random() < chance


class Exchange:
    """Answers workers in other processes for the gateway, and tells them what time it is."""

    def __init__(self, *, gateway: DrillGateway, clock: Callable[[], datetime], key: bytes) -> None:
        self._answers: dict[str, Callable[..., Any]] = {name: getattr(gateway, name) for name in ASKED}
        self._answers["now"] = clock
        self.key = key
        self._listener = Listener(("127.0.0.1", 0), authkey=key)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        found: tuple[str, int] = self._listener.address  # type: ignore[assignment]
        return found

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                caller = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(caller,), daemon=True).start()

    def _talk(self, caller: "Connection[Any, Any]") -> None:
        with caller, suppress(EOFError, OSError):  # whoever called is gone
            while True:
                name, given = caller.recv()
                try:
                    answer = self._answers[name](**given)
                except GatewayError as problem:
                    answer = problem
                caller.send(answer)


class DistantGateway:
    """The same gateway, from another process."""

    name = NAME
    methods = ("card",)
    remote = True
    account = InMemoryGateway.account
    live = InMemoryGateway.live

    def __init__(self, *, address: tuple[str, int], key: bytes) -> None:
        self._line = Client(address, authkey=key)

    def now(self) -> datetime:
        """Return the drill's time."""
        found: datetime = self._ask("now")
        return found

    def begin(self, asked: Asked) -> PaymentFact:
        """See PaymentGateway."""
        found: PaymentFact = self._ask("begin", asked=asked)
        return found

    def look_up(self, sought: Sought) -> PaymentFact | None:
        """See PaymentGateway."""
        found: PaymentFact | None = self._ask("look_up", sought=sought)
        return found

    def close(self, sought: Sought, *, now: datetime) -> PaymentFact | None:
        """See PaymentGateway."""
        found: PaymentFact | None = self._ask("close", sought=sought, now=now)
        return found

    def refund(self, returning: Returning) -> RefundFact:
        """See PaymentGateway."""
        found: RefundFact = self._ask("refund", returning=returning)
        return found

    def list_events(self, *, since: datetime) -> Iterable[protocol.Event]:
        """See PaymentGateway."""
        found: list[protocol.Event] = self._ask("list_events", since=since)
        return found

    def verify_event(self, delivery: protocol.Delivery, *, now: datetime) -> protocol.Event:
        """Nobody tells a worker anything. Raises BadSignature."""
        raise protocol.BadSignature("no worker hears events")

    def check_connection(self) -> protocol.Connection:
        """Say that it is there."""
        return protocol.Connection(ok=True, account=self.account, live=self.live)

    def _ask(self, name: str, **given: Any) -> Any:
        self._line.send((name, given))
        answer = self._line.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer
