"""How often somebody may ask. Rates are settings; an empty rate means no limit.

Without Redis nobody is refused. A shop that cannot count keeps selling, and counts that.
"""

import time
from typing import Any

from django.conf import settings
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from common import counters, redis
from common.addresses import client_address

SECONDS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400}


def rate_of(text: str) -> tuple[int, int] | None:
    """Return (requests, seconds) of a rate such as 60/min; None for an empty one. Raises ValueError."""
    if not text:
        return None
    amount, _slash, period = text.partition("/")
    if period not in SECONDS or not amount.isdigit():
        raise ValueError(f"not a rate: {text!r}")
    return int(amount), SECONDS[period]


class Throttle(BaseThrottle):
    """Counts requests of one person in a fixed window."""

    def __init__(self) -> None:
        self._wait: float | None = None

    def scope_of(self, request: Request, view: Any) -> str | None:
        """Return the name of the rate that applies; None for no limit."""
        raise NotImplementedError

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count the request and say whether it may pass."""
        scope = self.scope_of(request, view)
        rate = rate_of(settings.THROTTLES[scope]) if scope else None
        if rate is None:
            return True
        most, seconds = rate
        moment = time.time()
        window = int(moment // seconds)
        key = f"throttle:{scope}:{self.person(request)}:{window}"
        try:
            pipeline = redis.client().pipeline(transaction=False)
            pipeline.incr(key)
            pipeline.expire(key, seconds)
            count = pipeline.execute()[0]
        except RedisError:
            counters.increment("throttle_degraded")
            return True
        self._wait = (window + 1) * seconds - moment
        return bool(count <= most)

    def wait(self) -> float | None:
        """Return the seconds until the next window."""
        return self._wait

    def person(self, request: Request) -> str:
        """Return who is counted: the login, or the address."""
        user = request.user
        return f"user-{user.pk}" if getattr(user, "is_authenticated", False) else client_address(request.META)


class EveryRequest(Throttle):
    """The rate of all requests together."""

    def scope_of(self, request: Request, view: Any) -> str:
        """Return `user` or `anon`."""
        return "user" if getattr(request.user, "is_authenticated", False) else "anon"


class ScopedRequest(Throttle):
    """The rate of doors that have one of their own: `throttle_scope` on the view; reading is free."""

    def scope_of(self, request: Request, view: Any) -> str | None:
        """Return the view's scope for requests that write."""
        return None if request.method in ("GET", "HEAD", "OPTIONS") else getattr(view, "throttle_scope", None)
