"""Leases: the advisory Redis lock that turns most conflicts into a polite refusal.

A lease is taken before a transaction opens and released after it has committed. When Redis is gone the
block runs without a lease, and is counted, because the constraint judges anyway; when the lease cannot be *had* the
block does not run at all.
"""

import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from redis.exceptions import RedisError

from common import counters, redis
from common.errors import Busy
from common.transactions import refuse_inside

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.02
PREFIX = "lease:"

_held: ContextVar[frozenset[str]] = ContextVar("leases_held", default=frozenset())

_TAKE = """
for _, key in ipairs(KEYS) do
    if redis.call('EXISTS', key) == 1 then return 0 end
end
for _, key in ipairs(KEYS) do
    redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
end
return 1
"""

_GIVE_BACK = """
local own = 0
for _, key in ipairs(KEYS) do
    if redis.call('GET', key) == ARGV[1] then
        redis.call('DEL', key)
        own = own + 1
    end
end
return own
"""


def page(*, table: str, pk: object) -> str:
    """Return the name of the lease under which a row's page of the desk is saved."""
    return f"desk:{table}:{pk}"


@contextmanager
def lease(keys: Iterable[str], *, seconds: float = 15, wait: float = 3) -> Iterator[None]:
    """Hold all `keys`, or raise Busy after `wait` seconds without running the block.

    `seconds`: how long the lease lives if its holder dies. No keys, no lease.

    Raises Busy, RuntimeError (inside a transaction).
    """
    refuse_inside("lease")
    keys = frozenset(keys)
    names = [PREFIX + key for key in sorted(keys)]
    token = _take(names=names, seconds=seconds, wait=wait) if names else None
    before = _held.set(frozenset(keys))
    try:
        yield
    finally:
        _held.reset(before)
        if token is not None:
            _give_back(names=names, token=token)


def require(keys: Iterable[str]) -> None:
    """Raise LeaseOutgrownError unless the lease that is held covers `keys`.

    For use cases that see only behind their locks what they should have leased; they are begun again.
    """
    if not _held.get().issuperset(keys):
        raise LeaseOutgrownError


class LeaseOutgrownError(Exception):
    """The lease that was taken does not cover what there is now."""


def _take(*, names: list[str], seconds: float, wait: float) -> str | None:
    """Return the token of a lease that is held, or None where Redis does not answer."""
    token = secrets.token_hex(16)
    deadline = time.monotonic() + wait
    while True:
        try:
            taken = redis.client().eval(_TAKE, len(names), *names, token, str(int(seconds * 1000)))
        except RedisError:
            counters.increment("lock_degraded")
            log.warning("lease_without_redis", keys=names)
            return None
        if taken:
            return token
        if time.monotonic() >= deadline:
            counters.increment("lock_busy")
            raise Busy()
        threading.Event().wait(POLL_SECONDS)


def _give_back(*, names: list[str], token: str) -> None:
    try:
        own = redis.client().eval(_GIVE_BACK, len(names), *names, token)
    except RedisError:
        counters.increment("lock_release_failed")
        return
    if own != len(names):
        counters.increment("lock_lost")
        log.warning("lease_ran_out", keys=names)
