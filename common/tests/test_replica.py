"""Reading elsewhere: where a read goes, and what brings it back. Here the other database is the same one, reached again."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections

from common import counters, replica, sql
from common.models import Heartbeat
from common.postgres.base import DatabaseWrapper
from common.replica import BEHIND, LEADS, OK, UNREACHABLE, Lookout, Standing
from common.testing import Lines
from common.transactions import unit_of_work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def other(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    described = deepcopy(connections.settings[DEFAULT_DB_ALIAS])
    connections[replica.ALIAS] = DatabaseWrapper(described, alias=replica.ALIAS)
    connections[replica.ALIAS].ensure_connection()  # no test may reach a database that is among the settings later
    monkeypatch.setitem(connections.settings, replica.ALIAS, described)
    monkeypatch.setattr(replica, "lookout", Lookout())
    yield
    connections[replica.ALIAS].close()
    del connections[replica.ALIAS]


def seen(monkeypatch: pytest.MonkeyPatch, standing: Standing) -> None:
    """Let a look find the replica so."""
    monkeypatch.setattr(replica, "_look", lambda: standing)


def backend() -> tuple[str, int]:
    """Return which connection this thread has, and the number of its session."""
    return connection.alias, sql.rows("SELECT pg_backend_pid()", {})[0][0]


def test_a_read_has_the_replicas_connection_and_what_it_loads_knows_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen(monkeypatch, Standing(OK, lag=0))
    Heartbeat.objects.create(name="worker", beat_at="2026-03-02T12:00:00Z")
    name, there = backend()
    elsewhere = replica.read(backend)
    assert (name, elsewhere[0]) == ("default", "replica")
    assert there != elsewhere[1]
    assert backend() == (name, there)
    beat = replica.read(Heartbeat.objects.get)
    assert beat._state.db == "default"
    assert replica.read(lambda: replica.read(backend))[0] == "replica", "a read within a read is that read"


def test_within_a_transaction_nothing_is_read_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, Standing(OK, lag=0))
    with unit_of_work():
        assert replica.read(backend)[0] == "default"


@pytest.mark.parametrize(
    ("standing", "database"),
    [
        (Standing(OK, lag=0), "replica"),
        (Standing(BEHIND, lag=9), "default"),
        (Standing(BEHIND), "default"),
        (Standing(LEADS), "default"),
        (Standing(UNREACHABLE), "default"),
        (Standing(BEHIND, lag=9, is_alone=True), "replica"),
        (Standing(LEADS, is_alone=True), "replica"),
        (Standing(UNREACHABLE, is_alone=True), "default"),
    ],
)
def test_what_is_too_old_is_read_only_where_there_is_nothing_else(
    monkeypatch: pytest.MonkeyPatch, standing: Standing, database: str
) -> None:
    seen(monkeypatch, standing)
    assert replica.read(backend)[0] == database


def test_a_database_that_follows_nobody_is_no_replica() -> None:
    assert replica.standing() == Standing(LEADS)


@pytest.mark.fault("D6")
def test_a_replica_that_ends_a_session_is_missed_once_and_left_alone(
    monkeypatch: pytest.MonkeyPatch, log_lines: Lines
) -> None:
    seen(monkeypatch, Standing(OK, lag=0))
    tried: list[str] = []

    def ended() -> str:
        tried.append(connection.alias)
        if replica.is_read():
            sql.rows("SELECT pg_terminate_backend(pg_backend_pid())", {})
        return backend()[0]

    before = counters.read("replica_failed")
    assert [replica.read(ended), replica.read(ended)] == ["default", "default"]
    assert tried == ["replica", "default", "default"]
    assert counters.read("replica_failed") == before + 1
    assert replica.standing().word == UNREACHABLE
    assert [line["event"] for line in log_lines.of("common.replica")] == ["replica", "replica_failed", "replica"]


@pytest.mark.parametrize("state", ["40001", "42703", "25006"])
def test_a_read_that_only_the_replica_refuses_is_asked_again_and_the_replica_is_not_left_alone(
    monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    seen(monkeypatch, Standing(OK, lag=0))

    def refused() -> str:
        if replica.is_read():
            sql.execute(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$", {})
        return backend()[0]

    assert replica.read(refused) == "default"
    assert replica.standing().word == OK


def test_a_read_that_takes_too_long_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, Standing(OK, lag=0))
    tried: list[Any] = []

    def slow() -> None:
        tried.append(connection.alias)
        sql.execute("DO $$ BEGIN RAISE EXCEPTION 'too long' USING ERRCODE = 'query_canceled'; END $$", {})

    with pytest.raises(DatabaseError, match="too long"):
        replica.read(slow)
    assert tried == ["replica"]
    assert connection.alias == "default"


def test_one_look_serves_all_reads_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Standing] = []

    def look() -> Standing:
        looks.append(Standing(OK, lag=0))
        return looks[-1]

    monkeypatch.setattr(replica, "_look", look)
    monkeypatch.setattr(replica, "KEPT_SECONDS", 3600.0)
    for _number in range(5):
        replica.read(backend)
    assert len(looks) == 1
    replica.lookout.forget()
    replica.read(backend)
    assert len(looks) == 2
