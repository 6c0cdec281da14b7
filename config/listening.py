"""Waitress with limits for slow clients, a liveness answer and a graceful end."""

import json
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask
from waitress.utilities import RequestEntityTooLarge, build_http_date

MAX_API_BODY = 1024 * 1024
"""Bytes. The application answers what is larger with a problem of its own; here it is refused before it is read."""

MAX_BODY = 32 * 1024 * 1024
"""Bytes of a form with pictures."""

SILENCE_SECONDS = 15
"""How long a connection may say nothing while a request is awaited or half received."""

RECEIVE_SECONDS = 120
"""How long a request may take to arrive, however steadily it drips."""

ROUND_SECONDS = 0.1
"""How soon a process that serves nobody notices that it is over: who knocks meanwhile knocks again a second later."""

DRAIN_SECONDS = 20
LAST_SECONDS = 1.0
"""How long a connection that was made before the end may still take to begin to say what it wants."""

CONNECTIONS = 800
"""Connections of one process. The usual limit of open files is 1024."""

OPTIONS: dict[str, Any] = {
    "asyncore_use_poll": True,
    "channel_timeout": SILENCE_SECONDS,
    "cleanup_interval": 5,
    "connection_limit": CONNECTIONS,
    "ident": None,
    "inbuf_overflow": 64 * 1024,
    "max_request_body_size": MAX_BODY,
    "max_request_header_size": 32 * 1024,
    "clear_untrusted_proxy_headers": False,  # `TRUSTED_PROXIES` judges X-Forwarded-For in one place
}


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """A request, refused at its headers when its framing is doubtful or its body too large for its route."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head. Raises ParsingError for a body framed in two ways."""
        framed_twice = b"\ntransfer-encoding:" in header_plus.lower() and b"\ncontent-length:" in header_plus.lower()
        super().parse_header(header_plus)
        if framed_twice:
            raise ParsingError("Content-Length with Transfer-Encoding")
        if self.path.startswith("/api/"):
            self.adj = _API_ADJUSTMENTS


@lru_cache(maxsize=2)
def _date(seconds: int) -> str:
    """Return a moment as a header says it; many answers begin in one second."""
    said: str = build_http_date(seconds)
    return said


class AnswerTask(WSGITask):  # type: ignore[misc]
    """Sends the head of an answer together with the beginning of its body."""

    def write(self, data: bytes) -> None:
        """Send some of the body; before the first of it, the head."""
        if self.wrote_header or not data:
            super().write(data)
            return
        if not any(name.lower() == "date" for name, _value in self.response_headers):
            self.response_headers.append(("Date", _date(int(self.start_time))))
        with self.channel.in_one_piece():
            super().write(data)


LIFE = "/health/live/"
ALIVE = b'{"status": "ok"}'

