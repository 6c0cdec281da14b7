"""Health: alive, ready, degraded, unavailable."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from pytest_django import Settings

from api import health
from common import clock, heartbeats, outages, outbox, redis, sql
from common.errors import DatabaseUnavailable
from common.testing import Lines, statements
from common.transactions import run_unit_of_work, unit_of_work
from common.trouble import trouble
from devstack.servers import ValkeyServer


@pytest.fixture(autouse=True)
def no_memory() -> Any:
    """Begin and end without anything remembered."""
    health._migrated.clear()
    health._told.clear()
    redis.breaker.reset()
    trouble.forget()
    yield
    trouble.forget()
    health._migrated.clear()
    redis.breaker.reset()


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    """Ask whether the shop can serve."""
    response = client.get("/health/ready/")
    return response.status_code, response.json()


def both_workers_beat() -> None:
    """Let both workers be seen."""
    for name in ("worker", "mail"):
        heartbeats.beat(name=name, now=clock.now())


def test_a_process_that_answers_is_alive_whatever_else_is_not(client: Client) -> None:
    response = client.get("/health/live/")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_a_shop_with_everything_is_ok(client: Client) -> None:
    both_workers_beat()
    status, body = ready(client)
    assert (status, body["status"]) == (200, "ok")
    assert set(body["checks"].values()) == {"ok"}


def test_migrations_are_known_by_their_files_without_being_loaded() -> None:
    assert set(health._migrations()) == set(MigrationLoader(None).disk_migrations)


@pytest.mark.fault("D12")
@pytest.mark.django_db
@pytest.mark.parametrize("seconds", [None, 121, 86_400, -86_400])
def test_a_silent_worker_only_degrades(client: Client, seconds: int | None) -> None:
    if seconds is not None:
        heartbeats.beat(name="worker", now=clock.now() - timedelta(seconds=seconds))
    status, body = ready(client)
    assert (status, body["status"], body["checks"]["worker"]) == (200, "degraded", "silent")


@pytest.mark.django_db
def test_redis_only_degrades(client: Client, redis_server: ValkeyServer, settings: Settings) -> None:
    both_workers_beat()
    settings.REDIS_URL = redis_server.url
    redis_server.kill()
    status, body = ready(client)
    assert (status, body["status"], body["checks"]["redis"]) == (200, "degraded", "unreachable")


@pytest.mark.django_db
def test_migrations_that_wait_to_be_applied_make_it_unavailable(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'common'")
    status, body = ready(client)
    assert (status, body["status"], body["checks"]["migrations"]) == (503, "unavailable", "missing")


@pytest.mark.fault("D1")
@pytest.mark.django_db
def test_a_database_that_is_away_makes_it_unavailable(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(**_words: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "standing", gone)
    response = client.get("/health/ready/")
    assert (response.status_code, response.json()["checks"]["database"]) == (503, "unreachable")
    assert response["Retry-After"] == "2"


@pytest.mark.fault("D7")
@pytest.mark.django_db
def test_a_database_that_only_reads_is_said(client: Client, log_lines: Lines) -> None:
    both_workers_beat()
    assert ready(client)[1]["status"] == "ok"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
    status, body = ready(client)
    assert (status, body["status"], body["checks"]["database"]) == (200, "degraded", "read_only")
    [line] = log_lines.of("api.health")
    assert (line["event"], line["database"]) == ("readiness", "read_only")
    ready(client)
    assert len(log_lines.of("api.health")) == 1, "a change is one line"


@pytest.mark.fault("D27")
@pytest.mark.django_db
def test_a_disk_that_is_full_is_said_with_its_cause_once(client: Client, log_lines: Lines) -> None:
    both_workers_beat()
    refuse = "DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
    for _write in range(3):
        with pytest.raises(DatabaseUnavailable):
            run_unit_of_work(sql.execute, refuse, {})
    status, body = ready(client)
    assert (status, body["status"], body["checks"]["database"]) == (200, "degraded", "full")
    [line] = log_lines.of("common.trouble")
    assert (line["cause"], line["sqlstate"], line["message"]) == ("full", "53100", "could not extend file")


@pytest.mark.fault("D14")
@pytest.mark.django_db
def test_messages_that_are_late_and_letters_that_wait_are_told_apart(client: Client) -> None:
    both_workers_beat()
    now = clock.now()
    with unit_of_work():
        outbox.emit(name="order.placed", payload={"order": "X"}, now=now - timedelta(minutes=6))
    assert ready(client)[1]["checks"]["outbox"] == "late"
    outages.failed(name=outages.MAIL, cause="Connection refused", now=now)
    checks = ready(client)[1]["checks"]
    assert (checks["outbox"], checks["mail"]) == ("ok", "away")
    with unit_of_work():
        outbox.emit(name="refund.due", payload={"refund": "X"}, now=now - timedelta(minutes=6))
    assert ready(client)[1]["checks"]["outbox"] == "late"


@pytest.mark.fault("D29")
@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "said"), [(5, "ok"), (40, "behind")])
def test_a_standby_that_is_far_behind_is_said(client: Client, seconds: int, said: str) -> None:
    with connection.cursor() as cursor:  # it stands before the catalogue's own
        cursor.execute("CREATE TEMP TABLE pg_stat_replication (application_name text, state text, replay_lag interval)")
        cursor.execute(
            "INSERT INTO pg_temp.pg_stat_replication VALUES ('two', 'streaming', make_interval(secs => %s))", [seconds]
        )
    try:
        assert ready(client)[1]["checks"]["replication"] == said
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE pg_temp.pg_stat_replication")


@pytest.mark.django_db
def test_asking_again_costs_one_statement(client: Client) -> None:
    ready(client)
    with statements() as sql:
        ready(client)
    assert len(sql) == 1


@pytest.mark.parametrize("path", ["/health/live/", "/health/ready/"])
def test_health_is_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
