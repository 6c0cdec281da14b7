"""Machines as the kernel knows them: a network namespace and a cable for each, and a bridge that joins them."""

import os
import shutil
import signal
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from ipaddress import IPv4Network
from typing import TypeVar

from config.tests.pooled_shop import PgBouncer
from devstack import processes
from devstack.errors import StackError
from devstack.servers import Server

NETWORK = IPv4Network("10.213.0.0/24")
BRIDGE = "balcao0"
PREFIX = "balcao-"
"""How the names of namespaces begin, and of their cables' ends at the bridge."""

MACHINES = ("proxy", "web1", "web2", "pooler", "db1", "db2", "redis1", "redis2")
FIRST_MACHINE, FIRST_BUYER = 11, 101
"""Numbers of their addresses in the network; this machine, where the buyers are, has the first."""

GONE_SECONDS = 10.0
KNOCKS = 20
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
IP, TC = shutil.which("ip", path=PATH), shutil.which("tc", path=PATH)

ListenerT = TypeVar("ListenerT", bound=Server | PgBouncer)


class Machine:
    """One of them: what runs there is told its address, and is started by its prefix."""

    def __init__(self, name: str, *, number: int) -> None:
        self.name = name
        self.address = str(NETWORK[number])
        self.namespace = self._cable = f"{PREFIX}{name}"
        self.prefix = (str(IP), "netns", "exec", self.namespace)

    def put(self, listener: ListenerT) -> ListenerT:
        """Let a server that was not started yet run here."""
        listener.host, listener.prefix = self.address, self.prefix
        return listener

    def cut_off(self) -> None:
        """Pull its cable. Its processes run on, and nobody is told."""
        _ip("link", "set", self._cable, "down")

    def plug_in(self) -> None:
        """Put the cable back."""
        _ip("link", "set", self._cable, "up")

    def set_up(self) -> None:
        """Make it. Raises StackError."""
        _ip("netns", "add", self.namespace)
        _ip("link", "add", self._cable, "type", "veth", "peer", "name", "eth0", "netns", self.namespace)
        _ip("link", "set", self._cable, "master", BRIDGE, "up")
        _ip("-n", self.namespace, "address", "add", f"{self.address}/{NETWORK.prefixlen}", "dev", "eth0")
        for device in ("lo", "eth0"):
            _ip("-n", self.namespace, "link", "set", device, "up")

    def delay(self, milliseconds: float) -> bool:
        """Let everything that leaves it take so long; say whether this kernel can do that."""
        late = ("netem", "delay", f"{milliseconds * 1000:.0f}us")
        words = [str(TC), "-n", self.namespace, "qdisc", "add", "dev", "eth0", "root", *late]
        return TC is not None and subprocess.run(words, capture_output=True, check=False).returncode == 0


@contextmanager
def machines(*, round_trip: float) -> Iterator[tuple[dict[str, Machine], bool]]:
    """Make all machines for the length of a block; say whether they are so many milliseconds apart as asked.

    Raises StackError.
    """
    if _there(BRIDGE):
        raise StackError(
            f"{BRIDGE} is there already: another run is under way, or was killed,"
            " and `python -m tools.machines --clean` takes away what it left."
        )
    found = {name: Machine(name, number=FIRST_MACHINE + place) for place, name in enumerate(MACHINES)}
    try:
        _ip("link", "add", BRIDGE, "type", "bridge")
        for number in (1, *range(FIRST_BUYER, FIRST_BUYER + 100)):
            _ip("address", "add", f"{NETWORK[number]}/{NETWORK.prefixlen}", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        for machine in found.values():
            machine.set_up()
        is_apart = bool(round_trip) and all(machine.delay(round_trip / 2) for machine in found.values())
        yield found, is_apart
    finally:
        clean()


def clean() -> None:
    """End everything that runs on such machines, and take them and the bridge away."""
    names = [line.split()[0] for line in _said("netns", "list").splitlines() if line.startswith(PREFIX)]
    for name in names:
        pids = [int(pid) for pid in _said("netns", "pids", name).split()]
        for pid in pids:
            processes.send(pid, signal.SIGKILL)
        processes.wait_until(partial(_all_gone, pids), seconds=GONE_SECONDS)
        _said("link", "delete", name)  # its cable, which would else go some time after it
        _said("netns", "delete", name)
    if _there(BRIDGE):
        _said("link", "delete", BRIDGE)


def milliseconds_between(asking: Machine, *, asked: Machine) -> float:
    """Return how long an answer takes from one machine to another that listens nowhere: the median refusal."""
    knock = (
        "import socket, sys, time\n"
        f"for _number in range({KNOCKS}):\n"
        "    began = time.perf_counter()\n"
        "    try: socket.create_connection((sys.argv[1], 9), timeout=2)\n"
        "    except OSError: print((time.perf_counter() - began) * 1000)\n"
    )
    words = [*asking.prefix, "python3", "-c", knock, asked.address]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    return statistics.median(map(float, done.stdout.split()))


def _all_gone(pids: Sequence[int]) -> bool:
    return not any(map(processes.alive, pids))


def _there(device: str) -> bool:
    return subprocess.run([str(IP), "link", "show", device], capture_output=True, check=False).returncode == 0


def _said(*words: str) -> str:
    return subprocess.run([str(IP), *words], capture_output=True, text=True, check=False).stdout


def _ip(*words: str) -> None:
    done = subprocess.run([str(IP), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise StackError(f"ip {' '.join(words)} failed: {done.stderr.strip()}")
