"""Watches over the web processes. `config.serve` becomes this program once they serve, and this one becomes that again
when one of them is missing; the process, its pid and its listener stay.

Processes that were forked share what their parent had loaded until one of them writes to it; each page then stands in
memory once more, for a parent that only waits. So it lets go of the whole shop, and this program is run by its path,
without the packages of the shop and without anybody else's.
"""

import json
import os
import select
import signal
import sys
import time
from contextlib import suppress
from types import FrameType
from typing import NoReturn

PAUSE_SECONDS = 1.0
STATE = "BALCAO_WEB_PROCESSES"
"""The variable that tells `config.serve` what stands already: the listener's descriptor and the pids."""

STOPS = (signal.SIGTERM, signal.SIGINT)


class _Stop(Exception):  # noqa: N818 - a signal, not an error
    """Somebody asked the process to end."""


def _raise_stop(number: int, frame: FrameType | None) -> NoReturn:
    raise _Stop


def watch(*, pids: set[int]) -> bool:
    """Wait until a process ends, and return True; or until somebody asks to stop: then end them all and return False.

    Signals that stop are blocked before and after: they wait for a program that can obey them.
    """
    for number in STOPS:
        signal.signal(number, _raise_stop)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        _note(pids, *os.wait())
        select.select([], [], [], PAUSE_SECONDS)
        while pids and (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):  # who died with it is replaced with it
            _note(pids, *ended)
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    except _Stop:
        for number in STOPS:
            signal.signal(number, signal.SIG_IGN)
        return False
    return True


def _note(pids: set[int], pid: int, status: int) -> None:
    pids.discard(pid)
    line = {
        "event": "web_process_ended", "pid": pid, "status": status, "level": "error", "logger": "config.supervise",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }  # fmt: skip
    print(json.dumps(line), file=sys.stderr, flush=True)  # noqa: T201


def end(*, pids: set[int], listener: int) -> None:
    """Ask every process to end and wait until it has answered what it had received."""
    os.close(listener)
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    for pid in pids:
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)


def main(words: list[str]) -> None:
    """Watch what `config.serve` left behind: its listener, its processes, and the command to become again."""
    listener, numbers, *command = words
    pids = {int(number) for number in numbers.split(",")}
    if not watch(pids=pids):
        end(pids=pids, listener=int(listener))
        return
    os.environ[STATE] = json.dumps({"listener": int(listener), "pids": sorted(pids)})
    os.execv(command[0], command)  # noqa: S606 - our own command, word by word


if __name__ == "__main__":
    main(sys.argv[1:])
