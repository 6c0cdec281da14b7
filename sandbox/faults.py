"""What the provider's API does wrong when somebody wants to see how a shop takes it."""

import threading
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["error", "busy", "lost", "slow"]
KINDS: tuple[str, ...] = get_args(Kind)
MOST_SECONDS = 60.0


@dataclass(frozen=True)
class Fault:
    """What a call meets.

    `error`: 500, nothing done. `busy`: 429, nothing done. `lost`: done, the connection breaks. `slow`: done, late.
    """

    kind: str
    seconds: float = 20.0


class Faults:
    """The faults that the next calls meet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fault, self._left = Fault(kind=""), 0

    def choose(self, fault: Fault, *, times: int) -> None:
        """Let the next calls meet this one; none for no times."""
        with self._lock:
            self._fault, self._left = fault, times

    def next(self) -> Fault | None:
        """Return what the call that comes now meets."""
        with self._lock:
            if self._left <= 0:
                return None
            self._left -= 1
            return self._fault

    def left(self) -> tuple[str, int]:
        """Return what is still to come."""
        with self._lock:
            return self._fault.kind, self._left
