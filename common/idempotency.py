"""One effect per request: the row that keeps an answer lives in the transaction that earned it.

A refused request rolls back and leaves nothing, so its key may be used again. The second of two
simultaneous requests waits inside its INSERT for the first to commit, up to the session's lock timeout of three
seconds.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.conf import settings
from django.db import OperationalError
from psycopg.errors import LockNotAvailable

from common import sql
from common.batches import delete_in_batches
from common.errors import IdempotencyInProgress, IdempotencyKeyReused
from common.keys import IdempotencyKey
from common.models import IdempotencyRecord
from common.transactions import within_unit_of_work

MAX_SCOPE = 120


@dataclass(frozen=True)
class StoredResponse:
    """What a door says: an HTTP status and JSON as bytes; `replayed` when it was said before."""

    status: int
    body: bytes
    replayed: bool = False


_CLAIM = """
INSERT INTO common_idempotencyrecord (scope, key, fingerprint, body, created_at, expires_at)
VALUES (%(scope)s, %(key)s, %(fingerprint)s, '', %(now)s, %(expires_at)s)
ON CONFLICT (scope, key) DO NOTHING
"""

_KEEP = """
UPDATE common_idempotencyrecord SET status = %(status)s, body = %(body)s WHERE scope = %(scope)s AND key = %(key)s
"""


def scope_for_column(scope: str) -> str:
    """Return a scope that fits its column; a path of any length may have become part of it."""
    return scope if len(scope) <= MAX_SCOPE else hashlib.sha256(scope.encode()).hexdigest()


@within_unit_of_work
def claim(*, once: IdempotencyKey, now: datetime) -> StoredResponse | None:
    """Return the kept answer of a request seen before, or None when the caller must do the work.

    Raises IdempotencyInProgress, IdempotencyKeyReused.
    """
    scope = scope_for_column(once.scope)
    wanted = {"scope": scope, "key": once.key, "fingerprint": once.fingerprint}
    try:
        expires_at = now + timedelta(hours=settings.IDEMPOTENCY_KEPT_HOURS)
        if sql.execute(_CLAIM, wanted | {"now": now, "expires_at": expires_at}):
            return None
    except OperationalError as problem:
        if isinstance(problem.__cause__, LockNotAvailable):
            raise IdempotencyInProgress() from problem
        raise
    row = IdempotencyRecord.objects.get(scope=scope, key=once.key)
    if row.fingerprint != once.fingerprint:
        raise IdempotencyKeyReused()
    if row.status is None:
        raise IdempotencyInProgress()
    return StoredResponse(status=row.status, body=msgspec.json.format(row.body.encode(), indent=-1), replayed=True)


@within_unit_of_work
def keep(*, once: IdempotencyKey, answer: StoredResponse) -> None:
    """Keep the answer for whoever repeats the request."""
    if not 200 <= answer.status < 300:
        raise RuntimeError("only what was done is kept")
    sql.execute(
        _KEEP,
        {
            "status": answer.status,
            "body": answer.body.decode(),
            "scope": scope_for_column(once.scope),
            "key": once.key,
        },
    )


def purge(*, now: datetime) -> int:
    """Forget the answers that are old enough; returns how many."""
    return delete_in_batches(IdempotencyRecord.objects.filter(expires_at__lte=now))
