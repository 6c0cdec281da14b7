"""The one Redis client of a process: impatient, because nothing that must not be lost lives in Redis.

A breaker. After a failure every call fails at once for a few seconds, so a Redis that hangs costs its
0.25 s once and not in every request.
"""

import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry
from redis.sentinel import Sentinel

from common import counters, sentinels

PATIENCE_SECONDS = 0.25
BREAK_SECONDS = 3.0


class Breaker:
    """Remembers for a few seconds that Redis did not answer."""

    def __init__(self) -> None:
        self._open_until = 0.0
        self._guard = threading.Lock()

    def is_open(self) -> bool:
        """Say whether asking is pointless right now."""
        with self._guard:
            return time.monotonic() < self._open_until

    def trip(self) -> None:
        """Remember a failure."""
        counters.increment("redis_break")
        with self._guard:
            self._open_until = time.monotonic() + BREAK_SECONDS

    def reset(self) -> None:
        """Forget."""
        with self._guard:
            self._open_until = 0.0


breaker = Breaker()


class ImpatientRedis(redis.Redis):
    """A client that asks once, waits a quarter of a second, and remembers that nobody answered."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Run a command. Raises RedisError at once while the breaker is open."""
        return guarded(lambda: super(ImpatientRedis, self).execute_command(*args, **options))  # type: ignore[no-untyped-call]

    def pipeline(self, transaction: Any = True, shard_hint: Any = None) -> Any:
        """Collect commands to be sent together, behind the same breaker."""
        return ImpatientPipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)


class ImpatientPipeline(Pipeline):
    """Several commands in one conversation."""

    def execute(self, raise_on_error: bool = True) -> Any:
        """Send the commands. Raises RedisError at once while the breaker is open."""
        return guarded(lambda: super(ImpatientPipeline, self).execute(raise_on_error))


def guarded(call: Callable[[], Any]) -> Any:
    """Run one conversation with Redis behind the breaker."""
    if breaker.is_open():
        raise RedisConnectionError("Redis did not answer a moment ago")
    try:
        return call()
    except (RedisConnectionError, RedisTimeoutError):
        breaker.trip()
        raise


def connected(url: str, *, kind: type[redis.Redis] = redis.Redis, number: int | None = None, **options: Any) -> Any:
    """Return a client of `kind` for an address, whichever server sentinels say it is; `number` chooses its database."""
    if not sentinels.is_watched(url):
        return kind.from_url(url, **options, **({} if number is None else {"db": number}))
    watched = sentinels.parse(url)
    watching = Sentinel(  # type: ignore[no-untyped-call]
        list(watched.sentinels), sentinel_kwargs={**options, "password": watched.sentinel_password}, **options
    )
    return watching.master_for(  # type: ignore[no-untyped-call]
        watched.service,
        redis_class=kind,
        db=watched.number if number is None else number,
        username=watched.username,
        password=watched.password,
    )


@lru_cache(maxsize=4)
def _client(url: str) -> ImpatientRedis:
    made = connected(
        url,
        kind=ImpatientRedis,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    return cast("ImpatientRedis", made)


def client() -> ImpatientRedis:
    """Return the process's client for `REDIS_URL`. Its calls raise redis.exceptions.RedisError."""
    return _client(settings.REDIS_URL)


def is_up() -> bool:
    """Say whether Redis answers."""
    try:
        return bool(client().ping())
    except RedisError:
        return False
