"""Asks a worker to run a task by its name, for apps that know no more of tasks than that; and who goes alone in it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from common import locks, redis
from common.errors import Busy

GATEWAYS = "task:gateways"
LONGEST_TASK_SECONDS = 150
"""After which a task of the queues `sweeps` and `letters` is ended, whatever it does."""

OUTLIVED = timedelta(seconds=LONGEST_TASK_SECONDS + 10)
"""After which nobody is at work any more who began such a task, though clocks of machines differ a little."""


def ask(name: str, *arguments: str, expires: int = 60) -> bool:
    """Ask a worker to run a task within so many seconds, and say whether anybody could be asked."""
    if redis.breaker.is_open():
        return False
    sender: Callable[..., Any] = import_string(settings.TASK_SENDER)
    try:
        sender(name, args=list(arguments), ignore_result=True, retry=False, expires=expires)
    except (KombuError, RedisError, OSError):
        redis.breaker.trip()
        return False
    return True


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Say whether no other task of this name is at work, and let none begin meanwhile.

    Tasks that may wait for somebody else's server go one at a time, so that a process is left for those that do not.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(locks.lease([name], seconds=LONGEST_TASK_SECONDS, wait=1))
        except Busy:
            yield False
            return
        yield True
