"""The counts of all processes, added up in Redis: web processes, workers and machines meet there (docs/adr/0025).

Every process tells what it has counted every few seconds, in one round trip that no request waits for. Without Redis
it goes on counting and tells all of it later; without its process what was counted in the last seconds is lost, which
is why nothing that must be exact is read from here.
"""

import threading
from typing import Any

from redis.exceptions import RedisError

from common import counters, redis
from common.counters import Series

KEY = "tallies"
SEPARATOR = "\t"
EVERY_SECONDS = 5.0

_telling = threading.Lock()


def tell() -> bool:
    """Add what this process has counted to the counts of all; return whether Redis heard it."""
    with _telling:
        amounts = counters.untold()
        if not amounts:
            return True
        pipeline = redis.client().pipeline(transaction=False)
        for series, amount in amounts.items():
            pipeline.hincrby(KEY, SEPARATOR.join(series), amount)
        try:
            pipeline.execute()
        except RedisError:
            return False
        counters.told(amounts)
        return True


def totals() -> dict[Series, int] | None:
    """Return the counts of all processes since Redis began to hear of them; None where Redis does not answer."""
    try:
        found: Any = redis.client().hgetall(KEY)
    except RedisError:
        return None
    return {tuple(name.decode().split(SEPARATOR)): int(amount) for name, amount in found.items()}


class Teller(threading.Thread):
    """Tells what this process counts, until it is told to end."""

    def __init__(self) -> None:
        super().__init__(name="tallies", daemon=True)
        self._ending = threading.Event()

    def run(self) -> None:
        """Tell, wait, and so on; once more at the end."""
        while not self._ending.wait(EVERY_SECONDS):
            tell()
        tell()

    def end(self) -> None:
        """Tell a last time and stop; waits no longer than Redis may take."""
        self._ending.set()
        self.join(timeout=2 * redis.PATIENCE_SECONDS)
