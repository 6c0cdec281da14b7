"""Supervises the web processes: `config.serve` exec()s into this file, and back when one is missing; the process, its
pid and its listener stay. A process that gives no sign hangs, and is killed; systemd does the same to this one
(`WatchdogSec=`).

Processes that were forked share what their parent had loaded until one of them writes to it; each page then stands in
memory once more, for a parent that only waits. So it lets go of the whole shop, and this program is run by its path,
without the packages of the shop and without anybody else's.
"""

import array
import json
import os
import select
import signal
import socket
import struct
import sys
import time
from contextlib import suppress
from types import FrameType
from typing import NoReturn

PAUSE_SECONDS = 1.0
PATIENCE = 10
"""So many pauses without a sign, counted here: where the whole machine stood still, nobody is silent."""
SIGN = 4
"""Bytes of a sign, which is the pid of whoever gives it."""
STATE = "BALCAO_WEB_PROCESSES"
"""The variable that tells `config.serve` what stands already: the listener, the pipe of signs, and the pids."""

STOPS = (signal.SIGTERM, signal.SIGINT)

SO_ATTACH_FILTER = 26
NO_SYN = (
    (0x30, 0, 0, 13),  # load the flags of the TCP header
    (0x54, 0, 0, 0x12),  # keep SYN and ACK
    (0x15, 0, 1, 0x02),  # SYN alone,
    (0x06, 0, 0, 0),  # which begins a connection: drop it
    (0x06, 0, 0, 0xFFFFFFFF),  # anything else: take it
)
"""A filter of a socket (classic BPF: code, where to jump if so and if not, operand)."""
LAST_COMERS_SECONDS = 0.1
"""How long a connection that has begun may take until the kernel has made it."""


class _Stop(Exception):  # noqa: N818 - a signal, not an error
    """Somebody asked the process to end."""


def _raise_stop(number: int, frame: FrameType | None) -> NoReturn:
    raise _Stop


def watch(*, pids: set[int], signs: int) -> bool:
    """Wait until a process ends, and return True; or until somebody asks to stop: then end them all and return False.

    Signals that stop are blocked before and after: they wait for a program that can obey them.
    """
    count, silent = len(pids), dict.fromkeys(pids, 0)
    for number in STOPS:
        signal.signal(number, _raise_stop)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        while len(pids) == count:
            select.select([], [], [], PAUSE_SECONDS)
            for pid in _hung(silent, signs=signs):
                _tell("web_process_hangs", pid=pid)
                os.kill(pid, signal.SIGKILL)
            _notify("WATCHDOG=1")
            while pids and (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):  # who died together is replaced together
                pids.discard(ended[0])
                _tell("web_process_ended", pid=ended[0], status=ended[1])
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    except _Stop:
        for number in STOPS:
            signal.signal(number, signal.SIG_IGN)
        return False
    return True


def _hung(silent: dict[int, int], *, signs: int) -> list[int]:
    """Return the processes that have been silent for too long; `silent` counts for how many pauses each was."""
    told = b""
    with suppress(BlockingIOError):
        told = os.read(signs, SIGN * 16_384)
    heard = {int.from_bytes(told[place : place + SIGN], sys.byteorder) for place in range(0, len(told), SIGN)}
    for pid, pauses in silent.items():
        silent[pid] = 0 if pid in heard else pauses + 1
    return [pid for pid, pauses in silent.items() if pauses == PATIENCE]


def _notify(state: str) -> None:
    """Tell systemd, where it has started this, and wait for nobody who does not listen."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.setblocking(False)
            manager.sendto(state.encode(), f"\0{address[1:]}" if address.startswith("@") else address)


def _tell(event: str, **about: int) -> None:
    line = {
        "event": event, **about, "level": "error", "logger": "config.supervise",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }  # fmt: skip
    print(json.dumps(line), file=sys.stderr, flush=True)  # noqa: T201


def let_nobody_in(listener: int) -> None:
    """Leave whoever begins a connection without an answer, for the moment until the listener is closed everywhere.

    The kernel makes connections by itself, and a listener that closes hangs up on those that nobody has taken, with
    what was sent on them. With nobody coming, the processes take all that there are.
    """
    if sys.platform == "linux":
        program = array.array("B", b"".join(struct.pack("HBBI", *step) for step in NO_SYN))
        with suppress(OSError), socket.socket(fileno=os.dup(listener)) as door:
            attached = struct.pack("HP", len(NO_SYN), program.buffer_info()[0])
            door.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, attached)


def end(*, pids: set[int], listener: int) -> None:
    """Ask every process to end and wait until it has answered what it had received."""
    let_nobody_in(listener)
    select.select([], [], [], LAST_COMERS_SECONDS)
    os.close(listener)
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    for pid in pids:
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)


def main(words: list[str]) -> None:
    """Watch what `config.serve` left behind, and become its command again. `words`: STATE, and that command."""
    state, *command = words
    standing = json.loads(state)
    pids = set(standing["pids"])
    _notify("READY=1")
    if not watch(pids=pids, signs=standing["signs"][0]):
        end(pids=pids, listener=standing["listener"])
        return
    os.environ[STATE] = json.dumps({**standing, "pids": sorted(pids)})
    os.execv(command[0], command)  # noqa: S606 - our own command, word by word


if __name__ == "__main__":
    main(sys.argv[1:])
