"""Use cases: what a door calls. One decorator owns the lease, the transaction, its repetition and the key.

What is decorated reads straight down (lock, judge, write, return) and returns objects. How the answer to a request
with an Idempotency-Key is written comes from the door (`answer_once`), and is kept in the use case's own transaction:
it happens and is remembered, or neither.
"""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from common import idempotency, locks
from common.errors import Busy, Refusal
from common.idempotency import IdempotencyKey, StoredResponse
from common.transactions import run_unit_of_work

P = ParamSpec("P")
T = TypeVar("T")

TRIES = 2
"""How often a use case is tried whose lease turned out to cover too little; then it is busy."""


@dataclass
class _Request:
    """A request that must be answered once, while its use case runs."""

    once: IdempotencyKey
    written: Callable[[Any], StoredResponse]
    now: datetime
    looked_up: bool = False
    answer: StoredResponse | None = None


class _AnsweredError(Exception):
    """The request was answered before; rolls back whatever has begun."""


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
                _keep_answer(result)
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


def answer_once(
    once: IdempotencyKey | None, work: Callable[P, T], written: Callable[[T], StoredResponse]
) -> Callable[P, StoredResponse]:
    """Return the use case `work` as something that answers a request, once for each key.

    The answer is what `written` makes of the result. With a key it is written in the use case's own transaction, and
    the same request again gets the same answer, whatever has become of things since; without one, after the commit.

    Raises what `work` raises, and what `idempotency.claim_stored` raises.
    """

    def answered(*args: P.args, **kwargs: P.kwargs) -> StoredResponse:
        if once is None:
            return written(work(*args, **kwargs))
        now: Any = kwargs["now"]
        request = _Request(once=once, written=written, now=now)
        token = _request.set(request)
        try:
            work(*args, **kwargs)
        except _AnsweredError:
            pass
        except Refusal:
            if not request.looked_up:  # refused before any transaction: it may be the very thing that was done before
                request.answer = _kept(request)
            if request.answer is None:
                raise
        finally:
            _request.reset(token)
        if request.answer is None:
            raise RuntimeError("no use case ran that could keep its answer")
        return request.answer

    return answered


def _begin() -> None:
    request = _request.get()
    if request is not None:
        request.looked_up, request.answer = False, None


def _refuse_repetition() -> None:
    """Claim the key of the request that is being answered, if there is one; stop where it was answered before."""
    request = _request.get()
    if request is not None:
        request.looked_up = True
        request.answer = idempotency.claim_stored(once=request.once, now=request.now)
        if request.answer is not None:
            raise _AnsweredError


def _keep_answer(result: Any) -> None:
    """Write the answer to the request that is being answered, if there is one, beside what was done."""
    request = _request.get()
    if request is not None:
        request.answer = request.written(result)
        idempotency.keep_stored(once=request.once, answer=request.answer)


def _kept(request: _Request) -> StoredResponse | None:
    """Return the answer kept for a repeated request; leaves no trace of having looked."""

    def look() -> None:
        request.answer = idempotency.claim_stored(once=request.once, now=request.now)
        raise _AnsweredError

    try:
        run_unit_of_work(look)
    except _AnsweredError:
        return request.answer
    raise AssertionError("unreachable")
