"""The transactional outbox: what happened is written with what changed, and told to the rest of the world after.

One row per event and handler, so that one handler's trouble is not another's. A handler runs with no
transaction open and owns its own; a crash between its work and the tick of the row runs it again, so handlers make
their effect once by the event's id.

Letters are delivered by a relay of their own: a mail server that is slow or silent holds up nothing else. While it is
away no letter is tried, one excepted whenever the pause is over, and none is given up for it; `common.outages` has the
pauses. A letter at which a server that takes others hangs up each time is to blame itself. Everything else that fails
is tried again with pauses that grow to hours, for some five days.

A flag in Redis says that a relay is on its way. Whoever raises it wakes one; everybody else who commits meanwhile need
not, for the relay takes it down only when it finds nothing more to do, and then looks once more.
"""

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from smtplib import SMTPException
from typing import Any

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils.module_loading import import_string
from redis.exceptions import RedisError

from common import after_commit, counters, mail, outages, redis, workers
from common.batches import delete_in_batches
from common.models import OutboxMessage
from common.transactions import refuse_inside, within_unit_of_work

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 44
"""With the pauses below: some five days."""

LONGEST_PAUSE = timedelta(hours=4)
AFTER_OTHERS = timedelta(minutes=1)
"""How much later than others a letter is tried at which the server went away: it may be the reason."""

CLAIM = workers.OUTLIVED
"""For which nobody else takes a message: no longer than whoever took it can live, and no shorter."""

BATCH = 10
WAKE_TASK = "common.tasks.relay_outbox"
LETTERS_TASK = "common.tasks.relay_letters"
AWAKE = "outbox:awake"
AWAKE_SECONDS = 30

_CLAIM = """
UPDATE common_outboxmessage SET claimed_until = %(until)s, attempts = attempts + 1
WHERE id = ANY (ARRAY(
    SELECT id FROM common_outboxmessage
    WHERE done_at IS NULL AND dead_at IS NULL AND not_before <= %(now)s
        AND (claimed_until IS NULL OR claimed_until <= %(now)s)
        AND (%(kind)s = 'all' OR (handler = ANY (%(letters)s)) = (%(kind)s = 'letters'))
    ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
))
RETURNING *
"""


class Kind(Enum):
    """Which messages a relay delivers: those that write to people, those that do not, or both."""

    LETTERS = "letters"
    STEPS = "steps"
    ALL = "all"


_held_back: ContextVar[bool] = ContextVar("outbox_wake_held_back", default=False)


@cache
def subscriptions() -> Mapping[str, list[str]]:
    """Return event name -> dotted paths of the service functions that hear of it."""
    found: Mapping[str, list[str]] = import_string(settings.OUTBOX_SUBSCRIPTIONS)
    return found


@cache
def letter_handlers() -> list[str]:
    """Return the service functions that write to people."""
    found: Iterable[str] = import_string(settings.OUTBOX_LETTERS)
    return sorted(found)


