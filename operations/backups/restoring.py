"""Brings a portable copy back: into the shop's own database, or into a server made for a proof.

In the shop's, all of it comes in one transaction or nothing does, and what is there goes only if nobody has written to
it since it was copied itself. That is asked behind the locks under which it is dropped: nothing that anybody was
promised disappears without a copy and a word.
"""

import os
import re
import subprocess
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import psycopg
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from psycopg import sql
from pyrage import x25519
from redis.exceptions import RedisError

from catalog.models import Variant
from common import redis
from common.postgres import planner
from common.transactions import unit_of_work
from inventory.selectors import display_key
from operations import emptying
from operations.backups import programs, sealing
from operations.backups.cluster import Scratch
from operations.backups.refusal import BackupRefused
from operations.backups.store import Copy

MAKE_ROOM = Path(__file__).with_name("make_room.sql")
NOBODY_WROTE = -1
NOT_OF_OLDER_SERVERS = b"SET transaction_timeout = 0;\n"
HEAD = 4096
OF_ROLES = re.compile(r"^\d+; \d+ \d+ (POLICY|ROW SECURITY) ")
UNPACKED_DAMAGED = (tarfile.TarError, EOFError, ValueError)


@dataclass(frozen=True)
class Target:
    """Which extensions stand in a database, which its role could add, and which roles its server knows."""

    extensions: set[str]
    addable: set[str]
    roles: set[str]


def decrypted_rows(copy: Copy, *, keys: Sequence[x25519.Identity], home: Path) -> Path:
    """Write the rows of a copy where `pg_restore` can move about in them. Raises BackupRefused."""
    path = home / "shop.dump"
    with sealing.opened(copy.file("shop.dump"), keys=keys) as source:
        sealing.seal(source, path=path, keys=())
    return path


def into_scratch(dump: Path, *, contents: dict[str, Any], scratch: Scratch, least: int) -> None:
    """Bring rows into a server made for a proof, as its superuser. Raises BackupRefused."""
    with psycopg.connect(scratch.words, autocommit=True) as admin:
        there = {name for (name,) in admin.execute("SELECT rolname FROM pg_roles")}
        for role in sorted(set(contents["roles"]) - there):
            admin.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
    program = programs.client("pg_restore", major=least)
    programs.run(
        [program, "--no-owner", "--exit-on-error", "--no-password", f"--jobs={min(4, os.cpu_count() or 1)}",
         f"--dbname={scratch.words}", str(dump)],
        environment=dict(os.environ), does="pg_restore",
    )  # fmt: skip


def into_shop(dump: Path, *, contents: dict[str, Any], horizon: int) -> list[str]:
    """Put these rows in the place of all that stands in the shop's database; return what had to be left out.

    `horizon`: see make_room.sql. Raises BackupRefused; then the database is as it was.
    """
    major = programs.major()
    target = _target()
    restoring, psql = programs.client("pg_restore", major=major), programs.client("psql", major=major)
    missing = sorted(set(contents["roles"]) - target.roles)
    wanted, left_out = _wanted(restoring, dump=dump, target=target, has_roles=not missing)
    if missing:
        left_out.append(f"grants and policies, for there is no role {', '.join(missing)}")
    reached = programs.server(everything=False)
    connection.close()
    script = [restoring, "--no-owner", f"--use-list={wanted}", "--file=-", str(dump)]
    script += ["--no-privileges"] if missing else []
    with programs.output(script, environment=dict(os.environ), does="pg_restore") as statements:
        _fed(
            [psql, "--no-psqlrc", "--quiet", "--no-password", "--single-transaction", "--set=ON_ERROR_STOP=1",
             f"--set=horizon={horizon}", f"--set=automatic={','.join(sorted(emptying.AUTOMATIC))}",
             f"--file={MAKE_ROOM}", "--file=-", f"--dbname={reached.words}"],
            environment=reached.environment, source=statements,
        )  # fmt: skip
    with unit_of_work():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
        planner.analyze(skip_locked=True)
    connection.close()
    _forget_figures()
    return left_out


