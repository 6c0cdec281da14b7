"""A second database that follows the first, and where what anybody may see, and reports, are read.

For the length of a read the replica's connection is this thread's connection: statements, querysets and what they call
know nothing of it. Nothing that judges is ever read so: within a transaction this room does nothing.

Whether the replica is fit is asked at most once a second in each process. It has all that the primary had written when
it was asked, or else is behind by no more than the time since the last transaction it has followed: an upper bound. One
that is further behind than `settings.REPLICA_MAX_LAG` is not read; one that fails costs one repetition at the primary
and is left alone for a while. Where the primary is away, the replica is read however old it is, rather than nothing.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from psycopg_pool import PoolTimeout

from common import counters
from common.postgres.base import DatabaseWrapper

T = TypeVar("T")

ALIAS, PRIMARY = "replica", "primary"
READ = "read"
"""Family of counts: reads that the replica may answer, by the database that did."""

OK, BEHIND, LEADS, UNREACHABLE = "ok", "behind", "leads", "unreachable"
"""How a replica stands: fit; too old; it follows nobody, so nobody knows how old; away."""

KEPT_SECONDS = 1.0
LEFT_ALONE_SECONDS = 5.0
LOOK_SECONDS = 1.0
"""For which a look waits for a server that says nothing."""
PATIENCE_SECONDS = 5.0
"""For which a read does."""

CANCELLED = "57014"
FAMILIES_OF_AWAY = ("08", "53", "57")
"""Classes of SQLSTATE by which a server says that it serves nobody now."""

_WRITTEN = """
SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)::text
"""
_FOLLOWED = """
SELECT pg_is_in_recovery(), CASE
    WHEN pg_last_wal_replay_lsn() >= %s::pg_lsn THEN 0
    ELSE greatest(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 0)
END::float8
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Standing:
    """How the replica stands: `word`, and by how many seconds it is behind at most; None where nobody knows.

    `is_alone`: the primary does not answer.
    """

    word: str
    lag: float | None = None
    is_alone: bool = False

    @property
    def is_read(self) -> bool:
        """Whether it is fit to be read: not too old, or better than nothing."""
        return self.word == OK or (self.is_alone and self.word != UNREACHABLE)


class Lookout:
    """How the replica stands, for the threads of a process: one looks, the others take what was seen last."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._seen, self._until, self._is_looking = Standing(UNREACHABLE), 0.0, False

    def standing(self) -> Standing:
        """Return how the replica stands; a second old at most, or for as long as somebody looks."""
        with self._guard:
            if self._is_looking or time.monotonic() < self._until:
                return self._seen
            self._is_looking = True
        seen = Standing(UNREACHABLE)
        try:
            seen = _look()
        finally:
            self._note(seen)
        return seen

    def leave_alone(self) -> None:
        """Read nothing there for a while."""
        counters.increment("replica_break")
        self._note(Standing(UNREACHABLE))

    def forget(self) -> None:
        """Look before the next read."""
        with self._guard:
            self._until = 0.0

    def _note(self, seen: Standing) -> None:
        seconds = KEPT_SECONDS if seen.word in (OK, BEHIND) else LEFT_ALONE_SECONDS
        with self._guard:
            before, self._seen, self._is_looking = self._seen, seen, False
            self._until = time.monotonic() + seconds
        if (before.word, before.is_alone) != (seen.word, seen.is_alone):
            log.warning("replica", standing=seen.word, lag=seen.lag, primary_is_away=seen.is_alone)


lookout = Lookout()


def is_set() -> bool:
    """Say whether there is a replica."""
    return ALIAS in connections.settings


def is_read() -> bool:
    """Say whether this thread reads at the replica now. What it finds may be old: nobody else is to be told it."""
    return bool(connection.alias == ALIAS)


def standing() -> Standing:
    """Return how the replica stands. There must be one."""
    return lookout.standing()


def read(work: Callable[[], T], *, patience: float = PATIENCE_SECONDS) -> T:
    """Return what `work` returns, read at the replica where there is one that is fit, and else at the primary.

    `work` only reads, and may be called twice. `patience`: seconds that a statement may wait for a replica that hangs.
    Raises what `work` raises.
    """
    if not is_set() or is_read() or connection.in_atomic_block:
        return work()
    if standing().is_read:
        try:
            with _instead(patience=patience):
                found = work()
        except Error as problem:
            if _state(problem) == CANCELLED:  # it took too long, and would again
                raise
            _failed(problem)
        else:
            counters.count((READ, ALIAS))
            return found
    counters.count((READ, PRIMARY))
    return work()


@contextmanager
def _instead(*, patience: float) -> Iterator[None]:
    """Let the replica's connection be this thread's for the length of the block."""
    primary, replica = _database(DEFAULT_DB_ALIAS), _database(ALIAS)
    try:
        with replica.patient(seconds=patience):
            connections[DEFAULT_DB_ALIAS] = replica
            try:
                yield
            finally:
                connections[DEFAULT_DB_ALIAS] = primary
    except Error:
        replica.close()
        raise


def _failed(problem: Error) -> None:
    """Count a read that the replica has not answered; one that is away is left alone, one that was busy is not."""
    counters.increment("replica_failed")
    state = _state(problem)
    log.warning("replica_failed", sqlstate=state, message=str(problem).partition("\n")[0][:200])
    if not state or state.startswith(FAMILIES_OF_AWAY):
        lookout.leave_alone()


def _look() -> Standing:
    """Ask both how far they are, the primary first: what it has written meanwhile is not held against the replica."""
    written, is_alone = None, False
    try:
        [written] = _asked(DEFAULT_DB_ALIAS, _WRITTEN)
    except Error as problem:
        primary = _database(DEFAULT_DB_ALIAS)
        is_alone = primary.gate.is_shut or not isinstance(problem.__cause__, PoolTimeout)  # else it is only crowded
        primary.close()
    try:
        follows, lag = _asked(ALIAS, _FOLLOWED, written)
    except Error:
        connections[ALIAS].close()
        return Standing(UNREACHABLE, is_alone=is_alone)
    if not follows:
        _database(ALIAS).forget()
        return Standing(LEADS, is_alone=is_alone)
    is_near = lag is not None and lag <= settings.REPLICA_MAX_LAG
    return Standing(OK if is_near else BEHIND, lag=lag, is_alone=is_alone)


def _asked(alias: str, statement: str, *values: Any) -> Any:
    asked = _database(alias)
    with asked.patient(seconds=LOOK_SECONDS), asked.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


def _database(alias: str) -> DatabaseWrapper:
    return cast("DatabaseWrapper", connections[alias])


def _state(problem: Error) -> str:
    return getattr(problem.__cause__, "sqlstate", None) or ""
