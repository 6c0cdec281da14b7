"""Debian's pgBackRest on Debian's PostgreSQL 15, as docs/operations/pgbackrest.md says: back to before a mistake."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from devstack import ports, processes
from devstack.servers import new_password
from devstack.state import ROOT
from operations.tests.test_point_in_time import SELL, placed

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600), pytest.mark.real_clock]

DEBIANS = min(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/lib/postgresql/15/bin"))
"""The distribution's own, which its pgBackRest knows; newer ones come from elsewhere."""
DEPLOY = ROOT / "deploy" / "pgbackrest"
PAGE = ROOT / "docs" / "operations" / "pgbackrest.md"
PLACEHOLDER = "2026-11-29 14:03:20-03"
PATIENCE = 90.0


def commands() -> list[str]:
    """Return the commands of the page that are run as `postgres`."""
    found = re.findall(r"^```bash\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return [line for block in found for line in block.splitlines()]


@dataclass
class Debians:
    """A cluster of Debian's PostgreSQL, run by `postgres`, that archives with pgBackRest."""

    home: Path
    port: int
    passwords: dict[str, str] = field(
        default_factory=lambda: {one: new_password() for one in ("postgres", "owner", "app")}
    )
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def data(self) -> Path:
        return self.home / "data"

    def url(self, role: str, *, database: str = "balcao") -> str:
        name = role if role == "postgres" else f"balcao_{role}"
        return f"postgres://{name}:{self.passwords[role]}@{ports.LOOPBACK}:{self.port}/{database}"

    def run(self, *words: str, **environment: str) -> str:
        """Run a program as `postgres` and return what it says."""
        done = subprocess.run(
            [*as_postgres(), *words], cwd=self.home, env=self.environment | environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, (words, done.stdout)
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{DEBIANS}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "PGBACKREST_CONFIG": str(self.home / "pgbackrest.conf"),
        }

    def create(self) -> None:
        (self.home / "password").write_text(self.passwords["postgres"])
        text = (DEPLOY / "pgbackrest.conf").read_text()
        for old, new in (
            ("/var/lib/pgbackrest", str(self.home / "repository")), ("/var/lib/postgresql/15/main", str(self.data)),
            ("pg1-port=5432", f"pg1-port={self.port}"), ("/var/run/postgresql", str(self.home)),
            ("change-me", new_password()), ("log-level-file=off", f"log-level-file=off\nlock-path={self.home}/lock\nspool-path={self.home}/spool"),
        ):  # fmt: skip
            assert old in text
            text = text.replace(old, new)
        (self.home / "pgbackrest.conf").write_text(text)
        (self.home / "repository").mkdir()
        for path in (self.home, *self.home.iterdir()):
            shutil.chown(path, "postgres", "postgres")
        self.run("initdb", "-D", str(self.data), "-U", "postgres", f"--pwfile={self.home}/password", "-E", "UTF8", "--locale=C.UTF-8",
                 "--auth-local=peer", "--auth-host=scram-sha-256", "--no-instructions")  # fmt: skip
        (self.data / "archive.conf").write_text((DEPLOY / "postgresql.conf").read_text())
        shutil.chown(self.data / "archive.conf", "postgres", "postgres")
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write("include 'archive.conf'\n")

    def start(self) -> None:
        words = ["postgres", "-D", str(self.data), "-p", str(self.port), "-k", str(self.home), "-h", "127.0.0.1"]
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*as_postgres(), *words], env=self.environment, cwd=self.home, stdout=log, stderr=log
            )
        assert processes.wait_until(self.is_open, seconds=PATIENCE), (self.home / "server.log").read_text()[-3000:]

    def is_open(self) -> bool:
        """Say whether it answers, and takes writes."""
        try:
            return self.asked("SELECT pg_is_in_recovery()", database="postgres") is False
        except psycopg.OperationalError:
            return False

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.run("pg_ctl", "-D", str(self.data), "-m", "fast", "stop")
            self.process.wait(60)

    def asked(self, statement: str, *, database: str = "balcao") -> Any:
        with psycopg.connect(self.url("postgres", database=database), autocommit=True) as session:
            row = session.execute(statement).fetchone()
            return row[0] if row else None

    def shop(self, role: str) -> dict[str, str]:
        return {**os.environ, "DATABASE_URL": self.url(role), "LOG_LEVEL": "ERROR"}

    def manage(self, *words: str) -> None:
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT, env=self.shop("owner"), capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def apply_roles(self) -> None:
        passwords = {f"{name.upper()}_PASSWORD": password for name, password in self.passwords.items()}
        shutil.copy(ROOT / "deploy" / "sql" / "roles.sql", self.home / "roles.sql")
        self.run("psql", "-X", "--quiet", "-h", str(self.home), "-p", str(self.port), "--set", "database=balcao",
                 "--file", str(self.home / "roles.sql"), "postgres", **passwords)  # fmt: skip


