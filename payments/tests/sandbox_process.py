"""The real sandbox, in a process of its own as in the demonstration, and a person at its pages."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from devstack import ports, processes
from devstack.state import ROOT

KEY, SECRET = "key-of-the-sandbox-in-tests", "secret-of-the-sandbox-in-tests"
OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
START_SECONDS = 60


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


PERSON = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stays())


@dataclass
class Running:
    """A sandbox at its address."""

    url: str
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def access(self) -> dict[str, str]:
        """What the shop is configured with to reach it."""
        return {"url": self.url, "key": KEY, "secret": SECRET}

    def ask(self, path: str, body: dict[str, Any] | None = None, *, method: str = "", key: str = KEY) -> Any:
        """Return what its API answers. Raises urllib's HTTPError."""
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": os.urandom(8).hex()}
        request = urllib.request.Request(f"{self.url}{path}", data=data, headers=headers, method=method or None)
        with OPEN(request, timeout=30) as answer:
            return json.load(answer)

    def act(self, reference: str, act: str) -> str:
        """Do something with a payment at its page, and return where that leads."""
        data = urlencode({"act": act}).encode()
        with pytest.raises(urllib.error.HTTPError) as led:
            PERSON.open(f"{self.url}/pay/{reference}/", data=data, timeout=30)
        with led.value as answer:
            assert answer.code == 302, answer.read()
            return str(answer.headers["Location"])

    def events(self, reference: str) -> list[bytes]:
        """Return what it tells of a payment, letter by letter, oldest first."""
        found: list[Any] = []
        more = True
        while more:
            page = self.ask(f"/v1/events?after={found[-1]['id'] if found else ''}")
            found += page["data"]
            more = page["has_more"]
        about = [one for one in found if reference in (one.get("payment", {}).get("id"), _paid_back(one))]
        return [json.dumps(one).encode() for one in about]

    def fails(self, kind: str, *, times: int = 1, seconds: float = 20.0) -> None:
        """Let its next answers go wrong."""
        self.ask("/v1/faults", {"kind": kind, "times": times, "seconds": seconds})

    def heals(self) -> None:
        """Let it answer as it should."""
        self.fails("error", times=0)


def _paid_back(event: dict[str, Any]) -> str:
    other = event.get("refund") or event.get("dispute") or {}
    return str(other.get("payment", ""))


@contextmanager
def running(*, file: Path | None = None, port: int = 0, begins: datetime | None = None) -> Iterator[Running]:
    """Run a sandbox, and end it afterwards. `begins`: what time it is there when it starts."""
    port = port or ports.free_port()
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "SHOP_NOW"}}
    turned = {"SHOP_NOW": begins.isoformat()} if begins else {}
    words = ["--file", str(file)] if file is not None else []
    process = processes.spawn(
        [sys.executable, "-m", "sandbox", "--port", str(port), *words],
        environment={**kept, **turned, "SANDBOX_KEY": KEY, "SANDBOX_SECRET": SECRET},
        directory=ROOT,
    )
    opened = Running(url=f"http://127.0.0.1:{port}", process=process)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(opened):
            assert process.poll() is None, "the sandbox ended"
            assert time.monotonic() < deadline, "the sandbox does not answer"
            time.sleep(0.1)
        yield opened
    finally:
        process.kill()
        process.wait()


def _answers(opened: Running) -> bool:
    try:
        return bool(opened.ask("/v1/account")["id"])
    except OSError:
        return False
