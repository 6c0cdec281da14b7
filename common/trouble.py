"""What the database refuses to everybody: it only reads, or its disk is full. Kept for a minute, and said once in it.

A refusal of that kind is met by whoever writes; health and `doctor` have not met it themselves, and a log that says 503
a thousand times says nothing of the cause.
"""

import threading
import time

import structlog

log = structlog.get_logger(__name__)

CAUSES = {"25006": "read_only", "53100": "full", "53200": "out_of_memory", "53300": "too_many_connections"}
"""By the SQLSTATE of the database's refusal."""

KEPT_SECONDS = 60.0


class Trouble:
    """The refusals of the last minute, by cause."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._seen: dict[str, float] = {}

    def note(self, *, state: str, message: str) -> None:
        """Remember a refusal, and write its cause down where that has not just been done."""
        cause, now = CAUSES.get(state), time.monotonic()
        if cause is None:
            return
        with self._guard:
            is_news = now - self._seen.get(cause, -KEPT_SECONDS) >= KEPT_SECONDS
            self._seen[cause] = now if is_news else self._seen[cause]
        if is_news:
            log.error("database_refuses", cause=cause, sqlstate=state, message=message.partition("\n")[0][:200])

    def lately(self) -> str:
        """Return what the database refused in the last minute; empty where nothing."""
        now = time.monotonic()
        with self._guard:
            return next((cause for cause, at in self._seen.items() if now - at < KEPT_SECONDS), "")

    def forget(self) -> None:
        """Begin anew."""
        with self._guard:
            self._seen.clear()


trouble = Trouble()
