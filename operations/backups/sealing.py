"""Files that only the holder of a key can read, in the format of age (https://age-encryption.org/v1).

A file is sealed for public keys, so the machine that makes copies cannot read them. Whoever holds a private key needs
nothing of ours to open one: `age --decrypt -i key.txt shop.dump.age`.
"""

import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from django.conf import settings
from pyrage import DecryptError, IdentityError, decrypt_io, encrypt_io, x25519

from operations.backups.refusal import BackupRefused

SUFFIX = ".age"
CHUNK = 1 << 20


@dataclass(frozen=True)
class Stored:
    """What a file is as it lies there."""

    bytes: int
    sha256: str


class Readable(Protocol):
    """Whatever bytes come from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most so many bytes; none at the end."""


class _Counted:
    """A file that is written and summed at once."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self._size += len(data)
        return self._target.write(data)

    def flush(self) -> None:
        self._target.flush()

    def stored(self) -> Stored:
        return Stored(bytes=self._size, sha256=self._digest.hexdigest())


def new_identity() -> x25519.Identity:
    """Return a key pair nobody has seen."""
    return x25519.Identity.generate()


def recipients() -> list[x25519.Recipient]:
    """Return the public keys that the shop's owner has named."""
    return [x25519.Recipient.from_str(key) for key in settings.BACKUP_RECIPIENTS]


def identities(path: Path | None) -> list[x25519.Identity]:
    """Return the private keys of a file as `age-keygen` writes it; none without a file. Raises BackupRefused."""
    if path is None:
        return []
    try:
        lines = [line.strip() for line in path.read_text().splitlines()]
        keys = [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError) as problem:
        raise BackupRefused(f"The key file {path} cannot be read ({problem}).") from problem
    except IdentityError as problem:
        raise BackupRefused(f"{path} holds no key of age (a line AGE-SECRET-KEY-1...).") from problem
    if not keys:
        raise BackupRefused(f"{path} holds no key of age (a line AGE-SECRET-KEY-1...).")
    return keys


def seal(source: Readable, *, path: Path, keys: Sequence[x25519.Recipient]) -> Stored:
    """Write a stream into a new file, readable by its owner and the holders of these keys only; flushed to the disk.

    Without keys the bytes stay as they are. Raises OSError.
    """
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=CHUNK) as target:
        counted = _Counted(target)
        if keys:
            encrypt_io(source, counted, list(keys))
        else:
            while piece := source.read(CHUNK):
                counted.write(piece)
        target.flush()
        os.fsync(target.fileno())
    return counted.stored()


def summed(path: Path) -> Stored:
    """Read a file from its first byte to its last and return what it is. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source:
        while piece := source.read(CHUNK):
            digest.update(piece)
            size += len(piece)
    return Stored(bytes=size, sha256=digest.hexdigest())


@contextmanager
def opened(path: Path, *, keys: Sequence[x25519.Identity]) -> Iterator[IO[bytes]]:
    """Open what was sealed, as a stream. Raises BackupRefused: no key fits, or the file is damaged."""
    if path.suffix != SUFFIX:
        with path.open("rb") as plain:
            yield plain
        return
    if not keys:
        raise BackupRefused(f"{path.name} is encrypted: name the file of the private key (--identity).")
    ours, theirs = os.pipe()
    failures: list[Exception] = []
    with os.fdopen(ours, "rb", buffering=CHUNK) as reader:
        opening = threading.Thread(target=_open_into, args=(path, theirs, list(keys), failures), daemon=True)
        opening.start()
        try:
            yield reader
            while reader.read(CHUNK):  # what a reader of archives leaves at their end still has to be whole
                pass
        finally:
            reader.close()
            opening.join()
            if failures:
                raise BackupRefused(f"{path.name} cannot be decrypted ({failures[0]}).") from failures[0]


def _open_into(path: Path, descriptor: int, keys: list[x25519.Identity], failures: list[Exception]) -> None:
    with suppress(BrokenPipeError), os.fdopen(descriptor, "wb", buffering=CHUNK) as writer, path.open("rb") as source:
        try:
            decrypt_io(source, writer, keys)
        except BrokenPipeError:
            raise
        except (DecryptError, OSError) as problem:
            if not isinstance(problem.__cause__, BrokenPipeError):
                failures.append(problem)
