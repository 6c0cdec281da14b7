"""Health: alive, ready, degraded, unavailable."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from pytest_django import Settings

from api import health
from common import clock, heartbeats, redis
from common.testing import statements
from devstack.servers import ValkeyServer


@pytest.fixture(autouse=True)
def no_memory() -> Any:
    """Begin and end without anything remembered."""
    health._migrated.clear()
    redis.breaker.reset()
    yield
    health._migrated.clear()
    redis.breaker.reset()


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    """Ask whether the shop can serve."""
    response = client.get("/health/ready/")
    return response.status_code, response.json()


def test_a_process_that_answers_is_alive_whatever_else_is_not(client: Client) -> None:
    response = client.get("/health/live/")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_a_shop_with_everything_is_ok(client: Client) -> None:
    heartbeats.beat(name="worker", now=clock.now())
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
    heartbeats.beat(name="worker", now=clock.now())
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
    def gone() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(heartbeats, "last_seen", gone)
    response = client.get("/health/ready/")
    assert (response.status_code, response.json()["checks"]["database"]) == (503, "unreachable")
    assert response["Retry-After"] == "2"


@pytest.mark.django_db
def test_asking_again_costs_one_statement(client: Client) -> None:
    ready(client)
    with statements() as sql:
        ready(client)
    assert len(sql) == 1


@pytest.mark.parametrize("path", ["/health/live/", "/health/ready/"])
def test_health_is_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
