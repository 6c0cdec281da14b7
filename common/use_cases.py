"""Use cases: what a door calls. One decorator owns the lease, the transaction, its repetition and the key.

What is decorated reads straight down (lock, judge, write, return) and returns objects. How the answer to a request
with an Idempotency-Key is written comes from the door (`answered`), and is kept in the use case's own transaction:
it happens and is remembered, or neither.
"""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import msgspec
from django.db import transaction

from common import idempotency, locks
from common.errors import Busy, Refusal
from common.idempotency import StoredResponse
from common.keys import IdempotencyKey
from common.transactions import run_unit_of_work, unit_of_work

P = ParamSpec("P")
T = TypeVar("T")
V = TypeVar("V")

TRIES = 2
"""How often a use case is tried whose lease turned out to cover too little; then it is busy."""


@dataclass
class _Request:
    """A request whose answer is written while its use case runs; `once` is its key, if it has one."""

    once: IdempotencyKey | None
    written: Callable[[Any], StoredResponse]
    now: datetime
    looked_up: bool = False
    answer: StoredResponse | None = None


class _AnsweredError(Exception):
    """The request was answered before; rolls back whatever has begun."""

    def __init__(self, kept: StoredResponse) -> None:
        self.kept = kept
        super().__init__()


_request: ContextVar[_Request | None] = ContextVar("request_answered_once", default=None)


def use_case(*, lease: Callable[..., Iterable[str]] | None = None) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Run a function as the one unit of work of a use case, again after a deadlock, under the lease it names.

    `lease`: called with the same arguments, returns the names to hold, before any transaction is open.

    The function raises Busy when it keeps failing, when a lock or the lease could not be had in time, or when the
    lease covered too little twice (`locks.require`).
    """

    def decorate(work: Callable[P, T]) -> Callable[P, T]:
        @wraps(work)
        def run(*args: P.args, **kwargs: P.kwargs) -> T:
            def whole() -> T:
                _refuse_repetition()
                result = work(*args, **kwargs)
                _write_answer(result)
                return result

            for _try in range(TRIES):
                _begin()
                try:
                    with locks.lease(lease(*args, **kwargs) if lease is not None else ()):
                        return run_unit_of_work(whole)
                except locks.LeaseOutgrownError:
                    continue
            raise Busy()

        return run

    return decorate


def answered(
    work: Callable[P, T],
    written: Callable[[T], StoredResponse],
    *,
    once: IdempotencyKey | None = None,
    admit: Callable[[], object] | None = None,
) -> Callable[P, StoredResponse]:
    """Return the use case `work` as something that answers a request.

    The answer is what `written` makes of the result, in the use case's own transaction, so it says how things are then.
    With a key it is kept there too: the same request again gets the same answer, whatever has become of things since.
    `admit`: raises for a caller who may not have that answer; asked before any kept one is looked for, because whoever
    knows a key has proved nothing. `work` judges access again, behind its locks.

    Raises what `admit` and `work` raise, and what `idempotency.claim` raises.
    """

    def run(*args: P.args, **kwargs: P.kwargs) -> StoredResponse:
        if admit is not None and once is not None:
            admit()
        now: Any = kwargs["now"]
        request = _Request(once=once, written=written, now=now)
        token = _request.set(request)
        try:
            work(*args, **kwargs)
        except _AnsweredError as repeated:
            return repeated.kept
        except Refusal:
            if once is None or request.looked_up:
                raise
            kept = _kept(once=once, now=now)  # refused before any transaction: by what it did the first time, perhaps
            if kept is None:
                raise
            return kept
        finally:
            _request.reset(token)
        if request.answer is None:
            raise RuntimeError("no use case has run that could answer")
        return request.answer

    return run


def remembered(work: Callable[P, T], value: Callable[[T], V], *, kind: type[V], once: IdempotencyKey) -> Callable[P, V]:
    """Return the use case `work` as something that happens once for a key and gives a value, the same one every time.

    `value`: what of the result is given; `kind`: its type, by which what was kept is read.
    """

    def run(*args: P.args, **kwargs: P.kwargs) -> V:
        written = answered(work, lambda made: StoredResponse(200, msgspec.json.encode(value(made))), once=once)
        return msgspec.json.decode(written(*args, **kwargs).body, type=kind)

    return run


def only_once(once: IdempotencyKey | None, work: Callable[P, object]) -> Callable[P, StoredResponse]:
    """Return the use case `work` as something that happens once for each key, for doors that say nothing of it."""
    return answered(work, lambda _result: StoredResponse(status=200, body=b"null"), once=once)


def stop_if_answered() -> None:
    """End here if the request that is being answered has been answered before; claims nothing.

    For use cases that do something before the transaction in which they are answered, such as calling a gateway.
    """
    request = _request.get()
    if request is not None and request.once is not None:
        kept = _kept(once=request.once, now=request.now)
        if kept is not None:
            raise _AnsweredError(kept)


def _begin() -> None:
    request = _request.get()
    if request is not None:
        request.looked_up = False


def _refuse_repetition() -> None:
    """Claim the key of the request that is being answered, if it has one; stop where it was answered before."""
    request = _request.get()
    if request is not None and request.once is not None:
        request.looked_up = True
        kept = idempotency.claim(once=request.once, now=request.now)
        if kept is not None:
            raise _AnsweredError(kept)


def _write_answer(result: Any) -> None:
    """Write the answer to the request that is being answered, if there is one, and keep it beside what was done."""
    request = _request.get()
    if request is not None:
        request.answer = request.written(result)
        if request.once is not None:
            idempotency.keep(once=request.once, answer=request.answer)


def _kept(*, once: IdempotencyKey, now: datetime) -> StoredResponse | None:
    """Return the answer kept for a repeated request; leaves no trace of having looked."""
    with unit_of_work():
        kept = idempotency.claim(once=once, now=now)
        if kept is None:
            transaction.set_rollback(True)
        return kept
