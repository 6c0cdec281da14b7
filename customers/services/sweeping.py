"""Sweeps that go through a table batch by batch."""

from collections.abc import Callable

from common.transactions import refuse_inside
from customers.services.linking import BATCH

BATCHES = 20
"""How many of them one sweep takes; the next one goes on."""


def swept(batch: Callable[[], int]) -> int:
    """Call `batch`, which says how many it found, until it could have taken more; return how many that were."""
    refuse_inside("swept")
    done = 0
    for _turn in range(BATCHES):
        found = batch()
        done += found
        if found < BATCH:
            break
    return done
