"""What every request passes: an id, a clean address, one line in the log; and what a browser may load.

A call of the API passes no more than it needs: what serves pages and their cookies lets it go straight on.

An address with a NUL or with bytes that are not UTF-8 is refused before any view sees it, because
PostgreSQL would choke on it much later.
"""

import random
import re
import time
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import unquote_to_bytes

import structlog
from csp.constants import HEADER, UNSAFE_EVAL
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.log import log_response
from django.utils.translation import gettext as _

from api import traffic
from api.problems import error_page, is_api, problem_response, refusal_of
from api.proxies import watch
from common import origin, security
from common.addresses import client_address
from common.errors import Busy, FieldError, Forbidden, Malformed

Next = Callable[[HttpRequest], HttpResponse]

log = structlog.get_logger("requests")

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
MAX_QUERY = 8192
QUIET = ("/health/", "/metrics")  # asked for by machines of the shop's own, all the time
CALLS = "/api/v1/"


class RequestMiddleware:
    """Gives each request an id, or keeps the one a proxy gave it.

    Its log lines carry that, the client's address and the number of the login; tasks carry it on.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, with `X-Request-ID`, and write its line; no cache keeps what does not allow it."""
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if REQUEST_ID.fullmatch(given) else _new_id()
        security.arrived(request_id=request_id, address=client_address(request.META))
        origin.entered("")
        began = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        if is_api(request.path):  # tokens, orders, carts: only what says that it may be kept is kept
            response.headers.setdefault("Cache-Control", "no-store")
        if not request.path.startswith(QUIET):
            watch.look(request.META)
            seconds = time.perf_counter() - began
            traffic.observe(request, status=response.status_code, seconds=seconds)
            log.info(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                milliseconds=round(seconds * 1000, 1),
            )
        if response.status_code >= 500:  # Django says it later, when nobody knows any more which request it was
            log_response("%s: %s", response.reason_phrase, request.path, response=response, request=request)
        security.answered()
        origin.entered("")
        return response

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """Say by which route the request came in, before anything is done for it."""
        origin.entered(f"{traffic.method(request)} {traffic.route(request)}")


class ProblemMiddleware:
    """Below /api/, turns what escapes the views into problem+json; everywhere, refuses bytes that are no text.

    A program that asks without TLS is refused and not led on: it would say its secrets in the open every time.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        if _is_garbage(request):
            if not is_api(request.path):
                return error_page(request, status=400)
            error = FieldError(pointer="", code="invalid_text", detail=_("The address holds bytes that are no text."))
            return problem_response(Malformed(errors=[error]), path="/api/")
        if settings.SECURE_SSL_REDIRECT and request.path.startswith("/api/") and not request.is_secure():
            return problem_response(Forbidden(_("Ask by https.")), path=request.path)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal that a plain Django view raised; on a page, only that too much is going on."""
        if isinstance(exception, Busy) and not is_api(request.path):
            return error_page(request, status=503)
        if is_api(request.path) and refusal_of(exception) is not None:
            return problem_response(exception, path=request.path)
        return None


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """The same policy everywhere; the desk alone may evaluate text, because its framework works that way."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the policy to the response."""
        if request.path.startswith(CALLS):  # nothing in JSON changes it, so it is not built anew
            response.headers.setdefault(HEADER, _usual_policy())
            return response
        if request.path.startswith("/admin/"):
            response._csp_update = {"script-src": [UNSAFE_EVAL]}  # type: ignore[attr-defined]
        answered: HttpResponseBase = super().process_response(request, response)
        return answered


class LanguageMiddleware:
    """Speaks the language that is asked for. Django's also looks for one in the path, twice, and none is ever there."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request in the language of its cookie or its headers, and say which it is."""
        translation.activate(translation.get_language_from_request(request))
        request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        patch_vary_headers(response, ["Accept-Language"])
        response.headers.setdefault("Content-Language", translation.get_language())
        return response


class ForPages:
    """Makes a middleware of Django's serve pages alone.

    Calls of the API prove who asks by a header in every request, so sessions, forged forms and messages do not concern
    them, and no cookie is read there.
    """

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request; a call goes straight on."""
        way = self.get_response if request.path.startswith(CALLS) else super().__call__  # type: ignore[misc]
        answered: HttpResponseBase = way(request)
        return answered


class PageSessionMiddleware(ForPages, SessionMiddleware):
    """Sessions, for pages."""


class PageCsrfMiddleware(ForPages, CsrfViewMiddleware):
    """Forged forms refused, on pages."""

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponseForbidden | None:
        """Look at the token of a page's form."""
        return None if request.path.startswith(CALLS) else super().process_view(request, *view)


class PageAuthenticationMiddleware(ForPages, AuthenticationMiddleware):
    """The person of a session, for pages."""


class PageMessageMiddleware(ForPages, MessageMiddleware):
    """Messages for the next page."""


def _new_id() -> str:
    """Return an id that tells requests apart; nobody is kept out by it, so it costs no call of the system."""
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


@cache
def _usual_policy() -> str:
    policy: str = build_policy()
    return policy


def _is_garbage(request: HttpRequest) -> bool:
    """Whether path or query hold NUL or bytes that are not UTF-8, or the query is absurdly long."""
    query: str = request.META.get("QUERY_STRING", "")
    path = request.path_info
    try:
        raw = unquote_to_bytes(query)
        raw.decode("utf-8")
        path.encode("utf-8")
    except UnicodeError:
        return True
    return len(query) > MAX_QUERY or b"\x00" in raw or "\x00" in path or _BROKEN.search(path) is not None


# Django writes bytes of a path that are not UTF-8 back as %XX; a clean path that is decoded once holds none above %7F.
_BROKEN = re.compile(r"%[89A-Fa-f][0-9A-Fa-f]")
