"""A PostgreSQL server of one's own for the length of a proof: no network, in a private directory, gone afterwards.

It is never the shop's server, so a proof needs no right there, and nothing it does can reach the shop.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.conf import settings
from django.utils.translation import gettext as _
from psycopg.conninfo import make_conninfo

from operations.backups import programs
from operations.backups.refusal import BackupRefused

DATABASE = "shop"
SUPERUSER = "balcao"
LONGEST_SOCKET = 90
START_SECONDS = 60
STOP_SECONDS = 30
SIGN_IN_SECONDS = 30
"""A server that takes connections refuses them for a moment while its recovery ends, and not for longer."""

TOO_EARLY = "requested recovery stop point is before consistent recovery point"
TOO_LATE = "recovery ended before configured recovery target was reached"

SETTINGS = {
    "listen_addresses": "", "unix_socket_permissions": "0700", "fsync": "off", "synchronous_commit": "off",
    "full_page_writes": "off", "autovacuum": "off", "timezone": "UTC", "log_timezone": "UTC",
    "dynamic_shared_memory_type": "mmap", "max_wal_size": "1GB", "lc_messages": "C",
}  # fmt: skip


@dataclass(frozen=True)
class Scratch:
    """A server that runs, and how it is reached."""

    home: Path
    user: str
    database: str

    @property
    def words(self) -> str:
        """For PostgreSQL's programs and psycopg."""
        return make_conninfo(host=str(self.home), user=self.user, dbname=self.database)

    @property
    def url(self) -> str:
        """For the settings of a shop."""
        return f"postgres://{self.user}@/{self.database}?host={self.home}"


@contextmanager
def room() -> Iterator[Path]:
    """Yield a private directory that is gone afterwards. Raises BackupRefused."""
    parent = settings.BACKUP_SCRATCH_DIR or None
    try:
        if parent:
            Path(parent).mkdir(parents=True, exist_ok=True, mode=0o700)
        home = Path(tempfile.mkdtemp(prefix="balcao-proof-", dir=parent)).resolve()
    except OSError as problem:
        raise BackupRefused(f"There is no room to prove a copy in ({problem}). Name one in BACKUP_SCRATCH_DIR.") from (
            problem
        )
    try:
        if len(str(home)) > LONGEST_SOCKET:
            raise BackupRefused(f"{home} is too long for a socket: name a shorter directory in BACKUP_SCRATCH_DIR.")
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def empty(home: Path, *, least: int) -> Iterator[Scratch]:
    """Run a new server with an empty database for the block; of version `least` or newer. Raises BackupRefused."""
    program, version = programs.newest("initdb", least=least)
    prefix, _owner = programs.wrapper()
    data = home / "data"
    data.mkdir(mode=0o700)
    _give_away(home)
    modern = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8") if version >= 17 else ()
    programs.run(
        [*prefix, program, "-D", str(data), "-U", SUPERUSER, "-E", "UTF8", "--locale=C", *modern, "-A", "trust",
         "--no-sync", "--no-instructions"],
        environment=dict(os.environ), does="initdb",
    )  # fmt: skip
    server = str(Path(program).with_name("postgres"))
    with _running(
        home, data=data, program=server, settings_of_it=SETTINGS | {"wal_level": "minimal", "max_wal_senders": "0"}
    ):
        first = Scratch(home=home, user=SUPERUSER, database="postgres")
        with psycopg.connect(first.words, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")
        yield Scratch(home=home, user=SUPERUSER, database=DATABASE)


@contextmanager
def recovered(
    home: Path, *, data: Path, major: int, user: str, database: str, settings_of_it: Mapping[str, str]
) -> Iterator[Scratch]:
    """Run the files of a server that were prepared for a recovery, once it has ended. Raises BackupRefused."""
    program = programs.exact("postgres", major=major)
    (home / "hba.conf").write_text("local all all trust\n")
    (home / "server.conf").write_text("")
    (data / "postgresql.auto.conf").write_text("")
    places = {"hba_file": str(home / "hba.conf"), "config_file": str(home / "server.conf"), "ident_file": ""}
    places["ident_file"] = str(home / "ident.conf")
    (home / "ident.conf").write_text("")
    _give_away(home)
    with _running(home, data=data, program=program, settings_of_it=SETTINGS | places | dict(settings_of_it)) as process:
        scratch = Scratch(home=home, user=user, database=database)
        _wait_for_recovery(scratch, process=process)
        yield scratch


@contextmanager
def _running(
    home: Path, *, data: Path, program: str, settings_of_it: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    prefix, _owner = programs.wrapper()
    words = {**settings_of_it, "unix_socket_directories": str(home)}
    command = [
        *prefix,
        program,
        "-D",
        str(data),
        *(word for key, value in words.items() for word in ("-c", f"{key}={value}")),
    ]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, process_group=0
        )
    try:
        _wait(home, data=data, process=process)
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(home: Path, *, data: Path, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the server takes connections; a recovery takes its time, and shows it by writing."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        if process.poll() is not None:
            raise _refusal(home, told="The server for the proof does not start")
        if _status(data) in ("ready", "standby"):
            return
        if _status(data) != "starting" and time.monotonic() > deadline:
            raise BackupRefused(f"The server for the proof does not start: {_end_of(home)}")
        threading.Event().wait(0.05)


def _status(data: Path) -> str:
    try:
        return (data / "postmaster.pid").read_text().splitlines()[7].strip()
    except (OSError, IndexError):
        return ""


def _wait_for_recovery(scratch: Scratch, *, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the recovery has ended, however long it takes, as long as the server says how it goes."""
    give_up_at = time.monotonic() + SIGN_IN_SECONDS
    while True:
        if process.poll() is not None:
            raise _refusal(scratch.home, told="The recovery ended early")
        try:
            if not _is_recovering(scratch):
                return
            give_up_at = time.monotonic() + SIGN_IN_SECONDS
        except psycopg.OperationalError as problem:
            if time.monotonic() > give_up_at:
                raise BackupRefused(
                    f"The recovered server lets nobody in as {scratch.user}, a superuser when the copy was taken "
                    f"({problem}). Name a moment at which that role could sign in, or take a copy that knows another."
                ) from problem
        threading.Event().wait(0.2)


def _is_recovering(scratch: Scratch) -> bool:
    """Ask the server. Raises psycopg.OperationalError."""
    with psycopg.connect(scratch.words, autocommit=True, connect_timeout=SIGN_IN_SECONDS) as connection:
        row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
    return bool(row and row[0])


def _refusal(home: Path, *, told: str) -> BackupRefused:
    """Return why a server has ended: a moment that it could not go to, or else what it said last."""
    said = (home / "server.log").read_text(errors="replace")
    if TOO_EARLY in said:
        return BackupRefused(_("The physical copy was still being made at that moment: name a later one."))
    if TOO_LATE in said:
        last = re.findall(r"last completed transaction was at log time (.+)", said) or ["?"]
        return BackupRefused(
            _("The changes that were kept end before that moment: the last one is of %(last)s.") % {"last": last[-1]}
        )
    return BackupRefused(f"{told}: {_end_of(home)}")


def _end_of(home: Path) -> str:
    lines = (home / "server.log").read_text(errors="replace").splitlines()
    return "\n".join(lines[-8:])


def _give_away(home: Path) -> None:
    """Give the files to the user the server runs as, where that is another one."""
    _prefix, owner = programs.wrapper()
    if owner == os.geteuid():
        return
    for path in (home, *home.rglob("*")):
        os.lchown(path, owner, owner)
