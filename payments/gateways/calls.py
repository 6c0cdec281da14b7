"""How gateways are called: never with a transaction open, again after a lost answer, not at all while they are down.

One dead gateway costs its own customers a moment and nobody else anything: after a few failures in a row its breaker
opens, and calls fail at once until it has had time to recover.
"""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar

import structlog

from common import counters
from common.transactions import refuse_inside
from payments.gateways.protocol import Declined, PaymentGateway, Unreachable

log = structlog.get_logger(__name__)

T = TypeVar("T")

TRIES = 2
PAUSE = (0.05, 0.25)
FAILURES = 5
BREAK_SECONDS = 30.0
TIMEOUT = 8.0
"""Seconds an adapter waits for one answer; a page or a task that calls waits no more than twice that."""


class Breaker:
    """Remembers of one gateway that it has not answered several times in a row."""

    def __init__(self) -> None:
        self._failures = 0
        self._open_until = 0.0
        self._guard = threading.Lock()

    def is_open(self) -> bool:
        """Say whether asking is pointless right now; once the time is up, one failure more opens it again."""
        with self._guard:
            return time.monotonic() < self._open_until

    def failed(self) -> None:
        """Count a call without an answer."""
        with self._guard:
            self._failures += 1
            if self._failures >= FAILURES:
                self._open_until = time.monotonic() + BREAK_SECONDS

    def worked(self) -> None:
        """Forget the failures."""
        with self._guard:
            self._failures, self._open_until = 0, 0.0


breakers: dict[str, Breaker] = defaultdict(Breaker)


def call(gateway: PaymentGateway, work: Callable[[], T], *, tries: int = TRIES) -> T:
    """Run one call of a gateway, again if its answer was lost. The call must be one that may be repeated.

    Raises Unreachable, and whatever else `work` raises; RuntimeError inside a transaction.
    """
    refuse_inside(f"a call of {gateway.name}")
    breaker = breakers[gateway.name]
    for attempt in range(1, tries + 1):
        if breaker.is_open():
            counters.increment("gateway_break")
            raise Unreachable("did not answer a moment ago")
        try:
            answer = work()
        except Unreachable as lost:
            breaker.failed()
            counters.increment("gateway_unreachable")
            log.warning("gateway_unreachable", gateway=gateway.name, attempt=attempt, why=str(lost)[:200])
            if attempt == tries:
                raise
            threading.Event().wait(random.uniform(*PAUSE) * attempt)  # noqa: S311
        except Declined:
            breaker.worked()
            raise
        except (LookupError, AttributeError, TypeError, ValueError, ArithmeticError) as strange:
            log.warning("gateway_not_understood", gateway=gateway.name, exc_info=True)
            raise Unreachable("answered what is not understood") from strange
        else:
            breaker.worked()
            return answer
    raise AssertionError("unreachable")
