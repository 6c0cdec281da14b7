"""Proves that a copy can be restored: in a server of its own, examined there, with a signed report of it."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql
from pyrage import x25519

from common.backups import note_proof
from operations.backups import cluster, recovering, restoring, store, versions
from operations.backups.cluster import Scratch
from operations.backups.refusal import BackupRefused
from operations.backups.store import Copy

NO_REDIS = "redis://127.0.0.1:1/0"


@dataclass(frozen=True)
class Proof:
    """What a proof has shown. `differences`: tables that came back with other numbers of rows than were counted."""

    kind: str
    name: str
    made_at: str
    proved_at: str
    seconds: float
    rows: int
    pictures: int
    checks: int
    findings: list[str]
    differences: dict[str, list[int]] = field(default_factory=dict)
    restored_to: str = ""
    version: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether everything came back, and every promise holds in it."""
        return not self.findings and not self.differences


def verify(
    *,
    copy: Copy,
    keys: Sequence[x25519.Identity],
    now: datetime,
    until: datetime | None = None,
    with_changes: bool = True,
) -> Proof:
    """Restore a copy beside the shop, examine it, throw it away, and leave a signed report.

    Of a physical copy, `until` is the moment to go to (None: as far as changes are kept), and without changes it is
    proved as it was made. Raises BackupRefused.
    """
    began = time.monotonic()
    store.check(copy)
    with cluster.room() as home:
        if copy.manifest.kind == "portable":
            contents = store.load_contents(copy, keys=keys)
            dump = restoring.decrypted_rows(copy, keys=keys, home=home)
            pictures = _pictures(copy, keys=keys, home=home)
            with cluster.empty(home, least=copy.manifest.server) as scratch:
                restoring.into_scratch(dump, contents=contents, scratch=scratch, least=copy.manifest.server)
                found = _counted(scratch, tables=list(contents["tables"]))
                report = examined(scratch, home=home, copy=copy)
            differences = {
                table: [rows, found[table]] for table, rows in contents["tables"].items() if found[table] != rows
            }
        else:
            pictures, differences = 0, {}
            with recovering.rehearsed(copy, keys=keys, home=home, until=until, with_changes=with_changes) as scratch:
                found = _counted(scratch, tables=_tables(scratch))
                report = examined(scratch, home=home, copy=copy)
    broken = [check["name"] for check in report["checks"] if not check["ok"] and check["level"] == "error"]
    proof = Proof(
        kind=copy.manifest.kind, name=copy.name, made_at=copy.manifest.made_at, proved_at=now.isoformat(),
        seconds=round(time.monotonic() - began, 1), rows=sum(found.values()), pictures=pictures,
        checks=len(report["checks"]), findings=broken, differences=differences,
        restored_to=until.isoformat() if until else "", version=str(settings.VERSION),
    )  # fmt: skip
    write_report(proof)
    record(proof)
    return proof


def write_report(proof: Proof) -> Path:
    """Sign what a proof has shown and keep it beside the copies; return where."""
    text = json.dumps(asdict(proof), sort_keys=True)
    moment = datetime.fromisoformat(proof.proved_at)
    path = store.directory("reports") / f"{proof.kind}-{proof.name}-{moment:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}.json"
    signature = store.signature_of(text)
    store.write_private(path, json.dumps({"proof": asdict(proof), "signature": signature}, indent=1))
    return path


def read_report(path: Path) -> Proof:
    """Return what a report says, if this shop's key has signed it. Raises BackupRefused."""
    try:
        found = json.loads(path.read_text())
        text = json.dumps(found["proof"], sort_keys=True)
        proof, signature = Proof(**found["proof"]), str(found["signature"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise BackupRefused(f"{path} is no report of a proof ({problem}).") from problem
    if not store.signed(text, signature):
        raise BackupRefused(f"{path} was not signed by this shop, or was changed since.")
    return proof


def record(proof: Proof) -> None:
    """Let the desk, the doctor and the metrics know."""
    note_proof(
        kind=proof.kind, name=proof.name, made_at=datetime.fromisoformat(proof.made_at),
        at=datetime.fromisoformat(proof.proved_at), is_sound=proof.is_sound,
        findings=len(proof.findings) + len(proof.differences),
    )  # fmt: skip


def examined(scratch: Scratch, *, home: Path, copy: Copy) -> dict[str, Any]:
    """Return what `check_integrity` says of a restored shop, brought up to this version first. Raises BackupRefused."""
    versions.refuse_newer(copy)
    media = str(home / "media") if restoring.has_media(copy) else str(settings.MEDIA_ROOT)
    environment = {**os.environ, "DATABASE_URL": scratch.url, "MEDIA_ROOT": media, "REDIS_URL": NO_REDIS}
    environment |= {"DATABASE_PREPARED": "true", "LOG_LEVEL": "ERROR"}
    if versions.lacking(copy):
        _run(environment, "migrate", "--no-input", "--verbosity", "0")
    told: dict[str, Any] = json.loads(_run(environment, "check_integrity", "--json", codes=(0, 1)))
    return told


def _run(environment: dict[str, str], *words: str, codes: tuple[int, ...] = (0,)) -> str:
    """Run a command of ours as a process of its own: with these settings it cannot touch the shop it was started in."""
    done = subprocess.run(
        [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *words],
        env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode not in codes:
        raise BackupRefused(f"`{words[0]}` failed beside the shop: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout


def _pictures(copy: Copy, *, keys: Sequence[x25519.Identity], home: Path) -> int:
    media = home / "media"
    media.mkdir()
    if not restoring.has_media(copy):
        return 0

    def write(name: str, content: bytes) -> None:
        path = media / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    return restoring.bring_media(copy, keys=keys, write=write)


def _tables(scratch: Scratch) -> list[str]:
    with psycopg.connect(scratch.words) as asking:
        found = asking.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    return [str(name) for (name,) in found]


def _counted(scratch: Scratch, *, tables: list[str]) -> dict[str, int]:
    counted = {}
    with psycopg.connect(scratch.words) as asking:
        for table in tables:
            row = asking.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
            counted[table] = int(row[0]) if row else 0
    return counted
