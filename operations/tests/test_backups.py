"""A copy comes back as it was, whole or not at all, is nobody's to read, and never goes over anything that is in use."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import translation
from pyrage import x25519

from common import backups as known
from common import clock, heartbeats
from common.models import BackupCopy, Heartbeat
from common.testing import Lines
from operations import backups
from operations.backups import cluster, programs, restoring, sealing, store, taking, verifying
from operations.integrity import findings
from operations.tests.scenarios import MONDAY, World, open_for_business
from orders.models import Order
from orders.tests.factories import ordered

pytestmark = pytest.mark.django_db(transaction=True)

LATER = MONDAY + timedelta(hours=3)
OWNER = x25519.Identity.generate()


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.BACKUP_DIR = tmp_path / "backups"
    settings.BACKUP_RECIPIENTS = [str(OWNER.to_public())]
    key = tmp_path / "key.txt"
    key.write_text(f"# made for this test\n{OWNER}\n")
    settings.BACKUP_IDENTITY_FILE = str(key)
    monkeypatch.setattr(clock, "now", lambda: LATER)


@pytest.fixture
def world() -> World:
    world = open_for_business()
    default_storage.save("products/cake.webp", ContentFile(b"a cake"))
    Heartbeat.objects.all().delete()
    return world


@pytest.fixture
def copy(world: World) -> backups.Copy:
    return taking.take(now=MONDAY, keys=sealing.recipients())[0]


def run(*words: str) -> tuple[int, str]:
    out = StringIO()
    try:
        with translation.override("en"):
            call_command(*words, stdout=out, stderr=out)
    except CommandError as problem:
        return problem.returncode, f"{out.getvalue()}{problem}"
    return 0, out.getvalue()


def contents() -> dict[str, list[Any]]:
    """Every row of every table, apart from what the shop notes about its copies."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names(cursor)) - {"common_backupcopy"}):
            cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1')
            found[table] = cursor.fetchall()
    return found


def resigned(copy: backups.Copy, name: str, content: bytes) -> backups.Copy:
    """A copy of ours in which one file is another one."""
    path = copy.path / name
    path.unlink()
    stored = sealing.seal(BytesIO(content), path=path, keys=sealing.recipients())
    manifest = backups.Manifest(**{**vars(copy.manifest), "files": {**copy.manifest.files, name: stored}})
    store.write_manifest(copy.path, manifest)
    return store.read(copy.path)


@pytest.mark.fault("D18")
def test_comes_back_as_it_was_and_goes_on_selling(world: World, copy: backups.Copy) -> None:
    before = contents()
    later = ordered(units={"BREAD": 1}, now=MONDAY + timedelta(hours=1))
    default_storage.delete("products/cake.webp")
    code, printed = run("restore", "--force")
    assert code == 0, printed
    assert contents() == before
    assert later.number in printed
    with default_storage.open("products/cake.webp") as picture:
        assert picture.read() == b"a cake"
    assert findings(now=MONDAY) == []
    assert ordered(units={"BREAD": 1}).pk > world.orders["expired"].pk
    with connection.cursor() as cursor, pytest.raises(Exception, match="may not be changed"):
        cursor.execute("DELETE FROM orders_orderevent")


HALF_OF_IT = r"""#!/bin/sh
case "$*" in
    *--version*|*--list*) exec "$WHOLE" "$@" ;;
    *) "$WHOLE" "$@" | sed '/^\\\.$/q'; echo "out of memory" >&2; exit 1 ;;
esac
"""


