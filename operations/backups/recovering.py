"""From a physical copy and the changes since to a server as it was at one moment.

What is made is a data directory. It is put in the place of the server's by hand, while that is stopped, and recovers
when it is started; nothing here touches a server in use.
"""

import gzip
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from pyrage import x25519

from operations.backups import cluster, physical, programs, sealing, store
from operations.backups.cluster import Scratch
from operations.backups.refusal import BackupRefused
from operations.backups.restoring import UNPACKED_DAMAGED, safe
from operations.backups.store import Copy

WAL = "balcao_wal"
SEGMENT = 24
SAFELY: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
"""Before Python 3.11.4 nothing judges the names; here they are judged already."""


def last_before(*, moment: datetime | None) -> Copy:
    """Return the physical copy from which a moment is reached. Raises BackupRefused."""
    there = store.copies("physical")
    if not there:
        raise BackupRefused(_("There is no physical copy yet; `manage.py backup --physical` makes one."))
    fitting = [copy for copy in there if moment is None or copy.made_at <= moment]
    if not fitting:
        _refuse_before(there[0], moment=moment)
    return fitting[-1]


def prepare(
    copy: Copy, *, keys: Sequence[x25519.Identity], into: Path, until: datetime | None, with_changes: bool = True
) -> None:
    """Make a data directory that goes to a moment when it is started; as far as changes are kept without one.

    Raises BackupRefused.
    """
    _refuse_before(copy, moment=until)
    try:
        into.mkdir(parents=True, mode=0o700)
    except OSError as problem:
        raise BackupRefused(
            f"{into} cannot be made ({problem.strerror}); name a directory that is not there yet."
        ) from (problem)
    _unpack(copy, keys=keys, into=into)
    checking = programs.exact("pg_verifybackup", major=copy.manifest.server)
    programs.run(
        [checking, "--no-parse-wal", "--quiet", str(into)], environment=dict(os.environ), does="pg_verifybackup"
    )
    changes = into / WAL
    changes.mkdir(mode=0o700)
    for path in _changes_since(copy) if with_changes else ():
        _write_segment(path, keys=keys, into=changes)
    lines = [f'restore_command = \'cp "{WAL}/%f" "%p"\'', "recovery_target_action = 'promote'"]
    if until is not None:
        lines.append(f"recovery_target_time = '{until.isoformat()}'")
    with (into / "postgresql.auto.conf").open("a") as settings_of_it:
        settings_of_it.write("\n" + "\n".join(lines) + "\n")
    (into / "recovery.signal").touch(mode=0o600)


@contextmanager
def rehearsed(
    copy: Copy, *, keys: Sequence[x25519.Identity], home: Path, until: datetime | None, with_changes: bool = True
) -> Iterator[Scratch]:
    """Go to a moment in a server of one's own, and keep it running for the block. Raises BackupRefused."""
    contents = store.load_contents(copy, keys=keys)
    data = home / "data"
    prepare(copy, keys=keys, into=data, until=until, with_changes=with_changes)
    wanted = {"restore_command": f'cp "{WAL}/%f" "%p"', "recovery_target_action": "promote"}
    wanted |= {"recovery_target_time": until.isoformat()} if until else {}
    with cluster.recovered(
        home, data=data, major=copy.manifest.server, user=contents["superuser"], database=contents["database"],
        settings_of_it={**contents["settings"], **wanted},
    ) as scratch:  # fmt: skip
        yield scratch


def _refuse_before(copy: Copy, *, moment: datetime | None) -> None:
    """Raise BackupRefused for a moment at which a copy was not yet whole."""
    if moment is None or copy.made_at <= moment:
        return
    first = (copy.made_at + timedelta(seconds=1, microseconds=-1)).replace(microsecond=0)
    raise BackupRefused(
        _("The physical copy %(name)s was still being made then: the earliest second it leads to is %(first)s.")
        % {"name": copy.name, "first": first.astimezone(moment.tzinfo).isoformat()}
    )


def _unpack(copy: Copy, *, keys: Sequence[x25519.Identity], into: Path) -> None:
    try:
        with (
            sealing.opened(copy.file("base.tar.gz"), keys=keys) as source,
            tarfile.open(fileobj=source, mode="r|gz") as archive,
        ):
            for entry in archive:
                if not (entry.isreg() or entry.isdir()):
                    raise BackupRefused(f"The server keeps files elsewhere ({entry.name}): restore those by hand.")
                entry.name = safe(entry.name)
                archive.extract(entry, path=into, set_attrs=False, **SAFELY)
    except (*UNPACKED_DAMAGED, zlib.error) as problem:
        raise BackupRefused(f"The server's files cannot be unpacked ({problem}).") from problem
    except OSError as problem:
        raise BackupRefused(f"The server's files cannot be written ({problem}).") from problem
    for path in (into, *into.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _changes_since(copy: Copy) -> list[Path]:
    """Return the archived changes that a recovery reads, and what the spool has beyond."""
    found = [path for place in (physical.archive(), physical.spool()) for path in sorted(place.glob("[0-9A-F]*"))]
    return [path for path in found if path.name[8:SEGMENT] >= copy.manifest.start[8:SEGMENT] or ".history" in path.name]


def _write_segment(path: Path, *, keys: Sequence[x25519.Identity], into: Path) -> None:
    """Write a segment under the name that a recovery asks for; a later state of the last one over an earlier."""
    name = path.name.removesuffix(sealing.SUFFIX).removesuffix(".gz")
    target = into / name.removesuffix(".partial")
    if name.endswith(".partial") and (into / name.removesuffix(".partial")).exists() and ".gz" in path.name:
        return
    try:
        if ".gz" not in path.name:
            shutil.copyfile(path, target)
            return
        with (
            sealing.opened(path, keys=keys) as sealed,
            gzip.GzipFile(fileobj=sealed) as source,
            target.open("wb") as out,
        ):
            shutil.copyfileobj(source, out, sealing.CHUNK)
    except (OSError, EOFError, zlib.error) as problem:
        raise BackupRefused(f"The changes in {path.name} cannot be read ({problem}).") from problem
