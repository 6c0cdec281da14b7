"""The web server: `python -m config.serve --host 127.0.0.1 --port 8000 --processes 2 --threads 5`.

Waitress reads a request whole, headers and body, before a thread takes it, so a client that sends half a body holds a
file descriptor and nothing else. One parent binds the port, loads the shop once, forks the processes that serve it,
and becomes `config.supervise`, which replaces one that died. SIGTERM and SIGINT let requests that were received be
answered.
"""

import argparse
import gc
import json
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from types import FrameType
from typing import NoReturn

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from common import traces
from common.tallies import Teller
from config import listening
from config import supervise as supervise_module
from config.supervise import SIGN, STATE, STOPS
from config.wsgi import application
from payments.gateways import registry

LOADED_LATE = (
    "celery.app.amqp",
    "celery.app.events",
    "celery.app.task",
    "config.subscriptions",
    "kombu.transport.redis",
)
"""Modules that nobody imports before an order wakes the worker."""


@dataclass(frozen=True)
class Plan:
    """What to serve, and with how much."""

    host: str
    port: int
    processes: int
    threads: int


def serve(*, listener: socket.socket, threads: int, signs: int) -> None:
    """Serve until SIGTERM, or until the parent is gone. `signs`: where to tell it that this process goes on."""
    stopping, signed = False, 0.0

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    def is_over() -> bool:
        """Say so; asked in each round, ten times a second at least, it gives a sign that often."""
        nonlocal signed
        if (now := time.monotonic()) - signed >= listening.ROUND_SECONDS:
            signed = now
            with suppress(BlockingIOError):  # the parent has enough of them to read
                os.write(signs, sign)
        return stopping or os.getppid() != parent

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    parent, sign = os.getppid(), os.getpid().to_bytes(SIGN, sys.byteorder)
    teller = Teller()
    teller.start()
    listening.serve(application, listener=listener, threads=threads, is_over=is_over)
    teller.end()
    traces.writer.end()


def _listen(*, host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(1024)
    listener.setblocking(False)
    return listener


def _fork(*, listener: socket.socket, threads: int, signs: int) -> int:
    """Start one process that serves; return its pid."""
    pid = os.fork()
    if pid:
        return pid
    try:
        serve(listener=listener, threads=threads, signs=signs)
    except BaseException:  # noqa: BLE001 - a child never returns into what its parent was doing
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def load() -> None:
    """Load what the first requests would, so that the processes share it instead of loading it once each."""
    for module in LOADED_LATE:
        import_module(module)
    registry.all_remote()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            reverse("health-live")  # which reads every route


def supervise(plan: Plan) -> NoReturn:
    """Fork the processes that are missing, and become the program that watches over them.

    What stands already is handed back by that program, if it ran before.
    """
    before = json.loads(os.environ.pop(STATE, "{}"))
    listener = socket.socket(fileno=before["listener"]) if before else _listen(host=plan.host, port=plan.port)
    listener.setblocking(False)
    pids = set(before.get("pids", ()))
    signs = before.get("signs") or os.pipe()
    for descriptor in signs:
        os.set_blocking(descriptor, False)
    gc.collect()
    gc.freeze()  # what was loaded stays shared between the processes
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # until there is somebody who can obey them
    while len(pids) < plan.processes:
        pids.add(_fork(listener=listener, threads=plan.threads, signs=signs[1]))
    for descriptor in (listener.fileno(), *signs):
        os.set_inheritable(descriptor, True)
    watcher = [sys.executable, "-I", "-S", supervise_module.__file__]
    standing = json.dumps({"listener": listener.fileno(), "signs": signs, "pids": sorted(pids)})
    os.execv(sys.executable, [*watcher, standing, sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - ours


def _plan(words: list[str]) -> Plan:
    parser = argparse.ArgumentParser(prog="python -m config.serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=5)
    return Plan(**vars(parser.parse_args(words)))


if __name__ == "__main__":
    load()
    supervise(_plan(sys.argv[1:]))
