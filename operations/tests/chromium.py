"""Drives the chromium of the machine by its DevTools protocol, over two pipes: no driver, no port, nothing downloaded."""

import json
import os
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from devstack import browser

QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-prefers-reduced-motion",
    "--accept-lang=pt-BR",
    "--remote-debugging-pipe",
)
PATIENCE = 60.0


def installed() -> str | None:
    """Return where chromium is, or None for a machine without it."""
    return browser.found()


class BrowserError(Exception):
    """What chromium would not do."""


class Tab:
    """One page of the browser."""

    def __init__(self, *, writes: int, reads: int) -> None:
        self._writes, self._reads = writes, reads
        self._buffer = b""
        self._calls = 0
        self._session: str | None = None
        self._worker = ""
        self._events: set[str] = set()
        self.begin()

    def begin(self) -> None:
        """Begin in a profile of its own: nothing is remembered there of what was before."""
        self._session, self._worker = None, ""
        self._profile = self.call("Target.createBrowserContext")["browserContextId"]
        self._open_page()

    def leave(self) -> None:
        """Close the page and its profile, whatever was typed there."""
        self._session = None
        try:
            self.call("Target.disposeBrowserContext", browserContextId=self._profile)
        except (BrowserError, OSError):  # it has ended, and the next test starts another
            return

    def _open_page(self) -> None:
        self._target = self.call("Target.createTarget", url="about:blank", browserContextId=self._profile)["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Network.enable")
        self.call("Network.setExtraHTTPHeaders", headers={"Accept-Language": "pt-BR"})

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result. Raises BrowserError."""
        self._calls += 1
        message = {"id": self._calls, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._writes, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self._next(deadline)
            if answer.get("id") != self._calls:
                self._events.add(answer.get("method", ""))
            elif "error" in answer:
                raise BrowserError(f"{method}: {answer['error']}")
            else:
                return dict(answer["result"])

    def call_worker(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command to the worker that stands between the pages and the network."""
        page, self._session = self._session, None
        try:
            if not self._worker:
                found = self.call("Target.getTargets")["targetInfos"]
                mine = [one for one in found if one.get("browserContextId") == self._profile]
                target = next(one["targetId"] for one in mine if one["type"] == "service_worker")
                self._worker = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            self._session = self._worker
            self.call("Network.enable")
            return self.call(method, **params)
        finally:
            self._session = page

    def renew(self) -> None:
        """Begin with an empty page; the one before is closed, whatever was typed there, and asks nothing more."""
        self._session, target = None, self._target
        self._open_page()
        self.call("Target.closeTarget", targetId=target)

    def keep_cookie(self, *, name: str, value: str, url: str) -> None:
        """Let the browser send a cookie."""
        self.call("Network.setCookie", name=name, value=value, url=url)

    def forget_cookies(self) -> None:
        """Let the browser be a stranger."""
        self.call("Network.clearBrowserCookies")

    def open(self, url: str, *, width: int, afresh: bool = True) -> None:
        """Show a page in a window of that width, until everything on it has loaded.

        `afresh`: by way of an empty page, since from one place of a page to another nothing would load. It costs the
        browser a new process.
        """
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        for address in ("about:blank", url) if afresh else (url,):
            self._events.clear()
            failed = self.call("Page.navigate", url=address).get("errorText")
            if failed:
                raise BrowserError(f"{address}: {failed}")
            deadline = time.monotonic() + PATIENCE
            while "Page.loadEventFired" not in self._events:
                self._events.add(self._next(deadline).get("method", ""))

    def run(self, code: str) -> Any:
        """Return what an expression comes to on the page, promises included. Raises BrowserError."""
        answer = self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise BrowserError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def _next(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            if not select.select([self._reads], [], [], max(deadline - time.monotonic(), 0))[0]:
                raise BrowserError("chromium does not answer")
            read = os.read(self._reads, 1 << 20)
            if not read:
                raise BrowserError("chromium has ended")
            self._buffer += read
        message, _zero, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(message))


@contextmanager
def a_tab(*, program: str, profile: Path) -> Iterator[Tab]:
    """Start a browser with a profile of its own, and end it afterwards."""
    its_read, our_write = os.pipe()
    our_read, its_write = os.pipe()
    # The protocol's pipes are the descriptors 3 and 4, so the shell puts ours there.
    start = f'exec "$@" 3<&{its_read} 4>&{its_write}'
    process = subprocess.Popen(
        ["bash", "-c", start, "bash", program, *QUIET, f"--user-data-dir={profile}"],
        pass_fds=(its_read, its_write), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(its_read)
    os.close(its_write)
    try:
        yield Tab(writes=our_write, reads=our_read)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(our_write)
        os.close(our_read)
