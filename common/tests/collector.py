"""A collector for tests: it takes spans by real OTLP over HTTP, and keeps what came, as it came and as it reads."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PATIENCE = 60.0


@dataclass(frozen=True)
class Told:
    """A span as it was told."""

    name: str
    trace: str
    id: str
    parent: str
    says: dict[str, Any]
    is_error: bool
    whose: dict[str, Any]


class Collector:
    """What was sent; `is_well` false refuses it."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.bodies: list[bytes] = []
        self.heads: list[str] = []
        self.is_well = True
        self._came = threading.Condition()

    def take(self, head: str, body: bytes) -> None:
        with self._came:
            self.heads.append(head)
            self.bodies.append(body)
            self._came.notify_all()

    def spans(self, *, named: str) -> list[Told]:
        """Return the spans of this name, once there is one."""
        with self._came:
            self._came.wait_for(lambda: any(told.name == named for told in self.all()), timeout=PATIENCE)
            return [told for told in self.all() if told.name == named]

    def asked(self, *, times: int) -> int:
        """Return how often something was sent, once it was that often."""
        with self._came:
            self._came.wait_for(lambda: len(self.heads) >= times, timeout=PATIENCE)
            return len(self.heads)

    def all(self) -> list[Told]:
        """Return every span that was sent."""
        return [told for body in self.bodies for told in _read(body)]


def _read(body: bytes) -> Iterator[Told]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        whose = _attributes(resource.resource.attributes)
        for scope in resource.scope_spans:
            for span in scope.spans:
                assert not span.events
                yield Told(
                    span.name, span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(),
                    _attributes(span.attributes), span.status.code == span.status.STATUS_CODE_ERROR, whose,
                )  # fmt: skip


def _attributes(found: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in found}


@contextmanager
def collector() -> Iterator[Collector]:
    """Open one, on a port of its own."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            opened.take(f"{self.requestline}\n{self.headers}", body)
            self.send_response(200 if opened.is_well else 400)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *said: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        opened = Collector(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield opened
        finally:
            server.shutdown()
            thread.join()