def rows(*, name: str, payload: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Return the event's rows as plain records, for callers that insert them in a statement of their own.

    Raises KeyError for an event nobody has mapped.
    """
    event_id, request_id = str(uuid.uuid4()), _request_id()
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
            "request_id": request_id,
        }
        for handler in subscriptions()[name]
    ]


@within_unit_of_work
def emit(*, name: str, payload: Mapping[str, Any], now: datetime) -> None:
    """Write an event down in the running transaction. Raises KeyError for an event nobody has mapped."""
    event_id, request_id = uuid.uuid4(), _request_id()
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(
                event_id=event_id,
                name=name,
                handler=handler,
                payload=dict(payload),
                occurred_at=now,
                not_before=now,
                request_id=request_id,
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


def relay(*, now: datetime, limit: int = 100, kind: Kind = Kind.ALL) -> int:
    """Deliver what is due, each message at most once at a time; returns how many were delivered.

    Messages are claimed a few at a time, so that even slow handlers are done long before their claim runs out, and
    their letters leave in one conversation with the mail server. Raises RuntimeError inside a transaction.
    """
    refuse_inside("relay")
    tried, asleep = 0, False
    with mail.conversation() as talk:
        run = _Run(kind=kind, talk=talk, now=now)
        began = time.monotonic()
        while tried < limit:
            passed = time.monotonic() - began
            run.now = now + timedelta(seconds=int(passed))
            claimed = run.claim(now=now + timedelta(seconds=passed), limit=min(BATCH, limit - tried))
            tried += len(claimed)
            run.deliver(claimed)
            if not claimed:
                if asleep or kind is Kind.LETTERS:
                    return run.delivered
                _fall_asleep()
                asleep = True
    if kind is Kind.LETTERS:
        ask_for_letters(now=run.now)
    else:
        _fall_asleep()
        publish()  # there may be more
    return run.delivered


def ask_for_letters(*, now: datetime) -> None:
    """Ask a worker to deliver letters, if any are due."""
    if settings.OUTBOX_WAKE and _letters().filter(not_before__lte=now).exists():
        workers.ask(LETTERS_TASK)


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


def given_up(*, names: Iterable[str] = (), since: datetime | None = None) -> "QuerySet[OutboxMessage]":
    """Return the messages that nobody tries any more: of these events or handlers, given up since then."""
    found = OutboxMessage.objects.filter(done_at=None, dead_at__isnull=False)
    if wanted := list(names):
        found = found.filter(name__in=wanted) | found.filter(handler__in=wanted)
    return found if since is None else found.filter(dead_at__gte=since)


def requeue(*, messages: "QuerySet[OutboxMessage]", now: datetime) -> int:
    """Let messages that were given up be tried again, as if for the first time; returns how many."""
    count = messages.update(dead_at=None, attempts=0, claimed_until=None, not_before=now)
    if count:
        publish()
    return count


def forget(*, now: datetime, batch: int = 1000) -> int:
    """Delete what was delivered, or given up, long enough ago; returns how many."""
    delivered = Q(done_at__lt=now - timedelta(days=settings.OUTBOX_KEPT_DAYS))
    dead = Q(done_at=None, dead_at__lt=now - timedelta(days=settings.DEAD_LETTERS_KEPT_DAYS))
    return delete_in_batches(OutboxMessage.objects.filter(delivered | dead), size=batch)


def _claim(*, now: datetime, limit: int, kind: Kind = Kind.ALL) -> list[OutboxMessage]:
    """Take what is due and untaken, and say so in the rows, so that no other relay takes it too."""
    wanted = {"now": now, "until": now + CLAIM, "limit": limit, "kind": kind.value, "letters": letter_handlers()}
    return sorted(OutboxMessage.objects.raw(_CLAIM, wanted), key=lambda message: message.pk)


def _letters() -> "QuerySet[OutboxMessage]":
    """Return the letters that wait to be delivered."""
    return OutboxMessage.objects.filter(done_at=None, dead_at=None, handler__in=letter_handlers())


def _request_id() -> str:
    """Return the id of the request that is answered, or that caused what is being delivered; empty for neither."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


class _Run:
    """One run of a relay, and what it learns meanwhile of the mail server."""

    def __init__(self, *, kind: Kind, talk: mail.Conversation, now: datetime) -> None:
        self.kind, self.now, self.delivered = kind, now, 0
        self._talk = talk
        retry_at = None if kind is Kind.STEPS else outages.retry_at(name=outages.MAIL)
        self._is_away = retry_at is not None and retry_at > now
        self._is_probing = retry_at is not None and not self._is_away

    def claim(self, *, now: datetime, limit: int) -> list[OutboxMessage]:
        """Take what is due: no letter while the mail server is away, one to try whether it is back."""
        if self._is_away and self.kind is Kind.LETTERS:
            return []
        kind = Kind.STEPS if self._is_away else self.kind
        claimed = _claim(now=now, limit=1 if self._is_probing else limit, kind=kind)
        if self._is_probing and not claimed and not _letters().exists():
            self._ask()
        return claimed

    def deliver(self, messages: Iterable[OutboxMessage]) -> None:
        """Deliver a batch, each message judged alone, and tick off together those that were.

        Letters are ticked off one by one: those that are not come twice when their worker is killed.
        """
        done: list[int] = []
        not_tried: list[int] = []
        try:
            for message in messages:
                is_letter = message.handler in letter_handlers()
                if self._is_away and is_letter:
                    not_tried.append(message.pk)
                elif self._deliver(message):
                    done.append(message.pk)
                    if is_letter:
                        self._tick_off(done)
        finally:  # what was done so far is ticked off whatever ends the loop
            if done:
                self._tick_off(done)
            if not_tried:
                OutboxMessage.objects.filter(pk__in=not_tried).update(claimed_until=None, attempts=F("attempts") - 1)

    def _tick_off(self, done: list[int]) -> None:
        """Write down that these were delivered, and empty the list."""
        OutboxMessage.objects.filter(pk__in=done).update(done_at=self.now, claimed_until=None, last_error="")
        self.delivered += len(done)
        done.clear()

    def _deliver(self, message: OutboxMessage) -> bool:
        """Deliver one, under the id of the request that caused it, whoever woke the relay; say whether it went well."""
        caused = {"request_id": message.request_id} if message.request_id else {}
        with structlog.contextvars.bound_contextvars(**caused):
            return self._delivered(message)

    def _delivered(self, message: OutboxMessage) -> bool:
        sent = self._talk.sent
        try:
            handler = import_string(message.handler)
            handler(name=message.name, payload=message.payload, event_id=message.event_id, now=self.now)
        except SoftTimeLimitExceeded:
            raise
        except mail.MailAwayError as problem:
            self._put_off(message, problem)
            return False
        except Exception as problem:  # noqa: BLE001 - whatever a handler raises is its message's trouble, not the relay's
            _failed(message, problem, now=self.now)
            if isinstance(problem, mail.LetterRefusedError | mail.LetterDelayedError):
                self._mail_answers()
            return False
        if self._talk.sent > sent:
            self._mail_answers()
        if message.attempts > 1 and message.last_error:
            log.info("outbox_delivered_at_last", handler=message.handler, attempts=message.attempts)
        return True

    def _put_off(self, message: OutboxMessage, problem: Exception) -> None:
        """Remember that the mail server is away; the letter is not to blame, unless all others go."""
        is_to_blame = not self._is_probing and bool(message.last_error)  # it was put off, and others have gone since
        self._is_away, self._is_probing = True, False
        retry_at = outages.failed(name=outages.MAIL, cause=str(problem), now=self.now)
        if is_to_blame:
            _failed(message, problem, now=self.now, least=retry_at + AFTER_OTHERS)
            return
        OutboxMessage.objects.filter(pk=message.pk).update(
            claimed_until=None,
            attempts=F("attempts") - 1,
            not_before=retry_at + AFTER_OTHERS,
            last_error=str(problem)[:2000],
        )

    def _ask(self) -> None:
        """Ask the mail server itself whether it is back, where no letter is left to ask it with."""
        try:
            self._talk.open()
        except (SMTPException, OSError) as problem:
            self._is_away, self._is_probing = True, False
            outages.failed(name=outages.MAIL, cause=f"{type(problem).__name__}: {problem}", now=self.now)
        else:
            self._mail_answers()

    def _mail_answers(self) -> None:
        if self._is_probing:
            self._is_probing = False
            outages.over(name=outages.MAIL, now=self.now)


def _failed(message: OutboxMessage, problem: Exception, *, now: datetime, least: datetime | None = None) -> None:
    """Write down why a message could not be delivered, and when it is tried again, if ever; not before `least`."""
    is_letters = isinstance(problem, SMTPException)  # its traceback may name the recipient
    is_dead = isinstance(problem, mail.LetterRefusedError) or message.attempts >= MAX_ATTEMPTS
    not_before = now + min(timedelta(seconds=2 ** min(message.attempts, 20)), LONGEST_PAUSE)
    told = str(problem) if is_letters else f"{type(problem).__name__}: {problem}"
    OutboxMessage.objects.filter(pk=message.pk).update(
        claimed_until=None,
        not_before=max(not_before, least or not_before),
        dead_at=now if is_dead else None,
        last_error=told[:2000],
    )
    counters.increment("outbox_failed")
    facts = {"event_name": message.name, "handler": message.handler, "attempts": message.attempts}
    if is_dead:
        counters.increment("outbox_given_up")
        log.error("outbox_given_up", **facts, cause=told[:200])
    elif message.attempts == 1:  # once for each message, not for each try
        log.warning("outbox_failed", **facts, exc_info=not is_letters, cause=told[:200])