REFUSAL_HEADERS = (
    ("Content-Type", "application/problem+json"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
)


class ProblemTask(ErrorTask):  # type: ignore[misc]
    """The server's own refusals, in the form in which the API refuses."""

    def execute(self) -> None:
        """Write the refusal and close the connection."""
        error = self.request.error
        too_large = isinstance(error, RequestEntityTooLarge)
        code = "payload_too_large" if too_large else "invalid_request" if error.code < 500 else "server_error"
        problem = {"type": f"/problems/{code}", "title": error.reason, "status": error.code, "code": code}
        body = json.dumps(problem).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.extend(REFUSAL_HEADERS)
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class LifeTask(ErrorTask):  # type: ignore[misc]
    """Says that the process lives, without the shop: no thread has to be free for it, and no server answer."""

    def execute(self) -> None:
        """Write what `api.health.live` says."""
        self.status = "200 OK"
        self.response_headers.extend([("Content-Type", "application/json"), *REFUSAL_HEADERS[1:]])
        self.content_length = len(ALIVE)
        self.write(b"" if self.request.command == "HEAD" else ALIVE)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection that knows since when it has been receiving a request."""

    parser_class = Parser
    error_task_class = ProblemTask
    receiving_since: float | None = None
    _pieces: list[bytes] | None = None

    @contextmanager
    def in_one_piece(self) -> Iterator[None]:
        """Send what is written in the block once it is whole. Raises ClientDisconnected."""
        pieces: list[bytes] = []
        self._pieces = pieces
        try:
            yield
        finally:
            self._pieces = None
        self.write_soon(b"".join(pieces))

    def write_soon(self, data: Any) -> int:
        """Send bytes, or keep them until what they belong to is whole. Raises ClientDisconnected."""
        if self._pieces is None:
            return int(super().write_soon(data))
        self._pieces.append(data)
        return len(data)

    def received(self, data: bytes) -> bool:
        """Take bytes in, and note when the first of an unfinished request came."""
        taken = bool(super().received(data))
        if self.request is None:
            self.receiving_since = None
        elif self.receiving_since is None:
            self.receiving_since = time.time()
        return taken

    @property
    def asks_for_life(self) -> bool:
        """Whether its request only asks whether the process lives."""
        request = self.requests[0]
        return request.error is None and request.command in ("GET", "HEAD") and request.path == LIFE

    def service(self) -> None:
        """Answer one request, the last of its connection once the listener ends: the next goes to who stays."""
        self.task_class = LifeTask if self.asks_for_life else AnswerTask
        if self.server.is_ending:
            self.requests[0].headers["CONNECTION"] = "close"
        super().service()

    @property
    def is_busy(self) -> bool:
        """Whether a request is being received or answered."""
        return bool(self.request or self.requests or self.total_outbufs_len)


class Server(TcpWSGIServer):  # type: ignore[misc]
    """A listener whose connections do not wait for ever for the rest of a request."""

    channel_class = Channel
    is_ending = False

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self._asked_for_life: deque[Channel] = deque()

    def add_task(self, channel: Channel) -> None:
        """Hand a request to a thread; who asks whether the process lives waits for none."""
        if channel.asks_for_life:
            self._asked_for_life.append(channel)
            self.pull_trigger()
        else:
            super().add_task(channel)

    def end(self) -> None:
        """Take no more connections than those that wait already: a listener that closes hangs up on them."""
        self.is_ending = True
        taken = -1
        while taken != len(self.active_channels):
            taken = len(self.active_channels)
            self.handle_accept()
        self.accepting = False

    def say_alive(self) -> None:
        """Answer whoever asked whether the process lives."""
        while self._asked_for_life:
            self._asked_for_life.popleft().service()

    def is_awaited(self, *, seconds: float) -> bool:
        """Say whether anybody waits for an answer, or may be about to ask, so long after the listener was closed."""
        channels = self.active_channels.values()
        if seconds < LAST_SECONDS:
            return bool(channels)
        return seconds < DRAIN_SECONDS and any(channel.is_busy for channel in channels)

    def maintenance(self, now: float) -> None:
        """Close connections that are silent, or have been receiving one request for too long."""
        super().maintenance(now)
        for channel in self.active_channels.values():
            if channel.receiving_since is not None and now - channel.receiving_since > RECEIVE_SECONDS:
                channel.will_close = True


def _adjustments(**options: Any) -> Adjustments:
    return Adjustments(**{**OPTIONS, **options})


_API_ADJUSTMENTS = _adjustments(max_request_body_size=MAX_API_BODY + 1)


def serve(
    application: Callable[..., Any], *, listener: socket.socket, threads: int, is_over: Callable[[], bool]
) -> None:
    """Serve a WSGI application until it is over, then answer what was received, for at most DRAIN_SECONDS."""
    sockets: dict[int, Any] = {}
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(threads)
    server = Server(
        application,
        sockets,
        True,
        listener,
        dispatcher=dispatcher,
        adj=_adjustments(threads=threads),
        bind_socket=False,
        sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
    )
    while not is_over():
        wasyncore.poll2(ROUND_SECONDS, sockets)
        server.say_alive()
    server.end()
    listener.close()
    began = time.monotonic()
    while server.is_awaited(seconds=time.monotonic() - began):
        wasyncore.poll2(0.05, sockets)
        server.say_alive()
    for channel in list(server.active_channels.values()):
        channel.close()
