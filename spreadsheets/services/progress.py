"""How far a spreadsheet has come, for whoever waits for it: figures in Redis, which nothing depends on."""

from uuid import UUID

from redis.exceptions import RedisError

from common import counters, redis

SECONDS = 120


def _key(public_id: UUID) -> str:
    return f"spreadsheet:{public_id}"


def tell(*, public_id: UUID, done: int, of: int) -> None:
    """Say that so many rows are done."""
    try:
        redis.client().set(_key(public_id), f"{done}/{of}", ex=SECONDS)
    except RedisError:
        counters.increment("progress_unreachable")


def forget(*, public_id: UUID) -> None:
    """Say nothing any more."""
    try:
        redis.client().delete(_key(public_id))
    except RedisError:
        counters.increment("progress_unreachable")


def told(*, public_id: UUID) -> tuple[int, int] | None:
    """Return how many rows are done, and of how many; None where nobody is at it, or nobody can tell."""
    try:
        found = redis.client().get(_key(public_id))
    except RedisError:
        counters.increment("progress_unreachable")
        return None
    if found is None:
        return None
    done, _slash, of = (found.decode() if isinstance(found, bytes) else str(found)).partition("/")
    return int(done), int(of)
