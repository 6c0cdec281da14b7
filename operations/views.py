"""The metrics, for Prometheus and for nobody else."""

import threading
import time
from ipaddress import ip_address
from secrets import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common import clock
from common.addresses import proxies_passed
from operations import metrics


class _Kept:
    """The last text, handed out again for some seconds: however often somebody asks, the database is asked rarely."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._text, self._until = b"", 0.0

    def text(self) -> bytes:
        """Return the text, a new one if the last is too old. Who asks meanwhile waits for it."""
        with self._guard:
            if time.monotonic() >= self._until:
                self._text = metrics.exposed(now=clock.now())
                self._until = time.monotonic() + settings.METRICS_KEPT_SECONDS
            return self._text


_kept = _Kept()


@require_safe
@never_cache
def figures(request: HttpRequest) -> HttpResponse:
    """Answer the figures. For everybody who may not read them there is nothing here."""
    if not (_has_token(request) or _comes_from_inside(request)):
        raise Http404
    return HttpResponse(_kept.text(), content_type=metrics.CONTENT_TYPE)


def _has_token(request: HttpRequest) -> bool:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    expected: str = settings.METRICS_TOKEN
    return bool(expected) and kind.lower() == "bearer" and compare_digest(token.strip().encode(), expected.encode())


def _comes_from_inside(request: HttpRequest) -> bool:
    """Say whether a machine of one of the networks asks itself; what a proxy passes on may come from anywhere."""
    if proxies_passed(request.META) or "HTTP_FORWARDED" in request.META:
        return False
    try:
        peer = ip_address(str(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return False
    peer = getattr(peer, "ipv4_mapped", None) or peer
    return any(peer in network for network in settings.METRICS_NETWORKS)
