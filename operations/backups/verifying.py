"""Proves that a backup can be restored: into a database of its own, examined, and dropped again.

The restoring is done by other processes of this very program, with `DATABASE_URL` and `MEDIA_ROOT`
pointing elsewhere, so that it cannot touch the shop it was started in.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import DatabaseError, connection

from operations.backups.archive import BackupRefused

PATIENCE = 3600


@dataclass(frozen=True)
class Verdict:
    """What the examination of the restored shop said: the report of `check_integrity --json`."""

    report: dict[str, Any]

    @property
    def sound(self) -> bool:
        """Whether every promise holds in the restored shop."""
        return bool(self.report["ok"])


def verify(*, path: Path) -> Verdict:
    """Restore a backup beside the shop, examine it, and throw it away.

    Raises BackupRefused: the role may not create databases, or the backup cannot be restored.
    """
    with _scratch_database() as url, tempfile.TemporaryDirectory(prefix="balcao-verify-") as media:
        environment = {**os.environ, "DATABASE_URL": url, "MEDIA_ROOT": media}
        _run(environment, "migrate", "--no-input", "--verbosity", "0")
        _run(environment, "restore", str(path.resolve()), "--no-check")
        examined = _run(environment, "check_integrity", "--json", codes=(0, 1))
    return Verdict(report=json.loads(examined))


def _run(environment: dict[str, str], *words: str, codes: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *words],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode not in codes:
        raise BackupRefused(f"`{words[0]}` failed beside the shop: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout


@contextmanager
def _scratch_database() -> Iterator[str]:
    name = f"balcao_verify_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        try:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute(f'CREATE DATABASE "{name}"')
        except DatabaseError as problem:
            raise BackupRefused(f"No database to restore into can be created: {str(problem).strip()}") from problem
    try:
        yield _url(name)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.close()


def _url(name: str) -> str:
    """Return the address of a database beside ours, with what we log in with."""
    ours = connection.settings_dict
    user, password, host = (quote(str(ours[key] or ""), safe="") for key in ("USER", "PASSWORD", "HOST"))
    port = f":{ours['PORT']}" if ours["PORT"] else ""
    return f"postgres://{user}:{password}@{host}{port}/{name}"
