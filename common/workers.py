"""Asks a worker to run a task by its name, for apps that know no more of tasks than that."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from common import redis


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
