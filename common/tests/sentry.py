"""A Sentry for tests: it takes what is sent by real HTTP and keeps it, readable as it came."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli

PATIENCE = 60.0


class StandIn:
    """What was sent, one text an envelope."""

    def __init__(self, address: str) -> None:
        self.dsn = f"http://0123456789abcdef0123456789abcdef@{address}/42"
        self.origin = f"http://{address}"
        self.path = "/api/42/envelope/"
        self.envelopes: list[str] = []
        self.asked: list[str] = []
        self._came = threading.Condition()

    def take(self, path: str, text: str) -> None:
        with self._came:
            self.asked.append(path)
            if path == self.path:
                self.envelopes.append(text)
            self._came.notify_all()

    def events(self, *, wanted: int) -> list[dict[str, Any]]:
        """Return the errors that were told, once there are so many."""
        with self._came:
            self._came.wait_for(lambda: len(self._events()) >= wanted, timeout=PATIENCE)
            return self._events()

    def _events(self) -> list[dict[str, Any]]:
        lines = [line for text in self.envelopes for line in text.splitlines()[1:]]
        pairs = zip(lines[::2], lines[1::2], strict=False)
        return [json.loads(body) for head, body in pairs if json.loads(head)["type"] == "event"]


@contextmanager
def stand_in() -> Iterator[StandIn]:
    """Open one, on a port of its own."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            how = self.headers.get("Content-Encoding", "")
            body = {"gzip": gzip.decompress, "br": brotli.decompress}.get(how, bytes)(body)
            opened.take(self.path.partition("?")[0], body.decode())
            self._answer()

        def do_OPTIONS(self) -> None:
            self._answer()

        def _answer(self) -> None:
            self.send_response(200)
            for name in ("Access-Control-Allow-Origin", "Access-Control-Allow-Headers"):
                self.send_header(name, "*")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *said: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        opened = StandIn(f"127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield opened
        finally:
            server.shutdown()
            thread.join()
