"""Where copies lie, and what each says about itself.

    BACKUP_DIR/portable/20261129-030000/   shop.dump, media.tar, contents.json: rows and pictures for any PostgreSQL
    BACKUP_DIR/physical/20261129-033000/   base.tar.gz, contents.json: the server's files, to begin a recovery with
    BACKUP_DIR/wal/                        every change since, in PostgreSQL's own segments
    BACKUP_DIR/spool/                      the segments that are being received
    BACKUP_DIR/reports/                    the signed report of each proof

A copy is a directory that gets its name once it is whole; the manifest is in clear, signed with SECRET_KEY, and names
the sum of every file: whoever can write there can delete copies, but not slip in one of their own.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.core import signing

from operations.backups import sealing
from operations.backups.refusal import BackupRefused
from operations.backups.sealing import Stored

FORMAT = 2
MANIFEST = "manifest.json"
Kind = Literal["portable", "physical"]


@dataclass(frozen=True)
class Manifest:
    """What a copy says about itself. `files`: by name, as they lie there. `server`: PostgreSQL's major version.

    `made_at`: the moment whose state it holds; of a physical copy, when it was whole, before which nothing is reached.
    """

    kind: Kind
    version: str
    made_at: str
    server: int
    migrations: list[str]
    files: dict[str, Stored] = field(default_factory=dict)
    start: str = ""  # of a physical copy: the segment at which a recovery begins
    is_before_restore: bool = False  # what stood there when somebody put another copy in its place
    format: int = FORMAT


@dataclass(frozen=True)
class Copy:
    """A copy that is whole."""

    path: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        """What it is called: when it was made."""
        return self.path.name

    @property
    def made_at(self) -> datetime:
        """The moment whose state it holds."""
        return datetime.fromisoformat(self.manifest.made_at)

    @property
    def bytes(self) -> int:
        """How much room its files take."""
        return sum(stored.bytes for stored in self.manifest.files.values())

    def file(self, stem: str) -> Path:
        """Return where the file of this name lies, encrypted or not. Raises BackupRefused if the copy has none."""
        for name in (stem, stem + sealing.SUFFIX):
            if name in self.manifest.files:
                return self.path / name
        raise BackupRefused(f"The copy {self.name} has no {stem}.")


def directory(name: str) -> Path:
    """Return one of the directories above, made if need be. Raises BackupRefused."""
    path = Path(settings.BACKUP_DIR) / name
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as problem:
        raise BackupRefused(
            f"{path} cannot be made ({problem.strerror}). Name a directory that this user may write in BACKUP_DIR."
        ) from problem
    return path


@contextmanager
def new_copy(*, kind: Kind, now: datetime) -> Iterator[Path]:
    """Yield a directory to fill; it gets its name if the block ends well, and is gone if not. Raises BackupRefused."""
    final = directory(kind) / f"{now:%Y%m%d-%H%M%S}"
    if final.exists():
        raise BackupRefused(f"{final} exists already; copies are never overwritten.")
    unfinished = final.with_name(f".{final.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        unfinished.mkdir(mode=0o700)
        yield unfinished
        unfinished.rename(final)
    except OSError as problem:
        raise BackupRefused(f"{final} cannot be written ({problem.strerror or problem}).") from problem
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _signer() -> signing.Signer:
    return signing.Signer(salt="balcao.backups")


def signature_of(text: str) -> str:
    """Sign a text with SECRET_KEY."""
    return _signer().signature(text)


def write_manifest(place: Path, manifest: Manifest) -> None:
    """Sign a copy and close it."""
    text = json.dumps(asdict(manifest), sort_keys=True)
    write_private(place / MANIFEST, json.dumps({"manifest": json.loads(text), "signature": signature_of(text)}))


def read(path: Path, *, trusting: bool = False) -> Copy:
    """Return a copy whose manifest this shop has signed; anybody's with `trusting`. Raises BackupRefused."""
    try:
        found = json.loads((path / MANIFEST).read_text())
        text = json.dumps(found["manifest"], sort_keys=True)
        plain = dict(found["manifest"])
        if plain["format"] != FORMAT:
            raise BackupRefused(f"The copy has format {plain['format']}; this version reads {FORMAT}.")
        files = {str(name): Stored(**stored) for name, stored in plain.pop("files").items()}
        copy = Copy(path=path, manifest=Manifest(files=files, **plain))
    except FileNotFoundError as problem:
        raise BackupRefused(f"{path} is no copy, or one that was interrupted: it has no manifest.") from problem
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise BackupRefused(f"The manifest of {path} cannot be read ({problem}).") from problem
    if not trusting and not signed(text, str(found.get("signature"))):
        raise BackupRefused(
            f"{path} was not made by this shop, or was changed since: its signature does not fit SECRET_KEY. "
            "If the key was lost and you know where the copy comes from, say --trust."
        )
    return copy


def check(copy: Copy) -> None:
    """Read every file of a copy and compare it with the manifest. Raises BackupRefused."""
    for name, stored in copy.manifest.files.items():
        if "/" in name or name in ("", ".", ".."):
            raise BackupRefused(f"The copy {copy.name} names a file outside of itself ({name}).")
        try:
            found = sealing.summed(copy.path / name)
        except OSError as problem:
            raise BackupRefused(f"{name} of {copy.name} cannot be read ({problem.strerror}).") from problem
        if found != stored:
            raise BackupRefused(f"{name} of {copy.name} is damaged. Take another copy.")


def copies(kind: Kind) -> list[Copy]:
    """Return the copies of one kind that are whole and ours, oldest first."""
    place = Path(settings.BACKUP_DIR) / kind
    found = []
    for path in sorted(place.glob("[0-9]*")) if place.is_dir() else ():
        with suppress(BackupRefused):
            found.append(read(path))
    return found


def delete(copy: Copy) -> None:
    """Throw a copy away: its name first, so that half of one is never found."""
    doomed = copy.path.with_name(f".{copy.name}.gone")
    copy.path.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def signed(text: str, signature: str) -> bool:
    """Say whether this shop has signed a text, with the key of now or one of those before."""
    try:
        _signer().unsign(f"{text}:{signature}")
    except signing.BadSignature:
        return False
    return True


def write_private(path: Path, text: str) -> None:
    """Write a small file that only its owner can read."""
    path.touch(mode=0o600)
    path.write_text(text)


def load_contents(copy: Copy, *, keys: Any) -> dict[str, Any]:
    """Return what was counted when a copy was made. Raises BackupRefused."""
    with sealing.opened(copy.file("contents.json"), keys=keys) as source:
        found: dict[str, Any] = json.loads(source.read())
    return found
