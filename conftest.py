"""What every test of the project shares.

Transactional tests end with an empty database. Append-only tables refuse that, so it, and nothing else, runs with the
triggers asleep.
"""

import contextlib
import gc
import os
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import structlog
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import TestCase, TransactionTestCase, client
from django.utils import timezone, translation
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker
from redis.exceptions import RedisError

from common import clock, counters, redis
from common.testing import ASLEEP, AWAKE, EMPTIED, Lines, keep_context_once, logged
from devstack import migrated
from devstack.pytest_servers import OWN_POSTGRES

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
if settings.get_current_profile_name() == "default":  # who tries mutants has chosen another
    settings.load_profile("patient")  # how long a draw takes says something of the machine and nothing of the code


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take how long the long races shall be."""
    parser.addoption("--races", type=int, default=150, metavar="N", help="rounds of the long races of money")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Have a process more than cores: tests wait a good deal, for servers, browsers and processes of their own."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Have the garbage collector leave Django and the tests alone: what is there by now stays until the end.

    It would walk through all of it again and again, which takes every sixth second of a run.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture
def races(request: pytest.FixtureRequest) -> int:
    """How many rounds a long race has: enough for every run of the suite, or as many as somebody asks for."""
    rounds: int = request.config.getoption("--races")
    return rounds


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> None:
    """Let the workers of a run copy what one of them has migrated."""
    if os.environ.get(OWN_POSTGRES) and os.environ.get("PYTEST_XDIST_WORKER"):
        with django_db_blocker.unblock():
            template = migrated.once(url=os.environ["DATABASE_URL"])
        connection.settings_dict["TEST"].update(TEMPLATE=template, MIGRATE=False)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Remember what migrations wrote, and give logins keys above those that actors of tests have.

    `STAFF`, number 1, signs in nowhere and has no role.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_user ALTER COLUMN id RESTART WITH 1001")
        EMPTIED.remember()


@pytest.fixture(autouse=True, scope="session")
def what_was_written_is_deleted() -> Iterator[None]:
    """Let each test begin with the rows of its kind, and a transactional one delete what it wrote, not all tables."""
    original = DatabaseOperations.execute_sql_flush

    def asleep(self: Any, sql_list: Iterable[str]) -> None:
        original(self, [ASLEEP, *sql_list, AWAKE])

    def empty(case: TransactionTestCase) -> None:
        EMPTIED.after(case)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(DatabaseOperations, "execute_sql_flush", asleep)
        patched.setattr(TransactionTestCase, "_fixture_teardown", empty)
        for case in (TransactionTestCase, TestCase):
            patched.setattr(case, "_fixture_setup", _prepared(case))
        yield


def _prepared(case: type[TransactionTestCase]) -> "classmethod[Any, [], None]":
    """Return a class's own preparation of a test, behind the rows that every test of its kind begins with."""
    original = case.__dict__["_fixture_setup"].__func__

    def prepare(cls: type[TransactionTestCase]) -> None:
        EMPTIED.before(is_transactional=case is TransactionTestCase)
        original(cls)

    return classmethod(prepare)


@pytest.fixture(autouse=True, scope="session")
def a_context_is_kept_once() -> Iterator[None]:
    """Let the test client copy each context of a page once."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(client, "store_rendered_templates", keep_context_once)
        yield


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Forget what the test before has left: figures, leases and throttles in Redis, who asked, in which language."""
    translation.deactivate()
    timezone.deactivate()
    structlog.contextvars.clear_contextvars()
    redis.breaker.reset()
    counters.begin_anew()
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
