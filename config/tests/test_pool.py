"""The pool of a web process: short waits, and a database that comes back is found by the next request.

A process of its own, because the pool is chosen when settings are read, and the tests' own has none.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from common.postgres.base import Gate, Reaching, is_in_order
from devstack.servers import PostgresServer
from devstack.state import ROOT

# Answers each line with what asking the database gave and how many tenths of a second it took.
ASKING = """
import sys, threading, time, django
from django.conf import settings
settings.DATABASES["default"]["OPTIONS"]["pool"].update(max_size=1, timeout=float(sys.argv[1]))
django.setup()
from common.postgres import base
base.SILENCE = 2.5
base.Reaching.patience = 2.5
from django.db import Error, connection
from common.transactions import translated

def ask(seconds=0):
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [seconds])
        return "ok"
    except Error as problem:
        return translated(problem).code
    finally:
        connection.close()

for line in sys.stdin:
    began = time.monotonic()
    if line.strip() == "visitors":
        took = []
        def visit():
            for _number in range(20):
                begun = time.monotonic()
                assert ask() == "database_unavailable"
                took.append(time.monotonic() - begun)
        visitors = [threading.Thread(target=visit) for _number in range(14)]
        for one in visitors: one.start()
        for one in visitors: one.join()
        print("visited", int(sorted(took)[int(len(took) * 0.95)] * 1000), flush=True)
        continue
    if line.strip() == "crowd":
        taken = threading.Thread(target=ask, args=[2])
        taken.start()
        threading.Event().wait(0.5)
    answer = ask()
    print(answer, int((time.monotonic() - began) * 10), flush=True)
"""

PREPARED = "SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements WHERE statement !~ 'pg_prepared'"


class OfAPool(Reaching):
    """A connection as the pool has it."""

    gate = Gate()


class Web:
    """A web process that only asks the database."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, how: str = "once") -> tuple[str, int]:
        """Let it ask; return what came of it and after how many tenths of a second."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(how, file=self._process.stdin, flush=True)
        answer, tenths = self._process.stdout.readline().split()
        return answer, int(tenths)


@contextmanager
def web(url: str, *, patience: float = 0.5) -> Iterator[Web]:
    """Run a web process on a database; `patience`: seconds for which its pool is waited for."""
    environment = dict(
        os.environ,
        DATABASE_URL=url,
        REDIS_URL="redis://127.0.0.1:1/0",
        DJANGO_SETTINGS_MODULE="config.settings.dev",
        BALCAO_PROCESS="web",
        LOG_LEVEL="CRITICAL",
    )
    process = subprocess.Popen(
        [sys.executable, "-c", ASKING, str(patience)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Web(process)
    finally:
        process.kill()
        process.wait()


@pytest.mark.fault("D8")
def test_a_pool_without_a_free_connection_refuses_soon(postgres_server: PostgresServer) -> None:
    with web(postgres_server.url) as process:
        assert process.ask()[0] == "ok"
        answer, tenths = process.ask("crowd")
        assert answer == "database_unavailable"
        assert 10 <= tenths < 18


@pytest.mark.fault("D1")
def test_a_database_that_was_killed_is_found_again_at_once(postgres_server: PostgresServer) -> None:
    with web(postgres_server.url) as process:
        assert process.ask()[0] == "ok"
        postgres_server.kill()
        answers = [process.ask() for _try in range(12)]
        assert {answer for answer, _tenths in answers} == {"database_unavailable"}
        assert max(tenths for _answer, tenths in answers) < 15
        postgres_server.start()
        later = [process.ask()[0] for _try in range(6)]
        assert later[-1] == "ok"


@pytest.mark.fault("D30")
def test_a_database_that_hangs_is_waited_for_once_and_found_again(postgres_server: PostgresServer) -> None:
    with web(postgres_server.url) as process:
        assert process.ask()[0] == "ok"
        postgres_server.pause()
        try:
            answers = [process.ask() for _try in range(6)]
        finally:
            postgres_server.resume()
        assert {answer for answer, _tenths in answers} == {"database_unavailable"}
        waited = [tenths for _answer, tenths in answers]
        assert waited[0] >= 25
        assert max(waited[1:]) < 20, "whoever comes later does not wait for it again"
        assert until(lambda: process.ask()[0] == "ok")


@pytest.mark.fault("D1")
def test_a_session_that_the_server_ended_costs_nobody_a_request(postgres_server: PostgresServer) -> None:
    with web(postgres_server.url) as process:
        assert process.ask()[0] == "ok"
        with psycopg.connect(postgres_server.url, autocommit=True) as operator:
            ended = operator.execute(
                "SELECT count(pg_terminate_backend(pid, 2000)) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            ).fetchone()
        assert ended == (1,)
        assert process.ask()[0] == "ok"


@pytest.mark.fault("D1")
def test_a_refused_connection_is_answered_at_once_to_many_at_a_time(postgres_server: PostgresServer) -> None:
    with web(postgres_server.url, patience=20) as process:
        assert process.ask()[0] == "ok"
        postgres_server.kill()
        answer, milliseconds = process.ask("visitors")
        assert answer == "visited"
        assert milliseconds < 5_000, "whoever waits for the pool waits for twenty seconds"
        postgres_server.start()
        assert until(lambda: process.ask()[0] == "ok")


def test_an_idle_connection_is_asked_only_when_there_is_something_to_read(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    really = ConnectionPool.check_connection

    def ask(connection: Any) -> None:
        asked.append(connection)
        really(connection)

    monkeypatch.setattr(ConnectionPool, "check_connection", ask)
    with (
        psycopg.connect(postgres_server.url, autocommit=True) as idle,
        psycopg.connect(postgres_server.url, autocommit=True) as other,
    ):
        idle.execute("LISTEN news")
        assert is_in_order(idle)
        assert asked == []
        other.execute("NOTIFY news")
        assert until(lambda: is_in_order(idle) and asked == [idle])
        assert is_in_order(idle)
        assert asked == [idle]
        other.execute("SELECT pg_terminate_backend(%s, 2000)", [idle.info.backend_pid])
        assert until(lambda: not is_in_order(idle))
        assert not is_in_order(idle)


def test_what_is_prepared_outlives_a_refusal(postgres_server: PostgresServer) -> None:
    with OfAPool.connect(postgres_server.url, prepare_threshold=0) as session:
        for number in range(3):
            assert session.execute("SELECT %s::int", [number]).fetchone() == (number,)
            session.rollback()
        assert session.execute(PREPARED).fetchall() == [("SELECT $1::int", 3)]


def test_a_table_that_a_migration_has_changed_fails_a_statement_once(postgres_server: PostgresServer) -> None:
    with (
        OfAPool.connect(postgres_server.url, prepare_threshold=0) as session,
        psycopg.connect(postgres_server.url, autocommit=True) as operator,
    ):
        operator.execute("CREATE TABLE cakes (name varchar(10))")
        assert session.execute("SELECT name FROM cakes").fetchall() == []
        session.rollback()
        operator.execute("ALTER TABLE cakes ALTER name TYPE text")
        with pytest.raises(psycopg.errors.FeatureNotSupported):
            session.execute("SELECT name FROM cakes")
        session.rollback()
        assert session.execute("SELECT name FROM cakes").fetchall() == []
        session.rollback()
        operator.execute("DROP TABLE cakes")


def until(true: Callable[[], bool]) -> bool:
    """Wait a moment for what another process does."""
    return any(true() or threading.Event().wait(0.05) for _try in range(100))