def _fed(command: Sequence[str], *, environment: dict[str, str], source: programs.Output) -> None:
    """Let psql carry out all that `source` says, or nothing. Raises BackupRefused with its own words."""
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    if process.stdin is None or process.stderr is None:
        raise RuntimeError("a pipe was asked for")
    with process:
        try:
            process.stdin.write(source.read(HEAD).replace(NOT_OF_OLDER_SERVERS, b""))
            while piece := source.read(sealing.CHUNK):
                process.stdin.write(piece)
            source.ended_well()
            process.stdin.close()
        except BrokenPipeError:
            pass
        except BaseException:
            process.kill()  # half of it would be committed as if it were all
            raise
        told = process.stderr.read().decode(errors="replace").strip()
        if process.wait() != 0:
            raise BackupRefused(f"The database refused the copy, and is as it was: {told[-1500:]}")


def _target() -> Target:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        extensions = {name for (name,) in cursor.fetchall()}
        cursor.execute(
            "SELECT DISTINCT name FROM pg_available_extension_versions "
            "WHERE trusted OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
        )
        addable = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT rolname FROM pg_roles")
        return Target(extensions=extensions, addable=addable, roles={name for (name,) in cursor.fetchall()})


def _wanted(program: str, *, dump: Path, target: Target, has_roles: bool) -> tuple[Path, list[str]]:
    """Write the list of what is brought back: all but extensions that are there, or that this role may not add.

    Policies are of roles, and rows are limited by policies, so without the roles there is neither.
    """
    listed = programs.run([program, "--list", str(dump)], environment=dict(os.environ), does="pg_restore")
    kept, left_out = [], []
    for line in listed.splitlines():
        extension = re.search(r" EXTENSION - (\S+)", line)
        if " DEFAULT ACL " in line or (not has_roles and OF_ROLES.search(line)):
            continue
        if " COMMENT - EXTENSION " in line or (extension and extension[1] in target.extensions):
            continue
        if extension and extension[1] not in target.addable:
            left_out.append(f"the extension {extension[1]}")
            continue
        kept.append(line)
    path = dump.with_suffix(".list")
    path.write_text("\n".join(kept) + "\n")
    return path, left_out


def bring_media(copy: Copy, *, keys: Sequence[x25519.Identity], write: Callable[[str, bytes], None]) -> int:
    """Hand each picture of a copy to `write` and return how many there were. Raises BackupRefused."""
    count = 0
    try:
        with (
            sealing.opened(copy.file("media.tar"), keys=keys) as source,
            tarfile.open(fileobj=source, mode="r|") as archive,
        ):
            for entry in archive:
                content = archive.extractfile(entry) if entry.isreg() else None
                if content is None:
                    raise BackupRefused(f"The pictures hold something that is no file ({entry.name}).")
                write(safe(entry.name), content.read())
                count += 1
    except UNPACKED_DAMAGED as problem:
        raise BackupRefused(f"The pictures cannot be unpacked ({problem}).") from problem
    except OSError as problem:
        raise BackupRefused(f"The pictures cannot be written ({problem.strerror or problem}).") from problem
    return count


def into_storage(name: str, content: bytes) -> None:
    """Write a picture where the shop looks for it, over one of the same name."""
    if default_storage.exists(name):
        default_storage.delete(name)
    default_storage.save(name, ContentFile(content))


def has_media(copy: Copy) -> bool:
    """Say whether a copy holds pictures at all."""
    return any(name.startswith("media.tar") for name in copy.manifest.files)


def safe(name: str) -> str:
    """Return a name that stays in its directory. Raises BackupRefused: somebody has put this one there."""
    place = PurePosixPath(name)
    if not name or place.is_absolute() or ".." in place.parts or "\\" in name:
        raise BackupRefused(f"The copy wants to write outside of its directory ({name}).")
    return name


def _forget_figures() -> None:
    """Drop the figures on show: they are those of another shop now, and would live for 90 seconds at most."""
    skus = list(Variant.objects.values_list("sku", flat=True))
    try:
        for start in range(0, len(skus), 1000):
            redis.client().delete(*(display_key(sku=sku) for sku in skus[start : start + 1000]))
    except RedisError:
        return
