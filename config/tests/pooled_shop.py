"""A shop whose roles are those of deploy/sql/roles.sql, and a real PgBouncer in front of its database."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from devstack import binaries, ports, processes, shop, state
from devstack.servers import PostgresServer, new_password

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
DEPLOY = state.ROOT / "deploy"
DATABASE = "balcao_shop"


@dataclass
class Roles:
    """A cluster in which roles.sql was run, and the passwords it was given."""

    server: PostgresServer
    passwords: dict[str, str] = field(
        default_factory=lambda: {name: new_password() for name in ("owner", "app", "read")}
    )

    def apply(self, *, professional: int | None = None) -> None:
        """Run roles.sql as a superuser, for a professional's own login too if one is named. Raises CalledProcessError."""
        own = []
        if professional is not None:
            self.passwords.setdefault(f"professional_{professional}", new_password())
            self.passwords["professional"] = self.passwords[f"professional_{professional}"]
            own = ["--set", f"professional={professional}"]
        subprocess.run(
            [
                str(binaries.postgres_binary("psql")), "--no-psqlrc", "--quiet", "--set", f"database={DATABASE}", *own,
                "--file", str(DEPLOY / "sql" / "roles.sql"), self.server.url,
            ],
            env=os.environ | {f"{name.upper()}_PASSWORD": password for name, password in self.passwords.items()},
            check=True, capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    def url(self, role: str, *, port: int | None = None, hosts: str = "") -> str:
        """Return the address with which a role logs in, at the server or at a pooler before it.

        `hosts`: host and port of each server or pooler, where those are others.
        """
        hosts = hosts or f"{self.server.host}:{port or self.server.port}"
        place = f"balcao_{role}:{self.passwords[role]}@{hosts}"
        return urlunsplit(urlsplit(self.server.url)._replace(netloc=place, path=f"/{DATABASE}"))

    def environment(self, role: str, *, redis_url: str, var: Path, port: int | None = None) -> dict[str, str]:
        """Return the environment of the shop's processes that log in as a role; with `port`, through a pooler."""
        place = shop.Place(ports.LOOPBACK, ports.free_port())
        made = shop.environment(
            shop.bare_environment(), database_url=self.url(role, port=port), redis_url=redis_url, place=place, var=var
        )
        limits = {f"{name}_THROTTLE": "" for name in ("ANON", "USER", "CHECKOUT")}
        return made | limits | {"LOG_LEVEL": "CRITICAL", "DATABASE_POOLER": "transaction" if port else ""}


class PgBouncer:
    """PgBouncer with deploy/pgbouncer/pgbouncer.ini, but for its places, and for how many sessions it keeps.

    `server`: the one it leads to, where that is not the one of the roles. `host`, `prefix`: as of a `Server`.
    """

    host: str = ports.LOOPBACK
    prefix: Sequence[str] = ()

    def __init__(self, *, roles: Roles, home: Path, sessions: int, server: PostgresServer | None = None) -> None:
        self._roles, self._home, self._sessions, self._server = roles, home, sessions, server
        self.port = ports.free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process. Raises RuntimeError where it was never started."""
        if self._process is None:
            raise RuntimeError("PgBouncer is not running")
        return self._process.pid

    def start(self) -> None:
        """Start it, and wait until it listens. Raises AssertionError with its log."""
        self._home.mkdir(exist_ok=True)
        text = (DEPLOY / "pgbouncer" / "pgbouncer.ini").read_text()
        server = self._server or self._roles.server
        for old, new in (
            ("balcao = host=127.0.0.1 port=5432 dbname=balcao",
             f"{DATABASE} = host={server.host} port={server.port} dbname={DATABASE}"),
            ("listen_addr = 127.0.0.1", f"listen_addr = {self.host}"),
            ("listen_port = 6432", f"listen_port = {self.port}"),
            ("/etc/pgbouncer/userlist.txt", str(self._home / "userlist.txt")),
            ("default_pool_size = 16", f"default_pool_size = {self._sessions}"),
            ("/var/log/postgresql/", f"{self._home}/"),
            ("/var/run/postgresql/", f"{self._home}/"),
        ):  # fmt: skip
            assert old in text
            text = text.replace(old, new)
        (self._home / "pgbouncer.ini").write_text(text)
        with psycopg.connect(self._roles.server.url) as operator:
            row = operator.execute(
                """SELECT format('"%s" "%s"', rolname, rolpassword) FROM pg_authid WHERE rolname = 'balcao_app'"""
            ).fetchone()
        assert row is not None
        (self._home / "userlist.txt").write_text(f"{row[0]}\n")
        for path in (self._home, *self._home.iterdir()):
            os.chown(path, *self._owner())
        self._process = processes.spawn(
            [*self.prefix, *self._unprivileged(), str(PGBOUNCER), str(self._home / "pgbouncer.ini")],
            output=subprocess.DEVNULL,
        )
        assert processes.wait_until(lambda: ports.answers(self.port, host=self.host), seconds=20), self.log()

    def kill(self) -> None:
        """End it as an accident would."""
        self._send(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def pause(self) -> None:
        """Let it hang."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._send(signal.SIGCONT)

    def log(self) -> str:
        """Return what it has written down."""
        path = self._home / "pgbouncer.log"
        return path.read_text() if path.exists() else ""

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None:
            for member in processes.family(self._process.pid):
                processes.send(member, number)

    def _unprivileged(self) -> tuple[str, ...]:
        """PgBouncer refuses to be root's."""
        uid, gid = self._owner()
        return ("setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--") if os.geteuid() == 0 else ()

    @staticmethod
    def _owner() -> tuple[int, int]:
        if os.geteuid() != 0:
            return os.geteuid(), os.getegid()
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_uid, nobody.pw_gid


@contextmanager
def pooled(*, roles: Roles, home: Path, sessions: int, server: PostgresServer | None = None) -> Iterator[PgBouncer]:
    """Run a PgBouncer for the length of a block."""
    found = PgBouncer(roles=roles, home=home, sessions=sessions, server=server)
    try:
        found.start()
        yield found
    finally:
        found.kill()
