"""The file: a ZIP with a manifest, one member a table, one member a picture.

Tables are in PostgreSQL's text format of COPY. Every member's SHA-256 and size stand in the manifest, which is written
last, so that a file without one is a backup that was interrupted.
"""

import hashlib
import json
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import IO
from zipfile import BadZipFile, ZipFile

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK = 1 << 20

# What the standard library raises for files that are damaged, wherever the damage is.
DAMAGED = (
    BadZipFile,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
    zlib.error,
)


class BackupRefused(Exception):  # noqa: N818 - like a refusal: it says no, and why
    """A backup that cannot be made, read or restored; the text says why and what to do."""


@dataclass(frozen=True)
class Member:
    """What one member of the file must be."""

    bytes: int
    sha256: str
    rows: int = 0
    columns: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Manifest:
    """What a backup says about itself. `migrations`: "app.name" of everything that was applied."""

    format: int
    version: str
    made_at: str
    server: str
    migrations: list[str]
    tables: dict[str, Member]
    media: dict[str, Member]

    @property
    def rows(self) -> int:
        """The rows of all tables."""
        return sum(member.rows for member in self.tables.values())

    def as_json(self) -> str:
        """Return the manifest as it stands in the file."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Read a manifest. Raises BackupRefused for one of another format, or that makes no sense."""
        try:
            found = json.loads(text)
            if found["format"] != FORMAT:
                raise BackupRefused(f"The file has format {found['format']}; this version reads {FORMAT}.")
            tables = {name: Member(**member) for name, member in found.pop("tables").items()}
            media = {name: Member(**member) for name, member in found.pop("media").items()}
            return cls(tables=tables, media=media, **found)
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise BackupRefused(f"The manifest cannot be read ({problem}).") from problem


def member_of_table(name: str) -> str:
    """Return where a table's rows are in the file."""
    return f"tables/{name}.copy"


def member_of_media(name: str) -> str:
    """Return where a picture is in the file."""
    return f"media/{name}"


def write_member(archive: ZipFile, *, name: str, chunks: Iterable[bytes], columns: Iterable[str] = ()) -> Member:
    """Write one member and return what it turned out to be; a row is a line."""
    digest, size, rows = hashlib.sha256(), 0, 0
    with archive.open(name, "w", force_zip64=True) as target:
        for chunk in chunks:
            data = bytes(chunk)
            target.write(data)
            digest.update(data)
            size += len(data)
            rows += data.count(b"\n")
    listed = list(columns)
    return Member(bytes=size, sha256=digest.hexdigest(), rows=rows if listed else 0, columns=listed)


def pieces(source: IO[bytes]) -> Iterator[bytes]:
    """Yield a stream in pieces that fit into memory."""
    while piece := source.read(CHUNK):
        yield piece


def checked(archive: ZipFile, *, name: str, member: Member) -> Iterator[bytes]:
    """Yield a member's content in pieces. Raises BackupRefused at its end if it is not what the manifest says."""
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(name) as source:
            for piece in pieces(source):
                digest.update(piece)
                size += len(piece)
                yield piece
    except DAMAGED as problem:
        raise BackupRefused(f"{name} cannot be read ({problem}). Take another backup.") from problem
    if (size, digest.hexdigest()) != (member.bytes, member.sha256):
        raise BackupRefused(f"{name} is damaged. Take another backup.")
