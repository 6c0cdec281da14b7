"""What the supervisor says, on the terminal and in a log file, without ever waiting for a reader.

A line is dropped from standard output when nobody reads the pipe behind it, and standard output is given
up when its reader has gone. Otherwise a program that starts the shop and does not read would stop the shop, because
every process in it would wait for room to log. The log file has every line.
"""

import contextlib
import os
import select
import sys
from pathlib import Path

ATOMIC_WRITE = 4096  # a pipe that is writable has room for this much
PATIENCE_SECONDS = 2.0
SHORT_PATIENCE_SECONDS = 0.2
LOG_LIMIT = 20_000_000
COLOURS = {"web": "36", "worker": "35", "beat": "34", "shop": "32"}
OUTPUT, ERRORS = 1, 2


class Console:
    """Standard output and, once `keep` was called, a log file."""

    def __init__(self) -> None:
        self._gone = False
        self._dropped = 0
        self._file: Path | None = None
        self._handle: int | None = None

    def keep(self, path: Path) -> None:
        """From now on write everything to `path` as well; a file that has grown too long makes room for a new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def say(self, name: str, text: str) -> None:
        """Write one line with its speaker in front; it may be dropped from standard output."""
        label = f"{name:<6} |"
        self._record(f"{label} {text}\n")
        if sys.stdout.isatty():
            label = f"\033[{COLOURS.get(name, '32')}m{label}\033[0m"
        if self._dropped and self._write(f"shop   | {self._dropped} lines were not shown; {self._file} has them\n", 0):
            self._dropped = 0
        if not self._write(f"{label} {text}\n", 0 if self._dropped else SHORT_PATIENCE_SECONDS):
            self._dropped += 1

    def show(self, text: str, *, end: str = "\n") -> None:
        """Write something that is worth a moment's wait."""
        self._record(text + end)
        self._write(text + end, PATIENCE_SECONDS)

    def complain(self, text: str) -> None:
        """Write something to standard error."""
        self._record(text + "\n")
        with contextlib.suppress(OSError):
            os.write(ERRORS, f"{text}\n".encode(errors="replace"))

    def _write(self, text: str, patience: float) -> bool:
        data = text.encode(errors="replace")
        while data and not self._gone:
            try:
                if not select.select([], [OUTPUT], [], patience)[1]:
                    return False
                data = data[os.write(OUTPUT, data[:ATOMIC_WRITE]) :]
            except OSError:
                self._gone = True
        return True

    def _record(self, text: str) -> None:
        if self._handle is None or self._file is None:
            return
        try:
            if os.fstat(self._handle).st_size > LOG_LIMIT:
                os.close(self._handle)
                self._file.replace(self._file.with_suffix(".old.log"))
                self.keep(self._file)
            os.write(self._handle, text.encode(errors="replace"))
        except OSError:
            self._handle = None  # a full disk must not stop the shop


console = Console()