def as_postgres() -> list[str]:
    """Return the words that make root's programs those of `postgres`."""
    one = pwd.getpwnam("postgres")
    return ["setpriv", f"--reuid={one.pw_uid}", f"--regid={one.pw_gid}", "--clear-groups", "--"]


@pytest.fixture
def debians() -> Iterator[Debians]:
    assert os.geteuid() == 0, "it takes root to become postgres"
    assert shutil.which("pgbackrest"), "apt-get install pgbackrest"
    assert DEBIANS.is_dir(), "apt-get install postgresql-15"
    home = Path(tempfile.mkdtemp(prefix="balcao-pgbackrest-"))
    found = Debians(home, ports.free_port())
    try:
        found.create()
        found.start()
        found.apply_roles()
        found.manage("migrate", "--no-input", "--verbosity", "0")
        found.apply_roles()
        yield found
    finally:
        if found.process is not None and found.process.poll() is None:
            for member in processes.family(found.process.pid):
                processes.send(member, signal.SIGKILL)
            found.process.wait()
        shutil.rmtree(home, ignore_errors=True)


def test_back_to_before_a_mistake_with_debians_programs(debians: Debians) -> None:
    *setting_up, restore = commands()
    assert [line.split()[-1] for line in (*setting_up, restore)] == ["stanza-create", "check", "backup", "restore"]
    with subprocess.Popen(
        [sys.executable, "-c", SELL], cwd=ROOT, env=debians.shop("app"),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as sale:  # fmt: skip
        before = [placed(sale) for _number in range(2)]
        for line in setting_up:
            debians.run("bash", "-c", line)
        before += [placed(sale) for _number in range(3)]
        debians.run("pgbackrest", "--stanza=balcao", "--type=incr", "backup")
        before += [placed(sale) for _number in range(2)]
        moment = datetime.now(UTC)
        time.sleep(0.05)
        with psycopg.connect(debians.url("postgres")) as mistake:
            mistake.execute("SET session_replication_role = replica")
            assert mistake.execute("DELETE FROM orders_orderline").rowcount == 7
        after = [placed(sale) for _number in range(2)]
        sale.communicate(timeout=30)
    assert len(after) == 2
    debians.stop()
    assert PLACEHOLDER in restore
    debians.run("bash", "-c", restore.replace(PLACEHOLDER, moment.isoformat(sep=" ")))
    debians.start()
    there = debians.asked("SELECT array_agg(number::text ORDER BY id) FROM orders_order")
    assert there == [number for number, _moment in before]
    assert debians.asked("SELECT count(*) FROM orders_orderline") == 7
    debians.manage("check_integrity")
    debians.run("pgbackrest", "--stanza=balcao", "--type=full", "backup")
    told = debians.run("pgbackrest", "--stanza=balcao", "info")
    assert "status: ok" in told
    assert "cipher: aes-256-cbc" in told
    assert told.count("full backup:") == 2
    assert told.count("incr backup:") == 1


def test_copies_are_unreadable_without_the_key(debians: Debians) -> None:
    for line in commands()[:-1]:
        debians.run("bash", "-c", line)
    written = [path for path in (debians.home / "repository").rglob("*") if path.is_file()]
    assert len(written) > 4
    assert {path.read_bytes()[:8] for path in written} == {b"Salted__"}
