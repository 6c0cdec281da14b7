"""How often somebody may ask. Rates are settings; an empty rate means no limit.

Without Redis nobody is refused. A shop that cannot count keeps selling, and counts that.
"""

import time
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from common import counters, redis, security
from common.addresses import client_address
from common.security import Event

SECONDS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400}

REFUSED_FOR = "refused_for"
"""The name under which a request carries for how many seconds it was refused."""


@cache
def rate_of(text: str) -> tuple[int, int] | None:
    """Return (requests, seconds) of a rate such as 60/min; None for an empty one. Raises ValueError."""
    if not text:
        return None
    amount, _slash, period = text.partition("/")
    if period not in SECONDS or not amount.isdigit():
        raise ValueError(f"not a rate: {text!r}")
    return int(amount), SECONDS[period]


class Rates(BaseThrottle):
    """Counts the requests of one person in fixed windows, all rates that apply in one round trip.

    The rate `user` or `anon` counts every request; a view's `throttle_scope` names one more, for requests that write.
    """

    def __init__(self) -> None:
        self._wait: float | None = None

    def allow_request(self, request: Request | HttpRequest, view: Any) -> bool:
        """Count the request and say whether it may pass; one that may not is not counted again."""
        self._wait = getattr(request, REFUSED_FOR, None)
        if self._wait is not None:
            return False
        rates = {scope: rate for scope in _scopes(request, view) if (rate := rate_of(settings.THROTTLES[scope]))}
        if not rates:
            return True
        moment, person = time.time(), _person(request)
        ends = {scope: (int(moment // seconds) + 1) * seconds for scope, (_most, seconds) in rates.items()}
        try:
            pipeline = redis.client().pipeline(transaction=False)
            for scope, (_most, seconds) in rates.items():
                key = f"throttle:{scope}:{person}:{ends[scope] // seconds}"
                pipeline.incr(key)
                pipeline.expire(key, seconds)
            counts = pipeline.execute()[::2]
        except RedisError:
            counters.increment("throttle_degraded")
            return True
        over = [scope for scope, count in zip(rates, counts, strict=True) if count > rates[scope][0]]
        for scope in over:
            security.note(Event.RATE_EXCEEDED, kind=scope)
        self._wait = max((ends[scope] - moment for scope in over), default=None)
        setattr(request, REFUSED_FOR, self._wait)
        return not over

    def wait(self) -> float | None:
        """Return the seconds until the next window."""
        return self._wait


def _scopes(request: Request | HttpRequest, view: Any) -> list[str]:
    """Return the names of the rates that apply."""
    own = getattr(view, "throttle_scope", None)
    everywhere = "user" if _is_signed_in(request) else "anon"
    return [everywhere] if own is None or request.method in ("GET", "HEAD", "OPTIONS") else [everywhere, own]


def _person(request: Request | HttpRequest) -> str:
    """Return who is counted: the login, or the address."""
    return f"user-{request.user.pk}" if _is_signed_in(request) else client_address(request.META)


def _is_signed_in(request: Request | HttpRequest) -> bool:
    """Whether a login asks; one of which nobody has looked for a login yet is a visitor's."""
    return bool(getattr(getattr(request, "user", None), "is_authenticated", False))