@pytest.mark.fault("D18")
def test_half_of_a_copy_is_never_committed(
    copy: backups.Copy, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents()
    monkeypatch.setenv("WHOLE", programs.client("pg_restore", major=programs.major()))
    dying = tmp_path / "dying"
    dying.mkdir()
    for name in ("pg_dump", "psql", "pg_restore"):
        whole = programs.client(name, major=programs.major())
        (dying / name).write_text(HALF_OF_IT if name == "pg_restore" else f'#!/bin/sh\nexec "{whole}" "$@"\n')
        (dying / name).chmod(0o755)
    settings.POSTGRES_BIN = str(dying)
    code, printed = run("restore", "--force")
    assert code == 1
    assert "pg_restore failed: out of memory" in printed
    assert contents() == before


@pytest.mark.fault("D18")
def test_what_is_replaced_is_kept_and_comes_back_too(world: World, copy: backups.Copy, monkeypatch: Any) -> None:
    """Orders that were acknowledged after the copy are never lost silently: they are named, and stand in a copy."""
    later = ordered(units={"BREAD": 1}, now=MONDAY + timedelta(hours=1))
    code, said = run("restore", copy.name, "--force")
    assert code == 0, said
    assert not Order.objects.filter(pk=later.pk).exists()
    kept = [one for one in store.copies("portable") if one.manifest.is_before_restore]
    assert [one.made_at for one in kept] == [LATER]
    monkeypatch.setattr(clock, "now", lambda: LATER + timedelta(minutes=1))
    code, said = run("restore", kept[0].name, "--force")
    assert code == 0, said
    assert Order.objects.get(pk=later.pk).number == later.number


def test_what_somebody_writes_meanwhile_is_not_lost(
    world: World, copy: backups.Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the copy of what stands there and the lock under which it goes, somebody orders."""
    into_shop = restoring.into_shop

    def into_a_shop_that_sold(*args: Any, **options: Any) -> list[str]:
        ordered(units={"BREAD": 1}, now=LATER)
        return into_shop(*args, **options)

    monkeypatch.setattr(restoring, "into_shop", into_a_shop_that_sold)
    count = Order.objects.count()
    code, printed = run("restore", "--force")
    assert (code, "somebody has written to public." in printed) == (1, True), printed
    assert Order.objects.count() == count + 1


def test_what_other_databases_of_the_cluster_do_meanwhile_is_their_own(world: World, copy: backups.Copy) -> None:
    reached = programs.server()
    elsewhere = f"{reached.words} dbname=postgres"
    with psycopg.connect(elsewhere, password=reached.environment["PGPASSWORD"]) as other:
        other.execute("SELECT pg_current_xact_id()")
        ordered(units={"BREAD": 1}, now=MONDAY + timedelta(hours=1))
        code, printed = run("restore", "--force")
    assert code == 0, printed


@pytest.fixture
def somebody_else() -> Iterator[psycopg.Connection[Any]]:
    """A session that could place an order."""
    reached = programs.server()
    with psycopg.connect(
        reached.words, password=reached.environment["PGPASSWORD"], application_name="web", autocommit=True
    ) as session:
        yield session


def test_refuses_under_a_serving_shop_whatever_is_said(
    copy: backups.Copy, somebody_else: psycopg.Connection[Any]
) -> None:
    before = contents()
    for words in ((), ("--force",), ("--force", "--dry-run")):
        code, printed = run("restore", *words)
        assert (code, "1 x" in printed, "(web," in printed) == (1, True, True), printed
    assert contents() == before
    somebody_else.close()
    heartbeats.beat(name="worker", now=LATER - timedelta(minutes=1))
    code, printed = run("restore", "--force")
    assert (code, "worker" in printed) == (1, True)
    assert len(store.copies("portable")) == 1


def test_refuses_a_database_in_use(copy: backups.Copy) -> None:
    before = contents()
    code, printed = run("restore")
    assert (code, "--force" in printed) == (1, True)
    assert contents() == before


def test_dry_run_judges_and_changes_nothing(copy: backups.Copy) -> None:
    before = contents()
    code, said = run("restore", "--dry-run")
    assert code == 1, said
    code, said = run("restore", "--dry-run", "--force")
    assert code == 0, said
    code, printed = run("backup", "--dry-run")
    assert code == 0
    assert f"{Order.objects.count()} orders_order\n" in printed
    assert contents() == before
    assert len(store.copies("portable")) == 1


@pytest.mark.fault("D18")
def test_the_machine_that_copies_cannot_read_its_copies(world: World, tmp_path: Path, settings: Any) -> None:
    code, said = run("backup")
    assert code == 0, said
    settings.BACKUP_IDENTITY_FILE = ""
    code, printed = run("restore", "--force", "--dry-run")
    assert (code, "--identity" in printed) == (1, True)
    stranger = tmp_path / "stranger.txt"
    stranger.write_text(str(x25519.Identity.generate()))
    code, printed = run("restore", "--force", "--dry-run", "--identity", str(stranger))
    assert (code, "cannot be decrypted" in printed) == (1, True)
    (copy,) = store.copies("portable")
    secrets = [order.number.encode() for order in Order.objects.all()] + [b"PGDMP", b"a cake", b"orders_order"]
    written = b"".join(path.read_bytes() for path in copy.path.iterdir())
    assert [secret for secret in secrets if secret in written] == []
    assert {path.stat().st_mode & 0o777 for path in copy.path.iterdir()} == {0o600}
    assert copy.path.stat().st_mode & 0o777 == 0o700


def test_policies_are_left_out_with_the_roles_that_are_missing(world: World) -> None:
    """A table whose rows are limited, and a server without those whom its policies let see some, would show nothing."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE POLICY own ON common_heartbeat FOR SELECT USING (false)")
        cursor.execute("ALTER TABLE common_heartbeat ENABLE ROW LEVEL SECURITY")
    made, counted = taking.take(now=MONDAY, keys=sealing.recipients())
    elsewhere = counted | {"roles": [*counted["roles"], "somebody_who_reads_elsewhere"]}
    resigned(made, "contents.json.age", json.dumps(elsewhere).encode())
    code, printed = run("restore", "--force")
    assert (code, "policies, for there is no role somebody_who_reads_elsewhere" in printed) == (0, True), printed
    with connection.cursor() as cursor:
        cursor.execute("SELECT relrowsecurity FROM pg_class WHERE relname = 'common_heartbeat'")
        assert cursor.fetchall() == [(False,)]


def test_waits_for_nobody_who_counts_in_another_database(world: World, copy: backups.Copy) -> None:
    """A catalogue that all databases of the server share was counted after a restore, and the copy said not to be back."""
    reached = programs.server()
    password = reached.environment.get("PGPASSWORD")
    with psycopg.connect(reached.words, dbname="postgres", password=password) as other:
        other.execute("ANALYZE pg_database")
        code, printed = run("restore", "--force")
    assert (code, "Restored" in printed) == (0, True), printed


def test_without_a_key_nothing_is_written_unless_somebody_says_so(world: World, settings: Any) -> None:
    settings.BACKUP_RECIPIENTS = []
    code, printed = run("backup")
    assert (code, "backup_key" in printed, store.copies("portable")) == (1, True, [])
    code, said = run("backup", "--plain")
    assert code == 0, said
    assert not BackupCopy.objects.get().is_encrypted


def test_a_new_key_opens_what_it_encrypts(world: World, tmp_path: Path, settings: Any) -> None:
    _code, printed = run("backup_key")
    lines = [line for line in printed.splitlines() if line.startswith(("# public", "AGE-SECRET-KEY-1"))]
    (tmp_path / "own.txt").write_text("\n".join(lines))
    settings.BACKUP_RECIPIENTS = [lines[0].removeprefix("# public key: ")]
    assert f"BACKUP_RECIPIENTS={settings.BACKUP_RECIPIENTS[0]}" in printed
    code, said = run("backup")
    assert code == 0, said
    code, said = run("restore", "--force", "--dry-run", "--identity", str(tmp_path / "own.txt"))
    assert code == 0, said


@pytest.mark.fault("D18")
def test_a_flipped_byte_is_noticed_wherever_it_is(copy: backups.Copy) -> None:
    for name in [*copy.manifest.files, "manifest.json"]:
        path = copy.path / name
        whole = path.read_bytes()
        for where in range(0, len(whole), max(1, len(whole) // 12)):
            content = bytearray(whole)
            content[where] ^= 0x01
            path.write_bytes(content)
            with pytest.raises(backups.BackupRefused):
                store.check(store.read(copy.path))
        path.write_bytes(whole)
    store.check(store.read(copy.path))


def test_a_copy_that_somebody_slipped_in_is_refused(copy: backups.Copy, tmp_path: Path, settings: Any) -> None:
    """Anybody can encrypt for a public key; what is restored runs in the database, so it must be ours."""
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another one " * 6
    code, said = run("restore", "--force", "--dry-run")
    assert code == 0, said
    settings.SECRET_KEY_FALLBACKS = []
    code, printed = run("restore", copy.name, "--force", "--dry-run")
    assert (code, "--trust" in printed) == (1, True)
    code, said = run("restore", copy.name, "--force", "--dry-run", "--trust")
    assert code == 0, said
    shutil.rmtree(copy.path)
    code, printed = run("verify_backup")
    assert (code, "no copy yet" in printed) == (1, True)


def test_a_copy_that_was_cut_short_is_none(copy: backups.Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "write_manifest", full)
    code, printed = run("backup")
    assert (code, "No space" in printed) == (1, True)
    assert [path.name for path in copy.path.parent.iterdir()] == [copy.name]
    (copy.path / "manifest.json").unlink()
    assert store.copies("portable") == []


def test_rows_that_the_database_refuses_change_nothing(copy: backups.Copy, tmp_path: Path) -> None:
    dump = restoring.decrypted_rows(copy, keys=[OWNER], home=tmp_path).read_bytes()
    broken = resigned(copy, "shop.dump.age", dump[: len(dump) * 3 // 4])
    before = contents()
    code, printed = run("restore", broken.name, "--force")
    assert code == 1, printed
    assert contents() == before


def test_a_restored_shop_with_findings_says_so(world: World, settings: Any) -> None:
    """A mistake that was copied is found by the proof, written down, and the report cannot be forged."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM orders_ordercontact WHERE id = (SELECT min(id) FROM orders_ordercontact)")
        cursor.execute("SET session_replication_role = origin")
    code, printed = run("backup", "--verify")
    assert code == 1, printed
    row = BackupCopy.objects.get()
    assert (row.is_sound, row.proved_at, row.findings) == (False, LATER, 1)
    (report,) = (Path(settings.BACKUP_DIR) / "reports").iterdir()
    assert verifying.read_report(report).findings == ["orders.whole"]
    code, said = run("verify_backup", "--report", str(report))
    assert code == 1, said
    forged = json.loads(report.read_text())
    forged["proof"]["findings"] = []
    report.write_text(json.dumps(forged))
    code, printed = run("verify_backup", "--report", str(report))
    assert (code, "was not signed" in printed) == (1, True)
    state = known.state()
    assert (state.failed_at, state.is_unproved(now=LATER)) == (LATER, True)


def test_a_newer_version_is_refused(copy: backups.Copy) -> None:
    migrations = [*copy.manifest.migrations, "orders.9999_later"]
    store.write_manifest(copy.path, backups.Manifest(**{**vars(copy.manifest), "migrations": migrations}))
    for words in (("restore", "--force"), ("verify_backup",)):
        code, printed = run(*words)
        assert (code, "orders.9999_later" in printed) == (1, True), printed


@pytest.mark.fault("E17")
@pytest.mark.parametrize("name", ["../outside.txt", "/etc/outside", "a/../../outside", "a\\b"])
def test_nothing_is_written_outside_the_media_directory(name: str) -> None:
    with pytest.raises(backups.BackupRefused, match="outside"):
        restoring.safe(name)


def test_a_copy_is_written_down(world: World, log_lines: Lines) -> None:
    taking.take(now=MONDAY, keys=sealing.recipients())
    assert [(line["event"], line["kind"]) for line in log_lines.of("security")] == [("data_exported", "backup")]
    state = known.state()
    assert (state.copied_at, state.proved_at) == (MONDAY, None)


def test_never_overwrites(copy: backups.Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path: path.stat().st_mtime_ns for path in copy.path.iterdir()}
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    code, printed = run("backup")
    assert (code, "never overwritten" in printed) == (1, True)
    assert {path: path.stat().st_mtime_ns for path in copy.path.iterdir()} == before


def test_is_of_one_moment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody commits while rows are being copied is neither in them nor in the counts."""
    seal = sealing.seal

    def seal_amid_work(*args: Any, **options: Any) -> Any:
        reached = programs.server()
        with psycopg.connect(reached.words, password=reached.environment["PGPASSWORD"]) as other:
            other.execute("INSERT INTO common_heartbeat (name, beat_at) VALUES (gen_random_uuid(), now())")
        return seal(*args, **options)

    monkeypatch.setattr(sealing, "seal", seal_amid_work)
    copy, counted = taking.take(now=MONDAY, keys=sealing.recipients())
    monkeypatch.undo()
    assert Heartbeat.objects.count() >= 1
    assert counted["tables"]["common_heartbeat"] == 0
    with cluster.room() as home, cluster.empty(home, least=18) as scratch:
        dump = restoring.decrypted_rows(copy, keys=[OWNER], home=home)
        restoring.into_scratch(dump, contents=counted, scratch=scratch, least=18)
        with psycopg.connect(scratch.words) as asking:
            assert asking.execute("SELECT count(*) FROM common_heartbeat").fetchone() == (0,)


@pytest.fixture
def short() -> Iterator[Path]:
    """A directory whose path leaves room for a socket, however long the tests' own is."""
    with tempfile.TemporaryDirectory(prefix="s-") as place:
        yield Path(place)


DATABASES = "SELECT array_agg(datname ORDER BY oid) FROM pg_database WHERE datname NOT LIKE 'test_balcao_gw%'"
"""Those of other processes of the tests come when they will."""


@pytest.mark.fault("D18")
def test_the_proof_needs_no_right_and_leaves_nothing(world: World, settings: Any, short: Path) -> None:
    settings.BACKUP_SCRATCH_DIR = str(short)
    code, said = run("verify_backup")
    assert code == 1, said
    with connection.cursor() as cursor:
        cursor.execute(DATABASES)
        databases = cursor.fetchone()
        code, said = run("backup", "--verify")
        assert code == 0, said
        cursor.execute(DATABASES)
        assert cursor.fetchone() == databases
    assert list(short.iterdir()) == []
    (copy,) = store.copies("portable")
    (report,) = (Path(settings.BACKUP_DIR) / "reports").iterdir()
    proof = verifying.read_report(report)
    assert (proof.name, proof.is_sound, proof.differences, proof.pictures) == (copy.name, True, {}, 1)
    assert proof.checks > 100
    assert known.state() == known.BackupState(copied_at=LATER, proved_at=LATER, failed_at=None, changes_until=None)


@pytest.mark.django_db
def test_changes_are_received_before_there_is_any_copy() -> None:
    heartbeats.beat(name=known.WAL, now=LATER)
    assert known.state() == known.BackupState(copied_at=None, proved_at=None, failed_at=None, changes_until=LATER)


def test_is_copied_only_when_it_is_due(copy: backups.Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = run("backup", "--if-older", "4")
    assert code == 0, said
    assert len(store.copies("portable")) == 1
    code, said = run("backup", "--if-older", "3")
    assert code == 0, said
    assert [one.made_at for one in store.copies("portable")] == [LATER]  # the last of a day


def test_old_copies_go(copy: backups.Copy, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BACKUP_KEEP = {"daily": 1, "weekly": 0, "monthly": 0}
    monkeypatch.setattr(clock, "now", lambda: MONDAY + timedelta(days=1))
    code, printed = run("backup")
    assert (code, str(copy.path) in printed) == (0, True)
    assert [one.made_at for one in store.copies("portable")] == [MONDAY + timedelta(days=1)]
    assert sorted(path.name for path in copy.path.parent.iterdir()) == ["20260303-120000"]


def test_without_pictures(world: World, tmp_path: Path) -> None:
    code, said = run("backup", "--no-media")
    assert code == 0, said
    (copy,) = store.copies("portable")
    assert not restoring.has_media(copy)
    shutil.rmtree(tmp_path / "media")
    assert run("restore", "--force", "--no-media", "--no-check")[0] == 1  # of the same second as the copy that is kept


def test_words_for_programs_keep_what_the_address_says(settings: Any) -> None:
    """A password is on no command line; what the address asks of the connection is."""
    settings.BACKUP_DATABASE_URL = (
        "postgres://copier:s%20cret@db.example:6432/shop?sslmode=verify-full&sslrootcert=/etc/ca.pem"
        "&options=-c%20search_path%3Dpublic"
    )
    reached = programs.server()
    found = psycopg.conninfo.conninfo_to_dict(reached.words)
    assert {key: found[key] for key in ("host", "port", "user", "dbname", "sslmode", "sslrootcert")} == {
        "host": "db.example", "port": "6432", "user": "copier", "dbname": "shop", "sslmode": "verify-full",
        "sslrootcert": "/etc/ca.pem",
    }  # fmt: skip
    assert str(found["options"]).startswith("-c search_path=public -c statement_timeout=0")
    assert "cret" not in reached.words
    assert reached.environment["PGPASSWORD"] == "s cret"
