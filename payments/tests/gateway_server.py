"""A small server that speaks a gateway's HTTP, for the adapters' own clients to be tried against.

What it answers is a subclass's business. What goes wrong on the way is told here: `server.trouble("POST /v1/refunds",
"lost")` has the next such request done and its answer lost.
"""

import json
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

PATIENCE = 5.0


@dataclass(frozen=True)
class Asked:
    """One request, its form or query in the order in which it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def line(self) -> str:
        """What was asked for: method and path."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class GatewayServer:
    """Answers in threads of its own, and remembers what it was asked.

    Troubles: `reset` - the connection breaks before anything is done; `lost` - it is done, and the connection breaks;
    `silent` - it is done, and no answer comes; a number - that status, with nothing done.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.guard = threading.RLock()
        self._troubles: list[tuple[str, str | int]] = []
        self._closing = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = PATIENCE

            def do_GET(self) -> None:
                server._serve(self)

            do_POST = do_PUT = do_GET  # noqa: N815 - the names of the base class

            def log_message(self, *args: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._http.server_port}"

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Self]:
        """Serve for as long as the block lasts."""
        server = cls()
        thread = threading.Thread(target=server._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server._closing.set()
            server._http.shutdown()
            server._http.server_close()
            thread.join()

    def trouble(self, line: str, what: str | int, *, times: int = 1) -> None:
        """Have the next requests that begin with `line` go wrong."""
        self._troubles += [(line, what)] * times

    def calls(self, line: str) -> list[Asked]:
        """Return the requests that began with `line`."""
        return [asked for asked in self.asked if asked.line.startswith(line)]

    def answer(self, asked: Asked) -> Answer:
        """Return what the gateway answers."""
        raise NotImplementedError  # each gateway's own server says it

    def broken(self, status: int) -> Answer:
        """Return what the gateway answers when it fails."""
        raise NotImplementedError  # likewise

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        asked = Asked(handler.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
        with self.guard:
            self.asked.append(asked)
            trouble = self._next_trouble(asked)
            if trouble == "reset":
                self._break(handler)
                return
            answer = self.broken(trouble) if isinstance(trouble, int) else self.answer(asked)
        if trouble == "silent":
            self._closing.wait(PATIENCE)
        if trouble in ("lost", "silent"):
            self._break(handler)
            return
        said = json.dumps(answer.body).encode()
        handler.send_response(answer.status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(said)),
            **answer.headers,
        }.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(said)

    def _next_trouble(self, asked: Asked) -> str | int:
        for place, (line, what) in enumerate(self._troubles):
            if asked.line.startswith(line):
                del self._troubles[place]
                return what
        return ""

    def _break(self, handler: BaseHTTPRequestHandler) -> None:
        """Break the connection, so that the other side hears nothing but that."""
        handler.close_connection = True
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()


class Refusal(Exception):  # noqa: N818 - an answer
    """A request that the gateway refuses, with the answer it gives."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer
