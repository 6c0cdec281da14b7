"""Spans sent to a collector over OTLP/HTTP, where the shop names one. `common.logging` loads this only then.

What a span says is written here, from a list, and nothing else is instrumented: the method, the template of the route
and the status; the name of the task; the statement, with `?` for whatever stands in it as a value; and the ids under
which the log tells the rest. Never an address, a header, an argument, a parameter, or what an error says.

A trace begins with the request. What a stranger sends as its parent is not looked at: it would choose what is kept.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any

import structlog
from django.db import connections
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from common import traces

log = structlog.get_logger(__name__)

EVERY_MILLISECONDS = 1000
SEND_SECONDS = 3
LAST_MILLISECONDS = 2000
MOST_TEXT = 4096
"""Characters of a statement."""

PARENT = "traceparent"
IDS = ("request_id", "task_id")

VALUES = re.compile(
    r"""
    (?P<name>"(?:[^"]|"")*")            # an identifier stays
    | (?P<remark>--[^\n]*|/\*.*?(?:\*/|\Z))
    | \$(?P<mark>\w*)\$.*?(?:\$(?P=mark)\$|\Z)
    | \bE'(?:[^'\\]|''|\\.)*(?:'|\Z)
    | '(?:[^']|'')*(?:'|\Z)             # what nobody closes goes on to the end
    | (?<![\w$.])\d[\w.]*
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


@lru_cache(maxsize=512)
def without_values(statement: str) -> str:
    """Return a statement with `?` for every value that stands in it, and without remarks."""
    told = VALUES.sub(lambda found: found["name"] or (" " if found["remark"] else "?"), statement)
    return " ".join(told.split())[:MOST_TEXT]


class Exporter(OTLPSpanExporter):
    """Sends spans; that nobody takes them is one line in the log, and that somebody does again another."""

    _taken = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send them. What could not be sent is lost: the shop does not wait for a collector."""
        result = super().export(spans)
        taken = result is SpanExportResult.SUCCESS
        if taken != self._taken:
            self._taken = taken
            (log.info if taken else log.warning)("traces_taken_again" if taken else "traces_not_taken")
        return result


def begin(*, endpoint: str, headers: Mapping[str, str], share: float, release: str, environment: str) -> None:
    """Send spans of this share of the requests and tasks to the collector at `endpoint`."""
    service, version = release.split("@")
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(share)),
        resource=Resource(
            {"service.name": service, "service.version": version, "deployment.environment.name": environment}
        ),
        span_limits=SpanLimits(max_span_attribute_length=MOST_TEXT),
    )
    exporter = Exporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", headers=dict(headers), timeout=SEND_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=EVERY_MILLISECONDS))
    traces.begin(Traced(provider))


class Traced(traces.Untraced):
    """Writes spans, each with the ids of the request and the task that the log knows."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("balcao")
        self._carrying = TraceContextTextMapPropagator()

    @contextmanager
    def request(self, method: str) -> Iterator[Span]:
        """Write down a request; `answered` says what became of it."""
        with self._span(method, SpanKind.SERVER, {"http.request.method": method}, Context()) as span, self._asking():
            yield span

    def answered(self, span: Span, *, method: str, route: str, status: int) -> None:
        """Say which route answered a request, by its template, and how."""
        span.update_name(f"{method} {route}")
        span.set_attributes({"http.route": route, "http.response.status_code": status})
        if status >= 500:
            span.set_status(StatusCode.ERROR)

    @contextmanager
    def task(self, name: str, *, parent: str | None) -> Iterator[None]:
        """Write down a task, in the trace of whoever asked for it."""
        context = self._carrying.extract({PARENT: parent} if parent else {}, Context())
        with self._span(name, SpanKind.CONSUMER, {"celery.task_name": name}, context), self._asking():
            yield

    def carried(self) -> dict[str, str]:
        """Return the header under which a task belongs to the span that is open."""
        headers: dict[str, str] = {}
        self._carrying.inject(headers)
        return headers

    def end(self) -> None:
        """Send what waits to be sent; a collector that is away is not waited for."""
        self._provider.force_flush(LAST_MILLISECONDS)

    @contextmanager
    def _span(self, name: str, kind: SpanKind, says: Mapping[str, str], context: Context | None) -> Iterator[Span]:
        with self._tracer.start_as_current_span(
            name, context, kind, dict(says), record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except BaseException as problem:
                code = getattr(problem.__cause__, "sqlstate", None)  # of the database, where it refused
                span.set_attribute("error.type", code or type(problem).__qualname__)
                span.set_status(StatusCode.ERROR)
                raise
            finally:
                bound = structlog.contextvars.get_contextvars()
                span.set_attributes({f"balcao.{one}": str(bound[one]) for one in IDS if bound.get(one)})

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Write down every statement of this thread meanwhile."""
        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(self._statement))
            yield

    def _statement(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        text = without_values(sql if isinstance(sql, str) else sql.as_string(context["connection"].connection))
        operation = text.partition(" ")[0].upper()
        says = {"db.system.name": "postgresql", "db.operation.name": operation, "db.query.text": text}
        with self._span(operation, SpanKind.CLIENT, says, None):
            return execute(sql, params, many, context)
