"""Figures for Prometheus: right to the cent, closed to strangers, cheap however large the shop is."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from ipaddress import ip_network
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from accounts.tests import factories
from common import backups, clock, counters, heartbeats, redis
from common.models import BackupCopy, Examination, OutboxMessage, SentLetter
from inventory.tests.factories import MONDAY
from operations import metrics, views
from operations.metrics import families, readings
from orders.tests.doors import an_order
from scheduling.models import Appointment
from scheduling.tests.factories import at, booked, salon
from storefront.tests.shop import on_sale, variant

TOKEN = "a-token-that-is-long-enough-for-a-test"
BEARER: dict[str, Any] = {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}
STATEMENTS = len(readings.READINGS) * 4  # savepoint, limit of time, the statement, release

pytestmark = pytest.mark.django_db

Figures = dict[tuple[str, ...], float]


def figures(now: datetime = MONDAY) -> Figures:
    """Every sample by its name and the words of its labels, in the order of the labels' names."""
    text = metrics.exposed(now=now).decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def shop(settings: Any) -> None:
    """A small shop on a Monday: two orders, a visit, two messages and a letter."""
    settings.SHOP_NOW = MONDAY
    on_sale("Bolo de fubá", variant("BOLO", "59.90"), stock=3)
    on_sale("Pudim", variant("PUDIM", "10.00"), stock=0)
    salon()
    booked(at(15))
    an_order({"BOLO": 1})
    an_order({"BOLO": 2})


@pytest.fixture
def token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def test_every_family_is_read_by_one_statement_or_counted_and_no_other_is() -> None:
    told = {name for reading in readings.READINGS for name in re.findall(r"'(balcao_\w+)'", reading.statement)}
    assert told == {
        family.name
        for family in (*families.SHOP, *families.WORK, *families.COPIES, *families.INTEGRITY, *families.DATABASE)
    }
    assert len({family.name for family in families.FAMILIES}) == len(families.FAMILIES)


def test_names_follow_the_conventions() -> None:
    for family in families.FAMILIES:
        assert re.fullmatch(r"balcao_[a-z_]+", family.name), family
        assert family.name.endswith("_total") == (family.kind == "counter"), family
        assert len(family.known) in (0, len(family.labels)), family


def test_a_shop_without_anything_says_0_and_not_nothing() -> None:
    found = {name for name, *_words in figures()}
    lacking = {
        family.name
        for family in (*families.SHOP, *families.WORK, *families.COPIES, *families.INTEGRITY, *families.DATABASE)
    } - found
    assert lacking == {
        "balcao_order_last_placed_timestamp_seconds",
        "balcao_heartbeat_timestamp_seconds",
        "balcao_backup_made_timestamp_seconds",
        "balcao_backup_proved_timestamp_seconds",
        "balcao_integrity_examined_timestamp_seconds",
        "balcao_integrity_seconds",
    }
    assert figures()["balcao_integrity_findings",] == 0
    assert figures()["balcao_events_total", "lock_degraded"] == 0


def test_what_the_shop_sold_and_keeps(shop: None) -> None:
    found = figures()
    expected = {
        ("balcao_orders_placed_total",): 2,
        ("balcao_orders_open", "pending"): 0,
        ("balcao_orders_open", "confirmed"): 2,
        ("balcao_orders_last_day", "web"): 2,
        ("balcao_orders_last_day", "counter"): 0,
        ("balcao_sales_last_day", "web", "BRL"): 179.7,
        ("balcao_units_kept", "order"): 3,
        ("balcao_units_kept", "cart"): 0,
        ("balcao_skus_out_of_stock",): 1,
        ("balcao_up", "database"): 1,
        ("balcao_up", "redis"): 1,
        ("balcao_database_is_standby",): 0,
        ("balcao_database_lag_seconds",): 0,
    }
    assert {name: round(found[name], 2) for name in expected} == expected
    assert found["balcao_database_size_bytes",] > 1_000_000
    assert 0 <= found["balcao_order_last_placed_timestamp_seconds",] - MONDAY.timestamp() < 60
    visit = Appointment.objects.get().starts_at
    assert figures(visit - timedelta(hours=1))["balcao_visits_next_day",] == 1
    assert figures(visit + timedelta(hours=25))["balcao_visits_unsettled",] == 1


