"""Receives every change as the server writes it, by `pg_receivewal` and a slot that makes the server wait for us.

The slot keeps changes in the server while nobody receives them: that is what makes no gap, and what fills a disk when
receiving is given up for good without `receive_wal --drop-slot`.
"""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _
from pyrage import x25519

from common import clock, heartbeats
from common.backups import WAL
from operations.backups import physical, programs
from operations.backups.refusal import BackupRefused

SLOT = "balcao_backup"
SECONDS_TO_END = 20
SECONDS_TO_BEGIN = 10
"""In which a segment is as long as it will be, where there is room for it."""

_asked: list[tuple[datetime, str]] = []
"""Where the server was at which moment, until we have received as much."""


@contextmanager
def receiver() -> Iterator["subprocess.Popen[bytes]"]:
    """Run `pg_receivewal` for the block. Raises BackupRefused."""
    program = programs.client("pg_receivewal", major=programs.major())
    reached = programs.server()
    physical.drop_unfinished(segment=_segment_bytes())
    base = [program, f"--slot={SLOT}", "--no-password", f"--dbname={reached.words}"]
    programs.run([*base, "--create-slot", "--if-not-exists"], environment=reached.environment, does="pg_receivewal")
    log = physical.spool().parent / "receive_wal.log"
    with log.open("wb") as told:
        process = subprocess.Popen(
            [*base, f"--directory={physical.spool()}", "--synchronous", "--status-interval=1"],
            env=reached.environment, stdin=subprocess.DEVNULL, stdout=told, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    connection.close()


def keep(*, process: "subprocess.Popen[bytes]", keys: Sequence[x25519.Recipient]) -> None:
    """Keep what was received, write down until when everything is. Raises BackupRefused: the receiver has ended."""
    if process.poll() is not None:
        log = (physical.spool().parent / "receive_wal.log").read_text(errors="replace").strip()
        raise BackupRefused(f"pg_receivewal has ended: {log[-1500:]}")
    try:
        reached = _reached(now=clock.now())
    except DatabaseError:  # the server is away; the receiver goes on asking, and so do we
        connection.close()
        return
    physical.keep_segments(keys=keys)
    physical.drop_unfinished(segment=_segment_bytes(), seconds=SECONDS_TO_BEGIN)
    if reached is not None:
        heartbeats.beat(name=WAL, now=reached)
    connection.close()


def keep_the_rest(*, keys: Sequence[x25519.Recipient]) -> None:
    """Keep what came in last. Raises BackupRefused."""
    physical.keep_segments(keys=keys)


def drop_slot(*, keys: Sequence[x25519.Recipient]) -> None:
    """Let the server forget the slot, and begin with its newest changes next time. Raises BackupRefused."""
    program = programs.client("pg_receivewal", major=programs.major())
    reached = programs.server()
    programs.run(
        [program, f"--slot={SLOT}", "--drop-slot", "--no-password", f"--dbname={reached.words}"],
        environment=reached.environment, does="pg_receivewal",
    )  # fmt: skip
    physical.keep_segments(keys=keys)
    for path in physical.spool().iterdir():
        path.unlink()


@cache
def _segment_bytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size'")
        return int(cursor.fetchone()[0])


def _reached(*, now: datetime) -> datetime | None:
    """Return the last moment all of whose changes we have; None while that is not known.

    Raises BackupRefused: the server keeps no changes for us. The receiver would go on asking it for ever.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_lsn()::text")
        _asked.append((now, str(cursor.fetchone()[0])))
        cursor.execute(
            "SELECT s.wal_status, array_agg(s.restart_lsn >= lsn::pg_lsn ORDER BY place) FROM pg_replication_slots s, "
            "unnest(%s::text[]) WITH ORDINALITY AS asked (lsn, place) WHERE s.slot_name = %s GROUP BY s.wal_status",
            [[lsn for _at, lsn in _asked], SLOT],
        )
        found = cursor.fetchone()
    if found is None:
        raise BackupRefused(_("The server has no slot of ours, as after a failover: start this again, and it has one."))
    kept, received = found
    if kept == "lost":
        raise BackupRefused(
            _(
                "The server threw changes away that nobody received in time (max_slot_wal_keep_size). Say "
                "`receive_wal --drop-slot`, start this again, and take `backup --physical`: older copies end there."
            )
        )
    count = sum(1 for is_here in received if is_here)
    moment = _asked[count - 1][0] if count else None
    del _asked[:count]
    del _asked[:-1000]
    return moment
