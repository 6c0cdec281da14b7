"""A primary and the standby that follows it: what a failover needs, done by PostgreSQL's own programs.

    with standby.pair() as servers:
        servers.url           # names both: who connects gets the one that takes writes
        servers.primary.kill()
        servers.promote()     # the standby takes writes; `primary` and `standby` have changed places
        servers.rebuild()     # the other one follows it

The standby is synchronous unless one asks otherwise: a commit that was acknowledged is on both. While there is no
standby, after `promote` and until `rebuild`, the primary waits for nobody.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, LiteralString

import psycopg
from psycopg.conninfo import make_conninfo

from devstack import binaries, processes, throwaway
from devstack.errors import StackError
from devstack.servers import DATABASE, USER, PostgresServer, new_password

SLOT = "standby"
STANDBY = "standby"
"""What a standby calls itself, so that the primary knows for whom its commits wait."""

COPY_SECONDS = 120
FOLLOW_SECONDS = 60.0
_SLOT = """
SELECT pg_create_physical_replication_slot(%(name)s, true)
WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = %(name)s)
"""
_HAS = """
SELECT count(*) FROM pg_stat_replication
WHERE application_name = %(name)s AND state = 'streaming'
    AND replay_lsn >= %(written)s::pg_lsn AND sync_state = %(kind)s
"""


class Node(PostgresServer):
    """A server that can be the primary or follow one."""

    settings: ClassVar[dict[str, str]] = {
        "wal_level": "replica",
        "max_wal_senders": "10",
        "full_page_writes": "on",  # pg_rewind compares pages
        "wal_log_hints": "on",
        "wal_keep_size": "256MB",
        "hot_standby": "on",
        "wal_receiver_status_interval": "1s",
        "wal_receiver_timeout": "5s",
        "wal_retrieve_retry_interval": "200ms",
    }

    def asked(self, statement: LiteralString, **values: Any) -> Any:
        """Return the first value of what a statement gives; None where it gives nothing. Raises psycopg's errors."""
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            found = connection.execute(statement, values or None)
            row = found.fetchone() if found.description else None
        return row[0] if row else None

    def copy(self, primary: "Node") -> None:
        """Become a copy of a primary that runs, whatever was here before. Raises StackError."""
        self.kill()
        self._make_private(self.home)
        fresh = self.home / "data.new"
        for old in (fresh, self.data):
            shutil.rmtree(old, ignore_errors=True)
        self._run(
            "pg_basebackup", f"--dbname={primary.way}", f"--pgdata={fresh}", "--wal-method=stream",
            "--checkpoint=fast", "--no-sync", "--no-manifest",
        )  # fmt: skip
        fresh.rename(self.data)

    def rewind(self, primary: "Node") -> None:
        """Take back what this server alone wrote, and take over what the primary has. Raises StackError."""
        self.kill()
        primary.asked("CHECKPOINT")  # until then its files do not say that its history is another
        self._run("pg_rewind", f"--target-pgdata={self.data}", f"--source-server={primary.way}", "--no-sync")

    def follow(self, primary: "Node") -> None:
        """Start as the standby of a primary. Raises StackError."""
        primary.asked(_SLOT, name=SLOT)
        way = make_conninfo(primary.way, application_name=STANDBY, password=self.password).replace("'", "''")
        with (self.data / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"primary_conninfo = '{way}'\nprimary_slot_name = '{SLOT}'\n")
            settings.write("synchronous_standby_names = ''\n")  # once promoted it waits for nobody
        (self.data / "standby.signal").touch(mode=0o600)
        self._give_away(self.data / "standby.signal")
        self.start()

    @property
    def way(self) -> str:
        """How PostgreSQL's programs reach this server, without the password."""
        return make_conninfo(host=self.host, port=self.port or 0, user=USER, dbname=DATABASE)

    def _run(self, program: str, *words: str) -> None:
        """Run a program of PostgreSQL's as the user of its files. Raises StackError."""
        as_owner = binaries.postgres_wrapper().prefix
        command: Sequence[str] = [*self.prefix, *as_owner, str(binaries.postgres_binary(program)), *words]
        self._give_away(self.home)
        done = subprocess.run(
            command, env={**os.environ, "PGPASSWORD": self.password}, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, check=False, timeout=COPY_SECONDS,
        )  # fmt: skip
        if done.returncode:
            raise StackError(f"{program} failed: {(done.stderr or done.stdout).strip()[-1500:]}")

    def _give_away(self, path: Path) -> None:
        owner = binaries.postgres_wrapper().owner
        if os.geteuid() == 0 and path.stat().st_uid != owner:
            os.chown(path, owner, owner)


