"""A backup comes back as it was, whole or not at all, and never over anything that is in use."""

import hashlib
import json
import shutil
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from common import clock
from common.models import Heartbeat
from common.testing import Lines
from operations import backups
from operations.backups import taking
from operations.integrity import findings
from operations.tests.scenarios import MONDAY, World, open_for_business
from orders.models import Order
from orders.tests.factories import ordered

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.VAR_DIR = tmp_path / "var"
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


@pytest.fixture
def world() -> World:
    world = open_for_business()
    default_storage.save("products/cake.webp", ContentFile(b"a cake"))
    return world


@pytest.fixture
def backup(world: World, tmp_path: Path) -> Path:
    path = tmp_path / "shop.zip"
    backups.take(path=path, now=MONDAY)
    return path


def run(*words: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command(*words, stdout=out)
    except CommandError as problem:
        return problem.returncode, f"{out.getvalue()}{problem}"
    return 0, out.getvalue()


def contents(tmp_path: Path, name: str) -> dict[str, tuple[int, str]]:
    """Every table's rows, as a second backup sees them."""
    manifest = backups.take(path=tmp_path / f"{name}.zip", now=MONDAY)
    return {table: (member.rows, member.sha256) for table, member in manifest.tables.items()}


def rewritten(source: Path, target: Path, member: str, content: bytes) -> Path:
    """A copy of a backup in which one member is another one, and the manifest says so."""
    with ZipFile(source) as old, ZipFile(target, "w") as new:
        manifest = json.loads(old.read("manifest.json"))
        for name in old.namelist():
            if name not in (member, "manifest.json"):
                new.writestr(name, old.read(name))
        kind, _slash, rest = member.partition("/")
        listed = manifest["tables" if kind == "tables" else "media"]
        key = rest.removesuffix(".copy") if kind == "tables" else rest
        listed.setdefault(key, {"rows": 0, "columns": []})
        listed[key].update(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
        if kind == "tables":
            listed[key]["rows"] = content.count(b"\n")
        new.writestr(member, content)
        new.writestr("manifest.json", json.dumps(manifest))
    return target


@pytest.mark.fault("D18")
def test_comes_back_as_it_was_and_goes_on_selling(world: World, backup: Path, tmp_path: Path) -> None:
    before = contents(tmp_path, "before")
    call_command("seed_demo", "--flush", "--no-input", stdout=StringIO())
    assert contents(tmp_path, "between") != before
    code, printed = run("restore", str(backup), "--force")
    assert code == 0, printed
    assert contents(tmp_path, "after") == before
    with default_storage.open("products/cake.webp") as picture:
        assert picture.read() == b"a cake"
    assert findings(now=MONDAY) == []
    assert ordered(units={"BREAD": 1}).pk > world.orders["expired"].pk
    with connection.cursor() as cursor, pytest.raises(Exception, match="may not be changed"):
        cursor.execute("DELETE FROM orders_orderevent")


def test_refuses_a_database_in_use(backup: Path, tmp_path: Path) -> None:
    before = contents(tmp_path, "before")
    code, printed = run("restore", str(backup))
    assert (code, "--force" in printed) == (1, True)
    assert contents(tmp_path, "after") == before


def test_dry_run_judges_and_changes_nothing(backup: Path, tmp_path: Path) -> None:
    before = contents(tmp_path, "before")
    assert run("restore", str(backup), "--dry-run")[0] == 1
    assert run("restore", str(backup), "--dry-run", "--force")[0] == 0
    assert contents(tmp_path, "after") == before
    code, printed = run("backup", "--dry-run")
    assert code == 0
    assert f"{Order.objects.count()} orders_order\n" in printed
    assert backups.newest() is None


@pytest.mark.fault("D18")
def test_a_flipped_byte_is_noticed_wherever_it_is(backup: Path, tmp_path: Path) -> None:
    """Every member is read and compared; bytes that mean nothing (times, padding of the ZIP) may differ."""
    whole, damaged = backup.read_bytes(), tmp_path / "damaged.zip"
    manifest = backups.read_manifest(path=backup)
    for where in range(31, len(whole), len(whole) // 60):
        content = bytearray(whole)
        content[where] ^= 0xFF
        damaged.write_bytes(content)
        try:
            assert backups.read_manifest(path=damaged) == manifest
        except backups.BackupRefused:
            continue
    content = bytearray(whole)
    content[len(whole) // 2] ^= 0xFF
    damaged.write_bytes(content)
    assert run("restore", str(damaged), "--force")[0] == 1


def test_a_backup_that_was_cut_short_is_none(backup: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.zip"
    short.write_bytes(backup.read_bytes()[:-100])
    bare = tmp_path / "bare.zip"
    with ZipFile(bare, "w") as archive:
        archive.writestr("tables/orders_order.copy", b"")
    for path in (short, bare, tmp_path / "nothing.zip"):
        with pytest.raises(backups.BackupRefused):
            backups.read_manifest(path=path)


def test_rows_that_the_database_refuses_change_nothing(backup: Path, tmp_path: Path) -> None:
    with ZipFile(backup) as archive:
        twice = archive.read("tables/orders_ordercontact.copy") * 2
    broken = rewritten(backup, tmp_path / "broken.zip", "tables/orders_ordercontact.copy", twice)
    before = contents(tmp_path, "before")
    code, printed = run("restore", str(broken), "--force")
    assert (code, "ordercontact" in printed) == (1, True)
    assert contents(tmp_path, "after") == before


def test_a_restored_shop_with_findings_says_so(backup: Path, tmp_path: Path) -> None:
    with ZipFile(backup) as archive:
        contacts = archive.read("tables/orders_ordercontact.copy").splitlines(keepends=True)
    broken = rewritten(backup, tmp_path / "broken.zip", "tables/orders_ordercontact.copy", b"".join(contacts[1:]))
    code, printed = run("restore", str(broken), "--force")
    assert (code, "orders.whole" in printed) == (1, True)


def test_other_migrations_are_refused(backup: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('orders', '9999_later', now())")
    try:
        code, printed = run("restore", str(backup), "--force")
        assert (code, "orders.9999_later" in printed) == (1, True)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_later'")


@pytest.mark.fault("E17")
@pytest.mark.parametrize("name", ["../outside.txt", "/etc/outside", "a/../../outside", "a\\b"])
def test_nothing_is_written_outside_the_media_directory(backup: Path, tmp_path: Path, name: str) -> None:
    evil = rewritten(backup, tmp_path / "evil.zip", f"media/{name}", b"evil")
    code, printed = run("restore", str(evil), "--force")
    assert (code, "outside" in printed) == (1, True)


def test_a_backup_is_written_down(tmp_path: Path, log_lines: Lines) -> None:
    backups.take(path=tmp_path / "shop.zip", now=MONDAY)
    assert [(line["event"], line["kind"]) for line in log_lines.of("security")] == [("data_exported", "backup")]


def test_never_overwrites_and_is_private(backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    size = backup.stat().st_size
    assert run("backup", str(backup))[0] == 1
    assert backup.stat().st_size == size


def test_a_backup_that_fails_leaves_no_file(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(taking, "_media", full)
    with pytest.raises(backups.BackupRefused, match="No space"):
        backups.take(path=tmp_path / "place" / "shop.zip", now=MONDAY)
    assert list((tmp_path / "place").iterdir()) == []


def test_is_of_one_moment(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody commits while tables are being copied is in none of them."""
    copied = taking._copied

    def copied_amid_work(archive: ZipFile, *, table: str) -> Any:
        if table == "cart_cart":
            with closing(connection.copy()) as other, other.cursor() as elsewhere:
                elsewhere.execute("INSERT INTO common_heartbeat (name, beat_at) VALUES ('amid', now())")
        return copied(archive, table=table)

    monkeypatch.setattr(taking, "_copied", copied_amid_work)
    manifest = backups.take(path=tmp_path / "amid.zip", now=MONDAY)
    assert Heartbeat.objects.filter(name="amid").exists()
    assert manifest.tables["common_heartbeat"].rows == Heartbeat.objects.count() - 1


@pytest.mark.fault("D18")
def test_the_usual_place_and_its_proof(world: World) -> None:
    assert run("verify_backup")[0] == 1
    assert run("backup")[0] == 0
    path = backups.newest()
    assert path is not None
    assert path.name == "balcao-20260302-120000.zip"
    before = Order.objects.count()
    code, printed = run("verify_backup")
    assert code == 0, printed
    assert Order.objects.count() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'balcao_verify_%%'", [])
        assert cursor.fetchone()[0] == 0


def test_without_pictures(world: World, tmp_path: Path) -> None:
    path = tmp_path / "rows.zip"
    assert run("backup", str(path), "--no-media")[0] == 0
    assert backups.read_manifest(path=path).media == {}
    shutil.rmtree(tmp_path / "media")
    assert run("restore", str(path), "--force")[0] == 0
