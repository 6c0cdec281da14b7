"""Servers for one test run or one check: in memory where there is room, no promises about power cuts, then gone."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devstack import state
from devstack.servers import PostgresServer, ValkeyServer, new_password

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a tmpfs, used through mkdtemp
ROOM_NEEDED = 1_500_000_000


def home() -> Path:
    """Return a fresh private directory, in memory when there is enough of it (containers often give just 64 MB)."""
    usable = SHARED_MEMORY.is_dir() and os.access(SHARED_MEMORY, os.W_OK)
    roomy = usable and shutil.disk_usage(SHARED_MEMORY).free >= ROOM_NEEDED
    return Path(tempfile.mkdtemp(prefix="balcao-tests-", dir=SHARED_MEMORY if roomy else None))


def postgres() -> PostgresServer:
    """Return a PostgreSQL that is not started yet, in a directory of its own."""
    return PostgresServer(home=home(), password=new_password(), throwaway=True)


def valkey() -> ValkeyServer:
    """Return a Valkey that is not started yet, in a directory of its own."""
    return ValkeyServer(home=home(), password=new_password(), throwaway=True)


@contextmanager
def both() -> Iterator[tuple[PostgresServer, ValkeyServer]]:
    """Run one of each for the length of a block."""
    database, memory = postgres(), valkey()
    try:
        database.start()
        memory.start()
        yield database, memory
    finally:
        memory.destroy()
        database.destroy()


@contextmanager
def kept(directory: Path) -> Iterator[tuple[PostgresServer, ValkeyServer]]:
    """Run one of each whose data stays in a directory, for what takes long to make and is measured more than once.

    They promise nothing about power cuts either.
    """
    memory = state.remembered(var=directory)
    database = PostgresServer(
        home=directory / "postgres", password=memory.postgres_password, port=memory.postgres_port, throwaway=True
    )
    figures = ValkeyServer(
        home=directory / "valkey", password=memory.valkey_password, port=memory.valkey_port, throwaway=True
    )
    try:
        for server in (database, figures):
            server.take_over()
            server.start()
        yield database, figures
    finally:
        figures.stop()
        database.stop()
