"""Passwords are hashed by a few threads at a time.

Hashing is made to be dear: a hundred megabytes and a good part of a second. Whoever sends many passwords at once must
not take every thread and all memory of the shop, so most of them are told to come back, and sales go on meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher

from common import counters
from common.errors import Busy

AT_ONCE = 2
"""Threads of a process that hash."""
MAY_WAIT = 1
"""Threads that wait for one of them; the rest of the process serves the others."""
PATIENCE = 3.0
"""Seconds."""

_hashing = BoundedSemaphore(AT_ONCE)
_there = BoundedSemaphore(AT_ONCE + MAY_WAIT)


@contextmanager
def one_of_few() -> Iterator[None]:
    """Run a block as one of the few that hash. Raises Busy, at once or after a moment."""
    if not _there.acquire(blocking=False):
        raise _too_many()
    try:
        if not _hashing.acquire(timeout=PATIENCE):
            raise _too_many()
        try:
            yield
        finally:
            _hashing.release()
    finally:
        _there.release()


def _too_many() -> Busy:
    counters.increment("hashing_busy")
    return Busy(retry_after=2)


class _OneOfFew:
    def encode(self, *args: Any, **kwargs: Any) -> str:
        """Return the hash. Raises Busy."""
        with one_of_few():
            return str(super().encode(*args, **kwargs))  # type: ignore[misc]

    def verify(self, *args: Any, **kwargs: Any) -> bool:
        """Say whether a password fits. Raises Busy."""
        with one_of_few():
            return bool(super().verify(*args, **kwargs))  # type: ignore[misc]


class Argon2OneOfFew(_OneOfFew, Argon2PasswordHasher):
    """Argon2, in one thread a password."""

    parallelism = 1


class PBKDF2OneOfFew(_OneOfFew, PBKDF2PasswordHasher):
    """For passwords that were hashed elsewhere before."""

    def verify(self, password: str, encoded: str) -> bool:
        """Say whether a password fits; the hash is counted once, where it is made. Raises Busy."""
        return PBKDF2PasswordHasher.verify(self, password, encoded)
