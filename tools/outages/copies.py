"""Who receives changes and takes copies, while the disk for both is full."""

import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

from config.tests.pooled_shop import DATABASE
from devstack import processes
from devstack.errors import StackError
from tools.outages.premises import MEBIBYTE, Premises, Process

SECONDS = 180.0
"""For which anybody waits for changes to be received, or for somebody to notice that they are not."""

SEGMENT = re.compile(r"[0-9A-F]{24}")
EACH = 2**32 // 2**24
"""Segments of 16 MiB in what PostgreSQL numbers first: the last 8 of 24 digits count up to there."""

_RECEIVED = "SELECT count(*) FROM common_heartbeat WHERE name = 'wal' AND beat_at > %s"
_NOW = "SELECT clock_timestamp()"


class Copies:
    """`receive_wal` as a service, and `backup` by hand, on the disk of copies."""

    def __init__(self, premises: Premises) -> None:
        self._premises, self._disk = premises, premises.disks["copies"]
        url = urlsplit(premises.server.url)._replace(path=f"/{DATABASE}").geturl()
        owner = premises.roles.url("owner")
        self._variables = {"DATABASE_URL": owner, "DATABASE_POOLER": "", "BACKUP_DATABASE_URL": url}
        self._log = premises.var / "receive_wal.log"
        self._receiver = Process(
            [sys.executable, "manage.py", "receive_wal", "--plain", "--every", "1"],
            environment=premises.environment | self._variables, log=self._log,
        )  # fmt: skip

    def begin(self) -> None:
        """Receive changes from now on."""
        self._receiver.start()
        self._wait_for_changes()

    def fill(self) -> None:
        """Fill the disk; a copy finds room for its beginning, and no more."""
        self._disk.fill(but=len(MEBIBYTE))

    def tried(self) -> list[str]:
        """Take copies, and go on to a segment for which there is no room; return what was not said clearly."""
        wrong = self._refused("backup", "--physical", "--plain")
        self._disk.fill()
        wrong += self._refused("backup", "--plain")
        self._premises.asked("SELECT pg_switch_wal()")
        ended = processes.wait_until(lambda: not self._receiver.is_running, seconds=SECONDS)
        said = self._log.read_text()
        if not ended or "No space left" not in said or "Traceback" in said:
            wrong.append(f"receive_wal: {'' if ended else 'has not ended; '}{said[-400:]}")
        return wrong

    def make_room(self) -> None:
        """Make room; who supervises `receive_wal` starts it again."""
        self._disk.make_room()
        self._receiver.start()

    def followed(self) -> list[str]:
        """Return what is missing of the changes and the copies afterwards, and receive no more."""
        self._wait_for_changes()
        done = self._premises.manage("backup", "--plain", **self._variables)
        wrong = [] if done.returncode == 0 else [f"backup, with room again: {done.stderr[-400:]}"]
        self._receiver.kill()
        numbers = sorted({_number(path) for path in self._place("wal") if SEGMENT.match(path.name)})
        if numbers != list(range(numbers[0], numbers[-1] + 1)):
            wrong.append(f"changes are missing: {numbers}")
        self._premises.manage("receive_wal", "--plain", "--drop-slot", **self._variables)
        return wrong

    def _refused(self, *words: str) -> list[str]:
        """Try a copy for which there is no room; nothing of it may be left."""
        done = self._premises.manage(*words, **self._variables)
        is_clear = done.returncode == 1 and "No space left" in done.stderr and "Traceback" not in done.stderr
        left = [*self._place("physical"), *self._place("portable")]
        wrong = [] if is_clear else [f"{' '.join(words)}: {done.returncode} {done.stderr[-400:]}"]
        return wrong + [f"left of a copy: {path}" for path in left]

    def _place(self, name: str) -> list[Path]:
        """Return the files there."""
        return [path for path in (self._premises.var / "copies" / name).rglob("*") if path.is_file()]

    def _wait_for_changes(self) -> None:
        """Wait until everything that is written by now has been received. Raises StackError."""
        [[now]] = self._premises.asked(_NOW)
        if not processes.wait_until(lambda: self._premises.asked(_RECEIVED, now) == [(1,)], seconds=SECONDS):
            raise StackError(f"Changes are not received: {self._log.read_text()[-800:]}")


def _number(path: Path) -> int:
    """Return which segment a file holds, counted from the first."""
    return int(path.name[8:16], 16) * EACH + int(path.name[16:24], 16)
