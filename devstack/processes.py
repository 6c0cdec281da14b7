"""Children that never outlive their parent, and the few questions one asks about a process.

A child is armed with a death signal, so even a SIGKILL of the parent ends it (Linux). The signal goes off
when the *thread* that started the child ends, therefore children are started from main threads only.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(death_signal: signal.Signals, parent: int) -> None:
    """Make this process receive `death_signal` when process `parent`, which must be its parent, ends."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != parent:  # it was gone before the signal was armed
        os.kill(os.getpid(), death_signal)


def spawn(
    command: Sequence[str | Path],
    *,
    death_signal: signal.Signals = signal.SIGTERM,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    output: IO[bytes] | int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own (the terminal's Ctrl-C does not reach it), with no stdin.

    `output` takes both stdout and stderr; None inherits them. Raises OSError when the program cannot be started.
    """
    parent = os.getpid()

    def arm() -> None:
        die_with_parent(death_signal, parent)

    return subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
        env=None if environment is None else dict(environment),
        cwd=directory,
        process_group=0,
        preexec_fn=arm,  # noqa: PLW1509 - the supervisor has one thread, and `arm` takes no lock
    )


def alive(pid: int) -> bool:
    """Tell whether a process runs. A zombie does not count, nor does a stopped pid that was reused by another user."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return sys.platform != "linux"
    return stat.rpartition(")")[2].split()[0] != "Z"


def is_being_interrupted(pid: int) -> bool:
    """Tell whether a process is busy in its handler of SIGINT or SIGHUP, which blocks the signal meanwhile (Linux).

    GNU make, interrupted alone, waits there for its children without telling them.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    blocked = next((int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigBlk:")), 0)
    return any(blocked >> (number - 1) & 1 for number in (signal.SIGINT, signal.SIGHUP))


def command_line(pid: int) -> str:
    """Return the command line of a process, words joined by blanks; an empty string when it is gone."""
    if sys.platform != "linux":
        question = ["ps", "-o", "command=", "-p", str(pid)]
        return subprocess.run(question, capture_output=True, text=True, check=False).stdout.strip()
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def _parents() -> dict[int, int]:
    if sys.platform != "linux":
        shown = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )
        return {int(child): int(parent) for child, parent in (line.split() for line in shown.stdout.splitlines())}
    found: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            found[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    return found


def family(pid: int) -> list[int]:
    """Return a process and all its descendants, parents first."""
    children: dict[int, list[int]] = {}
    for child, parent in _parents().items():
        children.setdefault(parent, []).append(child)
    members = [pid]
    for member in members:
        members.extend(children.get(member, []))
    return members


def send(pid: int, number: signal.Signals, *, group: bool = False) -> None:
    """Send a signal to a process, or to its group; one that is already gone is fine."""
    try:
        if group:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def wait_until(condition: Callable[[], bool], *, seconds: float, every: float = 0.02) -> bool:
    """Ask `condition` again and again for at most `seconds`; return its last answer."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return condition()
        time.sleep(every)  # the development stack polls real processes
    return True


def end(process: subprocess.Popen[bytes], *, politely: signal.Signals | None, seconds: float) -> int:
    """Ask a child to end (None: it was asked already), wait, kill its group if need be; return its exit code."""
    if process.poll() is None:
        send(process.pid, signal.SIGCONT, group=True)
        if politely is not None:
            send(process.pid, politely)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            send(process.pid, signal.SIGKILL, group=True)
    return process.wait()
