"""What clients asked for and what they were told, with times: ok, failed, or unknown where no answer says which."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Outcome = Literal["ok", "failed", "unknown"]


@dataclass
class Operation:
    """One wish of one client, however often it was sent.

    `marker` is written into what it makes, so that its effect is found again. `wanted` is what was asked for, `found`
    what an ok answer said. One that was never answered stays unknown.
    """

    number: int
    client: str
    kind: str
    marker: str
    invoked: float
    wanted: dict[str, str] = field(default_factory=dict)
    completed: float | None = None
    outcome: Outcome = "unknown"
    code: str = ""
    found: dict[str, str] = field(default_factory=dict)
    tries: int = 0
    doubts: int = 0

    def heard(self, outcome: Outcome, *, code: str = "", **found: str) -> None:
        """Note one answer. A no that follows a doubt leaves the doubt: the try before it may still have its effect."""
        self.tries += 1
        self.code = code or self.code
        self.doubts += outcome == "unknown"
        self.outcome = "unknown" if outcome == "failed" and self.doubts else outcome
        self.found = found or self.found


class History:
    """Every operation of a drill, in the order in which they began. Safe for threads."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self._began = time.monotonic()
        self._guard = threading.Lock()

    @contextmanager
    def invoked(self, *, client: str, kind: str, marker: str = "", **wanted: str) -> Iterator[Operation]:
        """Write an operation down before anything is sent, and when its last answer came."""
        with self._guard:
            operation = Operation(len(self.operations) + 1, client, kind, marker, self._elapsed(), wanted)
            self.operations.append(operation)
        yield operation
        operation.completed = self._elapsed()

    def as_plain(self) -> list[dict[str, Any]]:
        """Return everything as plain values."""
        return [asdict(operation) for operation in self.operations]

    def _elapsed(self) -> float:
        return round(time.monotonic() - self._began, 6)
