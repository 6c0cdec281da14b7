"""Keeps the display figures in Redis honest: a write deletes them, after its commit.

Only deletion happens here; the selectors fill the figures again on the next read. A failed delete is
no error. The figure then lives for its 90 seconds, and nothing that sells looks at it.
"""

from collections.abc import Iterable

from common import after_commit
from inventory.selectors import display_key


def forget(*, skus: Iterable[str]) -> None:
    """Drop the display figures of `skus` once the running transaction has committed."""
    after_commit.delete(display_key(sku=sku) for sku in skus)