def test_messages_letters_and_signs_of_life() -> None:
    now = MONDAY
    for attempts, dead_at in ((0, None), (4, None), (10, now)):
        OutboxMessage.objects.create(
            name="order.placed", handler="x", payload={}, attempts=attempts, dead_at=dead_at, occurred_at=now - timedelta(hours=2),
            not_before=now,
        )  # fmt: skip
    for number, held_back in enumerate(("", "", "client")):
        SentLetter.objects.create(
            identity=f"00000000-0000-4000-8000-00000000000{number}", mailbox="m", subject="S", held_back=held_back, at=now
        )  # fmt: skip
    heartbeats.beat(name="worker", now=now)
    found = figures()
    expected = {
        ("balcao_outbox_waiting",): 2,
        ("balcao_outbox_retried",): 1,
        ("balcao_outbox_dead",): 1,
        ("balcao_outbox_oldest_seconds",): 7200,
        ("balcao_letters_last_day", "sent"): 2,
        ("balcao_letters_last_day", "client"): 1,
        ("balcao_letters_last_day", "mailbox"): 0,
        ("balcao_heartbeat_timestamp_seconds", "worker"): now.timestamp(),
    }
    assert {name: found[name] for name in expected} == expected


def test_copies_are_well_while_the_shops_own_rule_says_so() -> None:
    def told(now: datetime) -> list[float]:
        found, state = figures(now), backups.state()
        well = [found["balcao_backup_well", what] for what in ("copied", "proved", "received")]
        assert well == [not state.is_old(now=now), not state.is_unproved(now=now), not state.is_silent(now=now)]
        return well

    assert told(MONDAY) == [0, 0, 1]
    BackupCopy.objects.create(kind="portable", name="1", made_at=MONDAY, proved_at=MONDAY, is_sound=True)
    heartbeats.beat(name=backups.WAL, now=MONDAY)
    assert told(MONDAY + timedelta(minutes=15)) == [1, 1, 1]
    assert told(MONDAY + timedelta(hours=26)) == [1, 1, 0]
    assert told(MONDAY + timedelta(days=8)) == [0, 1, 0]
    assert told(MONDAY + timedelta(days=8, seconds=1)) == [0, 0, 0]
    later = MONDAY + timedelta(hours=1)
    BackupCopy.objects.create(kind="physical", name="2", made_at=later, proved_at=later, is_sound=False)
    assert told(later) == [1, 0, 0]
    assert figures(later)["balcao_backup_made_timestamp_seconds",] == later.timestamp()
    assert figures(later)["balcao_backup_proved_timestamp_seconds",] == MONDAY.timestamp()


def test_what_the_last_examination_found() -> None:
    for hours, broken in ((1, [{"check": "a"}]), (2, [{"check": "a"}, {"check": "b"}])):
        began = MONDAY - timedelta(hours=hours)
        Examination.objects.create(began_at=began, ended_at=began + timedelta(seconds=70), broken=broken)
    Examination.objects.create(began_at=MONDAY)  # has not ended
    found = figures()
    assert found["balcao_integrity_findings",] == 1
    assert found["balcao_integrity_seconds",] == 70
    assert found["balcao_integrity_examined_timestamp_seconds",] == MONDAY.timestamp() - 3530


def test_requests_are_told_as_a_histogram_that_adds_up(client: Client, token: None) -> None:
    for _ in range(3):
        client.get("/api/v1/shop/")
    found = figures()
    name, route = "balcao_http_request_duration_seconds", ("GET", "api/v1/shop/")
    assert found["balcao_http_requests_total", *route, "200"] == 3
    assert found[f"{name}_count", *route] == found[f"{name}_bucket", "+Inf", *route] == 3
    assert 0 < found[f"{name}_sum", *route] < 30
    buckets = [value for (sample, *_words), value in found.items() if sample == f"{name}_bucket"]
    assert buckets == sorted(buckets)


def test_the_statements_are_as_many_however_large_the_shop_is(shop: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        figures()
    assert len(asked) == STATEMENTS
    for _ in range(3):
        booked(at(9 + _))
    with CaptureQueriesContext(connection) as asked_again:
        figures()
    assert len(asked_again) == STATEMENTS


def test_a_group_that_takes_too_long_is_left_out_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "PATIENCE_MILLISECONDS", 50)
    slow = readings.Reading("money", f"WITH slow AS (SELECT pg_sleep(1)) {readings.MONEY.replace('WITH', ',', 1)}")
    others = [reading for reading in readings.READINGS if reading.group != "money"]
    monkeypatch.setattr(readings, "READINGS", (*others, _slowed(slow)))
    found = figures()
    assert found["balcao_reading_up", "money"] == 0
    assert found["balcao_reading_up", "work"] == 1
    assert not [name for name in found if name[0] == "balcao_refunds_owed"]
    assert found["balcao_outbox_waiting",] == 0
    assert found["balcao_up", "database"] == 1


def _slowed(reading: readings.Reading) -> readings.Reading:
    return readings.Reading(reading.group, f"{reading.statement} UNION ALL SELECT 'x', '{{}}', 0 FROM slow")


