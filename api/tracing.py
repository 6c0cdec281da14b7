"""Spans of requests. The settings put this among the middleware only where the shop names a collector."""

from typing import cast

from django.http import HttpRequest, HttpResponse

from api import traffic
from api.middleware import QUIET, Next
from common import telemetry, traces


class TracingMiddleware:
    """Writes each request down with its statements, and with the tasks it asks for."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self._writer = cast("telemetry.Traced", traces.writer)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        if request.path.startswith(QUIET):
            return self.get_response(request)
        method = traffic.method(request)
        with self._writer.request(method) as span:
            response = self.get_response(request)
            self._writer.answered(span, method=method, route=traffic.route(request), status=response.status_code)
        return response
