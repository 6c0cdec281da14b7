"""The transactional outbox: what happened is written with what changed, and told to the rest of the world after.

One row per event and handler, so that one handler's trouble is not another's. A handler runs with no
transaction open and owns its own; a crash between its work and the tick of the row runs it again, so handlers make
their effect once by the event's id.
"""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.module_loading import import_string
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from common import counters, redis
from common.models import OutboxMessage
from common.transactions import refuse_inside, unit_of_work, within_unit_of_work

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 10
CLAIM = timedelta(minutes=5)
BATCH = 10
WAKE_TASK = "common.tasks.relay_outbox"

_held_back: ContextVar[bool] = ContextVar("outbox_wake_held_back", default=False)


@cache
def subscriptions() -> Mapping[str, list[str]]:
    """Return event name -> dotted paths of the service functions that hear of it."""
    found: Mapping[str, list[str]] = import_string(settings.OUTBOX_SUBSCRIPTIONS)
    return found


def rows(*, name: str, payload: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Return the event's rows as plain records, for callers that insert them in a statement of their own.

    Raises KeyError for an event nobody has mapped.
    """
    event_id = str(uuid.uuid4())
    return [
        {
            "event_id": event_id,
            "name": name,
            "handler": handler,
            "payload": dict(payload),
            "occurred_at": now.isoformat(),
            "not_before": now.isoformat(),
            "attempts": 0,
            "last_error": "",
        }
        for handler in subscriptions()[name]
    ]


@within_unit_of_work
def emit(*, name: str, payload: Mapping[str, Any], now: datetime) -> None:
    """Write an event down in the running transaction. Raises KeyError for an event nobody has mapped."""
    event_id = uuid.uuid4()
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(
                event_id=event_id, name=name, handler=handler, payload=dict(payload), occurred_at=now, not_before=now
            )
            for handler in subscriptions()[name]
        ]
    )


def wake() -> None:
    """Wake the relay once the running transaction has committed; a sweep delivers if nobody wakes it."""
    transaction.on_commit(_publish)


@contextmanager
def waking_once() -> Iterator[None]:
    """Hold every wake-up of the block back and wake the relay once at its end. For work in bulk."""
    held = _held_back.set(True)
    try:
        yield
    finally:
        _held_back.reset(held)
        _publish()


def relay(*, now: datetime, limit: int = 100) -> int:
    """Deliver what is due, each message at most once at a time; returns how many were delivered.

    Messages are claimed a few at a time, so that even slow handlers are done long before their claim runs out.
    Raises RuntimeError inside a transaction.
    """
    refuse_inside("relay")
    began, tried, delivered = time.monotonic(), 0, 0
    while tried < limit:
        moment = now + timedelta(seconds=int(time.monotonic() - began))
        claimed = _claim(now=moment, limit=min(BATCH, limit - tried))
        if not claimed:
            break
        tried += len(claimed)
        delivered += sum(_deliver(message=message, now=moment) for message in claimed)
    return delivered


def _publish() -> None:
    if not settings.OUTBOX_WAKE or _held_back.get() or redis.breaker.is_open():
        return
    try:
        _send_task(WAKE_TASK)
    except (KombuError, RedisError, OSError):
        redis.breaker.trip()
        counters.increment("outbox_wake_failed")


def _send_task(name: str) -> None:
    sender: Callable[..., object] = import_string(settings.TASK_SENDER)
    sender(name, ignore_result=True, retry=False, expires=60)


def _claim(*, now: datetime, limit: int) -> list[OutboxMessage]:
    """Take what is due and untaken, and say so in the rows, so that no other relay takes it too."""
    with unit_of_work():
        due = list(
            OutboxMessage.objects.filter(
                Q(claimed_until__isnull=True) | Q(claimed_until__lte=now),
                done_at__isnull=True,
                dead_at__isnull=True,
                not_before__lte=now,
            )
            .select_for_update(of=("self",), no_key=True, skip_locked=True)
            .order_by("pk")[:limit]
        )
        OutboxMessage.objects.filter(pk__in=[message.pk for message in due]).update(
            claimed_until=now + CLAIM, attempts=F("attempts") + 1
        )
    return due


def _deliver(*, message: OutboxMessage, now: datetime) -> bool:
    row = OutboxMessage.objects.filter(pk=message.pk)
    try:
        handler = import_string(message.handler)
        handler(name=message.name, payload=message.payload, event_id=message.event_id, now=now)
    except Exception as problem:  # whatever a handler raises is its message's trouble, not the relay's
        attempts = message.attempts + 1
        given_up = now if attempts >= MAX_ATTEMPTS else None
        row.update(
            claimed_until=None,
            not_before=now + timedelta(seconds=min(2**attempts, 3600)),
            dead_at=given_up,
            last_error=f"{type(problem).__name__}: {problem}"[:2000],
        )
        counters.increment("outbox_failed")
        log.warning("outbox_failed", event_name=message.name, handler=message.handler, attempts=attempts, exc_info=True)
        return False
    row.update(done_at=now, claimed_until=None, last_error="")
    return True