def test_without_a_database_the_rest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(connection, "ensure_connection", gone)
    counters.increment("lock_degraded")
    found = figures()
    assert found["balcao_up", "database"] == 0
    assert found["balcao_events_total", "lock_degraded"] >= 1
    assert not [name for name in found if name[0].startswith(("balcao_orders", "balcao_outbox", "balcao_database_"))]


def test_without_redis_no_count_seems_to_begin_anew(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    redis.breaker.reset()
    found = figures()
    redis.breaker.reset()
    assert found["balcao_up", "redis"] == 0
    assert found["balcao_up", "database"] == 1
    assert found["balcao_outbox_waiting",] == 0
    assert not [name for name in found if name[0] in {family.name for family in families.COUNTED}]


def test_the_smallest_amount_is_told_as_it_is(shop: None) -> None:
    text = metrics.exposed(now=MONDAY).decode()
    [line] = [line for line in text.splitlines() if line.startswith('balcao_sales_last_day{channel="web"')]
    assert Decimal(line.split()[-1]) == Decimal("179.7")


@pytest.mark.fault("F23")
@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 404),
        (BEARER, 200),
        ({"HTTP_AUTHORIZATION": f"bearer {TOKEN}"}, 200),
        ({"HTTP_AUTHORIZATION": f"Bearer {TOKEN}x"}, 404),
        ({"HTTP_AUTHORIZATION": "Bearer "}, 404),
        ({"HTTP_AUTHORIZATION": "Bearer é"}, 404),
        ({"HTTP_AUTHORIZATION": f"Basic {TOKEN}"}, 404),
        ({"HTTP_AUTHORIZATION": TOKEN}, 404),
    ],
)
def test_figures_are_for_who_has_the_token(client: Client, token: None, given: dict[str, Any], status: int) -> None:
    with CaptureQueriesContext(connection) as asked:
        answer = client.get("/metrics", **given)
    assert answer.status_code == status
    assert status == 200 or len(asked) == 0  # a stranger costs the database nothing
    assert (b"balcao_orders" in answer.content) == (status == 200)
    assert status == 404 or "no-store" in answer["Cache-Control"]


@pytest.mark.fault("F23")
def test_without_a_setting_there_is_nothing_here_not_even_for_the_owner(client: Client) -> None:
    assert client.get("/metrics", **BEARER).status_code == 404
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer ").status_code == 404
    client.force_login(factories.member("owner"))
    assert client.get("/metrics").status_code == 404


@pytest.mark.fault("F23")
@pytest.mark.parametrize(
    ("peer", "given", "status"),
    [
        ("10.1.2.3", {}, 200),
        ("::ffff:10.1.2.3", {}, 200),
        ("10.2.0.1", {}, 404),
        ("", {}, 404),
        ("10.1.2.3", {"HTTP_X_FORWARDED_FOR": "10.1.9.9"}, 404),  # a proxy of the same network passed it on
        ("10.1.2.3", {"HTTP_FORWARDED": "for=10.1.9.9"}, 404),
        ("203.0.113.9", {"HTTP_X_FORWARDED_FOR": "10.1.2.3"}, 404),
    ],
)
def test_or_for_machines_of_a_network_that_ask_themselves(
    client: Client, settings: Any, peer: str, given: dict[str, Any], status: int
) -> None:
    settings.METRICS_NETWORKS = [ip_network("10.1.0.0/16")]
    assert client.get("/metrics", REMOTE_ADDR=peer, **given).status_code == status


def test_figures_are_only_read(client: Client, token: None) -> None:
    assert client.post("/metrics", **BEARER).status_code == 405


def test_who_asks_often_gets_what_was_read_before(client: Client, token: None, settings: Settings) -> None:
    settings.METRICS_KEPT_SECONDS = 60
    views._kept._until = 0.0
    with CaptureQueriesContext(connection) as asked:
        first = client.get("/metrics", **BEARER).content
        for _ in range(20):
            assert client.get("/metrics", **BEARER).content == first
    assert len(asked) == STATEMENTS
    views._kept._until = 0.0


def test_no_figure_tells_of_a_person(shop: None, client: Client) -> None:
    canary = "maria.canary@example.com"
    client.post("/api/v1/auth/token/", {"email": canary, "password": "segredo-canary"}, content_type="application/json")
    client.get(f"/api/v1/orders/{canary}/", HTTP_AUTHORIZATION="Order canary", REMOTE_ADDR="203.0.113.77")
    client.get("/?q=canary", HTTP_USER_AGENT="canary", HTTP_REFERER="https://canary.example/")
    text = metrics.exposed(now=clock.now()).decode()
    assert "balcao_http_requests_total" in text
    for told in ("canary", "203.0.113.77", "@", "Ana", "BOLO"):
        assert told not in text
