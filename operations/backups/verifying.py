"""Proves that a backup can be restored: into a database of its own, examined, and dropped again.

The restoring is done by other processes of this very program, with `DATABASE_URL` and `MEDIA_ROOT`
pointing elsewhere, so that it cannot touch the shop it was started in.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from operations import scratch
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
    try:
        with scratch.database(purpose="verify") as url, tempfile.TemporaryDirectory(prefix="balcao-verify-") as media:
            environment = {**os.environ, "DATABASE_URL": url, "MEDIA_ROOT": media}
            _run(environment, "migrate", "--no-input", "--verbosity", "0")
            _run(environment, "restore", str(path.resolve()), "--no-check")
            examined = _run(environment, "check_integrity", "--json", codes=(0, 1))
    except scratch.NoScratchError as problem:
        raise BackupRefused(f"No database to restore into can be created: {problem}") from problem
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
