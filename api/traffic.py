"""What passes the door, counted: requests by route and answer, and how long they took.

A route is counted by its template and a method by its name if it has one, so that no visitor can make a series.
"""

from bisect import bisect_left

from django.conf import settings
from django.http import HttpRequest

from common import counters

REQUESTS, SECONDS, MICROSECONDS = "request", "request_within", "request_microseconds"
"""Families of counts: (method, route, status); (method, route, number of the bound); (method, route)."""

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds up to which a request falls into each class; what takes longer falls into one more."""

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
OTHER = "other"
FILES = "static/"
UNKNOWN = "unknown"


def observe(request: HttpRequest, *, status: int, seconds: float) -> None:
    """Count a request that was answered. Some microseconds, and nothing leaves the process."""
    name, route_name = method(request), route(request)
    counters.count_all(
        {
            (REQUESTS, name, route_name, str(status)): 1,
            (SECONDS, name, route_name, str(bisect_left(BOUNDS, seconds))): 1,
            (MICROSECONDS, name, route_name): int(seconds * 1_000_000),
        }
    )


def method(request: HttpRequest) -> str:
    """Return the method if it has a name."""
    return request.method if request.method in METHODS else OTHER


def route(request: HttpRequest) -> str:
    """Return the template of the route that answered."""
    match = request.resolver_match
    if match is not None:
        return match.route or "/"
    return FILES if request.path.startswith(settings.STATIC_URL) else UNKNOWN
