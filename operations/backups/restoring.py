"""Brings a backup back into an empty, migrated database: all of it in one transaction, or nothing.

Pictures are written before the rows are committed. A failure leaves a file too many, never a row
without its picture.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from redis.exceptions import RedisError

from catalog.models import Variant
from common import redis
from common.transactions import unit_of_work, within_unit_of_work
from inventory.selectors import display_key
from operations import emptying
from operations.backups.archive import (
    DAMAGED,
    MANIFEST,
    BackupRefused,
    Manifest,
    checked,
    member_of_media,
    member_of_table,
)
from operations.backups.taking import columns_of

KEPT = "django_migrations"


def read_manifest(*, path: Path) -> Manifest:
    """Read a backup from its first byte to its last and return its manifest. Raises BackupRefused."""
    with _opened(path) as archive:
        manifest = _manifest(archive)
        for table, member in manifest.tables.items():
            if sum(piece.count(b"\n") for piece in checked(archive, name=member_of_table(table), member=member)) != (
                member.rows
            ):
                raise BackupRefused(f"{table} has not as many rows as the manifest says. Take another backup.")
        for name, member in manifest.media.items():
            _refuse_place(name)
            for _piece in checked(archive, name=member_of_media(name), member=member):
                pass
    return manifest


def check_target(*, manifest: Manifest, force: bool) -> None:
    """Let pass a database that has the backup's migrations and tables, and that nobody uses, unless `force`.

    Raises BackupRefused saying what does not fit.
    """
    applied = _applied()
    here, there = applied - set(manifest.migrations), set(manifest.migrations) - applied
    if here or there:
        raise BackupRefused(
            "The database and the backup are not of the same migrations "
            f"(only here: {_few(here)}; only in the backup: {_few(there)}). "
            f"Check out version {manifest.version} of the shop, run `manage.py migrate`, restore, and upgrade then."
        )
    for table, member in manifest.tables.items():
        if sorted(columns_of(table=table)) != sorted(member.columns):
            raise BackupRefused(f"The columns of {table} are not those of the backup.")
    used = emptying.used_tables()
    if used and not force:
        raise BackupRefused(
            f"The database is in use ({_few(set(used))} hold rows). Restore into an empty one, "
            "or say --force to delete everything in it first."
        )


def restore(*, path: Path, manifest: Manifest, with_media: bool = True) -> None:
    """Empty the database and fill it from a backup that `read_manifest` and `check_target` have let pass.

    Raises BackupRefused; then the database is as it was.
    """
    with _opened(path) as archive:
        try:
            with unit_of_work():
                _fill(archive, manifest=manifest)
                if with_media:
                    _bring_media(archive, manifest=manifest)
        except DatabaseError as problem:
            raise BackupRefused(f"The database refused the backup: {str(problem).strip()}") from problem
        except OSError as problem:
            raise BackupRefused(f"The pictures cannot be written ({problem.strerror or problem}).") from problem
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("ANALYZE")
    connection.close()
    _forget_figures()


@within_unit_of_work
def _fill(archive: ZipFile, *, manifest: Manifest) -> None:
    tables = [table for table in manifest.tables if table != KEPT]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        emptying.empty(names=[table for table in emptying.tables() if table != KEPT])
        with emptying.guards_off(names=tables):  # they judge what happens now; what is brought back has happened
            for table in tables:
                member = manifest.tables[table]
                listed = ", ".join(f'"{column}"' for column in member.columns)
                with connection.wrap_database_errors, cursor.copy(f'COPY "{table}" ({listed}) FROM STDIN') as rows:
                    for piece in checked(archive, name=member_of_table(table), member=member):
                        rows.write(piece)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            _move_sequences(table=table)


def _move_sequences(*, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT attname, pg_get_serial_sequence(%s, attname) FROM pg_attribute
            WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
              AND pg_get_serial_sequence(%s, attname) IS NOT NULL
            """,
            [f'"{table}"'] * 3,
        )
        for column, sequence in cursor.fetchall():
            cursor.execute(
                f'SELECT setval(%s, coalesce(max("{column}"), 1), max("{column}") IS NOT NULL) FROM "{table}"',  # noqa: S608
                [sequence],
            )


def _bring_media(archive: ZipFile, *, manifest: Manifest) -> None:
    for name, member in manifest.media.items():
        _refuse_place(name)
        content = b"".join(checked(archive, name=member_of_media(name), member=member))
        if default_storage.exists(name):
            default_storage.delete(name)
        default_storage.save(name, ContentFile(content))


def _forget_figures() -> None:
    """Drop the figures on show: they are those of another shop now, and would live for 90 seconds at most."""
    skus = list(Variant.objects.values_list("sku", flat=True))
    try:
        for start in range(0, len(skus), 1000):
            redis.client().delete(*(display_key(sku=sku) for sku in skus[start : start + 1000]))
    except RedisError:
        return


@contextmanager
def _opened(path: Path) -> Iterator[ZipFile]:
    try:
        archive = ZipFile(path)
    except DAMAGED as problem:
        raise BackupRefused(f"{path} is no backup that can be read ({problem}).") from problem
    with archive:
        yield archive


def _manifest(archive: ZipFile) -> Manifest:
    try:
        return Manifest.from_json(archive.read(MANIFEST).decode())
    except DAMAGED as problem:
        raise BackupRefused("The file has no manifest: it is no backup, or one that was interrupted.") from problem


def _refuse_place(name: str) -> None:
    """Return a name that leads out of the media directory has been put there by somebody."""
    place = PurePosixPath(name)
    if not name or place.is_absolute() or ".." in place.parts or "\\" in name:
        raise BackupRefused(f"The backup wants to write outside the media directory ({name}).")


def _applied() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return set()
        cursor.execute("SELECT app || '.' || name FROM django_migrations")
        return {name for (name,) in cursor.fetchall()}


def _few(names: set[str] | Sequence[str], most: int = 5) -> str:
    listed = sorted(names)
    return ", ".join(listed[:most]) + (", ..." if len(listed) > most else "") if listed else "-"
