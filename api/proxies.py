"""Whether requests come over as many proxies as the settings say.

Too few, and somebody reaches the shop past the proxy; too many, and there is one that nobody told it of, or a client
invents some. Either way the address that is believed may not be the client's, so it is worth a word. Each process
counts for itself; that it was most requests is told to all by a flag in Redis.
"""

import threading
import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from redis.exceptions import RedisError

from common import redis, security
from common.addresses import proxies_passed
from common.security import Event

WINDOW_SECONDS = 300
FLAG = "proxies:differ"


class Watch:
    """What came to this process in one stretch of time."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._flagged = False
        self._begin(number=0)

    def forget(self) -> None:
        """Begin anew, as after a start."""
        with self._guard:
            self._begin(number=0)

    def look(self, meta: Mapping[str, Any]) -> None:
        """Count the way a request came; tell of each other number of proxies than configured, once in a while."""
        found, expected = proxies_passed(meta), settings.TRUSTED_PROXIES
        with self._guard:
            number = int(time.monotonic() // WINDOW_SECONDS)
            if number != self._number:
                self._begin(number=number)
            if found == expected:
                self._right += 1
                return
            self._wrong += 1
            is_news = found not in self._told
            self._told.add(found)
            most_are_wrong = self._wrong > self._right and not self._flagged
            self._flagged |= most_are_wrong
        if is_news:
            security.note(Event.PROXIES_DIFFER, count=found, expected=expected)
        if most_are_wrong:
            _raise_flag(found)

    def _begin(self, *, number: int) -> None:
        self._number = number
        self._right, self._wrong, self._flagged = 0, 0, False
        self._told: set[int] = set()


watch = Watch()


def most_pass() -> int | None:
    """Return how many proxies most requests passed lately, where that is not what is configured; otherwise None."""
    try:
        found = redis.client().get(FLAG)
    except RedisError:
        return None
    return None if found is None else int(found)


def _raise_flag(found: int) -> None:
    try:
        redis.client().set(FLAG, found, ex=WINDOW_SECONDS)
    except RedisError:
        return
