"""The portable copy: rows as `pg_dump` writes them, and the pictures beside them.

Any PostgreSQL from the shop's version on takes it back, with or without this program. Rows are of one moment, and so
are the counts that a proof compares with what came back.
"""

import io
import json
import os
import tarfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, transaction
from pyrage import x25519

from common import security
from common.backups import note_copy
from common.security import Event
from operations import emptying
from operations.backups import programs, sealing, store
from operations.backups.refusal import BackupRefused
from operations.backups.sealing import Stored
from operations.backups.store import Copy, Manifest

COMPRESSION = "1"
"""Of the levels of gzip: what it costs most is time that the shop may need."""


@dataclass(frozen=True)
class Plan:
    """What a copy would hold: rows by table, and how many pictures."""

    rows: dict[str, int]
    media: int


def plan() -> Plan:
    """Count what a copy would hold, and write nothing."""
    return Plan(rows=counted(), media=sum(1 for _name in media_names()))


def keys_for(*, plain: bool, extra: Sequence[x25519.Recipient] = ()) -> list[x25519.Recipient]:
    """Return the public keys to write a copy for; none where somebody said `plain`. Raises BackupRefused."""
    if plain:
        return []
    keys = sealing.recipients()
    if not keys:
        raise BackupRefused(
            "No key is named to encrypt for. `manage.py backup_key` makes one; put its public half into "
            "BACKUP_RECIPIENTS. Or say --plain, and keep the copy where everybody's data may be kept."
        )
    return [*keys, *extra]


def take(
    *, now: datetime, keys: Sequence[x25519.Recipient], with_media: bool = True, is_before_restore: bool = False
) -> tuple[Copy, dict[str, Any]]:
    """Write the whole shop; return the copy and what was counted. `keys`: of those who can read it, none: in clear.

    Raises BackupRefused, and what a lost database raises.
    """
    major = programs.major()
    program = programs.client("pg_dump", major=major)
    suffix = sealing.SUFFIX if keys else ""
    files: dict[str, Stored] = {}
    with store.new_copy(kind="portable", now=now) as place:
        with _one_moment() as (snapshot, contents):
            reached = programs.server()
            command = [
                program, "--format=custom", f"--compress={COMPRESSION}", f"--snapshot={snapshot}", "--no-password",
                f"--dbname={reached.words}",
            ]  # fmt: skip
            with programs.output(command, environment=reached.environment, does="pg_dump") as rows:
                files[f"shop.dump{suffix}"] = sealing.seal(rows, path=place / f"shop.dump{suffix}", keys=keys)
        if with_media:
            with _media() as pictures:
                files[f"media.tar{suffix}"] = sealing.seal(pictures, path=place / f"media.tar{suffix}", keys=keys)
        text = io.BytesIO(json.dumps(contents).encode())
        files[f"contents.json{suffix}"] = sealing.seal(text, path=place / f"contents.json{suffix}", keys=keys)
        manifest = Manifest(
            kind="portable", version=str(settings.VERSION), made_at=now.isoformat(), server=major,
            migrations=migrations(), files=files, is_before_restore=is_before_restore,
        )  # fmt: skip
        store.write_manifest(place, manifest)
    copy = store.read(store.directory("portable") / f"{now:%Y%m%d-%H%M%S}")
    security.note(Event.DATA_EXPORTED, kind="backup")
    note_copy(kind="portable", name=copy.name, made_at=now, size=copy.bytes, is_encrypted=bool(keys))
    return copy, contents


def migrations() -> list[str]:
    """Return "app.name" of everything that was applied."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY app, name")
        return [name for (name,) in cursor.fetchall()]


def counted() -> dict[str, int]:
    """Return how many rows each table has."""
    rows = {}
    with connection.cursor() as cursor:
        for table in emptying.tables_there():
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 - names of our own tables
            rows[table] = int(cursor.fetchone()[0])
    return rows


OLDEST_UNSEEN = """
    SELECT xid FROM (
        SELECT (pg_snapshot_xmax(pg_current_snapshot())::text::numeric % 4294967296)::bigint AS xid
        UNION ALL
        SELECT held.transactionid::text::bigint FROM pg_locks held LEFT JOIN pg_stat_activity session USING (pid)
        WHERE held.locktype = 'transactionid' AND (held.pid IS NULL OR session.datname = current_database())
    ) unseen ORDER BY age(xid::text::xid) DESC LIMIT 1
"""


@contextmanager
def _one_moment() -> Iterator[tuple[str, dict[str, Any]]]:
    """Hold one moment of the database for the block: its name for `pg_dump`, and what is counted in it."""
    horizon = _oldest_unseen()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute(
            "SELECT pg_export_snapshot(), (SELECT array_agg(rolname::text) FROM pg_roles WHERE rolname !~ '^pg_')"
        )
        snapshot, roles = cursor.fetchone()
        yield str(snapshot), {"tables": counted(), "roles": roles, "horizon": horizon}


def _oldest_unseen() -> int:
    """Return the oldest transaction of this database that a snapshot taken from now on may miss.

    Whatever was begun before and has not ended holds a lock on its own number, a savepoint too. Other databases of the
    cluster write nothing here, however long they take.
    """
    with connection.cursor() as cursor:
        cursor.execute(OLDEST_UNSEEN)
        return int(cursor.fetchone()[0])


def media_names(folder: str = "") -> Iterator[str]:
    """Yield the name of every stored file, in order, whatever the storage is."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(files):
        yield f"{folder}/{name}" if folder else name
    for name in sorted(folders):
        yield from media_names(f"{folder}/{name}" if folder else name)


@contextmanager
def _media() -> Iterator[IO[bytes]]:
    """Yield the pictures as a stream of tar. Raises BackupRefused at the end if one could not be read."""
    ours, theirs = os.pipe()
    failures: list[OSError] = []
    with os.fdopen(ours, "rb", buffering=sealing.CHUNK) as reader:
        packing = threading.Thread(target=_pack_into, args=(theirs, failures), daemon=True)
        packing.start()
        try:
            yield reader
        finally:
            reader.close()
            packing.join()
    if failures:
        raise BackupRefused(f"The pictures cannot be read ({failures[0].strerror or failures[0]}).") from failures[0]


def _pack_into(descriptor: int, failures: list[OSError]) -> None:
    """Write every picture. One that was deleted meanwhile belongs to no row of tomorrow and is left out."""
    with os.fdopen(descriptor, "wb", buffering=sealing.CHUNK) as writer:
        try:
            with tarfile.open(fileobj=writer, mode="w|", format=tarfile.PAX_FORMAT) as archive:
                for name in media_names():
                    _pack(archive, name=name)
        except OSError as problem:
            failures.append(problem)


def _pack(archive: tarfile.TarFile, *, name: str) -> None:
    try:
        source = default_storage.open(name)
    except FileNotFoundError:
        return
    with source:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = source.size, 0o644
        archive.addfile(entry, source)
