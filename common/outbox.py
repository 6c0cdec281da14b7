"""The transactional outbox: what happened is written with what changed, and told to the rest of the world after.

One row per event and handler, so that one handler's trouble is not another's. A handler runs with no
transaction open and owns its own; a crash between its work and the tick of the row runs it again, so handlers make
their effect once by the event's id.

A flag in Redis says that a relay is on its way. Whoever raises it wakes one; everybody else who commits meanwhile need
not, for the relay takes it down only when it finds nothing more to do, and then looks once more.
"""

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import structlog
from django.conf import settings
from django.utils.module_loading import import_string
from redis.exceptions import RedisError

from common import after_commit, counters, mail, redis, workers
from common.models import OutboxMessage
from common.transactions import refuse_inside, within_unit_of_work

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 10
CLAIM = timedelta(minutes=5)
BATCH = 10
WAKE_TASK = "common.tasks.relay_outbox"
AWAKE = "outbox:awake"
AWAKE_SECONDS = 30

_CLAIM = """
UPDATE common_outboxmessage SET claimed_until = %(until)s, attempts = attempts + 1
WHERE id = ANY (ARRAY(
    SELECT id FROM common_outboxmessage
    WHERE done_at IS NULL AND dead_at IS NULL AND not_before <= %(now)s
        AND (claimed_until IS NULL OR claimed_until <= %(now)s)
    ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
))
RETURNING *
"""

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
    """Wake the relay once the running transaction has committed, if none is awake; the sweep delivers what is left."""
    if settings.OUTBOX_WAKE and not _held_back.get():
        after_commit.raise_flag(AWAKE, seconds=AWAKE_SECONDS, raised=publish)


@contextmanager
def waking_once() -> Iterator[None]:
    """Hold every wake-up of the block back and wake the relay once at its end. For work in bulk."""
    held = _held_back.set(True)
    try:
        yield
    finally:
        _held_back.reset(held)
        publish()


def relay(*, now: datetime, limit: int = 100) -> int:
    """Deliver what is due, each message at most once at a time; returns how many were delivered.

    Messages are claimed a few at a time, so that even slow handlers are done long before their claim runs out, and
    their letters leave in one conversation with the mail server. Raises RuntimeError inside a transaction.
    """
    refuse_inside("relay")
    began, tried, delivered, asleep = time.monotonic(), 0, 0, False
    with mail.conversation():
        while tried < limit:
            passed = time.monotonic() - began
            claimed = _claim(now=now + timedelta(seconds=passed), limit=min(BATCH, limit - tried))
            tried += len(claimed)
            delivered += _deliver_all(messages=claimed, now=now + timedelta(seconds=int(passed)))
            if not claimed:
                if asleep:
                    return delivered
                _fall_asleep()
                asleep = True
    _fall_asleep()
    publish()  # there may be more
    return delivered


def publish() -> None:
    """Ask a worker to run the relay now."""
    if not settings.OUTBOX_WAKE or redis.breaker.is_open():
        return
    if not workers.ask(WAKE_TASK):
        counters.increment("outbox_wake_failed")


def _fall_asleep() -> None:
    """Take the flag down: what commits from now on wakes a relay again."""
    with suppress(RedisError):
        redis.client().delete(AWAKE)


def _claim(*, now: datetime, limit: int) -> list[OutboxMessage]:
    """Take what is due and untaken, and say so in the rows, so that no other relay takes it too."""
    wanted = {"now": now, "until": now + CLAIM, "limit": limit}
    return sorted(OutboxMessage.objects.raw(_CLAIM, wanted), key=lambda message: message.pk)


def _deliver_all(*, messages: Iterable[OutboxMessage], now: datetime) -> int:
    """Deliver a batch, each message judged alone, and tick off together those that were; return how many."""
    done: list[int] = []
    try:
        for message in messages:
            if _deliver(message=message, now=now):
                done.append(message.pk)  # noqa: PERF401 - what was done so far is ticked off whatever ends the loop
    finally:
        if done:
            OutboxMessage.objects.filter(pk__in=done).update(done_at=now, claimed_until=None, last_error="")
    return len(done)


def _deliver(*, message: OutboxMessage, now: datetime) -> bool:
    try:
        handler = import_string(message.handler)
        handler(name=message.name, payload=message.payload, event_id=message.event_id, now=now)
    except Exception as problem:  # whatever a handler raises is its message's trouble, not the relay's
        OutboxMessage.objects.filter(pk=message.pk).update(
            claimed_until=None,
            not_before=now + timedelta(seconds=min(2**message.attempts, 3600)),
            dead_at=now if message.attempts >= MAX_ATTEMPTS else None,
            last_error=f"{type(problem).__name__}: {problem}"[:2000],
        )
        counters.increment("outbox_failed")
        log.warning(
            "outbox_failed", event_name=message.name, handler=message.handler, attempts=message.attempts, exc_info=True
        )
        return False
    return True
