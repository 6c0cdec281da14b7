"""PostgreSQL's own programs: where they are, and how they are told which server to speak to.

A client must be of the server's version or newer; a server must be of the very version that wrote the files. Passwords
travel in the environment, never on a command line, which everybody on a machine can read.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string
from psycopg import pq
from psycopg.conninfo import make_conninfo

from common.postgres import addresses
from operations.backups.refusal import BackupRefused

DEBIAN = Path("/usr/lib/postgresql")
UNHURRIED = "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0"


@dataclass(frozen=True)
class Server:
    """How the shop's database is reached by a program. `words`: without the password."""

    words: str
    environment: dict[str, str]


def server(*, everything: bool = True) -> Server:
    """Return how programs reach the database; by the login that may read everything, where one is named.

    Raises BackupRefused: only a pooler is known.
    """
    url = settings.BACKUP_DATABASE_URL if everything else ""
    if settings.DATABASE_POOLER and not url:
        name = "BACKUP_DATABASE_URL" if everything else "DATABASE_URL"
        raise BackupRefused(f"This takes a session of the server's own: set {name} to it, past the pooler.")
    found: dict[str, Any] = addresses.described(url) if url else connection.settings_dict
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    words = {key: str(value) for key, value in (found.get("OPTIONS") or {}).items() if key in known}
    words |= {
        key: str(found[name])
        for key, name in (("dbname", "NAME"), ("user", "USER"), ("host", "HOST"), ("port", "PORT"))
        if found.get(name)
    }
    words["options"] = f"{words.get('options', '')} {UNHURRIED}".strip()
    password = {"PGPASSWORD": str(found["PASSWORD"])} if found.get("PASSWORD") else {}
    return Server(words=make_conninfo(**words), environment={**os.environ, **password})


def major() -> int:
    """Return the version of the shop's server, such as 17."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


def client(name: str, *, major: int) -> str:
    """Return the path of a program that speaks to a server of this version. Raises BackupRefused."""
    found = [(version, path) for version, path in _found(name) if version >= major]
    if not found:
        raise BackupRefused(
            f"There is no {name} of PostgreSQL {major} or newer on this machine. "
            f"Install postgresql-client-{major}, or name the directory of its programs in POSTGRES_BIN."
        )
    return str(min(found)[1])


def exact(name: str, *, major: int) -> str:
    """Return the path of a program of exactly this version. Raises BackupRefused."""
    for version, path in _found(name):
        if version == major:
            return str(path)
    raise BackupRefused(
        f"There is no {name} of PostgreSQL {major} on this machine, and files of one version are read by it alone. "
        f"Install postgresql-{major} (no server needs to be set up), or name its programs in POSTGRES_BIN."
    )


def newest(name: str, *, least: int) -> tuple[str, int]:
    """Return the path and version of the newest program that is `least` or newer. Raises BackupRefused."""
    found = [(version, path) for version, path in _found(name) if version >= least]
    if not found:
        raise BackupRefused(
            f"There is no {name} of PostgreSQL {least} or newer on this machine, and a copy is proved in a server of "
            f"its own. Install postgresql-{least} (no server needs to be set up), or name its programs in POSTGRES_BIN."
        )
    version, path = max(found)
    return str(path), version


def _found(name: str) -> list[tuple[int, Path]]:
    return _versions(name, settings.POSTGRES_BIN)


@cache
def _versions(name: str, named: str) -> list[tuple[int, Path]]:
    places = [Path(place) for place in named.split(os.pathsep) if place]
    if not places:
        places = [path.parent for path in DEBIAN.glob(f"*/bin/{name}")]
        on_path = shutil.which(name)
        places += [Path(on_path).parent] if on_path else []
    found = []
    for path in (place / name for place in places if (place / name).exists()):
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=30).stdout
        version = re.search(r"\) (\d+)", told)
        if version:
            found.append((int(version[1]), path))
    return found


def wrapper() -> tuple[tuple[str, ...], int]:
    """Return the words before a server's programs, and the uid that must own its files. Raises BackupRefused."""
    if settings.POSTGRES_WRAPPER:
        found = import_string(settings.POSTGRES_WRAPPER)()
        return tuple(found.prefix), int(found.owner)
    if os.geteuid() == 0:
        raise BackupRefused("PostgreSQL refuses to run as root: run this as the user of the shop.")
    return (), os.geteuid()


class Output:
    """What a program writes. Its end is no word that it wrote all of it: `ended_well` is."""

    def __init__(self, process: "subprocess.Popen[bytes]", *, does: str) -> None:
        if process.stdout is None or process.stderr is None:
            raise RuntimeError("a pipe was asked for")
        self._process, self._does = process, does
        self._written, self._told = process.stdout, process.stderr

    def read(self, size: int = -1, /) -> bytes:
        """Return at most so many bytes; none at the end."""
        piece: bytes = self._written.read(size)
        return piece

    def ended_well(self) -> None:
        """Wait for the program's end. Raises BackupRefused if it has failed, with its own words."""
        if self._process.returncode is None:
            told = self._told.read().decode(errors="replace").strip()
            if self._process.wait() != 0:
                raise BackupRefused(f"{self._does} failed: {told[-1500:]}")


@contextmanager
def output(command: Sequence[str], *, environment: dict[str, str], does: str) -> Iterator[Output]:
    """Yield what a program writes. Raises BackupRefused at the end if it has failed, with its own words."""
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        written = Output(process, does=does)
        try:
            yield written
        except BaseException:
            process.kill()
            raise
        written.ended_well()


def run(command: Sequence[str], *, environment: dict[str, str], does: str, codes: Sequence[int] = (0,)) -> str:
    """Run a program to its end and return what it wrote. Raises BackupRefused with its own words if it failed."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in codes:
        raise BackupRefused(f"{does} failed: {(done.stderr or done.stdout).strip()[-1500:]}")
    return done.stdout
