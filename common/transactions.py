"""Units of work: the one transaction of a use case, and what becomes of the database's own refusals.

The outermost service function owns the transaction; steps refuse to run outside one. Inside a test's
own atomic block there is a unit of work only if the code under test opened it, because the blocks of the harness do not
count.
"""

import hashlib
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, connection, transaction
from django.db.models import Model, QuerySet
from django.db.utils import Error as DjangoDatabaseError
from psycopg_pool import PoolTimeout

from common import counters, sql
from common.errors import Busy, DatabaseUnavailable, Refusal
from common.trouble import trouble

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M", bound=Model)

DEADLOCK, SERIALISATION, LOCK_TIMEOUT, CANCELLED = "40P01", "40001", "55P03", "57014"
REPEATABLE = (DEADLOCK, SERIALISATION)
IMPATIENT = (LOCK_TIMEOUT, CANCELLED)
READ_ONLY = "25006"

ATTEMPTS = 3
"""How often a unit of work is begun that the database breaks off for the sake of others."""


@dataclass(frozen=True)
class Verdict:
    """What a violated constraint means: a refusal, and whether the unit of work is run once more before it."""

    refusal: Callable[[], Refusal]
    again: bool


_by_constraint: dict[str, Verdict] = {}


def open_blocks() -> list[Any]:
    """Return the atomic blocks that are open, outermost first, without those of the test harness."""
    return [block for block in connection.atomic_blocks if not getattr(block, "_from_testcase", False)]


def in_unit_of_work() -> bool:
    """Say whether a transaction is open that is not merely the test harness's, whose blocks are the outermost."""
    blocks = connection.atomic_blocks
    return bool(blocks) and not getattr(blocks[-1], "_from_testcase", False)


def refuse_inside(what: str) -> None:
    """Raise RuntimeError within a unit of work: `what` must wait for the commit, or come before the BEGIN."""
    if in_unit_of_work():
        raise RuntimeError(f"{what}: not with a transaction open")


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Open the one transaction of a use case. Raises RuntimeError inside another."""
    with transaction.atomic(durable=True):
        yield


def within_unit_of_work(step: Callable[P, T]) -> Callable[P, T]:
    """Make a step refuse (RuntimeError) to run outside a unit of work."""

    @wraps(step)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        if not in_unit_of_work():
            raise RuntimeError(f"{step.__qualname__} must run within a unit of work")
        return step(*args, **kwargs)

    return guarded


def locked(queryset: QuerySet[M]) -> QuerySet[M]:
    """Lock the rows of this table alone, weakly enough for foreign keys to them, always in pk order."""
    return queryset.select_for_update(of=("self",), no_key=True).order_by("pk")


def locked_if_free(queryset: QuerySet[M]) -> QuerySet[M]:
    """Lock them likewise, and pass over what somebody else has locked: a sweep comes again."""
    return queryset.select_for_update(of=("self",), no_key=True, skip_locked=True).order_by("pk")


@within_unit_of_work
def one_at_a_time(*, names: Iterable[str]) -> None:
    """Let nobody pass here who names any of the same until this unit of work ends.

    For bounds on what nobody has a row of yet, such as the orders of a mailbox. Always in the same order, so that two
    who share several names do not wait for each other.
    """
    digests = {hashlib.sha256(name.encode()).digest()[:8] for name in names}
    keys = sorted(int.from_bytes(digest, signed=True) for digest in digests)
    sql.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%(keys)s::bigint[]) AS key", {"keys": keys})


def refusal_for_constraint(*, name: str, refusal: Callable[[], Refusal], again: bool = False) -> None:
    """Say which refusal a violated constraint means.

    `again`: a unit of work that was judged by it is run once more. Its rule then finds what the other writer has left
    and says so itself, with everything that helps; the refusal is what remains if the constraint must judge once more.
    """
    _by_constraint[name] = Verdict(refusal=refusal, again=again)


def constraints_that_speak() -> dict[str, Verdict]:
    """Return what each constraint means that has a refusal."""
    return dict(_by_constraint)


def translated(problem: BaseException) -> Refusal | None:
    """Return the refusal a database error means, or None for a bug."""
    if isinstance(problem, PoolTimeout):
        return DatabaseUnavailable()
    if not isinstance(problem, DjangoDatabaseError):
        return None
    cause = problem.__cause__
    if isinstance(cause, PoolTimeout):
        return DatabaseUnavailable()
    state = getattr(cause, "sqlstate", None)
    trouble.note(state=state or "", message=str(cause))
    if state in REPEATABLE or state in IMPATIENT:
        counters.increment("database_busy")
        return Busy()
    verdict = _verdict(cause)
    if verdict is not None:
        counters.increment("constraint_judged")
        return verdict.refusal()
    is_garbled = isinstance(problem, InternalError) and state is None  # a pooler that breaks off answers twice
    if is_garbled or state == READ_ONLY or isinstance(problem, OperationalError | InterfaceError):
        return DatabaseUnavailable()
    return None


def run_unit_of_work(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `work` in a unit of work, the whole again after a deadlock or serialisation failure.

    Raises Busy when it keeps failing, or when a lock could not be had in time, and whatever `work` raises.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with unit_of_work():
                return work(*args, **kwargs)
        except DatabaseError as problem:
            if _worth_repeating(problem.__cause__, first=attempt == 1) and attempt < ATTEMPTS:
                counters.increment("unit_of_work_repeated")
                threading.Event().wait(random.uniform(0.01, 0.05) * attempt)  # noqa: S311
                continue
            refusal = translated(problem)
            if refusal is None:
                raise
            raise refusal from problem
    raise AssertionError("unreachable")


def _verdict(cause: BaseException | None) -> Verdict | None:
    """Return what the constraint that a database error names means, if it has a refusal."""
    return _by_constraint.get(getattr(getattr(cause, "diag", None), "constraint_name", None) or "")


def _worth_repeating(cause: BaseException | None, *, first: bool) -> bool:
    if getattr(cause, "sqlstate", None) in REPEATABLE:
        return True
    verdict = _verdict(cause)
    return first and verdict is not None and verdict.again
