"""Keeps the display figures in Redis honest: a write deletes them, after its commit.

Only deletion happens here; the selectors fill the figures again on the next read. A failed delete is
no error. The figure then lives for its 90 seconds, and nothing that sells looks at it.
"""

from collections.abc import Iterable
from functools import partial

from django.db import transaction
from redis.exceptions import RedisError

from common import counters, redis
from inventory.selectors import display_key


def forget(*, skus: Iterable[str]) -> None:
    """Drop the display figures of `skus` once the running transaction has committed."""
    keys = sorted({display_key(sku=sku) for sku in skus})
    transaction.on_commit(partial(_delete, keys))


def _delete(keys: list[str]) -> None:
    try:
        redis.client().delete(*keys)
    except RedisError:
        counters.increment("display_cache_unreachable")