class Pair:
    """Two servers, one of which takes writes. Not safe to share between threads; start it from a main thread."""

    def __init__(self, *, home: Path, synchronous: bool = True) -> None:
        self._password = new_password()
        self._both = [Node(home=home / name, password=self._password, throwaway=True) for name in ("one", "two")]
        self._synchronous = synchronous
        self.primary, self.standby = self._both

    @property
    def url(self) -> str:
        """The address that names both, always in the same order."""
        hosts = ",".join(f"{node.host}:{node.port}" for node in self._both)
        return f"postgres://{USER}:{self._password}@{hosts}/{DATABASE}"

    def start(self) -> None:
        """Start the primary, copy it, and let the copy follow. Raises StackError."""
        self.primary.start()
        self.stand_by()

    def stand_by(self) -> None:
        """Copy the primary and let the copy follow. Raises StackError."""
        self.standby.copy(self.primary)
        self._follow()

    def promote(self, *, is_cut_off: bool = False) -> None:
        """Make the standby the primary, for which nothing stands by yet. The old one must be dead, or cut off.

        Raises StackError.
        """
        if self.primary.is_running() and not is_cut_off:
            raise StackError("The primary still runs: two would take writes.", "Kill it first.")
        if self.standby.asked("SELECT pg_promote(true, 60)") is not True:
            raise StackError("The standby was not promoted.", f"The end of its log is in {self.standby.log}.")
        self.primary, self.standby = self.standby, self.primary

    def rebuild(self) -> str:
        """Let the server that was the primary follow the new one; return by which program it was made.

        Raises StackError.
        """
        program = "pg_rewind"
        try:
            self.standby.rewind(self.primary)
        except StackError:
            program = "pg_basebackup"
            self.standby.copy(self.primary)
        self._follow()
        return program

    def wait_for_standby(self) -> None:
        """Wait until the standby has all that was written by now, and commits wait for it if they shall.

        Raises StackError.
        """
        written = self.primary.asked("SELECT pg_current_wal_flush_lsn()::text")
        wanted = {"name": STANDBY, "written": written, "kind": "sync" if self._synchronous else "async"}
        if not processes.wait_until(lambda: self.primary.asked(_HAS, **wanted) == 1, seconds=FOLLOW_SECONDS):
            raise StackError("The standby does not follow.", f"Its log is {self.standby.log}.")

    def keep_one_copy(self) -> None:
        """Let commits wait for no standby: what an operator does whose standby is gone."""
        self._wait_for("")

    def destroy(self) -> None:
        """Kill both and delete their directories."""
        for node in self._both:
            node.destroy()

    def _follow(self) -> None:
        self.standby.follow(self.primary)
        if self._synchronous:
            self._wait_for(STANDBY)
        self.wait_for_standby()

    def _wait_for(self, name: str) -> None:
        with psycopg.connect(self.primary.url, autocommit=True) as connection:
            connection.execute("SET synchronous_commit = local")  # this session waits for nobody
            connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
            connection.execute("SELECT pg_reload_conf()")


@contextmanager
def pair(*, synchronous: bool = True) -> Iterator[Pair]:
    """Run a throw-away primary and its standby for the length of a block; some five seconds to start.

    Raises StackError.
    """
    home = throwaway.home()
    servers = Pair(home=home, synchronous=synchronous)
    try:
        servers.start()
        yield servers
    finally:
        servers.destroy()
        shutil.rmtree(home, ignore_errors=True)
