"""Docker for the length of a block, in a place of its own: no other engine is touched."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from devstack import processes, shop
from devstack.errors import StackError

PATH = f"/usr/bin:/usr/sbin:/sbin:{os.environ.get('PATH', '')}"
"""Debian's own programs first: a client of another origin may lack what builds."""

_WITHOUT_NETWORKS = ("--iptables=false", "--bridge=none")
_ALONE = ("--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")

_CABLE = """
import ctypes, os, socket, sys, threading
door = socket.create_server(("127.0.0.1", int(sys.argv[1])))
there = os.open(f"/proc/{sys.argv[2]}/ns/net", os.O_RDONLY)
if ctypes.CDLL(None, use_errno=True).setns(there, 0x40000000):
    sys.exit(os.strerror(ctypes.get_errno()))

def carry(giver, taker):
    try:
        while said := giver.recv(65536):
            taker.sendall(said)
    except OSError:
        pass
    for one in (giver, taker):
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

while True:
    caller, _address = door.accept()
    try:
        shop = socket.create_connection(("127.0.0.1", int(sys.argv[3])), timeout=5)
    except OSError:
        caller.close()
        continue
    shop.settimeout(None)
    for ends in ((caller, shop), (shop, caller)):
        threading.Thread(target=carry, args=ends, daemon=True).start()
"""


@dataclass
class Engine:
    """An engine that runs."""

    home: Path
    pid: int = 0

    @property
    def address(self) -> str:
        """Where clients find it."""
        return f"unix://{self.home}/socket"

    @property
    def environment(self) -> dict[str, str]:
        """What its clients are started with."""
        return {**shop.bare_environment(), "PATH": PATH, "DOCKER_HOST": self.address, "DOCKER_BUILDKIT": "1"}

    def run(
        self,
        *words: str,
        seconds: float = 120,
        stdin: IO[bytes] | int | None = None,
        program: Sequence[str] = ("docker",),
        directory: Path | None = None,
    ) -> str:
        """Run a client and return what it said. Raises StackError for one that fails."""
        done = subprocess.run(
            [*program, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds,
            check=False, stdin=stdin, env=self.environment, cwd=directory,
        )  # fmt: skip
        if done.returncode:
            raise StackError(f"{' '.join([*program, *words])[:200]} ends with {done.returncode}.", done.stdout[-4000:])
        return done.stdout

    def take(self, root: Path, *, image: str, changes: Mapping[str, str] | None = None) -> None:
        """Make an image of a directory. `changes`: instructions of a Dockerfile by their name. Raises StackError."""
        packed = subprocess.Popen(["tar", "--directory", str(root), "--create", "."], stdout=subprocess.PIPE)
        told = [word for name, what in (changes or {}).items() for word in ("--change", f"{name} {what}")]
        self.run("import", *told, "-", image, stdin=packed.stdout, seconds=600)
        if packed.wait(60):
            raise StackError(f"{root} cannot be packed.", "")

    def answers(self) -> bool:
        """Say whether it is there."""
        words = ["docker", "version"]
        done = subprocess.run(words, capture_output=True, check=False, timeout=30, env=self.environment)
        return done.returncode == 0


@contextmanager
def running(home: Path, *, networks: bool = False) -> Iterator[Engine]:
    """Run the engine for the length of a block; its images stay in `home`. Raises StackError.

    With `networks` containers have networks, in a namespace from which nothing else is reached; without, there are none
    and containers use this machine's.
    """
    found = Engine(home)
    daemon = [  # what it mounts is gone with it
        "unshare", "--mount", *(_ALONE if networks else ()), "dockerd", f"--host={found.address}",
        f"--data-root={home}/data", f"--exec-root={home}/exec", f"--pidfile={home}/pid", "--log-level=warn",
        *(() if networks else _WITHOUT_NETWORKS),
    ]  # fmt: skip
    with (home / "log").open("ab") as log:
        process = processes.spawn(daemon, output=log, environment={**os.environ, "PATH": PATH})
        found.pid = process.pid
        try:
            if not processes.wait_until(found.answers, seconds=60, every=0.5):
                raise StackError("The engine does not answer.", (home / "log").read_text()[-3000:])
            yield found
        finally:
            processes.end(process, politely=signal.SIGTERM, seconds=60)


@contextmanager
def cable(engine: Engine, *, port: int, to: int) -> Iterator[None]:
    """Let this machine reach at `port` what an engine with networks publishes at `to`, for the length of a block."""
    words = [sys.executable, "-c", _CABLE, str(port), str(engine.pid), str(to)]
    process = processes.spawn(words)
    try:
        yield
    finally:
        processes.end(process, politely=signal.SIGTERM, seconds=10)
