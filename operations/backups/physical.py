"""The physical copy: the server's files by `pg_basebackup`, and every change since by `pg_receivewal`.

From the two together the server can be brought to any second in between. Both tools speak PostgreSQL's own protocol of
replication, so the login needs REPLICATION, and the way must lead past any pooler.
"""

import io
import json
import os
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection
from pyrage import x25519

from common import security
from common.backups import note_copy
from common.security import Event
from operations.backups import programs, sealing, store
from operations.backups.refusal import BackupRefused
from operations.backups.sealing import Stored
from operations.backups.store import Copy, Manifest
from operations.backups.taking import COMPRESSION, migrations

NEEDED = ("max_connections", "max_worker_processes", "max_wal_senders", "max_prepared_transactions",
          "max_locks_per_transaction")  # fmt: skip
"""What a server must have at least as much of as the one whose changes it reads."""


def take(*, now: datetime, keys: Sequence[x25519.Recipient]) -> Copy:
    """Write the files of the whole server, and return the copy. `keys`: of those who can read it.

    Raises BackupRefused, and what a lost database raises.
    """
    major = programs.major()
    program = programs.client("pg_basebackup", major=major)
    suffix = sealing.SUFFIX if keys else ""
    contents, start = _about()
    reached = programs.server()
    command = [
        program, "--pgdata=-", "--format=tar", "--wal-method=fetch", "--gzip", f"--compress={COMPRESSION}",
        "--checkpoint=fast", "--label=balcao", "--no-password", f"--dbname={reached.words}",
    ]  # fmt: skip
    files: dict[str, Stored] = {}
    with store.new_copy(kind="physical", now=now) as place:
        with programs.output(command, environment=reached.environment, does="pg_basebackup") as base:
            files[f"base.tar.gz{suffix}"] = sealing.seal(base, path=place / f"base.tar.gz{suffix}", keys=keys)
        whole_at = _clock_of_server()
        text = io.BytesIO(json.dumps(contents).encode())
        files[f"contents.json{suffix}"] = sealing.seal(text, path=place / f"contents.json{suffix}", keys=keys)
        manifest = Manifest(
            kind="physical", version=str(settings.VERSION), made_at=whole_at.isoformat(), server=major,
            migrations=migrations(), files=files, start=start,
        )  # fmt: skip
        store.write_manifest(place, manifest)
    copy = store.read(store.directory("physical") / f"{now:%Y%m%d-%H%M%S}")
    security.note(Event.DATA_EXPORTED, kind="backup")
    note_copy(kind="physical", name=copy.name, made_at=now, size=copy.bytes, is_encrypted=bool(keys))
    return copy


def _about() -> tuple[dict[str, object], str]:
    """Return what a recovery must know of the server, and the segment at which it begins at the latest."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(NEEDED)])
        needed = dict(cursor.fetchall())
        cursor.execute(
            "SELECT current_database(), pg_walfile_name(pg_current_wal_lsn()), "
            "(SELECT rolname FROM pg_roles WHERE rolsuper AND rolcanlogin ORDER BY oid LIMIT 1)"
        )
        database, segment, superuser = cursor.fetchone()
    return {"database": database, "superuser": superuser, "settings": needed}, str(segment)


def _clock_of_server() -> datetime:
    """Return the time by the clock that a recovery to a moment goes by."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)


def spool() -> Path:
    """Return where segments are received."""
    return store.directory("spool")


def archive() -> Path:
    """Return where whole segments are kept."""
    return store.directory("wal")


def drop_unfinished(*, segment: int, seconds: float = 0.0) -> None:
    """Delete what was begun of a segment of so many bytes where there was no room for it, untouched for so long.

    `pg_receivewal` makes a segment as long as it will be before it writes changes into it, and refuses for ever to go
    on with one that is shorter. The server still has what was in it.
    """
    for path in spool().glob("*.partial"):
        with suppress(FileNotFoundError):
            found = path.stat()
            if 0 < found.st_size < segment and time.time() - found.st_mtime >= seconds:
                path.unlink()


def keep_segments(*, keys: Sequence[x25519.Recipient]) -> int:
    """Compress and encrypt what was received whole, out of the spool into the archive; return how many there were.

    The segment that is being written is kept as it stands, too, under the name it has meanwhile. Raises BackupRefused.
    """
    count = 0
    try:
        for path in sorted(spool().iterdir()):
            try:
                count += _keep(path, keys=keys)
            except FileNotFoundError:
                if path.exists() or path.suffix != ".partial":
                    raise
                # it was finished while we looked, and has its own name now: the next round keeps it
    except OSError as problem:
        raise BackupRefused(f"Changes cannot be kept ({problem.strerror or problem}: {problem.filename}).") from problem
    return count


def _keep(path: Path, *, keys: Sequence[x25519.Recipient]) -> bool:
    """Write one segment into the archive; say whether it was whole. Raises OSError."""
    is_partial = path.suffix == ".partial"
    final = archive() / f"{path.name}.gz{sealing.SUFFIX if keys else ''}"
    written = path.stat()
    if is_partial and final.exists() and final.stat().st_mtime_ns == written.st_mtime_ns:
        return False
    unfinished = final.with_name(f".{final.name}.part")
    unfinished.unlink(missing_ok=True)
    try:
        with path.open("rb") as source:
            sealing.seal(Compressed(source), path=unfinished, keys=keys)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    os.utime(unfinished, ns=(written.st_atime_ns, written.st_mtime_ns))  # as of when it was read, not kept
    unfinished.rename(final)
    if is_partial:
        return False
    path.unlink()
    for older in archive().glob(f"{path.name}.partial*"):
        older.unlink()
    return True


class Compressed:
    """A stream as gzip would write it, made while it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._packing = zlib.compressobj(level=int(COMPRESSION), wbits=31)
        self._pieces = self._packed(source)
        self._left = b""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most so many bytes; none at the end."""
        while size < 0 or len(self._left) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._left += piece
        size = len(self._left) if size < 0 else size
        found, self._left = self._left[:size], self._left[size:]
        return found

    def _packed(self, source: IO[bytes]) -> Iterator[bytes]:
        while piece := source.read(sealing.CHUNK):
            yield self._packing.compress(piece)
        yield self._packing.flush()
