"""Passwords are hashed by a few threads at a time.

Hashing is made to be dear: 46 MiB and a good part of a second on a small server. Whoever sends many passwords at once
must not take every thread and all memory of the shop, so most of them are told to come back, and sales go on meanwhile.
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
    """Argon2id in one thread a password, as dear as the Password Storage Cheat Sheet of OWASP asks for.

    Those of Django are two passes over 100 MiB: five times the time, and four at once are half of a server of 1 GB,
    which is what a small shop has.
    """

    memory_cost = 47_104
    time_cost = 1
    parallelism = 1


def settings_of(encoded: str) -> str:
    """Return what a hash was made with: algorithm, cost and salt."""
    return encoded.rpartition("$")[0]


def hashed_like(encoded: str, *, password: str) -> str:
    """Hash a password at the cost and with the salt of a hash of Argon2, to be compared with it. Raises Busy."""
    hasher = Argon2OneOfFew()
    made = hasher.decode(encoded)
    hasher.memory_cost, hasher.time_cost = made["memory_cost"], made["time_cost"]
    hasher.parallelism = made["parallelism"]
    return hasher.encode(password, made["salt"])


class PBKDF2OneOfFew(_OneOfFew, PBKDF2PasswordHasher):
    """For passwords that were hashed elsewhere before."""

    def verify(self, password: str, encoded: str) -> bool:
        """Say whether a password fits; the hash is counted once, where it is made. Raises Busy."""
        return PBKDF2PasswordHasher.verify(self, password, encoded)
