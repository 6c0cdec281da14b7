"""What Redis hears once a transaction has committed: everything of one transaction in one round trip.

Nothing that must not be lost goes this way. Without Redis it is counted and forgotten.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from redis.exceptions import RedisError

from common import counters, redis
from common.transactions import open_blocks

Raised = Callable[[], None]


@dataclass
class Errands:
    """Keys to delete and flags to raise when the transaction of `block` has committed."""

    block: Any
    keys: set[str] = field(default_factory=set)
    flags: dict[str, tuple[int, Raised]] = field(default_factory=dict)

    def __call__(self) -> None:
        """Run all errands in one conversation; who raised a flag that was down hears of it."""
        try:
            if self.keys and not self.flags:
                redis.client().delete(*sorted(self.keys))
                return
            pipeline = redis.client().pipeline(transaction=False)
            for name, (seconds, _raised) in self.flags.items():
                pipeline.set(name, 1, nx=True, ex=seconds)
            if self.keys:
                pipeline.delete(*sorted(self.keys))
            answers = pipeline.execute()
        except RedisError:
            counters.increment("after_commit_unreachable")
            return
        for up, (_seconds, raised) in zip(answers, self.flags.values(), strict=False):
            if up:
                raised()


def delete(keys: Iterable[str]) -> None:
    """Delete keys of Redis once the running transaction has committed."""
    _run_later(keys=set(keys), flags={})


def raise_flag(name: str, *, seconds: int, raised: Raised) -> None:
    """Raise a flag for at most `seconds` once the running transaction has committed.

    `raised` is called if it was down until then.
    """
    _run_later(keys=set(), flags={name: (seconds, raised)})


def _run_later(*, keys: set[str], flags: dict[str, tuple[int, Raised]]) -> None:
    """Add to the errands of the innermost block, which a rollback to its savepoint drops with it."""
    blocks = open_blocks()
    block = blocks[-1] if blocks else None
    for hook in connection.run_on_commit:
        errands: Any = hook[1]
        if isinstance(errands, Errands) and errands.block is block and block is not None:
            errands.keys |= keys
            errands.flags |= flags
            return
    transaction.on_commit(Errands(block=block, keys=keys, flags=flags))
