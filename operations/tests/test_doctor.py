"""The doctor: silent about what is well, and never without a remedy about what is not."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from pytest_django import Settings

from api.proxies import Watch
from backoffice import roles
from common import backups, clock, counters, heartbeats, outages, outbox, redis
from common.models import Examination, OutboxMessage
from common.transactions import unit_of_work
from operations import trigrams
from operations.demo import people
from operations.diagnosis import PROBES, Finding, Probe, examine, processes, servers, setup
from operations.diagnosis.base import age
from shop import services as shop
from shop.models import OpeningHours

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.django_db, pytest.mark.real_clock]


@pytest.fixture
def working() -> None:
    """Janitors that were seen just now, and roles in step."""
    for name in ("worker", "outbox", "mail", "orders"):
        heartbeats.beat(name=name, now=clock.now())
    roles.sync_roles()


@pytest.fixture
def redis_away(settings: Any) -> Iterator[None]:
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    redis.breaker.reset()
    yield
    redis.breaker.reset()


def seen(found: Any) -> list[tuple[str, str]]:
    return [(finding.level, finding.what) for finding in found]


def levels(found: Any) -> list[str]:
    return [finding.level for finding in found]


def test_a_working_shop_has_no_problem(working: None) -> None:
    found = list(examine(now=clock.now()))
    assert [finding for _probe, finding in found if finding.level == "problem"] == []
    assert {probe.name for probe, _finding in found} == {probe.name for probe in PROBES}


def test_whatever_is_wrong_has_a_remedy(redis_away: None) -> None:
    found = [finding for _probe, finding in examine(now=clock.now())]
    assert [finding for finding in found if finding.level in ("warning", "problem") and not finding.remedy] == []
    assert len([finding for finding in found if finding.level == "warning"]) >= 4


@pytest.mark.fault("B5")
def test_redis_away_degrades(redis_away: None) -> None:
    before = counters.read("lock_degraded")
    assert levels(servers.redis_server(NOW)) == ["warning"]
    redis.breaker.reset()
    assert levels(servers.leases(NOW)) == ["warning"]
    assert counters.read("lock_degraded") == before + 1
    assert levels(servers.queue(NOW)) == ["warning"]


def test_redis_that_forgets_is_named() -> None:
    client = redis.client()
    client.config_set("maxmemory", "500mb")
    client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        assert levels(servers.redis_server(NOW)) == ["ok", "warning"]
    finally:
        client.config_set("maxmemory", "0")
        client.config_set("maxmemory-policy", "noeviction")
    assert levels(servers.redis_server(NOW)) == ["ok"]


@pytest.mark.parametrize(("seconds", "level"), [(0, "ok"), (5, "warning"), (-5, "warning"), (300, "problem")])
@pytest.mark.fault("B20")
def test_clocks_that_disagree(seconds: int, level: str) -> None:
    found = servers._skew(name="X", theirs=lambda: datetime.now(tz=UTC) + timedelta(seconds=seconds))
    assert found.level == level


def test_clocks_of_the_servers_are_asked() -> None:
    assert levels(servers.clocks(NOW)) == ["ok", "ok"]


def test_migrations_that_wait() -> None:
    assert levels(servers.migrations(NOW)) == ["ok"]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'payments'")
    assert levels(servers.migrations(NOW)) == ["problem"]


def test_an_extension_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert levels(servers.extensions(NOW)) == ["ok"]
    monkeypatch.setattr(servers, "EXTENSIONS", ("btree_gist", "no_such"))
    assert levels(servers.extensions(NOW)) == ["ok", "problem"]


def test_a_search_without_its_indexes() -> None:
    assert levels(servers.searching(NOW)) == ["ok"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexdef LIKE %s ORDER BY 1", ["%gin_trgm_ops%"])
        assert [name for (name,) in cursor.fetchall()] == sorted(trigrams.INDEXES)
        cursor.execute("DROP INDEX product_search_trigrams")
        [(level, what)] = seen(servers.searching(NOW))
        assert (level, "product_search_trigrams" in what, "refund" in what) == ("warning", True, False)
        cursor.execute("DROP EXTENSION pg_trgm CASCADE")
    [finding] = servers.searching(NOW)
    assert (finding.level, "CREATE EXTENSION pg_trgm" in finding.remedy) == ("warning", True)


@pytest.mark.django_db(transaction=True)
def test_migrate_builds_the_indexes_of_search_once_there_is_the_extension() -> None:
    def indexes() -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%gin_trgm_ops%' ORDER BY 1")
            return list(cursor.fetchall())

    before = indexes()
    try:
        with connection.cursor() as cursor:
            cursor.execute("DROP EXTENSION pg_trgm CASCADE")
        call_command("migrate", verbosity=0)
        assert indexes() == []
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION pg_trgm")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        call_command("migrate", verbosity=0)
    assert indexes() == before


def test_a_session_without_limits() -> None:
    assert levels(servers.session(NOW)) == ["ok"]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = 0")
    assert seen(servers.session(NOW))[0][0] == "warning"
    assert "lock_timeout" in seen(servers.session(NOW))[0][1]


@pytest.mark.fault("F8")
def test_proxies_that_are_not_as_configured(settings: Settings) -> None:
    assert levels(setup.proxies(NOW)) == ["ok"]
    settings.TRUSTED_PROXIES = 1
    watch = Watch()
    watch.look({"REMOTE_ADDR": "203.0.113.9"})
    assert seen(setup.proxies(NOW))[0][0] == "warning"
    assert "0 proxies" in seen(setup.proxies(NOW))[0][1]


@pytest.mark.fault("F19")
@pytest.mark.parametrize(("backend", "level"), [("smtp", "ok"), ("dummy", "warning"), ("console", "problem")])
def test_letters_that_go_nowhere_or_into_the_log(settings: Settings, backend: str, level: str) -> None:
    settings.MAIL_DELIVERY = f"django.core.mail.backends.{backend}.EmailBackend"
    assert levels(setup.letters(NOW)) == [level]


@pytest.mark.fault("D12")
def test_janitors_that_are_silent() -> None:
    assert levels(processes.signs_of_life(NOW)) == ["warning"] * 3
    heartbeats.beat(name="worker", now=NOW)
    heartbeats.beat(name="outbox", now=NOW - timedelta(minutes=10))
    found = {finding.what.split()[0]: finding.level for finding in processes.signs_of_life(NOW)}
    assert found == {"mail": "warning", "outbox": "warning", "worker": "ok"}


def test_expired_rows_are_counted() -> None:
    assert levels(processes.swept(NOW)) == ["ok"]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cart_cart (public_id, status, address, created_at, expires_at)"
            " VALUES (gen_random_uuid(), 'open', '', %s, %s)",
            [NOW, NOW - timedelta(minutes=6)],
        )
    assert levels(processes.swept(NOW)) == ["warning"]
    assert levels(processes.swept(NOW - timedelta(minutes=2))) == ["ok"]


@pytest.mark.fault("D14")
def test_outbox_that_stands_still() -> None:
    with unit_of_work():
        outbox.emit(name="order.placed", payload={"order": "X"}, now=NOW)
    assert levels(processes.outbox(NOW)) == ["ok"]
    assert levels(processes.outbox(NOW + timedelta(minutes=6))) == ["warning"]
    OutboxMessage.objects.update(dead_at=NOW)
    assert levels(processes.outbox(NOW + timedelta(minutes=6))) == ["problem"]


@pytest.mark.fault("D25")
def test_letters_that_wait_for_the_mail_server_are_not_late_and_their_server_is_named() -> None:
    with unit_of_work():
        outbox.emit(name="order.placed", payload={"order": "X"}, now=NOW)
    assert levels(processes.mail_server(NOW)) == ["ok"]
    for minutes in (0, 10, 20):
        outages.failed(name=outages.MAIL, cause="Connection refused", now=NOW + timedelta(minutes=minutes))
    later = NOW + timedelta(minutes=21)
    assert levels(processes.outbox(later)) == ["ok"]
    [(level, what)] = seen(processes.mail_server(later))
    assert level == "warning"
    assert "21 min" in what
    assert "2 " in what
    assert "Connection refused" in what


def test_messages_that_fail_again_and_again_are_named() -> None:
    with unit_of_work():
        outbox.emit(name="order.placed", payload={"order": "X"}, now=NOW)
    OutboxMessage.objects.update(attempts=12, last_error="KeyError: 'x'\nmore", not_before=NOW + timedelta(hours=1))
    assert seen(processes.outbox(NOW))[0][0] == "warning"
    assert "KeyError: 'x'" in seen(processes.outbox(NOW))[0][1]


def test_debug_and_a_clock_that_was_set(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert levels([*setup.debug(NOW), *setup.shops_clock(NOW)]) == ["ok", "ok"]
    settings.DEBUG, settings.SHOP_NOW = True, NOW
    assert levels([*setup.debug(NOW), *setup.shops_clock(NOW)]) == ["warning", "warning"]
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings.production")
    assert levels(setup.debug(NOW)) == ["problem"]


def test_advice_for_deployments_is_for_production(monkeypatch: pytest.MonkeyPatch) -> None:
    assert levels(setup.deployment(NOW)) == ["note"]
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings.production")
    assert "warning" in levels(setup.deployment(NOW))


def test_media_that_cannot_be_written(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    assert levels(setup.media(NOW)) == ["ok"]
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("in the way")
    settings.MEDIA_ROOT = tmp_path / "file"
    assert levels(setup.media(NOW)) == ["problem"]


def test_media_without_room(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(django_settings.MEDIA_ROOT).mkdir(exist_ok=True)
    monkeypatch.setattr(setup, "LITTLE_ROOM", 10**18)
    assert levels(setup.media(NOW)) == ["ok", "warning"]


def test_copies_without_room(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "LITTLE_ROOM", 10**18)
    settings.BACKUP_DIR = tmp_path / "elsewhere"
    assert levels(setup.last_backup(NOW)) == ["note"]
    settings.BACKUP_DIR = tmp_path
    assert levels(setup.last_backup(NOW)) == ["warning", "note"]


def test_a_team_without_an_owner_or_with_demo_logins(monkeypatch: pytest.MonkeyPatch) -> None:
    roles.sync_roles()
    assert levels(setup.team(NOW)) == ["ok", "warning"]
    people.make_logins(now=NOW)
    assert levels(setup.team(NOW)) == ["ok"]
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings.production")
    assert levels(setup.team(NOW)) == ["ok", "problem"]


def test_a_shop_that_never_opens() -> None:
    assert "ok" in levels(setup.profile(NOW))
    OpeningHours.objects.all().delete()
    assert "ok" not in levels(setup.profile(NOW))
    assert shop.policy().opening_hours == ()


def test_copies_that_are_old_unproved_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    day = timedelta(days=1)
    assert levels(setup.last_backup(NOW)) == ["note"]
    with monkeypatch.context() as production:
        production.setenv("DJANGO_SETTINGS_MODULE", "config.settings.production")
        assert levels(setup.last_backup(NOW)) == ["warning"]
    copy: dict[str, Any] = {"kind": "portable", "name": "20260302-120000", "made_at": NOW}
    backups.note_copy(**copy, size=1, is_encrypted=True)
    assert levels(setup.last_backup(NOW + day)) == ["ok", "warning"]
    backups.note_proof(**copy, at=NOW + day, is_sound=True, findings=0)
    assert levels(setup.last_backup(NOW + day)) == ["ok"]
    assert levels(setup.last_backup(NOW + 2 * day)) == ["warning"]
    assert levels(setup.last_backup(NOW + 10 * day)) == ["warning", "warning"]
    backups.note_proof(**copy, at=NOW + 2 * day, is_sound=False, findings=1)
    assert levels(setup.last_backup(NOW + day)) == ["ok", "problem"]
    backups.note_proof(**copy, at=NOW + 3 * day, is_sound=True, findings=0)
    heartbeats.beat(name=backups.WAL, now=NOW + day)
    assert levels(setup.last_backup(NOW + day)) == ["ok", "ok"]
    assert levels(setup.last_backup(NOW + day + timedelta(minutes=16))) == ["ok", "warning"]


def test_records_that_do_not_agree_or_were_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    day = timedelta(days=1)
    assert levels(setup.integrity(NOW)) == ["note"]
    with monkeypatch.context() as production:
        production.setenv("DJANGO_SETTINGS_MODULE", "config.settings.production")
        assert levels(setup.integrity(NOW)) == ["warning"]
    Examination.objects.create(began_at=NOW, ended_at=NOW)
    assert levels(setup.integrity(NOW + day)) == ["ok"]
    assert levels(setup.integrity(NOW + 2 * day)) == ["warning"]
    broken = {"check": "stock.bounds", "promise": "Nothing is below zero.", "remedy": "Count it.", "rows": 1}
    Examination.objects.create(began_at=NOW + day, ended_at=NOW + day, broken=[broken])
    _ok, found = setup.integrity(NOW + day)
    assert (found.level, found.what, found.remedy) == (
        "problem", "stock.bounds: Nothing is below zero.", "Count it.",
    )  # fmt: skip


def test_a_probe_that_breaks_is_a_problem_and_the_others_go_on() -> None:
    def broken(now: datetime) -> Iterator[Finding]:
        raise OSError("no such thing")

    probes = [Probe("broken", broken), *servers.PROBES[:1]]
    assert [finding.level for _probe, finding in examine(now=NOW, probes=probes)] == ["problem", "ok"]


def test_json_and_exit_codes(working: None, monkeypatch: pytest.MonkeyPatch) -> None:
    out = StringIO()
    call_command("doctor", "--json", stdout=out)
    report = json.loads(out.getvalue())
    assert report["ok"] is True
    assert {"probe", "level", "what", "remedy"} == set(report["findings"][0])
    with pytest.raises(CommandError) as refused:
        call_command("doctor", "--strict", stdout=StringIO())
    assert refused.value.returncode == 1


def test_says_so_when_nothing_answers() -> None:
    """A process of its own, because this one has a database."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": "postgres://nobody:nothing@127.0.0.1:1/nowhere",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--json"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    found = {row["probe"]: row["level"] for row in report["findings"]}
    assert (found["database"], found["redis"]) == ("problem", "warning")
    assert "migrations" not in found


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172_800, "2 d"), (-5, "0 s")]
)
def test_ages(seconds: int, told: str) -> None:
    assert age(since=NOW - timedelta(seconds=seconds), now=NOW) == told
