"""Writes a backup: every table as of one moment, then the pictures.

The file gets its name only once it is whole. Whatever is found under that name can be restored.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, transaction

from common import security
from common.security import Event
from operations import emptying
from operations.backups.archive import (
    FORMAT,
    MANIFEST,
    BackupRefused,
    Manifest,
    Member,
    member_of_media,
    member_of_table,
    pieces,
    write_member,
)

PATTERN = "balcao-*.zip"


@dataclass(frozen=True)
class Plan:
    """What a backup would hold: rows by table, and how many pictures."""

    rows: dict[str, int]
    media: int


def directory() -> Path:
    """Return where backups go unless somebody names a place."""
    return Path(settings.VAR_DIR) / "backups"


def default_path(*, now: datetime) -> Path:
    """Return the name of a backup made now."""
    return directory() / f"balcao-{now:%Y%m%d-%H%M%S}.zip"


def newest() -> Path | None:
    """Return the last backup in the usual place, if there is one."""
    return max(directory().glob(PATTERN), key=lambda path: path.stat().st_mtime, default=None)


def plan() -> Plan:
    """Count what a backup would hold, and write nothing."""
    rows = {}
    with connection.cursor() as cursor:
        for table in emptying.tables():
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 - names of our own tables
            rows[table] = int(cursor.fetchone()[0])
    return Plan(rows=rows, media=sum(1 for _name in media_names()))


def take(*, path: Path, now: datetime, with_media: bool = True) -> Manifest:
    """Write the whole shop into a new file, readable by its owner only, and return its manifest.

    Raises BackupRefused (the file exists or cannot be written), and what a lost database raises.
    """
    if path.exists():
        raise BackupRefused(f"{path} exists already; backups are never overwritten.")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            with ZipFile(target, "w", compression=ZIP_DEFLATED, compresslevel=6) as archive:
                manifest = _write(archive, now=now, with_media=with_media)
                archive.writestr(MANIFEST, manifest.as_json())
            target.flush()
            os.fsync(target.fileno())
        unfinished.rename(path)
    except OSError as problem:
        raise BackupRefused(f"{path} cannot be written ({problem.strerror or problem}).") from problem
    finally:
        with suppress(FileNotFoundError):
            unfinished.unlink()
    security.note(Event.DATA_EXPORTED, kind="backup")
    return manifest


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


def _write(archive: ZipFile, *, now: datetime, with_media: bool) -> Manifest:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY app, name")
        migrations = [name for (name,) in cursor.fetchall()]
        cursor.execute("SHOW server_version")
        server = str(cursor.fetchone()[0])
        tables = {table: _copied(archive, table=table) for table in emptying.tables()}
    media = dict(_media(archive)) if with_media else {}
    return Manifest(
        format=FORMAT,
        version=str(settings.VERSION),
        made_at=now.isoformat(),
        server=server,
        migrations=migrations,
        tables=tables,
        media=media,
    )


def _copied(archive: ZipFile, *, table: str) -> Member:
    columns = columns_of(table=table)
    listed = ", ".join(f'"{column}"' for column in columns)
    statement = f'COPY "{table}" ({listed}) TO STDOUT'
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as rows:
        return write_member(archive, name=member_of_table(table), chunks=rows, columns=columns)


def columns_of(*, table: str) -> list[str]:
    """Return the columns of a table that can be written, in their order; none for a table that is not there."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT attname FROM pg_attribute
            WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
            ORDER BY attnum
            """,
            [f'"{table}"'],
        )
        return [name for (name,) in cursor.fetchall()]


def _media(archive: ZipFile) -> Iterator[tuple[str, Member]]:
    """Pictures are compressed already. One that was deleted meanwhile belongs to no row of tomorrow and is left out."""
    archive.compression = ZIP_STORED
    for name in media_names():
        try:
            with default_storage.open(name) as source:
                yield name, write_member(archive, name=member_of_media(name), chunks=pieces(source))
        except FileNotFoundError:
            continue
