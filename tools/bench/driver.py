"""Drives a shop over HTTP: so many clients for so long, each on a connection of its own, and what it cost.

The driver runs on the machine it measures, so a figure means little by itself; the ratio of two figures of one run
does.
"""

import http.client
import json
import os
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devstack import processes

Flow = Callable[["Client"], str]
TICK = os.sysconf("SC_CLK_TCK")


class Client:
    """One visitor: a connection, its cookies, and JSON both ways."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, Any]:
        """Send a request and return status, JSON and headers of its answer; of what is no JSON its first words."""
        sent = {"Content-Type": "application/json", "Accept": "application/json"} | headers
        if self._cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        self._connection.request(method, path, json.dumps(body) if body is not None else None, sent)
        answer = self._connection.getresponse()
        text = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _is, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status, json.loads(text) if text and is_json else text[:200], answer.headers

    def forget(self) -> None:
        """Become another visitor on the same connection."""
        self._cookies.clear()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


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


def _outcome(flow: Flow, client: Client) -> str:
    """Go through a flow; what fails is an outcome too."""
    try:
        return flow(client)
    except (OSError, http.client.HTTPException, UnexpectedError) as problem:
        client.close()
        return f"{type(problem).__name__} {str(problem)[:120]}"


def repeat(flow: Flow, *, port: int, clients: int, seconds: float, pids: dict[str, int]) -> Measure:
    """Let so many clients go through a flow again and again; `pids` names the processes whose CPU is counted."""
    found, took, guard = Measure(), [], threading.Lock()
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
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
    found.cpu_ms = {name: (cpu_seconds(pid) - before[name]) * 1000 / worked for name, pid in pids.items()}
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
