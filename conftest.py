"""What every test of the project shares.

Transactional tests end with a flush. Append-only tables refuse TRUNCATE, so that flush, and nothing else, runs with
the triggers asleep.
"""

import contextlib
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import structlog
from django.db.backends.postgresql.operations import DatabaseOperations
from hypothesis import HealthCheck, settings
from redis.exceptions import RedisError

from common import clock, redis
from common.testing import Lines, logged

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
if settings.get_current_profile_name() == "default":  # who tries mutants has chosen another
    settings.load_profile("patient")  # how long a draw takes says something of the machine and nothing of the code


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take how long the long races shall be."""
    parser.addoption("--races", type=int, default=150, metavar="N", help="rounds of the long races of money")


@pytest.fixture
def races(request: pytest.FixtureRequest) -> int:
    """How many rounds a long race has: enough for every run of the suite, or as many as somebody asks for."""
    rounds: int = request.config.getoption("--races")
    return rounds


@pytest.fixture(autouse=True, scope="session")
def flush_with_triggers_asleep() -> Iterator[None]:
    """Let the flush after a transactional test empty the append-only tables too."""
    original = DatabaseOperations.execute_sql_flush

    def asleep(self: Any, sql_list: Iterable[str]) -> None:
        original(self, ["SET session_replication_role = replica", *sql_list, "SET session_replication_role = DEFAULT"])

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(DatabaseOperations, "execute_sql_flush", asleep)
        yield


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Forget what the test before has left: figures on show, leases and throttles in Redis, who asked in the log."""
    structlog.contextvars.clear_contextvars()
    redis.breaker.reset()
    with contextlib.suppress(RedisError):
        redis.client().flushdb()


@pytest.fixture(autouse=True)
def a_clock_that_was_set_starts_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `settings.SHOP_NOW` begin with the test, not with the session: holds would run out in a slow one."""
    monkeypatch.setattr(clock, "_STARTED", time.monotonic())


@pytest.fixture
def log_lines() -> Iterator[Lines]:
    """Collect what the test logs."""
    with logged() as lines:
        yield lines
