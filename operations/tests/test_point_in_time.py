"""The drill: orders, a mistake, and the shop as it was the second before, with every order that was acknowledged.

A server of its own with real processes: one places orders, one receives every change, one makes the mistake.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pyrage import x25519

from common.testing import no_room_for_more_than
from devstack.servers import PostgresServer, new_password
from devstack.state import ROOT
from operations.backups import keeping, physical
from operations.backups.keeping import needless_segments
from operations.backups.refusal import BackupRefused

SELL = """
import sys
import django
django.setup()
from common import clock
from common.models import Heartbeat
from inventory.tests.factories import stocked
from orders.tests.factories import ordered
from shop import services as shop
shop.open_settings()
stocked(sku="BREAD", units=500, price="10.00", now=clock.now())
for line in sys.stdin:
    print(ordered(units={"BREAD": 1}, now=clock.now()).number, clock.now().isoformat(), flush=True)
"""
PATIENCE = 120.0


@dataclass
class Drill:
    """A server that keeps its changes, and the commands of a shop on it."""

    server: PostgresServer
    place: Path
    key: x25519.Identity = field(default_factory=x25519.Identity.generate)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.server.url,
            "BACKUP_DIR": str(self.place / "backups"),
            "BACKUP_SCRATCH_DIR": str(self.place / "s"),
            "BACKUP_RECIPIENTS": str(self.key.to_public()),
            "BACKUP_IDENTITY_FILE": str(self.place / "key.txt"),
            "LOG_LEVEL": "ERROR",
        }

    def manage(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=200,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @contextmanager
    def running(self, *words: str) -> "Iterator[subprocess.Popen[str]]":
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)

    def asked(self, statement: str, *, url: str = "") -> Any:
        with psycopg.connect(url or self.server.url, autocommit=True) as session:
            row = session.execute(statement).fetchone()
            return row[0] if row else None


@pytest.fixture(scope="module")
def shop() -> Iterator[Drill]:
    place = Path(tempfile.mkdtemp(prefix="balcao-pit-", dir="/tmp"))
    server = PostgresServer(home=place / "server", password=new_password())
    drill = Drill(server=server, place=place)
    (place / "key.txt").write_text(str(drill.key))
    try:
        server.start()
        drill.manage("migrate", "--no-input", "--verbosity", "0")
        yield drill
    finally:
        server.destroy()
        subprocess.run(["rm", "-rf", str(place)], check=False)


@pytest.fixture
def drill(shop: Drill) -> Drill:
    """Return the shop without a copy, a change that is kept or a slot: what an earlier test made is gone."""
    subprocess.run(["rm", "-rf", str(shop.place / "backups"), str(shop.place / "s")], check=True)
    shop.asked("SELECT count(pg_drop_replication_slot(slot_name)) FROM pg_replication_slots")
    shop.asked("WITH gone AS (DELETE FROM common_backupcopy RETURNING 1) SELECT count(*) FROM gone")
    return shop


def placed(sale: "subprocess.Popen[str]") -> tuple[str, datetime]:
    """Place an order; return what was acknowledged, and when."""
    assert sale.stdin is not None
    assert sale.stdout is not None
    sale.stdin.write("one\n")
    sale.stdin.flush()
    number, moment = sale.stdout.readline().split()
    return number, datetime.fromisoformat(moment)


@pytest.mark.timeout(600)
@pytest.mark.real_clock
@pytest.mark.fault("D19")
def test_to_the_second_before_a_mistake(drill: Drill) -> None:
    with drill.running("manage.py", "receive_wal", "--every", "1"), drill.running("-c", SELL) as sale:
        before = [placed(sale) for _number in range(2)]
        told = drill.manage("backup", "--physical", "--verify")
        assert "kB" in told
        before += [placed(sale) for _number in range(5)]
        moment = datetime.now(UTC)
        time.sleep(0.05)
        with psycopg.connect(drill.server.url) as mistake:
            mistake.execute("SET session_replication_role = replica")
            assert mistake.execute("DELETE FROM orders_orderline").rowcount == 7
        after = [placed(sale) for _number in range(2)]
        deadline = time.monotonic() + PATIENCE
        while not drill.asked(f"SELECT max(beat_at) > '{after[-1][1]}' FROM common_heartbeat WHERE name = 'wal'"):
            assert time.monotonic() < deadline, "the changes are not received"
            time.sleep(0.2)
    segments = [path.name for path in (drill.place / "backups" / "wal").iterdir()]
    assert segments
    assert all(name.endswith(".gz.age") for name in segments)

    drill.manage("verify_backup", "--physical", code=1)  # as things stand, the lines are missing
    told = drill.manage("verify_backup", "--to", moment.isoformat())
    reports = [json.loads(path.read_text())["proof"] for path in (drill.place / "backups" / "reports").iterdir()]
    (report,) = [proof for proof in reports if proof["restored_to"]]
    assert (report["restored_to"], report["findings"], report["kind"]) == (moment.isoformat(), [], "physical")
    assert drill.asked("SELECT count(*) FROM common_backupcopy WHERE kind = 'physical' AND is_sound") == 1

    [made] = (drill.place / "backups" / "physical").glob("*/manifest.json")
    whole_at = datetime.fromisoformat(json.loads(made.read_text())["manifest"]["made_at"])
    first = (whole_at + timedelta(seconds=1, microseconds=-1)).replace(microsecond=0)
    meanwhile = (whole_at - timedelta(milliseconds=1)).isoformat()
    for words in (["verify_backup", "--to", meanwhile], ["verify_backup", made.parent.name, "--to", meanwhile],
                  ["restore", "--to", meanwhile, "--into", str(drill.place / "early")]):  # fmt: skip
        assert first.isoformat() in drill.manage(*words, code=1)
    assert not (drill.place / "early").exists()
    told = drill.manage("verify_backup", "--to", "2099-01-01T00:00:00Z", code=1)
    assert re.search(r" \d{4}-\d\d-\d\d \d\d:\d\d:\d\d", told), told
    assert "FATAL" not in told

    recovered = drill.place / "recovered"
    recovered.mkdir()
    drill.manage("restore", "--to", moment.isoformat(), "--into", str(recovered / "data"))
    drill.manage("restore", "--to", "2020-01-01T00:00:00Z", "--into", str(recovered / "other"), code=1)
    server = PostgresServer(home=recovered, password=drill.server.password)
    try:
        server.start()
        deadline = time.monotonic() + PATIENCE
        while drill.asked("SELECT pg_is_in_recovery()", url=server.url):
            assert time.monotonic() < deadline, server.log.read_text()[-2000:]
            time.sleep(0.1)
        there = drill.asked("SELECT array_agg(number::text ORDER BY id) FROM orders_order", url=server.url)
        assert there == [number for number, _moment in before]
        assert drill.asked("SELECT count(*) FROM orders_orderline", url=server.url) == 7
    finally:
        server.destroy()


@pytest.mark.timeout(600)
def test_a_server_that_keeps_no_changes_for_us_is_not_asked_for_ever(drill: Drill) -> None:
    """A slot that is not there any more, as after a failover, is made anew at the next start; one that was lost is not."""
    let_go = (
        "SELECT count(pg_terminate_backend(active_pid, 5000)) FROM pg_replication_slots WHERE active_pid IS NOT NULL"
    )

    def received(process: "subprocess.Popen[str]", *, until: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None and not drill.asked(until):
            assert time.monotonic() < deadline
            time.sleep(0.1)

    is_active = "SELECT count(*) FROM pg_replication_slots WHERE active"
    with drill.running("manage.py", "receive_wal", "--every", "0.2") as receiver:
        received(receiver, until=is_active)
        drill.asked(let_go)
        drill.asked("SELECT pg_drop_replication_slot('balcao_backup')")
        assert receiver.wait(timeout=PATIENCE) == 1
    with drill.running("manage.py", "receive_wal", "--every", "0.2") as receiver:
        received(receiver, until=is_active)
        assert receiver.poll() is None
    with psycopg.connect(drill.server.url, autocommit=True) as session:
        session.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'")
        session.execute("SELECT pg_reload_conf()")
        for _segment in range(4):
            session.execute("SELECT pg_logical_emit_message(true, 'filling', 'a segment')")
            session.execute("SELECT pg_switch_wal()")
        session.execute("CHECKPOINT")
    assert drill.asked("SELECT wal_status FROM pg_replication_slots") == "lost"
    assert "--drop-slot" in drill.manage("receive_wal", "--every", "0.2", code=1)
    with psycopg.connect(drill.server.url, autocommit=True) as session:
        session.execute("ALTER SYSTEM RESET max_slot_wal_keep_size")
        session.execute("SELECT pg_reload_conf()")
    drill.manage("receive_wal", "--drop-slot")
    with drill.running("manage.py", "receive_wal", "--every", "0.2") as receiver:
        received(receiver, until=is_active)
        assert receiver.poll() is None
    drill.manage("receive_wal", "--drop-slot")


def test_a_segment_that_is_finished_meanwhile_ends_nothing(tmp_path: Path, settings: Any) -> None:
    settings.BACKUP_DIR = tmp_path
    first, second = f"{1:024X}", f"{2:024X}"
    (physical.spool() / f"{first}.partial").symlink_to(tmp_path / "finished")  # listed, and not there any more
    (physical.spool() / second).write_bytes(b"changes")
    assert physical.keep_segments(keys=()) == 1
    assert [path.name for path in physical.archive().iterdir()] == [f"{second}.gz"]


def test_a_segment_for_which_there_is_no_room_stays_where_it_is(tmp_path: Path, settings: Any) -> None:
    settings.BACKUP_DIR = tmp_path
    segment = physical.spool() / f"{1:024X}"
    segment.write_bytes(random.Random(1).randbytes(10_000))
    with no_room_for_more_than(5_000), pytest.raises(BackupRefused, match="Changes cannot be kept"):
        physical.keep_segments(keys=())
    assert list(physical.archive().iterdir()) == []
    assert physical.keep_segments(keys=()) == 1
    assert [path.name for path in physical.archive().iterdir()] == [f"{segment.name}.gz"]


@pytest.mark.timeout(600)
@pytest.mark.real_clock
def test_a_segment_that_was_begun_on_a_full_disk_is_begun_anew(drill: Drill) -> None:
    beats = "SELECT beat_at FROM common_heartbeat WHERE name = 'wal'"

    def received() -> None:
        drill.asked("SELECT pg_logical_emit_message(true, 'a change', 'that nobody has received')")
        now, deadline = drill.asked("SELECT clock_timestamp()"), time.monotonic() + PATIENCE
        while not (beat := drill.asked(beats)) or beat < now:
            assert time.monotonic() < deadline, "nothing is received"
            time.sleep(0.2)

    for _time in range(2):
        with drill.running("manage.py", "receive_wal", "--every", "0.2"):
            received()
        [begun] = (drill.place / "backups" / "spool").glob("*.partial")
        os.truncate(begun, 100_000)


def test_only_what_was_begun_a_while_ago_is_begun_anew(tmp_path: Path, settings: Any) -> None:
    settings.BACKUP_DIR = tmp_path
    begun, whole, empty, young = (physical.spool() / f"{number:024X}.partial" for number in range(1, 5))
    for path, size, written in ((begun, 1000, 0), (whole, 4096, 0), (empty, 0, 0), (young, 1000, time.time())):
        path.write_bytes(b"0" * size)
        os.utime(path, (written, written))
    physical.drop_unfinished(segment=4096, seconds=60)
    assert sorted(physical.spool().iterdir()) == [whole, empty, young]
    physical.drop_unfinished(segment=4096)
    assert sorted(physical.spool().iterdir()) == [whole, empty]


@pytest.mark.timeout(600)
def test_what_is_needed_no_more_goes(drill: Drill) -> None:
    wal = drill.place / "backups" / "wal"
    old = wal / "000000010000000000000001.gz.age"
    wal.mkdir(parents=True)
    old.touch()
    drill.asked("SELECT pg_switch_wal()")
    drill.asked("SELECT pg_switch_wal()")
    drill.manage("backup", "--physical")
    assert not old.exists()
    drill.manage("receive_wal", "--drop-slot", code=1)  # a copy alone holds nothing back
    assert drill.asked("SELECT count(*) FROM pg_replication_slots") == 0


MOMENTS = [datetime(2026, 11, day, 3, tzinfo=UTC) for day in range(1, 29)]


def test_the_last_of_each_day_week_and_month_stay() -> None:
    stay = keeping.kept(MOMENTS, keep={"daily": 3, "weekly": 3, "monthly": 2})
    assert sorted(moment.day for moment in stay) == [15, 22, 26, 27, 28]
    assert keeping.kept(MOMENTS, keep={}) == {MOMENTS[-1]}
    twice = [moment.replace(hour=hour) for moment in MOMENTS[:2] for hour in (1, 2)]
    assert keeping.kept(twice, keep={"daily": 7}) == {twice[1], twice[3]}
    assert keeping.kept([], keep={"daily": 7}) == set()


def test_any_second_of_the_last_days_can_be_reached() -> None:
    now = datetime(2026, 11, 28, 12, tzinfo=UTC)
    weekly = MOMENTS[::7]  # 1, 8, 15, 22
    assert sorted(moment.day for moment in keeping.kept_for_recovery(weekly, now=now, days=10)) == [15, 22]
    assert sorted(moment.day for moment in keeping.kept_for_recovery(weekly, now=now, days=0)) == [22]
    assert keeping.kept_for_recovery([], now=now, days=10) == set()


def test_segments_before_every_copy_go_whatever_their_timeline() -> None:
    names = [
        "00000001000000000000000A.gz.age", "00000002000000000000000B.gz.age", "00000002000000000000000C.gz",
        "00000002000000000000000D.partial.gz.age", "00000002.history.gz.age",
    ]  # fmt: skip
    assert needless_segments(names, starts=["00000002000000000000000C", "00000003000000000000000F"]) == names[:2]
    assert needless_segments(names, starts=[]) == []
