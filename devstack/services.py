"""One long-running child of the shop (web server, worker, beat): its output with a name in front, its comebacks.

A child that ends is started again, after a pause that doubles with every early end. When its main process
dies, whatever is left of its process group is killed first, because an orphaned web worker would keep the port.
"""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from devstack import processes
from devstack.console import console

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 15.0
HEALTHY_SECONDS = 30.0
READ_SIZE = 65_536


@dataclass
class Service:
    """A child process that is kept alive. `stop_seconds` is what it gets to finish its work when it is stopped."""

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str]
    directory: Path
    stop_seconds: float = 15.0
    stop_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    ends: int = 0
    _started_at: float = 0.0
    _again_at: float | None = None
    _pause: float = FIRST_PAUSE
    _asked: bool = False
    _rest: bytes = field(default=b"", repr=False)

    def start(self, selector: selectors.BaseSelector) -> None:
        """Start the child and listen to what it prints. Raises OSError when the program cannot be started."""
        self.process = processes.spawn(
            self.command, environment=self.environment, directory=self.directory, output=subprocess.PIPE
        )
        self._started_at, self._again_at = time.monotonic(), None
        if self.process.stdout is not None:
            os.set_blocking(self.process.stdout.fileno(), False)
            selector.register(self.process.stdout, selectors.EVENT_READ, self)

    def listen(self, selector: selectors.BaseSelector, stream: IO[bytes]) -> None:
        """Print the complete lines that have arrived; stop listening at the end of the stream."""
        try:
            chunk = os.read(stream.fileno(), READ_SIZE)
        except BlockingIOError:
            return
        if not chunk:
            selector.unregister(stream)
            stream.close()
        *lines, self._rest = (self._rest + chunk).split(b"\n") if chunk else (self._rest, b"")
        for line in lines:
            if line.strip():
                console.say(self.name, line.decode(errors="replace").rstrip())

    def revive(self, selector: selectors.BaseSelector) -> None:
        """Notice that the child has ended, and start it again when its pause is over."""
        if self._again_at is not None:
            if time.monotonic() >= self._again_at:
                self.start(selector)
            return
        if self.process is None or self.process.poll() is None:
            return
        processes.send(self.process.pid, signal.SIGKILL, group=True)
        self.ends += 1
        if time.monotonic() - self._started_at > HEALTHY_SECONDS:
            self._pause = FIRST_PAUSE
        console.say(self.name, f"ended ({describe_exit(self.process.returncode)}); starting again in {self._pause:g} s")
        self._again_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def ask_to_stop(self) -> None:
        """Tell the child to finish its work, without waiting for it."""
        self._again_at = None
        if self.process is not None and self.process.poll() is None:
            processes.send(self.process.pid, self.stop_signal)
            self._asked = True

    def stop(self) -> None:
        """End the child politely, then less so."""
        self._again_at = None
        if self.process is not None:
            # Asked a second time, Celery would drop the work in its hands.
            politely = None if self._asked else self.stop_signal
            processes.end(self.process, politely=politely, seconds=self.stop_seconds)
            processes.send(self.process.pid, signal.SIGKILL, group=True)

    def kill(self) -> None:
        """End the child and its group at once."""
        if self.process is not None:
            processes.send(self.process.pid, signal.SIGKILL, group=True)


def describe_exit(code: int) -> str:
    """Say how a process ended: by itself with a code, or by a signal with a name."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
