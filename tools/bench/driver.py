"""Drives a shop over HTTP: so many clients for so long, each on a connection of its own, and what it cost.

The driver runs on the machine it measures, so a figure means little by itself; the ratio of two figures of one run
does.
"""

import contextlib
import json
import os
import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devstack import processes

Flow = Callable[["Client"], str]
TICK = os.sysconf("SC_CLK_TCK")


class Client:
    """One visitor: a connection, its cookies, and JSON both ways.

    It reads what servers of benches write and no more, so that it costs little of the machine it measures.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}
        self._socket: socket.socket | None = None
        self._answers: Any = None

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, dict[str, str]]:
        """Send a request and return status, JSON and headers of its answer, whose names are in small letters.

        Of what is no JSON it returns the first words. Raises OSError.
        """
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self._port}", "Accept: application/json"]
        lines += [f"Content-Type: application/json\r\nContent-Length: {len(content)}"] if content else []
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self._cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self._cookies.items()))
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._answers = self._socket.makefile("rb")
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode() + content)
        status, found = self._read_head()
        text = b"" if status in (204, 304) else self._read_body(found)
        if found.get("connection", "").lower() == "close":
            self.close()
        is_json = "json" in found.get("content-type", "")
        return status, json.loads(text) if text and is_json else text[:200], found

    def forget(self) -> None:
        """Become another visitor on the same connection."""
        self._cookies.clear()

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._answers.close()
            self._socket.close()
            self._socket = None

    def _read_head(self) -> tuple[int, dict[str, str]]:
        first = self._answers.readline()
        if not first:
            raise ConnectionError("the server hung up")
        found: dict[str, str] = {}
        while line := self._answers.readline().rstrip():
            name, _colon, value = line.decode("latin-1").partition(":")
            found[name.lower()] = value.strip()
            if name.lower() == "set-cookie":
                cookie, _is, content = value.partition(";")[0].partition("=")
                self._cookies[cookie.strip()] = content
        return int(first.split()[1]), found

    def _read_body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return bytes(self._answers.read(int(headers["content-length"])))
        text = b""
        while size := int(self._answers.readline(), 16):
            text += self._answers.read(size)
            self._answers.readline()
        self._answers.readline()
        return text


class UnexpectedError(Exception):
    """An answer that no buyer should get."""


@dataclass
class Measure:
    """What came of a flow: how often a second, what the answers were, and milliseconds of CPU for each that worked."""

    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    median_ms: float = 0.0
    cpu_ms: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Return how many worked in a second."""
        return self.outcomes["ok"] / self.seconds if self.seconds else 0.0


def cpu_seconds(pid: int) -> float:
    """Return what a process and its family have used so far, those that have ended included."""
    spent = 0
    for member in processes.family(pid):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        spent += sum(int(number) for number in fields[11:15])
    return spent / TICK


def spent(pids: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """Return the seconds of CPU that each part of a shop has used so far; `pids`: its processes, by the part's name."""
    return {name: sum(map(cpu_seconds, members)) for name, members in pids.items()}


def memory_mb(pid: int) -> float:
    """Return what a process and its family have in memory; what they share is counted once."""
    return sum(_megabytes(pid, "Pss:"))


def resident_mb(pid: int) -> float:
    """Return what the largest of a process and its family sees in memory, what it shares included."""
    return max(_megabytes(pid, "Rss:"))


def _megabytes(pid: int, name: str) -> list[float]:
    """Return one figure of each of a family."""
    found = []
    for member in processes.family(pid):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
            found += [int(line.split()[1]) / 1024 for line in lines if line.startswith(name)]
    return found


def _outcome(flow: Flow, client: Client) -> str:
    """Go through a flow; what fails is an outcome too."""
    try:
        return flow(client)
    except (OSError, LookupError, ValueError, UnexpectedError) as problem:
        client.close()
        return f"{type(problem).__name__} {str(problem)[:120]}"


def repeat(flow: Flow, *, port: int, clients: int, seconds: float, pids: Mapping[str, Sequence[int]]) -> Measure:
    """Let so many clients go through a flow again and again; `pids` names the processes whose CPU is counted."""
    found, took, guard = Measure(), [], threading.Lock()
    before = spent(pids)
    began = time.perf_counter()

    def run(_number: int) -> None:
        client = Client(port)
        while time.perf_counter() - began < seconds:
            client.forget()
            start = time.perf_counter()
            outcome = _outcome(flow, client)
            with guard:
                found.outcomes[outcome] += 1
                took.append(time.perf_counter() - start)
        client.close()

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(run, range(clients)))
    found.seconds = time.perf_counter() - began
    found.median_ms = statistics.median(took) * 1000
    worked = max(1, found.outcomes["ok"])
    found.cpu_ms = {name: (used - before[name]) * 1000 / worked for name, used in spent(pids).items()}
    return found


def rush(flow: Flow, *, port: int, buyers: int) -> Measure:
    """Release so many buyers at once, one attempt each."""
    found, guard, gate = Measure(), threading.Lock(), threading.Barrier(buyers + 1)

    def run(_number: int) -> None:
        client = Client(port)
        gate.wait()
        outcome = _outcome(flow, client)
        with guard:
            found.outcomes[outcome] += 1
        client.close()

    with ThreadPoolExecutor(buyers) as pool:
        running = [pool.submit(run, number) for number in range(buyers)]
        gate.wait()
        began = time.perf_counter()
        for one in running:
            one.result()
    found.seconds = time.perf_counter() - began
    return found
